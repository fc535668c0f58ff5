"""A real HTTP server on loopback with good and bad pages; its log says what was asked and when."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass
class Answer:
    """One answer: `drip` sends a byte at a time, `repeat` sends the body that often, `declared` is a false length."""

    body: bytes = b""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0
    repeat: int = 1
    declared: int = 0


@dataclass(frozen=True)
class Asked:
    path: str
    agent: str
    at: float
    conditional: bool


class Site:
    """One host. `pages` maps a path to an answer, or to answers that come one after the other."""

    def __init__(self, pages: dict[str, Answer | list[Answer]] | None = None, etags: bool = True) -> None:
        self.pages = pages or {}
        self.etags = etags
        self.log: list[Asked] = []
        self.busy = 0
        self.most_at_once = 0
        self.lock = threading.Lock()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with site.lock:
                    site.busy += 1
                    site.most_at_once = max(site.most_at_once, site.busy)
                    conditional = bool(self.headers.get("If-None-Match"))
                    site.log.append(
                        Asked(self.path, self.headers.get("User-Agent", ""), time.monotonic(), conditional)
                    )
                    answer = site.answer(self.path)
                try:
                    self._send(answer)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True
                finally:
                    with site.lock:
                        site.busy -= 1

            def _send(self, answer: Answer) -> None:
                etag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
                fresh = site.etags and answer.status == 200 and self.headers.get("If-None-Match") == etag
                self.send_response(304 if fresh else answer.status)
                if site.etags and answer.status == 200:
                    self.send_header("ETag", etag)
                if answer.kind:
                    self.send_header("Content-Type", answer.kind)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.repeat == 1:
                    self.send_header("Content-Length", "0" if fresh else str(answer.declared or len(answer.body)))
                else:
                    self.close_connection = True
                    self.send_header("Connection", "close")
                self.end_headers()
                if fresh:
                    return
                if answer.drip:
                    for byte in answer.body:
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                        time.sleep(answer.drip)
                    return
                for _ in range(answer.repeat):
                    self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, path: str) -> Answer:
        found = self.pages.get(path)
        if found is None:
            return Answer("없는 쪽입니다.".encode(), 404)
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found

    def asked(self) -> Counter[str]:
        return Counter(asked.path for asked in self.log)

    def __enter__(self) -> Site:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()


def html(text: str, **more: object) -> Answer:
    return Answer(text.encode("utf-8"), **more)  # type: ignore[arg-type]


def bomb(size: int) -> Answer:
    """A small gzip answer that unpacks to `size` bytes."""
    return Answer(gzip.compress(b"a" * size), headers={"Content-Encoding": "gzip"})
