"""The local site: over forty pages on three hosts, good and bad."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

pytest.importorskip("httpx")

from crawlers.server import Answer, Site, bomb, html
from crawlers.shapes import SHAPES, SITE, paragraphs, stories


@dataclass
class Web:
    """The hosts: news (feed, shapes, charsets), boards (sitemap, section, faq, traps), bad (everything that fails)."""

    news: Site
    boards: Site
    bad: Site


def _article_host() -> Site:
    site = Site()
    told = stories()
    shapes = list(SHAPES.values())
    for story in told:
        site.pages[f"/news/{story.number}"] = html(shapes[story.number % len(shapes)](story))
    site.pages["/old/euckr"] = Answer(
        paragraphs(told[0]).replace('<meta charset="utf-8">', '<meta charset="euc-kr">').encode("cp949"),
        kind="text/html",
    )
    site.pages["/old/none"] = Answer(
        paragraphs(told[1]).replace('<meta charset="utf-8">', "").encode("cp949"), kind="text/html"
    )
    site.pages["/near/1"] = html(paragraphs(told[2]).replace("지난해보다", "작년보다"))
    site.pages["/short"] = html("<html><body><article><p>짧은 글이다.</p></article></body></html>")
    english = "The library in the old town stays open until ten in the evening from next month on. " * 6
    site.pages["/english"] = html(f"<html><body><article><p>{english}</p></article></body></html>")
    site.pages["/secret/1"] = html(paragraphs(told[3]))
    site.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /secret/\n", kind="text/plain")
    links = [*(f"/news/{story.number}" for story in told), "/old/euckr", "/old/none", "/near/1", "/short", "/english"]
    links += ["/secret/1", "/gone"]
    items = "".join(f"<item><title>글</title><link>{site.url}{link}</link></item>" for link in links)
    site.pages["/rss.xml"] = html(
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>새벽뉴스</title>{items}</channel></rss>',
        kind="application/rss+xml",
    )
    entries = "".join(
        f'<entry><title>글</title><link rel="alternate" href="/news/{story.number}"/>'
        f"<id>urn:saebyeok:{story.number}</id><updated>2026-11-20T09:00:00+09:00</updated></entry>"
        for story in told[:4]
    )
    site.pages["/atom.xml"] = html(
        f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>새벽뉴스</title>{entries}</feed>',
        kind="application/atom+xml",
    )
    site.pages["/gone"] = Answer(b"", 410)
    return site


def _board_host() -> Site:
    site = Site()
    site.pages["/faq"] = Answer((SITE / "faq.html").read_bytes())
    board = (SITE / "board.html").read_text(encoding="utf-8")
    for number in range(1, 7):
        text = board.replace("느티나무 세 그루", stories()[number].paragraphs[0]).replace(
            "왜가리가 자주 옵니다", stories()[number + 8].text.replace("\n", " ")
        )
        site.pages[f"/board/{number}"] = html(text)
    for page in (1, 2, 3):
        links = "".join(f'<a href="/board/{n}">글 {n}</a>' for n in (2 * page - 1, 2 * page))
        more = f'<a href="/list?page={page + 1}">다음</a>' if page < 3 else ""
        site.pages["/list" if page == 1 else f"/list?page={page}"] = html(f"<html><body>{links}{more}</body></html>")
    for month in range(1, 60):
        site.pages[f"/calendar/{month}"] = html(
            f'<html><body><a href="/calendar/{month + 1}">다음 달</a></body></html>'
        )
    loc = "".join(f"<url><loc>{site.url}/board/{number}</loc></url>" for number in range(1, 7))
    urls = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{loc}</urlset>'
    site.pages["/map1.xml.gz"] = Answer(gzip.compress(urls.encode()), kind="application/gzip")
    site.pages["/sitemap.xml"] = html(
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"<sitemap><loc>{site.url}/map1.xml.gz</loc></sitemap></sitemapindex>",
        kind="application/xml",
    )
    return site


def _bad_host() -> Site:
    site = Site()
    good = paragraphs(stories()[16])
    site.pages |= {
        "/loop/a": Answer(status=302, headers={"Location": "/loop/b"}),
        "/loop/b": Answer(status=302, headers={"Location": "/loop/a"}),
        "/busy": [Answer(status=429, headers={"Retry-After": "1"}), html(good)],
        "/flaky": [Answer(status=500), Answer(status=502), html(good)],
        "/broken": Answer(status=500),
        "/later": Answer(status=429, headers={"Retry-After": "86400"}),
        "/drip": Answer(b"a" * 500, drip=0.05),
        "/bomb": bomb(80_000_000),
        "/big": Answer(b"a" * 1_000_000, repeat=50),
        "/declared": Answer(b"a" * 100, declared=50_000_000),
        "/image": Answer(b"\x89PNG", kind="image/png"),
        "/private": Answer(status=302, headers={"Location": "http://10.0.0.1/admin"}),
        "/file": Answer(status=302, headers={"Location": "file:///etc/passwd"}),
        "/lies": Answer(b"not gzip at all", headers={"Content-Encoding": "gzip"}),
        "/moved": Answer(status=301, headers={"Location": "/fine"}),
        "/fine": html(good),
    }
    return site


@pytest.fixture
def web() -> Iterator[Web]:
    with _article_host() as news, _board_host() as boards, _bad_host() as bad:
        yield Web(news, boards, bad)
