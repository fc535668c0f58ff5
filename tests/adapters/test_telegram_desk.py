"""Several processes that answer: in order, at once, and whatever happens to one of them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest
from adapters.bot_api import TOKEN, BotAPI, message
from adapters.conftest import serving, until
from adapters.talking import make_bot

from chatbot.adapters.telegram import words
from chatbot.adapters.telegram.desk import ProcessDesk
from chatbot.adapters.telegram.run import run
from chatbot.adapters.telegram.settings import Settings
from chatbot.dialogue.bot import Bot
from chatbot.errors import AdapterError

pytestmark = pytest.mark.slow

TALKING = Path(__file__).with_name("talking.py")


@pytest.fixture
def desk(bot: Bot, store_url: str) -> Iterator[ProcessDesk]:
    yield ProcessDesk(partial(make_bot, store_url, 0.02), bot.store, 2, 4)


def answering() -> list[psutil.Process]:
    """The processes that this one spawned to answer."""
    return [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]


async def test_each_chat_is_answered_in_order_by_one_of_two_processes_and_all_end(
    api: BotAPI, desk: ProcessDesk, settings: Settings
) -> None:
    pairs = [(chat, turn) for turn in (1, 2, 3) for chat in range(1, 11)]
    api.bring(*(message(number, f"말 {turn}", chat=chat) for number, (chat, turn) in enumerate(pairs, start=1)))
    async with serving(desk, settings):
        await until(lambda: len(api.sent) == 30, 30)
        assert len(answering()) == 2
        assert all(child.cpu_times().user > 0 for child in answering())
    assert all(api.texts(chat) == [f"{turn}. 말 {turn}" for turn in (1, 2, 3)] for chat in range(1, 11))
    assert not answering()


async def test_a_process_that_is_killed_is_replaced_and_nothing_is_lost_or_said_twice(
    api: BotAPI, desk: ProcessDesk, settings: Settings
) -> None:
    async with serving(desk, settings):
        api.bring(*(message(chat, "하나", chat=chat) for chat in range(1, 21)))
        await until(lambda: len(api.sent) >= 5, 30)
        for child in answering():
            child.kill()
        await until(lambda: len(api.sent) == 20, 30)
        api.bring(*(message(20 + chat, "둘", chat=chat) for chat in range(1, 21)))
        await until(lambda: len(api.sent) == 40, 30)
    assert all(api.texts(chat) == ["1. 하나", "2. 둘"] for chat in range(1, 21))


async def test_processes_do_not_outlive_a_killed_parent(api: BotAPI, store_url: str) -> None:
    parent = psutil.Process(subprocess.Popen([sys.executable, TALKING, store_url, api.url, TOKEN, "0", "2"]).pid)
    api.bring(message(1, "안녕"))
    await until(lambda: api.sent, 30)
    children = parent.children(recursive=True)
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    assert len(children) >= 2


async def test_a_slow_answer_does_not_hold_up_the_other_chats_of_its_process(
    api: BotAPI, bot: Bot, store_url: str, settings: Settings
) -> None:
    desk = ProcessDesk(partial(make_bot, store_url), bot.store, 1, 4)
    async with serving(desk, settings):
        api.bring(*(message(chat, "함께", chat=chat) for chat in (1, 2)), message(3, "나는 따로", chat=3))
        await until(lambda: api.sent, 30)
        assert api.texts(3) == ["1. 나는 따로"]
        api.bring(message(4, "함께", chat=4))  # the third in thought at once lets all three go on
        await until(lambda: len(api.sent) == 4, 30)
    assert all(api.texts(chat) == ["1. 함께"] for chat in (1, 2, 4))


async def test_who_may_be_in_danger_is_heard_in_the_process_past_a_full_queue(
    api: BotAPI, bot: Bot, store_url: str, settings: Settings
) -> None:
    desk = ProcessDesk(partial(make_bot, store_url), bot.store, 1, 1)
    api.bring(*(message(number, "느리게", chat=number) for number in range(1, 4)))
    api.bring(message(4, "도와줘", chat=4), message(5, "안녕", chat=5))
    async with serving(desk, replace(settings, queue_size=3)):
        await until(lambda: len(api.sent) == 5, 30)
    assert api.texts(4) == ["1. 도와줘"]
    assert api.texts(5) == [words.BUSY]


async def test_a_bot_that_cannot_be_built_ends_the_start_with_its_reason(
    api: BotAPI, bot: Bot, settings: Settings
) -> None:
    desk = ProcessDesk(partial(make_bot, "no-such-url"), bot.store, 2, 4)
    with pytest.raises(AdapterError, match=r"store\.url"):
        await asyncio.wait_for(run(desk, settings, asyncio.Event()), 30)
    desk.close()
    assert not answering()


async def test_a_bug_in_one_answer_is_told_and_the_process_goes_on(
    api: BotAPI, desk: ProcessDesk, settings: Settings
) -> None:
    api.bring(message(1, "터져"), message(2, "괜찮아?"))
    started = time.monotonic()
    async with serving(desk, settings):
        await until(lambda: len(api.sent) == 2, 30)
    assert api.texts()[1].endswith("괜찮아?")
    assert time.monotonic() - started < 30
