"""A running bot takes a promoted version between two messages, goes back as fast, and drops nothing meanwhile."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chatbot.training.pipeline import teach
from chatbot.types import Response

FLYING = 200
SLOWER_MS = 300


def reworded(school: Any) -> str:
    """A second version whose replies say so; its name. The first one stays in use."""
    first = school.versions.current()
    path = school.root / "intents" / "food.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("이야기군요", "말씀이군요"), encoding="utf-8")
    second = teach(school.work()).version.name
    school.versions.promote(first, "test")
    return second


def wait_for(bot: Any, version: str) -> None:
    deadline = time.monotonic() + 20
    while bot.brain.version != version and time.monotonic() < deadline:
        bot.reply("점심 메뉴 알려 줘", session="waiting")
        time.sleep(0.02)
    assert bot.brain.version == version


def test_two_hundred_messages_in_flight_survive_a_promotion_and_a_rollback(taught: Any) -> None:
    first, second = taught.versions.current(), reworded(taught)
    bot = taught.bot()
    bot.reply("점심 메뉴 알려 줘")
    for target, swap in ((second, lambda: taught.versions.promote(second, "test")), (first, taught.versions.rollback)):
        gate = threading.Barrier(8 + 1)

        def ask(place: int, gate: threading.Barrier = gate) -> Response:
            if place < 8:
                gate.wait()
            return bot.reply("점심 메뉴 알려 줘", session=f"person {place}")

        with ThreadPoolExecutor(8) as people:
            asked = [people.submit(ask, place) for place in range(FLYING)]
            gate.wait()  # all eight are talking, the others wait their turn
            swap("test") if target == first else swap()
            replies = [future.result(timeout=60).reply for future in asked]
        assert len(replies) == FLYING
        assert set(replies) <= {"food 이야기군요.", "food 말씀이군요."}
        wait_for(bot, target)


def test_the_reply_after_a_promotion_is_hardly_slower(taught: Any) -> None:
    second = reworded(taught)
    bot = taught.bot()

    def milliseconds() -> float:
        started = time.perf_counter()
        bot.reply("점심 메뉴 알려 줘", session="me")
        return (time.perf_counter() - started) * 1000

    usual = sorted(milliseconds() for _ in range(20))[10]
    taught.versions.promote(second, "test")
    assert milliseconds() - usual < SLOWER_MS
    wait_for(bot, second)
    assert bot.reply("점심 메뉴 알려 줘", session="me").reply == "food 말씀이군요."
