"""Send answers so that each arrives once. In: what was said and the answer to it. Out: messages on Telegram.

Before a part goes out that is noted in the store, and again when all is said: after a kill nothing is said twice. What
Telegram surely did not take is sent again until it does; where nobody can know (the connection broke after the
request), it is not.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from typing import Any

import httpx
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.constants import ChatAction
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import ExtBot

from chatbot.adapters.telegram.answering import Answer
from chatbot.adapters.telegram.incoming import Incoming
from chatbot.adapters.telegram.ledger import Ledger
from chatbot.adapters.telegram.limits import Watch
from chatbot.adapters.telegram.splitting import split
from chatbot.store import Note

log = logging.getLogger(__name__)

# Seconds between tries while Telegram is out of reach: doubled from the first up to the last.
FIRST_PAUSE, LAST_PAUSE = 0.5, 30.0
# The request never left, or not all of it.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.WriteError,
    httpx.WriteTimeout,
    httpx.ProxyError,
)


class Stopped(Exception):
    """The process ends before this could be sent."""


class Outage:
    """Says once that Telegram is out of reach, and once that it is back."""

    def __init__(self) -> None:
        self._down = False

    def down(self, error: Exception) -> None:
        """A request failed that will be tried again."""
        if not self._down:
            log.warning("Telegram is out of reach, trying again until it is back: %s", what(error))
        self._down = True

    def up(self) -> None:
        """A request went through."""
        if self._down:
            log.warning("Telegram is back")
        self._down = False


class Sending:
    """Sends and notes what went out. `stopping` is set when the process ends."""

    def __init__(self, client: ExtBot[Any], ledger: Ledger, stopping: asyncio.Event) -> None:
        self._client = client
        self._ledger = ledger
        self._stopping = stopping
        self.outage = Outage()

    async def deliver(self, item: Incoming, answer: Answer) -> None:
        """Send an answer, or the parts of it that are not out yet, and note that all is said.

        Raises
        ------
        Stopped
            when the process ends first; the next one goes on.
        InvalidToken
            when Telegram no longer knows the bot.
        """
        if item.query:
            await self._acknowledge(item.query, answer.note)
        parts = split(answer.text) if answer.text else []
        try:
            for number in range(item.part, len(parts)):
                markup = _markup(answer) if number == len(parts) - 1 else None
                await self._send(item, number, parts[number], markup)
        except (Forbidden, BadRequest) as error:
            log.warning("a chat cannot be answered: %s", what(error))
        except InvalidToken:
            await self._ledger.note(Note(item.update_id, "waiting", item.part))
            raise
        except TelegramError as error:
            log.error("an answer was not sent: %s", what(error))
        self._ledger.note(Note(item.update_id, "done"))

    async def say(self, chat: int, text: str) -> None:
        """Say something that nobody needs to hear for sure."""
        try:
            await self._client.send_message(chat, text)
        except TelegramError as error:
            log.info("not said: %s", what(error))

    async def typing(self, chat: int) -> None:
        """Show that the bot is at it."""
        try:
            await self._client.send_chat_action(chat, ChatAction.TYPING)
        except TelegramError as error:
            log.debug("no typing action: %s", what(error))

    async def _acknowledge(self, query: str, note: str) -> None:
        try:
            await self._client.answer_callback_query(query, note or None)
        except TelegramError as error:  # a press is forgotten by Telegram after a while, which harms nobody
            log.info("a press was not acknowledged: %s", what(error))

    async def _send(self, item: Incoming, part: int, text: str, markup: InlineKeyboardMarkup | None) -> None:
        """One part, again and again until Telegram took it or nobody can know whether it did."""
        chat, pause = item.chat, FIRST_PAUSE
        watch = Watch(
            on_the_way=lambda: self._ledger.note(Note(item.update_id, "sending", part)),
            held=lambda: self._ledger.note(Note(item.update_id, "waiting", part)),
        )
        reply_to = ReplyParameters(item.message, allow_sending_without_reply=True) if item.group else None
        while True:
            try:
                # Plain text, without a parse mode: nothing in it can be taken for markup.
                await self._client.send_message(
                    chat, text, reply_markup=markup, reply_parameters=reply_to, rate_limit_args=watch
                )
                self.outage.up()
                return
            except ChatMigrated as error:
                chat = error.new_chat_id
                continue
            except RetryAfter as error:
                log.warning("Telegram asks to slow down: %s", what(error))
                pause = seconds(error)
            except (BadRequest, Forbidden, InvalidToken):
                raise
            except NetworkError as error:
                if not surely_not_taken(error):
                    log.warning("an answer may or may not have arrived and is not sent again: %s", what(error))
                    return
                await watch.held()
                self.outage.down(error)
            await self._sleep(pause)
            pause = min(2 * pause, LAST_PAUSE)

    async def _sleep(self, seconds: float) -> None:
        """Wait; less when the process ends.

        Raises
        ------
        Stopped
            when it does.
        """
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
        raise Stopped


def surely_not_taken(error: NetworkError) -> bool:
    """Whether Telegram cannot have acted on the request: it never arrived whole, or the server said that it failed."""
    cause = error.__cause__
    return isinstance(cause, _NOT_SENT) or not isinstance(cause, httpx.HTTPError)


def seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait (a number or a timedelta, by the version of the library)."""
    after = error.retry_after
    return after.total_seconds() if isinstance(after, dt.timedelta) else float(after)


def what(error: Exception) -> str:
    """An error in a few words, without what a server may have put into it."""
    cause = error.__cause__
    inner = f" ({type(cause).__name__})" if isinstance(cause, httpx.HTTPError) else ""
    return f"{type(error).__name__}{inner}: {str(error)[:200]}"


def _markup(answer: Answer) -> InlineKeyboardMarkup | None:
    if not answer.buttons:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=d) for label, d in r] for r in answer.buttons]
    )
