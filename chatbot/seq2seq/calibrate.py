"""From the evidence for a reply to a probability. In: evidence of held-out replies and whether each was good. Out: a
logistic curve.

Good means: a person who read it said that it fits (judged.tsv). Where the pairs of that reading were never taught, it
means that the answer which a person wrote is nearer to the reply (chrF) than nine in ten answers to other questions
are; this undercounts replies that make sense in other words, so it errs on the side of silence. Knows no model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np

from chatbot.errors import CorpusError
from chatbot.seq2seq.backing import MEASURES
from chatbot.seq2seq.chrf import pairwise

FEATURES = (*MEASURES, "people", "likelihood", "information", "stock", "length")
# The share of judged replies above the threshold that must fit.
FITTING = 0.7
# A held-out set smaller than this says too little to fit eight numbers.
ENOUGH = 60


@dataclass(frozen=True, slots=True)
class Calibration:
    """P(good) = σ(w · evidence + b), a weight for each name of `FEATURES` that counts. `threshold` is the lowest
    probability from which on enough of the held-out replies were good; `positives` the share of good ones among all.
    """

    weights: Mapping[str, float]
    bias: float
    threshold: float
    positives: float = 0.0

    def probability(self, evidence: Mapping[str, float]) -> float:
        total = self.bias + sum(weight * evidence.get(name, 0.0) for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


# Without held-out pairs nothing is known: every reply gets an even chance and stands just below the threshold.
UNKNOWN = Calibration({}, 0.0, 0.51)


def good_replies(replies: Sequence[str], answers: Sequence[str], seed: int) -> np.ndarray:
    """Whether each reply is nearer to its own answer than to nine in ten of 200 answers to other questions: [N]."""
    rng = np.random.default_rng(seed)
    others = [answers[i] for i in rng.permutation(len(answers))[:200]]
    own = np.array([pairwise([reply], [answer])[0, 0] for reply, answer in zip(replies, answers, strict=True)])
    bar = np.quantile(pairwise(replies, others), 0.9, axis=1)
    good: np.ndarray = own > bar
    return good


@dataclass(frozen=True, slots=True)
class Judged:
    """A reply that a person read: to `question`, whose own `answer` was hidden. `made_up`: nobody had said it yet."""

    question: str
    answer: str
    reply: str
    fits: bool
    made_up: bool


def read_judged() -> list[Judged]:
    """The rows of judged.tsv, which lies beside this module."""
    text = resources.files(__package__).joinpath("judged.tsv").read_text(encoding="utf-8")
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != 5 or not {*cells[3:]} <= {"0", "1"}:
            raise CorpusError(f"judged.tsv:{number}: expected three texts and twice 0 or 1, with tabs between")
        question, answer, reply, fits, made_up = cells
        rows.append(Judged(question, answer, reply, fits == "1", made_up == "1"))
    return rows


def fit(evidence: Sequence[Mapping[str, float]], good: np.ndarray, precision: float = 0.5) -> Calibration:
    """The curve that fits held-out replies best; `UNKNOWN` when there are too few, or all are alike. The threshold
    is chosen on probabilities that other replies gave (ten folds, in the order given: what belongs together should
    stand together), so that it is no better than it will be."""
    if len(evidence) < ENOUGH or good.all() or not good.any():
        return UNKNOWN
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import KFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    table = np.array([[item.get(name, 0.0) for name in FEATURES] for item in evidence])
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.1))
    unseen = cross_val_predict(pipeline, table, good, cv=KFold(10), method="predict_proba")[:, 1]
    pipeline.fit(table, good)
    scaler, regression = pipeline.steps[0][1], pipeline.steps[1][1]
    weights = regression.coef_[0] / scaler.scale_
    bias = float(regression.intercept_[0] - (weights * scaler.mean_).sum())
    named = {name: round(float(w), 5) for name, w in zip(FEATURES, weights, strict=True)}
    return Calibration(named, bias, threshold(unseen, good, precision), float(good.mean()))


def threshold(probabilities: np.ndarray, good: np.ndarray, precision: float = 0.5) -> float:
    """The lowest probability from which on at least `precision` of the replies are good; the highest if none is."""
    order = np.argsort(-probabilities, kind="stable")
    shares = np.cumsum(good[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(shares >= precision)
    # Few replies make a share by luck: at least one in forty has to stand above the threshold.
    enough = enough[enough >= len(order) // 40]
    place = int(enough.max()) if len(enough) else 0
    return float(probabilities[order][place])
