"""`chatbot crawl`: words in, one function called, lines out. The main command line mounts it; knows no config class.

The callback above leaves in ``ctx.obj`` an object with `loaded` (settings and folders) and
`index_articles(articles) -> int` and `remove_articles(addresses) -> int`, both in passages. Exit codes: 0 done, 1
something of a source failed, 2 wrong use.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatbot.errors import CrawlError, MissingExtraError

if TYPE_CHECKING:
    from chatbot.crawlers.fetch import Fetched, Fetcher
    from chatbot.crawlers.records import Article
    from chatbot.crawlers.report import Report

app = typer.Typer(name="crawl", help="뉴스와 게시판을 예의 바르게 가져옵니다.", rich_markup_mode=None)
Json = Annotated[bool, typer.Option("--json", help="JSON으로 출력합니다.")]


@dataclass(frozen=True, slots=True)
class Places:
    """Where a crawl reads and writes: the sources' file, the folder of records, the database of its memory."""

    sources: Path
    crawled: Path
    database: Path

    @classmethod
    def of(cls, context: typer.Context) -> Places:
        """The places that the command line's settings name."""
        loaded = context.obj.loaded
        corpus, data = Path(loaded.corpus_dir), Path(loaded.data_dir)
        return cls(corpus / "sources.yaml", corpus / "crawled", data / "crawl.db")


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    try_url: Annotated[str | None, typer.Option("--try", help="이 주소에서 무엇이 남을지만 보여 줍니다.")] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="이 이름의 항목만 가져옵니다.")] = None,
    then_index: Annotated[bool, typer.Option("--then-index", help="새 글을 바로 찾기에 넣습니다.")] = False,
    as_json: Json = False,
) -> None:
    """corpus/sources.yaml에 적힌 곳에서 새 글을 가져옵니다. 멈추어도 다음에 이어서 합니다."""
    if context.invoked_subcommand is not None:
        return
    _needs_extra()
    if try_url is not None:
        _show(context, try_url, as_json)
        return
    from chatbot.crawlers.watch import print_summary

    report, fresh = _crawl(context, only or [], then_index, as_json)
    indexed = context.obj.index_articles(fresh) if then_index and fresh else 0
    if as_json:
        typer.echo(json.dumps({**report.as_json(), "indexed": indexed}, ensure_ascii=False, indent=2))
    else:
        print_summary(report)
        if then_index:
            typer.echo(f"새 글 {indexed}개를 찾기에 넣었어요.", err=True)
    raise typer.Exit(1 if report.problems else 0)


@app.command("add")
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="피드, 사이트맵, 목록, 글 또는 FAQ의 주소.")],
    name: Annotated[str, typer.Option("--name", help="항목의 이름 (기본: 주소에서 만듭니다).")] = "",
) -> None:
    """주소가 무엇인지 알아보고 corpus/sources.yaml에 적습니다."""
    _needs_extra()
    from dataclasses import replace

    from chatbot.crawlers.guess import guess
    from chatbot.crawlers.sources import add_source

    path = Places.of(context).sources
    source = guess(_fetch(context, url))
    source = replace(source, name=name) if name else source
    add_source(path, source)
    typer.echo(f"{path}: {source.name} ({source.kind}, {source.role})을 적었어요.")


@app.command("remove")
def remove(
    context: typer.Context,
    url: Annotated[str | None, typer.Option("--url", help="지울 글의 주소.")] = None,
    older_than: Annotated[str | None, typer.Option("--older-than", help="이보다 오래된 글. 예: 30d, 8w")] = None,
) -> None:
    """가져온 글을 주소나 나이로 지웁니다. 같은 글은 다시 가져오지 않아요."""
    if (url is None) == (older_than is None):
        raise typer.BadParameter("--url과 --older-than 가운데 하나를 주세요.")
    _needs_extra()
    from chatbot.crawlers.keep import Keeper
    from chatbot.crawlers.records import remove as take_out

    places = Places.of(context)
    with _alone(places):
        keeper = Keeper(places.crawled, places.database)
        try:
            gone = take_out(places.crawled, url=url, older_than_days=_days(older_than) if older_than else None)
            keeper.note_removal()
        finally:
            keeper.close()
    if gone:
        context.obj.remove_articles(gone)
    for address in gone:
        typer.echo(address)
    typer.echo(f"글 {len(gone)}개를 지웠어요.", err=True)


def _crawl(context: typer.Context, only: list[str], collect: bool, as_json: bool) -> tuple[Report, list[Article]]:
    from chatbot.crawlers.crawl import Wanted, crawl
    from chatbot.crawlers.keep import Keeper
    from chatbot.crawlers.report import Report
    from chatbot.crawlers.sources import read_sources
    from chatbot.crawlers.watch import watching

    places, settings = Places.of(context), context.obj.loaded.config.crawl
    sources, problems = read_sources(places.sources)
    for name in only:
        if name not in {source.name for source in sources}:
            known = ", ".join(source.name for source in sources) or "없음"
            raise typer.BadParameter(f"--only {name}: 그런 항목이 없어요 (있는 것: {known}).")
    chosen = [source for source in sources if not only or source.name in only]
    report = Report()
    for problem in problems:
        report.problem(problem)
    fresh: list[Article] = []

    async def run() -> Report:
        async with _fetcher(context) as fetcher:
            return await crawl(
                chosen, fetcher, keeper, wanted=Wanted(tuple(settings.languages), settings.min_chars),
                concurrency=settings.concurrency, report=report, on_step=step,
                on_kept=fresh.append if collect else None,
            )  # fmt: skip

    with _alone(places), watching(as_json) as step:
        keeper = Keeper(places.crawled, places.database)
        try:
            asyncio.run(run())
        finally:
            keeper.close()
    return report, fresh


def _fetcher(context: typer.Context) -> Fetcher:
    from chatbot.crawlers.fetch import Fetcher

    settings = context.obj.loaded.config.crawl
    if not settings.contact and not settings.allow_private:
        raise CrawlError(
            "config.yaml: crawl.contact: empty; write an address or page where a site's owner can reach you"
        )
    return Fetcher(
        settings.user_agent.replace("{contact}", settings.contact or "local test"),
        delay_seconds=settings.delay_seconds,
        timeout_seconds=settings.timeout_seconds,
        retries=settings.retries,
        max_redirects=settings.max_redirects,
        max_bytes=settings.max_bytes,
        allow_private=settings.allow_private,
        connections=settings.concurrency,
    )


def _fetch(context: typer.Context, url: str) -> Fetched:
    async def run() -> Fetched:
        async with _fetcher(context) as fetcher:
            return await fetcher.fetch(url)

    return asyncio.run(run())


def _show(context: typer.Context, url: str, as_json: bool) -> None:
    """`--try`: what would be kept of one address, and as what it would be read."""
    from dataclasses import asdict

    from chatbot.crawlers.crawl import Wanted, try_page
    from chatbot.crawlers.guess import guess

    settings = context.obj.loaded.config.crawl
    page = _fetch(context, url)
    source = guess(page)
    reading = try_page(page, source, Wanted(tuple(settings.languages), settings.min_chars))
    if as_json:
        rows = [asdict(article) for article, _ in reading.articles]
        found = {"kind": source.kind, "role": source.role, "dropped": reading.dropped, "articles": rows}
        typer.echo(json.dumps({**found, "links": reading.links[:50]}, ensure_ascii=False, indent=2))
        return
    typer.echo(f"종류: {source.kind} ({source.role})")
    for reason in reading.dropped:
        typer.echo(f"남기지 않음: {reason}")
    for article, _ in reading.articles:
        typer.echo(f"\n제목: {article.title}\n날짜: {article.published or '모름'}")
        typer.echo(f"글쓴이: {', '.join(article.authors) or '모름'}\n사이트: {article.site}\n\n{article.text}")
    for link in reading.links[:20]:
        typer.echo(f"→ {link}")


def _days(text: str) -> int:
    match = re.fullmatch(r"(\d{1,5})\s*([dwmy일주]?)", text.strip())
    if not match:
        raise typer.BadParameter(f"--older-than {text}: 30d(일), 8w(주), 6m(달), 1y(해)처럼 적어 주세요.")
    return int(match.group(1)) * {"w": 7, "주": 7, "m": 30, "y": 365}.get(match.group(2), 1)


def _alone(places: Places) -> Any:
    """A lock that one crawl at a time holds; a second one is told so at once."""
    from filelock import FileLock, Timeout

    places.database.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{places.database}.lock")
    try:
        return lock.acquire(timeout=0)
    except Timeout as error:
        raise CrawlError(f"{places.database}: another crawl is running; wait for it to end") from error


def _needs_extra() -> None:
    import importlib.util

    for module in ("httpx", "protego", "bs4", "lxml", "newspaper", "feedparser", "datasketch", "charset_normalizer"):
        if importlib.util.find_spec(module) is None:
            raise MissingExtraError(module, "crawl")
