"""One utterance with all that is known about it, worked out only when somebody asks. Knows nothing of policy."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chatbot.dialogue.once import once
from chatbot.dialogue.state import Choice, State
from chatbot.seams import IntentClassifier, Responder
from chatbot.types import Candidate, IntentScores, Source, Utterance

_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
_NAME = re.compile(r"[a-z0-9]{2,}")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a speaker wants to say, why, and the state that would follow. `exact` replies keep their wording (no
    change of speech level), as help lines must.
    """

    reply: str
    source: Source
    reason: str
    state: State
    intent: str = ""
    confidence: float = 1.0
    candidates: tuple[Candidate, ...] = ()
    choices: tuple[Choice, ...] = ()
    exact: bool = False
    said: str = ""


@dataclass
class Reading:
    """The utterance, the state before it, the moment, and what the models think of it (each asked at most once)."""

    utterance: Utterance
    state: State
    now: datetime
    rng: random.Random
    classifier: IntentClassifier
    retriever: Responder
    generator: Responder | None
    consulted: list[Candidate] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.utterance.text

    @once
    def scores(self) -> IntentScores:
        return self.classifier.classify([self.utterance])[0]

    @once
    def found(self) -> Sequence[Candidate]:
        """What is written already. Of a foreign language at least one word must be a name in the found question too
        (what is dropout → dropout이 뭐야): nearness by letters alone means nothing there.
        """
        candidates = self._ask(self.retriever)
        if _HANGUL.search(self.text):
            return candidates
        words = set(_NAME.findall(self.text.lower()))
        return [candidate for candidate in candidates if words & set(_NAME.findall(candidate.question.lower()))]

    @once
    def generated(self) -> Sequence[Candidate]:
        return self._ask(self.generator) if self.generator else ()

    def with_text(self, text: str) -> Reading:
        """The same moment, had the user said `text`; what it finds counts as consulted here too."""
        return replace(self, utterance=replace(self.utterance, text=text))

    def _ask(self, responder: Responder) -> Sequence[Candidate]:
        candidates = responder.propose(self.utterance, self.state.turns)
        self.consulted.extend(candidates)
        return candidates
