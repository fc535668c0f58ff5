"""Two classifiers' scores as one: a weight each, fitted on held-out texts. In: score matrices. Out: fused scores.

The weights serve as temperatures too: the softmax of fused scores is calibrated. Knows nothing of models. Shapes: B
batch, C labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatbot.intent.calibrate import Floats, softmax


@dataclass(frozen=True, slots=True)
class Fusion:
    """Fused scores are the weighted sum of what each classifier says, each row centred first."""

    weights: tuple[float, ...]

    @classmethod
    def fit(cls, parts: Sequence[Floats], labels: NDArray[np.int64], most: float | None = None) -> Fusion:
        """Weights, none below zero, that make held-out labels likeliest (a convex problem).

        With `most` the first of two parts weighs at most that much of the second, whatever held-out texts say for it:
        it has met them.
        """
        found = cls._fit(parts, labels)
        if most is None or len(parts) < 2 or found.weights[0] <= most * found.weights[1]:
            return found
        first, second = (_centre(part) for part in parts)
        (scale,) = cls._fit([most * first + second], labels).weights
        return cls((most * scale, scale))

    @classmethod
    def _fit(cls, parts: Sequence[Floats], labels: NDArray[np.int64]) -> Fusion:
        from scipy.optimize import minimize

        rows = [_centre(part) for part in parts]
        if not len(labels):
            return cls(tuple(1.0 / len(rows) for _ in rows))
        picked = [row[np.arange(len(labels)), labels] for row in rows]

        def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            fused = np.sum([w * row for w, row in zip(weights, rows, strict=True)], axis=0)
            probabilities = softmax(fused)
            chosen = probabilities[np.arange(len(labels)), labels]
            slopes = [
                float(((probabilities * row).sum(axis=1) - pick).mean())
                for row, pick in zip(rows, picked, strict=True)
            ]
            return float(-np.log(np.maximum(chosen, 1e-12)).mean()), np.array(slopes)

        bounds = [(0.0, 100.0)] * len(rows)
        found = minimize(loss, np.ones(len(rows)), jac=True, method="L-BFGS-B", bounds=bounds)
        return cls(tuple(float(w) for w in found.x))

    def scores(self, parts: Sequence[Floats]) -> NDArray[np.float64]:
        """[B, C]."""
        fused: NDArray[np.float64] = np.sum(
            [weight * _centre(part) for weight, part in zip(self.weights, parts, strict=True)], axis=0
        )
        return fused


def _centre(scores: Floats) -> NDArray[np.float64]:
    wide = np.asarray(scores, dtype=np.float64)
    centred: NDArray[np.float64] = wide - wide.mean(axis=1, keepdims=True)
    return centred
