"""Where answers are thought out: in threads of this process, or in processes that hold a bot each.

In: an `Incoming`. Out: its `Answer`, awaited. One Python process works on one core at a time whatever its threads; a
machine with more of them answers more people with `ProcessDesk`, at the price of the models' memory a process.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import connection, get_context, parent_process
from typing import TYPE_CHECKING, Protocol

from chatbot.adapters.telegram.answering import Answer, Answering
from chatbot.adapters.telegram.incoming import Incoming

if TYPE_CHECKING:
    from chatbot.dialogue.bot import Bot
    from chatbot.store import Store

log = logging.getLogger(__name__)


class Desk(Protocol):
    """Answers what comes in. `store` is the one that the bots behind it keep conversations in."""

    @property
    def store(self) -> Store: ...

    def urgent(self, text: str) -> bool:
        """Whether `text` must be answered however busy the bot is: somebody may be in danger."""
        ...

    async def open(self, account: int) -> None:
        """Load the models; called once, with the bot's account number, before the first answer."""
        ...

    async def answer(self, item: Incoming) -> Answer:
        """What to say to `item`. The caller sees to it that one chat asks one thing at a time."""
        ...

    def close(self) -> None:
        """Wait for what is being answered, and let go of everything."""
        ...


class ThreadDesk:
    """One bot, asked from `workers` threads."""

    def __init__(self, bot: Bot, workers: int) -> None:
        self._bot = bot
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="reply")

    @property
    def store(self) -> Store:
        """See `Desk`."""
        return self._bot.store

    def urgent(self, text: str) -> bool:
        """See `Desk`."""
        return self._bot.urgent(text)

    async def open(self, account: int) -> None:
        """See `Desk`."""
        await asyncio.to_thread(lambda: self._bot.brain)
        self._answering = Answering(self._bot, account)

    async def answer(self, item: Incoming) -> Answer:
        """See `Desk`."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._answering.answer, item)

    def close(self) -> None:
        """See `Desk`."""
        self._threads.shutdown(wait=True)


class ProcessDesk:
    """`processes` bots in processes of their own. A chat always asks the same one, which remembers what `/why` tells.

    A process that dies (killed for memory, say) is replaced, and what it was thinking about is asked again.

    Parameters
    ----------
    build : makes a bot in each process; must be picklable.
    store : the database of those bots, for what the adapter itself writes down.
    urgent : see `Desk`.
    """

    def __init__(self, build: Callable[[], Bot], store: Store, urgent: Callable[[str], bool], processes: int) -> None:
        self._build = build
        self._store = store
        self._urgent = urgent
        self._count = processes
        self._pools: list[ProcessPoolExecutor] = []

    @property
    def store(self) -> Store:
        """See `Desk`."""
        return self._store

    def urgent(self, text: str) -> bool:
        """See `Desk`."""
        return self._urgent(text)

    async def open(self, account: int) -> None:
        """See `Desk`."""
        self._account = account
        self._pools = [_new_pool() for _ in range(self._count)]
        await asyncio.gather(*map(self._wake, self._pools))

    async def answer(self, item: Incoming) -> Answer:
        """See `Desk`."""
        place = zlib.crc32(item.session.encode()) % self._count
        pool = self._pools[place]
        try:
            return await self._ask(pool, item)
        except BrokenProcessPool:
            # The dead process may have kept its turn before it could say it.
            return await self._ask(await self._replaced(place, pool), replace(item, again=True))

    def close(self) -> None:
        """See `Desk`."""
        for pool in self._pools:
            pool.shutdown(wait=True)

    async def _ask(self, pool: ProcessPoolExecutor, item: Incoming) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(pool, _answer, item)

    async def _replaced(self, place: int, dead: ProcessPoolExecutor) -> ProcessPoolExecutor:
        """The process in place of a dead one; whoever comes first starts it, the others wait for the same one."""
        if self._pools[place] is dead:
            log.error("process %d of %d died and is started again", place + 1, self._count)
            self._pools[place] = _new_pool()
            # The first thing in its queue: what is asked meanwhile waits until the models are loaded.
            await self._wake(self._pools[place])
        return self._pools[place]

    async def _wake(self, pool: ProcessPoolExecutor) -> None:
        await asyncio.get_running_loop().run_in_executor(pool, _wake, self._build, self._account)


def _new_pool() -> ProcessPoolExecutor:
    # Spawned, not forked: a copy of a process with threads of torch and Kiwi in it may stand still for ever.
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


# What a process of `ProcessDesk` answers with, from its first task on.
_answering: Answering | None = None


def _wake(build: Callable[[], Bot], account: int) -> None:
    """The first task of a process: load the models, and end when the parent does, not with the terminal's Ctrl-C."""
    global _answering
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    bot = build()
    _answering = Answering(bot, account)
    assert bot.brain


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
    os._exit(1)  # a parent that was killed leaves nobody to answer to


def _answer(item: Incoming) -> Answer:
    assert _answering is not None
    return _answering.answer(item)
