"""Learn the fusion. In: features of queries whose answers are known. Out: a `Fusion`.

The ranker minimises the listwise softmax loss -ln Σ_relevant p(row) with p = softmax of the scores (Cao et al. 2007),
which is also how rows with one answer are pooled later. The calibration is a logistic regression on held-out queries,
some of which nothing in the index answers. Knows nothing of how the features were made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chatbot.retrieval.features import NAMES
from chatbot.retrieval.fuse import Answers, Fusion, pool, witness

Floats = NDArray[np.float32]

HIDDEN = 16
FOLDS = 3
NETWORKS = 3  # seeds whose scores are averaged: one network's R@1 swings by a point
EPOCHS = 15
HIDE = 0.3  # share of the features hidden from a query: what one lesson overrates must not carry the score alone
BATCH = 64
RATE = 3e-3
DECAY = 1e-2
_STRONGEST = 2  # answers of a query that the calibration looks at: more of them blur how likely the first is


@dataclass(frozen=True, slots=True)
class Case:
    """One query: features [C, F] of its candidates, which of them answer [C], which say the same [C], its weight."""

    features: Floats
    relevant: NDArray[np.bool_]
    answers: tuple[str, ...]
    weight: float = 1.0


def learn(cases: Sequence[Case], seed: int = 13, answered: float = 0.9) -> Fusion:
    """Fit the ranker on all cases that have an answer among their candidates, the calibration on all cases as rankers
    see them that did not learn from them (one for each of `FOLDS` parts)."""
    inputs, held = [], []
    for fold in range(FOLDS):
        out = [case for place, case in enumerate(cases) if place % FOLDS == fold]
        ranker = _rankers([case for place, case in enumerate(cases) if place % FOLDS != fold], seed)
        inputs += [(case, ranker) for case in out]
    calibration, bias = fit_calibration(inputs)
    for case, ranker in inputs:
        held.append((case, replace(ranker, calibration=calibration, bias=bias)))
    return replace(
        _rankers(cases, seed), calibration=calibration, bias=bias, threshold=choose_threshold(held, answered)
    )


def _rankers(cases: Sequence[Case], seed: int) -> Fusion:
    """A fusion that can score but not weigh yet."""
    answerable = [case for case in cases if case.relevant.any()]
    networks = [fit_ranker(answerable, seed + number) for number in range(NETWORKS)]
    return Fusion(
        hidden=np.concatenate([hidden for hidden, _, _ in networks], axis=1),
        output=(np.concatenate([output for _, output, _ in networks]) / NETWORKS).astype(np.float32),
        straight=np.mean([straight for _, _, straight in networks], axis=0).astype(np.float32),
        calibration=np.zeros(0, dtype=np.float32),
        bias=0.0,
        threshold=0.0,
    )


def fit_ranker(cases: Sequence[Case], seed: int) -> tuple[Floats, Floats, Floats]:
    """Hidden weights [F + 1, J], output weights [J] and straight ones [F], by AdamW with a one-cycle rate, on
    standardised features.

    The `same` feature is left to `fuse.VERBATIM`: few lessons ask a stored question word for word, but users do.
    """
    import torch

    torch.manual_seed(seed)
    table, there, relevant, weight = (torch.from_numpy(array) for array in _padded(cases))  # [Q, C, F], [Q, C], [Q]
    mean, scale = table[there].mean(0), table[there].std(0) + 1e-6
    table = (table - mean) / scale
    table[..., NAMES.index("same")] = 0.0
    inner, outer = torch.nn.Linear(len(NAMES), HIDDEN), torch.nn.Linear(HIDDEN, 1, bias=False)
    past = torch.nn.Linear(len(NAMES), 1, bias=False)
    torch.nn.init.zeros_(past.weight)
    parameters = [*inner.parameters(), *outer.parameters(), *past.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(cases) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for _ in range(EPOCHS):
        for batch in torch.split(torch.randperm(len(cases)), BATCH):
            seen = table[batch] * (torch.rand(len(batch), 1, len(NAMES)) > HIDE)  # [b, C, F]
            scores = (outer(torch.tanh(inner(seen))) + past(seen))[..., 0].masked_fill(~there[batch], -1e9)  # [b, C]
            right = scores.masked_fill(~relevant[batch], -1e9)
            loss = torch.logsumexp(scores, 1) - torch.logsumexp(right, 1)
            loss = (loss * weight[batch]).sum() / weight[batch].sum()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    weights = inner.weight.detach() / scale  # [J, F]
    bias = inner.bias.detach() - weights @ mean
    hidden = torch.cat([weights.T, bias[None]]).numpy()
    hidden[NAMES.index("same")] = 0.0
    straight = (past.weight.detach()[0] / scale).numpy()
    straight[NAMES.index("same")] = 0.0
    return hidden.astype(np.float32), outer.weight.detach()[0].numpy().astype(np.float32), straight.astype(np.float32)


def _padded(cases: Sequence[Case]) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_], Floats]:
    width = max(len(case.features) for case in cases)
    table = np.zeros((len(cases), width, len(NAMES)), dtype=np.float32)
    there, relevant = (np.zeros((len(cases), width), dtype=bool) for _ in range(2))
    for place, case in enumerate(cases):
        size = len(case.features)
        table[place, :size] = case.features
        there[place, :size] = True
        relevant[place, :size] = case.relevant
    return table, there, relevant, np.array([case.weight for case in cases], dtype=np.float32)


def fit_calibration(cases: Sequence[tuple[Case, Fusion]]) -> tuple[Floats, float]:
    """Coefficients [3 + witnesses] and bias of P(answer answers), fitted on each query's strongest answers; each case
    comes with the ranker that scores it."""
    from sklearn.linear_model import LogisticRegression

    inputs, labels, weights = [], [], []
    for case, ranker in cases:
        answers = pool(ranker.score(case.features), case.answers)
        inputs.append(witness(case.features, answers)[:_STRONGEST])
        labels.append(case.relevant[answers.rows][:_STRONGEST])
        weights.append(np.full(len(labels[-1]), case.weight))
    table = np.concatenate(inputs).astype(np.float64)
    scale = np.maximum(table.std(axis=0), 1e-6)
    model = LogisticRegression(C=1.0, max_iter=2000)
    model.fit(table / scale, np.concatenate(labels), sample_weight=np.concatenate(weights))
    return (model.coef_[0] / scale).astype(np.float32), float(model.intercept_[0])


def first(case: Case, fusion: Fusion) -> tuple[float, bool]:
    """(probability, rightness) of the answer that would be given; (0, False) where nothing was found."""
    if not len(case.features):
        return 0.0, False
    answers, chances = fusion.weigh(case.features, case.answers)
    return float(chances[0]), bool(case.relevant[answers.rows[0]])


def choose_threshold(cases: Sequence[tuple[Case, Fusion]], answered: float) -> float:
    """The threshold at which a share `answered` of the rightly answered queries is still answered."""
    chances = [chance for chance, right in (first(case, fusion) for case, fusion in cases) if right]
    return float(np.quantile(chances, 1.0 - answered)) if chances else 0.5


def recall(cases: Sequence[Case], fusion: Fusion, k: int) -> float:
    """Share of the cases with a right answer among the first k."""
    found = 0
    for case in cases:
        answers: Answers = pool(fusion.score(case.features), case.answers)
        found += bool(case.relevant[answers.rows[:k]].any())
    return found / max(len(cases), 1)
