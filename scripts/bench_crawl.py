"""Measure the crawler on a loopback site: pages a second and memory. Run: python scripts/bench_crawl.py [--pages N].

The site runs in a process of its own (four hosts by port) and makes distinct articles; delays are off. Prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

from chatbot.crawlers.crawl import Wanted, crawl
from chatbot.crawlers.fetch import Fetcher
from chatbot.crawlers.keep import Keeper
from chatbot.crawlers.report import Report
from chatbot.crawlers.sources import Source

HOSTS = 4
_SYLLABLES = [chr(code) for code in range(0xAC00, 0xD7A4, 37)]


def _text(number: int) -> str:
    """An article of about 600 characters that shares no five syllables with another."""
    dice = random.Random(number)
    words = ["".join(dice.choices(_SYLLABLES, k=dice.randint(2, 4))) for _ in range(150)]
    lines = [" ".join(words[at : at + 15]) + " 말했다." for at in range(0, len(words), 15)]
    return "".join(f"<p>{line}</p>" for line in lines)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pages = 0

    def do_GET(self) -> None:
        kind, status = "text/html; charset=utf-8", 200
        if self.path == "/sitemap.xml":
            host = f"http://{self.headers['Host']}"
            locations = "".join(f"<url><loc>{host}/news/{n}</loc></url>" for n in range(self.pages))
            body, kind = (
                f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{locations}</urlset>',
                "text/xml",
            )
        elif self.path.startswith("/news/"):
            number = int(self.path.rpartition("/")[2])
            seed = number * 100_000 + self.server.server_address[1]
            menu = "".join(f'<li><a href="/s/{n}">갈래 {n}</a></li>' for n in range(20))
            body = (
                f'<html lang="ko"><head><title>기사 {number} - 시험</title></head><body><ul>{menu}</ul>'
                f'<h1>기사 {number}</h1><article id="articleBody">{_text(seed)}</article></body></html>'
            )
        else:
            body, status = "", 404
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _serve(pages: int, tell: Connection) -> None:
    import threading

    _Handler.pages = pages
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), _Handler) for _ in range(HOSTS)]
    for server in servers[1:]:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    tell.send([server.server_port for server in servers])
    servers[0].serve_forever()


def _memory() -> float:
    """Resident memory of this process in MB."""
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def _crawl(ports: list[int], folder: Path) -> tuple[Report, list[tuple[int, float, float]]]:
    marks: list[tuple[int, float, float]] = []
    report = Report()

    def step(report: Report) -> None:
        if report.pages % 1000 == 0 and (not marks or marks[-1][0] != report.pages):
            marks.append((report.pages, round(report.seconds, 1), round(_memory(), 1)))

    sources = [
        Source(f"host {port}", "news", "sitemap", f"http://127.0.0.1:{port}/sitemap.xml", limit=10**6)
        for port in ports
    ]
    keeper = Keeper(folder / "crawled", folder / "crawl.db")
    async with Fetcher("bench/1.0", delay_seconds=0.0, allow_private=True) as fetcher:
        await crawl(sources, fetcher, keeper, wanted=Wanted(), report=report, on_step=step)
    keeper.close()
    return report, marks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=20_000, help="articles in all (default 20000)")
    pages = parser.parse_args().pages
    hear, tell = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.Process(target=_serve, args=(pages // HOSTS, tell), daemon=True)
    server.start()
    with tempfile.TemporaryDirectory() as folder:
        report, marks = asyncio.run(_crawl(hear.recv(), Path(folder)))
    server.terminate()
    figures = report.as_json()
    del figures["hosts"]
    print(json.dumps({**figures, "memory_mb": [[count, seconds, mb] for count, seconds, mb in marks]}, indent=1))


if __name__ == "__main__":
    main()
