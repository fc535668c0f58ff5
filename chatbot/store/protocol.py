"""What a store of conversations can do, wherever it keeps them. Wider than the seam: feedback, choices, review."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from chatbot.types import Candidate, Turn


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody picked after a 되묻기: its label, the answer they got, and where that stands (`Candidate.id`)."""

    label: str
    reply: str = ""
    source: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """An utterance that a person should look at: what the bot said, why, and what made it worth a look.

    `kind` is "corrected", "disliked", "chosen", "fallback", "unclear" (asked back, nothing chosen) or "unsure".
    `answer` is the right answer the user told, or the label of the choice they made, which `chosen` says more of.
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
    chosen: Chosen | None = None
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """An update of a messenger that is not answered yet: its text (masked), what else the adapter wrote about it.

    `part` counts the parts of the answer that went out; `sending` says that the next was on its way when the process
    ended, so that nobody knows whether it arrived.
    """

    update_id: int
    text: str
    about: Mapping[str, Any]
    part: int = 0
    sending: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """How far an answer is: part `part` goes out now ("sending"), is next to go out ("waiting"), or all is said."""

    update_id: int
    status: Literal["waiting", "sending", "done"]
    part: int = 0


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of a conversation: its state (None for a new or reset one), the last turns, oldest first.

    `version` names this state, for `append` and `save_state`; it is 0 where nothing is kept.
    """

    state: Mapping[str, Any] | None = None
    turns: Sequence[Turn] = ()
    version: int = 0


# What makes a turn, and the state after it, out of what is remembered.
Thought = Callable[[Remembered], tuple[Turn, Mapping[str, Any]]]


class Store(Protocol):
    """Memory of conversations. Every method may raise `StoreError` when the database is locked, full or broken."""

    def append(self, turn: Turn, state: Mapping[str, Any] | None = None, seen: int | None = None) -> int:
        """Keep a turn and the state after it, both or neither; the same response id twice is kept once.

        `seen` is the version of the state that the turn was thought from; without it the state is written whatever
        stands there. Gives the row's id, or 0 when the database takes nothing now and the turn is kept in memory
        until it does.

        Raises
        ------
        StaleStateError
            when the conversation has another version by now; nothing is kept.
        """
        ...

    def settle(self, session: str, limit: int, think: Thought) -> int:
        """`recall`, `think` and `append` in one: whoever else writes this conversation waits until it is thought."""
        ...

    def recall(self, session: str, limit: int) -> Remembered:
        """The state and, where there is one, the last `limit` turns."""
        ...

    def history(self, session: str, limit: int) -> list[Turn]:
        """The last `limit` turns of a session, oldest first."""
        ...

    def load_state(self, session: str) -> dict[str, Any] | None:
        """The state after the last turn, or None for a new or reset conversation."""
        ...

    def save_state(self, session: str, state: Mapping[str, Any], seen: int | None = None) -> None:
        """Keep a state without a turn; `seen` as for `append`."""
        ...

    def reset_state(self, session: str) -> None:
        """Begin the conversation anew; its turns stay."""
        ...

    def forget(self, session: str) -> int:
        """Delete every row of a session for good; returns how many turns went."""
        ...

    def purge(self, older_than_days: int) -> int:
        """Delete conversations that were last touched longer ago (0: none); returns how many turns went."""
        ...

    def feedback(self, response_id: str, value: int, correction: str = "") -> None:
        """Keep 👍 (1) or 👎 (-1), and perhaps the right answer, for a response; a later thumb replaces an earlier."""
        ...

    def choice(self, response_id: str, offered: Sequence[str], chosen: Chosen) -> None:
        """Keep what was picked after the bot asked back."""
        ...

    def reply_counts(self, keys: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        """(likes, dislikes) of reply templates by key."""
        ...

    def spoken(self, response_id: str) -> Turn | None:
        """The turn with this response, if it is kept."""
        ...

    def receive(self, adapter: str, updates: Sequence[Received]) -> set[int]:
        """Keep updates until they are answered; returns which are new. The others must not be answered again."""
        ...

    def note(self, adapter: str, notes: Sequence[Note]) -> None:
        """Keep how far the answers are; of one that is done the text goes, and its number stays."""
        ...

    def unanswered(self, adapter: str) -> list[Received]:
        """What an earlier process left unanswered, in the order it came."""
        ...

    def for_review(self, limit: int) -> list[ReviewItem]:
        """What a person should look at and has not yet, the most telling first."""
        ...

    def mark_reviewed(self, turn_ids: Sequence[int], decision: str) -> None: ...

    def export(self, session: str) -> list[dict[str, Any]]:
        """Every turn of a session as plain values, oldest first."""
        ...

    def close(self) -> None: ...
