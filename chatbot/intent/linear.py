"""The linear model: TF-IDF over hashed character n-grams and a linear support vector machine.

In: labelled texts. Out: scores a label. Over n-grams alone it is the floor that any network has to beat; beside them
may stand what the words mean, as pretrained vectors. Trained by scikit-learn, spoken by NumPy, so that talking imports
no scikit-learn. Knows nothing of thresholds or networks. Shapes: B batch, V terms, T meaning, C labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.errors import TrainingError
from chatbot.neural.meanings import Meaning
from chatbot.neural.ngrams import Places, Terms, ngrams

FLOOR_VIEWS = ("word",)
_CHUNK = 5000  # texts at a time, so that memory stays small
ROBUST_VIEWS = ("word", "joined")
# Length of a meaning beside the unit row of TF-IDF. Eight examples an intent of MASSIVE's train part, tested on other
# rows of it, 3 draws: 0.561 without, 0.597, 0.601, 0.594, 0.571 at 1, 1.5, 2, 3.
MEANING_WEIGHT = 1.5


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
        from scipy import sparse

        places, columns, values = self.entries(texts)
        return sparse.csr_matrix((values, (places, columns)), shape=(len(texts), len(self.terms)))

    def entries(self, texts: Sequence[str]) -> tuple[Places, Places, NDArray[np.float32]]:
        """(text, column, value) of every nonzero cell."""
        terms, places = ngrams(texts, self.views)
        columns = np.minimum(np.searchsorted(self.terms, terms), max(len(self.terms) - 1, 0))
        known = self.terms[columns] == terms if len(self.terms) else np.zeros(len(terms), dtype=bool)
        cells = places[known] * len(self.terms) + columns[known]
        cells, counts = np.unique(cells, return_counts=True)
        rows, columns = np.divmod(cells, max(len(self.terms), 1))
        values = (1 + np.log(counts)) * self.idf[columns]
        norms = np.sqrt(np.bincount(rows, weights=values**2, minlength=len(texts)))
        return rows, columns, (values / norms[rows]).astype(np.float32)

    def coverage(self, texts: Sequence[str], graded: bool = True) -> NDArray[np.float32]:
        """[B]: how much of each text's terms training has seen; graded, a term of few training texts counts less.

        A term of one text counts about half, of d texts about d / (d + 1): what stood once may be a slip or a name.
        """
        terms, places = ngrams(texts, self.views)
        columns = np.minimum(np.searchsorted(self.terms, terms), max(len(self.terms) - 1, 0))
        known = self.terms[columns] == terms if len(self.terms) else np.zeros(len(terms), dtype=bool)
        weight = known.astype(np.float32)
        if graded and len(self.terms):
            weight *= 1 - 0.5 * np.exp(self.idf[columns] - self.idf.max())
        total = np.bincount(places, minlength=len(texts))
        return (np.bincount(places, weights=weight, minlength=len(texts)) / np.maximum(total, 1)).astype(np.float32)


@dataclass(frozen=True)
class MeaningBlock:
    """What the words mean, as columns beside the n-grams'."""

    meaning: Meaning
    weights: NDArray[np.float32]  # [T, C]

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """[B, C]."""
        result: NDArray[np.float32] = MEANING_WEIGHT * (self.meaning.encode(texts) @ self.weights)
        return result


@dataclass(frozen=True)
class LinearModel:
    """One linear score a label; two labels keep two columns."""

    tfidf: Tfidf
    weights: NDArray[np.float32]  # [V, C]
    bias: NDArray[np.float32]  # [C]
    meanings: MeaningBlock | None = None

    @classmethod
    def train(
        cls,
        texts: Sequence[str],
        labels: Sequence[int],
        n_labels: int,
        *,
        views: Sequence[str] = FLOOR_VIEWS,
        cost: float = 0.5,
        min_count: int = 1,
        seed: int = 13,
        meaning: Meaning | None = None,
    ) -> LinearModel:
        """A one-against-rest linear SVM with squared hinge loss (Fan et al. 2008, LIBLINEAR).

        With `meaning` its vectors stand beside the n-grams.

        Raises
        ------
        TrainingError
            when fewer than two labels have examples.
        """
        from sklearn.svm import LinearSVC

        present = np.unique(np.asarray(labels))
        if len(present) < 2:
            raise TrainingError(f"intent: {len(present)} label with examples; a classifier needs at least two")
        tfidf = Tfidf.fit(texts, views, min_count)
        cells = tfidf.transform(texts)
        if meaning is not None:
            cells = _beside(cells, MEANING_WEIGHT * meaning.encode(texts))
        machine = LinearSVC(C=cost, random_state=seed).fit(cells, labels)
        coefficients, intercepts = machine.coef_, machine.intercept_
        if len(present) == 2:
            coefficients, intercepts = np.vstack([-coefficients, coefficients]), np.r_[-intercepts, intercepts]
        weights = np.zeros((coefficients.shape[1], n_labels), dtype=np.float32)
        bias = np.full(n_labels, -1.5, dtype=np.float32)  # a label without examples lies outside every margin
        weights[:, present] = coefficients.T
        bias[present] = intercepts
        terms = len(tfidf.terms)
        return cls(tfidf, weights[:terms], bias, MeaningBlock(meaning, weights[terms:]) if meaning else None)

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """[B, C]: signed distances from each label's plane."""
        if len(texts) > 64:
            out: NDArray[np.float32] = np.asarray(self.tfidf.transform(texts) @ self.weights) + self.bias
        else:
            rows, columns, values = self.tfidf.entries(texts)
            out = np.tile(self.bias, (len(texts), 1))
            np.add.at(out, rows, self.weights[columns] * values[:, None])
        return out if self.meanings is None else out + self.meanings.scores(texts)

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """[B, C]: unit rows of scores, the space distances are measured in where there is no network."""
        scores = self.scores(texts)
        unit: NDArray[np.float32] = scores / np.maximum(np.linalg.norm(scores, axis=1, keepdims=True), 1e-6)
        return unit

    def rounded(self) -> LinearModel:
        """The same model in the precision that a checkpoint keeps: eight bits a weight, half precision otherwise."""
        tfidf = Tfidf(self.tfidf.views, self.tfidf.terms, _halved(self.tfidf.idf))
        weights, scale = self.whole_numbers()
        block = self.meanings and MeaningBlock(self.meanings.meaning, _halved(self.meanings.weights))
        return LinearModel(tfidf, weights * scale, _halved(self.bias), block)

    def reading(self, meaning: Meaning | None) -> LinearModel:
        """The same model asking another object for the same meanings; no change where it has none."""
        if self.meanings is None or meaning is None:
            return self
        return replace(self, meanings=MeaningBlock(meaning, self.meanings.weights))

    def whole_numbers(self) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """(weights as whole numbers [V, C], what one of them is worth in each label [C])."""
        greatest = np.abs(self.weights).max(axis=0, initial=0.0)
        scale = _halved(np.maximum(greatest / 127, 1e-6))
        return np.clip(np.rint(self.weights / scale), -127, 127).astype(np.int8), scale


def _beside(cells: Any, dense: NDArray[np.float32]) -> Any:
    """A SciPy CSR matrix with dense columns at its right."""
    from scipy import sparse

    return sparse.hstack([cells, sparse.csr_matrix(dense)], format="csr")


def _distinct(texts: Sequence[str], views: Sequence[str]) -> Terms:
    """The terms of the texts, each once a text it stands in."""
    terms, places = ngrams(texts, views)
    # Term and text in one number: sorting it is far quicker than sorting pairs, and 64 bits do not collide here.
    pairs = (terms ^ (places.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xD6E8FEB86659FD93)
    return terms[np.unique(pairs, return_index=True)[1]]


def _halved(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return values.astype(np.float16).astype(np.float32)
