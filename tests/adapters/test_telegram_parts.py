"""Parts of the adapter by themselves: splitting, paces, the limiter, the config's way to the settings."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import RetryAfter

from chatbot.adapters.telegram.limits import Limiter, Pace, Watch
from chatbot.adapters.telegram.splitting import LIMIT, split, units
from chatbot.adapters.telegram.words import COMMANDS, NOT_TEXT


@pytest.mark.parametrize("text", ["가" * 5000, "😀" * 3000, "문장이에요. " * 900, "", "짧아요.", "끝나요 " * 2000])
def test_no_part_is_longer_than_telegram_takes_and_nothing_is_lost(text: str) -> None:
    parts = split(text)
    assert all(0 < len(part.encode("utf-16-le")) // 2 <= LIMIT for part in parts)
    assert "".join(parts).replace(" ", "") == (text.replace(" ", "") or "…")


@given(st.text(max_size=300), st.integers(min_value=2, max_value=50))
def test_any_text_is_split_within_the_limit(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == ("".join(text.split()) or "…")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("첫 문장이에요. 둘째 문장이에요.", ["첫 문장이에요.", "둘째 문장이에요."]),
        ("첫 문단이에요\n\n둘째 문단, 좀 더 길어요", ["첫 문단이에요", "둘째 문단, 좀 더 길어요"]),
        ("점이 없이 끝나요 다음 문장이에요 또", ["점이 없이 끝나요", "다음 문장이에요 또"]),
        ("“따옴표예요.” 그다음이에요.", ["“따옴표예요.”", "그다음이에요."]),
        ("낱말뿐 그래서 여기 이 공백에서", ["낱말뿐 그래서 여기 이", "공백에서"]),
        ("A. 짧은 머리는 두고 자르지 않아", ["A. 짧은 머리는 두고", "자르지 않아"]),
    ],
)
def test_a_cut_stands_at_the_end_of_a_paragraph_a_sentence_or_a_word(text: str, parts: list[str]) -> None:
    assert split(text, 15) == parts


def test_a_person_has_so_many_messages_a_minute() -> None:
    now = [0.0]
    pace = Pace(2, lambda: now[0])
    assert [pace.excess(1) for _ in range(4)] == [0, 0, 1, 2]
    assert pace.excess(2) == 0
    now[0] = 61.0
    assert pace.excess(1) == 0


async def test_a_request_is_noted_when_it_goes_out_and_when_it_is_held() -> None:
    noted: list[str] = []

    async def note(what: str) -> None:
        noted.append(what)

    watch = Watch(lambda: note("out"), lambda: note("held"))
    answers = [RetryAfter(0), None]

    async def request() -> bool:
        noted.append("request")
        answer = answers.pop(0)
        if answer is not None:
            raise answer
        return True

    limiter = Limiter(30)
    assert await limiter.process_request(request, (), {}, "sendMessage", {"chat_id": 7}, watch)
    assert noted == ["out", "request", "held", "out", "request"]


async def test_messages_wait_for_their_turn_and_typing_does_not() -> None:
    limiter = Limiter(5)
    loop = asyncio.get_running_loop()

    async def request() -> bool:
        return True

    async def many(endpoint: str, count: int) -> float:
        started = loop.time()
        calls = [limiter.process_request(request, (), {}, endpoint, {"chat_id": 7}, None) for _ in range(count)]
        await asyncio.gather(*calls)
        return loop.time() - started

    assert await many("sendChatAction", 50) < 0.2
    assert await many("sendMessage", 8) > 0.4


def test_what_is_said_by_the_adapter_is_korean_and_fits() -> None:
    assert all(len(told) <= 256 and name.isascii() for name, told in COMMANDS)
    assert all(text.endswith(("요.", "요?", "요!")) for text in NOT_TEXT.values())
