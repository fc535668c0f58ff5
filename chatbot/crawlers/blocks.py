"""Cut a page into blocks of text. In: an lxml tree. Out: blocks with their container and how much of each is links.

Knows nothing of articles: which blocks belong to the body is decided in `density` and `extract`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# lxml ships no types; the other modules take HtmlElement from here, so that this is said once.
from lxml import html as lxml_html  # type: ignore[import-untyped]
from lxml.etree import ParserError  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]

__all__ = ["Block", "HtmlElement", "blocks", "fold", "parse"]

_INLINE = """
a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q rp rt ruby s samp small
span strike strong sub sup time tt u var wbr
"""
_SKIPPED = """
script style noscript template nav footer aside form button select option textarea iframe object embed video
audio canvas svg map figcaption head title header h1
"""
INLINE = frozenset(_INLINE.split())
SKIPPED = frozenset(_SKIPPED.split())
# Class and id words of what stands around or inside a body without being it.
_BESIDE = re.compile(
    r"(?:^|[-_\s])(?:relate[ds]?|relation|recommend\w*|banner|ads?|advert\w*|comments?|cmts?|commentlist|commentwrap|reply|replies|sns|share|sharing|"
    r"copyright|copy|byline|reporter|journalist|writer|tags?|keywords?|hashtag|caption|img[-_]?desc|photo[-_]?desc|"
    r"popular|ranking|rank|subscribe|newsletter|breadcrumb|menu|gnb|lnb|footer|foot|most|hot|best|sidebar|aside|"
    r"paging|pagination|login|poll|promotion|sponsor\w*|toolbar|util|skip|blind|sr-only)(?:$|[-_\s\d])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACES = re.compile(r"[\s ​﻿]+")

# A node named like something beside the body is still kept when it holds this share of the page's text.
BESIDE_LIMIT = 0.4


@dataclass(frozen=True, slots=True)
class Block:
    """One run of text: white space folded, `linked` of its characters inside links, `container` the nearest block."""

    text: str
    linked: int
    container: HtmlElement

    @property
    def link_share(self) -> float:
        return self.linked / len(self.text) if self.text else 0.0


def parse(html: str) -> HtmlElement | None:
    """The tree of a page; None when there is nothing to parse."""
    if not html.strip():
        return None
    # libxml2 refuses a str that still declares an encoding, and NUL ends its input.
    clean = re.sub(r"^\s*<\?xml[^>]*\?>", "", html.replace("\x00", ""), count=1)
    parser = lxml_html.HTMLParser(encoding="utf-8")
    try:
        return lxml_html.document_fromstring(clean.encode("utf-8", "replace"), parser=parser)
    except (ParserError, ValueError):
        return None


def fold(text: str) -> str:
    """White space, no-break and zero-width spaces as single spaces, none at the edges."""
    return _SPACES.sub(" ", text).strip()


def blocks(root: HtmlElement, *, whole: bool = False) -> list[Block]:
    """Blocks of the tree in reading order; with `whole`, nothing is left out for being named like an advert."""
    return _Walk(root, whole).run()


class _Walk:
    """Collects text until a block begins or ends."""

    def __init__(self, root: HtmlElement, whole: bool) -> None:
        self.root = root
        self.whole = whole
        self.found: list[Block] = []
        self.buffer: list[str] = []
        self.linked = 0
        self.total = -1

    def run(self) -> list[Block]:
        self._visit(self.root, self.root, False)
        self._flush(self.root)
        return self.found

    def _visit(self, node: HtmlElement, container: HtmlElement, in_link: bool) -> None:
        if node.tag == "br":
            self._flush(container)
            return
        block = node.tag not in INLINE
        if block:
            self._flush(container)
            container = node
        # A reporter's address is a link too, but leads nowhere.
        in_link = in_link or (node.tag == "a" and not (node.get("href") or "").startswith("mailto:"))
        self._text(node.text, in_link)
        for child in node:
            if isinstance(child.tag, str) and not self._skips(child):
                self._visit(child, container, in_link)
            self._text(child.tail, in_link)
        if block:
            self._flush(container)

    def _text(self, text: str | None, in_link: bool) -> None:
        if text:
            self.buffer.append(text)
            if in_link:
                self.linked += len(fold(text))

    def _flush(self, container: HtmlElement) -> None:
        text = fold("".join(self.buffer))
        if text:
            self.found.append(Block(text, min(self.linked, len(text)), container))
        self.buffer, self.linked = [], 0

    def _skips(self, node: HtmlElement) -> bool:
        if node.tag in SKIPPED or "hidden" in node.attrib or _HIDDEN.search(node.get("style", "")):
            return True
        named = f"{node.get('class', '')} {node.get('id', '')}"
        if self.whole or node.tag == "body" or not _BESIDE.search(named):
            return False
        if self.total < 0:
            self.total = len(self.root.text_content())
        return len(node.text_content()) < BESIDE_LIMIT * self.total
