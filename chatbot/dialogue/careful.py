"""Somebody tells of a hurt or an illness: the careful answer, no first aid that was generated or found by likeness.
In: a reading and another speaker. Out: that speaker's proposal, or the careful one in its place.

What ails people stands in corpus/lexicon/safety_rules.tsv; what a person wrote for this very sentence (written.py) is
not touched. Knows nothing of danger: safety.py has spoken before.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.safety import MEDICAL
from chatbot.dialogue.tone import LOW_INTENTS
from chatbot.types import Source

# A reply that sends people to somebody who can help needs no other in its place.
_REFERS = re.compile(r"병원|의사|약사|약국|진료|119|응급실|보건소|치과|내과|안과")


@dataclass(frozen=True, slots=True)
class Careful:
    """`speaker`, kept from treating people; `answer` gives the careful reply to a text that tells of an ailment."""

    speaker: Callable[[Reading], Proposal | None]
    answer: Callable[[str], str | None]

    def __call__(self, reading: Reading) -> Proposal | None:
        proposal = self.speaker(reading)
        if proposal is None or _comforts(proposal):
            return proposal
        reply = self.answer(reading.utterance.raw)
        if reply is None:
            return proposal
        return Proposal(reply, Source.SAFETY, "아픈 데가 있다는 말이라 치료법은 말하지 않음", reading.state, MEDICAL)


def _comforts(proposal: Proposal) -> bool:
    """Whether the reply only feels with the user, or names somebody to ask; a generated one never counts as such."""
    if proposal.source in (Source.SEQ2SEQ, Source.FALLBACK, Source.CLARIFY):
        return False
    return proposal.intent in LOW_INTENTS or _REFERS.search(proposal.reply) is not None
