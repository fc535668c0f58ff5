"""The one preprocessing function of teaching and talking: normalise, then repair typing. In and out: str.

Its `fingerprint` is written into every checkpoint, so that a model never meets text prepared by other rules.
"""

from __future__ import annotations

import hashlib
import re
from typing import Protocol

from chatbot.text import normalize as rules
from chatbot.text.typing_repair import TypingRepair
from chatbot.types import Utterance

# Well-spaced eojeols rarely reach eight syllables, and messages of one eojeol rarely six: of 500 questions with their
# spaces removed Kiwi puts 0.64 to 0.78 of the eojeols right (F1), of 500
# spaced ones it changes none to four.
_LONG_EOJEOL = re.compile(r"[가-힣]{8,}")
_ONE_LONG_EOJEOL = re.compile(r"[^ ]*[가-힣]{6,}[^ ]*")


class Spacer(Protocol):
    """Whoever can put spaces into Korean text (KiwiAnalyzer)."""

    def space(self, text: str) -> str: ...


class Preprocessor:
    """Call it with raw text; gives the text that every model sees, at most `max_length` characters."""

    def __init__(self, max_length: int = 1000, repair: TypingRepair | None = None) -> None:
        self.max_length = max_length
        self.repair = repair

    def __call__(self, raw: str) -> str:
        text = rules.normalize(raw, self.max_length)
        if self.repair is None:
            return text
        return rules.normalize(self.repair(text), self.max_length)

    def utterance(self, raw: str, session: str = "default", id: str = "") -> Utterance:
        """What a user said, kept as typed beside what the models see. `raw` is cut so that memory stays bounded."""
        return Utterance(raw=raw[: self.max_length * 20], text=self(raw), session=session, id=id)

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits over the rules in use."""
        repair = self.repair.fingerprint if self.repair else "none"
        told = f"normalize {rules.VERSION}; length {self.max_length}; repair {repair}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def respace(text: str, kiwi: Spacer) -> str:
    """`text` with its spaces corrected where an eojeol is too long to be one; anything else comes back unchanged."""
    long = _LONG_EOJEOL.search(text) or _ONE_LONG_EOJEOL.fullmatch(text)
    return kiwi.space(text) if long else text
