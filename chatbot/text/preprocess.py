"""The one preprocessing function of teaching and talking: normalise, then repair spaces and typing. In and out: str.

Its `fingerprint` is written into every checkpoint, so that a model never meets text prepared by other rules.
"""

from __future__ import annotations

import hashlib

from chatbot.text import normalize as rules
from chatbot.text.spacing import Spacing
from chatbot.text.typing_repair import TypingRepair
from chatbot.types import Utterance


class Preprocessor:
    """Call it with raw text; gives the text that every model sees, at most `max_length` characters."""

    def __init__(
        self, max_length: int = 1000, repair: TypingRepair | None = None, spacing: Spacing | None = None
    ) -> None:
        self.max_length = max_length
        self.repair = repair
        self.spacing = spacing

    def __call__(self, raw: str) -> str:
        text = rules.normalize(raw, self.max_length)
        if self.spacing is None:
            return text if self.repair is None else rules.normalize(self.repair(text), self.max_length)
        text = self._respelt(self.spacing.join(text))
        split = self.spacing.split(text)
        return rules.normalize(text if split == text else self._respelt(split), self.max_length)

    def _respelt(self, text: str) -> str:
        return self.repair(text) if self.repair else text

    def utterance(self, raw: str, session: str = "default", id: str = "") -> Utterance:
        """What a user said, kept as typed beside what the models see. `raw` is cut so that memory stays bounded."""
        return Utterance(raw=raw[: self.max_length * 20], text=self(raw), session=session, id=id)

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits over the rules in use."""
        repair, spacing = (part.fingerprint if part else "none" for part in (self.repair, self.spacing))
        told = f"normalize {rules.VERSION}; length {self.max_length}; repair {repair}; spacing {spacing}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]
