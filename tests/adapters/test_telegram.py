"""The Telegram adapter over a local server that speaks the Bot API to the real client."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from chatbot.dialogue.state import State
from chatbot.store.sql import SqlStore
from chatbot.types import Response, Source, SpeechLevel, Turn, Utterance

telegram = pytest.importorskip("telegram")

from chatbot.adapters.telegram import NOT_TEXT, TOO_FAST, Settings, build, split  # noqa: E402

TOKEN = "123456:very-secret-token"
ME = {"id": 123456, "is_bot": True, "first_name": "도담", "username": "dodam_bot"}


class BotAPI:
    """A server on loopback: hands out updates, keeps what was sent, fails on request."""

    def __init__(self) -> None:
        self.updates: deque[dict] = deque()
        self.sent: list[dict] = []
        self.calls: list[str] = []
        self.failures: deque[tuple[int, dict]] = deque()
        self.acknowledged = 0
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                method = self.path.rsplit("/", 1)[-1]
                status, answer = api.answer(method, _parameters(body))
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/bot"

    def answer(self, method: str, values: dict[str, Any]) -> tuple[int, dict]:
        self.calls.append(method)
        if method == "sendMessage" and self.failures:
            status, answer = self.failures.popleft()
            return status, answer
        if method == "getMe":
            return 200, {"ok": True, "result": ME}
        if method == "getUpdates":
            offset = int(values.get("offset", 0))
            while self.updates and self.updates[0]["update_id"] < offset:
                self.updates.popleft()
            if not self.updates:
                time.sleep(0.05)
            return 200, {"ok": True, "result": list(self.updates)[:10]}
        if method == "sendMessage":
            self.sent.append(values)
            chat = {"id": int(values["chat_id"]), "type": "private"}
            return 200, {"ok": True, "result": {"message_id": len(self.sent), "date": 1, "chat": chat, "text": "x"}}
        return 200, {"ok": True, "result": True}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def _parameters(body: bytes) -> dict[str, Any]:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(body.decode()))


class EchoBot:
    """What the adapter needs of a bot, over a real store: says back what it heard."""

    def __init__(self, path: Path) -> None:
        self.store = SqlStore(f"sqlite:///{path}")
        self.heard: list[tuple[str, str]] = []
        self.level: SpeechLevel | None = None

    def reply(self, text: str, session: str = "default", *, adapter: str = "python") -> Response:
        self.heard.append((session, text))
        said = Utterance(text, text, session, f"{session}/{len(self.heard)}")
        long = "아주 긴 답이에요. " * 600 if text == "길게" else f"{text} 라고 하셨네요."
        choices = ("가", "나") if text == "골라줘" else ()
        response = Response(text, long, Source.TEMPLATE, "echo", choices=choices, id=said.id)
        self.store.append(Turn(said, response), State(session).as_json())
        return response

    def greeting(self) -> str:
        return "안녕하세요, 도담이에요."

    def set_level(self, session: str, level: SpeechLevel) -> str:
        self.level = level
        return "응!"

    def reset(self, session: str) -> None:
        self.store.reset_state(session)

    def forget(self, session: str) -> int:
        return self.store.forget(session)

    def feedback(self, response_id: str, value: int, correction: str = "") -> str:
        self.store.feedback(response_id, value, correction)
        return "고마워요."


@pytest.fixture
def api() -> Iterator[BotAPI]:
    server = BotAPI()
    yield server
    server.close()


@pytest.fixture
def bot(tmp_path: Path) -> EchoBot:
    return EchoBot(tmp_path / "chat.db")


def settings(api: BotAPI) -> Settings:
    return Settings(api.url, frozenset(), frozenset(), messages_per_minute=100, queue_size=64, workers=2)


def message(number: int, text: str | None = "안녕", chat: int = 7, kind: str = "private", **more: Any) -> dict:
    user = {"id": chat if chat > 0 else 5, "is_bot": False, "first_name": "민수"}
    body = {"message_id": number, "date": 1, "chat": {"id": chat, "type": kind, "title": "t"}, "from": user, **more}
    if text is not None:
        body["text"] = text
    return {"update_id": number, "message": body}


async def serve(api: BotAPI, bot: EchoBot, how: Settings, until: int, extra: float = 0.3) -> None:
    """Run the real client until `until` messages were sent (or 15 s), then `extra` seconds more."""
    application, adapter = build(bot, TOKEN, how)
    await application.initialize()
    assert application.updater is not None and application.post_init is not None
    await application.post_init(application)
    await application.updater.start_polling(poll_interval=0.0, timeout=0)
    await application.start()
    for _ in range(300):
        if len(api.sent) >= until:
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(extra)
    await application.updater.stop()
    await application.stop()
    await application.shutdown()
    adapter.close()


def texts(api: BotAPI) -> list[str]:
    return [values["text"] for values in api.sent]


async def test_a_burst_of_one_chat_is_answered_in_order_and_others_in_between(api: BotAPI, bot: EchoBot) -> None:
    for number in range(1, 31):
        api.updates.append(message(number, f"말 {number}"))
        api.updates.append(message(100 + number, f"딴 사람 {number}", chat=8))
    api.updates = deque(sorted(api.updates, key=lambda update: update["update_id"]))
    await serve(api, bot, settings(api), until=60)
    mine = [v["text"] for v in api.sent if v["chat_id"] == "7"]
    assert mine == [f"말 {n} 라고 하셨네요." for n in range(1, 31)]
    assert len([v for v in api.sent if v["chat_id"] == "8"]) == 30
    assert "setMyCommands" in api.calls and "sendChatAction" in api.calls


async def test_nothing_is_answered_twice_even_after_a_restart(api: BotAPI, bot: EchoBot, tmp_path: Path) -> None:
    api.updates.extend([message(1, "하나"), message(2, "둘")])
    await serve(api, bot, settings(api), until=2)
    api.updates.extend([message(1, "하나"), message(2, "둘"), message(3, "셋")])  # Telegram sends again
    again = EchoBot(tmp_path / "chat.db")
    await serve(api, again, settings(api), until=3)
    assert texts(api) == [f"{word} 라고 하셨네요." for word in ("하나", "둘", "셋")]


async def test_commands_in_latin_and_in_korean(api: BotAPI, bot: EchoBot) -> None:
    lines = ["/start", "/why", "안녕", "/why", "/말투 반말", "/level 뭐", "/forget", "/nonsense", "/help"]
    for number, line in enumerate(lines, start=1):
        api.updates.append(message(number, line))
    await serve(api, bot, settings(api), until=len(lines))
    said = texts(api)
    assert said[0] == "안녕하세요, 도담이에요." and said[1] == "아직 답한 말이 없어요."
    assert said[3].startswith("출처:") and said[4] == "응!" and bot.level is SpeechLevel.HAE
    assert "골라 주세요" in said[5] and "지웠어요" in said[6] and "모르는 명령" in said[7] and "/reset" in said[8]


@pytest.mark.parametrize("kind", [name for name, _ in NOT_TEXT])
async def test_every_kind_of_message_is_met_on_purpose(api: BotAPI, bot: EchoBot, kind: str) -> None:
    file = {"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1, "duration": 1}
    bodies: dict[str, Any] = {
        "photo": [file],
        "sticker": {**file, "type": "regular", "is_animated": False, "is_video": False},
        "video_note": {**file, "length": 1},
        "location": {"latitude": 1.0, "longitude": 1.0},
        "contact": {"phone_number": "010", "first_name": "a"},
        "poll": {
            "id": "1", "question": "q", "options": [], "total_voter_count": 0, "is_closed": False,
            "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
            "allows_revoting": False, "members_only": False,
        },
        "dice": {"value": 3, "emoji": "🎲"},
    }  # fmt: skip
    api.updates.append(message(1, None, **{kind: bodies.get(kind, file)}))
    await serve(api, bot, settings(api), until=1)
    assert texts(api) == [dict(NOT_TEXT)[kind]]
    assert bot.heard == []


async def test_edited_messages_and_channel_posts_are_left_alone(api: BotAPI, bot: EchoBot) -> None:
    edited = message(1, "고친 말")
    edited["edited_message"] = edited.pop("message")
    post = message(2, "채널", chat=-100, kind="channel")
    post["channel_post"] = post.pop("message")
    api.updates.extend([edited, post, message(3, "안녕")])
    await serve(api, bot, settings(api), until=1)
    assert texts(api) == ["안녕 라고 하셨네요."]


async def test_in_a_group_it_answers_when_spoken_to(api: BotAPI, bot: EchoBot) -> None:
    to_me = {"message_id": 9, "date": 1, "chat": {"id": -5, "type": "group", "title": "t"}, "from": ME, "text": "x"}
    api.updates.extend(
        [
            message(1, "우리끼리 얘기", chat=-5, kind="group"),
            message(2, "@dodam_bot 안녕", chat=-5, kind="group"),
            message(3, "대답이야", chat=-5, kind="group", reply_to_message=to_me),
        ]
    )
    await serve(api, bot, settings(api), until=2)
    assert [text for _, text in bot.heard] == ["안녕", "대답이야"]
    assert all("reply_parameters" in values for values in api.sent)


async def test_lists_of_chats_and_users_are_kept(api: BotAPI, bot: EchoBot) -> None:
    api.updates.extend([message(1, "안녕", chat=7), message(2, "안녕", chat=8)])
    await serve(api, bot, replace(settings(api), allowed_users=frozenset({8})), until=1)
    assert [session for session, _ in bot.heard] == ["telegram:8"]


async def test_choices_and_feedback_are_buttons(api: BotAPI, bot: EchoBot) -> None:
    api.updates.append(message(1, "골라줘"))
    await serve(api, bot, settings(api), until=1)
    rows = json.loads(api.sent[0]["reply_markup"])["inline_keyboard"]
    assert [row[0]["callback_data"] for row in rows] == ["c:1", "c:2"]
    pressed = {"id": "q", "from": {"id": 7, "is_bot": False, "first_name": "a"}, "chat_instance": "i"}
    shown = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "x"}
    api.updates.append({"update_id": 2, "callback_query": {**pressed, "message": shown, "data": "c:2"}})
    data = "f:-1:telegram:7/1"
    api.updates.append({"update_id": 3, "callback_query": {**pressed, "message": shown, "data": data}})
    await serve(api, bot, settings(api), until=2, extra=0.6)
    assert bot.heard[-1] == ("telegram:7", "2")
    assert [item.kind for item in bot.store.for_review(5)][:1] == ["disliked"]


async def test_a_long_reply_is_split_at_sentence_ends(api: BotAPI, bot: EchoBot) -> None:
    api.updates.append(message(1, "길게"))
    await serve(api, bot, settings(api), until=2)
    assert len(api.sent) >= 2
    assert all(len(text) <= 4096 and text.endswith("요.") for text in texts(api))


@pytest.mark.parametrize("text", ["가" * 5000, "😀" * 3000, "문장이에요. " * 900, "", "짧아요."])
def test_no_part_is_longer_than_telegram_takes_and_nothing_is_lost(text: str) -> None:
    parts = split(text)
    assert all(0 < len(part.encode("utf-16-le")) // 2 <= 4096 for part in parts)
    assert "".join(parts).replace(" ", "") == (text.replace(" ", "") or "…")


async def test_too_many_requests_are_waited_out(api: BotAPI, bot: EchoBot) -> None:
    api.failures.append(
        (429, {"ok": False, "error_code": 429, "description": "Too Many", "parameters": {"retry_after": 1}})
    )
    api.updates.append(message(1, "안녕"))
    await serve(api, bot, settings(api), until=1)
    assert texts(api) == ["안녕 라고 하셨네요."]


async def test_a_failing_server_is_one_line_and_the_talk_goes_on(
    api: BotAPI, bot: EchoBot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    api.failures.append((502, {"ok": False, "error_code": 502, "description": "Bad Gateway"}))
    api.updates.extend([message(1, "하나"), message(2, "둘")])
    await serve(api, bot, settings(api), until=1)
    assert "둘 라고 하셨네요." in texts(api)
    lines = [record.getMessage() for record in caplog.records if record.name == "chatbot.adapters.telegram"]
    assert any("out of reach" in line for line in lines)
    assert not any(TOKEN in line for line in lines)


async def test_who_writes_too_fast_is_asked_to_wait(api: BotAPI, bot: EchoBot) -> None:
    api.updates.extend([message(n, f"말 {n}") for n in range(1, 5)])
    await serve(api, bot, replace(settings(api), messages_per_minute=2), until=4)
    assert texts(api)[2:] == [TOO_FAST, TOO_FAST]
