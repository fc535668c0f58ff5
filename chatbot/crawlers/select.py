"""Read a page by CSS selectors that a person wrote. In: HTML and selectors. Out: title and body, or questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bs4 import BeautifulSoup, Tag

from chatbot.crawlers.blocks import blocks, fold, parse
from chatbot.crawlers.dates import parse_date


@dataclass(frozen=True, slots=True)
class Selected:
    """What the selectors found; `missing` names the first that matched nothing."""

    title: str = ""
    body: str = ""
    author: str = ""
    published: datetime | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    missing: str = ""


def select(html: str, selectors: Mapping[str, str]) -> Selected:
    """The fields that the selectors name; questions and answers when both of those are given."""
    soup = BeautifulSoup(html, "lxml")
    if "question" in selectors and "answer" in selectors:
        return _pairs(soup, selectors)
    body = "\n".join(text for node in soup.select(selectors.get("body", "body")) if (text := _lines(node)))
    missing = "" if body else f"select.body {selectors.get('body', 'body')!r}"
    return Selected(
        title=_first(soup, selectors.get("title")),
        body=body,
        author=_first(soup, selectors.get("author")),
        published=parse_date(_first(soup, selectors.get("date"))),
        missing=missing,
    )


def _pairs(soup: BeautifulSoup, selectors: Mapping[str, str]) -> Selected:
    """Pairs inside each `item`; without one, the page's questions and answers in order."""
    question, answer = selectors["question"], selectors["answer"]
    found = []
    if "item" in selectors:
        for item in soup.select(selectors["item"]):
            asked, told = item.select_one(question), item.select_one(answer)
            if asked is not None and told is not None:
                found.append((fold(asked.get_text(" ")), _lines(told)))
    else:
        found = [
            (fold(asked.get_text(" ")), _lines(told))
            for asked, told in zip(soup.select(question), soup.select(answer), strict=False)
        ]
    pairs = tuple((asked, told) for asked, told in found if asked and told)
    if pairs:
        return Selected(pairs=pairs)
    empty = [key for key in ("item", "question", "answer") if key in selectors and not soup.select(selectors[key])]
    return Selected(missing=f"select.{empty[0]} {selectors[empty[0]]!r}" if empty else "question beside answer")


def _first(soup: BeautifulSoup, selector: str | None) -> str:
    node = soup.select_one(selector) if selector else None
    return fold(node.get_text(" ")) if node is not None else ""


def _lines(node: Tag) -> str:
    tree = parse(f"<div>{node}</div>")
    return "" if tree is None else "\n".join(block.text for block in blocks(tree, whole=True))
