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


# Pairs of neighbouring subwords share this many vectors; two pairs that meet in one do little harm.
PAIR_BUCKETS = 8192
_SPREAD = 40503  # Knuth 1997, section 6.4: a multiplier near the golden ratio of 2^16 spreads neighbours apart


class BagEncoder(nn.Module):
    """The question as a bag: the mean of its subwords and hashed subword pairs, in no order (Bojanowski et al. 2017,
    "Enriching Word Vectors with Subword Information", section 3.2, with subwords for letters).

    A small corpus teaches this view sooner than the recurrent one: two wordings of one question share most pairs.
    """

    def __init__(self, size: int, output_size: int) -> None:
        super().__init__()
        self.pairs = nn.Embedding(PAIR_BUCKETS, size)
        self.output = nn.Linear(2 * size, output_size)
        nn.init.normal_(self.pairs.weight, std=0.1)

    def forward(self, source: Tensor, vectors: Tensor, lengths: Tensor) -> Tensor:
        """(ids [B, S], their vectors [B, S, E], lengths [B]) -> [B, D]."""
        mask = mask_of(lengths, source.shape[1]).unsqueeze(-1)  # [B, S, 1]
        after = torch.cat([source[:, 1:], source.new_zeros(len(source), 1)], dim=1)  # [B, S]
        pairs = self.pairs((source * _SPREAD + after) % PAIR_BUCKETS)  # [B, S, E]
        count = lengths.unsqueeze(-1).to(vectors.dtype)
        # A sum grows with the root of its terms, so this keeps its size whatever the length.
        bag = torch.cat([(vectors * mask).sum(1), (pairs * mask * 10).sum(1)], dim=-1) / count.sqrt()  # [B, 2E]
        out: Tensor = torch.tanh(self.output(bag))
        return out


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
