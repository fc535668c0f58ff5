"""scikit-learn's classifiers over the floor's features, for comparison alone. In: labelled texts. Out: probabilities.

Knows nothing of networks; nothing here is saved or talks to people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.intent.calibrate import fit_temperature, softmax
from chatbot.intent.linear import ROBUST_VIEWS
from chatbot.intent.tfidf import Tfidf

Floats = NDArray[np.float64]


def _logistic_regression(seed: int) -> Any:
    from sklearn.linear_model import SGDClassifier

    # Averaged stochastic steps: lbfgs over 270,000 features and 60 labels takes minutes for the same accuracy.
    return SGDClassifier(loss="log_loss", alpha=1e-6, average=True, max_iter=30, random_state=seed)


def _svm(seed: int) -> Any:
    from sklearn.svm import LinearSVC

    return LinearSVC(C=0.5, random_state=seed)


def _nearest_neighbours(seed: int) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(n_neighbors=5, weights="distance", metric="cosine", algorithm="brute")


def _tree(seed: int) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(min_samples_leaf=2, random_state=seed)


COMPARISONS: Mapping[str, Callable[[int], Any]] = {
    "logreg": _logistic_regression,
    "svm": _svm,
    "knn": _nearest_neighbours,
    "tree": _tree,
}


@dataclass(frozen=True)
class ComparisonModel:
    """One scikit-learn estimator with one temperature."""

    labels: tuple[str, ...]
    tfidf: Tfidf
    estimator: Any
    temperature: float

    @classmethod
    def train(
        cls, rows: Sequence[tuple[str, str]], held: Sequence[tuple[str, str]], name: str, seed: int
    ) -> ComparisonModel:
        """Fit the estimator `name` of `COMPARISONS`; the temperature comes from held-out rows."""
        labels = tuple(sorted({label for _, label in rows}))
        number = {label: place for place, label in enumerate(labels)}
        tfidf = Tfidf.fit([text for text, _ in rows], ROBUST_VIEWS)
        estimator = COMPARISONS[name](seed).fit(
            tfidf.transform([text for text, _ in rows]), [number[label] for _, label in rows]
        )
        unfinished = cls(labels, tfidf, estimator, 1.0)
        known = [(text, number[label]) for text, label in held if label in number]
        scores = unfinished._scores([text for text, _ in known])
        truth = np.array([label for _, label in known], dtype=np.int64)
        return cls(labels, tfidf, estimator, fit_temperature(scores, truth))

    def rate(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """(probabilities [B, C], best probability [B] as the sign of being known)."""
        probabilities = softmax(self._scores(texts), self.temperature)
        return probabilities, probabilities.max(axis=1)

    def _scores(self, texts: Sequence[str]) -> Floats:
        features = self.tfidf.transform(texts)
        if not hasattr(self.estimator, "decision_function"):
            return np.log(np.maximum(np.asarray(self.estimator.predict_proba(features), dtype=np.float64), 1e-3))
        scores = np.asarray(self.estimator.decision_function(features), dtype=np.float64)
        return np.stack([-scores, scores], axis=1) if scores.ndim == 1 else scores
