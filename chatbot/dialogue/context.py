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
_PARTICLES = {"그건": "은/는", "이건": "은/는", "그게": "이/가", "이게": "이/가", "그걸": "을/를", "이걸": "을/를"}
_PRONOUN = re.compile(
    rf"(?:{_START})?(?P<it>그건|이건|그게|이게|그걸|이걸|(?:그거|이거|그것|이것|(?:방금|아까)\s?(?:그거|말한\s?거|배운\s?거)"
    r"|그\s?(?:방법|기법|모델|개념|함수|알고리즘|기술|말|용어))(?P<josa>은|는|이|가|을|를|도|로|랑|에서|의)?)\s*(?P<rest>\S.*)"
)
_ELLIPSIS = re.compile(rf"{_START}(?P<rest>\S.*)")


def in_full(text: str, title: str) -> str:
    """`text` with `title` where it leans on the topic; "" when it stands on its own."""
    match = _PRONOUN.fullmatch(text)
    if match:
        pair = _PARTICLES.get(match["it"])
        if pair is None:
            pair = {"은": "은/는", "는": "은/는", "이": "이/가", "가": "이/가", "을": "을/를", "를": "을/를"}.get(
                match["josa"] or "", ""
            )
        subject = attach(title, pair) if pair else title + (match["josa"] or "")
        return f"{subject} {match['rest']}"
    match = _ELLIPSIS.fullmatch(text)
    short = match is not None and len(match["rest"]) <= MAX_ELLIPSIS and _ASKS.fullmatch(match["rest"])
    return f"{title} {match['rest']}" if match is not None and short else ""


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
        if not full:
            return None
        proposal = self._retrieval(reading.with_text(full))
        if proposal is None or knowledge_id(proposal.said) not in self._knowledge:
            return None
        if proposal.reply != entry.answer:
            return replace(proposal, reason=f"'{full}'로 알아들음; {proposal.reason}")
        # Its main answer was just said: go on with what was not.
        return self._followups.tell(reading, entry, "more")
