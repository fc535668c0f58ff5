"""Who is answered when: one person's messages in order, different people's in parallel, each update once.

In: updates. Out: answers sent. An update is written down before Telegram hears that it arrived, and is open until its
answer went out; what an earlier process left open is answered first. A desk thinks, off the event loop, behind a
bounded queue.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Sequence
from typing import Any

from telegram import Update
from telegram.error import InvalidToken
from telegram.ext import ExtBot

from chatbot.adapters.telegram import words
from chatbot.adapters.telegram.answering import Answer
from chatbot.adapters.telegram.desk import Desk
from chatbot.adapters.telegram.incoming import Incoming, read
from chatbot.adapters.telegram.ledger import Ledger
from chatbot.adapters.telegram.limits import Pace
from chatbot.adapters.telegram.sending import Sending, Stopped
from chatbot.adapters.telegram.settings import Settings
from chatbot.store import Note

log = logging.getLogger(__name__)

# Seconds that a process which is told to end takes for what is in flight; the rest waits for the next start.
GRACE = 20.0
# With more messages waiting than this the typing action would only slow the answers down.
_CROWD = 16


class TelegramAdapter:
    """Takes updates in and sees to their answers. Made in a running event loop, once the client knows its name."""

    def __init__(self, desk: Desk, client: ExtBot[Any], settings: Settings) -> None:
        self._desk = desk
        self._settings = settings
        self._username = client.username
        self._ledger = Ledger(desk.store, f"telegram:{client.id}")
        self._stopping = asyncio.Event()
        self._sending = Sending(client, self._ledger, self._stopping)
        self._pace = Pace(settings.messages_per_minute)
        self._lines: dict[int, deque[Incoming]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._refused: set[int] = set()
        self.refused_token = asyncio.Event()

    async def resume(self) -> None:
        """Answer what an earlier process left unanswered."""
        for received in await self._ledger.unanswered():
            if received.sending:
                log.warning("update %d: its answer was on its way when the process ended", received.update_id)
                self._ledger.note(Note(received.update_id, "done"))
            else:
                item = Incoming.from_store(received.update_id, received.text, received.about, received.part)
                self._line_up(item)

    async def take(self, updates: Sequence[Update]) -> None:
        """Write updates down and see to their answers; returns once Telegram may forget them."""
        said = [item for update in updates if (item := self._read(update)) is not None]
        for item in await self._ledger.receive([item for item in said if self._allowed(item)]):
            excess = self._pace.excess(item.user)
            busy = self._waiting >= self._settings.queue_size
            if not (excess or busy) or await self._desk.urgent(item.text):
                self._line_up(item)
            elif excess:
                self._pass_over(item, words.TOO_FAST if excess == 1 else "")
            else:
                first = item.chat not in self._refused
                self._refused.add(item.chat)
                self._pass_over(item, words.BUSY if first else "")

    async def finish(self) -> None:
        """Answer what is in flight, for at most `GRACE` seconds; what is left is answered after the next start."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE)
        self._stopping.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._desk.close)
        await self._ledger.close()

    def _read(self, update: Update) -> Incoming | None:
        return read(update, self._username, self._settings.name)

    def _allowed(self, item: Incoming) -> bool:
        chats, users = self._settings.allowed_chats, self._settings.allowed_users
        return (not chats or item.chat in chats) and (not users or item.user in users)

    def _line_up(self, item: Incoming) -> None:
        self._waiting += 1
        line = self._lines.get(item.chat)
        if line is not None:
            line.append(item)
            return
        self._lines[item.chat] = deque([item])
        self._start(self._serve(item.chat))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, chat: int) -> None:
        """Answer one chat's messages, one after the other, until none waits."""
        line = self._lines[chat]
        while line:
            handling = asyncio.ensure_future(self._handle(line[0]))
            try:
                await asyncio.wait({handling})
            finally:
                handling.cancel()
            self._waiting -= 1
            item = line.popleft()
            error = handling.exception()
            if isinstance(error, InvalidToken):
                self.refused_token.set()
            elif error is not None and not isinstance(error, Stopped):
                log.error("update %d was not answered", item.update_id, exc_info=error)
                self._pass_over(item, words.TROUBLE)
        del self._lines[chat]
        self._refused.discard(chat)

    async def _handle(self, item: Incoming) -> None:
        if item.kind in ("text", "button") and self._waiting <= _CROWD:
            self._start(self._sending.typing(item.chat))
        await self._sending.deliver(item, await self._desk.answer(item))

    def _pass_over(self, item: Incoming, text: str) -> None:
        """Close an update without the bot's answer; in a group without a word."""
        if item.query:
            self._start(self._sending.deliver(item, Answer(note=text)))
            return
        if text and not item.group:
            self._start(self._sending.say(item.chat, text))
        self._ledger.note(Note(item.update_id, "done"))
