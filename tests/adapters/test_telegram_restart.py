"""Real processes: killed in the middle, told to end, two on one database. Nothing is answered twice or lost."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from adapters.bot_api import TOKEN, BotAPI, message
from adapters.conftest import until

pytestmark = pytest.mark.slow

TALKING = Path(__file__).with_name("talking.py")


class Fleet:
    """Adapter processes over the bot that says back what it heard."""

    def __init__(self, store_url: str) -> None:
        self.store_url = store_url
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, api: BotAPI, seconds: float, token: str = TOKEN) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(TALKING), self.store_url, api.url, token, str(seconds)]
        process = subprocess.Popen(command)
        self.running.append(process)
        return process


@pytest.fixture
def fleet(store_url: str) -> Iterator[Fleet]:
    started = Fleet(store_url)
    yield started
    for process in started.running:
        process.kill()
        process.wait()


def bring(api: BotAPI, chats: int, each: int) -> None:
    """`each` messages from each of `chats` people, in turns."""
    pairs = [(chat, turn) for turn in range(1, each + 1) for chat in range(1, chats + 1)]
    api.bring(*(message(n, f"말 {turn}", chat=chat) for n, (chat, turn) in enumerate(pairs, start=1)))


async def test_killed_in_the_middle_nothing_is_said_twice_and_at_most_what_was_in_flight_is_lost(
    api: BotAPI, fleet: Fleet
) -> None:
    dice = random.Random(5)
    bring(api, chats=10, each=12)
    for _ in range(3):
        before = len(api.sent)
        process = fleet.start(api, 0.02)
        await until(lambda before=before: len(api.sent) >= before + 15, 30)
        await asyncio.sleep(dice.uniform(0.0, 0.1))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert len(api.sent) < 120, "the kill came too late to prove anything"
    fleet.start(api, 0.0)
    database = sqlite3.connect(fleet.store_url.removeprefix("sqlite:///"))

    def open_updates() -> int:
        return int(database.execute("SELECT count(*) FROM updates WHERE status <> 'done'").fetchone()[0])

    await until(lambda: database.execute("SELECT count(*) FROM updates").fetchone()[0] == 120, 30)
    await until(lambda: open_updates() == 0, 30)
    kept = Counter(database.execute("SELECT session, raw FROM turns").fetchall())
    database.close()
    said = Counter((values["chat_id"], values["text"]) for values in api.sent)
    assert max(said.values()) == 1, "said twice"
    assert len(kept) == 120 and max(kept.values()) == 1, "each message became one turn"
    for chat in range(1, 11):
        turns = [int(text.split(". 말 ")[1]) for text in api.texts(chat)]
        assert turns == sorted(turns), "in order"
        assert all(text == f"{turn}. 말 {turn}" for text, turn in zip(api.texts(chat), turns, strict=True))
    # Each kill may catch a message of each chat on its way, when nobody can know whether it arrived.
    assert len(said) >= 120 - 3 * 10


async def test_told_to_end_it_finishes_what_is_in_flight_and_the_next_goes_on(api: BotAPI, fleet: Fleet) -> None:
    bring(api, chats=5, each=10)
    first = fleet.start(api, 0.05)
    await until(lambda: len(api.sent) >= 5, 30)
    first.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(first.wait, 30) == 0
    api.bring(*(message(100 + n, "말 11", chat=n) for n in range(1, 6)))
    fleet.start(api, 0.0)
    await until(lambda: len(api.sent) == 55, 30)
    for chat in range(1, 6):
        assert api.texts(chat) == [f"{n}. 말 {n}" for n in range(1, 12)]


async def test_two_adapters_on_one_database_keep_each_other_s_order(api: BotAPI, fleet: Fleet) -> None:
    other = BotAPI("777:another-token", {"id": 777, "is_bot": True, "first_name": "도도", "username": "dodo_bot"})
    bring(api, chats=5, each=10)
    pairs = [(chat, turn) for turn in range(1, 11) for chat in range(11, 16)]
    other.bring(*(message(n, f"말 {turn}", chat=chat) for n, (chat, turn) in enumerate(pairs, start=1)))
    processes = [fleet.start(api, 0.0), fleet.start(other, 0.0, other.token)]
    await until(lambda: len(api.sent) + len(other.sent) >= 100, 30)
    for process in processes:
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 30) == 0
    for server, chats in ((api, range(1, 6)), (other, range(11, 16))):
        for chat in chats:
            assert server.texts(chat) == [f"{n}. 말 {n}" for n in range(1, 11)]
    other.close()
