"""Telegram: an update becomes a message to the bot, a `Response` becomes messages. Owns no logic of dialogue.

receiving (polling or webhook) ─► incoming (what was said, to whom) ─► adapter (order, limits, duplicates)
    ─► desk (threads or processes) ─► answering (commands, buttons, the bot) ─► sending (parts, retries, nothing twice)
"""

from chatbot.adapters.telegram.desk import Desk, ProcessDesk, ThreadDesk
from chatbot.adapters.telegram.run import serve
from chatbot.adapters.telegram.settings import Settings

__all__ = ["Desk", "ProcessDesk", "Settings", "ThreadDesk", "serve"]
