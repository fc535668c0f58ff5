"""A document of the bot's owner that answers what was asked goes before clock, weather and small talk: "급식은 몇
시야?" asks for the lunch that a document tells of, not for the time.

In: a reading. Out: a quotation, or nothing. Knows no models: how likely the document answers stands in the candidate,
and so does what of the question it does not name (retrieval/clash.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.speakers import RetrievalSpeaker, is_passage
from chatbot.retrieval.named import NAME, NOUN, runs
from chatbot.seams import Analyzer
from chatbot.text.normalize import unmarked

# So sure a document must be to go before skills and intents, which are sure by their words: a decision. Where it names
# all that the question names, less will do: 학교 축제 어디서 해, asked of a notice on the school's festival.
SURE, SURE_WHEN_NAMED = 0.7, 0.6
# What may be missing of the question's nouns, as a share of its heaviest word: 급식 시간 in a document of 급식.
MISSING = 0.25
# Words of time alone name no matter: 지금 몇 시야, 오늘 며칠이야.
_MOMENTS = frozenset((
    "지금", "현재", "오늘", "내일", "모레", "어제", "그제", "아침", "점심", "저녁", "오전", "오후", "새벽", "밤",
    "시간", "시각", "날짜", "요일", "이번", "다음", "지난", "이번주", "다음주", "주말", "평일", "올해", "내년", "작년",
    "하루", "월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일",
))  # fmt: skip


@dataclass(frozen=True)
class Matters:
    """What a text names beside moments: 급식은 몇 시야 → 급식."""

    analyzer: Analyzer

    def __call__(self, text: str) -> Sequence[str]:
        (morphemes,) = self.analyzer.analyze([text])
        places = {at: at for at in range(len(morphemes))}
        named = [run.letters for run in runs(text, morphemes, places) if run.kind in (NAME, NOUN)]
        return [letters for letters in named if len(letters) > 1 and letters not in _MOMENTS]


class DocumentSpeaker:
    """Quotes the best passage where it is sure and names what the question names.

    `there` says whether any document was added; `taught` are lines that an intent was taught to the letter, and keeps.
    """

    def __init__(
        self, retrieval: RetrievalSpeaker, matters: Matters, there: bool, taught: Collection[str] = ()
    ) -> None:
        self._retrieval = retrieval
        self._matters = matters
        self._there = there
        self._taught = frozenset(map(unmarked, taught))

    def __call__(self, reading: Reading) -> Proposal | None:
        if not self._there or unmarked(reading.utterance.raw) in self._taught or not self._matters(reading.text):
            return None
        best = next(iter(reading.found), None)
        if best is None or not is_passage(best.id):
            return None
        missing = max(best.evidence.get("name_left", 1.0), best.evidence.get("noun_left", 1.0))
        needed = SURE if missing > 0 else SURE_WHEN_NAMED
        return self._retrieval.propose(reading, best, needed) if best.score >= needed and missing <= MISSING else None
