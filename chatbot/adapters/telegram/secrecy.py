"""The token stays out of every log line and every repr, whatever library writes them.

httpx logs addresses, which hold the token; python-telegram-bot shows it in its bot's repr and in the error about a
refused token. So log records are washed where they are made, before any handler sees them.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from telegram.ext import ExtBot

HIDDEN = "<hidden>"


class HiddenBot(ExtBot[Any]):
    """The client, with a repr that does not show its token."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"HiddenBot[token={HIDDEN}]"


def hide(text: str, secrets: tuple[str, ...]) -> str:
    """`text` without the secrets."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text


@contextlib.contextmanager
def washed_logs(*secrets: str) -> Iterator[None]:
    """While this lasts, no log record of the process holds one of the secrets, in its message or its traceback."""
    wanted = tuple(secret for secret in secrets if secret)
    before = logging.getLogRecordFactory()
    formatter = logging.Formatter()

    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = before(*args, **kwargs)
        message = _message(record)
        if any(secret in message for secret in wanted):
            record.msg, record.args = hide(message, wanted), ()
        if record.exc_info and record.exc_info[0] is not None:
            told = formatter.formatException(record.exc_info)
            if any(secret in told for secret in wanted):  # handlers use the text where it stands already
                record.exc_text, record.exc_info = hide(told, wanted), None
        return record

    logging.setLogRecordFactory(make)
    try:
        yield
    finally:
        logging.setLogRecordFactory(before)


def _message(record: logging.LogRecord) -> str:
    """The message with its arguments; a format that does not fit them is left to the handlers to complain about."""
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return f"{record.msg} {record.args}"
