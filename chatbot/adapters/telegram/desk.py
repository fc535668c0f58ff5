"""Where answers are thought out: in threads of this process, or in processes that hold a bot each.

In: an `Incoming`. Out: its `Answer`, awaited. One Python process works on one core at a time whatever its threads; a
machine with more of them answers more people with `ProcessDesk`, at the price of the models' memory a process.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from chatbot.adapters.telegram.answering import Answer, Answering
from chatbot.adapters.telegram.incoming import Incoming
from chatbot.adapters.telegram.process import Process, ProcessDiedError

if TYPE_CHECKING:
    from chatbot.dialogue.bot import Bot
    from chatbot.store import Store

log = logging.getLogger(__name__)


class Desk(Protocol):
    """Answers what comes in. `store` is the one that the bots behind it keep conversations in."""

    @property
    def store(self) -> Store: ...

    async def urgent(self, text: str) -> bool:
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

    async def urgent(self, text: str) -> bool:
        """See `Desk`."""
        return await asyncio.to_thread(self._bot.urgent, text)

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
    """`processes` bots in processes of their own, each asked from `workers` threads. A chat always asks the same one,
    which remembers what `/why` tells.

    A process that dies (killed for memory, say) is replaced, and what it was thinking about is asked again.

    Parameters
    ----------
    build : makes a bot in each process; must be picklable.
    store : the database of those bots, for what the adapter itself writes down.
    """

    def __init__(self, build: Callable[[], Bot], store: Store, processes: int, workers: int) -> None:
        self._build = build
        self._store = store
        self._count = processes
        self._workers = workers
        self._processes: list[Process] = []

    @property
    def store(self) -> Store:
        """See `Desk`."""
        return self._store

    async def urgent(self, text: str) -> bool:
        """See `Desk`."""
        return bool(await self._ask(zlib.crc32(text.encode("utf-8", "replace")) % self._count, text, text))

    async def open(self, account: int) -> None:
        """See `Desk`."""
        self._account = account
        self._processes = [Process(self._build, account, self._workers) for _ in range(self._count)]
        await asyncio.gather(*(asyncio.wrap_future(process.awake) for process in self._processes))

    async def answer(self, item: Incoming) -> Answer:
        """See `Desk`."""
        # The dead process may have kept its turn before it could say it.
        answer = await self._ask(zlib.crc32(item.session.encode()) % self._count, item, replace(item, again=True))
        assert isinstance(answer, Answer)
        return answer

    def close(self) -> None:
        """See `Desk`."""
        for process in self._processes:
            process.close()

    async def _ask(self, place: int, what: Incoming | str, again: Incoming | str) -> object:
        """What the process at `place` says; where it dies over it, what the next one says to `again`."""
        process = self._processes[place]
        try:
            return await asyncio.wrap_future(process.ask(what))
        except ProcessDiedError:
            return await asyncio.wrap_future((await self._replaced(place, process)).ask(again))

    async def _replaced(self, place: int, dead: Process) -> Process:
        """The process in place of a dead one; whoever comes first starts it, the others wait for the same one."""
        if self._processes[place] is dead:
            log.error("process %d of %d died and is started again", place + 1, self._count)
            self._processes[place] = Process(self._build, self._account, self._workers)
        process = self._processes[place]
        await asyncio.wrap_future(process.awake)
        return process
