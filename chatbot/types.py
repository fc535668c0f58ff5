"""The frozen values that cross the borders between stages. Knows nothing of models, files or the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Source(StrEnum):
    """Where a reply came from; also the order in which the policy asks."""

    SAFETY = "safety"
    SKILL = "skill"
    TEMPLATE = "template"
    RETRIEVAL = "retrieval"
    SEQ2SEQ = "seq2seq"
    CLARIFY = "clarify"
    FALLBACK = "fallback"


class SpeechLevel(StrEnum):
    """Korean speech levels the bot knows: 합쇼체 (formal), 해요체 (polite), 해체 (casual)."""

    HAPSYO = "hapsyo"
    HAEYO = "haeyo"
    HAE = "hae"


@dataclass(frozen=True, slots=True)
class Morpheme:
    """One morpheme. `tag` is Sejong; `native_tag` is what the analyzer itself said.

    `start` and `end` are code point offsets into the analysed text, ordered and inside it. Analyzers restore
    contractions (갔어요 → 가 + 었 + 어요), so joining forms does not give the text back.
    """

    form: str
    tag: str
    start: int
    end: int
    native_tag: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """A piece of the utterance with a normalised value: kind ("date", "time", "number", …), span, ISO-like value."""

    kind: str
    text: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the user said: `raw` as typed, `text` after `text.normalize` (what every model sees)."""

    raw: str
    text: str
    session: str = "default"
    id: str = ""

    @property
    def empty(self) -> bool:
        return not self.text


@dataclass(frozen=True, slots=True)
class Intent:
    """One intent of the corpus. `skill` names the skill that acts on it, if one does."""

    name: str
    description: str
    examples: tuple[str, ...]
    replies: tuple[str, ...]
    skill: str | None = None
    contrasts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatPair:
    """A question and the answer to it, with where it stands in the corpus (`origin` = file:line)."""

    question: str
    answer: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class KnowledgeEntry:
    """One thing the bot can explain, with its follow-ups (더 알아보기, 예를 들면, 그건 왜)."""

    id: str
    title: str
    questions: tuple[str, ...]
    answer: str
    more: str = ""
    example: str = ""
    why: str = ""
    related: tuple[str, ...] = ()
    source: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A short conversation: user and bot lines in turn order."""

    title: str
    turns: tuple[tuple[str, str], ...]
    origin: str = ""


@dataclass(frozen=True, slots=True)
class IntentScore:
    """One intent and its calibrated probability in [0, 1]."""

    intent: str
    probability: float


@dataclass(frozen=True, slots=True)
class IntentScores:
    """What the classifier thinks of one utterance.

    `ranked` is sorted, best first, probabilities calibrated. `accepted` holds when the best probability reaches
    `threshold` and the utterance looks like something seen in training; `ambiguous` when the first two are closer
    than `margin`. `known` in [0, 1] says how much the utterance looks like training data at all, `familiar` whether
    that is enough. `nearest` are the closest training lines; `weights` the words that the attention weighed most, with
    their share.
    """

    ranked: tuple[IntentScore, ...]
    threshold: float
    margin: float
    known: float = 1.0
    accepted: bool = False
    nearest: tuple[tuple[str, str, float], ...] = ()
    weights: tuple[tuple[str, float], ...] = ()
    familiar: bool = False

    @property
    def best(self) -> IntentScore:
        return self.ranked[0] if self.ranked else IntentScore("", 0.0)

    @property
    def ambiguous(self) -> bool:
        return len(self.ranked) > 1 and self.ranked[0].probability - self.ranked[1].probability < self.margin

    @property
    def torn(self) -> bool:
        """Whether one of the first two is as surely meant as a single one has to be, but not which."""
        two = sum(score.probability for score in self.ranked[:2])
        return self.familiar and self.ambiguous and not self.accepted and two >= self.threshold


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reply somebody proposes. `score` is the calibrated probability that it answers the utterance."""

    text: str
    score: float
    source: Source
    id: str = ""
    question: str = ""
    evidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    """One reply with its provenance. `reason` says in a sentence why this source spoke; `said` is the id of the reply
    template or the found row that was spoken, if it was one.
    """

    text: str
    reply: str
    source: Source
    reason: str
    intent: str = ""
    confidence: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    choices: tuple[str, ...] = ()
    scores: IntentScores | None = None
    latency_ms: float = 0.0
    id: str = ""
    said: str = ""

    def as_json(self) -> dict[str, object]:
        """The object of the `chatbot ask --json` contract; keys may be added, never renamed."""
        scores = self.scores
        return {
            "text": self.text,
            "reply": self.reply,
            "intent": self.intent,
            "confidence": round(self.confidence, 4),
            "source": str(self.source),
            "reason": self.reason,
            "candidates": [
                {"text": c.text, "score": round(c.score, 4), "source": str(c.source), "id": c.id}
                for c in self.candidates
            ],
            "latency_ms": round(self.latency_ms, 2),
            "choices": list(self.choices),
            "said": self.said,
            "explain": None
            if scores is None
            else {
                "ranked": [[s.intent, round(s.probability, 4)] for s in scores.ranked[:5]],
                "threshold": round(scores.threshold, 4),
                "margin": round(scores.margin, 4),
                "known": round(scores.known, 4),
                "nearest": [[text, intent, round(similarity, 4)] for text, intent, similarity in scores.nearest],
                "weights": [[word, round(weight, 4)] for word, weight in scores.weights],
            },
        }


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange of a conversation."""

    utterance: Utterance
    response: Response
