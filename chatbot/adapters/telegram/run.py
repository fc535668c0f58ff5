"""The life of the adapter: start, receive, end on SIGINT or SIGTERM with everything in flight answered."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import signal
from collections.abc import AsyncIterator
from dataclasses import replace

from telegram import BotCommand
from telegram.error import InvalidToken, TelegramError
from telegram.request import HTTPXRequest

from chatbot.adapters.telegram.adapter import TelegramAdapter
from chatbot.adapters.telegram.desk import Desk
from chatbot.adapters.telegram.limits import Limiter
from chatbot.adapters.telegram.receiving import listen, poll, until_it_works
from chatbot.adapters.telegram.secrecy import HiddenBot, washed_logs
from chatbot.adapters.telegram.sending import Outage, what
from chatbot.adapters.telegram.settings import Settings
from chatbot.adapters.telegram.words import COMMANDS
from chatbot.errors import AdapterError

log = logging.getLogger(__name__)

# Connections to Telegram at most, and seconds that a request waits for one.
_CONNECTIONS, _POOL_SECONDS = 64, 60.0
# Seconds that Telegram may take for an answer to a message.
_ANSWER_SECONDS = 20.0


def serve(desk: Desk, settings: Settings) -> None:
    """Talk until SIGINT or SIGTERM; then finish what is in flight.

    Raises
    ------
    AdapterError
        when Telegram refuses the token, or the webhook cannot be served.
    """
    # Without a secret anybody who finds the address could put words into anybody's mouth.
    settings = replace(settings, webhook_secret=settings.webhook_secret or secrets.token_urlsafe(32))
    # A line for each request would bury ours; whoever debugs (level DEBUG) sees them, washed.
    if not logging.getLogger().isEnabledFor(logging.DEBUG):
        for name in ("httpx", "httpcore", "telegram"):
            logging.getLogger(name).setLevel(logging.WARNING)
    with washed_logs(settings.token, settings.webhook_secret):
        asyncio.run(_serve(desk, settings))


async def _serve(desk: Desk, settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, stop.set)
    await run(desk, settings, stop)


async def run(desk: Desk, settings: Settings, stop: asyncio.Event) -> None:
    """Talk until `stop` is set; then finish what is in flight.

    Raises
    ------
    AdapterError
        see `serve`.
    """
    # It would print whole updates, with what people wrote, when it cannot read one; receiving.py says which it was.
    logging.getLogger("telegram.ext.ExtBot").setLevel(logging.CRITICAL + 1)
    client = HiddenBot(
        settings.token,
        base_url=settings.api_url,
        rate_limiter=Limiter(settings.sends_per_second),
        request=HTTPXRequest(_CONNECTIONS, read_timeout=_ANSWER_SECONDS, pool_timeout=_POOL_SECONDS),
        get_updates_request=HTTPXRequest(1, pool_timeout=_POOL_SECONDS),
    )
    ending = asyncio.ensure_future(_set(stop))
    try:
        async with _known(client, ending):
            await _work(desk, client, settings, ending)
    except InvalidToken:  # its text would show the token
        raise AdapterError("Telegram refuses TELEGRAM_BOT_TOKEN; ask @BotFather for a new one") from None
    finally:
        ending.cancel()


@contextlib.asynccontextmanager
async def _known(client: HiddenBot, ending: asyncio.Future[None]) -> AsyncIterator[None]:
    """The client, once Telegram has told it its name (or the process is to end)."""
    start = asyncio.ensure_future(until_it_works(client.initialize, Outage()))
    try:
        await asyncio.wait({start, ending}, return_when=asyncio.FIRST_COMPLETED)
        if start.done():
            start.result()
        yield
    finally:
        start.cancel()
        with contextlib.suppress(TelegramError, asyncio.CancelledError):
            await client.shutdown()


async def _work(desk: Desk, client: HiddenBot, settings: Settings, ending: asyncio.Future[None]) -> None:
    if ending.done():
        return
    await desk.open(client.id)  # models take seconds, a refused token is known before
    adapter = TelegramAdapter(desk, client, settings)
    await adapter.resume()
    await _introduce(client)
    receive = listen(client, adapter.take, settings) if settings.webhook_url else poll(client, adapter.take)
    receiving = asyncio.ensure_future(receive)
    refused = asyncio.ensure_future(_set(adapter.refused_token))
    log.info("@%s is talking", client.username)
    try:
        await asyncio.wait({receiving, ending, refused}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (receiving, refused):
            task.cancel()
        await asyncio.wait({receiving})
        await adapter.finish()
    if not receiving.cancelled() and receiving.exception() is not None:
        receiving.result()
    if adapter.refused_token.is_set():
        raise InvalidToken


async def _set(event: asyncio.Event) -> None:
    await event.wait()


async def _introduce(client: HiddenBot) -> None:
    """The menu of commands; the bot talks without it, too."""
    try:
        await client.set_my_commands([BotCommand(name, told) for name, told in COMMANDS])
    except InvalidToken:
        raise
    except TelegramError as error:
        log.warning("the menu of commands is not set: %s", what(error))
