"""From the evidence for a reply to a probability. In: evidence of held-out replies and whether each was good. Out: a
logistic curve.

Good means: the answer that a person wrote is nearer to the reply (chrF) than nine in ten answers to other questions
are. It undercounts replies that make sense in other words, so it errs on the side of silence. Knows no model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chatbot.seq2seq.chrf import pairwise

FEATURES = ("consensus", "people", "nearness", "likelihood", "information", "stock", "length")
# A held-out set smaller than this says too little to fit eight numbers.
ENOUGH = 60


@dataclass(frozen=True, slots=True)
class Calibration:
    """P(good) = σ(w · evidence + b). `threshold` is the lowest probability from which on at least half of the
    held-out replies were good; `positives` the share of good ones among all."""

    weights: tuple[float, ...]
    bias: float
    threshold: float
    positives: float = 0.0

    def probability(self, evidence: Mapping[str, float]) -> float:
        total = self.bias + sum(w * evidence.get(name, 0.0) for w, name in zip(self.weights, FEATURES, strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


# Without held-out pairs nothing is known: every reply gets an even chance and stands just below the threshold.
UNKNOWN = Calibration((0.0,) * len(FEATURES), 0.0, 0.51)


def good_replies(replies: Sequence[str], answers: Sequence[str], seed: int) -> np.ndarray:
    """Whether each reply is nearer to its own answer than to nine in ten of 200 answers to other questions: [N]."""
    rng = np.random.default_rng(seed)
    others = [answers[i] for i in rng.permutation(len(answers))[:200]]
    own = np.array([pairwise([reply], [answer])[0, 0] for reply, answer in zip(replies, answers, strict=True)])
    bar = np.quantile(pairwise(replies, others), 0.9, axis=1)
    good: np.ndarray = own > bar
    return good


def fit(evidence: Sequence[Mapping[str, float]], good: np.ndarray) -> Calibration:
    """The curve that fits held-out replies best; `UNKNOWN` when there are too few, or all are alike."""
    if len(evidence) < ENOUGH or good.all() or not good.any():
        return UNKNOWN
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    table = np.array([[item.get(name, 0.0) for name in FEATURES] for item in evidence])
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=1.0))
    pipeline.fit(table, good)
    scaler, regression = pipeline.steps[0][1], pipeline.steps[1][1]
    weights = regression.coef_[0] / scaler.scale_
    bias = float(regression.intercept_[0] - (weights * scaler.mean_).sum())
    probabilities = pipeline.predict_proba(table)[:, 1]
    return Calibration(tuple(float(w) for w in weights), bias, threshold(probabilities, good), float(good.mean()))


def threshold(probabilities: np.ndarray, good: np.ndarray, precision: float = 0.5) -> float:
    """The lowest probability from which on at least `precision` of the replies are good; the highest if none is."""
    order = np.argsort(-probabilities, kind="stable")
    shares = np.cumsum(good[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(shares >= precision)
    # Few replies make a share by luck: at least one in twenty has to stand above the threshold.
    enough = enough[enough >= len(order) // 20]
    place = int(enough.max()) if len(enough) else 0
    return float(probabilities[order][place])
