"""Texts to unit vectors without training. The seam of the dense view, and the fallback where no encoder is at hand.

In: texts. Out: float32 rows of unit length. Knows nothing of indexes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from chatbot.retrieval.grams import character_terms, jamo_terms

_PLACES = 4  # signed places a gram takes in the vector; more means less collision noise and more time


class Embedder(Protocol):
    """Whoever turns texts into vectors. `fingerprint` changes whenever the vectors would."""

    @property
    def dim(self) -> int: ...

    @property
    def fingerprint(self) -> str: ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows [B, dim]; a text without any letter may be a zero row."""
        ...


class HashedNgramEmbedder:
    """A sparse random projection of character and jamo n-grams (Achlioptas 2003; Weinberger et al. 2009).

    Every n-gram adds +1 or -1 at a few places that its hash picks, so cosines follow the n-grams two texts share.
    """

    def __init__(self, dim: int = 256) -> None:
        self._dim = dim

    @property
    def dim(self) -> int:
        return self._dim

    @property
    def fingerprint(self) -> str:
        return f"hashed-{self._dim}-1"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows [B, dim]."""
        size = len(texts) * self._dim
        flat = np.zeros(size, dtype=np.float64)
        for terms, places in (character_terms(texts, (2, 3)), jamo_terms(texts, (4,))):
            for turn in range(_PLACES):
                mixed = (terms + np.uint64(turn + 1)) * np.uint64(0xD6E8FEB86659FD93)
                mixed ^= mixed >> np.uint64(32)
                spot = (mixed % np.uint64(self._dim)).astype(np.int64)
                sign = np.where(mixed >> np.uint64(63), 1.0, -1.0)
                flat += np.bincount(places * self._dim + spot, weights=sign, minlength=size)[:size]
        rows = flat.reshape(len(texts), self._dim)
        norm = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: NDArray[np.float32] = (rows / np.maximum(norm, 1e-12)).astype(np.float32)
        return unit


class JointEmbedder:
    """Two embedders side by side: their unit rows, each by 1/√2, so that a cosine is the mean of the two cosines."""

    def __init__(self, first: Embedder, second: Embedder) -> None:
        self._parts = (first, second)

    @property
    def dim(self) -> int:
        return sum(part.dim for part in self._parts)

    @property
    def fingerprint(self) -> str:
        return "+".join(part.fingerprint for part in self._parts)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows [B, dim]."""
        rows = np.concatenate([part.encode(texts) for part in self._parts], axis=1) / np.sqrt(2.0)
        unit: NDArray[np.float32] = rows.astype(np.float32)
        return unit

    def cosines(self, rows: NDArray[np.float32], query: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """The cosine [C] of each part between joint rows [C, dim] and a joint query [dim]."""
        cut = self._parts[0].dim
        halves = (rows[:, :cut] @ query[:cut], rows[:, cut:] @ query[cut:])
        return tuple((2.0 * half).astype(np.float32) for half in halves)
