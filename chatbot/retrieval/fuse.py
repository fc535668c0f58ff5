"""From features to one calibrated probability. In: features [C, F] of one query's candidates. Out: probabilities [C].

A linear ranker orders the candidates (listwise softmax loss; Cao et al. 2007, ListNet's top-one probability), then a
logistic regression turns each rank score, its lead and the query's evidence into the probability that the row answers
(Platt 1999). Both are learned by scripts/train_fusion.py and ship as JSON. Knows nothing of texts or indexes.
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
# What the calibration looks at besides the ranker: columns of the features, taken as they are.
WITNESSES = ("dense", "character", "jamo", "jamo_query_share", "morpheme_query_share", "short_query")


@dataclass(frozen=True, slots=True)
class Fusion:
    """Learned weights: of the ranker [F], of the calibration [3 + witnesses] with its bias; the default threshold."""

    ranker: Floats
    calibration: Floats
    bias: float
    threshold: float

    def rank(self, features: Floats) -> Floats:
        """Rank scores [C]; differences matter, not the level."""
        scores: Floats = features @ self.ranker
        return scores

    def probabilities(self, features: Floats, answers: Sequence[object]) -> Floats:
        """The probability [C] that each candidate answers; `answers` [C] says which candidates say the same."""
        if not len(features):
            return np.zeros(0, dtype=np.float32)
        scores = self.rank(features)
        logits = calibration_inputs(features, scores, answers) @ self.calibration + self.bias
        chances: Floats = (1.0 / (1.0 + np.exp(-logits))).astype(np.float32)
        return chances


def calibration_inputs(features: Floats, scores: Floats, answers: Sequence[object]) -> Floats:
    """Inputs [C, 3 + witnesses] of the calibration: score, lead over the best other answer, distance to the best.

    The lead is that of a row over the best row with another answer (negative behind it), cut to [-5, 5].
    """
    lead = np.clip(scores - _best_other(scores, answers), -5.0, 5.0)
    behind = np.clip(scores - scores.max(), -10.0, 0.0)
    columns = [scores, lead, behind, *(features[:, NAMES.index(name)] for name in WITNESSES)]
    inputs: Floats = np.stack(columns, axis=1).astype(np.float32)
    return inputs


def _best_other(scores: Floats, answers: Sequence[object]) -> Floats:
    """For each row the best score among rows with another answer; far below where there is none."""
    best: dict[object, float] = {}
    for score, answer in zip(scores.tolist(), answers, strict=True):
        best[answer] = max(score, best.get(answer, -np.inf))
    first, second = _two_best(best)
    return np.array([second[1] if answer == first[0] else first[1] for answer in answers], dtype=np.float32)


def _two_best(best: Mapping[object, float]) -> list[tuple[object, float]]:
    ordered = sorted(best.items(), key=lambda item: -item[1])[:2]
    return [*ordered, (None, ordered[0][1] - 10.0)][:2]


def load_fusion(fingerprint: str) -> Fusion:
    """The shipped weights for an embedder: those learned with the hashed one, or with the sentence encoder.

    Raises
    ------
    VectorIndexError
        when the shipped file does not fit this code's features.
    """
    values = json.loads(resources.files("chatbot").joinpath("pretrained", FILE).read_text(encoding="utf-8"))
    return read_fusion(values["hashed" if fingerprint.startswith("hashed") else "encoder"], FILE)


def read_fusion(values: Mapping[str, Any], where: str) -> Fusion:
    """Weights from a JSON object, checked against the features this code computes."""
    if set(values["ranker"]) != set(NAMES) or set(values["witnesses"]) != set(WITNESSES):
        raise VectorIndexError(f"{where}: weights do not fit these features; run scripts/train_fusion.py")
    ranker = np.array([values["ranker"][name] for name in NAMES], dtype=np.float32)
    heads = [values["score"], values["lead"], values["behind"]]
    calibration = np.array([*heads, *(values["witnesses"][name] for name in WITNESSES)], dtype=np.float32)
    return Fusion(ranker, calibration, float(values["bias"]), float(values["threshold"]))


def as_json(fusion: Fusion) -> dict[str, Any]:
    """What `read_fusion` reads."""
    heads = [round(float(value), 5) for value in fusion.calibration]
    return {
        "ranker": {name: round(float(weight), 5) for name, weight in zip(NAMES, fusion.ranker, strict=True)},
        "score": heads[0],
        "lead": heads[1],
        "behind": heads[2],
        "witnesses": dict(zip(WITNESSES, heads[3:], strict=True)),
        "bias": round(fusion.bias, 5),
        "threshold": round(fusion.threshold, 4),
    }
