"""`chatbot telegram` as users start it: real models, a real process, the local Bot API server."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from adapters.bot_api import TOKEN, BotAPI, message
from adapters.conftest import until

pytestmark = pytest.mark.slow


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    values = {name: value for name, value in os.environ.items() if not name.startswith("TELEGRAM_")}
    return {**values, "XDG_DATA_HOME": str(tmp_path), **more}


def start(tmp_path: Path, **more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "chatbot", "telegram"]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=tmp_path, env=environment(tmp_path, **more), stderr=pipe, stdout=pipe, text=True
    )


def test_without_a_token_it_says_where_to_get_one(tmp_path: Path) -> None:
    process = start(tmp_path)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "TELEGRAM_BOT_TOKEN" in told and "BotFather" in told
    assert "Traceback" not in told


async def test_only_the_token_is_needed_and_sigterm_ends_it(api: BotAPI, tmp_path: Path) -> None:
    process = start(tmp_path, TELEGRAM_BOT_TOKEN=TOKEN, CHATBOT__TELEGRAM__API_URL=api.url)
    try:
        api.bring(message(1, "드롭아웃이 뭐야?"), message(2, "그건 왜 해?"), message(3, "죽고 싶어", chat=8))
        await until(lambda: len(api.sent) == 3, 90)
        assert "뉴런" in api.texts(7)[0]
        assert "109" in api.texts(8)[0]
        assert "reply_markup" not in next(values for values in api.sent if values["chat_id"] == "8")
        process.send_signal(signal.SIGTERM)
        _, told = await asyncio.to_thread(process.communicate, timeout=60)
        assert process.returncode == 0
        assert told == ""
    finally:
        process.kill()
        process.wait()


async def test_a_refused_token_is_one_line_without_it(api: BotAPI, tmp_path: Path) -> None:
    wrong = "999:a-very-secret-token"
    process = start(tmp_path, TELEGRAM_BOT_TOKEN=wrong, CHATBOT__TELEGRAM__API_URL=api.url)
    _, told = await asyncio.to_thread(process.communicate, timeout=90)
    assert process.returncode == 1
    assert len(told.splitlines()) == 1
    assert "BotFather" in told and wrong not in told
