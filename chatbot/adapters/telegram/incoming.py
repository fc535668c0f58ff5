"""What an update says to the bot. In: an update of Telegram. Out: an `Incoming`, or None for what is passed over.

Passed over on purpose: edited messages (what was answered stays answered), channel posts (a channel is no
conversation), talk of a group among itself (to be heard there somebody mentions the bot, replies to it or calls it by
its name: 도담아), commands to other bots, other bots, and service messages (somebody
joined, a pinned message). Forwarded text is answered like typed text: people forward what they want to ask about, and
a cry for help is one whoever wrote it first. A sticker that shows a feeling is answered like its emoji.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatType
from telegram.ext import filters

from chatbot.adapters.telegram.words import NOT_TEXT
from chatbot.text.typing_repair import feeling_of

# What Telegram is asked to send; the rest is passed over anyway.
ALLOWED_UPDATES = ("message", "callback_query")
_COMMAND = re.compile(r"/(\w{1,32})(?:@(\w+))?(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing said or pressed. It holds all that the answer needs, so that it can wait in the database.

    `kind` is "text", "command", "button", "called" (nothing but the bot's name), "other" or a key of `NOT_TEXT`.
    `name` is the command's name or the data behind the button; `query` is what the press is acknowledged with.
    `again` says that an earlier process began to answer it, `part` how many parts of the answer went out.
    """

    update_id: int
    kind: str
    chat: int
    user: int
    text: str = ""
    name: str = ""
    group: bool = False
    message: int = 0
    query: str = ""
    again: bool = False
    part: int = 0

    @property
    def session(self) -> str:
        """One conversation a chat."""
        return f"telegram:{self.chat}"

    def about(self) -> dict[str, Any]:
        """Everything but the text and what changes, as plain values."""
        values = asdict(self)
        for name in ("update_id", "text", "again", "part"):
            del values[name]
        return values

    @classmethod
    def from_store(cls, update_id: int, text: str, about: Mapping[str, Any], part: int) -> Incoming:
        """The reverse of `about`."""
        return cls(update_id, text=text, again=True, part=part, **about)


def read(update: Update, username: str, name: str = "") -> Incoming | None:
    """What the update says to the bot called `username` (in talk `name`); None when it says nothing to it."""
    if update.callback_query is not None:
        return _pressed(update.update_id, update.callback_query)
    if update.message is not None:
        return _said(update.update_id, update.message, username, name)
    return None


def _pressed(update_id: int, query: CallbackQuery) -> Incoming | None:
    message = query.message
    if message is None:
        return None
    group = message.chat.type != ChatType.PRIVATE
    user, chat, number = query.from_user.id, message.chat.id, message.message_id
    return Incoming(update_id, "button", chat, user, "", query.data or "", group, number, query.id)


def _said(update_id: int, message: Message, username: str, name: str) -> Incoming | None:
    user = message.from_user
    if message.is_automatic_forward or (user is not None and user.is_bot and message.sender_chat is None):
        return None
    group = message.chat.type != ChatType.PRIVATE
    text = message.text or message.caption or _shown(message)
    command = _COMMAND.match(text)
    if command and (command[2] or username).lower() != username.lower():
        return None
    mention = re.compile(rf"@{re.escape(username)}(?![A-Za-z0-9_])", re.IGNORECASE)
    call = _call(name) if group and name else None
    mentioned = bool(mention.search(text) or (call and call.search(text)))
    if group and not (command or mentioned or _to_me(message, username)):
        return None
    spoken = mention.sub("", text[command.end() :] if command else text).strip()
    spoken = call.sub("", spoken).strip() if call else spoken
    kind, name = _kind(message, spoken, command[1] if command else "", mentioned)
    if not kind:
        return None
    # Somebody who writes in the name of a group or a channel has that as their sender.
    who = message.sender_chat.id if message.sender_chat else user.id if user else message.chat.id
    return Incoming(update_id, kind, message.chat.id, who, spoken, name, group, message.message_id)


def _shown(message: Message) -> str:
    """The emoji of a sticker that shows a feeling; "" for any other."""
    emoji = message.sticker.emoji if message.sticker else None
    return emoji if emoji and feeling_of(emoji) else ""


@cache
def _call(name: str) -> re.Pattern[str]:
    """Somebody called by `name` at the beginning or the end of a line: 도담아 점심 골라 줘, 뭐 먹지 도담아?"""
    called = rf"{re.escape(name)}(?:(?:아|야|이야)(?![가-힣])|님(?![가-힣])|(?=\s*(?:[,!?~]|$)))"
    return re.compile(
        rf"^(?:야|저기|헤이|안녕)?[\s,]*{called}[\s,.!?~]*|\s{re.escape(name)}(?:아|야|이야)(?=[\s!?.~]*$)"
    )


def _kind(message: Message, spoken: str, command: str, mentioned: bool) -> tuple[str, str]:
    if command:
        return "command", command
    if spoken:
        return "text", ""
    kind = next((name for name in NOT_TEXT if getattr(message, name, None)), "")
    if kind or not mentioned:
        return kind or ("" if filters.StatusUpdate.ALL.check_update(Update(0, message)) else "other"), ""
    return "called", ""


def _to_me(message: Message, username: str) -> bool:
    replied = message.reply_to_message
    author = replied.from_user if replied else None
    return author is not None and (author.username or "").lower() == username.lower()
