"""chrF, the character n-gram F-score between a reply and a reference. In: strings. Out: 0 to 100. Knows no model.

Popović 2015, "chrF: character n-gram F-score for automatic MT evaluation": n up to 6, beta 2, white space left out, as
sacrebleu computes it (averaged over the orders that both sides can have).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from chatbot.seq2seq.grams import hashed, mixed

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
    from scipy.sparse import csr_array

    letters = ["".join(text.split()) for text in (*hypotheses, *references)]
    number = {text: place for place, text in enumerate(dict.fromkeys(letters))}
    places = np.array([number[text] for text in letters], dtype=np.int64)
    left, right = places[: len(hypotheses)], places[len(hypotheses) :]
    found = list(hashed(list(number), range(1, ORDERS + 1)))
    # One row an order and text, so that one product counts them all.
    rows = np.concatenate([order * len(number) + at for order, (at, _) in enumerate(found)])
    grams = np.concatenate([gram for _, gram in found])
    # The second time that a gram stands in a text it is another one: products of 0 and 1 then count the lesser of both
    # counts, as chrF asks.
    _, columns = np.unique(mixed(grams + _again(rows, grams)), return_inverse=True)
    shape = (ORDERS * len(number), int(columns.max(initial=-1)) + 1)
    table = csr_array((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape)
    size = np.bincount(rows, minlength=shape[0]).reshape(ORDERS, -1).T  # [texts, ORDERS]
    shared = (table @ table.T).toarray().reshape(ORDERS, len(number), ORDERS, len(number))
    same = np.stack([shared[order, :, order][left][:, right] for order in range(ORDERS)], axis=-1)  # [N, M, ORDERS]
    return _score(same, size[left][:, None, :], size[right][None, :, :])


def _again(rows: np.ndarray, grams: np.ndarray) -> np.ndarray:
    """How often each gram stood in its row before: [N]."""
    order = np.lexsort((grams, rows))
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (rows[order][1:] != rows[order][:-1]) | (grams[order][1:] != grams[order][:-1])
    starts = np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))
    before = np.empty(len(order), dtype=np.uint64)
    before[order] = np.arange(len(order)) - starts
    return before
