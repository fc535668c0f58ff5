"""Read title, date, authors and site of a page. In: the tree, its tags and JSON-LD. Out: plain values.

Knows nothing of bodies; when no author is declared, the signatures in the first and last lines of a body are read.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from chatbot.crawlers.blocks import HtmlElement, fold
from chatbot.crawlers.dates import parse_date
from chatbot.crawlers.prose import tokens
from chatbot.crawlers.structured import Declared

_SUFFIX = re.compile(r"\s+[|\-–—:<›»·]\s+|\s*[|｜]\s*|\s+::\s+|\s*::\s*")
# 홍길동 기자, (서울=연합뉴스) 홍길동 기자 =, 홍길동 칼럼니스트, gildong@news.kr
_SIGNATURE = re.compile(
    r"(?<![가-힣])([가-힣]{2,4})\s?(?:(?:선임|수습|객원|인턴|시민|전문|의학|특파|사진)\s?)?(?:기자|특파원|칼럼니스트|논설위원|앵커)"
)
_NOT_NAMES = {
    "취재",
    "사진",
    "선임",
    "인턴",
    "수습",
    "담당",
    "본지",
    "온라인",
    "디지털",
    "편집",
    "시민",
    "객원",
    "전문",
    "현장",
    "정치",
    "경제",
    "사회",
    "문화",
    "국제",
    "스포츠",
}
_DATE_TAGS = (
    "article:published_time", "og:published_time", "datepublished", "dc.date.issued", "dc.date", "pubdate",
    "publishdate",     "article:published", "og:article:published_time", "parsely-pub-date", "sailthru.date", "date",
    "og:regdate", "dd:published_time",
)  # fmt: skip
_DATE_PLACES = (
    "//time[@datetime]/@datetime",
    "//*[@itemprop='datePublished']/@content",
    "//*[@data-date-time]/@data-date-time",
    "//*[contains(@class,'date') or contains(@class,'time') or contains(@class,'info')][string-length(.) < 200]",
    "//li[string-length(.) < 80][contains(.,'입력') or contains(.,'승인') or contains(.,'등록')]",
    "//*[string-length(.) < 120]"
    "[contains(.,'입력') or contains(.,'승인') or contains(.,'등록') or contains(.,'작성')]",
)


def tags(root: HtmlElement) -> dict[str, str]:
    """``<meta>`` values by lower-cased property, name or itemprop; the first of several, entities read."""
    found: dict[str, str] = {}
    for node in root.iter("meta"):
        value = fold(html.unescape(node.get("content") or ""))
        for attribute in ("property", "name", "itemprop"):
            key = (node.get(attribute) or "").lower().strip()
            if key and value:
                found.setdefault(key, value)
    return found


def title(root: HtmlElement, found: dict[str, str], said: Declared) -> str:
    """The headline without the site's name. A heading that the page's own tags confirm is believed most."""
    site_name = found.get("og:site_name", "")
    page_title = fold(
        " ".join(node.text_content() for node in root.iter("title")) if root.find(".//title") is not None else ""
    )
    headings = [text for node in root.iter("h1", "h2", "h3") if 5 <= len(text := fold(node.text_content())) <= 200]
    offered = [said.headline, found.get("og:title", ""), found.get("twitter:title", ""), page_title]
    offered = [text for text in offered if text]
    for heading in headings:
        if any(_within(heading, text) for text in offered):
            return heading
    first = next(iter(offered), "")
    if first:
        return cut_suffix(first, site_name)
    return headings[0] if headings else ""


def cut_suffix(text: str, site_name: str = "") -> str:
    """A page title without the site's name at its end (or start): the part before the last separator.

    A part is cut when it is the site's name, or when it is short (under 16 characters) and the rest is longer.
    """
    while True:
        separators = list(_SUFFIX.finditer(text))
        if not separators:
            return text
        last, first = separators[-1], separators[0]
        tail, rest = text[last.end() :].strip(), text[: last.start()].strip()
        head, after = text[: first.start()].strip(), text[first.end() :].strip()
        if site_name and _same(head, site_name) and after:
            text = after
        elif rest and (_same(tail, site_name) or len(tail) < min(16, len(rest))):
            text = rest
        else:
            return text


def _same(one: str, other: str) -> bool:
    return bool(other) and tokens(one) == tokens(other)


def _within(heading: str, offered: str) -> bool:
    """Whether the heading's words open the offered title, so that only a site's name can follow."""
    words, all_words = tokens(heading), tokens(offered)
    return len(words) >= 2 and all_words[: len(words)] == words and len(words) >= 0.5 * len(all_words)


def published(root: HtmlElement, found: dict[str, str], said: Declared, url: str) -> datetime | None:
    """When the article appeared, with its time zone (Korea's where none is said); None when the page does not say."""
    offered = [said.published, *(found[key] for key in _DATE_TAGS if key in found)]
    for path in _DATE_PLACES:
        offered += [str(item) if isinstance(item, str) else item.text_content() for item in root.xpath(path)[:5]]
    for text in offered:
        date = parse_date(text)
        if date is not None:
            return date
    in_url = re.search(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?!\d{7})", urlsplit(url).path)
    return parse_date("-".join(in_url.groups())) if in_url else None


def authors(root: HtmlElement, found: dict[str, str], said: Declared, lines: Sequence[str]) -> tuple[str, ...]:
    """Names of the writers, each once: declared ones, else signatures beside and inside the body."""
    in_tags = [found[key] for key in ("author", "article:author", "dable:author", "byl") if key in found]
    declared = list(said.authors) or in_tags
    names = [name for text in declared for name in _names(text)]
    if not names:
        bylines = root.xpath(
            "//*[contains(@class,'byline') or contains(@class,'reporter') or contains(@class,'journalist')"
            " or contains(@class,'writer')][string-length(.) < 200]"
        )
        texts = [*(node.text_content() for node in bylines[:3]), *lines[:1], *lines[-4:]]
        names = [match.group(1) for text in texts for match in _SIGNATURE.finditer(text)]
    return tuple(dict.fromkeys(name for name in names if name not in _NOT_NAMES))


def _names(text: str) -> list[str]:
    """Names in a declared author: ``홍길동 기자, 김철수 기자`` as two; addresses and sites are no names."""
    names = []
    for part in re.split(r"[,;·]|\s및\s|\s?/\s", text):
        plain = fold(re.sub(r"\(?\S+@\S+\)?|https?://\S+", "", part))
        plain = re.sub(r"\s*(?:선임|수습|객원|인턴)?\s?(?:기자|특파원|칼럼니스트|논설위원)$", "", plain)
        if plain and not re.search(r"[.:@/]|\d", plain) and 2 <= len(plain) <= 30:
            names.append(plain)
    return names


def site(found: dict[str, str], url: str) -> str:
    """The site's name as it calls itself, else its host."""
    host = urlsplit(url).hostname or ""
    return found.get("og:site_name") or host.removeprefix("www.")


def canonical(root: HtmlElement, url: str) -> str:
    """The address that the page calls its own when it lies on the same host, else an empty string."""
    for node in root.iter("link"):
        if "canonical" in (node.get("rel") or "").lower().split() and node.get("href"):
            try:
                target = urljoin(url, node.get("href"))
                same = urlsplit(target).netloc == urlsplit(url).netloc
            except ValueError:
                return ""
            return target if same else ""
    return ""
