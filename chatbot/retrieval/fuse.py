"""From features to one calibrated probability an answer. In: features [C, F] of one query's candidates. Out: answers.

A small network with one hidden layer and a straight way past it scores each row; rows with the same answer pool their
evidence by log-sum-exp, so that five question variants that all fit somewhat beat one stranger that fits a little
better. A logistic regression turns an answer's score, its lead and the views' evidence into the probability that it
answers (Platt 1999).
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
from chatbot.retrieval.features import NAMES

Floats = NDArray[np.float32]

FILE = "retrieval_fusion.json"
# What the calibration looks at besides the scores: features of an answer's best row.
WITNESSES = (
    "dense", "grams", "character", "words", "meaning_query_share", "meaning_row_share", "query_left",
    "jamo_query_share", "morpheme_query_share", "query_length", "passage", "query_strange",
    "asked_unmet", "told_instead", "repaired",
)  # fmt: skip
# A row that repeats the query word for word comes first, whatever else is near: a decision, not a measurement. It is
# about the range of scores within one query.
VERBATIM = 10.0
# The lessons' documents are 456 programmes that are worded alike; in a document of one's own the same likeness says
# more. Added to the score of a passage, and to its log odds: with the guides of a café and a library among the shipped
# rows, 12 instead of 8 of 22 freely worded questions are answered from them, and 6 instead of 4 of 200 lines about
# other things.
PASSAGE_SCORE, PASSAGE_ODDS = 2.0, 2.0
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
    [3 + witnesses] and bias.

    `threshold` is the probability from which an answer was worth giving in the lessons.
    """

    hidden: Floats
    output: Floats
    straight: Floats
    calibration: Floats
    bias: float
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
        return pooled, (1.0 / (1.0 + np.exp(-logits))).astype(np.float32)


def pool(scores: Floats, answers: Sequence[str]) -> Answers:
    """Rows with one answer pooled by log-sum-exp; ties keep the order of the candidates."""
    places: dict[str, list[int]] = {}
    for place, answer in enumerate(answers):
        places.setdefault(answer, []).append(place)
    rows = np.array([max(some, key=lambda at: scores[at]) for some in places.values()], dtype=np.int64)
    pooled = np.array([np.logaddexp.reduce(scores[some]) for some in places.values()], dtype=np.float32)
    order = np.argsort(-pooled, kind="stable")
    return Answers(rows[order], pooled[order])


def witness(features: Floats, answers: Answers) -> Floats:
    """Inputs [A, 3 + witnesses] of the calibration: score, lead over the best other answer, distance to the best."""
    scores = answers.scores
    if not len(scores):
        return np.zeros((0, 3 + len(WITNESSES)), dtype=np.float32)
    rival = np.full(len(scores), scores[0])
    rival[0] = scores[1] if len(scores) > 1 else scores[0] - _FAR
    lead = np.clip(scores - rival, -_FAR, _FAR)
    behind = np.clip(scores - scores[0], -_FAR, 0.0)
    columns = [scores, lead, behind, *(features[answers.rows, NAMES.index(name)] for name in WITNESSES)]
    inputs: Floats = np.stack(columns, axis=1).astype(np.float32)
    return inputs


def unlearned() -> Fusion:
    """Weights that say nothing, for an index whose candidates are only looked at."""
    size = len(NAMES)
    nothing = np.zeros(1, dtype=np.float32)
    inputs = np.zeros(3 + len(WITNESSES), dtype=np.float32)
    return Fusion(np.zeros((size + 1, 1), np.float32), nothing, np.zeros(size, np.float32), inputs, 0.0, 0.5)


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
    if tuple(values.get("features", ())) != NAMES or tuple(values.get("witnesses", ())) != WITNESSES:
        raise VectorIndexError(f"{where}: weights do not fit these features; run scripts/train_fusion.py")
    hidden, output, straight, calibration = (
        np.array(values[name], dtype=np.float32) for name in ("hidden", "output", "straight", "calibration")
    )
    return Fusion(hidden, output, straight, calibration, float(values["bias"]), float(values["threshold"]))


def as_json(fusion: Fusion) -> dict[str, Any]:
    """What `read_fusion` reads."""
    return {
        "features": list(NAMES),
        "witnesses": list(WITNESSES),
        "hidden": np.round(fusion.hidden.astype(float), 4).tolist(),
        "output": np.round(fusion.output.astype(float), 4).tolist(),
        "straight": np.round(fusion.straight.astype(float), 4).tolist(),
        "calibration": np.round(fusion.calibration.astype(float), 4).tolist(),
        "bias": round(fusion.bias, 4),
        "threshold": round(fusion.threshold, 4),
    }
