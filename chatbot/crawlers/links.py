"""Find where a page, feed or sitemap leads. In: bytes or a tree. Out: absolute URLs in one normal form."""

from __future__ import annotations

import gzip
import io
import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from chatbot.crawlers.blocks import HtmlElement, fold
from chatbot.crawlers.problems import FetchError

# Query keys that say where a reader came from, not what is read.
_TRACKING = re.compile(r"^(?:utm_\w+|fbclid|gclid|igshid|ref|from|cid|spm|rss)$")
_NOT_PAGES = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|css|js|json|pdf|zip|hwpx?|docx?|xlsx?|pptx?|mp[34]|avi|mov|exe|apk|woff2?)$",
    re.IGNORECASE,
)
LONGEST_URL = 2000
# A path that repeats one segment this often leads in circles.
MAX_REPEATS = 3


def normal(url: str) -> str:
    """One form of an address: host in lower case, default port, fragment and tracking keys gone; "" when no page."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > LONGEST_URL:
        return ""
    host = parts.hostname.lower()
    host = f"[{host}]" if ":" in host else host
    if port and port != {"http": 80, "https": 443}[parts.scheme]:
        host = f"{host}:{port}"
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(k)])
    segments = [segment for segment in parts.path.split("/") if segment]
    if any(segments.count(segment) > MAX_REPEATS for segment in set(segments)):
        return ""
    return urlunsplit((parts.scheme, host, parts.path or "/", query, ""))


def page_links(root: HtmlElement, base: str) -> list[str]:
    """Pages of the same host that a page links to, each once, in order; rel=nofollow is respected."""
    found: dict[str, None] = {}
    host = urlsplit(base).netloc
    for node in root.iter("a"):
        if "nofollow" in (node.get("rel") or "").lower():
            continue
        url = _absolute(base, node.get("href") or "")
        if url and urlsplit(url).netloc == host and not _NOT_PAGES.search(urlsplit(url).path):
            found.setdefault(url)
    return list(found)


def next_page(root: HtmlElement, base: str) -> str:
    """The address of the list's next page: rel=next, or a link that says 다음; "" when there is none."""
    for node in root.iter("a", "link"):
        rel = (node.get("rel") or "").lower().split()
        words = fold(node.text_content()) if node.tag == "a" else ""
        if "next" in rel or words in ("다음", "다음 페이지", "다음 쪽", "다음 >", "다음 ›", "›", "next", "Next"):
            return _absolute(base, node.get("href") or "")
    return ""


def _absolute(base: str, href: str) -> str:
    href = href.strip()
    if not href or href.startswith(("#", "javascript:", "mailto:", "tel:", "data:")):
        return ""
    try:
        return normal(urljoin(base, href))
    except ValueError:
        return ""


def feed_links(body: bytes, base: str) -> list[str]:
    """Articles of an RSS or Atom feed.

    Raises
    ------
    FetchError
        kind "feed" when the bytes are no feed.
    """
    import feedparser

    parsed = feedparser.parse(io.BytesIO(body))
    if not parsed.get("version") and not parsed.entries:
        raise FetchError("feed", f"{base}: no RSS or Atom feed")
    found = (_absolute(base, entry.get("link") or "") for entry in parsed.entries)
    return list(dict.fromkeys(url for url in found if url))


def sitemap_links(body: bytes, base: str, limit: int) -> tuple[list[str], list[str]]:
    """(further sitemaps, pages) of a sitemap or sitemap index, packed or not; text sitemaps hold a URL a line.

    Raises
    ------
    FetchError
        kind "feed" when the bytes are no sitemap, "too-large" when they unpack to more than `limit` bytes.
    """
    from lxml import etree  # type: ignore[import-untyped]

    if body[:2] == b"\x1f\x8b":
        body = _unpacked(body, base, limit)
    if not body.lstrip().startswith((b"<", b"\xef\xbb\xbf")):
        lines = body.decode("utf-8", "replace").split()
        return [], [url for line in lines if (url := normal(line))]
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise FetchError("feed", f"{base}: no sitemap: {error}") from error
    name = etree.QName(root).localname if root is not None else ""
    if name not in ("urlset", "sitemapindex"):
        raise FetchError("feed", f"{base}: no sitemap (its root is <{name}>)")
    places = [_absolute(base, node.text or "") for node in root.iter("{*}loc") if _is_location(node)]
    urls = list(dict.fromkeys(url for url in places if url))
    return (urls, []) if name == "sitemapindex" else ([], urls)


def _is_location(node: HtmlElement) -> bool:
    parent = node.getparent()
    return parent is not None and str(parent.tag).rpartition("}")[2] in ("url", "sitemap")


def _unpacked(body: bytes, base: str, limit: int) -> bytes:
    try:
        with gzip.open(io.BytesIO(body)) as packed:
            text = packed.read(limit + 1)
    except (OSError, EOFError) as error:
        raise FetchError("feed", f"{base}: does not unpack: {error}") from error
    if len(text) > limit:
        raise FetchError("too-large", f"{base}: more than {limit:,} bytes unpacked")
    return text
