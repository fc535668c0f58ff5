"""What the rows of one answer say together. In: the words of each row. Out: words with counts, also as bytes.

A question may be like no single way in which an answer was asked for before, and yet each of its words stand in one or
another of them. Made when rows are added, for answers that have several. Knows nothing of likeness (see features.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Distinct hashed words, ascending, and in how many of the rows each stands."""

    words: Hashes
    counts: Hashes

    @classmethod
    def of(cls, rows: Sequence[Hashes]) -> Gathered:
        """Gather the distinct words of some rows."""
        words, counts = np.unique(np.concatenate(rows), return_counts=True)
        return cls(words, counts.astype(np.uint32))

    def to_bytes(self) -> bytes:
        """Words, then counts."""
        return np.concatenate([self.words, self.counts]).tobytes()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Gathered:
        """Read what `to_bytes` wrote."""
        return cls(*np.frombuffer(raw, dtype=np.uint32).reshape(2, -1))
