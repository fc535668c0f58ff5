"""Telegram from config: settings and secrets in, a running adapter out."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from chatbot import config as configuration
from chatbot.app.build import build_bot
from chatbot.app.logs import log_lines
from chatbot.app.opening import open_patiently
from chatbot.app.threads import few_heaps
from chatbot.config import Loaded
from chatbot.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from chatbot.adapters.telegram import Desk
    from chatbot.dialogue.bot import Bot
    from chatbot.store import Store


def serve_telegram(loaded: Loaded) -> None:
    """Talk on Telegram until the process is told to stop.

    Raises
    ------
    ConfigError
        when no token is set.
    MissingExtraError
        when the extra ``telegram`` is not installed.
    """
    try:
        from chatbot.adapters import telegram
    except ImportError as error:
        raise MissingExtraError("python-telegram-bot", "telegram") from error
    secrets = configuration.Secrets()
    token = secrets.telegram_bot_token.get_secret_value() if secrets.telegram_bot_token else ""
    if not token:
        raise ConfigError("TELEGRAM_BOT_TOKEN is not set; ask @BotFather for a token and put it into .env")
    values = loaded.config.telegram
    hook, secret = values.webhook, secrets.telegram_webhook_secret
    settings = telegram.Settings(
        token=token,
        name=loaded.config.bot.name,
        api_url=values.api_url,
        allowed_chats=frozenset(values.allowed_chats),
        allowed_users=frozenset(values.allowed_users),
        messages_per_minute=values.messages_per_minute,
        sends_per_second=values.sends_per_second,
        queue_size=values.queue_size,
        webhook_url=hook.url,
        webhook_listen=hook.listen,
        webhook_port=hook.port,
        webhook_path=hook.path,
        webhook_secret=secret.get_secret_value() if secret else "",
        certificate=hook.certificate,
        key=hook.key,
    )
    with _desk(loaded) as desk:
        telegram.serve(desk, settings)


@contextlib.contextmanager
def _desk(loaded: Loaded) -> Iterator[Desk]:
    """Threads around one bot, or processes with a bot each."""
    from chatbot.adapters.telegram import ProcessDesk, ThreadDesk

    values = loaded.config.telegram
    store = open_patiently(loaded, lambda line: print(line, file=sys.stderr, flush=True))
    if values.processes == 1:
        desk: Desk = ThreadDesk(_one_of_several(loaded, store=store), values.workers)
    else:
        build = partial(_one_of_several, loaded, logging.getLogger().level)
        desk = ProcessDesk(build, store, values.processes, values.workers)
    try:
        yield desk
    finally:
        desk.close()
        store.close()


def _one_of_several(loaded: Loaded, level: int = logging.WARNING, store: Store | None = None) -> Bot:
    """A bot whose arithmetic takes one thread: several messages are answered at once, a thread for each is enough."""
    import torch

    log_lines(level)  # a process of its own starts without
    few_heaps()
    torch.set_num_threads(1)
    return build_bot(loaded, store=store)
