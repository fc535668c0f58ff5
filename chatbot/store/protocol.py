"""What a store of conversations can do, wherever it keeps them. Wider than the seam: feedback, choices, review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from chatbot.types import Turn


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """An utterance that a person should look at: what the bot said, why, and what made it worth a look.

    `kind` is "corrected", "disliked", "chosen", "fallback" or "unsure"; `answer` is the right answer the user told, or
    the choice they made.
    """

    turn_id: int
    kind: str
    text: str
    reply: str
    source: str
    intent: str
    confidence: float
    reason: str
    answer: str = ""


class Store(Protocol):
    """Memory of conversations. Every method may raise `StoreError` when the database is locked, full or broken."""

    def append(self, turn: Turn, state: Mapping[str, Any] | None = None) -> int:
        """Keep a turn and the state after it, both or neither; the same response id twice is kept once."""
        ...

    def history(self, session: str, limit: int) -> list[Turn]:
        """The last `limit` turns of a session, oldest first."""
        ...

    def load_state(self, session: str) -> dict[str, Any] | None:
        """The state after the last turn, or None for a new or reset conversation."""
        ...

    def save_state(self, session: str, state: Mapping[str, Any]) -> None:
        """Keep a state without a turn."""
        ...

    def reset_state(self, session: str) -> None:
        """Begin the conversation anew; its turns stay."""
        ...

    def forget(self, session: str) -> int:
        """Delete every row of a session for good; returns how many turns went."""
        ...

    def feedback(self, response_id: str, value: int, correction: str = "") -> None:
        """Keep 👍 (1) or 👎 (-1), and perhaps the right answer, for a response."""
        ...

    def choice(self, response_id: str, offered: Sequence[str], chosen: str) -> None:
        """Keep what was picked after the bot asked back."""
        ...

    def reply_counts(self, keys: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        """(likes, dislikes) of reply templates by key."""
        ...

    def seen(self, adapter: str, update_id: int) -> bool:
        """Whether this update was seen before; the first call says no and remembers it."""
        ...

    def for_review(self, limit: int) -> list[ReviewItem]:
        """What a person should look at and has not yet, the most telling first."""
        ...

    def mark_reviewed(self, turn_ids: Sequence[int], decision: str) -> None: ...

    def export(self, session: str) -> list[dict[str, Any]]:
        """Every turn of a session as plain values, oldest first."""
        ...

    def close(self) -> None: ...
