"""A process that holds a bot and answers several things at once. In: what came in. Out: futures of answers.

Questions and answers go through one pipe and are known by a number. The process ends with its parent; who asked one
that died is told so. Knows nothing of chats and their order.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from multiprocessing import connection, get_context, parent_process
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from chatbot.adapters.telegram.answering import Answering
from chatbot.adapters.telegram.incoming import Incoming
from chatbot.errors import AdapterError, ChatbotError

if TYPE_CHECKING:
    from chatbot.dialogue.bot import Bot

# The number of what a process says first: that its models are loaded.
_AWAKE = 0


class ProcessDiedError(AdapterError):
    """The process ended before it answered."""


class Process:
    """One process, with `workers` threads over the bot that `build` makes there.

    `awake` is done once it can answer; it raises `AdapterError` when the bot cannot be built.
    """

    def __init__(self, build: Callable[[], Bot], account: int, workers: int) -> None:
        # Spawned, not forked: a copy of a process with threads of torch and Kiwi in it may stand still for ever.
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_live, args=(theirs, build, account, workers), name="answers")
        self._lock = threading.Lock()
        self._numbers = itertools.count(_AWAKE + 1)
        self.awake: Future[None] = Future()
        self._open: dict[int, Future[Any]] = {_AWAKE: self.awake}
        self._died = False
        self._process.start()
        theirs.close()
        self._listener = threading.Thread(target=self._listen, name="answers", daemon=True)
        self._listener.start()

    def ask(self, what: Incoming | str) -> Future[Any]:
        """The answer to an `Incoming`; of a text, whether it must be answered however busy the bot is.

        The future raises `ProcessDiedError` when the process ends before it has answered.
        """
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()  # it is under way: nobody can take it back
        with self._lock:
            if self._died:
                future.set_exception(ProcessDiedError("the process is dead"))
                return future
            number = next(self._numbers)
            self._open[number] = future
            with contextlib.suppress(OSError):  # it has just died: the listener is about to tell everybody
                self._pipe.send((number, what))
        return future

    def close(self) -> None:
        """Let it answer what it was asked, and end it."""
        with self._lock, contextlib.suppress(OSError):
            if not self._died:
                self._pipe.send(None)
        self._listener.join()

    def _listen(self) -> None:
        """Hand the answers out until the process ends."""
        while True:
            try:
                number, result, trouble = self._pipe.recv()
            except (EOFError, OSError):
                break
            future = self._open.pop(number)
            if trouble:
                future.set_exception(AdapterError(trouble))
            else:
                future.set_result(result)
        with self._lock:
            self._died = True
            left = list(self._open.values())
            self._open.clear()
        self._process.join()
        self._pipe.close()
        for future in left:
            future.set_exception(ProcessDiedError("the process ended before it answered"))


def _live(pipe: Connection, build: Callable[[], Bot], account: int, workers: int) -> None:
    """The life of the process: load the models, answer until told to end; end with the parent, not with Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    sending = threading.Lock()
    try:
        bot = build()
        assert bot.brain
    except ChatbotError as error:
        pipe.send((_AWAKE, None, str(error)))
        return
    answering = Answering(bot, account)
    pipe.send((_AWAKE, None, ""))
    # Whoever may be in danger is heard beside the queue of answers, not at its end.
    with ThreadPoolExecutor(workers, "reply") as threads, ThreadPoolExecutor(1, "urgent") as watch:
        while (asked := pipe.recv()) is not None:
            number, what = asked
            done = watch.submit(bot.urgent, what) if isinstance(what, str) else threads.submit(answering.answer, what)
            done.add_done_callback(partial(_tell, pipe, sending, number))
    bot.store.close()


def _tell(pipe: Connection, sending: threading.Lock, number: int, done: Future[Any]) -> None:
    """Send an answer back, or what went wrong with it as text: not every exception can be pickled."""
    error = done.exception()
    trouble = "".join(traceback.format_exception(error)) if error else ""
    with sending:
        pipe.send((number, None if error else done.result(), trouble))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
    os._exit(1)  # a parent that was killed leaves nobody to answer to
