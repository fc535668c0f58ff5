"""Words that lean on the topic: "그거 언제 써?", "그럼 너무 작으면?", "어떻게 막아?". In: a reading. Out: the question
in full, and its answer.

The topic's title takes the place of the pronoun, or stands before a question that left it out; then retrieval is
asked; what no question of the corpus asks is looked for in the entry's own sentences.
Plain follow-ups ("더 알려줘") are followups.py's. Knows nothing of how answers are found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from chatbot.dialogue.followups import FollowUpSpeaker, left_to_ask
from chatbot.dialogue.nouns import leans
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.speakers import RetrievalSpeaker, knowledge_id, recent_replies
from chatbot.seams import Analyzer
from chatbot.text.josa import attach
from chatbot.types import Candidate, KnowledgeEntry, Morpheme, Source

# Turns after which a pronoun no longer means what was explained.
ALIVE = 1
# So sure must an intent be of words that name nothing, to be believed before the topic.
SURE = 0.9
# A longer sentence names what it is about.
MAX_ELLIPSIS = 16
_START = r"(?:그럼|그러면|그렇다면|근데|그런데|그리고)[,.]?\s*"
# What a question that left its subject out looks like: "그럼 너무 작으면?", "근데 언제 써".
_ASKS = re.compile(r".*(?:\?|면요?$|왜|언제|어디|어떻게|어떨|뭐|무슨|얼마|누가|몇).*")
# Pronouns that hold their particle in them.
_HIDDEN = {"그건": "은", "이건": "은", "그게": "이", "이게": "이", "그걸": "을", "이걸": "을"}
_PAIRS = ("은/는", "이/가", "을/를", "으로/로", "이랑/랑")
_PRONOUN = re.compile(
    rf"(?:{_START})?(?P<it>그건|이건|그게|이게|그걸|이걸|(?:그거|이거|그것|이것|(?:방금|아까)\s?(?:그거|말한\s?거|배운\s?거)"
    r"|그\s?(?:방법|기법|모델|개념|함수|알고리즘|기술|말|용어))(?P<josa>은|는|이|가|을|를|도|로|랑|에서|의)?)\s*(?P<rest>\S.*)"
)
_WHY = re.compile(r"왜|이유|까닭|어째서")
_WH = re.compile(r"언제|어디|어떻게|얼마|몇|누가|뭘로")
_ELLIPSIS = re.compile(rf"{_START}(?P<rest>\S.*)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
# Verbs that nearly any sentence has.
_LIGHT = frozenset(["하", "되", "있", "없", "같", "아니", "주", "보", "이", "좋", "알", "모르", "돼"])


_NODS = ("affirm", "acknowledge", "deny")


def in_full(text: str, title: str) -> str:
    """`text` with `title` where it leans on the topic; "" when it stands on its own."""
    match = _PRONOUN.fullmatch(text)
    if match:
        particle = _HIDDEN.get(match["it"]) or match["josa"] or ""
        pair = next((pair for pair in _PAIRS if particle in pair.split("/")), "")
        subject = attach(title, pair) if pair else title + particle
        return f"{subject} {match['rest']}"
    match = _ELLIPSIS.fullmatch(text)
    return f"{title} {match['rest']}" if match is not None and _asks_briefly(match["rest"]) else ""


def _asks_briefly(text: str) -> bool:
    return len(text) <= MAX_ELLIPSIS and _ASKS.fullmatch(text) is not None


def _shares(question: str, asked: str, title: str) -> bool:
    """Whether two questions have a pair of letters in common beyond the title."""
    first, second = (set(pairwise(text.replace(title, " ").replace(" ", ""))) for text in (question, asked))
    return bool(first & second)


class ContextSpeaker:
    """Answers what leans on the entry that was just explained."""

    def __init__(
        self,
        knowledge: Mapping[str, KnowledgeEntry],
        retrieval: RetrievalSpeaker,
        followups: FollowUpSpeaker,
        phrases: Phrases,
        analyzer: Analyzer,
    ) -> None:
        self._knowledge = knowledge
        self._retrieval = retrieval
        self._followups = followups
        self._phrases = phrases
        self._analyzer = analyzer

    def __call__(self, reading: Reading) -> Proposal | None:
        state, text = reading.state, reading.text
        entry = self._knowledge.get(state.topic)
        if entry is None or state.count - state.topic_at > ALIVE:
            return None
        full = in_full(text, entry.title)
        if not full and state.count == state.topic_at and _asks_briefly(text):
            morphemes = self._analyzer.analyze([text])[0]
            if leans(morphemes) and not self._stands_alone(reading, SURE):
                return self._unsaid(reading, entry, morphemes)
        # 그럼 by itself is a yes; any other intent means that the words stand on their own.
        if not full or (not _PRONOUN.fullmatch(text) and self._stands_alone(reading)):
            return None
        return self._asked(reading, entry, full)

    @staticmethod
    def _stands_alone(reading: Reading, sure: float = 0.0) -> bool:
        scores = reading.scores
        return scores.accepted and scores.best.probability >= sure and scores.best.intent not in _NODS

    def _asked(self, reading: Reading, entry: KnowledgeEntry, full: str) -> Proposal | None:
        """The answer to the question in full."""
        state, ellipsis = reading.state, not _PRONOUN.fullmatch(reading.text)
        found = next(iter(self._retrieval.likely(reading.with_text(full))), None)
        why = bool(_WHY.search(reading.text)) and "why" not in state.told
        if found is not None and knowledge_id(found.id) in self._knowledge and found.text != entry.answer:
            return self._told(reading, found, full)
        just_said = found is not None and found.text == entry.answer
        if why and (entry.why or just_said):
            return self._followups.tell(reading, entry, "why")
        # What was just said: go on with what was not, if that was asked at all.
        on = just_said and found is not None and (ellipsis or _shares(found.question, full, entry.title))
        if on and "more" not in state.told:
            return self._followups.tell(reading, entry, "more")
        if ellipsis or not _WH.search(reading.text) or self._stands_alone(reading, SURE):
            return None
        return self._in_topic(reading, entry, full, self._analyzer.analyze([reading.text])[0])

    def _unsaid(self, reading: Reading, entry: KnowledgeEntry, asked: Sequence[Morpheme]) -> Proposal | None:
        """The answer to a question that names nothing, not even by a pronoun: 어떻게 막아?"""
        full, state = f"{entry.title} {reading.text}", reading.state
        near = {entry.id, *entry.related}
        for found in self._retrieval.likely(reading.with_text(full)):
            id_ = knowledge_id(found.id)
            about = id_ in near or entry.title in found.question
            other = id_ in self._knowledge and found.text != entry.answer
            if about and other and _shares(found.question, full, entry.title):
                return self._told(reading, found, full)
        if _WHY.search(reading.text) and entry.why and "why" not in state.told:
            return self._followups.tell(reading, entry, "why")
        return self._in_topic(reading, entry, full, asked)

    def _in_topic(
        self, reading: Reading, entry: KnowledgeEntry, full: str, asked: Sequence[Morpheme]
    ) -> Proposal | None:
        """The entry's own sentences on what is asked, or the admission that there are none."""
        state = replace(reading.state, topic_at=reading.state.count + 1)
        sentences = self._sentences(entry, asked)
        if sentences:
            reason = f"'{full}'로 알아들음; '{entry.title}' 이야기에 있는 말"
            return Proposal(" ".join(sentences), Source.RETRIEVAL, reason, state, intent="followup_context")
        if self._retrieval.likely(reading):
            return None
        left = left_to_ask(entry, state.told)
        reply = self._phrases.say(
            "untold" if left else "untold_alone",
            reading.rng,
            recent_replies(state),
            주제=entry.title,
            **({"남은": left} if left else {}),
        )
        reason = f"'{full}'로 알아들음; 배운 적 없음"
        return Proposal(reply, Source.RETRIEVAL, reason, state, intent="followup_context")

    def _sentences(self, entry: KnowledgeEntry, asked: Sequence[Morpheme]) -> list[str]:
        """The entry's sentences with a verb of the question, those after the answer first: 언제 써? → … 때 써요."""
        stems = _stems(asked)
        parts = [part for part in (entry.more, entry.why, entry.example, entry.answer) if part]
        sentences = [one for part in parts for one in _SENTENCE_END.split(part)]
        if not stems:
            return []
        read = self._analyzer.analyze(sentences)
        return [one for one, morphemes in zip(sentences, read, strict=True) if stems & _stems(morphemes)][:2]

    def _told(self, reading: Reading, found: Candidate, full: str) -> Proposal:
        proposal = self._retrieval.propose(reading, found)
        return replace(proposal, reason=f"'{full}'로 알아들음; {proposal.reason}")


def _stems(morphemes: Sequence[Morpheme]) -> set[str]:
    return {one.form for one in morphemes if one.tag[:2] in ("VV", "VA") and one.form not in _LIGHT}
