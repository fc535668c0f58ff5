"""Nearest vectors through FAISS. In: unit float32 rows under stable ids. Out: cosines and ids, best first.

Chosen by size: below `flat_limit` rows an exact flat index (`IndexIDMap2` over `IndexFlatIP`). From there on every row
has a product code of two bits a dimension (Jégou et al. 2011) that SIMD scans whole (`IndexPQFastScan`, André et al.
2015), and the best of the scan are compared again by their own vectors (exact.py). A scan of 100,000 rows takes 0.4 ms
of one core and loses none of the ten nearest; an inverted file lost 18 of 100, as neighbours lie scattered over its
lists, and HNSW cannot remove rows. Knows nothing of texts or encoders, but keeps the encoder's fingerprint.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.errors import VectorIndexError
from chatbot.retrieval.exact import ExactRows
from chatbot.retrieval.files import REMEDY, atomic_folder, read_manifest, write_manifest

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]

FLAT_LIMIT = 50_000
TRAINING_ROWS = 60_000  # vectors that the codebooks are learned from
RESCORED = 200  # rows of a scan that are compared by their own vectors, at least, and for each asked for:
PER_ROW = 4
_KEYS = "keys.npy"
_BATCH = 50_000  # rows coded at once


class FaissIndex:
    """Vectors under stable ids: add, remove, replace without a rebuild, save, load memory-mapped."""

    def __init__(self, dim: int, fingerprint: str = "", flat_limit: int = FLAT_LIMIT) -> None:
        self.dim = dim
        self.fingerprint = fingerprint
        self.flat_limit = flat_limit
        self._index = _flat(dim)
        self._exact: ExactRows | None = None  # the vectors of a scanned index
        self._keys: Numbers = np.zeros(0, dtype=np.int64)  # ids by place in a scanned index
        self._alive: NDArray[np.bool_] = np.zeros(0, dtype=bool)  # by place; False for removed rows
        self._order: Numbers | None = None  # places by id, made when first needed
        self._source: Path | None = None  # where a memory-mapped flat index lies; None once it is in memory

    def __len__(self) -> int:
        return int(self._index.ntotal) if self._exact is None else int(np.count_nonzero(self._alive))

    @property
    def kind(self) -> str:
        """ "flat" or "pq-scan"."""
        return "flat" if self._exact is None else "pq-scan"

    def add(self, ids: Sequence[int], vectors: Vectors) -> None:
        """Add rows [N, dim] under N new ids; crossing `flat_limit` turns the exact index into the scanned one.

        Raises
        ------
        VectorIndexError
            when the shapes disagree, an id is given twice, or one is there already (`replace` it).
        """
        keys = np.asarray(ids, dtype=np.int64)
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        if rows.shape != (len(keys), self.dim):
            raise VectorIndexError(
                f"vectors have shape {rows.shape}, expected ({len(keys)}, {self.dim}): another encoder? {REMEDY}"
            )
        if not len(keys):
            return
        self._into_memory()
        self._refuse_known(keys)
        if self._exact is None and len(self) + len(keys) >= self.flat_limit:
            old_keys, old_rows = self._everything()
            keys, rows = np.concatenate([old_keys, keys]), np.concatenate([old_rows, rows])
            self._index, self._exact = _trained(rows), ExactRows(self.dim)
        if self._exact is None:
            self._index.add_with_ids(rows, keys)
        else:
            self._index.add(rows)
            self._exact.append(rows)
            self._keys = np.concatenate([self._keys, keys])
            self._alive = np.concatenate([self._alive, np.ones(len(keys), dtype=bool)])
            self._order = None

    def _refuse_known(self, keys: Numbers) -> None:
        import faiss

        unique, counts = np.unique(keys, return_counts=True)
        if counts.max() > 1:
            raise VectorIndexError(f"id {unique[counts.argmax()]} is given twice; each row needs an id of its own")
        if self._exact is None:
            known = unique[np.isin(unique, faiss.vector_to_array(self._index.id_map))]
        elif len(self._keys) and unique[0] <= self._keys.max():
            known = unique[self._places(unique) >= 0]
        else:  # rows come with ascending numbers as a rule: nothing to look up
            known = unique[:0]
        if len(known):
            raise VectorIndexError(f"id {known[0]} is there already ({len(known)} of {len(keys)} are); replace it")

    def remove(self, ids: Sequence[int]) -> int:
        """Remove rows; returns how many were there. In a scanned index their codes go when it is saved."""
        if not len(ids):
            return 0
        self._into_memory()
        if self._exact is None:
            return int(self._index.remove_ids(np.asarray(ids, dtype=np.int64)))
        places = self._places(np.asarray(ids, dtype=np.int64))
        there = places[places >= 0]
        self._alive[there] = False
        return len(there)

    def replace(self, ids: Sequence[int], vectors: Vectors) -> None:
        """Give rows new vectors under the same ids; ids that were not there are added. An id given twice is refused
        before anything changes."""
        if len(set(ids)) < len(ids):
            self._refuse_known(np.asarray(ids, dtype=np.int64))
        self.remove(ids)
        self.add(ids, vectors)

    def search(self, vectors: Vectors, k: int) -> tuple[Vectors, Numbers]:
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
        if self._exact is not None:
            return self._scan(rows, k, self._exact)
        scores, found = self._index.search(rows, k)
        return np.where(found < 0, 0.0, scores).astype(np.float32), found

    def _scan(self, rows: Vectors, k: int, exact: ExactRows) -> tuple[Vectors, Numbers]:
        wide = min(max(RESCORED, PER_ROW * k), len(self._keys))
        _, proposed = self._index.search(rows, wide)
        scores, ids = np.zeros((len(rows), k), dtype=np.float32), np.full((len(rows), k), -1, dtype=np.int64)
        for at, places in enumerate(proposed):
            there = np.sort(places[places >= 0])  # in the order of the file
            there = there[self._alive[there]]
            true = exact.take(there) @ rows[at]
            best = np.argsort(-true, kind="stable")[:k]
            scores[at, : len(best)], ids[at, : len(best)] = true[best], self._keys[there[best]]
        return scores, ids

    def vectors(self, ids: Sequence[int]) -> Vectors:
        """The stored vectors [N, dim] of ids that are there."""
        if not len(ids):
            return np.zeros((0, self.dim), dtype=np.float32)
        keys = np.asarray(ids, dtype=np.int64)
        rows: Vectors = (
            self._index.reconstruct_batch(keys) if self._exact is None else self._exact.take(self._places(keys))
        )
        return rows

    def save(self, path: Path) -> None:
        """Write a folder: the index, its checksum and the encoder's fingerprint, in place of an older one."""
        import faiss

        self._compact()
        with atomic_folder(path) as draft:
            faiss.write_index(self._index, str(draft / "index.faiss"))
            if self._exact is not None:
                self._exact.save(draft)
                np.save(draft / _KEYS, self._keys)
            values = {"kind": "vectors", "dim": self.dim, "fingerprint": self.fingerprint, "layout": self.kind}
            write_manifest(draft, values)

    @classmethod
    def load(cls, path: Path, fingerprint: str, flat_limit: int = FLAT_LIMIT) -> FaissIndex:
        """Open a saved index; a flat one, and the vectors of a scanned one, stay on disk, memory-mapped. The first
        change reads what it needs into memory.

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
        scanned = (path / _KEYS).is_file()
        try:
            index._index = faiss.read_index(str(file), 0 if scanned else faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:  # what FAISS raises for a file it cannot read
            raise VectorIndexError(f"{file}: FAISS cannot read it ({error}); {REMEDY}") from error
        if scanned:
            index._exact, index._keys = ExactRows.open(path), np.load(path / _KEYS)
            index._alive = np.ones(len(index._keys), dtype=bool)
        elif not _is_flat(index._index):
            raise VectorIndexError(f"{path}: an approximate index of an earlier release; {REMEDY}")
        else:
            index._source = file
        return index

    def _into_memory(self) -> None:
        import faiss

        if self._source is not None:
            self._index = faiss.read_index(str(self._source), 0)
            self._source = None

    def _everything(self) -> tuple[Numbers, Vectors]:
        """All ids and vectors of a flat index."""
        import faiss

        keys = faiss.vector_to_array(self._index.id_map).astype(np.int64)
        flat = faiss.downcast_index(self._index.index)
        return keys, flat.reconstruct_n(0, flat.ntotal) if flat.ntotal else np.zeros((0, self.dim), np.float32)

    def _places(self, ids: Numbers) -> Numbers:
        """Where the ids stand in a scanned index, -1 for those that are not there."""
        if self._order is None:
            self._order = np.argsort(self._keys, kind="stable")
        at = np.searchsorted(self._keys, ids, side="right", sorter=self._order) - 1  # the newest of equal ones
        places = self._order[np.maximum(at, 0)]
        return np.where((self._keys[places] == ids) & self._alive[places], places, -1)

    def _compact(self) -> None:
        """Leave out the codes and vectors of removed rows."""
        if self._exact is None or self._alive.all():
            return
        kept = np.flatnonzero(self._alive)
        self._exact.keep(kept)
        self._keys, self._alive, self._order = self._keys[kept], np.ones(len(kept), dtype=bool), None
        self._index.reset()
        for begin in range(0, len(kept), _BATCH):
            self._index.add(self._exact.take(np.arange(begin, min(begin + _BATCH, len(kept)))))


def _flat(dim: int) -> Any:
    import faiss

    return faiss.IndexIDMap2(faiss.IndexFlatIP(dim))


def _is_flat(index: Any) -> bool:
    import faiss

    return isinstance(index, faiss.IndexIDMap2)


def _trained(rows: Vectors) -> Any:
    """An empty index of product codes whose codebooks were learned from a sample of the rows [N, dim]."""
    import faiss

    count, dim = rows.shape
    sample = rows[np.random.default_rng(13).permutation(count)[:TRAINING_ROWS]]
    # One code of four bits for two dimensions, or for each where dim is odd.
    index: Any = faiss.IndexPQFastScan(dim, dim // 2 if dim % 2 == 0 else dim, 4, faiss.METRIC_INNER_PRODUCT)
    index.pq.cp.niter = 10  # two dimensions and sixteen centroids need few rounds
    index.pq.cp.min_points_per_centroid = 1  # small indexes are fine; the warning would reach the terminal
    index.train(sample)
    return index
