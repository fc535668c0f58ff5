"""Who is answered when: one person's messages in order, different people's in parallel, each update once.

In: updates. Out: answers sent. An update is written down before Telegram hears that it arrived, and is open until its
answer went out; what an earlier process left open is answered first. Inference runs in threads behind a bounded queue.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from telegram import Update
from telegram.error import InvalidToken
from telegram.ext import ExtBot

from chatbot.adapters.telegram import words
from chatbot.adapters.telegram.answering import Answer, Answering
from chatbot.adapters.telegram.incoming import Incoming, read
from chatbot.adapters.telegram.limits import Pace
from chatbot.adapters.telegram.sending import Sending, Stopped
from chatbot.adapters.telegram.settings import Settings
from chatbot.errors import StoreError

if TYPE_CHECKING:
    from chatbot.dialogue.bot import Bot

log = logging.getLogger(__name__)

# Seconds that a process which is told to end takes for what is in flight; the rest waits for the next start.
GRACE = 20.0
# Update ids remembered in memory, for the time the database takes none.
_RECENT = 10_000
# With more messages waiting than this many for each thread, the typing action would only slow the answers down.
_CROWD = 4


class TelegramAdapter:
    """Takes updates in and sees to their answers. Made in a running event loop, once the client knows its name."""

    def __init__(self, bot: Bot, client: ExtBot[Any], settings: Settings) -> None:
        self._settings = settings
        self._username = client.username
        self._account = f"telegram:{client.id}"
        self._store = bot.store
        self._threads = ThreadPoolExecutor(settings.workers, thread_name_prefix="reply")
        # Notes go through a thread of their own, so that they keep their order and never wait for a model.
        self._notes = ThreadPoolExecutor(1, thread_name_prefix="note")
        self._stopping = asyncio.Event()
        self._answering = Answering(bot, client.id)
        self._sending = Sending(client, bot.store, self._account, self._notes, self._stopping)
        self._pace = Pace(settings.messages_per_minute)
        self._lines: dict[int, deque[Incoming]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._refused: set[int] = set()
        self._recent: OrderedDict[int, None] = OrderedDict()
        self.refused_token = asyncio.Event()

    async def resume(self) -> None:
        """Answer what an earlier process left unanswered."""
        try:
            left = await self._write(lambda: self._store.unanswered(self._account))
        except StoreError as error:
            log.warning("what was left unanswered is not known: %s", error)
            return
        for received in left:
            if received.sending:
                log.warning("update %d: its answer was on its way when the process ended", received.update_id)
                await self._done(received.update_id)
                continue
            item = Incoming.from_store(received.update_id, received.text, received.about, received.part)
            self._line_up(item)

    async def take(self, update: Update) -> None:
        """Write an update down and see to its answer; returns once it may be forgotten by Telegram."""
        item = read(update, self._username)
        if item is None or not self._allowed(item):
            log.debug("update %d is passed over", update.update_id)
            return
        if not await self._new(item):
            log.debug("update %d came before", update.update_id)
            return
        excess = self._pace.excess(item.user)
        if excess:
            await self._pass_over(item, words.TOO_FAST if excess == 1 else "")
        elif self._waiting >= self._settings.queue_size:
            first = item.chat not in self._refused
            self._refused.add(item.chat)
            await self._pass_over(item, words.BUSY if first else "")
        else:
            self._line_up(item)

    async def finish(self) -> None:
        """Answer what is in flight, for at most `GRACE` seconds; what is left is answered after the next start."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE)
        self._stopping.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown(wait=True)
        self._notes.shutdown(wait=True)

    def _allowed(self, item: Incoming) -> bool:
        chats, users = self._settings.allowed_chats, self._settings.allowed_users
        return (not chats or item.chat in chats) and (not users or item.user in users)

    async def _new(self, item: Incoming) -> bool:
        """Whether the update is new; written down, where the database takes it."""
        if item.update_id in self._recent:
            return False
        self._recent[item.update_id] = None
        if len(self._recent) > _RECENT:
            self._recent.popitem(last=False)
        try:
            return bool(
                await self._write(lambda: self._store.receive(self._account, item.update_id, item.text, item.about()))
            )
        except StoreError as error:
            log.warning("update %d is not written down, a kill would lose it: %s", item.update_id, error)
            return True

    def _line_up(self, item: Incoming) -> None:
        self._waiting += 1
        line = self._lines.get(item.chat)
        if line is not None:
            line.append(item)
            return
        self._lines[item.chat] = deque([item])
        self._start(self._serve(item.chat))

    def _start(self, work: Any) -> None:
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
                await self._pass_over(item, words.TROUBLE)
        del self._lines[chat]
        self._refused.discard(chat)

    async def _handle(self, item: Incoming) -> None:
        if item.kind in ("text", "button") and self._waiting <= _CROWD * self._settings.workers:
            self._start(self._sending.typing(item.chat))
        loop = asyncio.get_running_loop()
        answer: Answer = await loop.run_in_executor(self._threads, self._answering.answer, item)
        await self._sending.deliver(item, answer)

    async def _pass_over(self, item: Incoming, text: str) -> None:
        """Close an update without the bot's answer; in a group without a word."""
        if item.query:
            self._start(self._sending.deliver(replace(item, part=0), Answer(note=text)))
            return
        if text and not item.group:
            self._start(self._sending.say(item.chat, text))
        await self._done(item.update_id)

    async def _done(self, update_id: int) -> None:
        try:
            await self._write(lambda: self._store.answered(self._account, update_id))
        except StoreError as error:
            log.debug("update %d: not noted: %s", update_id, error)

    async def _write(self, work: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._notes, work)
