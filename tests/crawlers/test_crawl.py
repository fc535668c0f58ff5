"""Whole crawls of the local site: what is kept, dropped, refused, resumed."""

from __future__ import annotations

import json
import multiprocessing
import random
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("httpx")

from crawlers import killed
from crawlers.server import html
from crawlers.shapes import paragraphs, stories
from crawlers.test_fetch import fetcher

from chatbot.crawlers.crawl import Wanted, crawl
from chatbot.crawlers.keep import Keeper, Task
from chatbot.crawlers.prose import token_f1
from chatbot.crawlers.records import Article, articles, gist, latest, read_all, remove
from chatbot.crawlers.report import Report
from chatbot.crawlers.sources import Source


async def run(folder: Path, *sources: Source, **more) -> Report:
    keeper = Keeper(folder / "crawled", folder / "crawl.db")
    try:
        async with fetcher(**{"retries": 0, **more}) as client:
            return await crawl(sources, client, keeper, wanted=Wanted(min_chars=50), concurrency=4)
    finally:
        keeper.close()


async def test_feed_is_kept_whole_and_drops_are_counted(web, tmp_path) -> None:
    report = await run(tmp_path, Source("새벽", "news", "feed", web.news.url + "/rss.xml", licence="시험"))
    found = {article.url: article for article in articles(tmp_path / "crawled")}
    for story in stories():
        article = found[f"{web.news.url}/news/{story.number}"]
        assert article.title == story.title
        assert token_f1(article.text, story.text) >= 0.97, (article.url, article.text)
        assert article.lang == "ko" and article.licence == "시험" and article.source == "새벽"
        assert article.published and article.fetched and len(article.sha256) == 64
    # The EUC-KR and charset-less pages hold articles 1 and 2 again, which proves that they were read right.
    assert report.dropped["exact-duplicate"] == 2
    assert report.dropped["near-duplicate"] == 1
    assert report.dropped["too-short"] + report.dropped["no-body"] == 1
    assert report.dropped["language"] == 1
    assert report.errors == {"robots": 1, "status": 1}
    assert not [path for path in web.news.asked() if path.startswith("/secret")]
    assert report.kept == len(stories()) and not report.problems
    assert max(web.news.asked().values()) == 1


async def test_atom_feed_with_links_of_its_own_host(web, tmp_path) -> None:
    report = await run(tmp_path, Source("새벽", "news", "feed", web.news.url + "/atom.xml"))
    assert {a.url for a in articles(tmp_path / "crawled")} == {f"{web.news.url}/news/{n}" for n in (1, 2, 3, 4)}
    assert report.kept == 4 and not report.problems


async def test_second_crawl_fetches_only_what_changed(web, tmp_path) -> None:
    source = Source("새벽", "news", "feed", web.news.url + "/rss.xml")
    await run(tmp_path, source)
    changed = stories()[6]
    renewed = paragraphs(changed).replace("마흔 석짜리", "쉰 석짜리")
    web.news.pages["/news/7"] = html(renewed.replace("</article>", "<p>표는 현장에서만 판다.</p></article>"))
    web.news.log.clear()
    report = await run(tmp_path, source)
    assert report.kept == 1 and not report.resumed
    assert report.dropped["not-modified"] >= len(stories())
    assert all(asked.conditional for asked in web.news.log if asked.path.startswith("/news/"))
    lines = Counter(article.url for article in read_all(tmp_path / "crawled"))
    assert lines.pop(f"{web.news.url}/news/7") == 2 and set(lines.values()) == {1}
    assert "쉰 석짜리" in next(a.text for a in articles(tmp_path / "crawled") if a.url.endswith("/news/7"))


async def test_sitemap_faq_board_pages_and_the_calendar_trap(web, tmp_path) -> None:
    base = web.boards.url
    select = {"title": ".subject", "body": ".post p", "author": ".writer", "date": ".day"}
    pairs = {"item": ".faq-item", "question": ".question", "answer": ".answer"}
    report = await run(
        tmp_path,
        Source("지도", "board", "sitemap", base + "/sitemap.xml", select=select, label="게시판"),
        Source("물음", "faq", "url", base + "/faq", select=pairs),
        Source("목록", "board", "section", base + "/list", pages=3, keep="/board/", select=select),
        Source("달력", "page", "section", base + "/calendar/1", depth=3, pages=1),
    )  # fmt: skip
    found = articles(tmp_path / "crawled")
    assert len([article for article in found if "/board/" in article.url]) == 6
    assert all(a.authors == ("산책가",) and "잘 읽었습니다" not in a.text for a in found if "/board/" in a.url)
    answers = {article.title: article.text for article in found if article.kind == "faq"}
    assert len(answers) == 3 and answers["구독료는 얼마인가요?"] == "한 달에 삼천 원이고, 학생은 무료입니다."
    assert {"/list", "/list?page=2", "/list?page=3"} <= set(web.boards.asked())
    assert len([path for path in web.boards.asked() if path.startswith("/calendar/")]) <= 4
    assert not report.problems, [str(problem) for problem in report.problems]


async def test_what_is_wrong_is_named_and_the_rest_goes_on(web, tmp_path) -> None:
    report = await run(
        tmp_path,
        Source("없는 곳", "news", "feed", "http://127.0.0.1:9/rss"),
        Source("고리", "page", "url", web.bad.url + "/loop/a"),
        Source("큰 것", "page", "url", web.bad.url + "/big"),
        Source("피드 아님", "news", "feed", web.bad.url + "/fine"),
        Source("빈 선택자", "faq", "url", web.boards.url + "/faq", select={"question": ".q", "answer": ".a"}),
        Source("새벽", "news", "feed", web.news.url + "/rss.xml"),
    )
    kinds = {problem.entry: problem.kind for problem in report.problems}
    assert kinds == {
        "없는 곳": "unreachable",
        "고리": "redirects",
        "큰 것": "too-large",
        "피드 아님": "feed",
        "빈 선택자": "selector",
    }
    assert all(problem.remedy in str(problem) for problem in report.problems)
    assert report.kept == len(stories())
    json.dumps(report.as_json(), ensure_ascii=False)


async def test_limit_holds(web, tmp_path) -> None:
    report = await run(tmp_path, Source("새벽", "news", "feed", web.news.url + "/rss.xml", limit=5))
    assert report.pages <= 5 and report.dropped["limit"] > 0


@pytest.mark.slow
def test_killed_twenty_times_nothing_is_lost_or_doubled(web, tmp_path) -> None:
    """SIGKILL at random moments; the last run is left to end."""
    dice = random.Random(7)
    # A fork server imports once, so that twenty processes start within a moment; each is killed for real.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["chatbot.crawlers.crawl", "newspaper", "datasketch", "feedparser"])
    told = (tmp_path, web.news.url + "/rss.xml")
    kills = 0
    while kills < 20:
        before = len(web.news.log)
        crawler = context.Process(target=killed.run, args=told)
        crawler.start()
        deadline = time.monotonic() + 20
        # Wait for its first request, so that the kill falls into the crawl and not into the imports.
        while len(web.news.log) == before and crawler.is_alive() and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(dice.uniform(0.0, 0.08))
        crawler.kill()
        crawler.join()
        kills += 1
    with next(iter((tmp_path / "crawled").glob("*.jsonl")), tmp_path / "crawled" / "2026-01-01.jsonl").open(
        "ab"
    ) as torn:
        torn.write(b'{"url": "http://torn.example/", "te')
    last = context.Process(target=killed.run, args=told)
    last.start()
    last.join(60)
    assert last.exitcode == 0
    lines = Counter(article.url for article in read_all(tmp_path / "crawled"))
    assert set(lines.values()) == {1}
    assert {f"{web.news.url}/news/{story.number}" for story in stories()} <= set(lines)
    for path in (tmp_path / "crawled").glob("*.jsonl"):
        for line in path.read_bytes().splitlines():
            json.loads(line)


def test_torn_line_and_unseen_tail_are_mended(tmp_path) -> None:
    crawled = tmp_path / "crawled"
    keeper = Keeper(crawled, tmp_path / "crawl.db")
    url, fetched = "http://a.example/1", "2026-11-01T00:00:00+09:00"
    article = Article(url, url, "제목", "본문 " * 40, fetched=fetched, sha256="1" * 64)
    signed = b"\x01" * 256
    keeper.keep(article, signed)
    keeper.close()
    path = crawled / "2026-11-01.jsonl"
    whole = path.read_bytes()
    # Killed after the append and before the database learnt of it, and then again amid a line.
    path.write_bytes(whole + whole.replace(b"/1", b"/2").replace(b"1" * 64, b"2" * 64) + whole[:30])
    keeper = Keeper(crawled, tmp_path / "crawl.db")
    assert path.read_bytes().count(b"\n") == 2 and path.read_bytes().endswith(b"\n")
    assert keeper.duplicate(replace(article, url="http://a.example/2", sha256="2" * 64), signed) == "unchanged"
    keeper.close()


def test_hosts_take_turns(tmp_path) -> None:
    keeper = Keeper(tmp_path / "crawled", tmp_path / "crawl.db")
    keeper.begin()
    keeper.add(Task(f"http://{host}/{n}", host, "s", "article") for n in range(3) for host in ("a", "b"))
    claimed = [keeper.claim(()) for _ in range(4)]
    assert [task.host for task in claimed if task] == ["a", "b", "a", "b"]
    assert keeper.claim({"a", "b"}) is None
    keeper.close()
    again = Keeper(tmp_path / "crawled", tmp_path / "crawl.db")
    assert again.resuming()
    assert sum(again.claim(()) is not None for _ in range(10)) == 6
    again.close()


async def test_reading_and_removing(web, tmp_path) -> None:
    crawled = tmp_path / "crawled"
    source = Source("새벽", "news", "feed", web.news.url + "/rss.xml")
    await run(tmp_path, source)
    best = latest(crawled, "반도체 소식 있어?")
    assert best and best[0].title.startswith("반도체 학과")
    assert len(latest(crawled)) == 3 and latest(crawled, "우주왕복선") == []
    assert gist(best[0]) == stories()[1].paragraphs[0].split(". ")[0] + "."
    assert all(len(gist(article)) <= 120 for article in articles(crawled))
    keeper = Keeper(crawled, tmp_path / "crawl.db")
    assert remove(crawled, url=best[0].url) == [best[0].url]
    keeper.note_removal()
    keeper.close()
    await run(tmp_path, source)
    assert best[0].url not in {article.url for article in articles(crawled)}
    assert len(remove(crawled, older_than_days=0)) > 0
