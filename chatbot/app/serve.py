"""Telegram from config: settings and secrets in, a running adapter out."""

from __future__ import annotations

from chatbot import config as configuration
from chatbot.app.build import build_bot
from chatbot.app.threads import few_heaps
from chatbot.config import Loaded
from chatbot.errors import ConfigError, MissingExtraError


def serve_telegram(loaded: Loaded) -> None:
    """Talk on Telegram until the process is told to stop.

    Raises
    ------
    ConfigError
        when no token is set.
    MissingExtraError
        when the extra ``telegram`` is not installed.
    """
    import torch

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
        api_url=values.api_url,
        allowed_chats=frozenset(values.allowed_chats),
        allowed_users=frozenset(values.allowed_users),
        messages_per_minute=values.messages_per_minute,
        sends_per_second=values.sends_per_second,
        queue_size=values.queue_size,
        workers=values.workers,
        retention_days=loaded.config.store.retention_days,
        webhook_url=hook.url,
        webhook_listen=hook.listen,
        webhook_port=hook.port,
        webhook_path=hook.path,
        webhook_secret=secret.get_secret_value() if secret else "",
        certificate=hook.certificate,
        key=hook.key,
    )
    few_heaps()
    # Several messages are answered at once; a thread of arithmetic for each is enough.
    torch.set_num_threads(1)
    telegram.serve(build_bot(loaded), settings)
