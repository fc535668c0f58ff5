"""Which utterances to label next. In: texts, the classifier's probabilities, vectors. Out: the most useful ones.

An utterance is worth a person's minute when the classifier wavers (uncertainty), when many say something like it
(density; Settles & Craven 2008, eq. 13), and when nothing like it was picked already (diversity). Knows no files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 10  # over whose similarity the density is the mean


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An utterance, what the classifier takes it for, and why it is useful; all figures in [0, 1]."""

    text: str
    place: int
    first: str
    second: str
    probability: float
    uncertainty: float
    density: float
    score: float


def suggest(
    texts: Sequence[str],
    probabilities: NDArray[np.float64],
    labels: Sequence[str],
    vectors: NDArray[np.float32],
    count: int = 20,
) -> list[Suggestion]:
    """Up to `count` texts, the most useful first; each pick takes from those that resemble it."""
    if not len(texts):
        return []
    order = np.argsort(-probabilities, axis=1)
    rows = np.arange(len(texts))
    first, second = probabilities[rows, order[:, 0]], probabilities[rows, order[:, 1]]
    uncertainty = 1.0 - (first - second)
    cosines = np.clip(vectors @ vectors.T, 0.0, 1.0)
    density = _density(cosines)
    worth = uncertainty * density
    left, picked = np.ones(len(texts)), []
    for _ in range(min(count, len(texts))):
        place = int((worth * left).argmax())
        if worth[place] * left[place] <= 0:
            break
        picked.append(
            Suggestion(
                text=texts[place],
                place=place,
                first=labels[order[place, 0]],
                second=labels[order[place, 1]],
                probability=float(first[place]),
                uncertainty=float(uncertainty[place]),
                density=float(density[place]),
                score=float(worth[place] * left[place]),
            )
        )
        left = np.minimum(left, 1.0 - cosines[place])
        left[place] = 0.0
    return picked


def _density(cosines: NDArray[np.float32]) -> NDArray[np.float64]:
    """[N]: mean cosine to the nearest neighbours, the text itself left out; 1 where there is no other text."""
    count = min(NEIGHBOURS, len(cosines) - 1)
    if count < 1:
        return np.ones(len(cosines))
    others = cosines.astype(np.float64)
    np.fill_diagonal(others, -1.0)
    density: NDArray[np.float64] = np.sort(others, axis=1)[:, -count:].mean(axis=1)
    return density
