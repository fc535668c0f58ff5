"""`chatbot crawl` as its sub-app runs it, and the file of sources."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

pytest.importorskip("httpx")

from chatbot.crawlers.cli import app
from chatbot.crawlers.records import Article, articles
from chatbot.crawlers.sources import Source, add_source, read_sources
from chatbot.errors import CrawlError


@dataclass
class Bot:
    """What the main command line leaves in ctx.obj."""

    loaded: SimpleNamespace
    indexed: list[Article] = field(default_factory=list)

    def index_articles(self, found: list[Article]) -> int:
        self.indexed += found
        return len(found)

    def remove_articles(self, addresses: list[str]) -> int:
        self.indexed = [article for article in self.indexed if article.url not in addresses]
        return len(addresses)


@pytest.fixture
def bot(tmp_path) -> Bot:
    crawl = SimpleNamespace(
        user_agent="testbot/1.0 (+{contact})", contact="mailto:a@b.example", concurrency=4, delay_seconds=0.0,
        timeout_seconds=2.0, retries=0, max_redirects=3, max_bytes=1_000_000, allow_private=True, languages=("ko",),
        min_chars=50,
    )  # fmt: skip
    (tmp_path / "corpus").mkdir()
    config = SimpleNamespace(crawl=crawl)
    return Bot(SimpleNamespace(config=config, corpus_dir=tmp_path / "corpus", data_dir=tmp_path / "data"))


def write(bot: Bot, text: str) -> Path:
    path = Path(bot.loaded.corpus_dir) / "sources.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_crawl_then_index_report_and_remove(web, bot) -> None:
    write(bot, f"sources:\n  - name: 새벽\n    feed: {web.news.url}/rss.xml\n")
    run = CliRunner().invoke(app, ["--json", "--then-index"], obj=bot)
    report = json.loads(run.stdout)
    assert run.exit_code == 0, run.output
    assert report["indexed"] == report["kept"] == len(bot.indexed) == 20
    assert report["pages_per_second"] > 0 and report["errors"] == {"robots": 1, "status": 1}
    url = bot.indexed[0].url
    gone = CliRunner().invoke(app, ["remove", "--url", url], obj=bot)
    assert gone.exit_code == 0 and url in gone.stdout
    assert url not in {article.url for article in articles(Path(bot.loaded.corpus_dir) / "crawled")}
    assert len(bot.indexed) == 19
    assert CliRunner().invoke(app, ["remove"], obj=bot).exit_code == 2
    assert CliRunner().invoke(app, ["remove", "--older-than", "어제"], obj=bot).exit_code == 2
    assert CliRunner().invoke(app, ["remove", "--older-than", "30d"], obj=bot).exit_code == 0


def test_a_wrong_entry_is_named_the_rest_goes_on_and_it_exits_1(web, bot) -> None:
    write(
        bot,
        f"sources:\n  - name: 새벽\n    feed: {web.news.url}/rss.xml\n"
        f"  - name: 틀림\n    kind: nwes\n    feed: {web.news.url}/rss.xml\n",
    )
    run = CliRunner().invoke(app, [], obj=bot)
    assert run.exit_code == 1
    assert "틀림" in run.output and "did you mean news?" in run.output and "20" in run.output


def test_try_and_add(web, bot) -> None:
    shown = CliRunner().invoke(app, ["--try", f"{web.news.url}/news/9"], obj=bot)
    assert shown.exit_code == 0 and "인공지능 번역, 사투리는 아직 어렵다" in shown.stdout
    asked = json.loads(CliRunner().invoke(app, ["--try", f"{web.boards.url}/faq", "--json"], obj=bot).stdout)
    assert asked["kind"] == "faq" and len(asked["articles"]) == 3
    path = write(bot, "# 내 메모\nsources:\n  - name: 하나 # 옆 메모\n    feed: http://a.example/rss\n")
    for url, kind, role in (
        (f"{web.news.url}/rss.xml", "news", "feed"),
        (f"{web.boards.url}/sitemap.xml", "news", "sitemap"),
        (f"{web.boards.url}/faq", "faq", "url"),
        (f"{web.news.url}/news/1", "news", "url"),
    ):
        run = CliRunner().invoke(app, ["add", url, "--name", url], obj=bot)
        assert run.exit_code == 0, run.output
        source = read_sources(path)[0][-1]
        assert (source.kind, source.role, source.url) == (kind, role, url)
    assert "# 내 메모" in path.read_text(encoding="utf-8") and "# 옆 메모" in path.read_text(encoding="utf-8")


def test_contact_is_asked_for(bot) -> None:
    bot.loaded.config.crawl.contact, bot.loaded.config.crawl.allow_private = "", False
    write(bot, "sources: []\n")
    with pytest.raises(CrawlError, match=r"crawl\.contact"):
        CliRunner().invoke(app, [], obj=bot, catch_exceptions=False)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{name: a, kind: blog, feed: 'http://a/'}", "unknown kind 'blog'"),
        ("{name: a, fed: 'http://a/'}", "did you mean feed?"),
        ("{name: a}", "exactly one of"),
        ("{name: a, feed: 'http://a/', url: 'http://a/'}", "exactly one of"),
        ("{name: a, feed: ftp://a/}", "no http or https address"),
        ("{name: a, url: 'http://a/', depth: deep}", "depth: expected a whole number"),
        ("{name: a, url: 'http://a/', keep: '('}", "not a regular expression"),
        ("{name: a, url: 'http://a/', kind: faq}", "needs select.question"),
        ("{name: a, url: 'http://a/', select: {body: 'div['}}", "not a CSS selector"),
        ("{name: a, url: 'http://a/', select: {boddy: p}}", "did you mean body?"),
        ("just text", "expected keys and values"),
    ],
)
def test_wrong_entries(tmp_path, entry: str, said: str) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(f"sources:\n  - {entry}\n  - {{name: 좋은 것, url: 'http://b/'}}\n", encoding="utf-8")
    sources, problems = read_sources(path)
    assert [source.name for source in sources] == ["좋은 것"]
    assert len(problems) == 1 and said in problems[0].message and problems[0].remedy


def test_broken_yaml_spares_the_other_entries(tmp_path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(
        "sources:\n  - name: 하나\n    feed: http://a/rss\n  - name: [둘\n    feed: x\n  - name: 셋\n    url: http://c/\n",
        encoding="utf-8",
    )
    sources, problems = read_sources(path)
    assert [source.name for source in sources] == ["하나", "셋"]
    assert len(problems) == 1 and problems[0].entry.startswith("sources.yaml:")
    path.write_text("sources: {a: 1}\n", encoding="utf-8")
    with pytest.raises(CrawlError, match="with a list of entries"):
        read_sources(path)
    with pytest.raises(CrawlError, match="cannot be read"):
        read_sources(tmp_path / "none.yaml")


def test_the_shipped_file_reads_and_entries_are_replaced_by_name(corpus_dir, tmp_path) -> None:
    assert read_sources(corpus_dir / "sources.yaml") == ([], [])
    path = tmp_path / "sources.yaml"
    add_source(path, Source("하나", "news", "feed", "http://a/rss"))
    add_source(path, Source("하나", "page", "url", "http://a/b"))
    assert [(s.kind, s.role) for s in read_sources(path)[0]] == [("page", "url")]
