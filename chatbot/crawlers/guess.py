"""Guess what an address is, for `chatbot crawl add` and `--try`. In: a fetched page. Out: a `Source`."""

from __future__ import annotations

from urllib.parse import urlsplit

from chatbot.crawlers.blocks import parse
from chatbot.crawlers.decode import decode
from chatbot.crawlers.extract import extract
from chatbot.crawlers.fetch import Fetched
from chatbot.crawlers.links import feed_links, page_links, sitemap_links
from chatbot.crawlers.problems import FetchError
from chatbot.crawlers.prose import prose_length
from chatbot.crawlers.sources import Source

# Question and answer marks of common FAQ pages: definition lists, disclosure widgets, schema.org.
_FAQS = (
    ("[itemtype$='schema.org/Question']", "[itemprop=name]", "[itemprop=text]"),
    ("details", "summary", "summary ~ *"),
    ("dl", "dt", "dd"),
    (".faq-item", ".question", ".answer"),
    (".faq li", ".q", ".a"),
)
# Fewest pairs that make a page a FAQ, fewest links that make it a list, most prose (characters) that a list holds.
MIN_PAIRS = 3
MIN_LINKS = 15
LIST_PROSE = 400


def guess(page: Fetched) -> Source:
    """The kind and role of a page: feed, sitemap, FAQ, a section that leads to articles, or one article."""
    url = page.url
    parts = urlsplit(url)
    name = f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}"
    try:
        if sum(map(len, sitemap_links(page.body, url, 50_000_000))):
            return Source(name, "news", "sitemap", url)
    except FetchError:
        pass
    try:
        if feed_links(page.body, url):
            return Source(name, "news", "feed", url)
    except FetchError:
        pass
    html = decode(page.body, page.content_type).text
    faq = _faq(html)
    if faq:
        return Source(name, "faq", "url", url, select=faq)
    root = parse(html)
    links = page_links(root, page.final_url) if root is not None else []
    found = extract(html, page.final_url)
    if len(links) >= MIN_LINKS and prose_length(found.body.splitlines()) < LIST_PROSE:
        return Source(name, "news", "section", url)
    return Source(name, "news" if found.published else "page", "url", url)


def _faq(html: str) -> dict[str, str]:
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html, "lxml")
    for item, question, answer in _FAQS:
        if item == "dl" and len(soup.select("dl > dt")) >= MIN_PAIRS:
            return {"question": "dl > dt", "answer": "dl > dt + dd"}
        items = [node for node in soup.select(item) if node.select_one(question) and node.select_one(answer)]
        if len(items) >= MIN_PAIRS:
            return {"item": item, "question": question, "answer": answer}
    return {}
