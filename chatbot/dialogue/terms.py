"""A plain question for the meaning of one term: "과적합은 뭔데", "softmax 설명 좀". Knows no models.

Such a question has one right answer, the entry of that name, however many entries speak of the term.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.slips import Slips
from chatbot.types import Candidate, KnowledgeEntry, Source

# Matched without spaces: the term, a particle, and what asks for a meaning.
_ASKED = re.compile(
    r"(?:그럼|근데|그런데|혹시)?(?P<term>.+?)(?:이라는(?:게|것[이은]|건)|라는(?:게|것[이은]|건)|이란게|란게|이란|란|은|는|이|가|을|를|에대해서?|이랑)?"
    r"(?:정확히|도대체|대체|또|그냥)?(?:뭐(?:야|예요|에요|지|죠|였지|였더라|였죠|임|냐|니|인가요|라고했지)|뭔(?:데|가요|지궁금해|지몰라)"
    r"|무엇(?:인가요|이에요|인지알려줘|인지(?:궁금|알고싶)\S{0,4}|입니까)|무슨(?:뜻|말|의미)(?:이야|이에요|인가요|이죠)?|(?:의)?(?:뜻|의미|정의|개념)(?:이|을|은)?(?:뭐야|뭐예요|뭔가요|알려줘)?"
    r"|(?:뭔지|무엇인지)?(?:좀|쉽게|쉬운말로|간단히|간단하게|자세히|짧게|다시)*"
    r"(?:알려|설명해|가르쳐)(?:줘|주세요|줄래|주라|줘봐|주실래요|봐)|(?:설명|알려)(?:좀|부탁해)|알고싶어|궁금해)요?[?!.~ㅋㅎㅠ]*"
)
# What somebody tells before they ask: 딥러닝 공부 중인데 드롭아웃이 뭐야?
_TOLD_BEFORE = re.compile(r"^.*(?:[은는인던한]데|다가|[아어해]서|니까|거든|려고|지만)(?:요|,)*\s+(?=\S)")
# "그럼 재현율은?": the rest of the question stands in the turn before.
_MERE = re.compile(
    r"(?:(?:그럼|그러면|근데|그런데|그리고|아)(?P<after>.+?)(?:은|는|도|이란|란)?|(?P<alone>.+?)(?:은|는|이란|란))요?[?!.~]*"
)
_COMPARED = re.compile(
    r"(?P<one>.+?)(?:이랑|랑|과|와|하고|vs|대)(?P<two>.+?)(?:의|은|는|이|가)?"
    r"(?:(?:차이점?|다른점|비교)(?:가|는|은|이|를|을|점이|점은)?(?:뭐|뭔|무엇|알려|설명|좀|있|해|궁금)?.*|(?:뭐가|어떻게|어떤점이|무엇이)(?:다|달).*)"
)
# Letters of a term and its particle, below which a last letter may be part of another word.
MIN_BARE = 5
_ASIDE = re.compile(r"\(.*?\)|[\s·'\"‘’?!.,~-]")


def asked_term(text: str) -> str:
    """The term whose meaning `text` asks for, squeezed and in lower case; "" for any other utterance."""
    match = _ASKED.fullmatch(text.replace(" ", ""))
    return squeeze(match["term"]) if match else ""


def squeeze(term: str) -> str:
    """A term as it is compared: lower case, without spaces, hyphens and what stands in brackets."""
    return _ASIDE.sub("", term).lower()


class TermSpeaker:
    """Answers a plain question for a term that exactly one entry explains."""

    def __init__(self, knowledge: Sequence[KnowledgeEntry]) -> None:
        self._entries = _by_term(knowledge)
        # Latin names are left out: LSTM and LSTN may both be somebody's.
        self._slips = Slips(term for term in self._entries if re.fullmatch(r"[가-힣]{3,}", term))

    def __call__(self, reading: Reading) -> Proposal | None:
        pair = self._pair(reading.text)
        # An entry may be about the very difference: 리스트와 튜플의 차이.
        if pair is not None and asked_term(reading.text) not in self._entries:
            return self._compare(reading, *pair)
        entry = self._entry(reading.text) or self._entry(_TOLD_BEFORE.sub("", reading.text))
        if entry is None:
            return None
        state = replace(reading.state, topic=entry.id, told=(), topic_at=reading.state.count + 1)
        reason = f"'{entry.title}'의 뜻을 물음"
        found = Candidate(entry.answer, 1.0, Source.RETRIEVAL, f"k:{entry.id}:title", entry.title)
        return Proposal(entry.answer, Source.RETRIEVAL, reason, state, candidates=(found,), said=found.id)

    def _entry(self, text: str) -> KnowledgeEntry | None:
        """The entry of the term that is asked for, through a slip of the finger too."""
        term = asked_term(text)
        mere = _MERE.fullmatch(text.replace(" ", ""))
        names = [term, squeeze(text), squeeze(mere["after"] or mere["alone"]) if mere else ""]
        for name in names:
            if name in self._entries:
                return self._entries[name]
        # The slip may have hit the particle: 경사하강법인 for 경사하강법은.
        bare = term[:-1] if len(term) >= MIN_BARE and term[:-1] in self._entries else None
        meant = self._slips.find(term) or bare if term else None
        return self._entries[meant] if meant else None

    def _pair(self, text: str) -> tuple[KnowledgeEntry, KnowledgeEntry] | None:
        """The two entries that a question like "RNN이랑 LSTM 차이가 뭐야" compares."""
        match = _COMPARED.fullmatch(text.replace(" ", ""))
        if match is None:
            return None
        one, two = self._named(match["one"]), self._named(match["two"])
        return (one, two) if one is not None and two is not None and one != two else None

    def _named(self, name: str) -> KnowledgeEntry | None:
        """The entry of a name; beside another one its first word will do (L1 for L1 규제), if no other begins so."""
        short = squeeze(name)
        if short in self._entries:
            return self._entries[short]
        begin = {entry.id: entry for entry in self._entries.values() if squeeze(entry.title.split()[0]) == short}
        return next(iter(begin.values())) if len(begin) == 1 else None

    def _compare(self, reading: Reading, one: KnowledgeEntry, two: KnowledgeEntry) -> Proposal:
        state = replace(reading.state, topic=two.id, told=(), topic_at=reading.state.count + 1)
        reply = f"둘을 나란히 놓아 볼게요.\n· {one.title}: {one.answer}\n· {two.title}: {two.answer}"
        reason = f"'{one.title}', '{two.title}'의 차이를 물음"
        return Proposal(reply, Source.RETRIEVAL, reason, state, said=f"k:{one.id}:title")


def _by_term(knowledge: Sequence[KnowledgeEntry]) -> Mapping[str, KnowledgeEntry]:
    """Titles and English names (the ids) first; then the terms of plain questions that only one entry asks."""
    named = {entry.id.replace("_", ""): entry for entry in knowledge}
    named |= {squeeze(entry.title): entry for entry in knowledge}
    asked: dict[str, set[str]] = {}
    by_id = {entry.id: entry for entry in knowledge}
    for entry in knowledge:
        for question in entry.questions:
            term = asked_term(question)
            if term and term not in named:
                asked.setdefault(term, set()).add(entry.id)
    return {**{term: by_id[min(ids)] for term, ids in asked.items() if len(ids) == 1}, **named}
