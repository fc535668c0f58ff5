"""A crawl in a process of its own, for the test that kills it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from chatbot.crawlers.crawl import Wanted, crawl
from chatbot.crawlers.fetch import Fetcher
from chatbot.crawlers.keep import Keeper
from chatbot.crawlers.sources import Source


async def main(folder: Path, url: str) -> None:
    keeper = Keeper(folder / "crawled", folder / "crawl.db")
    async with Fetcher("testbot/1.0", delay_seconds=0.0, allow_private=True, retries=0) as fetcher:
        await crawl([Source("새벽", "news", "feed", url)], fetcher, keeper, wanted=Wanted(min_chars=50), concurrency=2)


def run(folder: Path, url: str) -> None:
    asyncio.run(main(folder, url))
