"""How the adapter runs, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """The meaning of each is in config.yaml under `telegram`, of `name` under `bot`; secrets stay out of the repr."""

    token: str = field(repr=False)
    api_url: str = "https://api.telegram.org/bot"
    allowed_chats: frozenset[int] = frozenset()
    allowed_users: frozenset[int] = frozenset()
    name: str = ""
    messages_per_minute: int = 40
    sends_per_second: int = 30
    queue_size: int = 256
    webhook_url: str = ""
    webhook_listen: str = "127.0.0.1"
    webhook_port: int = 8443
    webhook_path: str = "telegram"
    webhook_secret: str = field(default="", repr=False)
    certificate: Path | None = None
    key: Path | None = None
