"""How well intents are told apart. In: an intent model, held-out and strange lines. Out: values. Draws nothing.

Shapes: B lines, C labels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chatbot.intent.calibrate import auroc, fpr_at, quality
from chatbot.intent.model import IntentModel
from chatbot.training.report.values import Bin, ClassFigures, Confusion, Mistake, Strangers, Understanding
from chatbot.types import Intent

BINS = 10  # of the reliability diagram: fewer than the error uses, so that each holds enough lines to read
HISTOGRAM = 25
WORST_BLOCK = 12  # intents of the most confused block: what still reads on a phone
CONFUSIONS = 10
SHOWN = 3  # utterances shown of a confusion

Labelled = Sequence[tuple[str, str]]
Matrix = NDArray[np.int64]


def understand(
    model: IntentModel, held: Labelled, intents: Sequence[Intent], leaked: int = 0
) -> tuple[Understanding, NDArray[np.float64]]:
    """Figures on held-out lines whose intent the model knows, and how familiar each line looked [B].

    `intents` are those of the corpus; `leaked` lines of them should have been held out and were not.
    """
    number = {label: place for place, label in enumerate(model.labels)}
    known = [(text, label) for text, label in held if label in number]
    judged = model.judge([text for text, _ in known])
    truth = np.array([number[label] for _, label in known], dtype=np.int64)
    predicted = judged.probabilities.argmax(axis=1)
    matrix = np.zeros((len(number), len(number)), dtype=np.int64)
    np.add.at(matrix, (truth, predicted), 1)
    whole = quality(judged.probabilities, truth)
    order = order_of(matrix)
    result = Understanding(
        lines=len(known),
        accuracy=whole.accuracy,
        macro_precision=whole.macro_precision,
        macro_recall=whole.macro_recall,
        macro_f1=whole.macro_f1,
        ece=whole.ece,
        threshold=model.threshold,
        margin=model.margin,
        classes=_classes(model.labels, matrix, intents),
        order=tuple(model.labels[place] for place in order),
        matrix=tuple(tuple(int(cell) for cell in matrix[place][order]) for place in order),
        worst=tuple(model.labels[place] for place in worst_block(matrix, order)),
        confusions=_confusions(model.labels, known, predicted, judged.probabilities),
        bins=reliability(judged.probabilities.max(axis=1), predicted == truth),
        leaked=leaked,
    )
    return result, judged.known


def look_at_strangers(
    model: IntentModel, held: Labelled, inside: NDArray[np.float64], strange: Sequence[str]
) -> Strangers:
    """Familiarity of lines that no intent covers beside that of held-out ones (`inside`, as `understand` gave it)."""
    judged = model.judge(strange)
    best = judged.probabilities.max(axis=1)
    limit = model.familiarity.threshold
    let_in = (judged.known >= limit) & (best >= model.threshold)
    ours = model.judge([text for text, label in held if label in model.labels])
    kept = (ours.known >= limit) & (ours.probabilities.max(axis=1) >= model.threshold)
    labels = judged.probabilities.argmax(axis=1)
    surest = sorted(np.flatnonzero(let_in).tolist(), key=lambda place: -best[place])[:8]
    return Strangers(
        lines=len(strange),
        threshold=limit,
        inside=_histogram(inside),
        outside=_histogram(judged.known),
        auroc=auroc(inside, judged.known),
        fpr95=fpr_at(inside, judged.known),
        kept=float(kept.mean()),
        let_in=float(let_in.mean()),
        surest=tuple((strange[at], model.labels[labels[at]], float(best[at])) for at in surest),
    )


def reliability(confidence: NDArray[np.float64], correct: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Bins of equal width that hold at least one prediction."""
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    bins = []
    for place in range(BINS):
        own = places == place
        if own.any():
            sure, right = float(confidence[own].mean()), float(correct[own].mean())
            bins.append(Bin(place / BINS, (place + 1) / BINS, int(own.sum()), sure, right))
    return tuple(bins)


def order_of(matrix: Matrix) -> list[int]:
    """Places of the labels so that those confused with each other stand close (average linkage, optimal leaves)."""
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    if len(matrix) < 3:
        return list(range(len(matrix)))
    mixed = _mixed(matrix)
    lines = np.maximum(matrix.sum(axis=1), 1)
    distance = 1.0 / (1.0 + 10 * mixed / np.sqrt(np.outer(lines, lines)))
    np.fill_diagonal(distance, 0.0)
    condensed = squareform(distance, checks=False)
    return [int(leaf) for leaf in leaves_list(optimal_leaf_ordering(linkage(condensed, "average"), condensed))]


def worst_block(matrix: Matrix, order: Sequence[int], size: int = WORST_BLOCK) -> list[int]:
    """The labels that mingle most, in `order`: the worst pair, then again and again whoever mingles most with them."""
    mixed = _mixed(matrix).astype(float)
    if not mixed.any():
        return list(order)[:size]
    first, second = np.unravel_index(int(mixed.argmax()), mixed.shape)
    block = [int(first), int(second)]
    while len(block) < min(size, len(matrix)):
        gained = mixed[:, block].sum(axis=1) + 0.1 * mixed.sum(axis=1)
        gained[block] = -1.0
        block.append(int(gained.argmax()))
    return [place for place in order if place in block]


def _mixed(matrix: Matrix) -> Matrix:
    mixed: Matrix = matrix + matrix.T
    np.fill_diagonal(mixed, 0)
    return mixed


def _classes(labels: Sequence[str], matrix: Matrix, intents: Sequence[Intent]) -> tuple[ClassFigures, ...]:
    """Every label, the weakest first; labels without held-out lines last."""
    lines = {intent.name: len(intent.examples) for intent in intents}
    descriptions = {intent.name: intent.description for intent in intents}
    hits, guessed, real = matrix.diagonal(), matrix.sum(axis=0), matrix.sum(axis=1)
    figures = [
        ClassFigures(
            intent=label,
            description=descriptions.get(label, ""),
            examples=max(0, lines.get(label, 0) - int(real[place])),
            held_out=int(real[place]),
            precision=float(hits[place] / max(guessed[place], 1)),
            recall=float(hits[place] / max(real[place], 1)),
            f1=float(2 * hits[place] / max(guessed[place] + real[place], 1)),
        )
        for place, label in enumerate(labels)
    ]
    return tuple(sorted(figures, key=lambda one: (one.held_out == 0, one.f1, one.intent)))


def _confusions(
    labels: Sequence[str], held: Labelled, predicted: NDArray[np.int64], probabilities: NDArray[np.float64]
) -> tuple[Confusion, ...]:
    found: defaultdict[tuple[str, str], list[Mistake]] = defaultdict(list)
    for (text, label), place, row in zip(held, predicted.tolist(), probabilities, strict=True):
        if labels[place] != label:
            found[label, labels[place]].append(Mistake(text, float(row[place])))
    ranked = sorted(found.items(), key=lambda item: (-len(item[1]), -max(m.probability for m in item[1]), item[0]))
    return tuple(
        Confusion(truth, taken, len(mistakes), tuple(sorted(mistakes, key=lambda m: -m.probability)[:SHOWN]))
        for (truth, taken), mistakes in ranked[:CONFUSIONS]
    )


def _histogram(values: NDArray[np.float64]) -> tuple[float, ...]:
    """The share of the values in each of `HISTOGRAM` equal bins of [0, 1]."""
    counts, _ = np.histogram(values, bins=HISTOGRAM, range=(0.0, 1.0))
    return tuple((counts / max(len(values), 1)).tolist())
