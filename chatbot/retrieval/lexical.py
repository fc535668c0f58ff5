"""An inverted index over hashed terms that takes and loses rows without a rebuild.

In: terms of rows and of a query. Out: row numbers and how far the terms overlap. A row counts each of its terms once
(chat lines rarely repeat a word), so a posting is one row number and the weights come from document frequencies:
idf = ln(1 + (N - df + 0.5) / (df + 0.5)) (Robertson and Zaragoza 2009, eq. 3.3, kept positive).
Knows nothing of where terms come from: content morphemes and character n-grams lie each in a `Postings` of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Floats = NDArray[np.float32]
Terms = NDArray[np.uint64]

K1, B = 1.2, 0.75  # BM25's usual constants (Robertson and Zaragoza 2009, section 3.4)
GROWTH = 0.1  # rows' weights are computed again when the index has grown by this share, so that none grows stale
CHUNK = 100_000  # rows whose postings are sorted at once: bounds the memory of a build
BUDGET = 60_000  # postings that a search reads; 200,000 find the same rows in twice the time at a million rows
PIECE = 4_000_000  # postings whose weights or places are computed at once: likewise


@dataclass(frozen=True, slots=True)
class Segment:
    """Postings of rows `first` … `first + count - 1`: of `terms[i]`, `rows[offsets[i]:offsets[i + 1]]`, ascending."""

    terms: Terms
    offsets: Numbers
    rows: NDArray[np.int32]
    first: int
    count: int

    def find(self, terms: Terms) -> tuple[Numbers, Numbers]:
        """Where the postings of each term begin and end; equal where the term is absent."""
        if not len(self.terms):
            nothing = np.zeros(len(terms), dtype=np.int64)
            return nothing, nothing
        at = np.minimum(np.searchsorted(self.terms, terms), len(self.terms) - 1)
        known = self.terms[at] == terms
        return np.where(known, self.offsets[at], 0), np.where(known, self.offsets[at + 1], 0)


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far a query's terms and each of C rows' overlap, all in [0, 1] but bm25: [C] each.

    cosine over idf weights; share of the query's and of the row's idf mass that is matched; BM25 divided by what the
    query would score against a row made of itself.
    """

    cosine: Floats
    query_share: Floats
    row_share: Floats
    bm25: Floats


@dataclass(frozen=True, slots=True)
class Asked:
    """The distinct terms of a query [T], where the postings of each stand in each segment, and their weights [T]."""

    terms: Terms
    spans: Sequence[tuple[Segment, Numbers, Numbers]]
    found: Numbers
    idf: Floats


class Postings:
    """Segments of postings, and for each row its term count, idf mass and idf norm."""

    def __init__(self) -> None:
        self._segments: list[Segment] = []
        self._length: Floats = np.zeros(0, dtype=np.float32)
        self._mass: Floats = np.zeros(0, dtype=np.float32)
        self._norm: Floats = np.zeros(0, dtype=np.float32)
        self._alive = 0
        self._weighed = 0
        self._mean = 1.0

    def __len__(self) -> int:
        return self._alive

    def add(self, first: int, count: int, terms: Terms, places: Numbers) -> None:
        """Add rows `first` … `first + count - 1`; `places` (ascending from 0) say which row each term stands in.

        Raises
        ------
        ValueError
            when the numbers do not follow on the rows that are there: row numbers are never used twice.
        """
        if first != len(self._length):
            raise ValueError(f"rows must follow on one another: the next number is {len(self._length)}, not {first}")
        for begin in range(0, count, CHUNK):
            low, high = np.searchsorted(places, [begin, begin + CHUNK])
            size = min(CHUNK, count - begin)
            self._segments.append(_segment(first + begin, size, terms[low:high], places[low:high] - begin))
        grown = first + count
        self._length = _grow(self._length, grown, 0.0)
        self._mass = _grow(self._mass, grown, np.inf)
        self._norm = _grow(self._norm, grown, np.inf)
        self._alive += count
        if grown - self._weighed > GROWTH * self._weighed:
            self.reweigh()
        else:
            self._measure(first, grown)
        self._tidy()

    def remove(self, numbers: Numbers) -> None:
        """Silence rows: an infinite norm makes every score zero. Their postings go when segments merge."""
        gone = numbers[np.isfinite(self._norm[numbers])]
        for name in ("_mass", "_norm"):
            array = np.array(getattr(self, name))  # a memory-mapped array is read-only
            array[gone] = np.inf
            setattr(self, name, array)
        self._alive -= len(gone)

    def reweigh(self) -> None:
        """Compute all masses and norms again from today's document frequencies."""
        self._measure(0, len(self._length))
        self._weighed = len(self._length)

    def frequencies(self, terms: Terms) -> Numbers:
        """How many rows hold each term."""
        return self._frequencies(self._spans(terms), len(terms))

    def idf(self, terms: Terms) -> Floats:
        """The weight of each term, positive; an unseen term weighs most."""
        return self._idf(self.frequencies(terms))

    def _spans(self, terms: Terms) -> list[tuple[Segment, Numbers, Numbers]]:
        """For each segment where the postings of each term begin and end."""
        return [(segment, *segment.find(terms)) for segment in self._segments]

    def _frequencies(self, spans: Sequence[tuple[Segment, Numbers, Numbers]], count: int) -> Numbers:
        return sum((end - begin for _, begin, end in spans), start=np.zeros(count, dtype=np.int64))

    def _idf(self, found: Numbers) -> Floats:
        total = len(self._length)
        weights: Floats = np.log1p((total - found + 0.5) / (found + 0.5)).astype(np.float32)
        return weights

    def ask(self, terms: Terms) -> Asked:
        """Look terms up once, for `top` and `overlap`; holds until rows are added or removed."""
        distinct = np.unique(terms)
        spans = self._spans(distinct)
        found = self._frequencies(spans, len(distinct))
        return Asked(distinct, spans, found, self._idf(found))

    def top(self, asked: Asked, k: int, *, bm25: bool = False, budget: int = BUDGET) -> Numbers:
        """The up to k rows that overlap most, best first: by cosine, or by BM25.

        The rarest terms come first and reading stops after `budget` postings: frequent terms hardly change who is in
        the top k, and `overlap` weighs them afterwards.
        """
        spans, found, idf = asked.spans, asked.found, asked.idf
        order = np.argsort(-idf, kind="stable")
        order = order[np.cumsum(found[order]) - found[order] < budget]
        gained = idf if bm25 else idf**2
        summed = np.zeros(len(self._length), dtype=np.float32)  # pages that no row touches are never made
        touched = []
        for segment, begin, end in spans:
            for at in order[end[order] > begin[order]].tolist():
                rows = segment.rows[begin[at] : end[at]]
                summed[rows] += gained[at]  # no row stands twice under one term
                touched.append(rows)
        if not touched:
            return np.zeros(0, dtype=np.int64)
        rows = np.concatenate(touched)
        scores = summed[rows] * (self._saturation(rows) if bm25 else 1.0 / self._norm[rows])
        most = k * len(touched)  # a row stands once under each of its terms: k different ones are among so many
        if len(rows) > most:
            best = np.argpartition(-scores, most - 1)[:most]
            rows, scores = rows[best], scores[best]
        rows, first = np.unique(rows, return_index=True)
        return _best(rows.astype(np.int64), scores[first], k)

    def overlap(self, asked: Asked, numbers: Numbers) -> Overlap:
        """How far the terms of a query and of the rows overlap, exactly. Zero for rows that were removed."""
        terms, spans, idf = asked.terms, asked.spans, asked.idf
        hits = np.zeros((len(terms), len(numbers)), dtype=np.float32)  # [T, C]
        for segment, begin, end in spans:
            for at in np.flatnonzero(end > begin).tolist():
                piece = segment.rows[begin[at] : end[at]]
                spot = np.minimum(piece.searchsorted(numbers), len(piece) - 1)
                hits[at] += piece[spot] == numbers
        matched, squared = idf @ hits, idf**2 @ hits
        mass, norm = float(idf.sum()) or 1.0, float(np.sqrt((idf**2).sum())) or 1.0
        own = mass * (K1 + 1) / (1 + K1 * (1 - B + B * len(terms) / self._mean))
        return Overlap(
            cosine=(squared / (norm * np.maximum(self._norm[numbers], 1e-6))).astype(np.float32),
            query_share=np.where(np.isfinite(self._norm[numbers]), matched / mass, 0.0).astype(np.float32),
            row_share=(matched / np.maximum(self._mass[numbers], 1e-6)).astype(np.float32),
            bm25=(matched * self._saturation(numbers) / own).astype(np.float32),
        )

    def _saturation(self, numbers: Numbers | NDArray[np.int32]) -> Floats:
        """BM25's factor for a term that stands once in rows of these lengths; zero for removed rows."""
        factor = (K1 + 1) / (1 + K1 * (1 - B + B * self._length[numbers] / self._mean))
        alive: Floats = np.where(np.isfinite(self._norm[numbers]), factor, 0.0).astype(np.float32)
        return alive

    def _measure(self, low: int, high: int) -> None:
        """Lengths, masses and norms of rows low … high - 1; removed rows stay removed."""
        length, mass, square = (np.zeros(high - low) for _ in range(3))
        gone = np.isinf(self._norm[low:high]) & (self._length[low:high] > 0)
        for segment in self._segments:
            if segment.first < low:  # a batch of rows has segments of its own until the next merge
                continue
            for first, last in _pieces(segment.offsets):
                offsets = segment.offsets[first : last + 1]
                idf = np.repeat(self.idf(segment.terms[first:last]), np.diff(offsets))
                at = segment.rows[offsets[0] : offsets[-1]] - low
                length += np.bincount(at, minlength=high - low)
                mass += np.bincount(at, weights=idf, minlength=high - low)
                square += np.bincount(at, weights=idf**2, minlength=high - low)
        lengths, masses, norms = np.array(self._length), np.array(self._mass), np.array(self._norm)
        lengths[low:high] = length
        masses[low:high] = np.where(gone, np.inf, mass)
        norms[low:high] = np.where(gone, np.inf, np.sqrt(square))
        self._length, self._mass, self._norm = lengths, masses, norms
        self._mean = float(lengths[lengths > 0].mean()) if (lengths > 0).any() else 1.0

    def _tidy(self) -> None:
        """Merge the newest segments while they are of like size, so that their number stays logarithmic."""
        while len(self._segments) > 1 and self._segments[-2].count < 4 * self._segments[-1].count:
            newer, older = self._segments.pop(), self._segments.pop()
            self._segments.append(_merge([older, newer]))

    def save(self, folder: Path) -> None:
        """Write the arrays as .npy files (one segment, removed rows left out)."""
        folder.mkdir(parents=True, exist_ok=True)
        merged = (
            _merge(self._segments, alive=np.isfinite(self._norm))
            if self._segments
            else _segment(0, 0, np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64))
        )
        for name in ("terms", "offsets", "rows"):
            np.save(folder / f"{name}.npy", getattr(merged, name))
        for name in ("length", "mass", "norm"):
            np.save(folder / f"{name}.npy", getattr(self, f"_{name}"))

    @classmethod
    def load(cls, folder: Path) -> Postings:
        """Read what `save` wrote; postings stay on disk, memory-mapped."""
        postings = cls()
        terms, offsets, rows = (
            # As plain arrays over the map: slices of a memmap object cost ten times those of an array.
            np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))
            for name in ("terms", "offsets", "rows")
        )
        for name in ("length", "mass", "norm"):
            setattr(postings, f"_{name}", np.load(folder / f"{name}.npy"))
        postings._segments = [Segment(terms, offsets, rows, 0, len(postings._length))]
        postings._weighed = len(postings._length)
        postings._alive = int(np.isfinite(postings._norm).sum())
        used = postings._length[postings._length > 0]
        postings._mean = float(used.mean()) if len(used) else 1.0
        return postings


def _segment(first: int, count: int, terms: Terms, places: Numbers) -> Segment:
    order = np.lexsort((places, terms))
    terms, rows = terms[order], places[order].astype(np.int32)
    fresh = np.ones(len(terms), dtype=bool)
    fresh[1:] = (terms[1:] != terms[:-1]) | (rows[1:] != rows[:-1])
    terms, rows = terms[fresh], rows[fresh] + np.int32(first)
    unique, starts = np.unique(terms, return_index=True)
    return Segment(unique, np.append(starts, len(terms)).astype(np.int64), rows, first, count)


def _merge(segments: list[Segment], alive: NDArray[np.bool_] | None = None) -> Segment:
    """One segment of several that follow one another; rows that are not alive are left out."""
    if alive is not None:
        segments = [_filter(segment, alive) for segment in segments]
    if len(segments) == 1:
        return segments[0]
    unique = np.unique(np.concatenate([segment.terms for segment in segments]))
    at = [np.searchsorted(unique, segment.terms) for segment in segments]
    sizes = np.zeros(len(unique), dtype=np.int64)
    for place, segment in zip(at, segments, strict=True):
        sizes[place] += np.diff(segment.offsets)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    rows = np.empty(int(offsets[-1]), dtype=np.int32)
    free = offsets[:-1].copy()
    for place, segment in zip(at, segments, strict=True):
        for first, last in _pieces(segment.offsets):
            begins = segment.offsets[first : last + 1]
            lengths = np.diff(begins)
            within = np.arange(begins[0], begins[-1]) - np.repeat(begins[:-1], lengths)
            rows[np.repeat(free[place[first:last]], lengths) + within] = segment.rows[begins[0] : begins[-1]]
            free[place[first:last]] += lengths
    return Segment(unique, offsets, rows, segments[0].first, sum(segment.count for segment in segments))


def _pieces(offsets: Numbers) -> Iterator[tuple[int, int]]:
    """Ranges of terms that together hold about `PIECE` postings each: what is computed from them stays small."""
    edges = np.searchsorted(offsets[:-1], np.arange(0, offsets[-1], PIECE), side="left").tolist()
    edges = list(dict.fromkeys([*edges, len(offsets) - 1]))
    yield from itertools.pairwise(edges)


def _filter(segment: Segment, alive: NDArray[np.bool_]) -> Segment:
    keep = alive[segment.rows]
    if keep.all():
        return segment
    owner = np.repeat(np.arange(len(segment.terms)), np.diff(segment.offsets))[keep]
    sizes = np.bincount(owner, minlength=len(segment.terms))
    used = sizes > 0
    offsets = np.concatenate([[0], np.cumsum(sizes[used])]).astype(np.int64)
    return Segment(segment.terms[used], offsets, segment.rows[keep], segment.first, segment.count)


def _grow(array: Floats, size: int, value: float) -> Floats:
    return np.concatenate([array, np.full(size - len(array), value, dtype=np.float32)])


def _best(numbers: Numbers, scores: NDArray[np.floating[Any]], k: int) -> Numbers:
    """The numbers of the k best positive scores, best first, ties by number."""
    if len(scores) > k:
        chosen = np.argpartition(-scores, k - 1)[:k]
        numbers, scores = numbers[chosen], scores[chosen]
    order = np.lexsort((numbers, -scores))
    best: Numbers = numbers[order][scores[order] > 0].astype(np.int64)
    return best
