"""The Telegram adapter between a local Bot API server and a bot that says back what it heard."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("telegram")

from adapters.bot_api import TOKEN, BotAPI
from adapters.talking import make_bot

from chatbot.adapters.telegram.desk import Desk, ThreadDesk
from chatbot.adapters.telegram.run import run
from chatbot.adapters.telegram.settings import Settings
from chatbot.dialogue.bot import Bot


@pytest.fixture
def api() -> Iterator[BotAPI]:
    server = BotAPI()
    yield server
    server.close()


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'chat.db'}"


@pytest.fixture
def bot(store_url: str) -> Iterator[Bot]:
    made = make_bot(store_url)
    yield made
    made.store.close()


@pytest.fixture
def settings(api: BotAPI) -> Settings:
    return Settings(TOKEN, api.url, messages_per_minute=1000, sends_per_second=0)


@contextlib.asynccontextmanager
async def serving(bot: Bot | Desk, settings: Settings) -> AsyncIterator[asyncio.Task[None]]:
    """The adapter at work; at the end it is told to stop and finishes what is in flight."""
    stop = asyncio.Event()
    desk = ThreadDesk(bot, workers=16) if isinstance(bot, Bot) else bot
    task = asyncio.create_task(run(desk, settings, stop))
    try:
        yield task
    finally:
        stop.set()
        await task


async def until(holds: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until something holds.

    Raises
    ------
    AssertionError
        when it does not in time.
    """
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)


async def quiet(seconds: float = 0.25) -> None:
    """Leave time for what must not happen."""
    await asyncio.sleep(seconds)
