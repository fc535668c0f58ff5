"""What is written down about updates, in few transactions: notes that come together are written together.

In: updates that arrived and how far their answers are. Out: which are new. Runs beside the event loop in a thread of
its own, in order. A database that takes nothing costs the memory of this process alone.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from chatbot.adapters.telegram.incoming import Incoming
from chatbot.errors import StoreError
from chatbot.store import Note, Received, Store

log = logging.getLogger(__name__)

T = TypeVar("T")

# Update ids remembered in memory, for the time the database takes none.
_RECENT = 10_000
# Seconds between two transactions of notes: alone a note waits for nothing, in a crowd one transaction takes several.
_GATHER = 0.02


class Ledger:
    """The updates of one account of the messenger in the store."""

    def __init__(self, store: Store, account: str) -> None:
        self._store = store
        self._account = account
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._recent: OrderedDict[int, None] = OrderedDict()
        self._waiting: list[tuple[Note, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def receive(self, items: Sequence[Incoming]) -> list[Incoming]:
        """Write down what arrived; gives those that did not come before."""
        fresh = {item.update_id: item for item in items if item.update_id not in self._recent}
        self._recent.update(dict.fromkeys(fresh))
        while len(self._recent) > _RECENT:
            self._recent.popitem(last=False)
        rows = [Received(item.update_id, item.text, item.about()) for item in fresh.values()]
        if not rows:
            return []
        try:
            new = await self._run(lambda: self._store.receive(self._account, rows))
        except StoreError as error:
            log.warning("%d updates are not written down, a kill would lose them: %s", len(rows), error)
            return list(fresh.values())
        return [item for number, item in fresh.items() if number in new]

    def note(self, note: Note) -> asyncio.Future[None]:
        """Write a note, with all that come while another is being written. Await it to know that it is written."""
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((note, written))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        return written

    async def _write(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting, []
            notes = [note for note, _ in some]
            try:
                await self._run(functools.partial(self._store.note, self._account, notes))
            except StoreError as error:
                log.debug("%d notes are not written: %s", len(notes), error)
            for _, written in some:
                if not written.done():
                    written.set_result(None)
            await asyncio.sleep(_GATHER)
        self._writer = None

    async def unanswered(self) -> list[Received]:
        """What an earlier process left unanswered, in the order it came."""
        try:
            return await self._run(lambda: self._store.unanswered(self._account))
        except StoreError as error:
            log.warning("what was left unanswered is not known: %s", error)
            return []

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Write what is left."""
        if self._writer is not None:
            await self._writer
        self._thread.shutdown(wait=True)
