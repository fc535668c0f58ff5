"""Updates from Telegram, by long polling or by webhook. Out: each update is handed over before it is confirmed.

What fails is named in one line and tried again at growing pauses, so that no trouble of the network ends the process
or floods the log; only a refused token does end it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import warnings
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from telegram import Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ExtBot, Updater
from telegram.warnings import PTBUserWarning

from chatbot.adapters.telegram.incoming import ALLOWED_UPDATES
from chatbot.adapters.telegram.sending import FIRST_PAUSE, LAST_PAUSE, Outage, seconds, what
from chatbot.adapters.telegram.settings import Settings
from chatbot.errors import AdapterError

log = logging.getLogger(__name__)

Take = Callable[[Sequence[Update]], Awaitable[None]]

# Seconds that Telegram holds a request for updates open while there are none.
POLL = dt.timedelta(seconds=10)
# Seconds between two requests that bring updates: in a crowd, fewer requests bring several each.
GATHER = 0.05


async def until_it_works(call: Callable[[], Awaitable[Any]], outage: Outage) -> Any:
    """The result of a request that the start depends on.

    Raises
    ------
    InvalidToken
        when Telegram refuses the token.
    """
    pause = FIRST_PAUSE
    while True:
        try:
            result = await call()
        except InvalidToken:
            raise
        except TelegramError as error:
            outage.down(error)
            await asyncio.sleep(_pause(error, pause))
            pause = min(2 * pause, LAST_PAUSE)
        else:
            outage.up()
            return result


async def poll(client: ExtBot[Any], take: Take) -> None:
    """Hand over updates until cancelled; confirm what was handed over at the end, too.

    Raises
    ------
    InvalidToken
        when Telegram refuses the token.
    """
    outage = Outage()
    await until_it_works(lambda: client.delete_webhook(drop_pending_updates=False), outage)
    offset: int | None = None
    pause, elsewhere = FIRST_PAUSE, False
    try:
        while True:
            try:
                updates = await client.get_updates(offset=offset, timeout=POLL, allowed_updates=ALLOWED_UPDATES)
            except InvalidToken:
                raise
            except Conflict:
                if not elsewhere:
                    log.error("another program polls with this token (409); stop one of the two. Waiting for that")
                elsewhere = True
            except TelegramError as error:
                outage.down(error)
                pause = _pause(error, pause)
            except (TypeError, ValueError, KeyError, AttributeError) as error:
                offset = await _pass_over_unreadable(client, offset, take, error)
                continue
            else:
                outage.up()
                pause, elsewhere = FIRST_PAUSE, False
                if updates:
                    await take(updates)
                    offset = updates[-1].update_id + 1
                    await asyncio.sleep(GATHER)
                continue
            await asyncio.sleep(pause)
            pause = min(2 * pause, LAST_PAUSE)
    finally:
        if offset is not None:
            await _confirm(client, offset)


async def _pass_over_unreadable(client: ExtBot[Any], offset: int | None, take: Take, error: Exception) -> int | None:
    """The offset behind the first update that waits: it is taken if it can be read, and named in the log if not.

    An update that python-telegram-bot cannot read would come again for ever, at every start.
    """
    known = {} if offset is None else {"offset": offset}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PTBUserWarning)  # it recommends the method that has just failed
            raw = await client.do_api_request("getUpdates", api_kwargs={**known, "limit": 1, "timeout": 0})
    except TelegramError:
        return offset
    if not raw:
        return offset
    try:
        update = Update.de_json(raw[0], client)
    except (TypeError, ValueError, KeyError, AttributeError):
        log.error("update %d cannot be read and is passed over (%s)", raw[0]["update_id"], type(error).__name__)
    else:
        await take([update])
    return int(raw[0]["update_id"]) + 1


async def _confirm(client: ExtBot[Any], offset: int) -> None:
    """Tell Telegram what arrived, so that it does not send it again."""
    try:
        await client.get_updates(offset=offset, limit=1, timeout=0, allowed_updates=ALLOWED_UPDATES)
    except TelegramError as error:
        log.info("the last updates will come again and be dropped: %s", what(error))


class Doorstep(asyncio.Queue[object]):
    """The queue that python-telegram-bot's webhook server fills: hands each update over before the POST is answered.

    What cannot be handed over is an error of the server, so Telegram sends it again.
    """

    def __init__(self, take: Take) -> None:
        super().__init__()
        self._take = take

    async def put(self, item: object) -> None:
        assert isinstance(item, Update)
        await self._take([item])


async def listen(client: ExtBot[Any], take: Take, settings: Settings) -> None:
    """Serve the webhook until cancelled.

    Raises
    ------
    InvalidToken
        when Telegram refuses the token.
    AdapterError
        when the address cannot be bound, or the certificate cannot be read.
    """
    updater = Updater(client, Doorstep(take))
    address = f"{settings.webhook_url.rstrip('/')}/{settings.webhook_path.strip('/')}"
    async with updater:
        try:
            await updater.start_webhook(
                listen=settings.webhook_listen,
                port=settings.webhook_port,
                url_path=settings.webhook_path.strip("/"),
                webhook_url=address,
                secret_token=settings.webhook_secret,
                cert=settings.certificate,
                key=settings.key,
                allowed_updates=ALLOWED_UPDATES,
                bootstrap_retries=-1,
            )
            log.info("webhook: %s", address)
            await asyncio.Event().wait()
        except InvalidToken:
            raise
        except (OSError, TelegramError) as error:
            where = f"{settings.webhook_listen}:{settings.webhook_port}"
            raise AdapterError(f"telegram.webhook: cannot serve {address} on {where}: {error}") from error
        finally:
            if updater.running:
                await updater.stop()


def _pause(error: TelegramError, otherwise: float) -> float:
    return seconds(error) if isinstance(error, RetryAfter) else otherwise
