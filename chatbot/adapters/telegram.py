"""Telegram: an update becomes a message to the bot, a `Response` becomes messages. Owns no logic of dialogue.

One person's messages are answered in order, different people's in parallel; inference runs in threads behind a bounded
queue. An update that was seen before (even before a restart) is dropped. The token is given once and never shown.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from telegram import (
    BotCommand,
    CallbackQuery,
    Chat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatAction, ChatType, MessageLimit
from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError
from telegram.ext import AIORateLimiter, Application, ApplicationBuilder, ContextTypes, TypeHandler

from chatbot.dialogue.bot import explain
from chatbot.dialogue.speech_level import LEVEL_NAMES
from chatbot.errors import AdapterError, ChatbotError
from chatbot.types import Response

if TYPE_CHECKING:
    from chatbot.dialogue.bot import Bot

log = logging.getLogger(__name__)

T = TypeVar("T")

COMMANDS = (
    ("start", "인사하고 시작해요"),
    ("help", "무엇을 할 수 있는지 알려 줘요"),
    ("why", "방금 답의 까닭을 보여 줘요"),
    ("level", "말투를 바꿔요: /level 반말, /level 존댓말, /level 격식체"),
    ("reset", "이야기를 새로 시작해요"),
    ("forget", "이 대화의 기록을 모두 지워요"),
)
# Telegram takes Latin letters alone in a command's menu; people type these all the same.
KOREAN_COMMANDS = {"말투": "level", "잊어줘": "forget", "도움말": "help", "왜": "why"}
HELP = "편하게 말을 걸어 주세요. 공부 얘기도 좋고 수다도 좋아요.\n" + "\n".join(
    f"/{name} — {what}" for name, what in COMMANDS
)
# What is said to messages that are not text; each kind is handled on purpose.
NOT_TEXT = (
    ("photo", "사진은 아직 못 봐요. 무슨 사진인지 글로 알려 줄래요?"),
    ("sticker", "스티커 귀엽네요! 무슨 뜻인지는 글로 알려 주면 더 잘 알아들어요."),
    ("voice", "목소리는 아직 못 들어요. 글로 적어 주면 바로 답할게요."),
    ("audio", "소리 파일은 아직 못 들어요. 글로 이야기해 주세요."),
    ("video", "영상은 아직 못 봐요. 어떤 내용인지 글로 알려 줄래요?"),
    ("video_note", "영상은 아직 못 봐요. 어떤 내용인지 글로 알려 줄래요?"),
    ("animation", "움직이는 그림이네요! 저는 글만 읽을 수 있어요."),
    ("document", "파일은 아직 못 열어요. 궁금한 부분을 글로 붙여 주세요."),
    ("location", "위치는 쓰지 않고 남기지도 않아요. 글로 이야기해 주세요."),
    ("contact", "연락처는 받지 않아요. 남기지도 않았어요."),
    ("poll", "투표는 같이 못 해요. 대신 뭐가 고민인지 들려줄래요?"),
    ("dice", "주사위 좋죠! 저한테 '주사위 굴려줘'라고 해도 돼요."),
)
BUSY = "잠시만요, 지금 이야기가 많이 밀렸어요. 조금 있다가 다시 말 걸어 주세요."
TOO_FAST = "조금만 천천히요! 1분쯤 뒤에 이어서 이야기해요."
TROUBLE = "제 쪽에 잠깐 문제가 생겼어요. 조금 뒤에 다시 한번 말해 주세요."

_SENTENCE_END = re.compile(r"(?<=[.!?…요다죠])\s+|\n+")


@dataclass(frozen=True)
class Settings:
    """How the adapter runs; the meaning of each is in config.yaml under `telegram`."""

    api_url: str
    allowed_chats: frozenset[int]
    allowed_users: frozenset[int]
    messages_per_minute: int
    queue_size: int
    workers: int
    webhook_url: str = ""
    webhook_listen: str = "127.0.0.1"
    webhook_port: int = 8443
    webhook_path: str = "telegram"
    webhook_secret: str = ""
    certificate: Path | None = None
    key: Path | None = None


class TelegramAdapter:
    """Handles updates over one bot. Keeps for each chat a lock, the last response and the times of late messages."""

    def __init__(self, bot: Bot, settings: Settings) -> None:
        self._bot = bot
        self._settings = settings
        self._pool = ThreadPoolExecutor(settings.workers, thread_name_prefix="reply")
        self._waiting = 0
        self._locks: dict[int, asyncio.Lock] = {}
        self._last: dict[int, Response] = {}
        self._times: dict[int, deque[float]] = {}

    async def on_update(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Every update comes here once."""
        chat = update.effective_chat.id if update.effective_chat else 0
        if self._waiting >= self._settings.queue_size:
            await self._refuse(update)
            return
        self._waiting += 1
        try:
            # The lock is the first thing waited for, so that one chat's updates pass in the order they came.
            async with self._locks.setdefault(chat, asyncio.Lock()):
                if await self._call(lambda: self._bot.store.seen("telegram", update.update_id)):
                    return
                if update.callback_query is not None:
                    await self._on_button(update.callback_query)
                elif update.message is not None and self._allowed(update.message):
                    await self._on_message(update.message, context)
        finally:
            self._waiting -= 1
        # Edited messages, channel posts and membership changes are passed over on purpose: what was answered stays
        # answered, and a channel is no conversation.

    async def _refuse(self, update: Update) -> None:
        if update.message is not None and update.message.chat.type == ChatType.PRIVATE:
            await self._send(update.message, BUSY)

    def _allowed(self, message: Message) -> bool:
        chats, users = self._settings.allowed_chats, self._settings.allowed_users
        user = message.from_user
        if user is not None and user.is_bot:
            return False
        return (not chats or message.chat.id in chats) and (not users or (user is not None and user.id in users))

    async def _on_message(self, message: Message, context: ContextTypes.DEFAULT_TYPE) -> None:
        text = self._addressed(message, context.bot.username)
        if text is None:
            return
        if self._too_fast(message):
            await self._send(message, TOO_FAST)
            return
        await self._answer(message, text)

    def _addressed(self, message: Message, username: str) -> str | None:
        """What was said to the bot; None when a group talks among itself. A message without text gives ""."""
        text = message.text or message.caption or ""
        if message.chat.type == ChatType.PRIVATE:
            return text
        mention = f"@{username}"
        replied = message.reply_to_message
        to_me = replied is not None and replied.from_user is not None and replied.from_user.username == username
        if mention.lower() in text.lower():
            return re.sub(re.escape(mention), "", text, flags=re.IGNORECASE).strip()
        return text if to_me or text.startswith("/") else None

    def _too_fast(self, message: Message) -> bool:
        who = message.from_user.id if message.from_user else message.chat.id
        times = self._times.setdefault(who, deque())
        now = time.monotonic()
        while times and now - times[0] > 60:
            times.popleft()
        times.append(now)
        return len(times) > self._settings.messages_per_minute

    async def _answer(self, message: Message, text: str) -> None:
        if not text.strip():
            kind = next((reply for name, reply in NOT_TEXT if getattr(message, name, None)), None)
            if kind is not None:
                await self._send(message, kind)
            return
        if text.startswith("/"):
            await self._send(message, await self._command(message.chat, text))
            return
        await message.chat.send_action(ChatAction.TYPING)
        session = session_of(message.chat)
        response = await self._call(lambda: self._bot.reply(text, session=session, adapter="telegram"))
        self._last[message.chat.id] = response
        await self._send(message, response.reply, buttons(response))

    async def _command(self, chat: Chat, text: str) -> str:
        name, _, rest = text[1:].partition(" ")
        name = KOREAN_COMMANDS.get(name.split("@")[0], name.split("@")[0])
        session, rest = session_of(chat), rest.strip()
        if name == "start":
            return await self._call(self._bot.greeting)
        if name == "help":
            return HELP
        if name == "why":
            last = self._last.get(chat.id)
            return "\n".join(explain(last)) if last else "아직 답한 말이 없어요."
        if name == "level":
            level = LEVEL_NAMES.get(rest)
            if level is None:
                return f"'/말투 반말'처럼 골라 주세요: {', '.join(LEVEL_NAMES)}"
            return await self._call(lambda: self._bot.set_level(session, level))
        if name == "reset":
            await self._call(lambda: self._bot.reset(session))
            return "새로 시작해요. 무슨 얘기부터 할까요?"
        if name == "forget":
            turns = await self._call(lambda: self._bot.forget(session))
            self._last.pop(chat.id, None)
            return f"이 대화의 기록 {turns}개를 모두 지웠어요."
        return f"/{name}: 모르는 명령이에요. /help 를 눌러 보세요."

    async def _on_button(self, query: CallbackQuery) -> None:
        """👍, 👎 or a choice: its data is ``f:1:<response id>``, ``f:-1:<response id>`` or ``c:<number>``."""
        kind, _, rest = (query.data or "").partition(":")
        message = query.message
        if kind == "f":
            value, _, response_id = rest.partition(":")
            said = await self._call(lambda: self._bot.feedback(response_id, int(value)))
            await query.answer(said[:200])
        elif kind == "c" and isinstance(message, Message):
            await query.answer()
            session = session_of(message.chat)
            response = await self._call(lambda: self._bot.reply(rest, session=session, adapter="telegram"))
            self._last[message.chat.id] = response
            await self._send(message, response.reply, buttons(response))
        else:
            await query.answer()

    async def _send(self, message: Message, text: str, markup: InlineKeyboardMarkup | None = None) -> None:
        """Plain text, so that nothing in it can be taken for markup; split at sentence ends where it is too long."""
        parts = split(text)
        group = message.chat.type != ChatType.PRIVATE
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            reply_to = ReplyParameters(message.message_id, allow_sending_without_reply=True) if group else None
            await message.chat.send_message(part, reply_markup=markup if last else None, reply_parameters=reply_to)

    async def _call(self, function: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function)

    async def on_error(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """One clear line an error; the conversation goes on."""
        error = context.error
        if isinstance(error, Conflict):
            log.error("another program polls with this token; stop one of the two")
        elif isinstance(error, NetworkError):
            log.warning("Telegram is out of reach for the moment: %s", type(error).__name__)
        elif isinstance(error, TelegramError | ChatbotError):
            log.error("an update was not answered: %s", error)
        else:
            log.error("an update was not answered", exc_info=error)
        if (
            isinstance(update, Update)
            and update.message is not None
            and not isinstance(error, NetworkError | Conflict)
        ):
            await update.message.chat.send_message(TROUBLE)

    def close(self) -> None:
        """Finish what is in flight."""
        self._pool.shutdown(wait=True)


def session_of(chat: Chat) -> str:
    """One conversation a chat."""
    return f"telegram:{chat.id}"


def buttons(response: Response) -> InlineKeyboardMarkup:
    """The choices of a 되묻기, a row each, or else 👍 and 👎."""
    if response.choices:
        rows = [[InlineKeyboardButton(c, callback_data=f"c:{n}")] for n, c in enumerate(response.choices, start=1)]
    else:
        rows = [
            [InlineKeyboardButton(sign, callback_data=f"f:{v}:{response.id}") for sign, v in (("👍", 1), ("👎", -1))]
        ]
    return InlineKeyboardMarkup(rows)


def split(text: str, limit: int = MessageLimit.MAX_TEXT_LENGTH) -> list[str]:
    """`text` in parts of at most `limit` UTF-16 units, cut at sentence ends where there are some."""
    parts, rest = [], text.strip() or "…"
    while _units(rest) > limit:
        head = rest[: _prefix(rest, limit)]
        ends = [match.end() for match in _SENTENCE_END.finditer(head)]
        cut = ends[-1] if ends else len(head)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "replace")) // 2


def _prefix(text: str, limit: int) -> int:
    """How many characters fit into `limit` UTF-16 units."""
    units = 0
    for place, character in enumerate(text):
        units += 2 if ord(character) > 0xFFFF else 1
        if units > limit:
            return place
    return len(text)


def build(
    bot: Bot, token: str, settings: Settings
) -> tuple[Application[Any, Any, Any, Any, Any, Any], TelegramAdapter]:
    """The application, ready to run, and its adapter."""
    adapter = TelegramAdapter(bot, settings)

    async def greet(application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        await application.bot.set_my_commands([BotCommand(name, what) for name, what in COMMANDS])

    application = (
        ApplicationBuilder()
        .token(token)
        .base_url(settings.api_url)
        .rate_limiter(AIORateLimiter(max_retries=3))
        .concurrent_updates(settings.queue_size)
        .post_init(greet)
        .build()
    )
    application.add_handler(TypeHandler(Update, adapter.on_update))
    application.add_error_handler(adapter.on_error)
    return application, adapter


def run(bot: Bot, token: str, settings: Settings, allowed: Sequence[str] = ("message", "callback_query")) -> None:
    """Serve until SIGINT or SIGTERM; then finish what is in flight.

    Raises
    ------
    AdapterError
        when Telegram refuses the token.
    """
    # httpx and the client would log request addresses, which hold the token.
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)
    application, adapter = build(bot, token, settings)
    try:
        if settings.webhook_url:
            application.run_webhook(
                listen=settings.webhook_listen,
                port=settings.webhook_port,
                url_path=settings.webhook_path,
                webhook_url=f"{settings.webhook_url.rstrip('/')}/{settings.webhook_path}",
                secret_token=settings.webhook_secret or None,
                cert=settings.certificate,
                key=settings.key,
                allowed_updates=list(allowed),
            )
        else:
            application.run_polling(allowed_updates=list(allowed), bootstrap_retries=-1)
    except InvalidToken as error:
        raise AdapterError("Telegram refuses TELEGRAM_BOT_TOKEN; ask @BotFather for a new one") from error
    finally:
        adapter.close()
