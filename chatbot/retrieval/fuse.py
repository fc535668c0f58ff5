"""From features to one calibrated probability an answer. In: features [C, F] of one query's candidates. Out: answers.

A small network with one hidden layer and a straight way past it scores each row; rows with the same answer pool their
evidence by log-sum-exp, so that five question variants that all fit somewhat beat one stranger that fits a little
better. A logistic curve turns an answer's score, its lead and the views' evidence into the probability that it is of
the matter (Platt 1999), another one what the query names and the answer does not into the probability that nothing is
missing; an answer needs both, so the product is the probability that it answers: nothing outweighs another name.
Weights are learned by scripts/train_fusion.py (see learn.py) and ship as JSON. Knows nothing of texts or indexes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.errors import VectorIndexError
from chatbot.retrieval.clash import COLUMNS as CLASHES
from chatbot.retrieval.features import NAMES

Floats = NDArray[np.float32]

FILE = "retrieval_fusion.json"
# What the calibration looks at besides the scores: features of an answer's best row, or products of two.
WITNESSES = (
    "dense", "grams", "character", "words", "meaning_query_share", "meaning_row_share", "query_left",
    "jamo_query_share", "morpheme_query_share", "query_length", "passage", "query_strange",
    "asked_unmet", "told_instead", "repaired",
)  # fmt: skip
# What says that something is missing.
MISSED = (*CLASHES, *(f"passage*{name}" for name in CLASHES))
# A row that repeats the query word for word comes first, whatever else is near: a decision, not a measurement. It is
# about the range of scores within one query.
VERBATIM = 10.0
# The lessons' documents are 456 programmes that are worded alike; in a document of one's own the same likeness says
# more. Added to the score of a passage, and to its log odds; what a passage misses is not made good by it. Beside the
# shipped rows 29 of 30 questions that tests/golden/documents answers are then quoted (SURE_OF_DOCUMENT in
# dialogue/speakers.py) and 5 of 30 about other places and things; without it 22 and 2.
PASSAGE_SCORE, PASSAGE_ODDS = 2.0, 2.0
_PLACES, _GAPS = ([[NAMES.index(part) for part in name.split("*")] for name in some] for some in (WITNESSES, MISSED))
_SAME, _PASSAGE = NAMES.index("same"), NAMES.index("passage")
_FAR = 10.0  # the lead and the distance of an answer without rival; larger ones say nothing more


@dataclass(frozen=True, slots=True)
class Answers:
    """The distinct answers among C candidates, best first: best row of each [A], its score [A]."""

    rows: NDArray[np.int64]
    scores: Floats


@dataclass(frozen=True, slots=True)
class Fusion:
    """Learned weights: hidden layer [F + 1, J] with the bias last, its output [J], the straight way [F]; calibration
    [3 + witnesses] and bias; what missing things cost [missed + 1], the bias last.

    `threshold` is the probability from which an answer was worth giving in the lessons.
    """

    hidden: Floats
    output: Floats
    straight: Floats
    calibration: Floats
    bias: float
    missing: Floats
    threshold: float

    def score(self, features: Floats) -> Floats:
        """Rank scores [C]; within a query their differences matter, not their level."""
        inner = np.tanh(features @ self.hidden[:-1] + self.hidden[-1])  # [C, J]
        direct = features @ self.straight + VERBATIM * features[:, _SAME] + PASSAGE_SCORE * features[:, _PASSAGE]
        scores: Floats = (inner @ self.output + direct).astype(np.float32)
        return scores

    def weigh(self, features: Floats, answers: Sequence[str]) -> tuple[Answers, Floats]:
        """The distinct answers, best first, and the probability [A] that each one answers.

        `answers` [C] says which candidates say the same.
        """
        pooled = pool(self.score(features), answers)
        logits = witness(features, pooled) @ self.calibration + self.bias
        logits += PASSAGE_ODDS * features[pooled.rows, _PASSAGE]
        whole = gaps(features, pooled) @ self.missing[:-1] + self.missing[-1]
        return pooled, (1.0 / ((1.0 + np.exp(-logits)) * (1.0 + np.exp(-whole)))).astype(np.float32)


def pool(scores: Floats, answers: Sequence[str]) -> Answers:
    """Rows with one answer pooled by log-sum-exp; ties keep the order of the candidates."""
    numbers: dict[str, int] = {}
    owner = np.array([numbers.setdefault(answer, len(numbers)) for answer in answers], dtype=np.int64)
    if not len(owner):
        return Answers(owner, np.zeros(0, dtype=np.float32))
    best = np.full(len(numbers), -np.inf, dtype=np.float64)
    np.maximum.at(best, owner, scores)
    pooled = best + np.log(np.bincount(owner, weights=np.exp(scores - best[owner])))
    rows = np.empty(len(numbers), dtype=np.int64)
    winners = np.flatnonzero(scores == best[owner])[::-1]  # of equal ones the first candidate stands for the answer
    rows[owner[winners]] = winners
    order = np.argsort(-pooled.astype(np.float32), kind="stable")
    return Answers(rows[order], pooled[order].astype(np.float32))


def witness(features: Floats, answers: Answers) -> Floats:
    """Inputs [A, 3 + witnesses] of the calibration: score, lead over the best other answer, distance to the best."""
    scores = answers.scores
    if not len(scores):
        return np.zeros((0, 3 + len(WITNESSES)), dtype=np.float32)
    rival = np.full(len(scores), scores[0])
    rival[0] = scores[1] if len(scores) > 1 else scores[0] - _FAR
    lead = np.clip(scores - rival, -_FAR, _FAR)
    behind = np.clip(scores - scores[0], -_FAR, 0.0)
    best = features[answers.rows]
    columns = [scores, lead, behind, *(best[:, places].prod(axis=1) for places in _PLACES)]
    inputs: Floats = np.stack(columns, axis=1).astype(np.float32)
    return inputs


def gaps(features: Floats, answers: Answers) -> Floats:
    """What the query names and the best row of each answer does not [A, missed]."""
    best = features[answers.rows]
    inputs: Floats = np.stack([best[:, places].prod(axis=1) for places in _GAPS], axis=1).astype(np.float32)
    return inputs


def unlearned() -> Fusion:
    """Weights that say nothing, for an index whose candidates are only looked at."""
    size = len(NAMES)
    nothing = np.zeros(1, dtype=np.float32)
    inputs = np.zeros(3 + len(WITNESSES), dtype=np.float32)
    missing = np.zeros(len(MISSED) + 1, dtype=np.float32)
    return Fusion(np.zeros((size + 1, 1), np.float32), nothing, np.zeros(size, np.float32), inputs, 0.0, missing, 0.5)


def load_fusion() -> Fusion:
    """The shipped weights, learned with the shipped sentence encoder.

    Raises
    ------
    VectorIndexError
        when the shipped file does not fit this code's features.
    """
    text = resources.files("chatbot").joinpath("pretrained", FILE).read_text(encoding="utf-8")
    return read_fusion(json.loads(text), FILE)


def read_fusion(values: Mapping[str, Any], where: str) -> Fusion:
    """Weights from a JSON object, checked against the features this code computes."""
    if [tuple(values.get(name, ())) for name in ("features", "witnesses", "missed")] != [NAMES, WITNESSES, MISSED]:
        raise VectorIndexError(f"{where}: weights do not fit these features; run scripts/train_fusion.py")
    hidden, output, straight, calibration, missing = (
        np.array(values[name], dtype=np.float32) for name in ("hidden", "output", "straight", "calibration", "missing")
    )
    return Fusion(hidden, output, straight, calibration, float(values["bias"]), missing, float(values["threshold"]))


def as_json(fusion: Fusion) -> dict[str, Any]:
    """What `read_fusion` reads."""
    return {
        "features": list(NAMES),
        "witnesses": list(WITNESSES),
        "missed": list(MISSED),
        "hidden": np.round(fusion.hidden.astype(float), 4).tolist(),
        "output": np.round(fusion.output.astype(float), 4).tolist(),
        "straight": np.round(fusion.straight.astype(float), 4).tolist(),
        "calibration": np.round(fusion.calibration.astype(float), 4).tolist(),
        "bias": round(fusion.bias, 4),
        "missing": np.round(fusion.missing.astype(float), 4).tolist(),
        "threshold": round(fusion.threshold, 4),
    }
