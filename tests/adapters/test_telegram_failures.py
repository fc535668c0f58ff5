"""The server failing in each way: what was not taken is sent again, what may have been is not, the log stays short."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import replace

import pytest
from adapters.bot_api import BotAPI, Failure, message
from adapters.conftest import quiet, serving, until

from chatbot.adapters.telegram import receiving, sending
from chatbot.adapters.telegram.desk import ThreadDesk
from chatbot.adapters.telegram.run import run
from chatbot.adapters.telegram.settings import Settings
from chatbot.dialogue.bot import Bot
from chatbot.errors import AdapterError

# Telegram did not act on these: the answer must arrive, once.
NOT_TAKEN = {
    "500": Failure(500, "Internal Server Error"),
    "502": Failure(502, "Bad Gateway"),
    "504 that is no JSON": Failure(504, raw=b"<html>Gateway Time-out</html>"),
    "429": Failure(429, "Too Many Requests: retry after 1", {"retry_after": 1}),
    "moved": Failure(400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": 70}),
}
# Nobody can know whether it acted on these.
UNKNOWN = {
    "connection cut after the message was taken": Failure(0, taken=True),
    "an answer that is no JSON": Failure(200, raw=b"?", taken=True),
    "no answer in time": Failure(200, taken=True, delay=3.0),
}
# It will never act on these.
REFUSED = {
    "blocked": Failure(403, "Forbidden: bot was blocked by the user"),
    "gone": Failure(400, "Bad Request: chat not found"),
}


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sending, receiving):
        monkeypatch.setattr(module, "FIRST_PAUSE", 0.05)
        monkeypatch.setattr(module, "LAST_PAUSE", 0.2)


def lines(caplog: pytest.LogCaptureFixture, level: int = logging.WARNING) -> list[str]:
    """What our own modules logged."""
    return [r.getMessage() for r in caplog.records if r.name.startswith("chatbot.adapters") and r.levelno >= level]


@pytest.mark.parametrize("failure", NOT_TAKEN.values(), ids=NOT_TAKEN)
async def test_what_was_not_taken_arrives_once(api: BotAPI, bot: Bot, settings: Settings, failure: Failure) -> None:
    api.fail("sendMessage", failure)
    api.bring(message(1, "하나"), message(2, "둘"))
    async with serving(bot, settings):
        await until(lambda: len(api.sent) == 2)
        await quiet(0.1)
    assert api.texts() == ["1. 하나", "2. 둘"]


@pytest.mark.parametrize("failure", UNKNOWN.values(), ids=UNKNOWN)
async def test_what_may_have_arrived_is_not_said_twice(
    api: BotAPI, bot: Bot, settings: Settings, failure: Failure, monkeypatch: pytest.MonkeyPatch, caplog
) -> None:
    monkeypatch.setattr("chatbot.adapters.telegram.run._ANSWER_SECONDS", 0.5)
    api.fail("sendMessage", failure)
    api.bring(message(1, "하나"), message(2, "둘"))
    async with serving(bot, settings):
        await until(lambda: len(api.sent) == 2)
        await quiet(0.1)
    assert api.texts() == ["1. 하나", "2. 둘"]
    assert len(lines(caplog)) == 1


@pytest.mark.parametrize("failure", REFUSED.values(), ids=REFUSED)
async def test_a_chat_that_cannot_be_answered_is_one_line(
    api: BotAPI, bot: Bot, settings: Settings, failure: Failure, caplog: pytest.LogCaptureFixture
) -> None:
    api.fail("sendMessage", failure)
    api.bring(message(1, "하나"), message(2, "둘", chat=8))
    async with serving(bot, settings):
        await until(lambda: len(api.sent) == 1)
    assert len(lines(caplog)) == 1
    assert "cannot be answered" in lines(caplog)[0]


async def test_a_server_that_is_away_for_a_while_loses_nothing(
    api: BotAPI, bot: Bot, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    api.bring(message(1, "느리게"), message(2, "둘"))
    async with serving(bot, settings):
        await until(lambda: "sendChatAction" in api.methods())
        port = api.port
        api.close()
        await asyncio.sleep(1.0)
        back = BotAPI(port=port)
        back.bring(message(3, "셋"))
        await until(lambda: len(back.sent) == 3)
    assert back.texts() == ["1. 느리게", "2. 둘", "3. 셋"]
    told = lines(caplog)
    assert len([line for line in told if "out of reach" in line]) <= 3, told  # once for receiving, once for sending
    assert any("Telegram is back" in line for line in told)
    back.close()


async def test_a_server_that_is_away_at_the_start_is_waited_for(
    api: BotAPI, bot: Bot, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    port = api.port
    api.close()
    async with serving(bot, settings) as task:
        await asyncio.sleep(0.5)
        assert not task.done()
        back = BotAPI(port=port)
        back.bring(message(1, "안녕"))
        await until(lambda: back.sent)
    assert len([line for line in lines(caplog) if "out of reach" in line]) == 1
    back.close()


async def test_telling_it_to_stop_while_the_server_is_away_ends_it(api: BotAPI, bot: Bot, settings: Settings) -> None:
    api.close()
    async with serving(bot, settings):
        await asyncio.sleep(0.2)


@pytest.mark.parametrize(
    "failure", [Failure(500), Failure(0), Failure(200, raw=b"{"), Failure(429, "x", {"retry_after": 1})]
)
async def test_trouble_with_receiving_passes(api: BotAPI, bot: Bot, settings: Settings, failure: Failure) -> None:
    api.fail("getUpdates", failure, failure)
    api.fail("setMyCommands", Failure(500))
    api.bring(message(1, "안녕"))
    async with serving(bot, settings):
        await until(lambda: api.sent)
    assert api.texts() == ["1. 안녕"]


async def test_another_program_with_the_same_token_is_one_line_and_waited_out(
    api: BotAPI, bot: Bot, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    api.fail("getUpdates", *[Failure(409, "Conflict: terminated by other getUpdates request")] * 4)
    api.bring(message(1, "안녕"))
    async with serving(bot, settings):
        await until(lambda: api.sent)
    assert [line for line in lines(caplog) if "409" in line] == [lines(caplog)[0]]


@pytest.mark.parametrize("method", ["getMe", "deleteWebhook", "setMyCommands", "getUpdates", "sendMessage"])
async def test_a_refused_token_ends_it_with_one_clear_error(
    api: BotAPI, bot: Bot, settings: Settings, method: str
) -> None:
    api.fail(method, *[Failure(401, "Unauthorized")] * 50)
    api.bring(message(1, "안녕"))
    with pytest.raises(AdapterError, match="BotFather") as raised:
        await asyncio.wait_for(run(ThreadDesk(bot, 4), settings, asyncio.Event()), 10)
    assert settings.token not in str(raised.value)


async def test_a_malformed_token_is_refused_too(api: BotAPI, bot: Bot, settings: Settings) -> None:
    with pytest.raises(AdapterError, match="BotFather"):
        await asyncio.wait_for(
            run(ThreadDesk(bot, 4), replace(settings, token="no-token-at-all"), asyncio.Event()), 10
        )


async def test_a_locked_database_slows_and_answers_right_and_once(
    api: BotAPI, bot: Bot, settings: Settings, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatbot.store.database.BUSY_SECONDS", 0.3)
    api.bring(message(1, "하나"))
    async with serving(bot, settings):
        await until(lambda: len(api.sent) == 1)
        blocker = sqlite3.connect(store_url.removeprefix("sqlite:///"), isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        api.bring(message(2, "골라줘"), message(3, "2번"), message(3, "2번"))
        await until(lambda: len(api.sent) == 3)
        blocker.execute("ROLLBACK")
        blocker.close()
        api.bring(message(4, "넷"), message(2, "골라줘"))
        await until(lambda: len(api.sent) == 4)
        await quiet(0.1)
    assert api.texts() == ["1. 하나", "어느 쪽이 좋아요?", "짬뽕 좋죠.", "4. 넷"]
    assert [turn.utterance.raw for turn in bot.store.history("telegram:7", 9)] == ["하나", "골라줘", "2번", "넷"]


async def test_a_full_database_is_survived_with_the_memory_of_the_process(
    api: BotAPI, bot: Bot, settings: Settings
) -> None:
    async with serving(bot, settings):
        api.bring(message(1, "하나"))
        await until(lambda: len(api.sent) == 1)
        for _ in range(20):
            with bot.store._database.write() as connection:
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
                connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        api.bring(*(message(n, "긴 말 " * 300) for n in range(2, 12)))
        await until(lambda: len(api.sent) == 11)
        await quiet(0.1)
    assert [text.split(".")[0] for text in api.texts()] == [str(n) for n in range(1, 12)]


async def test_an_update_that_cannot_be_read_is_passed_over(
    api: BotAPI, bot: Bot, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    broken = {"update_id": 2, "poll": {"id": "1", "question": "비밀 질문?"}}
    api.bring(message(1, "하나"), broken, message(3, "둘"))
    async with serving(bot, settings):
        await until(lambda: len(api.sent) == 2)
    assert api.texts() == ["1. 하나", "2. 둘"]
    assert "update 2 cannot be read" in caplog.text and "비밀" not in caplog.text
