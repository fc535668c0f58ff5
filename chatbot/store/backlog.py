"""Turns that the database does not take at the moment, in memory, in their order. Knows no database.

While another program holds the lock, or the disk is full, the bot goes on with what it remembers here; the first
write that succeeds takes everything along. What is left when the process ends is lost.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chatbot.types import Turn

# Turns kept at most; beyond that the oldest go. At a few kilobytes each, some megabytes.
LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Unkept:
    """A turn that is not in the database yet, and the state after it.

    `seen` is the version of the state that the turn was thought from (None: it does not matter), `version` the one
    that the state after it has.
    """

    turn: Turn
    state: Mapping[str, Any] | None
    seen: int | None
    version: int


class Backlog:
    """A queue of turns that several threads fill and one empties."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Unkept] = deque(maxlen=limit)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, new: Unkept) -> None:
        """Put a turn at the end; the same response twice waits once."""
        with self._lock:
            if all(unkept.turn.response.id != new.turn.response.id for unkept in self._waiting):
                self._waiting.append(new)

    def of(self, session: str) -> list[Unkept]:
        """What waits for one session, in order."""
        if not self._waiting:
            return []
        with self._lock:
            return [unkept for unkept in self._waiting if unkept.turn.utterance.session == session]

    def all(self) -> list[Unkept]:
        """What waits, in order."""
        with self._lock:
            return list(self._waiting)

    def drop(self, kept: list[Unkept]) -> None:
        """These are in the database now."""
        with self._lock:
            done = {id(unkept) for unkept in kept}
            self._waiting = deque((u for u in self._waiting if id(u) not in done), maxlen=self._waiting.maxlen)

    def forget(self, session: str) -> int:
        """Drop what waits for a session; returns how many turns went."""
        mine = self.of(session)
        self.drop(mine)
        return len(mine)
