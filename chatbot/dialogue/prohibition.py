"""알람 맞추지 마, 계산하지 마: the user tells the bot not to do something. In: a reading. Out: that it will not.

`told_not_to` is asked by everybody who does things (skills and forms), whatever the intent classifier thinks: it
weighs words, and 마 is a small one. Knows nothing of what is being done.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.types import Source

_END = r"\s*(?:제발|좀|응|알겠지|알았지|[ㄱ-ㅎㅏ-ㅣ])*[.!~\s]*$"
# 잊지 마 asks for the very thing that stands before it.
_NOT = re.compile(
    r"(?<!잊)(?<!버리)(?<!까먹)(?<!빼먹)(?<!빠뜨리)(?<!놓치)(?<!빼놓)지\s?(?:는|좀)?\s?"
    rf"(?:마(?:요|라|세요|십시오|셔요)?|말(?:아|아요|라고|라니까|자|아라)(?:\s?(?:줘|주세요|줄래)\S?)?){_END}"
)
# 7시에 맞추지 말고 8시에 맞춰줘 asks for something all the same.
_BUT = re.compile(r"지\s?말고(?!.*(?:줘|주세요|줄래|주라|드려|부탁|[해워춰줘봐려]\s?[.!~]*$))")
_NEED_NOT = re.compile(
    r"(?<![가-힣])(?:안|굳이)\s\S*(?:도)\s*(?:돼|되|괜찮)[^?]*$|\S지\s?않아도\s*(?:돼|되|괜찮)[^?]*$"
)
# What the bot would do itself, so that it can promise not to.
_TASK = re.compile(r"계획|일정|스케줄|시간표|플랜|알람|알림|타이머|예약|예매|계산|변환|환산|주사위|동전|뉴스|번호")


def told_not_to(text: str) -> bool:
    """Whether the sentence ends in telling somebody not to do what it names."""
    return any(pattern.search(text) for pattern in (_NOT, _BUT, _NEED_NOT))


def names_task(text: str) -> bool:
    """Whether something is named that the bot would do itself: a plan, an alarm, a sum."""
    return _TASK.search(text) is not None


@dataclass(frozen=True, slots=True)
class ProhibitionSpeaker:
    """Agrees not to do one of the bot's own tasks."""

    phrases: Phrases

    def __call__(self, reading: Reading) -> Proposal | None:
        # A running form takes it as being dropped.
        if reading.state.form is not None or not told_not_to(reading.text) or not names_task(reading.text):
            return None
        reply = self.phrases.say("told_not_to", reading.rng)
        return Proposal(reply, Source.SKILL, "하지 말라는 말", reading.state, "told_not_to")
