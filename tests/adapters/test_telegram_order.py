"""Order, limits and duplicates: who is answered when, over the real client and a local server."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from adapters.bot_api import BotAPI, message, press
from adapters.conftest import quiet, serving, until
from adapters.talking import make_bot

from chatbot.adapters.telegram import adapter, words
from chatbot.adapters.telegram.settings import Settings
from chatbot.dialogue.bot import Bot


async def test_a_burst_of_one_chat_is_answered_in_order_and_others_in_between(
    api: BotAPI, bot: Bot, settings: Settings
) -> None:
    for number in range(1, 31):
        api.bring(message(number * 2, f"말 {number}"), message(number * 2 + 1, f"딴 말 {number}", chat=8))
    async with serving(bot, settings):
        await until(lambda: len(api.sent) == 60)
    assert api.texts(7) == [f"{n}. 말 {n}" for n in range(1, 31)]
    assert api.texts(8) == [f"{n}. 딴 말 {n}" for n in range(1, 31)]


async def test_two_hundred_chats_at_once_are_answered_in_parallel(
    api: BotAPI, store_url: str, settings: Settings
) -> None:
    bot = make_bot(store_url, seconds=0.1)
    api.bring(*(message(number, f"안녕 {number}", chat=number) for number in range(1, 201)))
    started = time.monotonic()
    async with serving(bot, settings):
        await until(lambda: len(api.sent) == 200, 20)
    assert all(api.texts(number) == [f"1. 안녕 {number}"] for number in range(1, 201))
    assert time.monotonic() - started < 200 * 0.1 * 0.6, "one after the other"
    bot.store.close()


async def test_a_slow_answer_holds_up_nobody_else(api: BotAPI, bot: Bot, settings: Settings) -> None:
    api.bring(message(1, "느리게"), message(2, "뒤에"), message(3, "먼저", chat=8))
    async with serving(bot, settings):
        await until(lambda: len(api.sent) == 3)
    assert api.texts() == ["1. 먼저", "1. 느리게", "2. 뒤에"]


async def test_the_typing_action_shows_while_it_works(api: BotAPI, bot: Bot, settings: Settings) -> None:
    api.bring(message(1, "느리게"))
    async with serving(bot, settings):
        await until(lambda: api.sent)
    methods = api.methods()
    assert methods.index("sendChatAction") < methods.index("sendMessage")


async def test_when_the_queue_is_full_one_kind_word_is_said(api: BotAPI, bot: Bot, settings: Settings) -> None:
    api.bring(*(message(n, "느리게", chat=n) for n in (1, 2)), *(message(n, "나도", chat=9) for n in (3, 4, 5)))
    async with serving(bot, replace(settings, queue_size=2)):
        await until(lambda: len(api.sent) == 3)
        api.bring(message(6, "이제는?", chat=9))
        await until(lambda: len(api.sent) == 4)
        await quiet(0.1)
    assert api.texts(9) == [words.BUSY, "1. 이제는?"]


async def test_who_writes_too_fast_is_asked_once_to_wait(api: BotAPI, bot: Bot, settings: Settings) -> None:
    api.bring(*(message(n, f"말 {n}") for n in range(1, 6)), message(6, "안녕", chat=8))
    async with serving(bot, replace(settings, messages_per_minute=2)):
        await until(lambda: len(api.sent) == 4)
        await quiet(0.1)
    assert sorted(api.texts(7)) == sorted(["1. 말 1", "2. 말 2", words.TOO_FAST])
    assert api.texts(8) == ["1. 안녕"]


async def test_who_may_be_in_danger_is_answered_however_fast_they_write(
    api: BotAPI, bot: Bot, settings: Settings
) -> None:
    api.bring(*(message(n, f"말 {n}") for n in range(1, 5)), message(5, "도와줘"))
    async with serving(bot, replace(settings, messages_per_minute=2)):
        await until(lambda: any("도와줘" in text for text in api.texts(7)))


async def test_nothing_is_answered_twice_even_after_a_restart(
    api: BotAPI, bot: Bot, store_url: str, settings: Settings
) -> None:
    api.bring(message(1, "하나"), message(2, "둘"), message(2, "둘"))
    async with serving(bot, settings):
        await until(lambda: len(api.sent) == 2)
    api.bring(message(1, "하나"), message(2, "둘"), message(3, "셋"))  # as if Telegram had not heard that they arrived
    again = make_bot(store_url)
    async with serving(again, settings):
        await until(lambda: len(api.sent) == 3)
        await quiet(0.1)
    assert api.texts() == ["1. 하나", "2. 둘", "3. 셋"]
    again.store.close()


async def test_what_telegram_confirmed_is_not_asked_for_again(api: BotAPI, bot: Bot, settings: Settings) -> None:
    api.bring(message(1, "하나"), message(2, "둘"))
    async with serving(bot, settings):
        await until(lambda: len(api.sent) == 2)
    assert list(api.updates) == []


async def test_two_bots_on_one_database_do_not_share_update_ids(
    api: BotAPI, bot: Bot, store_url: str, settings: Settings
) -> None:
    other = BotAPI("777:another-token", {"id": 777, "is_bot": True, "first_name": "도도", "username": "dodo_bot"})
    second = make_bot(store_url)
    api.bring(message(1, "하나", chat=7))
    other.bring(message(1, "하나", chat=8))
    async with serving(bot, settings), serving(second, replace(settings, token=other.token, api_url=other.url)):
        await until(lambda: api.sent and other.sent)
    assert (api.texts(), other.texts()) == (["1. 하나"], ["1. 하나"])
    second.store.close()
    other.close()


async def test_what_is_in_flight_is_finished_when_told_to_stop(api: BotAPI, bot: Bot, settings: Settings) -> None:
    api.bring(*(message(n, "느리게", chat=n) for n in range(1, 5)), message(5, "뒤에", chat=1))
    async with serving(bot, settings):
        await until(lambda: api.methods().count("sendChatAction") >= 4)
        assert not api.sent
    assert sorted(api.texts()) == sorted(["1. 느리게"] * 4 + ["2. 뒤에"])


async def test_what_takes_too_long_is_answered_after_the_next_start(
    api: BotAPI, bot: Bot, store_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "GRACE", 0.1)
    api.bring(*(message(n, "느리게") for n in range(1, 4)), press(4, "c:1:x"))
    async with serving(bot, settings):
        await until(lambda: api.methods().count("sendChatAction") >= 1)
    assert len(api.sent) < 3
    again = make_bot(store_url)
    async with serving(again, settings):
        await until(lambda: len(api.sent) == 3)
    assert api.texts() == ["1. 느리게", "2. 느리게", "3. 느리게"]
    assert api.acknowledged["q4"] == 1
    again.store.close()


async def test_a_bug_in_one_answer_is_owned_up_to_and_the_talk_goes_on(
    api: BotAPI, bot: Bot, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    api.bring(message(1, "터져"), message(2, "안녕"))
    async with serving(bot, settings):
        await until(lambda: len(api.sent) == 2)
    assert sorted(api.texts()) == sorted([words.TROUBLE, "1. 안녕"])
    assert "update 1 was not answered" in caplog.text


async def test_a_long_reply_is_split_at_sentence_ends_with_the_buttons_below(
    api: BotAPI, bot: Bot, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatbot.adapters.telegram.splitting.split.__defaults__", (300,))
    api.bring(message(1, "길게"))
    async with serving(bot, settings):
        await until(lambda: sum(map(len, api.texts())) > 950)
    assert len(api.sent) == 4
    assert all(len(text) <= 300 and text.endswith("요.") for text in api.texts())
    assert ["reply_markup" in values for values in api.sent] == [False, False, False, True]


async def test_forgetting_leaves_nothing_of_the_words_in_the_file(
    api: BotAPI, bot: Bot, settings: Settings, tmp_path
) -> None:
    api.bring(message(1, "아무도 모르는 비밀문장"), message(2, "/잊어줘"))
    async with serving(bot, settings):
        await until(lambda: len(api.sent) == 2)
    bot.store.close()
    assert api.texts()[1] == words.FORGOTTEN.format(turns=1)
    assert all("비밀문장".encode() not in path.read_bytes() for path in tmp_path.iterdir())


async def test_personal_data_is_masked_where_an_update_waits(
    api: BotAPI, bot: Bot, store_url: str, settings: Settings, tmp_path
) -> None:
    from chatbot.dialogue.privacy import mask
    from chatbot.store.sql import SqlStore

    bot.store = SqlStore(store_url, mask=mask)
    api.bring(message(1, "느리게"), message(2, "내 번호는 010-1234-5678이야"))
    async with serving(bot, settings):
        await until(lambda: api.sent)
        await asyncio.sleep(0)
        assert all(b"1234-5678" not in path.read_bytes() for path in tmp_path.iterdir())
        await until(lambda: len(api.sent) == 2)
    assert all(b"1234-5678" not in path.read_bytes() for path in tmp_path.iterdir())
