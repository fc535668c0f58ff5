"""A Korean chatbot. Two lines from Python: ``bot = chatbot.load()``, ``bot.reply("안녕", session="me")``."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

# Two OpenMP threads on contended cores spin on each other (docs/log.md): must be set before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

if TYPE_CHECKING:
    from pathlib import Path

    from chatbot.dialogue.bot import Bot

try:
    __version__ = version("korean-chatbot")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0.0.0"


def load(config: Path | str | None = None) -> Bot:
    """The bot in use: models in use of `config`'s folder, else the weights that ship with the package.

    Raises `chatbot.errors.ConfigError` when the configuration is wrong.
    """
    from chatbot import app

    return app.load(config)
