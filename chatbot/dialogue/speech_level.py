"""How the bot speaks: asked for in the conversation ("반말로 해줘"), rendered at the very end. Knows no models."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeVar

from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.slips import Slips
from chatbot.types import Source, SpeechLevel

_log = logging.getLogger(__name__)

# A longer line asks for more than a level.
MAX_LINE = 24

LEVEL_NAMES = {
    "반말": SpeechLevel.HAE,
    "해체": SpeechLevel.HAE,
    "편한말": SpeechLevel.HAE,
    "존댓말": SpeechLevel.HAEYO,
    "해요체": SpeechLevel.HAEYO,
    "존대": SpeechLevel.HAEYO,
    "존대말": SpeechLevel.HAEYO,
    "높임말": SpeechLevel.HAEYO,
    "합쇼체": SpeechLevel.HAPSYO,
    "격식체": SpeechLevel.HAPSYO,
}
# All below are matched without spaces. Who is spoken to, and how a wish ends.
_LEAD = (
    r"(?:너도|너는|넌|너|니가|네가|우리|이제부터|이제|앞으로는?|그냥|걍|나한테는?|저한테는?|나랑|좀|다시|그럼|제발"
    r"|야|아니|근데|서로"
    r"|편하게|도담아)*"
)
_LEVEL = r"(?P<level>반말|존댓말|존대말|높임말|존대|합쇼체|해요체|격식체|해체)"
_WISH = (
    r"(?:말|얘기|대답|대화|이야기)?(?:(?:해|써|바꿔|가|돌아가|돌아와|부탁해?|ㄱㄱ?)(?:라|봐|요|줘|줘요|주세요|줄래"
    r"|줄래요|주라|주면안돼|도돼|도돼요|도됨|도되나|도되냐|도되니|도될까)*"
    r"|(?:하|쓰|가)(?:자|죠|세요|십시오|면안돼|면안될까|면좋겠어|면좋겠어요)|(?:할|쓸)래|합시다|말해줘|할수있어"
    r"|쓸수있어)요?"
)
_MARKS = r"[?!.~ㅋㅎㅠㅇ]*"
_ASK = re.compile(
    rf"{_LEAD}(?:(?:반말|존댓말)(?:말고|그만하고|대신)|하지말고)?{_LEVEL}(?:로|으로|을|를|좀"
    rf"|도)*(?:좀)?{_WISH}{_MARKS}"
)
# "/말투 반말" as the terminal takes it, and the level alone behind 다시 or before 로: 다시 존댓말, 존댓말로.
_NAMED = re.compile(
    rf"/말투(?P<typed>반말|편한말|존댓말|존대|합쇼체|해요체|격식체|해체){_MARKS}"
    rf"|(?:(?:이제)?다시{_LEVEL}(?:로|으로)?|{_LEAD}{_LEVEL.replace('level', 'bare')}(?:로|으로))요?{_MARKS}"
)
_NOT = re.compile(
    rf"{_LEAD}(?P<level>반말|존댓말|존대말|존대)(?:은|는|을|를|로|좀|로는)*(?:말)?"
    r"(?:(?:하|쓰)지(?:는|좀)?(?:마|말(?:아|아줘|아주세요|라고|자|고))|그만(?:해|하자|써|쓰자|둬)?|금지|싫어|싫은데"
    r"|싫다|안(?:돼|했으면|쓰면|하면|해도)"
    rf"|(?:안|못)(?:해|써)도돼|별로(?:야|다|인데)?|불편해)(?:줘|줄래|주세요|요|라|좋겠어|안돼|돼)*{_MARKS}"
)
_OPPOSITE = {"반말": SpeechLevel.HAEYO}
_SPEAK = rf"{_LEAD}(?:말|말씀)(?:을|은|좀|도)*"
_PLEASE = r"(?:줘|줘요|주세요|줄래|줄래요|주라|라|봐|도돼|도돼요|세요)*"
_EASE = re.compile(
    rf"{_SPEAK}(?:(?:놓|낮추|트|까)(?:자|아|으세요|세요|으셔도돼|고싶어|기로해|을래|아도돼|시죠|죠)|놔|놔도돼|놔라"
    rf"|낮춰|편하게(?:해|하자|하세요|할래))"
    rf"{_PLEASE}요?{_MARKS}|{_LEAD}(?:편하게|친구처럼|친구같이)(?:말|얘기|대화)(?:해|하자|할래|하세요|놓자"
    rf"|놔){_PLEASE}요?{_MARKS}"
)
_RAISE = re.compile(
    rf"{_SPEAK}(?:(?:높여|올려|높이|올리)(?:서말해|자|세요)?|(?:놓|까|짧게하|낮추|편하게하)지(?:좀)?(?:마|말아|말고"
    rf"|말라고))"
    rf"{_PLEASE}요?{_MARKS}|{_LEAD}(?:공손하게|예의바르게|예의있게|존중해서|존대하며)(?:말|얘기|대답)?(?:해|하세요"
    rf"|써){_PLEASE}요?{_MARKS}"
)
_WHY = re.compile(
    rf"{_LEAD}(?:왜|어디서|언제봤다고|누구맘대로|갑자기|왜갑자기|왜자꾸)(?:나한테|자꾸|너|넌)?"
    r"(?P<level>반말|존댓말|존대)(?:을|를|로|은)?(?:이|말|질)?(?:야|에요|예요|해|하니|하냐|하세요|하는데|하는거야"
    r"|하는거예요|써|쓰니|쓰는데|쓰는거야|쓰세요|임|지|냐|니|질)?요?"
    rf"{_MARKS}|{_LEAD}(?P<then>반말|존댓말|존대)(?:은|을|를)?(?:대체|도대체)?왜(?:해|하|써|쓰|하는거|쓰는거)?(?:야"
    rf"|예요|니|냐|요)?"
    rf"{_MARKS}|왜(?:자꾸|갑자기)?말(?:이|을)?(?:짧아|까|놔|놓아|놓는거야|놓니){_MARKS}"
)
# As people usually say them: a line that is one of these but for a slip of the finger is one of these.
_USUAL = Slips([
    "반말로 해줘", "반말로 해", "반말 써줘", "반말로 말해줘", "반말 해줘", "존댓말로 해줘", "존댓말 써줘",
    "존댓말로 해", "다시 존댓말로 해줘", "다시 존댓말 써", "다시 반말로 해줘", "말 놓자", "우리 말 놓자",
    "말 편하게 해", "말 편하게 하자", "말 높여줘", "존대해줘", "반말하지 마", "왜 반말이야",
    "격식체로 말해줘", "격식체로 해줘", "반말 써", "존댓말 써",
])  # fmt: skip
_QUOTED = re.compile("“[^”]*”")
_NUMBERED = re.compile(r"“(\d+)”")


def level_asked(text: str) -> SpeechLevel | None:
    """The level that an utterance asks for, if it asks for one and nothing else."""
    return _meant(text, _level_asked)


def asks_why(text: str) -> str:
    """반말 or 존댓말 for a line that asks why the bot speaks so; else ""."""
    return _meant(text, _asks_why) or ""


T = TypeVar("T")


def _meant(text: str, read: Callable[[str], T | None]) -> T | None:
    """What `read` makes of a line, or of the usual one that it is but for a slip."""
    squeezed = text.replace(" ", "")
    if len(squeezed) > MAX_LINE:
        return None
    found = read(squeezed)
    if not found:
        usual = _USUAL.find(squeezed.rstrip("?!.~ㅋㅎㅠㅇ"))
        found = read(usual) if usual else None
    return found


def _level_asked(squeezed: str) -> SpeechLevel | None:
    refused = _NOT.fullmatch(squeezed)
    if refused:
        return _OPPOSITE.get(refused["level"], SpeechLevel.HAE)
    match = _ASK.fullmatch(squeezed)
    if match:
        return LEVEL_NAMES[match["level"]]
    named = _NAMED.fullmatch(squeezed)
    if named:
        return LEVEL_NAMES[named["typed"] or named["level"] or named["bare"]]
    if _RAISE.fullmatch(squeezed):
        return SpeechLevel.HAEYO
    return SpeechLevel.HAE if _EASE.fullmatch(squeezed) else None


def _asks_why(squeezed: str) -> str | None:
    match = _WHY.fullmatch(squeezed)
    return (match["level"] or match["then"] or "반말") if match else None


@dataclass(frozen=True, slots=True)
class SpeechLevelSpeaker:
    """Changes the level when asked to; `usual` is the bot's own."""

    phrases: Phrases
    usual: SpeechLevel = SpeechLevel.HAEYO

    def __call__(self, reading: Reading) -> Proposal | None:
        state = reading.state
        level = level_asked(reading.text)
        if level is not None:
            return self._switch(reading, f"level_{level}", level)
        why = asks_why(reading.text)
        if not why:
            return None
        casual = (state.level or self.usual) is SpeechLevel.HAE
        if why == "반말" and casual:
            occasion = "level_sorry" if state.level is None else "level_back"
            return self._switch(reading, occasion, SpeechLevel.HAEYO)
        if why != "반말" and casual:
            return self._switch(reading, "level_hae", SpeechLevel.HAE)
        reply = self.phrases.say("level_polite" if why == "반말" else "level_why", reading.rng)
        return Proposal(reply, Source.SKILL, "말투의 까닭을 물음", state)

    def _switch(self, reading: Reading, occasion: str, level: SpeechLevel) -> Proposal:
        reply, state = self.phrases.say(occasion, reading.rng), replace(reading.state, level=level)
        return Proposal(reply, Source.SKILL, f"말투를 바꿔 달라고 함 ({level})", state, exact=True)


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
