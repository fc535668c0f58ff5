"""Read the source in both directions. In: vectors and lengths. Out: one memory a place and the two final states."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from chatbot.neural.batching import mask_of, reverse_padded

CELLS: dict[str, type[nn.GRU] | type[nn.LSTM]] = {"gru": nn.GRU, "lstm": nn.LSTM}


def recurrent(cell: str, input_size: int, hidden_size: int) -> nn.GRU | nn.LSTM:
    """One recurrent layer over [B, S, input_size], forget gates opened at the start.

    Raises
    ------
    ValueError
        when `cell` is neither gru nor lstm.
    """
    if cell not in CELLS:
        raise ValueError(f"cell {cell!r} is unknown (allowed: {', '.join(CELLS)})")
    layer = CELLS[cell](input_size, hidden_size, batch_first=True)
    for name, weights in layer.named_parameters():
        if name.startswith("weight_hh"):
            for block in weights.chunk(4 if cell == "lstm" else 3):
                nn.init.orthogonal_(block)
        elif name.startswith("bias"):
            nn.init.zeros_(weights)
            if cell == "lstm" and name.startswith("bias_ih"):
                # Jozefowicz et al. 2015, section 2.2: a forget gate biased to 1 remembers from the first step on.
                nn.init.ones_(weights.data[hidden_size : 2 * hidden_size])
    return layer


class BiEncoder(nn.Module):
    """A bidirectional recurrent layer (Bahdanau et al. 2015, section 3.2: annotations h_j = [→h_j; ←h_j]).

    The two directions are layers of their own: the backward one reads each row turned round within its own length, so
    padding never enters a state and neither packing nor a loop in Python is needed. Initial states are zero.
    """

    def __init__(self, cell: str, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.forwards = recurrent(cell, input_size, hidden_size)
        self.backwards = recurrent(cell, input_size, hidden_size)
        self.output_size = 2 * hidden_size

    def forward(self, vectors: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """([B, S, E], [B]) -> (memory [B, S, 2H] with zeros in padded places, final [B, 2H])."""
        ahead, _ = self.forwards(vectors)  # [B, S, H]
        behind, _ = self.backwards(reverse_padded(vectors, lengths))  # [B, S, H], last word first
        rows = torch.arange(len(lengths), device=lengths.device)
        final = torch.cat([ahead[rows, lengths - 1], behind[rows, lengths - 1]], dim=-1)  # [B, 2H]
        memory = torch.cat([ahead, reverse_padded(behind, lengths)], dim=-1)  # [B, S, 2H]
        return memory * mask_of(lengths, vectors.shape[1]).unsqueeze(-1), final
