"""Show a crawl to a person. In: a report. Out: a live table on a terminal, and a summary, both on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table

from chatbot.crawlers.report import Report

_COLUMNS = (("쪽", "pages"), ("새 글", "kept"), ("뺀 글", "dropped"), ("오류", "errors"))
_REASONS = {
    "too-short": "너무 짧음",
    "language": "다른 언어",
    "no-body": "본문 없음",
    "exact-duplicate": "똑같은 글",
    "near-duplicate": "거의 같은 글",
    "unchanged": "그대로인 글",
    "not-modified": "바뀌지 않은 쪽",
    "limit": "한도를 넘음",
    "source-gone": "없어진 항목",
}
# Hosts shown; a crawl over more shows the busiest.
SHOWN_HOSTS = 20


@contextmanager
def watching(quiet: bool) -> Iterator[Callable[[Report], None]]:
    """A function to call after each page; on a terminal it redraws the table of hosts a few times a second."""
    if quiet or not sys.stderr.isatty():
        yield lambda report: None
        return
    with Live(console=Console(stderr=True), refresh_per_second=4) as live:
        yield lambda report: live.update(hosts_table(report))


def hosts_table(report: Report) -> Table:
    """Pages, new and dropped articles and errors of the busiest hosts."""
    table = Table(box=None)
    table.add_column("사이트")
    for heading, _ in _COLUMNS:
        table.add_column(heading, justify="right")
    busiest = sorted(report.hosts.items(), key=lambda item: -item[1]["pages"])[:SHOWN_HOSTS]
    for host, counts in busiest:
        table.add_row(host, *(f"{counts[key]:,}" for _, key in _COLUMNS))
    return table


def print_summary(report: Report) -> None:
    """What came of the crawl: the table, the drops by reason, what went wrong and what to do about it."""
    console = Console(stderr=True, highlight=False)
    if report.hosts:
        console.print(hosts_table(report))
    figures = report.as_json()
    console.print(
        f"{report.pages:,}쪽 ({report.bytes / 1e6:.1f} MB, 초당 {figures['pages_per_second']}쪽)을 읽고 "
        f"새 글 {report.kept:,}개를 남겼어요." + (" 지난번에 멈춘 곳부터 이어서 했어요." if report.resumed else "")
    )
    if report.dropped:
        console.print("뺀 글: " + ", ".join(f"{_REASONS.get(k, k)} {n:,}" for k, n in report.dropped.most_common()))
    if report.errors:
        console.print("오류: " + ", ".join(f"{kind} {count:,}" for kind, count in report.errors.most_common()))
    for problem in report.problems:
        console.print(f"✗ {problem}", markup=False, soft_wrap=True)
