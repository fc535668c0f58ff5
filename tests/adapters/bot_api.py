"""A server on loopback that speaks the Bot API over real HTTP: hands out updates, keeps what is sent, fails if told.

Checks what Telegram checks (the token, lengths, button data, open questions) and answers with its error codes. Runs in
a thread of its own, so that tests, and the process of `scripts/bench_engine.py`, may look at it at any time. Written
against core.telegram.org/bots/api (9.2); knows no python-telegram-bot.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
import urllib.request
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

TOKEN = "123456:very-secret-token-of-the-tests"
ME = {"id": 123456, "is_bot": True, "first_name": "도담", "username": "dodam_bot"}


@dataclass(frozen=True)
class Failure:
    """How a request fails: with a `status` of HTTP (0: the connection is cut) and an answer; `taken` acts on it first.

    `delay` is in seconds; `raw` replaces the JSON of the answer.
    """

    status: int
    description: str = "failure"
    parameters: dict[str, Any] = field(default_factory=dict)
    taken: bool = False
    delay: float = 0.0
    raw: bytes | None = None


class BotAPI:
    """The server. `updates` wait for getUpdates, `sent` are the messages, `calls` all requests as (method, values)."""

    def __init__(self, token: str = TOKEN, me: dict[str, Any] = ME, port: int = 0) -> None:
        self.token, self.me = token, me
        self.updates: deque[dict[str, Any]] = deque()
        self.sent: list[dict[str, Any]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.failures: dict[str, deque[Failure]] = {}
        self.webhook: dict[str, Any] = {}
        self.acknowledged: Counter[str] = Counter()
        self.blocked: set[int] = set()
        self.on_sent: Callable[[dict[str, Any]], None] = lambda values: None
        self._polling = 0
        self._loop = asyncio.new_event_loop()
        self._news = asyncio.Event()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(port, ready), daemon=True)
        self._thread.start()
        ready.wait()
        self.url = f"http://127.0.0.1:{self.port}/bot"

    def _run(self, port: int, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", port, backlog=512))
        self.port = server.sockets[0].getsockname()[1]
        self._loop.call_soon(ready.set)
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def close(self) -> None:
        """Stop serving; open connections are cut. Twice does no harm."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def bring(self, *updates: dict[str, Any]) -> None:
        """These updates happened."""
        self._loop.call_soon_threadsafe(self._bring, updates)

    def _bring(self, updates: tuple[dict[str, Any], ...]) -> None:
        self.updates.extend(updates)
        self._news.set()

    def fail(self, method: str, *failures: Failure) -> None:
        """The next requests of `method` fail in this way, one after the other."""
        self.failures.setdefault(method, deque()).extend(failures)

    def methods(self) -> list[str]:
        """The methods called, in order."""
        return [method for method, _ in self.calls]

    def texts(self, chat: int | None = None) -> list[str]:
        """What was sent (to one chat), in order."""
        return [values["text"] for values in self.sent if chat is None or int(values["chat_id"]) == chat]

    def post(self, update: dict[str, Any], secret: str | None = None, path: str | None = None) -> int:
        """Deliver an update to the webhook as Telegram does; gives the status of the answer."""
        address = self.webhook["url"] if path is None else self.webhook["url"].rsplit("/", 1)[0] + path
        token = self.webhook.get("secret_token") if secret is None else secret
        headers = {"Content-Type": "application/json"}
        if token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = token
        trusted = None
        if "certificate" in self.webhook:
            trusted = ssl.create_default_context(cadata=self.webhook["certificate"].decode())
        request = urllib.request.Request(address, json.dumps(update).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=10, context=trusted) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        path = head[0].split(" ")[1]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        token, _, method = path.removeprefix("/bot").rpartition("/")
        values = _values(body, headers.get("content-type", ""))
        status, answer = await self._answer(token, method, values)
        if not status:
            writer.transport.abort()
            return False
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        lines = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        writer.write(lines.encode() + content)
        await writer.drain()
        return True

    async def _answer(self, token: str, method: str, values: dict[str, Any]) -> tuple[int, dict[str, Any] | bytes]:
        if token != self.token:
            return _error(401, "Unauthorized")
        self.calls.append((method, values))
        failures = self.failures.get(method)
        if failures:
            return await self._failed(failures.popleft(), method, values)
        return await self._act(method, values)

    async def _failed(self, failure: Failure, method: str, values: dict[str, Any]) -> tuple[int, Any]:
        if failure.taken:
            await self._act(method, values)
        await asyncio.sleep(failure.delay)
        if failure.raw is not None:
            return failure.status, failure.raw
        status, answer = _error(failure.status, failure.description)
        return status, {**answer, "parameters": failure.parameters} if failure.parameters else answer

    async def _act(self, method: str, values: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        action = getattr(self, f"_{method}", None)
        if action is None:
            return _error(404, "Not Found")
        result = action(values)
        return await result if asyncio.iscoroutine(result) else result

    def _getMe(self, values: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return _good(self.me)

    async def _getUpdates(self, values: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.webhook:
            return _error(409, "Conflict: can't use getUpdates method while webhook is active")
        self._polling += 1  # the newest request ends the one before it
        mine = self._polling
        self._news.set()
        offset, limit = int(values.get("offset", 0)), int(values.get("limit", 100))
        while self.updates and self.updates[0]["update_id"] < offset:
            self.updates.popleft()
        end = self._loop.time() + float(values.get("timeout", 0))
        while not self.updates and (left := end - self._loop.time()) > 0:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except TimeoutError:
                break
            if self._polling != mine:
                return _error(409, "Conflict: terminated by other getUpdates request")
        return _good(list(self.updates)[:limit])

    def _setWebhook(self, values: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if not values.get("url", "").startswith(("https://", "http://127.0.0.1")):
            return _error(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = values
        return _good(True)

    def _deleteWebhook(self, values: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.webhook = {}
        return _good(True)

    def _setMyCommands(self, values: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        for command in json.loads(values["commands"]):
            name = command["command"]
            if not (1 <= len(name) <= 32 and name.isascii() and name == name.lower()):
                return _error(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                return _error(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        return _good(True)

    def _sendChatAction(self, values: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return _good(True)

    def _answerCallbackQuery(self, values: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if len(values.get("text", "")) > 200:
            return _error(400, "Bad Request: MESSAGE_TOO_LONG")
        self.acknowledged[values["callback_query_id"]] += 1
        return _good(True)

    def _sendMessage(self, values: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        chat, text = int(values["chat_id"]), values.get("text", "")
        if chat in self.blocked:
            return _error(403, "Forbidden: bot was blocked by the user")
        if not text.strip():
            return _error(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            return _error(400, "Bad Request: message is too long")
        rows = json.loads(values.get("reply_markup", "{}")).get("inline_keyboard", [])
        if any(not 1 <= len(button["callback_data"].encode()) <= 64 for row in rows for button in row):
            return _error(400, "Bad Request: BUTTON_DATA_INVALID")
        self.sent.append(values)
        self.on_sent(values)
        message = {"message_id": len(self.sent), "date": 1, "chat": {"id": chat, "type": "private"}, "text": text}
        return _good(message)


def _values(body: bytes, kind: str) -> dict[str, Any]:
    """The parameters of a request: a form, or a multipart form where a file travels along."""
    if not kind.startswith("multipart/"):
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    boundary = kind.partition("boundary=")[2].encode()
    values: dict[str, Any] = {}
    for piece in body.split(b"--" + boundary)[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n")
        name = head.decode().partition('name="')[2].partition('"')[0]
        values[name] = content if b"filename=" in head else content.decode()
    return values


def _good(result: Any) -> tuple[int, dict[str, Any]]:
    return 200, {"ok": True, "result": result}


def _error(status: int, description: str) -> tuple[int, dict[str, Any]]:
    return status, {"ok": False, "error_code": status, "description": description}


def message(
    number: int, text: str | None = "안녕", chat: int = 7, kind: str = "private", **more: Any
) -> dict[str, Any]:
    """An update with a message from the person (or, in a group, from person 5)."""
    user = {"id": chat if chat > 0 else 5, "is_bot": False, "first_name": "민수"}
    body = {"message_id": number, "date": 1, "chat": {"id": chat, "type": kind, "title": "t"}, "from": user, **more}
    if text is not None:
        body["text"] = text
    return {"update_id": number, "message": body}


def press(number: int, data: str, chat: int = 7) -> dict[str, Any]:
    """An update with the press of a button under a message of the bot."""
    shown = {"message_id": 1, "date": 1, "chat": {"id": chat, "type": "private"}, "from": ME, "text": "x"}
    user = {"id": chat, "is_bot": False, "first_name": "민수"}
    query = {"id": f"q{number}", "from": user, "chat_instance": "i", "message": shown, "data": data}
    return {"update_id": number, "callback_query": query}
