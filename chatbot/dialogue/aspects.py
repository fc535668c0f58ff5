"""One side of what was just explained: "단점은?", "장점 좀", "그 사람 언제 태어났어?". In: a reading. Out: a proposal.

What the corpus says on it is looked for in the topic's own text and by retrieval; where nothing is written, that is
said, together with what can be asked instead. Knows no models.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chatbot.dialogue.followups import left_to_ask
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.slips import Slips
from chatbot.dialogue.speakers import RetrievalSpeaker, knowledge_id, recent_replies
from chatbot.dialogue.state import State
from chatbot.types import KnowledgeEntry, Source

# A longer line names more than a side of something.
MAX_LINE = 30
# Turns for which a topic may still be asked about.
ALIVE = 3
# What may be asked of nearly anything, and the words by which a sentence speaks of it.
_ASPECTS: Mapping[str, Sequence[str]] = {
    "단점": ("단점", "약점", "한계", "나쁜 점"),
    "약점": ("약점", "단점", "한계"),
    "한계": ("한계", "단점", "약점"),
    "나쁜 점": ("나쁜 점", "단점", "약점"),
    "문제점": ("문제점", "단점", "한계"),
    "장점": ("장점", "강점", "좋은 점"),
    "강점": ("강점", "장점", "좋은 점"),
    "좋은 점": ("좋은 점", "장점", "강점"),
    "장단점": ("장점", "단점", "장단점"),
    "특징": ("특징",),
    "주의할 점": ("주의", "조심", "유의"),
    "주의점": ("주의", "조심", "유의"),
    "용도": ("용도", "쓰임", "쓰여", "쓸 때", "쓸 수"),
    "쓰임새": ("쓰임", "용도", "쓰여", "쓸 때"),
    "원리": ("원리",),
    "종류": ("종류",),
    "역사": ("역사", "년에"),
    "유래": ("유래", "이름은", "이름이"),
}
# Matched without spaces.
_BEFORE = r"(?:그럼|그러면|근데|그런데|그리고|아|음|혹시)?(?:(?:그거|그건|그게|이거|이건|그것|거기|그)(?:의|은|는)?)?"
_AFTER = (
    r"(?:은|는|이|가|을|를|도|만|에대해서?)?(?:좀|도|뭐|뭔데|뭐가있|어떤게있|있|없|알려|말해|설명해|궁금해|또)?"
    r"(?:야|예요|에요|어|어요|지|나|니|을까|줘|줘요|주세요|줄래|봐)*요?[?!.~ㅋㅎㅠ]*"
)
_NAMES = "|".join(sorted((name.replace(" ", "") for name in _ASPECTS), key=len, reverse=True))
_USUAL = Slips(
    f"{name}{end}"
    for name in ("단점", "장점", "장단점", "한계", "특징")
    for end in ("은", "은 뭐야", "이 뭐야", "은 없어")
)
_ASPECT = re.compile(rf"{_BEFORE}(?P<aspect>{_NAMES}){_AFTER}")
# Somebody who is not named, and what is asked of their life; by which words a sentence tells it.
_PERSON = re.compile(
    r"(?:그럼|근데|그런데)?(?:(?:그|이|저|그런)(?:사람|분|양반|작가|화가|과학자|왕|임금|장군|시인|가수|배우|감독"
    r"|학자|발명가|위인)|걔|쟤)(?:은|는|이|가|의|도)?"
    r"(?:언제|어디서|어디|몇년에|몇년도에|무슨|뭐|어느|몇|왜|지금|아직|누구랑)?"
    r"(?P<asked>태어|출생|탄생|몇살|나이|살이|생일|죽|사망|돌아가|살아|국적|나라|어디사람|직업|하는사람|한사람"
    r"|했던사람|누구|유명|업적|만들|발명)"
    r"\S{0,8}[?!.~]*"
)
_LIFE: Mapping[str, Sequence[str]] = {
    "태어": ("태어",), "출생": ("태어",), "탄생": ("태어",), "생일": ("태어",), "나이": ("태어",), "몇살": ("태어",),
    "죽": ("전사", "세상을 떠", "숨을 거", "죽"), "사망": ("전사", "세상을 떠", "죽"), "돌아가": ("전사", "세상을 떠"),
    "업적": ("만들", "세웠", "발명", "업적"), "만들": ("만들",), "발명": ("발명", "만들"), "유명": ("유명", "알려"),
}  # fmt: skip
# An entry that is about a person says what they were.
_SOMEBODY = re.compile(
    r"(?:임금|왕|장군|사람|작가|시인|소설가|[과수철]학자|학자|화가|가수|배우|대통령|운동가|발명가|음악가|작곡가"
    r"|의사|스님)"
    r"(?:이에요|예요|이었어요|였어요|이고|으로|로)"
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def asked_aspect(text: str) -> str:
    """The side of a topic that a line asks for and names nothing else: 단점은? → 단점; "" for any other line."""
    squeezed = text.replace(" ", "")
    if len(squeezed) > MAX_LINE:
        return ""
    match = _ASPECT.fullmatch(squeezed) or _ASPECT.fullmatch(_USUAL.find(squeezed.rstrip("?!.~ㅋㅎㅠ")) or "")
    return next((name for name in _ASPECTS if match and name.replace(" ", "") == match["aspect"]), "")


def asked_life(text: str) -> str:
    """What is asked of the life of somebody who is not named: 그 사람 언제 태어났어? → 태어; "" for any other line."""
    match = _PERSON.fullmatch(text.replace(" ", ""))
    return match["asked"] if match else ""


class AspectSpeaker:
    """Answers from what is written on the topic, or says that nothing is."""

    def __init__(self, knowledge: Mapping[str, KnowledgeEntry], retrieval: RetrievalSpeaker, phrases: Phrases) -> None:
        self._knowledge = knowledge
        self._retrieval = retrieval
        self._phrases = phrases

    def __call__(self, reading: Reading) -> Proposal | None:
        aspect, life = asked_aspect(reading.text), asked_life(reading.text)
        if not aspect and not life:
            return None
        state = reading.state
        alive = state.count - state.topic_at <= ALIVE
        entry = self._knowledge.get(state.topic) if alive else None
        if life:
            told = self._written(reading, entry, life, _LIFE.get(life, ())) if entry else None
            if told is None and entry is not None and _SOMEBODY.search(entry.answer):
                return self._say(
                    "person_untold", reading, state, f"'{entry.title}'의 삶을 다 알지 못함", 주제=entry.title
                )
            return told or self._say("person_unknown", reading, state, "누구인지 알 수 없는 사람을 물음")
        if entry is None:
            return self._say("aspect_of_what", reading, state, f"무엇의 {aspect}인지 알 수 없음", 무엇=aspect)
        return self._written(reading, entry, aspect, _ASPECTS[aspect]) or self._unknown(reading, entry, aspect)

    def _written(self, reading: Reading, entry: KnowledgeEntry, asked: str, words: Sequence[str]) -> Proposal | None:
        """The entry's own sentences with one of `words`, or another entry that is asked for both."""
        state = replace(reading.state, topic_at=reading.state.count + 1)
        parts = [part for part in (entry.answer, entry.more, entry.why, entry.example) if part]
        sentences = [one for part in parts for one in _SENTENCE_END.split(part)]
        found = [one for one in sentences if any(word in one for word in words)][:2]
        reason = f"'{entry.title}'의 {asked}을(를) 물음"
        if found:
            return Proposal(" ".join(found), Source.RETRIEVAL, reason, state, intent="followup_aspect")
        for candidate in self._retrieval.likely(reading.with_text(f"{entry.title} {asked}")):
            fits = entry.title in candidate.question and any(word in candidate.question for word in words)
            # An entry that is asked for it by its questions need not tell of it: its answer was just said.
            if fits and knowledge_id(candidate.id) in self._knowledge and candidate.text != entry.answer:
                return self._retrieval.propose(reading, candidate)
        return None

    def _unknown(self, reading: Reading, entry: KnowledgeEntry, aspect: str) -> Proposal:
        state = replace(reading.state, topic_at=reading.state.count + 1)
        left = left_to_ask(entry, state.told)
        occasion = "aspect_unknown" if left else "aspect_unknown_alone"
        reason = f"'{entry.title}'의 {aspect}을(를) 배운 적 없음"
        return self._say(
            occasion, reading, state, reason, 무엇=aspect, 주제=entry.title, **({"남은": left} if left else {})
        )

    def _say(self, occasion: str, reading: Reading, state: State, reason: str, **slots: str) -> Proposal:
        reply = self._phrases.say(occasion, reading.rng, recent_replies(state), **slots)
        return Proposal(reply, Source.RETRIEVAL, reason, state, intent="followup")
