"""A store that keeps nothing on disk: for questions asked without a session, and for tests."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from chatbot.errors import StaleStateError
from chatbot.store.protocol import Chosen, Note, Received, Remembered, ReviewItem, Thought
from chatbot.types import Turn

# Turns of a session that are kept.
_TURNS = 500


class MemoryStore:
    """Turns and states of this process, gone with it. Sessions beyond `limit` push out the oldest."""

    def __init__(self, limit: int = 1000) -> None:
        self._limit = limit
        self._lock = threading.RLock()
        self._turns: dict[str, list[Turn]] = {}
        self._states: dict[str, dict[str, Any]] = {}
        self._versions: defaultdict[str, int] = defaultdict(int)
        self._seen: set[tuple[str, int]] = set()
        self._counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])

    def append(self, turn: Turn, state: Mapping[str, Any] | None = None, seen: int | None = None) -> int:
        return self._append(turn, state, seen)

    def settle(self, session: str, limit: int, think: Thought) -> int:
        with self._lock:
            return self._append(*think(self.recall(session, limit)), None)

    def _append(self, turn: Turn, state: Mapping[str, Any] | None, seen: int | None) -> int:
        with self._lock:
            session = turn.utterance.session
            if state is not None:
                self._keep(session, state, seen)
            turns = self._turns.setdefault(session, [])
            turns.append(turn)
            del turns[:-_TURNS]
            while len(self._turns) > self._limit:
                oldest = next(iter(self._turns))
                del self._turns[oldest]
                self._states.pop(oldest, None)
                self._versions.pop(oldest, None)
            return len(turns)

    def _keep(self, session: str, state: Mapping[str, Any] | None, seen: int | None) -> None:
        if seen is not None and seen != self._versions.get(session, 0):
            raise StaleStateError(f"{session}: another thread wrote this conversation")
        self._versions[session] += 1
        if state is None:
            self._states.pop(session, None)
        else:
            self._states[session] = dict(state)

    def recall(self, session: str, limit: int) -> Remembered:
        with self._lock:
            state = self._states.get(session)
            turns = self._turns.get(session, [])[-limit:] if state else []
            return Remembered(state, turns, self._versions.get(session, 0))

    def history(self, session: str, limit: int) -> list[Turn]:
        return self._turns.get(session, [])[-limit:]

    def load_state(self, session: str) -> dict[str, Any] | None:
        return self._states.get(session)

    def save_state(self, session: str, state: Mapping[str, Any], seen: int | None = None) -> None:
        with self._lock:
            self._keep(session, state, seen)

    def reset_state(self, session: str) -> None:
        with self._lock:
            self._keep(session, None, None)

    def forget(self, session: str) -> int:
        with self._lock:
            self._states.pop(session, None)
            self._versions.pop(session, None)
            return len(self._turns.pop(session, []))

    def purge(self, older_than_days: int) -> int:
        """Nothing here is older than this process."""
        return 0

    def feedback(self, response_id: str, value: int, correction: str = "") -> None:
        with self._lock:
            self._counts[response_id][value < 0] += 1

    def choice(self, response_id: str, offered: Sequence[str], chosen: Chosen) -> None:
        """Nothing learns from a conversation that is not kept."""

    def reply_counts(self, keys: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        return {}

    def spoken(self, response_id: str) -> Turn | None:
        turns = (turn for turns in self._turns.values() for turn in turns)
        return next((turn for turn in turns if turn.response.id == response_id), None)

    def receive(self, adapter: str, updates: Sequence[Received]) -> set[int]:
        with self._lock:
            new = {update.update_id for update in updates if (adapter, update.update_id) not in self._seen}
            self._seen |= {(adapter, number) for number in new}
            return new

    def note(self, adapter: str, notes: Sequence[Note]) -> None:
        """Nothing outlives this process, so nothing is noted."""

    def unanswered(self, adapter: str) -> list[Received]:
        return []

    def for_review(self, limit: int) -> list[ReviewItem]:
        return []

    def mark_reviewed(self, turn_ids: Sequence[int], decision: str) -> None:
        """Nothing is kept for review."""

    def export(self, session: str) -> list[dict[str, Any]]:
        return [turn.response.as_json() for turn in self._turns.get(session, [])]

    def close(self) -> None:
        """Nothing to close."""
