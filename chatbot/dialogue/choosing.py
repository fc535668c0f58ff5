"""An answer to our own question: the user picks one of the offered choices by its number, its place, its words; all of
them, or none. In: a reading. Out: the choice's answer as a proposal, or nothing.

Knows nothing of how choices are found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.speakers import knowledge_id
from chatbot.dialogue.state import Choice
from chatbot.types import Source

Propose = Callable[[Reading, str, float], Proposal | None]

# All are matched without spaces and marks. What may stand behind a number or a place: 거로 할게요.
_END = (
    r"(?:거|것|걸|꺼|쪽|놈|애)?(?:으로|로|을|를|이|가|은|는)?"
    r"(?:(?:로)?(?:할게|할래|하자|해|해줘|갈게|고를게|고를래|골라줘?|선택|선택할게|알려줘|궁금해|궁금|말이야|같아|맞아))?"
    r"(?:요|이요|이야|야|예요|이에요|에요|입니다|임|이지)?"
)
_NUMBER = re.compile(
    rf"(?:(?P<digit>\d{{1,2}})(?:번째?|째)?|(?P<word>일|삼|사)번|(?P<nth>첫|두|세|네|다섯)번째?|(?P<th>첫|둘|셋|넷|다섯)째){_END}"
)
_COUNT = {"일": 1, "첫": 1, "두": 2, "둘": 2, "삼": 3, "세": 3, "셋": 3, "사": 4, "네": 4, "넷": 4, "다섯": 5}
# By place, counted from the first; -1 is the last.
_PLACES: Sequence[tuple[int, re.Pattern[str]]] = (
    (0, re.compile(rf"(?:제일|맨|젤)?(?:위|윗|위에|위의|처음|앞|앞에|앞의|먼저)(?:있는|나온|말한)?{_END}|전자{_END}")),
    (
        -1,
        re.compile(
            rf"(?:제일|맨|젤)?(?:아래|아래에|아랫|밑|밑에|뒤|뒤에|끝|끝에|마지막|나중)(?:있는|나온|말한)?{_END}|후자{_END}"
        ),
    ),
)
_MIDDLE = re.compile(rf"(?:가운데|중간)(?:에)?(?:있는)?{_END}")
_ALL = re.compile(
    r"(?:둘|셋|둘이|셋이)?(?:다|전부|모두|둘다|셋다|전부다|모두다)(?:요|(?:궁금|알려|말해|설명해|보여|맞|그래|듣고|알고|물어)\S{0,8})?"
)
_NONE = re.compile(
    r"(?:아+|음+|어+)?(?:(?:둘|셋|그중에|이중에|여기|저중에|전부|모두|그게|그거|그런거|그건|이거|아무것도)?(?:은|는|도)?(?:다|하나도|둘다|셋다)?)?"
    r"(?:아니(?:야|에요|예요|요|다|고|라니까|거든|거든요|지|네|네요)?|아닌데|아닌데요|아님|아냐|아녜요|아뇨|ㄴㄴ|없어|없어요|없음|없는데|없는데요|없네|없네요"
    r"|해당없음|다른거|다른거야|딴거|딴거야|딴얘기야)"
)
_YES = re.compile(r"(?:응+|어+|네+|넵|예|ㅇㅇ|ㅇ|맞아|맞아요|그래|그래요|그거|그거야|그거요|ㅇㅋ|오케이|웅+|엉+)")
_MARKS = re.compile(r"[\s?!.,~ㅋㅎㅠㅜ^]")
# A part of a label with fewer letters than this names nothing.
MIN_PART = 2


class ChoiceSpeaker:
    """`propose` gives what an intent would answer now: what it learns of the user (a name) is kept with the choice."""

    def __init__(self, phrases: Phrases, propose: Propose = lambda reading, intent, probability: None) -> None:
        self._phrases = phrases
        self._propose = propose

    def __call__(self, reading: Reading) -> Proposal | None:
        offered, text = reading.state.choices, reading.text
        if not offered:
            return None
        chosen = picked(text, offered)
        if chosen is not None:
            return self._answer(reading, chosen)
        if _NONE.fullmatch(_squeezed(text)):
            reply = self._phrases.say("clarify_none", reading.rng)
            return Proposal(reply, Source.CLARIFY, "보기 가운데 없다고 함", reading.state)
        if len(offered) > 1 and _ALL.fullmatch(_squeezed(text)):
            reply = "\n".join(f"· {choice.label} — {choice.reply}" for choice in offered)
            return Proposal(reply, offered[0].source, "보기를 모두 고름", reading.state)
        number = _NUMBER.fullmatch(_squeezed(text))
        if number is None:
            return None
        reply = self._phrases.say("clarify_range", reading.rng, 수=str(len(offered)))
        return Proposal(reply, Source.CLARIFY, f"{number[0]}번 보기는 없음", reading.state, choices=offered)

    def _answer(self, reading: Reading, chosen: Choice) -> Proposal:
        state, intent = reading.state, chosen.id if chosen.source is Source.TEMPLATE else ""
        asked = reading.with_text(state.last.utterance.text) if intent and state.last else None
        meant = self._propose(asked, intent, 1.0) if asked else None
        state = meant.state if meant else state
        topic = knowledge_id(chosen.id) or state.topic
        state = replace(state, topic=topic, told=(), topic_at=state.count + 1)
        return Proposal(chosen.reply, chosen.source, f"보기에서 고름: {chosen.label}", state, intent=intent)


def picked(text: str, offered: tuple[Choice, ...]) -> Choice | None:
    """The choice that `text` names: 2번, 두 번째, 마지막 거, a part of its label that no other has, a yes to the
    only one.
    """
    said = _squeezed(text)
    number = _NUMBER.fullmatch(said)
    if number:
        place = int(number["digit"] or 0) or _COUNT.get(number["word"] or number["nth"] or number["th"] or "", 0)
        return offered[place - 1] if 1 <= place <= len(offered) else None
    if len(offered) == 1:
        return offered[0] if _YES.fullmatch(said) else _labelled(said, offered)
    at = next((place for place, pattern in _PLACES if pattern.fullmatch(said)), None)
    if at is None and len(offered) == 3 and _MIDDLE.fullmatch(said):
        at = 1
    return offered[at] if at is not None else _labelled(said, offered)


def _labelled(said: str, offered: Sequence[Choice]) -> Choice | None:
    labels = {_squeezed(choice.label): choice for choice in offered}
    if said in labels:
        return labels[said]
    parts = [choice for label, choice in labels.items() if len(said) >= MIN_PART and said in label]
    return parts[0] if len(parts) == 1 else None


def _squeezed(text: str) -> str:
    return _MARKS.sub("", text)
