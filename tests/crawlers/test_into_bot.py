"""The whole way: a site is crawled, a running bot answers from it without a restart, an article is taken out again."""

from __future__ import annotations

import shutil
import time
from datetime import datetime
from pathlib import Path

import pytest

pytest.importorskip("httpx")

from typer.testing import CliRunner

from chatbot.app import build_bot
from chatbot.cli import app
from chatbot.config import load
from chatbot.crawlers.records import articles
from chatbot.dialogue.bot import Bot


@pytest.fixture
def settings(root, tmp_path, web) -> Path:
    """A project of its own: the shipped corpus, one feed, places below tmp_path."""
    shutil.copytree(root / "corpus", tmp_path / "corpus", ignore=shutil.ignore_patterns("crawled"))
    (tmp_path / "corpus" / "sources.yaml").write_text(
        f"sources:\n  - name: 새벽\n    feed: {web.news.url}/rss.xml\n", encoding="utf-8"
    )
    path = tmp_path / "config.yaml"
    path.write_text("crawl: {allow_private: true, delay_seconds: 0.0, min_chars: 50}\n", encoding="utf-8")
    return path


@pytest.mark.slow
def test_crawl_then_ask_then_remove(settings, tmp_path) -> None:
    bot = build_bot(load(settings))
    assert "새벽" not in bot.reply("오늘 뉴스 알려줘", session="a").reply

    run = CliRunner().invoke(app, ["--config", str(settings), "crawl", "--then-index"])
    assert run.exit_code == 0, run.output

    found = articles(tmp_path / "corpus" / "crawled")
    _taken(bot, "pretrained")
    today = bot.reply("오늘 뉴스 알려줘", session="a")
    assert f"“{found[0].title}”" in today.reply and "새벽뉴스" in today.reply
    chips = next(article for article in found if "반도체" in article.title)
    asked = bot.reply("반도체 소식 있어?", session="a")
    day = datetime.fromisoformat(chips.published)
    assert f"“{chips.title}”" in asked.reply and f"{day.month}월 {day.day}일" in asked.reply

    crawled = bot.brain.version
    gone = CliRunner().invoke(app, ["--config", str(settings), "crawl", "remove", "--url", chips.url])
    assert gone.exit_code == 0 and chips.url in gone.output
    _taken(bot, crawled)
    assert chips.title not in bot.reply("반도체 소식 있어?", session="a").reply


def _taken(bot: Bot, old: str) -> None:
    """Talk until the running bot has taken the version that follows `old`; at most a minute."""
    end = time.monotonic() + 60
    while bot.brain.version == old:
        assert time.monotonic() < end, "the new version was never taken"
        bot.reply("안녕", session="b")
        time.sleep(0.2)
