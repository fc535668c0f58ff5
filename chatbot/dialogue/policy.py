"""Who is asked first. The whole policy of the bot is the order of this list; engine.py asks, the first one wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from chatbot.dialogue.engine import Speaker

Role = Literal[
    "safety", "correction", "unreadable", "choice", "prohibition", "speech_level", "name", "form", "quiz",
    "document", "skill", "another", "followup", "aspect", "term", "context", "aftercare", "written", "template",
    "torn", "retrieval", "generator", "clarify", "fallback",
]  # fmt: skip

ORDER: Sequence[Role] = (
    "safety",  # a person in danger, before any model
    "correction",  # "정답은 …", 👍, 👎
    "unreadable",  # nothing to read: no model could
    "choice",  # an answer to our own question
    "prohibition",  # "알람 맞추지 마"
    "speech_level",  # "반말로 해줘"
    "name",  # "이름 바꿀래"
    "form",  # a form that is being filled in
    "quiz",  # a quiz question that waits for its answer
    "document",  # "급식은 몇 시야?" where a document of the owner tells when
    "skill",  # exact answers: clock, calendar, calculator
    "another",  # "하나 더", "추천해줘": what was asked before, again or in full
    "followup",  # "더 알려줘" leans on what was explained last
    "aspect",  # "단점은?" of what was explained last
    "term",  # "과적합이 뭐야": one entry is that term's
    "context",  # "그거 언제 써?" in full: 드롭아웃 언제 써?
    "aftercare",  # a crisis was told a moment ago
    "written",  # the corpus answers this very sentence
    "template",  # one intent is sure
    "torn",  # one of two intents is, but not which: ask back
    "retrieval",  # the corpus answers a sentence like this
    "generator",  # nothing written fits, and the model is sure of itself
    "clarify",  # a few may be right: ask back
    "fallback",  # say that it was not understood
)


def in_order(speakers: Mapping[Role, Speaker]) -> list[Speaker]:
    """The speakers as the policy asks them; a role that nobody fills is left out."""
    return [speakers[role] for role in ORDER if role in speakers]
