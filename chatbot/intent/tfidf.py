"""TF-IDF over hashed terms of texts. In: texts. Out: sparse rows of unit length. Knows nothing of labels.

Shapes: B batch, V terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.neural.ngrams import Places, Terms, ngrams

FLOOR_VIEWS = ("word",)
_CHUNK = 5000  # texts at a time, so that memory stays small


@dataclass(frozen=True, slots=True)
class Found:
    """The terms of some texts, repeats included: the text each stands in, its column, whether training has seen it."""

    texts: int
    places: Places
    columns: Places
    known: NDArray[np.bool_]


@dataclass(frozen=True)
class Tfidf:
    """Sublinear TF-IDF over the terms seen in training (Salton & Buckley 1988), rows of unit length."""

    views: tuple[str, ...]
    terms: Terms  # [V], ascending
    idf: NDArray[np.float32]  # [V]

    @classmethod
    def fit(cls, texts: Sequence[str], views: Sequence[str] = FLOOR_VIEWS, min_count: int = 1) -> Tfidf:
        """Terms that stand in at least `min_count` texts, with ln((1+n)/(1+df)) + 1."""
        parts = [_distinct(texts[at : at + _CHUNK], views) for at in range(0, len(texts), _CHUNK)]
        known, frequency = np.unique(np.concatenate(parts), return_counts=True)
        kept = frequency >= min_count
        idf = np.log((1 + len(texts)) / (1 + frequency[kept])) + 1
        return cls(tuple(views), known[kept], idf.astype(np.float32))

    def transform(self, texts: Sequence[str]) -> Any:
        """A SciPy CSR matrix float32 [B, V]."""
        return self.matrix(self.find(texts))

    def matrix(self, found: Found) -> Any:
        """The same of texts whose terms were found already."""
        from scipy import sparse

        places, columns, values = self.entries(found)
        return sparse.csr_matrix((values, (places, columns)), shape=(found.texts, len(self.terms)))

    def find(self, texts: Sequence[str]) -> Found:
        """The terms of the texts, to be asked for what follows from them."""
        terms, places = ngrams(texts, self.views)
        columns = np.minimum(np.searchsorted(self.terms, terms), max(len(self.terms) - 1, 0))
        known = self.terms[columns] == terms if len(self.terms) else np.zeros(len(terms), dtype=bool)
        return Found(len(texts), places, columns, known)

    def entries(self, found: Found) -> tuple[Places, Places, NDArray[np.float32]]:
        """(text, column, value) of every nonzero cell, in the order of the texts."""
        cells = found.places[found.known] * len(self.terms) + found.columns[found.known]
        cells, counts = np.unique(cells, return_counts=True)
        rows, columns = np.divmod(cells, max(len(self.terms), 1))
        values = (1 + np.log(counts)) * self.idf[columns]
        norms = np.sqrt(np.bincount(rows, weights=values**2, minlength=found.texts))
        return rows, columns, (values / norms[rows]).astype(np.float32)

    def coverage(self, found: Found, graded: bool = True) -> NDArray[np.float32]:
        """[B]: how much of each text's terms training has seen; graded, a term of few training texts counts less.

        A term of one text counts about half, of d texts about d / (d + 1): what stood once may be a slip or a name.
        """
        weight = found.known.astype(np.float32)
        if graded and len(self.terms):
            weight *= 1 - 0.5 * np.exp(self.idf[found.columns] - self.idf.max())
        total = np.bincount(found.places, minlength=found.texts)
        seen = np.bincount(found.places, weights=weight, minlength=found.texts)
        return (seen / np.maximum(total, 1)).astype(np.float32)


def _distinct(texts: Sequence[str], views: Sequence[str]) -> Terms:
    """The terms of the texts, each once a text it stands in."""
    terms, places = ngrams(texts, views)
    # Term and text in one number: sorting it is far quicker than sorting pairs, and 64 bits do not collide here.
    pairs = (terms ^ (places.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xD6E8FEB86659FD93)
    return terms[np.unique(pairs, return_index=True)[1]]
