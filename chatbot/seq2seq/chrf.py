"""chrF, the character n-gram F-score between a reply and a reference. In: strings. Out: 0 to 100. Knows no model.

Popović 2015, "chrF: character n-gram F-score for automatic MT evaluation": n up to 6, beta 2, white space left out, as
sacrebleu computes it (averaged over the orders that both sides can have).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

ORDERS = 6
BETA = 2.0


def ngrams(text: str) -> list[Counter[str]]:
    """The n-grams of `text` without white space, one counter an order."""
    letters = "".join(text.split())
    return [Counter(letters[i : i + n] for i in range(len(letters) - n + 1)) for n in range(1, ORDERS + 1)]


def _score(same: np.ndarray, said: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """F-scores from counts [..., ORDERS]: n-grams in common, in the hypothesis, in the reference."""
    counted = (said > 0) & (wanted > 0)
    precision = np.where(counted, same / np.maximum(said, 1), 0.0)
    recall = np.where(counted, same / np.maximum(wanted, 1), 0.0)
    orders = np.maximum(counted.sum(-1), 1)
    precision, recall = precision.sum(-1) / orders, recall.sum(-1) / orders
    below = BETA**2 * precision + recall
    score: np.ndarray = 100 * (1 + BETA**2) * precision * recall / np.where(below > 0, below, 1.0)
    return score


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """chrF of a whole set: counts are summed over all pairs before the F-score is taken."""
    totals = np.zeros((3, ORDERS))
    for hypothesis, reference in zip(hypotheses, references, strict=True):
        said, wanted = ngrams(hypothesis), ngrams(reference)
        for order in range(ORDERS):
            totals[0, order] += (said[order] & wanted[order]).total()
            totals[1, order] += said[order].total()
            totals[2, order] += wanted[order].total()
    return float(_score(*totals))


def pairwise(hypotheses: Sequence[str], references: Sequence[str]) -> np.ndarray:
    """Sentence chrF of every hypothesis against every reference: [N, M]."""
    index: dict[tuple[int, str], int] = {}
    sides = []
    for texts in (hypotheses, references):
        side = []
        for text in texts:
            pairs = [
                (index.setdefault((order, gram), len(index)), count)
                for order, counter in enumerate(ngrams(text))
                for gram, count in counter.items()
            ]
            side.append(pairs)
        sides.append(side)
    orders = np.array([order for order, _ in index], dtype=np.int64)
    place = np.argsort(orders, kind="stable")
    left, right = (_counts(side, len(index))[:, place] for side in sides)
    edges = np.searchsorted(orders[place], np.arange(ORDERS))
    same = np.stack([_by_order(np.minimum(row, right), edges, len(index)) for row in left])  # [N, M, ORDERS]
    said, wanted = (_by_order(side, edges, len(index)) for side in (left, right))
    return _score(same, said[:, None, :], wanted[None, :, :])


def _counts(side: Sequence[Sequence[tuple[int, int]]], size: int) -> np.ndarray:
    table = np.zeros((len(side), size), dtype=np.float32)
    for row, pairs in enumerate(side):
        for column, count in pairs:
            table[row, column] = count
    return table


def _by_order(table: np.ndarray, edges: np.ndarray, size: int) -> np.ndarray:
    """Sums of the columns of each order: [M, F] -> [M, ORDERS]."""
    padded = np.concatenate([table, np.zeros((table.shape[0], 1), dtype=table.dtype)], axis=1)
    sums = np.add.reduceat(padded, np.minimum(edges, size), axis=1)
    empty = np.append(edges[1:], size) <= edges
    sums[:, empty] = 0.0
    return sums
