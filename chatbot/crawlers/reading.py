"""Read one fetched page by its source's kind. In: bytes, URL, source. Out: signed articles, links, complaints.

A plain function of its input, so that it can run in another thread or process. Knows nothing of the network or files.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, replace

from chatbot.crawlers.blocks import parse
from chatbot.crawlers.clean import clean
from chatbot.crawlers.decode import decode
from chatbot.crawlers.extract import Page, extract
from chatbot.crawlers.links import next_page, page_links
from chatbot.crawlers.nearness import sign
from chatbot.crawlers.records import Article
from chatbot.crawlers.select import select
from chatbot.crawlers.sources import Source

_KANA = re.compile(r"[぀-ヿ]")
_HANGUL = re.compile(r"[가-힣]")
_HAN = re.compile(r"[一-鿿]")
# Share of Hangul among the letters from which a text is Korean: news on technology writes many names in Latin letters.
KOREAN_SHARE = 0.3
# A question and its answer may be short; an article may not.
MIN_ANSWER = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page gave: articles to keep (each with its MinHash), drops by reason, links, the list's next page."""

    articles: tuple[tuple[Article, bytes], ...] = ()
    dropped: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    next: str = ""
    complaint: str = ""


def read(
    body: bytes,
    content_type: str,
    url: str,
    final_url: str,
    source: Source,
    fetched: str,
    languages: tuple[str, ...],
    min_chars: int,
    *,
    wants_article: bool,
    wants_links: bool,
) -> Reading:
    """Articles and links of a page."""
    html = decode(body, content_type).text
    found: list[Article] = []
    complaint = ""
    if wants_article:
        found, complaint = _articles(html, url, final_url, source, fetched)
    kept: list[tuple[Article, bytes]] = []
    dropped = [] if found or not wants_article else ["no-body"]
    for article in found:
        reason = _unwanted(article, languages, MIN_ANSWER if "#" in article.url else min_chars)
        if reason:
            dropped.append(reason)
        else:
            kept.append((article, sign(article)))
    root = parse(html) if wants_links else None
    if root is None:
        return Reading(tuple(kept), tuple(dropped), complaint=complaint)
    links = tuple(page_links(root, final_url))
    return Reading(tuple(kept), tuple(dropped), links, next_page(root, final_url), complaint)


def language(text: str) -> str:
    """The language by its letters: ko, ja, zh, en for other Latin text, und without letters."""
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return "und"
    if len(_HANGUL.findall(text)) >= KOREAN_SHARE * len(letters):
        return "ko"
    if len(_KANA.findall(text)) >= 0.1 * len(letters):
        return "ja"
    return "zh" if len(_HAN.findall(text)) >= 0.3 * len(letters) else "en"


def digest(text: str) -> str:
    """SHA-256 of the text, white space and Unicode form left aside."""
    return hashlib.sha256(" ".join(unicodedata.normalize("NFC", text).split()).encode("utf-8", "replace")).hexdigest()


def _articles(html: str, url: str, final_url: str, source: Source, fetched: str) -> tuple[list[Article], str]:
    complaint = ""
    if source.select:
        selected = select(html, source.select)
        if selected.pairs:
            return [
                _pair(question, answer, url, final_url, source, fetched) for question, answer in selected.pairs
            ], ""
        if selected.body:
            page = extract(html, final_url)
            lines = clean(selected.body.splitlines())
            own = Page(
                title=selected.title or page.title,
                body=selected.body,
                text="\n".join(lines),
                authors=(selected.author,) if selected.author else page.authors,
                published=selected.published or page.published,
                site=page.site,
                section=page.section,
            )
            return [_article(own, url, final_url, source, fetched)], ""
        complaint = f"{url}: {selected.missing} matches nothing"
        if source.kind == "faq":
            return [], complaint
    page = extract(html, final_url)
    return ([_article(page, url, final_url, source, fetched)] if page.text else []), complaint


def _article(page: Page, url: str, final_url: str, source: Source, fetched: str) -> Article:
    text = unicodedata.normalize("NFC", page.text)
    return Article(
        url=url,
        final_url=final_url,
        title=unicodedata.normalize("NFC", page.title),
        text=text,
        authors=page.authors,
        published=page.published.isoformat() if page.published else "",
        fetched=fetched,
        site=page.site,
        section=source.label or page.section,
        lang=language(text),
        sha256=digest(text),
        licence=source.licence or "robots.txt allows",
        kind=source.kind,
        source=source.name,
    )


def _pair(question: str, answer: str, url: str, final_url: str, source: Source, fetched: str) -> Article:
    page = Page(title=question, body=answer, text="\n".join(clean(answer.splitlines())))
    # A fragment made of the question keeps the pairs of one page apart, whatever their order.
    mark = digest(question)[:12]
    article = _article(page, f"{url}#{mark}", f"{final_url}#{mark}", source, fetched)
    return replace(article, sha256=digest(f"{question}\n{article.text}"))


def _unwanted(article: Article, languages: tuple[str, ...], min_chars: int) -> str:
    if len(article.text) < min_chars:
        return "too-short"
    return "language" if languages and article.lang not in languages else ""
