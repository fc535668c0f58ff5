"""How the bot speaks: asked for in the conversation ("반말로 해줘"), rendered at the very end. Knows no models."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.types import Source, SpeechLevel

_log = logging.getLogger(__name__)

LEVEL_NAMES = {
    "반말": SpeechLevel.HAE,
    "해체": SpeechLevel.HAE,
    "편한말": SpeechLevel.HAE,
    "존댓말": SpeechLevel.HAEYO,
    "해요체": SpeechLevel.HAEYO,
    "존대": SpeechLevel.HAEYO,
    "합쇼체": SpeechLevel.HAPSYO,
    "격식체": SpeechLevel.HAPSYO,
}
# Matched without spaces.
_ASK = re.compile(
    r"(?:너도|너는|넌|너|니가|네가|우리|이제|앞으로|그냥|나한테|저한테|좀|다시|그럼)*"
    r"(?P<level>반말|존댓말|존대|합쇼체|해요체|격식체|해체)(?:로|으로|을|를|좀|도)*"
    r"(?:말|얘기|대답|대화|이야기)?(?:해|해요|해라|해봐|하자|해줘|해주세요|해줄래|써줘|써주세요|쓰자|해도돼|하면안돼|부탁해|ㄱㄱ)요?[?!.~ㅋㅎ]*"
)
_QUOTED = re.compile("“[^”]*”")
_NUMBERED = re.compile(r"“(\d+)”")
# "/말투 반말" as the terminal takes it, and the level alone behind 다시 or 로: 다시 존댓말로.
_NAMED = re.compile(
    r"(?:/말투|(?:이제)?다시)(?P<level>반말|편한말|존댓말|존대|합쇼체|해요체|격식체|해체)(?:로|으로)?[?!.~]*"
)
_EASE = re.compile(
    r"(?:우리|이제|그냥|편하게|너도)*말(?:을|좀)*(?:놓자|놓아|놓으세요|놓으셔도돼|놓고싶어|놓기로해|놓을래|놔|놓아도돼|놔도돼|편하게해|편하게하자)요?[?!.~ㅋㅎ]*"
)


def level_asked(text: str) -> SpeechLevel | None:
    """The level that an utterance asks for, if it asks for one and nothing else."""
    squeezed = text.replace(" ", "")
    match = _ASK.fullmatch(squeezed) or _NAMED.fullmatch(squeezed)
    if match:
        return LEVEL_NAMES[match["level"]]
    return SpeechLevel.HAE if _EASE.fullmatch(squeezed) else None


@dataclass(frozen=True, slots=True)
class SpeechLevelSpeaker:
    """Changes the level when asked to."""

    phrases: Phrases

    def __call__(self, reading: Reading) -> Proposal | None:
        level = level_asked(reading.text)
        if level is None:
            return None
        reply = self.phrases.say(f"level_{level}", reading.rng)
        return Proposal(
            reply, Source.SKILL, f"말투를 바꿔 달라고 함 ({level})", replace(reading.state, level=level), exact=True
        )


@dataclass(frozen=True, slots=True)
class Polish:
    """The last hand on a reply: in the level asked for, in one level, and never what the safety list forbids.

    `render` rewrites a reply into another level; `levels` tells which ones its sentences speak; `may_say` refuses
    profanity and hate, whatever their source; `instead` is said in place of a refused reply. What stands “between
    these marks” is somebody else's wording: it is refused like any other, and never rewritten. A reply whose
    rewriting fails is said as it was written: one level throughout matters more than which one.
    """

    render: Callable[[str, SpeechLevel], str]
    levels: Callable[[str], frozenset[SpeechLevel]]
    may_say: Callable[[str], bool]
    instead: str

    def __call__(self, reply: str, level: SpeechLevel) -> str:
        allowed = reply if self.may_say(reply) else self.instead
        quoted = _QUOTED.findall(allowed)
        numbers = count()
        spoken = self._in_one_level(_QUOTED.sub(lambda _: f"“{next(numbers)}”", allowed), level)
        return _NUMBERED.sub(lambda mark: quoted[int(mark[1])], spoken)

    def _in_one_level(self, reply: str, level: SpeechLevel) -> str:
        spoken = self.render(reply, level)
        if self.levels(spoken) <= {level}:
            return spoken
        pure = len(self.levels(reply)) <= 1
        _log.debug("speech level: %r %s, in %s: %r", reply, "stays as written" if pure else "mixes", level, spoken)
        return reply if pure else spoken
