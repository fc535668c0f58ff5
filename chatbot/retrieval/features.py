"""What a query and its candidates have in common, as numbers. In: texts and the views' scores. Out: features [C, F].

The second stage: the views of the index propose rows, here each proposed row is looked at closely. Every feature is a
similarity in about [0, 1] or a plain count brought there. Knows nothing of weights (see fuse.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatbot.retrieval.grams import Places, Terms, jamo_terms, squeeze
from chatbot.retrieval.lexical import Overlap

Floats = NDArray[np.float32]

_BUCKETS = 1 << 18  # counters of jamo n-grams: 1 MB, and a chat corpus has about as many different ones
_KEPT, _SHORT = 16_384, 60  # rows whose n-grams are kept, and their letters at most: about 10 MB
_VIEWS = ("dense", "grams", "character", "morpheme", "jamo")
NAMES: tuple[str, ...] = (
    *(f"{view}{part}" for view in _VIEWS for part in ("", "_gap", "_rank")),
    *(f"{view}_{part}" for view in ("character", "morpheme", "jamo") for part in ("query_share", "row_share")),
    "morpheme_bm25", "agreement", "length_ratio", "same", "head", "tail", "question_mark",
    "query_length", "row_length",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """One query, its C candidates' texts and what each view says of them."""

    query: str
    texts: Sequence[str]
    dense: Floats
    grams: Floats
    character: Overlap
    morpheme: Overlap


class JamoFrequencies:
    """How many rows hold each jamo n-gram, in a fixed table of counters (two n-grams may share one)."""

    def __init__(self, counts: NDArray[np.int32] | None = None, rows: int = 0) -> None:
        self._counts = np.zeros(_BUCKETS, dtype=np.int32) if counts is None else counts
        self._rows = rows

    def add(self, texts: Sequence[str]) -> None:
        """Count the n-grams of new rows."""
        terms, _ = jamo_terms(texts)
        self._counts += np.bincount(_bucket(terms), minlength=_BUCKETS).astype(np.int32)
        self._rows += len(texts)

    def idf(self, terms: Terms) -> Floats:
        """ln((N + 1) / (df + 1)) + 0.1, so that no n-gram weighs nothing."""
        found = np.minimum(self._counts[_bucket(terms)], self._rows)
        weights: Floats = (np.log((self._rows + 1) / (found + 1)) + 0.1).astype(np.float32)
        return weights

    def save(self, path: Path) -> None:
        """Write the counters and, last, the number of rows."""
        np.save(path, np.append(self._counts, np.int32(self._rows)))

    @classmethod
    def load(cls, path: Path) -> JamoFrequencies:
        """Read what `save` wrote."""
        values = np.load(path)
        return cls(values[:-1].copy(), int(values[-1]))


def features(evidence: Evidence, frequencies: JamoFrequencies) -> Floats:
    """The features [C, F] of C candidates, columns as in `NAMES`."""
    character, morpheme = evidence.character, evidence.morpheme
    jamo = _jamo_overlap(evidence.query, evidence.texts, frequencies)
    columns: list[NDArray[np.floating]] = []
    views = (evidence.dense, evidence.grams, character.cosine, morpheme.cosine, jamo.cosine)
    ranks = [_ranks(view) for view in views]
    for view, rank in zip(views, ranks, strict=True):
        columns += [view, view - view.max(initial=0.0), 1.0 / (1.0 + rank)]
    for overlap in (character, morpheme, jamo):
        columns += [overlap.query_share, overlap.row_share]
    columns.append(np.minimum(morpheme.bm25, 2.0))
    columns.append(np.mean([rank < 3 for rank in ranks], axis=0))
    columns += _shape(evidence.query, evidence.texts)
    matrix: Floats = np.stack(columns, axis=1).astype(np.float32)  # [C, F]
    return matrix


def _jamo_overlap(query: str, texts: Sequence[str], frequencies: JamoFrequencies) -> Overlap:
    own, _ = _distinct(*jamo_terms([query]))
    each = [own, *_terms_of(texts)]
    terms, count = np.concatenate(each), len(each)
    places = np.repeat(np.arange(count), [len(some) for some in each])
    idf = frequencies.idf(terms)
    near = np.minimum(np.searchsorted(own, terms), max(len(own) - 1, 0))
    shared = own[near] == terms if len(own) else np.zeros(len(terms), dtype=bool)
    mass, square = (np.bincount(places, weights=idf**power, minlength=count) for power in (1, 2))
    hit, hit_square = (np.bincount(places, weights=shared * idf**power, minlength=count)[1:] for power in (1, 2))
    norm = np.sqrt(np.maximum(square, 1e-9))
    cosine = (hit_square / (norm[0] * norm[1:])).astype(np.float32)
    query_share = (hit / max(mass[0], 1e-9)).astype(np.float32)
    row_share = (hit / np.maximum(mass[1:], 1e-9)).astype(np.float32)
    return Overlap(cosine, query_share, row_share, cosine)


# The different jamo n-grams of rows that were proposed lately: the same rows are proposed again and again.
_known_terms: dict[str, Terms] = {}


def _terms_of(texts: Sequence[str]) -> list[Terms]:
    """The different jamo n-grams of each text, ascending."""
    found = {text: terms for text in texts if (terms := _known_terms.get(text)) is not None}
    missing = [text for text in dict.fromkeys(texts) if text not in found]
    if missing:
        terms_of_all, places = _distinct(*jamo_terms(missing))
        if len(_known_terms) > _KEPT:
            _known_terms.clear()
        borders = np.searchsorted(places, np.arange(1, len(missing)))
        for text, own in zip(missing, np.split(terms_of_all, borders), strict=True):
            found[text] = own
            if len(text) <= _SHORT:
                _known_terms[text] = own.copy()
    return [found[text] for text in texts]


@lru_cache(maxsize=_KEPT)
def _letters_of(text: str) -> str:
    return squeeze(text)


def _shape(query: str, texts: Sequence[str]) -> list[Floats]:
    """Length ratio, sameness, common head and tail (of at most 4 letters), question marks, log lengths."""
    own = squeeze(query)
    asks = query.rstrip().endswith("?")
    table = np.zeros((7, len(texts)), dtype=np.float32)
    for place, text in enumerate(texts):
        other = _letters_of(text)
        table[0, place] = min(len(own), len(other)) / max(len(own), len(other), 1)
        table[1, place] = own == other
        table[2, place] = _common(own, other) / 4
        table[3, place] = _common(own[::-1], other[::-1]) / 4
        table[4, place] = asks == text.rstrip().endswith("?")
        table[6, place] = np.log1p(len(other)) / 4
    table[5] = np.log1p(len(own)) / 4
    return list(table)


def _common(one: str, other: str) -> int:
    """Letters that both begin with, at most 4."""
    count = 0
    for left, right in zip(one[:4], other[:4], strict=False):
        if left != right:
            break
        count += 1
    return count


def _ranks(scores: Floats) -> NDArray[np.int64]:
    """0 for the best; equal scores share the better rank."""
    ordered = np.sort(-scores)
    return np.searchsorted(ordered, -scores)


def _distinct(terms: Terms, places: Places) -> tuple[Terms, Places]:
    order = np.lexsort((terms, places))
    terms, places = terms[order], places[order]
    fresh = np.ones(len(terms), dtype=bool)
    fresh[1:] = (terms[1:] != terms[:-1]) | (places[1:] != places[:-1])
    return terms[fresh], places[fresh]


def _bucket(terms: Terms) -> NDArray[np.int64]:
    return (terms >> np.uint64(20)).astype(np.int64) & (_BUCKETS - 1)
