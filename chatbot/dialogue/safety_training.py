"""Fit the safety classifier. In: labelled texts, bad words. Out: a `SafetyClassifier`. Knows no files."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np

from chatbot.dialogue.safety_classifier import (
    BUCKETS,
    DENSE,
    VIEWS,
    SafetyClassifier,
    buckets,
    canonical,
    dense_features,
)
from chatbot.errors import TrainingError

# Inverse penalty of the regression and smoothing of the counts; 2 to 10 and 0.5 differ by less than 0.003 macro-F1.
PENALTY = 5.0
SMOOTHING = 0.5
Rows = tuple[np.ndarray, ...]


def fit(
    texts: Sequence[str],
    labels: Sequence[int],
    words: AbstractSet[str],
    hostility: np.ndarray,
    threshold: float = 0.5,
) -> SafetyClassifier:
    """Logistic regression over log-count ratios, classes weighed alike.

    Parameters
    ----------
    labels
        1 for insulting, 0 for not; both must occur.
    hostility
        [VIEWS, BUCKETS] from `fit_hostility`, or zeros.

    Raises
    ------
    TrainingError
        when one of the classes is missing.
    """
    from scipy.sparse import csr_matrix, hstack

    y = _both(labels)
    plain = [canonical(text) for text in texts]
    rows = [buckets(text) for text in plain]
    dense = np.array(
        [dense_features(text, row, words, hostility) for text, row in zip(plain, rows, strict=True)]
    ).reshape(-1, DENSE)
    ratios = np.stack([_ratios([row[view] for row in rows], y) for view in range(VIEWS)])
    views = [_matrix([row[view] for row in rows], ratios[view]) for view in range(VIEWS)]
    model = _regression(hstack([*views, csr_matrix(dense)]).tocsr(), y, balanced=True)
    coefficients = model.coef_[0]
    # Folded, so that talking needs one sum a view: coefficient times ratio.
    weights = coefficients[: VIEWS * BUCKETS].reshape(VIEWS, BUCKETS) * ratios
    return SafetyClassifier(
        ratios, weights, hostility, coefficients[VIEWS * BUCKETS :], float(model.intercept_[0]), threshold, words
    )


def fit_hostility(texts: Sequence[str], labels: Sequence[int]) -> np.ndarray:
    """What n-grams say of hostility, [VIEWS, BUCKETS], standardised over `texts` (1: hostile comment, 0: not).

    Raises
    ------
    TrainingError
        when one of the classes is missing.
    """
    from scipy.sparse import hstack

    y = _both(labels)
    rows = [buckets(canonical(text)) for text in texts]
    ones = np.ones(BUCKETS)
    x = hstack([_matrix([row[view] for row in rows], ones) for view in range(VIEWS)]).tocsr()
    weights = _regression(x, y, balanced=False).coef_[0]
    return np.asarray(weights / (x @ weights).std()).reshape(VIEWS, BUCKETS)


def no_hostility() -> np.ndarray:
    """The hostility of those who have no labelled comments."""
    return np.zeros((VIEWS, BUCKETS))


def _both(labels: Sequence[int]) -> np.ndarray:
    y = np.asarray(labels)
    if set(y.tolist()) != {0, 1}:
        raise TrainingError(f"safety: labels must be 0 and 1 and both occur, found {sorted(set(y.tolist()))}")
    return y


def _ratios(rows: Sequence[np.ndarray], y: np.ndarray) -> np.ndarray:
    """log((p / |p|) / (q / |q|)) a bucket, p and q the smoothed counts in either class; [BUCKETS]."""
    counts = np.full((2, BUCKETS), SMOOTHING)
    for row, label in zip(rows, y, strict=True):
        counts[label, row] += 1
    shares = counts / counts.sum(axis=1, keepdims=True)
    return np.asarray(np.log(shares[1] / shares[0]))


def _matrix(rows: Sequence[np.ndarray], values: np.ndarray) -> Any:
    """One line of unit length a text, [texts, BUCKETS] sparse."""
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize as unit

    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    columns = np.concatenate(rows)
    return unit(csr_matrix((values[columns], columns, starts), shape=(len(rows), BUCKETS)))


def _regression(x: Any, y: np.ndarray, balanced: bool) -> Any:
    from sklearn.linear_model import LogisticRegression

    weight = "balanced" if balanced else None
    return LogisticRegression(C=PENALTY, class_weight=weight, solver="liblinear", random_state=0).fit(x, y)
