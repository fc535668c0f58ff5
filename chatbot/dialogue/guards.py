"""The speakers that come before any model: danger, nothing to read, a skill."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chatbot.dialogue.gibberish import is_foreign, is_gibberish
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.privacy import findings
from chatbot.dialogue.prohibition import told_not_to
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.safety import DANGER, Safety
from chatbot.dialogue.speakers import recent_replies
from chatbot.text.normalize import normalize
from chatbot.types import Source, Utterance

if TYPE_CHECKING:
    from chatbot.dialogue.skills import Skill

# Skills whose answer anybody's thought on the matter betters.
_BY_CHANCE = frozenset(["pick_one"])
_WORDS = re.compile(r"[^\W\d_]|\d")


class SafetySpeaker:
    """A person in danger is answered before anything else, with words that nobody generates."""

    def __init__(self, safety: Safety) -> None:
        self._safety = safety

    def __call__(self, reading: Reading) -> Proposal | None:
        verdict = self._safety.check(reading.utterance.raw, reading.text)
        if verdict is None:
            return None
        exact = verdict.kind in DANGER
        # A form or an open question would be out of place after this.
        state = replace(reading.state, form=None) if exact else reading.state
        return Proposal(
            verdict.reply,
            Source.SAFETY,
            verdict.reason,
            state,
            intent=verdict.kind,
            confidence=verdict.probability,
            exact=exact,
        )


@dataclass(frozen=True, slots=True)
class LongPreface:
    """Owns up that only the beginning of an utterance was read, where `max_length` cut it."""

    phrases: Phrases
    max_length: int

    def __call__(self, utterance: Utterance) -> str:
        raw, limit = utterance.raw, self.max_length
        cut = len(raw) > limit and len(normalize(raw, limit + 1)) > limit
        return self.phrases.say("too_long", random.Random(len(raw))) if cut else ""


class UnreadableSpeaker:
    """Nothing to read: empty, only symbols, syllables of no word, Latin words of which too few are `known`; a lone
    emoji or ㅠㅠ is answered by its feeling. Without `known` words no Latin text is turned away.
    """

    def __init__(
        self, phrases: Phrases, feeling_of: Callable[[str], str], known: Collection[str] | None = None
    ) -> None:
        self._phrases = phrases
        self._feeling_of = feeling_of
        self._known = known

    def __call__(self, reading: Reading) -> Proposal | None:
        raw, text = reading.utterance.raw, reading.text
        feeling = self._feeling_of(raw)
        letters = re.sub(r"[ㄱ-ㅎㅏ-ㅣ\W_]", "", text)
        gibberish = is_gibberish(raw)
        foreign = self._known is not None and is_foreign(text, self._known)
        if letters and not gibberish and not foreign:
            return None
        if gibberish:
            occasion, reason = "gibberish", "한국어에 없다시피 한 글자들"
        elif foreign:
            occasion, reason = "foreign", "아는 말이 거의 없는 로마자 글"
        elif feeling:
            occasion, reason = f"feeling_{feeling}", f"느낌만 있음 ({feeling})"
        elif not raw.strip():
            occasion, reason = "empty", "적힌 것이 없음"
        elif _WORDS.search(text):
            return None  # jamo such as ㅇㅇ: the classifier knows them
        else:
            occasion, reason = "symbols", "기호뿐임"
        reply = self._phrases.say(occasion, reading.rng, recent_replies(reading.state))
        return Proposal(reply, Source.FALLBACK, reason, reading.state, confidence=0.0)


class SkillSpeaker:
    """Clock, calendar, calculator: asked when a skill claims the words, or when the intent names the skill. What is
    `written` to this very sentence goes before chance (고백할까 말까).
    """

    def __init__(
        self,
        skills: Mapping[str, Skill],
        by_intent: Mapping[str, str],
        written: Callable[[Reading], Proposal | None] = lambda reading: None,
    ) -> None:
        self._skills = skills
        self._by_intent = by_intent
        self._written = written

    def __call__(self, reading: Reading) -> Proposal | None:
        if told_not_to(reading.text) or findings(reading.utterance.raw):  # numbers of a person are no sum
            return None
        for name, skill in self._skills.items():
            if skill.claims(reading.text):
                better = self._written(reading) if name in _BY_CHANCE else None
                if better is not None:
                    return better
                proposal = self._ask(reading, name, "말이 이 기능을 가리킴", 1.0)
                if proposal is not None:
                    return proposal
        scores = reading.scores
        intended = self._by_intent.get(scores.best.intent)
        if intended is not None and intended in self._skills and scores.accepted and not scores.ambiguous:
            reason = f"의도 {scores.best.intent}, 확률 {scores.best.probability:.2f}"
            return self._ask(reading, intended, reason, scores.best.probability)
        return None

    def _ask(self, reading: Reading, name: str, reason: str, probability: float) -> Proposal | None:
        reply = self._skills[name].answer(reading.text, reading.now, reading.rng)
        if reply is None:
            return None
        return Proposal(reply, Source.SKILL, f"기능 {name}: {reason}", reading.state, name, probability)
