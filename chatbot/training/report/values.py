"""What a report says, as plain values: the page draws them, report.json holds the same. Knows no model and no picture.

Shares and probabilities are in [0, 1], times in milliseconds unless a name says seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Count:
    """How many of something a version was taught, and the version before it (None where that is not known)."""

    name: str
    now: int
    before: int | None


@dataclass(frozen=True, slots=True)
class IntentChange:
    """An intent whose examples changed: how many came and went, with a few of the new lines."""

    intent: str
    kind: str  # "new" | "changed" | "gone"
    added: int
    removed: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Data:
    """What the version was taught with."""

    counts: tuple[Count, ...]
    changes: tuple[IntentChange, ...]
    examples: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Curve:
    """One quantity over the epochs."""

    name: str
    epochs: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One intent on held-out lines; `examples` is how many lines taught it."""

    intent: str
    description: str
    examples: int
    held_out: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Mistake:
    """A held-out line that was taken for another intent, with the probability the model gave."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """Lines of `truth` taken for `predicted`, the surest mistakes first."""

    truth: str
    predicted: str
    count: int
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions whose probability lies in [low, high): how sure they were, and how many were right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """The intent model on held-out lines. `order` sorts the confusion matrix so that what is confused stands close;
    `worst` are the places of that order that make the most confused block."""

    lines: int
    accuracy: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    ece: float
    threshold: float
    margin: float
    classes: tuple[ClassFigures, ...]
    order: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]
    worst: tuple[str, ...]
    confusions: tuple[Confusion, ...]
    bins: tuple[Bin, ...]
    leaked: int  # held-out lines left out because the model was taught them


@dataclass(frozen=True, slots=True)
class Strangers:
    """Familiarity of held-out lines and of `lines` that no intent covers: shares of each in equal bins of [0, 1]."""

    lines: int
    threshold: float
    inside: tuple[float, ...]
    outside: tuple[float, ...]
    auroc: float
    fpr95: float
    kept: float  # share of known lines that pass both thresholds
    let_in: float  # share of strange lines that pass both thresholds
    surest: tuple[tuple[str, str, float], ...]  # strange lines let in: (text, intent, probability)


@dataclass(frozen=True, slots=True)
class Miss:
    """A question whose answer was not found first: which entry was wanted, what came first, at which place it stood
    (0: not among the first ten)."""

    question: str
    wanted: str
    found: str
    place: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Retrieval of knowledge, each question asked while it is itself out of the index."""

    questions: int
    every: int  # one question in so many was asked
    rows: int
    recall_1: float
    recall_5: float
    mrr_10: float
    misses: tuple[Miss, ...]


@dataclass(frozen=True, slots=True)
class Attention:
    """Where the generator looked: `weights` [T][S] over the subwords of the text asked (S) and the reply (T)."""

    asked: str
    said: str
    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Generation:
    """The generator: its figures as its training left them, and its surest replies with their attention."""

    figures: Mapping[str, float]
    replies: tuple[Attention, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two intents whose lines mingle: `share` of their lines have the other intent's line as nearest neighbour.
    `points` are their lines in the plane that shows the two best, with 0 for the first intent and 1 for the second."""

    first: str
    second: str
    share: float
    examples: tuple[tuple[str, str], ...]
    points: tuple[tuple[float, float, int], ...]


@dataclass(frozen=True, slots=True)
class Plane:
    """The training lines in two principal components: a point a line, a centre and a cluster an intent."""

    explained: float
    points: tuple[tuple[float, float, int], ...]  # x, y, number of the intent in `intents`
    intents: tuple[str, ...]
    centres: tuple[tuple[float, float], ...]
    clusters: tuple[int, ...]
    overlaps: tuple[Overlap, ...]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long replies took, by who spoke ("all" for every reply)."""

    source: str
    replies: int
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row of the gate's table, in words: its name and what the gate calls it in Korean, the figure of the version
    in use and of the new one on `lines` lines, their difference with its interval, and whether it passed."""

    name: str
    title: str
    lines: int
    before: str
    now: str
    difference: str
    interval: str
    passed: bool
    note: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What the gate said when the version was made; `worse` are lines that got worse (text, what is right,
    before, now)."""

    passed: bool
    forced: bool
    rows: tuple[Verdict, ...]
    worse: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the page shows. A part that a version lacks (no generator, no gate) is None or empty."""

    version: str
    base: str
    created: str
    measured: str
    machine: str
    seed: int
    share: float
    seconds: float
    data: Data
    curves: Mapping[str, Sequence[Curve]]
    understanding: Understanding
    strangers: Strangers | None
    finding: Finding | None
    generation: Generation | None
    plane: Plane
    pace: tuple[Pace, ...]
    gate: Gate | None

    def as_json(self) -> dict[str, Any]:
        """The values of report.json, numbers rounded to four digits."""
        rounded: dict[str, Any] = _rounded(asdict(self))
        return rounded


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return value
