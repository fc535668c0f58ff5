"""Words that lean on the last question: "하나 더" asks for another of the same, "추천해줘" leaves out of what,
"내일은?" asks the same of another day.

In: a reading. Out: the answer to the question in full.

More about what was just explained is followups.py's. Knows nothing of how answers are found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.slips import Slips
from chatbot.dialogue.speakers import LIKELY_FROM, RetrievalSpeaker, TemplateSpeaker, recent_replies
from chatbot.text import entities
from chatbot.types import Entity, Source, Turn

# A longer line names what it is about.
MAX_LINE = 30
# How the names of intents end whose replies recommend something (corpus/README.md).
RECOMMENDS = "_recommend"
# Matched without spaces.
_PLEASE = (
    r"(?:좀|요|(?:추천|말|얘기|이야기|알려|들려|골라)?(?:해|내|들려|알려|골라)?(?:줘|주라|주세요|줄래|줄래요|봐|봐요)"
    r"|부탁해|부탁해요)?"
)
_END = r"요?[?!.~ㅋㅎㅠ]*"
_ANOTHER = re.compile(
    rf"(?:(?:하나|한번|한개|한곡|한편)만?더|또하나만?|또(?:다른)?거|더없어|또없어|또있어|또(?=해|말해|얘기해|추천)"
    rf"|(?:또)?(?:다른|딴)(?:거|건|것|걸)?(?:은|는|도|로)?(?:없어|없나|없을까|없니|있어|있나)?){_PLEASE}{_END}"
)
# What was recommended is known already.
_KNOWN = re.compile(
    r"(?:아|오|음|에이)?(?:그거|그건|이거|이건|거기)?(?:는|도)?(?:이미|벌써|다)?(?:봤|읽었|들었|먹었|가봤|들어봤|먹어봤|읽어봤|아는(?:거|건))"
    r"(?:어|는데|음|다|지|던거|던건|는걸|네)?"
    rf"{_END}|(?:그거|그건|이거)(?:말고|별로)(?:다른거|딴거)?{_PLEASE}{_END}"
)
_OF_WHAT = re.compile(
    rf"(?:(?:하나|몇개|아무거나|뭐라도|뭐|좀)?(?:만)?(?:추천|골라){_PLEASE}"
    rf"|(?:뭐가|어떤게|뭘로|어떤걸로)(?:좋을까|좋아|좋지|나아|나을까|할까)){_END}"
)
# "그럼 내일은?", "20마일은?"
_MERE = re.compile(r"(?:그럼|그러면|그리고|근데|그런데|아)?\s*(?P<what>\S.*?)\s*(?:은|는|도|이면|면)?요?\s*[?!.~]*")
_ASKS = re.compile(r"[?]|뭐|몇|언제|며칠|무슨|얼마|어때|어떨|어떻|알려")
# What can be asked of any day, named or not: 며칠이야, 날씨 어때.
_OF_A_DAY = re.compile(r"며칠|요일|날짜|날씨|기온|운세|급식|메뉴")
_DAYS = ("date", "date_range")


# As people usually say them: a line that is one of these but for a slip of the finger is one of these.
_USUAL = Slips([
    "하나 더", "하나만 더", "한 번 더", "하나 더 해줘", "하나 더 줘", "또 해줘", "다른 거", "다른 거 없어",
    "딴 거 없어", "더 없어", "다른 거 추천해줘", "추천해줘", "추천 좀 해줘", "하나 추천해줘", "골라줘",
    "하나만 골라줘",
])  # fmt: skip


def asks_another(text: str) -> bool:
    """Whether `text` asks for another of what was said last, and says nothing else."""
    return _is(_ANOTHER, text)


def _is(pattern: re.Pattern[str], text: str) -> bool:
    squeezed = text.replace(" ", "")
    if len(squeezed) > MAX_LINE:
        return False
    return bool(pattern.fullmatch(squeezed) or pattern.fullmatch(_USUAL.find(squeezed.rstrip("?!.~ㅋㅎㅠ")) or "-"))


def other_value(text: str, now: datetime) -> Entity | None:
    """The day or amount in 내일은?, 20마일은?, where a line names one and says nothing else."""
    match = _MERE.fullmatch(text)
    found = entities.find(match["what"], now) if match else []
    return found[0] if match and len(found) == 1 and found[0].text == match["what"] else None


def with_other(question: str, value: Entity, now: datetime) -> str:
    """The earlier question of another day or amount: 오늘 며칠이야, 내일 → 내일 며칠이야; "" where it has none."""
    kinds = _DAYS if value.kind in _DAYS else (value.kind,)
    asked = [one for one in entities.find(question, now) if one.kind in kinds]
    if asked:
        return question[: asked[0].start] + value.text + question[asked[0].end :]
    return f"{value.text} {question}" if value.kind in _DAYS and _OF_A_DAY.search(question) else ""


class AnotherSpeaker:
    """Answers the earlier question again, in other words, or together with what is asked now."""

    def __init__(
        self,
        templates: TemplateSpeaker,
        retrieval: RetrievalSpeaker,
        skills: Callable[[Reading], Proposal | None] = lambda reading: None,
    ) -> None:
        self._templates = templates
        self._retrieval = retrieval
        self._skills = skills

    def __call__(self, reading: Reading) -> Proposal | None:
        before = _asked_before(reading)
        if before is None or reading.state.topic_at == reading.state.count:  # an entry was explained: followups.py
            return None
        recommended = before.response.intent.endswith(RECOMMENDS)
        if asks_another(reading.text) or (recommended and _is(_KNOWN, reading.text)):
            return self._again(reading.with_text(before.utterance.text), before)
        if _is(_OF_WHAT, reading.text):
            return self._in_full(reading.with_text(f"{before.utterance.text} {reading.text}"), before)
        return self._of_other(reading, before)

    def _of_other(self, reading: Reading, before: Turn) -> Proposal | None:
        """The earlier question of the day or amount that is named now, by whoever answered it then."""
        value, question = other_value(reading.text, reading.now), before.utterance.text
        full = with_other(question, value, reading.now) if value is not None else ""
        if not full:
            return None
        if before.response.source is Source.SKILL:
            return self._skills(reading.with_text(full))
        asks = before.response.source is Source.TEMPLATE and _ASKS.search(question)
        return self._templates(reading.with_text(full)) if asks else None

    def _in_full(self, reading: Reading, before: Turn) -> Proposal | None:
        """What is to be recommended: the same as before, or what both lines together are about."""
        intent = before.response.intent
        if before.response.source is Source.TEMPLATE and intent.endswith(RECOMMENDS):
            return self._templates.propose(reading, intent, before.response.confidence)
        return self._templates(reading)

    def _again(self, reading: Reading, before: Turn) -> Proposal | None:
        """An answer to the earlier question that was not given lately."""
        if before.response.source is Source.TEMPLATE:
            return self._templates.propose(reading, before.response.intent, before.response.confidence)
        if before.response.source is not Source.RETRIEVAL:
            return None
        recent = recent_replies(reading.state)
        fresh = [candidate for candidate in self._retrieval.likely(reading) if candidate.text not in recent]
        if fresh:
            return self._retrieval.propose(reading, fresh[0])
        best = reading.scores.best
        return (
            self._templates.propose(reading, best.intent, best.probability)
            if best.probability >= LIKELY_FROM
            else None
        )


def _asked_before(reading: Reading) -> Turn | None:
    """The last turn that asked for something by itself."""
    for turn in reversed(reading.state.turns):
        text = turn.utterance.text
        if not asks_another(text) and other_value(text, reading.now) is None:
            return turn
    return None
