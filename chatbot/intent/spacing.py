"""Spaces for text that was typed without any, as the training texts have them. In: texts. Out: the same characters.

A logistic regression over the characters round each gap, learnt from the training texts alone: the floor and the parts
of words need words. Text that has a space is left as it is. Knows nothing of labels, grammar or dictionaries.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.neural.ngrams import mix

_BUCKETS = 1 << 16
_SHORTEST = 4  # characters below which a text is one word
_ENOUGH = 100  # training texts with spaces below which nothing is learnt
_MOST = 20_000  # training texts that are looked at
# Windows round a gap, in characters before (negative) and after it.
_WINDOWS = ((-1, 0), (0, 1), (-2, 0), (0, 2), (-1, 1), (-3, 0), (0, 3), (-2, 1), (-1, 2), (-2, 2))
_EDGE = 3


@dataclass(frozen=True)
class Spacing:
    """One weight a hashed window; without weights no space is ever put in."""

    weights: NDArray[np.float32]  # [_BUCKETS], or [0]
    bias: float = 0.0

    @classmethod
    def none(cls) -> Spacing:
        """A spacing that changes nothing."""
        return cls(np.zeros(0, dtype=np.float32))

    @classmethod
    def fit(cls, texts: Sequence[str], seed: int) -> Spacing:
        """Where the texts have their spaces; nothing where too few of them have any."""
        spaced = [text for text in texts if len(text.split()) > 1]
        if len(spaced) < _ENOUGH:
            return cls.none()
        from scipy import sparse
        from sklearn.linear_model import SGDClassifier

        chosen = random.Random(seed).sample(spaced, min(len(spaced), _MOST))
        windows = np.concatenate([_windows("".join(text.split())) for text in chosen])
        marks = np.concatenate([_marks(text.split()) for text in chosen])
        starts = np.arange(0, windows.size + 1, len(_WINDOWS))
        ones = np.ones(windows.size, dtype=np.float32)
        features: Any = sparse.csr_matrix((ones, windows.ravel(), starts), shape=(len(windows), _BUCKETS))
        machine = SGDClassifier(loss="log_loss", alpha=1e-6, max_iter=8, tol=None, average=True, random_state=seed)
        machine.fit(features, marks)
        weights = machine.coef_[0].astype(np.float16).astype(np.float32)
        return cls(weights, round(float(machine.intercept_[0]), 4))

    def space(self, text: str) -> str:
        """The text, with spaces put in where it has none and is longer than a word."""
        if not len(self.weights) or len(text) < _SHORTEST or len(text.split()) != 1:
            return text
        wanted = self.weights[_windows(text)].sum(axis=1) + self.bias > 0
        return text[0] + "".join(f" {char}" if gap else char for char, gap in zip(text[1:], wanted, strict=True))


def _windows(text: str) -> NDArray[np.int64]:
    """[gaps, windows]: the bucket of each window round each gap of a text without spaces."""
    edge = "\0" * _EDGE
    codes = np.frombuffer(f"{edge}{text}{edge}".encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    gaps = np.arange(1, len(text)) + _EDGE
    columns = []
    for kind, (first, last) in enumerate(_WINDOWS):
        value = np.full(len(gaps), kind, dtype=np.uint64)
        for offset in range(first, last):
            value = mix(value, codes[gaps + offset])
        columns.append((value >> np.uint64(17)) % np.uint64(_BUCKETS))
    return np.stack(columns, axis=1).astype(np.int64)


def _marks(words: Sequence[str]) -> NDArray[np.bool_]:
    """[gaps]: whether a space stood there."""
    marks = np.zeros(sum(map(len, words)), dtype=bool)
    marks[np.cumsum([len(word) for word in words])[:-1]] = True
    return marks[1:]
