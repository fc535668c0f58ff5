"""The user judges what the bot said last: '정답은 …', 👍, 👎. In: a reading. Out: thanks, and what was judged.

Knows nothing of where it is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.speakers import recent_replies
from chatbot.dialogue.state import State
from chatbot.types import Candidate, Source, Turn

# What the replies here are called, and what each says of the turn that it judges: 1 good, -1 bad.
VERDICTS = {"liked": 1, "disliked": -1, "correction": -1}

_CORRECTION = re.compile(r"(?:아니[,.]?\s*)?정답은\s*(?P<answer>\S.*)", re.DOTALL)
# "정답은 뭐야?" asks for one.
_ASKS = re.compile(r".*(?:뭐|무엇|뭔|어떤\s?거|어떻게|언제|누구|몰라|모르|알려|말해)\S*\s*[?!.~]*|.*\?|[?!.~]*")
_THUMBS = {"👍": "liked", "👎": "disliked"}
# Besides the thumb: skin tones and marks, and words of praise or complaint; anything more is a line of its own.
_DRESSING = re.compile(r"[\U0001F3FB-\U0001F3FF\uFE0F\s!.~^ㅋㅎㅠㅜ]")
_ADDRESS = (
    r"(?:오|와|우와|음|아|역시|정말|진짜|완전|아주|너무|좀|영|이거|그거|이건|그건|답|답변|대답|설명|방금|도담아?|이"
    r"|은|는)*"
)
_WITH = {
    "liked": re.compile(
        rf"{_ADDRESS}(?:(?:좋|굿|굳|최고|짱|맞|고마|고맙|감사|도움|잘했|잘하|잘알|유용|완벽|훌륭|알겠|이해|대박"
        rf"|따봉|ㅇㅋ|만족|마음에들|맘에들|멋)[^?]{{0,8}})?"
    ),
    "disliked": re.compile(
        rf"{_ADDRESS}(?:(?:별로|싫|나빠|나쁘|아쉽|아쉬|틀|아니|노잼|이상|엉뚱|못|실망|최악|구려|안맞|도움안"
        rf"|마음에안|맘에안)[^?]{{0,8}})?"
    ),
}


def judged(state: State) -> Turn | None:
    """The last turn that was no judgement itself: the one that a 👎, or the 정답은 after it, is about."""
    return next((turn for turn in reversed(state.turns) if turn.response.intent not in VERDICTS), None)


def thumb(raw: str) -> str:
    """liked or disliked for a message that is a thumb and at most a word of praise or complaint; else ""."""
    shown = {emoji for emoji in _THUMBS if emoji in raw}
    if len(shown) != 1:
        return ""
    emoji = shown.pop()
    verdict, rest = _THUMBS[emoji], _DRESSING.sub("", raw.replace(emoji, ""))
    return verdict if _WITH[verdict].fullmatch(rest) else ""


@dataclass(frozen=True, slots=True)
class CorrectionSpeaker:
    """Thanks for a judgement; a right answer travels as the only candidate, and the bot keeps it for
    `chatbot review`.
    """

    phrases: Phrases

    def __call__(self, reading: Reading) -> Proposal | None:
        turn = judged(reading.state)
        verdict = thumb(reading.utterance.raw)
        if verdict and turn is None:
            return self._say(reading, "nothing_said", "", "아직 한 말이 없음")
        if verdict and turn is not None and turn.response.source is not Source.SAFETY:
            return self._say(
                reading, verdict, verdict, f"방금 한 말에 대한 반응 ({'👍' if verdict == 'liked' else '👎'})"
            )
        match = _CORRECTION.fullmatch(reading.text)
        if match is None or _ASKS.fullmatch(match["answer"]) or self._answers_quiz(reading.state):
            return None
        if turn is None:
            return self._say(reading, "corrected_nothing", "", "정답을 알려 줄 말이 아직 없음")
        told = Candidate(match["answer"].strip(), 1.0, Source.SKILL, "correction", turn.utterance.text)
        return self._say(reading, "corrected", "correction", "방금 한 말의 정답을 알려 줌", told)

    @staticmethod
    def _answers_quiz(state: State) -> bool:
        """정답은 KNN is the answer to an open question."""
        return bool(state.quiz) and state.count == state.quiz_at

    def _say(self, reading: Reading, occasion: str, intent: str, why: str, *told: Candidate) -> Proposal:
        reply = self.phrases.say(occasion, reading.rng, recent_replies(reading.state))
        return Proposal(reply, Source.SKILL, why, reading.state, intent, candidates=told)
