"""Recurrent layers that respect padding. In: padded features and lengths. Out: states, pooled vectors, attention.

Knows nothing of text or labels. Shapes: B batch, S source length, E embedding, H hidden a direction.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from chatbot.neural.batching import mask_of, reverse_padded


class BiLSTM(nn.Module):
    """Bidirectional LSTM layers over padded rows (Hochreiter & Schmidhuber 1997; Schuster & Paliwal 1997).

    Two one-way LSTMs, the second over rows reversed within their length: a padded row gives what it gives alone, and
    both run on the fast padded path that packed sequences do not have on a CPU. Initial states are zero.
    """

    def __init__(self, input_size: int, hidden_size: int, layers: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        sizes = [input_size] + [2 * hidden_size] * (layers - 1)
        self.forwards = nn.ModuleList(nn.LSTM(size, hidden_size, batch_first=True) for size in sizes)
        self.backwards = nn.ModuleList(nn.LSTM(size, hidden_size, batch_first=True) for size in sizes)
        self.dropout = nn.Dropout(dropout)

    def forward(self, inputs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """(states [B, S, 2H], zero at padding; the last state of each direction [B, 2H])."""
        mask = mask_of(lengths, inputs.shape[1]).unsqueeze(-1)  # [B, S, 1]
        last = (lengths - 1).clamp(min=0).view(-1, 1, 1)
        states = inputs
        for place, (ahead, back) in enumerate(zip(self.forwards, self.backwards, strict=True)):
            states = self.dropout(states) if place else states
            left, _ = ahead(states)
            right, _ = back(reverse_padded(states, lengths))
            final = torch.cat([_at(left, last), _at(right, last)], dim=-1)  # [B, 2H]
            states = torch.cat([left, reverse_padded(right, lengths)], dim=-1) * mask  # [B, S, 2H]
        return states, final


class AttentionPooling(nn.Module):
    """A weighted mean of states, the weights from additive self-attention (Lin et al. 2017, eq. 5)."""

    def __init__(self, size: int, attention_size: int) -> None:
        super().__init__()
        self.keys = nn.Linear(size, attention_size)
        self.query = nn.Linear(attention_size, 1, bias=False)

    def forward(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """(context [B, size], attention weights [B, S], zero at padding); mask is bool [B, S]."""
        scores = self.query(torch.tanh(self.keys(states))).squeeze(-1)  # [B, S]
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1)
        weights = weights * mask
        return torch.einsum("bs,bsh->bh", weights, states), weights


def _at(states: Tensor, last: Tensor) -> Tensor:
    return states.gather(1, last.expand(-1, 1, states.shape[2])).squeeze(1)
