"""The token is in no log line, whatever the level and the library, in no error and in no repr."""

from __future__ import annotations

import asyncio
import io
import logging
import traceback
from collections.abc import Iterator
from dataclasses import replace

import pytest
from adapters.bot_api import BotAPI, Failure, message
from adapters.conftest import serving, until

from chatbot.adapters.telegram.desk import ThreadDesk
from chatbot.adapters.telegram.run import run
from chatbot.adapters.telegram.secrecy import HIDDEN, HiddenBot, washed_logs
from chatbot.adapters.telegram.settings import Settings
from chatbot.dialogue.bot import Bot
from chatbot.errors import AdapterError

SECRET = "a_webhook-secret"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that any library logs, at DEBUG, formatted with tracebacks."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    # `serve`, if another test called it, has hushed the libraries for the life of this process.
    loud = {logger: logger.level for logger in (root, *map(logging.getLogger, ("httpx", "httpcore", "telegram")))}
    for logger in loud:
        logger.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    for logger, level in loud.items():
        logger.setLevel(level)


async def test_not_in_a_log_of_a_talk_with_every_kind_of_trouble(
    api: BotAPI, bot: Bot, settings: Settings, written: io.StringIO
) -> None:
    api.fail("sendMessage", Failure(500, f"echo of {settings.token}"), Failure(400, f"echo of {settings.token}"))
    api.fail("getUpdates", Failure(502), Failure(0), Failure(200, raw=settings.token.encode()))
    api.bring(message(1, "하나"), message(2, "터져"), message(3, "셋"))
    with washed_logs(settings.token, SECRET):
        async with serving(bot, settings):
            await until(lambda: len(api.sent) == 2)
    told = written.getvalue()
    assert "HTTP Request: POST" in told, "httpx logs addresses; without that this test shows nothing"
    assert HIDDEN in told
    assert settings.token not in told
    assert "very-secret" not in told


async def test_not_in_the_log_of_a_webhook(api: BotAPI, bot: Bot, settings: Settings, written: io.StringIO) -> None:
    hooked = replace(settings, webhook_url="http://127.0.0.1:0", webhook_port=0, webhook_secret=SECRET)
    with washed_logs(settings.token, SECRET):
        async with serving(bot, hooked):
            await until(lambda: api.webhook)
    assert api.webhook["secret_token"] == SECRET
    assert SECRET not in written.getvalue()
    assert settings.token not in written.getvalue()


async def test_not_in_the_error_about_a_refused_token(
    api: BotAPI, bot: Bot, settings: Settings, written: io.StringIO
) -> None:
    wrong = replace(settings, token="999999:another-very-secret-token")
    with washed_logs(wrong.token), pytest.raises(AdapterError) as raised:
        await asyncio.wait_for(run(ThreadDesk(bot, 4), wrong, asyncio.Event()), 10)
    assert "very-secret" not in "".join(traceback.format_exception(raised.value))
    assert "very-secret" not in written.getvalue()


def test_not_in_a_repr(settings: Settings) -> None:
    client = HiddenBot(settings.token)
    assert settings.token not in f"{client!r} {client} {replace(settings, webhook_secret=SECRET)!r}"
    assert SECRET not in repr(replace(settings, webhook_secret=SECRET))


def test_log_records_are_left_alone_afterwards(written: io.StringIO) -> None:
    log = logging.getLogger("test")
    with washed_logs("token"):
        log.warning("a %s and %d", "token", 3)
        log.warning("a format that %s does not %s fit", "token")
        try:
            raise ValueError("token")
        except ValueError:
            log.exception("failed")
    log.warning("token")
    told = written.getvalue()
    assert f"a {HIDDEN} and 3" in told
    assert f"ValueError: {HIDDEN}" in told
    assert told.rstrip().endswith("WARNING test: token")
