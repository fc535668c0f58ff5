"""Words that lean on the topic: "그거 언제 써?", "그럼 너무 작으면?". In: a reading. Out: the question in full, and
its answer.

The topic's title takes the place of the pronoun, or stands before a question that left it out; then retrieval is
asked.
Plain follow-ups ("더 알려줘") are followups.py's. Knows nothing of how answers are found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from chatbot.dialogue.followups import FollowUpSpeaker
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.speakers import RetrievalSpeaker, knowledge_id
from chatbot.text.josa import attach
from chatbot.types import KnowledgeEntry

# Turns after which a pronoun no longer means what was explained.
ALIVE = 1
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
_ELLIPSIS = re.compile(rf"{_START}(?P<rest>\S.*)")


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
    short = match is not None and len(match["rest"]) <= MAX_ELLIPSIS and _ASKS.fullmatch(match["rest"])
    return f"{title} {match['rest']}" if match is not None and short else ""


def _shares(question: str, asked: str, title: str) -> bool:
    """Whether two questions have a pair of letters in common beyond the title."""
    first, second = (set(pairwise(text.replace(title, " ").replace(" ", ""))) for text in (question, asked))
    return bool(first & second)


class ContextSpeaker:
    """Answers what leans on the entry that was just explained."""

    def __init__(
        self, knowledge: Mapping[str, KnowledgeEntry], retrieval: RetrievalSpeaker, followups: FollowUpSpeaker
    ) -> None:
        self._knowledge = knowledge
        self._retrieval = retrieval
        self._followups = followups

    def __call__(self, reading: Reading) -> Proposal | None:
        state = reading.state
        entry = self._knowledge.get(state.topic)
        if entry is None or state.count - state.topic_at > ALIVE:
            return None
        full = in_full(reading.text, entry.title)
        ellipsis = not _PRONOUN.fullmatch(reading.text)
        scores = reading.scores
        # 그럼 by itself is a yes; any other intent means that the words stand on their own.
        if not full or (ellipsis and scores.accepted and scores.best.intent not in _NODS):
            return None
        asked = reading.with_text(full)
        found = next(iter(self._retrieval.likely(asked)), None)
        why = bool(_WHY.search(reading.text)) and "why" not in state.told
        if found is None or knowledge_id(found.id) not in self._knowledge:
            return self._followups.tell(reading, entry, "why") if why and entry.why else None
        if found.text == entry.answer:  # just said: go on with what was not, if that was asked at all
            if why or ("more" not in state.told and (ellipsis or _shares(found.question, full, entry.title))):
                return self._followups.tell(reading, entry, "why" if why else "more")
            return None
        proposal = self._retrieval.propose(reading, found)
        return replace(proposal, reason=f"'{full}'로 알아들음; {proposal.reason}")
