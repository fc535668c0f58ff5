"""Vectors in one byte a dimension, on disk, by place. In: float32 rows. Out: the same within half a percent.

A rough index proposes places, here their true likeness is computed; of a million rows a query reads a hundred, so they
cost no memory. Each row is scaled by its largest component. Knows nothing of ids or of how places were proposed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Places = NDArray[np.int64]

FILES = ("exact.npy", "scale.npy")
_BLOCK = 50_000  # rows copied at once


class ExactRows:
    """Rows that can be appended and read; a store opened from saved files copies them before the first change."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._rows: NDArray[np.int8] = np.zeros((0, dim), dtype=np.int8)
        self._scale: Vectors = np.zeros(0, dtype=np.float32)

    def __len__(self) -> int:
        return len(self._scale)

    @classmethod
    def open(cls, folder: Path) -> ExactRows:
        """Open what `save` wrote; the rows stay on disk, memory-mapped."""
        rows = np.asarray(np.load(folder / FILES[0], mmap_mode="r"))
        exact = cls(rows.shape[1])
        exact._rows, exact._scale = rows, np.load(folder / FILES[1])
        return exact

    def append(self, vectors: Vectors) -> None:
        """Add rows [N, dim] behind the others."""
        scale = np.maximum(np.abs(vectors).max(axis=1, initial=0.0), 1e-9) / 127
        small = np.round(vectors / scale[:, None]).astype(np.int8)
        before = len(self)
        with self._own().open("ab") as file:
            file.write(small.tobytes())
        self._scale = np.concatenate([self._scale, scale.astype(np.float32)])
        self._map(before + len(small))

    def take(self, places: Places) -> Vectors:
        """The rows [N, dim] at those places."""
        return self._rows[places].astype(np.float32) * self._scale[places, None]

    def keep(self, places: Places) -> None:
        """Drop all rows but those at the given places, which move together."""
        old, kept = self._rows, self._scale[places]
        folder = tempfile.TemporaryDirectory(prefix="chatbot-vectors-")
        with (Path(folder.name) / "rows").open("wb") as file:
            for begin in range(0, len(places), _BLOCK):
                file.write(old[places[begin : begin + _BLOCK]].tobytes())
        self._scratch, self._scale = folder, kept
        self._map(len(places))

    def save(self, folder: Path) -> None:
        """Write both files."""
        np.save(folder / FILES[0], self._rows)
        np.save(folder / FILES[1], self._scale)

    def _own(self) -> Path:
        """The scratch file that rows are appended to."""
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="chatbot-vectors-")
            with (Path(self._scratch.name) / "rows").open("wb") as file:
                for begin in range(0, len(self), _BLOCK):
                    file.write(self._rows[begin : begin + _BLOCK].tobytes())
        return Path(self._scratch.name) / "rows"

    def _map(self, count: int) -> None:
        if count:
            self._rows = np.asarray(np.memmap(self._own(), dtype=np.int8, mode="r", shape=(count, self.dim)))
        else:
            self._rows = np.zeros((0, self.dim), dtype=np.int8)
