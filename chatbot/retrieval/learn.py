"""Learn the fusion. In: features of queries whose answers are known. Out: a `Fusion`.

The ranker minimises the listwise softmax loss -ln Σ_relevant p(row) with p = softmax of the scores (Cao et al. 2007),
weights decayed; the calibration is a logistic regression on held-out queries, some of which nothing in the index
answers.
Knows nothing of how the features were made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatbot.retrieval.features import NAMES
from chatbot.retrieval.fuse import WITNESSES, Fusion, calibration_inputs

Floats = NDArray[np.float32]

# Features that may only help a row: few lessons ask a stored question word for word, but users do.
RISING = frozenset({"same", "length_ratio", "head", "tail", "agreement"})


@dataclass(frozen=True, slots=True)
class Case:
    """One query: features [C, F] of its candidates, which of them answer [C], which say the same [C], its weight."""

    features: Floats
    relevant: NDArray[np.bool_]
    answers: tuple[str, ...]
    weight: float = 1.0


def learn(cases: Sequence[Case], held: Sequence[Case], decay: float = 1e-3, in_scope: float = 0.9) -> Fusion:
    """Fit the ranker on `cases` that have an answer among their candidates and the calibration on `held`.

    The threshold is the one at which `in_scope` of the held-out queries whose answer is there are still answered.
    """
    ranker = fit_ranker([case for case in cases if case.relevant.any()], decay)
    calibration, bias = fit_calibration(held, ranker)
    draft = Fusion(ranker, calibration, bias, 0.0)
    return Fusion(ranker, calibration, bias, choose_threshold(held, draft, in_scope))


def fit_ranker(cases: Sequence[Case], decay: float) -> Floats:
    """Weights [F] by L-BFGS from zero; the features are scaled to unit deviation while fitting."""
    from scipy.optimize import minimize

    table = np.concatenate([case.features for case in cases]).astype(np.float64)
    relevant = np.concatenate([case.relevant for case in cases])
    starts = np.cumsum([0, *(len(case.features) for case in cases)])[:-1]
    owner = np.repeat(np.arange(len(cases)), [len(case.features) for case in cases])
    weight = np.array([case.weight for case in cases])
    weight /= weight.sum()
    scale = np.maximum(table.std(axis=0), 1e-6)
    table /= scale

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = table @ weights
        exps = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        everything = np.add.reduceat(exps, starts)
        right = np.maximum(np.add.reduceat(exps * relevant, starts), 1e-300)
        value = float(weight @ (np.log(everything) - np.log(right)) + decay * weights @ weights)
        slope = (exps / everything[owner] - exps * relevant / right[owner]) * weight[owner]
        return value, table.T @ slope + 2 * decay * weights

    bounds = [(0.0, None) if name in RISING else (None, None) for name in NAMES]
    best = minimize(loss, np.zeros(len(NAMES)), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    fitted: Floats = (best.x / scale).astype(np.float32)
    return fitted


def fit_calibration(cases: Sequence[Case], ranker: Floats, strongest: int = 10) -> tuple[Floats, float]:
    """Coefficients [3 + witnesses] and bias of P(row answers), fitted on each query's `strongest` rows."""
    from sklearn.linear_model import LogisticRegression

    inputs, labels, weights = [], [], []
    for case in cases:
        if not len(case.features):
            continue
        scores = case.features @ ranker
        chosen = np.argsort(-scores, kind="stable")[:strongest]
        inputs.append(calibration_inputs(case.features, scores, case.answers)[chosen])
        labels.append(case.relevant[chosen])
        weights.append(np.full(len(chosen), case.weight))
    table = np.concatenate(inputs).astype(np.float64)
    scale = np.maximum(table.std(axis=0), 1e-6)
    model = LogisticRegression(C=1.0, max_iter=2000)
    model.fit(table / scale, np.concatenate(labels), sample_weight=np.concatenate(weights))
    return (model.coef_[0] / scale).astype(np.float32), float(model.intercept_[0])


def best_chance(case: Case, fusion: Fusion) -> float:
    """The probability of the row that would be answered with; 0 where nothing was found."""
    if not len(case.features):
        return 0.0
    return float(fusion.probabilities(case.features, case.answers)[int(fusion.rank(case.features).argmax())])


def choose_threshold(cases: Sequence[Case], fusion: Fusion, in_scope: float) -> float:
    """The threshold that answers a share `in_scope` of the queries that have an answer."""
    chances = [best_chance(case, fusion) for case in cases if case.relevant.any()]
    return float(np.quantile(chances, 1.0 - in_scope))


def describe(fusion: Fusion) -> str:
    """The ranker's and the calibration's weights, a line each, largest first."""
    lines = [f"{name:24s} {weight:8.3f}" for name, weight in zip(NAMES, fusion.ranker, strict=True)]
    lines.sort(key=lambda line: -abs(float(line.split()[-1])))
    heads = zip(("score", "lead", "behind", *WITNESSES), fusion.calibration, strict=True)
    return "\n".join([*lines, "--", *(f"{name:24s} {weight:8.3f}" for name, weight in heads)])
