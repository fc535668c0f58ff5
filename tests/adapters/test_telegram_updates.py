"""Golden updates: every kind of update as Telegram sends it, and what the bot hears and says (golden/telegram/*.json).

A file holds cases: `what` it shows, the `updates`, perhaps `settings`, the texts the bot `heard` and the texts it
`said` (or `begins` that they begin with), `notes` under pressed buttons, `data` behind the last message's buttons.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from adapters.bot_api import BotAPI
from adapters.conftest import quiet, serving, until

from chatbot.adapters.telegram.settings import Settings
from chatbot.dialogue.bot import Bot

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "telegram"
CASES = [
    pytest.param(case, id=f"{path.stem}-{number}")
    for path in sorted(GOLDEN.glob("*.json"))
    for number, case in enumerate(json.loads(path.read_text(encoding="utf-8")), start=1)
]


@pytest.mark.parametrize("case", CASES)
async def test_each_kind_of_update_is_met_on_purpose(
    case: dict[str, Any], api: BotAPI, bot: Bot, settings: Settings
) -> None:
    for name, value in case.get("settings", {}).items():
        settings = replace(settings, **{name: frozenset(value) if isinstance(value, list) else value})
    said = case.get("said", case.get("begins", []))
    notes = case.get("notes", [])
    async with serving(bot, settings):
        for update in case["updates"]:
            before = len(api.calls)
            api.bring(update)
            await until(lambda before=before: "getUpdates" in api.methods()[before:])
        await until(lambda: len(api.sent) >= len(said) and api.methods().count("answerCallbackQuery") >= len(notes))
        if not said and not notes:
            await quiet(0.1)
    texts = api.texts()
    if "said" in case:
        assert texts == said
    else:
        assert len(texts) == len(said)
        assert all(text.startswith(start) for text, start in zip(texts, said, strict=True)), texts
    told = [values.get("text", "") for method, values in api.calls if method == "answerCallbackQuery"]
    assert len(told) == len(notes)
    assert all(note in text for note, text in zip(notes, told, strict=True)), told
    heard = {turn.utterance.raw for chat in chats(case) for turn in bot.store.history(f"telegram:{chat}", 99)}
    assert heard == set(case.get("heard", []))
    if "data" in case:
        markup = api.sent[-1].get("reply_markup")
        rows = json.loads(markup)["inline_keyboard"] if markup else []
        assert [button["callback_data"] for row in rows for button in row] == case["data"]
    if "quotes" in case:
        quoted = [json.loads(values["reply_parameters"])["message_id"] for values in api.sent]
        assert quoted == case["quotes"]
    assert all("parse_mode" not in values for values in api.sent), "replies are plain text"


def chats(case: dict[str, Any]) -> set[int]:
    """The chats of a case's updates."""
    bodies = [next(value for name, value in update.items() if name != "update_id") for update in case["updates"]]
    whole = [body.get("message", body) for body in bodies]
    return {body["chat"]["id"] for body in whole if "chat" in body}
