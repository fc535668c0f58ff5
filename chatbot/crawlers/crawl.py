"""Crawl: walk the sources, fetch, read, keep. In: sources, a fetcher, a keeper. Out: a `Report`.

Several hosts at once, one request at a time of each. Reading happens beside fetching. Whatever is killed at any moment
goes on where it was, because the list of URLs lies in the keeper's database and not in memory.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from chatbot.crawlers.fetch import Fetched, Fetcher
from chatbot.crawlers.keep import Keeper, Known, Task
from chatbot.crawlers.links import feed_links, normal, sitemap_links
from chatbot.crawlers.problems import FetchError, Problem
from chatbot.crawlers.reading import Reading, read
from chatbot.crawlers.records import Article
from chatbot.crawlers.report import Report
from chatbot.crawlers.sources import Source

# A sitemap index inside a sitemap index: deeper ones are not followed (the protocol allows one level).
SITEMAP_DEPTH = 3
# Pages being read for each page being fetched; bounds what lies in memory.
READING_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is worth keeping: languages by code and the fewest characters of a text."""

    languages: tuple[str, ...] = ("ko",)
    min_chars: int = 100


async def crawl(
    sources: Sequence[Source],
    fetcher: Fetcher,
    keeper: Keeper,
    *,
    wanted: Wanted,
    concurrency: int = 8,
    report: Report | None = None,
    executor: Executor | None = None,
    on_kept: Callable[[Article], None] | None = None,
    on_step: Callable[[Report], None] | None = None,
) -> Report:
    """Crawl every source; `on_kept` hears of each new article after it lies on disk, `on_step` after each page."""
    own = ThreadPoolExecutor(2, thread_name_prefix="reading") if executor is None else None
    walk = _Walk(
        {source.name: source for source in sources},
        fetcher,
        keeper,
        wanted,
        concurrency,
        report or Report(),
        executor or own,
        on_kept or (lambda article: None),
        on_step or (lambda report: None),
    )
    try:
        return await walk.run()
    finally:
        if own is not None:
            own.shutdown(cancel_futures=True)


@dataclass(slots=True)
class _Walk:
    sources: dict[str, Source]
    fetcher: Fetcher
    keeper: Keeper
    wanted: Wanted
    concurrency: int
    report: Report
    executor: Executor | None
    on_kept: Callable[[Article], None]
    on_step: Callable[[Report], None]

    async def run(self) -> Report:
        self.report.resumed = self.keeper.resuming()
        self.keeper.begin()
        self.keeper.add(self._seeds())
        busy: set[str] = set()
        running: set[asyncio.Task[None]] = set()
        free = asyncio.Event()
        try:
            while True:
                while len(busy) < self.concurrency and len(running) < READING_AHEAD * self.concurrency:
                    task = self._claim(busy)
                    if task is None:
                        break
                    busy.add(task.host)
                    step = asyncio.create_task(self._step(task, busy, free))
                    running.add(step)
                    step.add_done_callback(lambda _: free.set())
                if not running:
                    break
                free.clear()
                await free.wait()
                # A step that failed for a reason nobody foresaw stops the crawl, with its reason.
                for step in [step for step in running if step.done()]:
                    running.discard(step)
                    step.result()
        finally:
            for step in running:
                step.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        self.keeper.finish()
        return self.report

    def _seeds(self) -> list[Task]:
        seeds = []
        for source in self.sources.values():
            url = normal(source.url)
            role = "article" if source.role == "url" else source.role
            if url:
                seeds.append(_task(url, source.name, role))
            else:
                self.report.problem(Problem(source.name, "url", f"{source.url}: no usable address"))
        return seeds

    def _claim(self, busy: set[str]) -> Task | None:
        """The next URL whose source still stands in the file and has not reached its limit."""
        while (task := self.keeper.claim(busy)) is not None:
            source = self.sources.get(task.source)
            if source is not None and self.keeper.fetched_of(task.source) <= source.limit:
                return task
            left = self.keeper.drop_waiting(task.source) + 1
            self.keeper.done(task)
            reason = "limit" if source is not None else "source-gone"
            self.report.dropped[reason] += left
        return None

    async def _step(self, task: Task, busy: set[str], free: asyncio.Event) -> None:
        source = self.sources[task.source]
        known = self.keeper.known(task.url)
        try:
            try:
                page = await self.fetcher.fetch(task.url, known.etag, known.last_modified)
            finally:
                busy.discard(task.host)
                free.set()
            self.report.fetched(task.host, page.bytes_read)
            await self._take(task, source, page, known)
        except FetchError as error:
            self.report.error(task.host, error.kind)
            if task.depth == 0 and task.page == 1:
                self.report.problem(Problem(source.name, error.kind, str(error)))
            self.keeper.done(task)
        self.on_step(self.report)

    async def _take(self, task: Task, source: Source, page: Fetched, known: Known) -> None:
        if page.status == 304:
            self.report.drop(task.host, "not-modified")
            self.keeper.done(task, known)
            return
        if task.role == "feed":
            leads = [_task(url, source.name, "article", 1) for url in feed_links(page.body, page.final_url)]
        elif task.role == "sitemap":
            leads = self._sitemap(task, source, page)
        else:
            leads = await self._page(task, source, page)
        self.keeper.done(task, Known(page.etag, page.last_modified, tuple(leads)))

    def _sitemap(self, task: Task, source: Source, page: Fetched) -> list[Task]:
        maps, pages = sitemap_links(page.body, page.final_url, self.fetcher.max_bytes)
        deeper = maps if task.depth < SITEMAP_DEPTH else []
        wanted = [url for url in pages if re.search(source.keep, url)]
        return [_task(url, source.name, "sitemap", task.depth + 1) for url in deeper] + [
            _task(url, source.name, "article", 1) for url in wanted
        ]

    async def _page(self, task: Task, source: Source, page: Fetched) -> list[Task]:
        # The page a section starts from is a list; pages below it may be articles and lists at once.
        article = task.role == "article" or (task.depth > 0 and bool(re.search(source.keep, task.url)))
        reading = await asyncio.get_running_loop().run_in_executor(
            self.executor, _read, page, task.url, source, self.wanted, article, task.role == "section"
        )
        if reading.complaint:
            self.report.problem(Problem(source.name, "selector", reading.complaint))
        for reason in reading.dropped:
            self.report.drop(task.host, reason)
        for found, signed in reading.articles:
            reason = self.keeper.duplicate(found, signed)
            if reason:
                self.report.drop(task.host, reason)
                continue
            self.keeper.keep(found, signed)
            self.report.keep(task.host)
            self.on_kept(found)
        return self._leads(task, source, reading)

    def _leads(self, task: Task, source: Source, reading: Reading) -> list[Task]:
        leads = []
        if reading.next and task.page < source.pages:
            leads.append(_task(reading.next, source.name, "section", task.depth, task.page + 1))
        if task.depth >= source.depth:
            return leads
        for url in reading.links:
            if url == reading.next:
                continue
            follows = bool(source.follow) and bool(re.search(source.follow, url))
            keeps = bool(re.search(source.keep, url)) if source.keep else not source.follow or not follows
            # A link goes on as a list when it is to be followed, or when nothing says what is.
            walks = (follows or not source.follow) and task.depth + 1 < source.depth
            if walks:
                leads.append(_task(url, source.name, "section", task.depth + 1))
            elif keeps:
                leads.append(_task(url, source.name, "article", task.depth + 1))
        return leads


def try_page(page: Fetched, source: Source, wanted: Wanted) -> Reading:
    """What a crawl would take from one fetched page of a source; feeds and sitemaps give their links alone."""
    if source.role == "feed":
        return Reading(links=tuple(feed_links(page.body, page.final_url)))
    if source.role == "sitemap":
        maps, pages = sitemap_links(page.body, page.final_url, 50_000_000)
        return Reading(links=(*maps, *pages))
    return _read(page, page.url, source, wanted, source.role == "url", source.role == "section")


def _read(page: Fetched, url: str, source: Source, wanted: Wanted, article: bool, links: bool) -> Reading:
    now = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
    return read(
        page.body, page.content_type, url, page.final_url, source, now, wanted.languages, wanted.min_chars,
        wants_article=article, wants_links=links,
    )  # fmt: skip


def _task(url: str, source: str, role: str, depth: int = 0, page: int = 1) -> Task:
    return Task(url, urlsplit(url).netloc, source, role, depth, page)
