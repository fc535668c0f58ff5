"""Understanding: which intent an utterance has, and whether the bot knows it at all.

`from chatbot.intent import IntentModel` loads torch, so it happens only when somebody asks for the name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatbot.intent.model import IntentModel

__all__ = ["IntentModel"]


def __getattr__(name: str) -> object:
    if name == "IntentModel":
        from chatbot.intent.model import IntentModel

        return IntentModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
