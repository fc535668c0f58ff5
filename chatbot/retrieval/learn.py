"""Learn the fusion. In: features of queries whose answers are known. Out: a `Fusion`.

The ranker minimises the listwise softmax loss -ln Σ_relevant p(row) with p = softmax of the scores (Cao et al. 2007),
which is also how rows with one answer are pooled later. The calibration, a product of two logistic curves, is fitted
on held-out queries, some of which nothing in the index answers. Knows nothing of how the features were made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chatbot.retrieval.features import NAMES
from chatbot.retrieval.fuse import MISSED, Answers, Fusion, gaps, pool, witness

Floats = NDArray[np.float32]

HIDDEN = 16
FOLDS = 3
NETWORKS = 3  # seeds whose scores are averaged: one network's R@1 swings by a point
EPOCHS = 15
HIDE = 0.3  # share of the features hidden from a query: what one lesson overrates must not carry the score alone
BATCH = 64
RATE = 3e-3
DECAY = 1e-2
_WHOLE = 4.0  # where learning begins: the log odds that nothing is missing where nothing seems to be
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
    calibration, bias, missing = fit_calibration(inputs)
    for case, ranker in inputs:
        held.append((case, replace(ranker, calibration=calibration, bias=bias, missing=missing)))
    threshold = choose_threshold(held, answered)
    return replace(_rankers(cases, seed), calibration=calibration, bias=bias, missing=missing, threshold=threshold)


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
        missing=np.zeros(len(MISSED) + 1, dtype=np.float32),
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


def fit_calibration(cases: Sequence[tuple[Case, Fusion]]) -> tuple[Floats, float, Floats]:
    """Coefficients [3 + witnesses] and bias of the first curve, those of the second [missed + 1], fitted together on
    each query's strongest answers by maximum likelihood; each case comes with the ranker that scores it."""
    import torch
    from torch.nn import functional

    inputs, missed, labels, weights = [], [], [], []
    for case, ranker in cases:
        answers = pool(ranker.score(case.features), case.answers)
        inputs.append(witness(case.features, answers)[:_STRONGEST])
        missed.append(gaps(case.features, answers)[:_STRONGEST])
        labels.append(case.relevant[answers.rows][:_STRONGEST])
        weights.append(np.full(len(labels[-1]), case.weight))
    table, holes = (torch.from_numpy(np.concatenate(some).astype(np.float64)) for some in (inputs, missed))
    wanted = torch.from_numpy(np.concatenate(labels).astype(np.float64))
    weight = torch.from_numpy(np.concatenate(weights).astype(np.float64))
    scale = table.std(dim=0, correction=0).clamp(min=1e-6)
    first = torch.zeros(table.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    second = torch.zeros(holes.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([first, second], max_iter=500, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        matter = (table / scale) @ first[:-1] + first[-1]
        costs = functional.softplus(second[:-1])  # missing things only cost
        whole = _WHOLE + second[-1] - holes @ costs
        likely = functional.logsigmoid(matter) + functional.logsigmoid(whole)
        unlikely = torch.log1p(-torch.exp(likely).clamp(max=1 - 1e-9))
        missed_by = -(weight * (wanted * likely + (1 - wanted) * unlikely)).sum()
        total = missed_by + 0.5 * (first[:-1] ** 2).sum() + 0.5 * (costs**2).sum() + 0.5 * second[-1] ** 2
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    coefficients, missing = first.detach(), second.detach()
    missing = torch.cat([-functional.softplus(missing[:-1]), _WHOLE + missing[-1:]])
    return (
        (coefficients[:-1] / scale).numpy().astype(np.float32),
        float(coefficients[-1]),
        missing.numpy().astype(np.float32),
    )


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
