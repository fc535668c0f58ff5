"""One table of subword vectors for source, target and output. Knows nothing of sequences."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class SharedEmbedding(nn.Module):
    """Subword vectors, used three times: to read the source, to read the target, to score the next subword.

    The output shares the table as in Press and Wolf 2017, "Using the Output Embedding to Improve Language Models",
    section 2 (three-way weight tying).
    """

    def __init__(self, vocab_size: int, size: int, dropout: float, pad: int = 0) -> None:
        super().__init__()
        self.table = nn.Embedding(vocab_size, size, padding_idx=pad)
        self.bias = nn.Parameter(torch.zeros(vocab_size))
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.table.weight, std=size**-0.5)
        with torch.no_grad():
            self.table.weight[pad].zero_()

    def forward(self, ids: Tensor) -> Tensor:
        """Vectors of `ids`: [B, S] -> [B, S, E]. Scaled to unit variance, so that the tied output starts small."""
        vectors: Tensor = self.table(ids) * self.table.embedding_dim**0.5  # [B, S, E]
        out: Tensor = self.dropout(vectors)
        return out

    def logits(self, states: Tensor) -> Tensor:
        """Scores of every subword: [..., E] -> [..., V]."""
        return functional.linear(states, self.table.weight, self.bias)
