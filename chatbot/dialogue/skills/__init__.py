"""What the bot works out instead of remembering: time, dates, sums, units, chance. In: an utterance. Out: a reply, or
None.

Every skill is a pure function of the text, the present moment and the random source. Knows nothing of classifiers:
`claims` is for words that leave no doubt; everything else reaches a skill through its intent.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from chatbot.dialogue.skills.calculator import Calculator
from chatbot.dialogue.skills.calendar import Calendar
from chatbot.dialogue.skills.clock import Clock
from chatbot.dialogue.skills.converter import Converter
from chatbot.dialogue.skills.exchange import Exchange
from chatbot.dialogue.skills.pick_one import PickOne


class Skill(Protocol):
    """One thing the bot can work out."""

    def claims(self, text: str) -> bool:
        """Whether the words alone say that this skill is meant, with no other evidence."""
        ...

    def answer(self, text: str, now: datetime, rng: random.Random) -> str | None:
        """A reply in 해요체; None when the text is not for this skill or lacks what it needs. `now` is local time."""
        ...


SKILLS: Mapping[str, Skill] = {
    "clock": Clock(),
    "calendar": Calendar(),
    "calculator": Calculator(),
    "exchange": Exchange(),
    "converter": Converter(),
    "pick_one": PickOne(),
}

__all__ = ["SKILLS", "Skill"]
