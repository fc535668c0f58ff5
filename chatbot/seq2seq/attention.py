"""Where to look in the source. In: queries and a memory. Out: contexts and weights. Knows nothing of words."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Memory:
    """The encoded source: `values` [B, S, M], `keys` [B, S, A] (values made ready to be scored), `words` [B, S, E]
    (the subword vectors as they were before encoding), `bag` [B, H] (the question in no order), `mask` [B, S]."""

    values: Tensor
    keys: Tensor
    words: Tensor
    bag: Tensor
    mask: Tensor

    def pick(self, rows: Tensor) -> Memory:
        """The memories of `rows` (indices into B), in that order."""
        return Memory(self.values[rows], self.keys[rows], self.words[rows], self.bag[rows], self.mask[rows])


class AdditiveAttention(nn.Module):
    """e_ij = v · tanh(W s_i + U h_j + w_c c_j) (Bahdanau et al. 2015, appendix A.1.2; See et al. 2017, eq. 11)."""

    def __init__(self, query_size: int, memory_size: int, size: int) -> None:
        super().__init__()
        self.keys = nn.Linear(memory_size, size, bias=False)
        self.query = nn.Linear(query_size, size)
        self.score = nn.Linear(size, 1, bias=False)
        self.coverage = nn.Parameter(torch.zeros(size))

    def forward(self, queries: Tensor, memory: Memory, coverage: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(queries [B, T, H], memory, coverage [B, S]) -> (contexts [B, T, M], weights [B, T, S])."""
        mixed = self.query(queries).unsqueeze(2) + memory.keys.unsqueeze(1)  # [B, T, S, A]
        if coverage is not None:
            mixed = mixed + coverage[:, None, :, None] * self.coverage
        return _look(self.score(torch.tanh(mixed)).squeeze(-1), memory)


class MultiplicativeAttention(nn.Module):
    """score(s_t, h_j) = s_t · W h_j (Luong et al. 2015, eq. 8, "general"), less c_j times a learned weight."""

    def __init__(self, query_size: int, memory_size: int, size: int) -> None:
        super().__init__()
        self.keys = nn.Linear(memory_size, size, bias=False)
        self.query = nn.Linear(query_size, size, bias=False)
        self.coverage = nn.Parameter(torch.zeros(()))
        # Scores start with unit variance whatever the size (Vaswani et al. 2017, section 3.2.1).
        self.scale = size**-0.5

    def forward(self, queries: Tensor, memory: Memory, coverage: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(queries [B, T, H], memory, coverage [B, S]) -> (contexts [B, T, M], weights [B, T, S])."""
        scores = self.query(queries) @ memory.keys.transpose(1, 2) * self.scale  # [B, T, S]
        if coverage is not None:
            scores = scores + coverage.unsqueeze(1) * self.coverage
        return _look(scores, memory)


Attention = AdditiveAttention | MultiplicativeAttention
KINDS: dict[str, type[AdditiveAttention] | type[MultiplicativeAttention]] = {
    "additive": AdditiveAttention,
    "multiplicative": MultiplicativeAttention,
}


def attention(kind: str, query_size: int, memory_size: int, size: int) -> Attention:
    """The attention called `kind`.

    Raises
    ------
    ValueError
        when `kind` is neither additive nor multiplicative.
    """
    if kind not in KINDS:
        raise ValueError(f"attention {kind!r} is unknown (allowed: {', '.join(KINDS)})")
    return KINDS[kind](query_size, memory_size, size)


def _look(scores: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
    """Scores [B, T, S] to contexts [B, T, M] and weights [B, T, S]; padded places get exactly no weight."""
    weights = functional.softmax(scores.masked_fill(~memory.mask.unsqueeze(1), float("-inf")), dim=-1)
    return weights @ memory.values, weights
