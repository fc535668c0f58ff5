"""Nearest vectors through FAISS. In: unit float32 rows under stable ids. Out: cosines and ids, best first.

Chosen by size: below `flat_limit` rows an exact flat index (`IndexIDMap2` over `IndexFlatIP`); from there on an
inverted file with product quantisation (`IndexIVFPQ`, Jégou et al. 2011) whose codes take half a byte a dimension.
HNSW was left out: it cannot remove rows. Knows nothing of texts or encoders, but keeps the encoder's fingerprint.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.errors import VectorIndexError
from chatbot.retrieval.files import REMEDY, atomic_folder, read_manifest, write_manifest

Vectors = NDArray[np.float32]

FLAT_LIMIT = 50_000
TRAINING_ROWS = 60_000  # vectors that the coarse centroids and the codebooks are learned from
# Rows whose codes a query reads, and lists at least: recall against time is measured by scripts/bench_retrieval.py.
SCANNED, PROBED = 20_000, 24
_BITS = 8
_HASHTABLE = 2  # faiss.DirectMap.Hashtable: removing and looking up by id without a scan


class FaissIndex:
    """Vectors under stable ids: add, remove, replace without a rebuild, save, load memory-mapped."""

    def __init__(self, dim: int, fingerprint: str = "", flat_limit: int = FLAT_LIMIT, expected: int = 0) -> None:
        self.dim = dim
        self.fingerprint = fingerprint
        self.flat_limit = flat_limit
        self._expected = expected  # rows that will come: the number of lists is chosen for them
        self._index = _flat(dim)
        self._source: Path | None = None  # where a memory-mapped index lies; None once it is in memory

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def kind(self) -> str:
        """ "flat" or "ivf-pq"."""
        return "flat" if _is_flat(self._index) else "ivf-pq"

    @property
    def nbytes(self) -> int:
        """Bytes of the codes and ids."""
        return len(self) * (self.dim * 4 if self.kind == "flat" else _subspaces(self.dim)) + len(self) * 8

    def add(self, ids: Sequence[int], vectors: Vectors) -> None:
        """Add rows [N, dim] under N new ids; crossing `flat_limit` turns the exact index into the approximate one.

        Raises
        ------
        VectorIndexError
            when the shapes disagree.
        """
        keys = np.asarray(ids, dtype=np.int64)
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        if rows.shape != (len(keys), self.dim):
            raise VectorIndexError(
                f"vectors have shape {rows.shape}, expected ({len(keys)}, {self.dim}): another encoder? {REMEDY}"
            )
        self._into_memory()
        if self.kind == "flat" and len(self) + len(keys) >= max(self.flat_limit, 1 << _BITS):
            old_keys, old_rows = self._everything()
            keys, rows = np.concatenate([old_keys, keys]), np.concatenate([old_rows, rows])
            self._index = _trained(rows, max(len(rows), self._expected))
        if len(keys):
            self._index.add_with_ids(rows, keys)

    def remove(self, ids: Sequence[int]) -> int:
        """Remove rows; returns how many were there."""
        if not len(ids):
            return 0
        self._into_memory()
        return int(self._index.remove_ids(np.asarray(ids, dtype=np.int64)))

    def replace(self, ids: Sequence[int], vectors: Vectors) -> None:
        """Give rows new vectors under the same ids; ids that were not there are added."""
        self.remove(ids)
        self.add(ids, vectors)

    def search(self, vectors: Vectors, k: int) -> tuple[Vectors, NDArray[np.int64]]:
        """(cosines, ids), both [B, k], best first; missing places hold id -1 and score 0.

        Raises
        ------
        VectorIndexError
            when the vectors have another length than the index.
        """
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        if rows.ndim != 2 or rows.shape[1] != self.dim:
            raise VectorIndexError(f"query vectors have shape {rows.shape}, expected (B, {self.dim}); {REMEDY}")
        if not len(self) or not len(rows):
            return np.zeros((len(rows), k), dtype=np.float32), np.full((len(rows), k), -1, dtype=np.int64)
        if self.kind == "ivf-pq":
            self._index.nprobe = max(PROBED, SCANNED * self._index.nlist // len(self))
        scores, found = self._index.search(rows, k)
        return np.where(found < 0, 0.0, scores).astype(np.float32), found

    def vectors(self, ids: Sequence[int]) -> Vectors:
        """The stored vectors [N, dim] of ids that are there (decoded from their codes in an approximate index)."""
        if not len(ids):
            return np.zeros((0, self.dim), dtype=np.float32)
        rows: Vectors = self._index.reconstruct_batch(np.asarray(ids, dtype=np.int64))
        return rows

    def save(self, path: Path) -> None:
        """Write a folder: the index, its checksum and the encoder's fingerprint, in place of an older one."""
        import faiss

        with atomic_folder(path) as draft:
            faiss.write_index(self._index, str(draft / "index.faiss"))
            write_manifest(draft, {"kind": "vectors", "dim": self.dim, "fingerprint": self.fingerprint})

    @classmethod
    def load(cls, path: Path, fingerprint: str, flat_limit: int = FLAT_LIMIT) -> FaissIndex:
        """Open a saved index memory-mapped; the first change reads it into memory.

        Raises
        ------
        VectorIndexError
            when it is missing or damaged, or was made with another encoder than `fingerprint` names.
        """
        import faiss

        values = read_manifest(path, "vectors")
        if values["fingerprint"] != fingerprint:
            raise VectorIndexError(
                f"{path}: made with encoder {values['fingerprint']}, the bot uses {fingerprint}; {REMEDY}"
            )
        index = cls(int(values["dim"]), fingerprint, flat_limit)
        file = path / "index.faiss"
        try:
            index._index = _open(file, faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:  # what FAISS raises for a file it cannot read
            raise VectorIndexError(f"{file}: FAISS cannot read it ({error}); {REMEDY}") from error
        index._source = file
        return index

    def _into_memory(self) -> None:
        if self._source is not None:
            self._index = _open(self._source, 0)
            self._source = None

    def _everything(self) -> tuple[NDArray[np.int64], Vectors]:
        """All ids and vectors of a flat index."""
        import faiss

        keys = faiss.vector_to_array(self._index.id_map).astype(np.int64)
        flat = faiss.downcast_index(self._index.index)
        return keys, flat.reconstruct_n(0, flat.ntotal) if flat.ntotal else np.zeros((0, self.dim), np.float32)


def _open(file: Path, flags: int) -> Any:
    import faiss

    return faiss.read_index(str(file), flags)


def _flat(dim: int) -> Any:
    import faiss

    return faiss.IndexIDMap2(faiss.IndexFlatIP(dim))


def _is_flat(index: Any) -> bool:
    import faiss

    return isinstance(index, faiss.IndexIDMap2)


def _subspaces(dim: int) -> int:
    """Sub-quantisers of the product code: one for two dimensions where dim is even, else one for each."""
    return dim // 2 if dim % 2 == 0 else dim


def _trained(rows: Vectors, expected: int) -> Any:
    """An empty inverted file whose centroids and codebooks were learned from a sample of the rows [N, dim]."""
    import faiss

    count, dim = rows.shape
    lists = max(1, min(int(4 * np.sqrt(expected)), count // 30, TRAINING_ROWS // 30))  # 30 training rows a centroid
    sample = rows[np.random.default_rng(13).permutation(count)[:TRAINING_ROWS]]
    # "np": no polysemous codes, whose training takes seconds a sub-quantiser and serves only Hamming filters.
    index: Any = faiss.index_factory(dim, f"IVF{lists},PQ{_subspaces(dim)}x{_BITS}np", faiss.METRIC_INNER_PRODUCT)
    # Two dimensions need few rounds and few rows a codebook: 25 rounds over all rows took minutes and gained nothing.
    index.cp.niter, index.pq.cp.niter = 10, 8
    index.pq.cp.max_points_per_centroid = 64
    for clustering in (index.cp, index.pq.cp):
        clustering.min_points_per_centroid = 1  # small indexes are fine; the warning would reach the terminal
    index.train(sample)
    index.set_direct_map_type(_HASHTABLE)
    return index
