"""The linear model: TF-IDF over hashed character n-grams and a linear support vector machine.

In: labelled texts. Out: scores a label. Over n-grams alone it is the floor that any network has to beat; beside them
may stand a text's morphemes, and what they mean. Trained by scikit-learn, spoken by NumPy, so that talking imports no
scikit-learn. Knows nothing of thresholds or networks. Shapes: B batch, V terms, T meaning, C labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from chatbot.errors import TrainingError
from chatbot.intent.tfidf import FLOOR_VIEWS, Found, Tfidf
from chatbot.neural.meanings import Key, Words

ROBUST_VIEWS = ("word", "joined")
# Length of the two other parts of a row beside the unit row of n-grams. Train parts alone, 1,200 rows apart, 2 draws:
# small talk 0.827, with morphemes 0.848, with meanings 0.857, with both 0.860; MASSIVE (4,000 rows) 0.798, 0.807,
# 0.810, 0.815; this project's intents 0.590, 0.620, 0.642, 0.652. Eight examples an intent of MASSIVE, meanings of
# length 1, 1.5, 2, 3: 0.597, 0.601, 0.594, 0.571 (0.561 without).
MORPHEME_WEIGHT = 0.7
MEANING_WEIGHT = 1.5

Weights = NDArray[np.float32]


@dataclass(frozen=True)
class WordBlock:
    """What the linear model makes of a text's morphemes: of themselves and, where `meanings` has rows, of what they
    mean."""

    words: Words
    tfidf: Tfidf
    weights: Weights  # [V, C]
    meanings: Weights  # [T, C]; T is 0 from scratch

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """[B, C]."""
        keys = self.words.keys(texts)
        scores = _times(self.tfidf, self.tfidf.find([_line(row) for row in keys]), self.weights)
        if self.words.meanings is not None and len(self.meanings):
            scores += self.words.meanings.encode(keys) @ self.meanings
        return scores


@dataclass(frozen=True)
class LinearModel:
    """One linear score a label; two labels keep two columns."""

    tfidf: Tfidf
    weights: Weights  # [V, C]
    bias: NDArray[np.float32]  # [C]
    words: WordBlock | None = None

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
        words: Words | None = None,
    ) -> LinearModel:
        """A one-against-rest linear SVM with squared hinge loss (Fan et al. 2008, LIBLINEAR).

        With `words` morphemes stand beside the n-grams, and what they mean, if the words know.

        Raises
        ------
        TrainingError
            when fewer than two labels have examples.
        """
        from scipy import sparse
        from sklearn.svm import LinearSVC

        present = np.unique(np.asarray(labels))
        if len(present) < 2:
            raise TrainingError(f"intent: {len(present)} label with examples; a classifier needs at least two")
        tfidf = Tfidf.fit(texts, views, min_count)
        parts, lengths = [tfidf.transform(texts)], [1.0]
        if words is not None:
            keys = words.keys(texts)
            lines = [_line(row) for row in keys]
            morphemes = Tfidf.fit(lines, ("whole",))
            meant = words.meanings.encode(keys) if words.meanings else np.zeros((len(texts), 0), dtype=np.float32)
            parts += [morphemes.transform(lines), sparse.csr_matrix(meant)]
            lengths += [MORPHEME_WEIGHT, MEANING_WEIGHT]
        cells = sparse.hstack([length * part for length, part in zip(lengths, parts, strict=True)], format="csr")
        machine = LinearSVC(C=cost, random_state=seed).fit(cells, labels)
        coefficients, intercepts = machine.coef_, machine.intercept_
        if len(present) == 2:
            coefficients, intercepts = np.vstack([-coefficients, coefficients]), np.r_[-intercepts, intercepts]
        bias = np.full(n_labels, -1.5, dtype=np.float32)  # a label without examples lies outside every margin
        bias[present] = intercepts
        weights = np.zeros((cells.shape[1], n_labels), dtype=np.float32)
        weights[:, present] = coefficients.T
        own, *others = np.split(weights, np.cumsum([part.shape[1] for part in parts])[:-1])
        if words is None:
            return cls(tfidf, own, bias)
        scaled = [np.float32(length) * part for length, part in zip(lengths[1:], others, strict=True)]
        return cls(tfidf, own, bias, WordBlock(words, morphemes, *scaled))

    def scores(self, texts: Sequence[str], found: Found | None = None) -> NDArray[np.float32]:
        """[B, C]: signed distances from each label's plane; `found` are the texts' n-grams, if at hand."""
        scores: NDArray[np.float32] = _times(self.tfidf, found or self.tfidf.find(texts), self.weights) + self.bias
        return scores if self.words is None else scores + self.words.scores(texts)

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """[B, C]: unit rows of scores, the space distances are measured in where there is no network."""
        return unit(self.scores(texts))

    def rounded(self) -> LinearModel:
        """The same model in the precision that a checkpoint keeps: eight bits a weight, half precision otherwise."""
        block = self.words and replace(
            self.words,
            tfidf=_halved_idf(self.words.tfidf),
            weights=_rounded(self.words.weights),
            meanings=halved(self.words.meanings),
        )
        return LinearModel(_halved_idf(self.tfidf), _rounded(self.weights), halved(self.bias), block)

    def reading(self, words: Words | None) -> LinearModel:
        """The same model, asking another object for the same words."""
        return self if self.words is None or words is None else replace(self, words=replace(self.words, words=words))


def unit(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows, one long each."""
    rows: NDArray[np.float32] = scores / np.maximum(np.linalg.norm(scores, axis=1, keepdims=True), 1e-6)
    return rows


def whole_numbers(weights: Weights) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """(weights as whole numbers [V, C], what one of them is worth in each label [C])."""
    greatest = np.abs(weights).max(axis=0, initial=0.0)
    scale = halved(np.maximum(greatest / 127, 1e-6))
    return np.clip(np.rint(weights / scale), -127, 127).astype(np.int8), scale


def halved(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rounded to half precision."""
    return values.astype(np.float16).astype(np.float32)


def _rounded(weights: Weights) -> Weights:
    whole, scale = whole_numbers(weights)
    rounded: Weights = whole * scale
    return rounded


def _halved_idf(tfidf: Tfidf) -> Tfidf:
    return replace(tfidf, idf=halved(tfidf.idf))


def _times(tfidf: Tfidf, found: Found, weights: Weights) -> NDArray[np.float32]:
    """[B, C]: rows of TF-IDF times weights; SciPy for many texts, NumPy alone for a few."""
    if found.texts > 64:
        return np.asarray(tfidf.matrix(found) @ weights)
    rows, columns, values = tfidf.entries(found)
    edges = np.searchsorted(rows, np.arange(found.texts + 1)).tolist()
    parts = [values[start:end] @ weights[columns[start:end]] for start, end in pairwise(edges)]
    return np.stack(parts) if parts else np.zeros((0, weights.shape[1]), dtype=np.float32)


def _line(keys: Sequence[Key]) -> str:
    """Morphemes as words of a text: 비/NNG 오/VV."""
    return " ".join(f"{form.replace(' ', '_')}/{tag}" for form, tag in keys)
