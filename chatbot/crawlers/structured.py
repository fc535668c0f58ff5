"""Read what a page says in data rather than in markup. In: its tree. Out: JSON-LD articles, bodies in scripts.

Some publishers put the body in JSON-LD (`articleBody`), others in the state of a script framework (``__NEXT_DATA__``,
``window.X = {…}``, ``Fusion.globalContent``, ``self.__next_f.push``). Which body is right is decided in `extract`.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chatbot.crawlers.blocks import HtmlElement, blocks, fold, parse
from chatbot.crawlers.prose import prose_length

# Keys under which content systems keep a paragraph inside a list of paragraphs, tried in this order.
_TEXT_KEYS = ("content", "text", "value", "body", "html", "paragraph", "articleBody", "contents", "children", "data")
# Kinds of list items that are not part of the running text.
_NOT_TEXT = {"image", "video", "gallery", "oembed_response", "oembed", "raw_html", "custom_embed", "ad", "link"}

_STRING = re.compile(r'"((?:[^"\\\n]|\\.){20,})"|\'((?:[^\'\\\n]|\\.){20,})\'|`((?:[^`\\]|\\.){20,})`', re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r?\n|.)", re.DOTALL)
_OPENING = re.compile(r"[=(:,]\s*([{\[])")
_JSON_PARSE = re.compile(r"JSON\.parse\(\s*")
_ESCAPES = {"n": "\n", "r": "\n", "t": " ", "b": "", "f": "", "v": "", "0": ""}
_HANGUL = re.compile(r"[가-힣]")
_TAG = re.compile(r"</?[a-zA-Z][^>]{0,400}>")

# Shortest body found in data, in characters of prose; shorter ones are leads and captions.
MIN_PROSE = 100
# Fewest Hangul syllables of a string literal that counts as text.
MIN_HANGUL = 10
# Longest script looked into, in characters, and how many values in it are tried; bounds the work on hostile pages.
MAX_SCRIPT = 3_000_000
MAX_VALUES = 40


@dataclass(frozen=True, slots=True)
class Declared:
    """What the page's JSON-LD says of its article; empty strings where it is silent."""

    headline: str = ""
    body: str = ""
    description: str = ""
    published: str = ""
    section: str = ""
    authors: tuple[str, ...] = ()


def declared(root: HtmlElement) -> Declared:
    """The first JSON-LD article of the page, or an empty one."""
    for script in root.iter("script"):
        if "ld+json" not in script.get("type", ""):
            continue
        for item in _articles(_loads(script.text or "")):
            return Declared(
                headline=_plain(item.get("headline") or item.get("name")),
                body="\n".join(_lines(_string(item.get("articleBody") or item.get("text")))),
                description=_plain(item.get("description")),
                published=_string(item.get("datePublished") or item.get("dateCreated")),
                section=_plain(_first(item.get("articleSection"))),
                authors=tuple(_authors(item.get("author"))),
            )
    return Declared()


def script_bodies(root: HtmlElement) -> list[str]:
    """Texts in script data that could be an article's body, lines separated by ``\\n``, in page order, each once."""
    found: dict[str, None] = {}
    for script in root.iter("script"):
        text = (script.text or "").strip()
        if "ld+json" in script.get("type", "") or len(text) > MAX_SCRIPT or not _may_hold_prose(text):
            continue
        values = list(_values(text))
        before = len(found)
        for value in values:
            for body in _bodies(value):
                found.setdefault(body)
        if len(found) == before:
            body = _joined(_literals(text))
            if body:
                found.setdefault(body)
    flight = _flight(root)
    if flight:
        found.setdefault(flight)
    return list(found)


def _may_hold_prose(text: str) -> bool:
    return len(_HANGUL.findall(text)) >= 50 or len(re.findall(r"\\u[abcdABCD][0-9a-fA-F]{3}", text)) >= 50


def _loads(text: str) -> Any:
    """JSON as publishers write it: in comments or CDATA, with raw line ends in strings; None when beyond reading."""
    stripped = re.sub(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$", "", text).strip()
    for source in (stripped, stripped.rstrip(";"), re.sub(r",\s*([}\]])", r"\1", stripped)):
        try:
            return json.loads(source, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _articles(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value:
            yield from _articles(item, depth + 1)
    elif isinstance(value, dict):
        kinds = value.get("@type", "")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if any(isinstance(kind, str) and kind.endswith(("Article", "BlogPosting", "Posting")) for kind in kinds):
            yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _articles(value.get(key), depth + 1)


def _values(text: str) -> Iterator[Any]:
    """Every JSON value assigned or passed in a script, outermost ones alone; strings for JSON.parse are read too."""
    whole = _loads(text)
    if whole is not None:
        yield whole
        return
    decoder = json.JSONDecoder(strict=False)
    at, tried = 0, 0
    while tried < MAX_VALUES and (opening := _OPENING.search(text, at)):
        tried += 1
        start = opening.start(1)
        try:
            value, at = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            at = start + 1
            continue
        if len(text[start:at]) >= MIN_PROSE:
            yield value
    for call in _JSON_PARSE.finditer(text):
        literal = _STRING.match(text, call.end())
        if literal:
            value = _loads(_unescape(next(group for group in literal.groups() if group is not None)))
            if value is not None:
                yield value


def _bodies(value: Any, depth: int = 0) -> Iterator[str]:
    """Bodies in a JSON value: long strings, and lists whose items carry paragraphs."""
    if depth > 24:
        return
    if isinstance(value, str):
        if len(value) >= MIN_PROSE:
            yield from _whole(_lines(value))
    elif isinstance(value, list):
        yield from _whole([line for item in value for line in _paragraph(item)])
        for item in value:
            yield from _bodies(item, depth + 1)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _bodies(item, depth + 1)


def _whole(lines: list[str]) -> Iterator[str]:
    if prose_length(lines) >= MIN_PROSE:
        yield "\n".join(lines)


def _paragraph(item: Any, depth: int = 0) -> list[str]:
    """The lines of one item of a list of paragraphs: a string, or a record that keeps its text under a known key."""
    if isinstance(item, str):
        return _lines(item)
    if depth > 4:
        return []
    if isinstance(item, list):
        return [line for child in item for line in _paragraph(child, depth + 1)]
    if not isinstance(item, dict) or str(item.get("type", "")).lower() in _NOT_TEXT:
        return []
    for key in _TEXT_KEYS:
        if item.get(key):
            lines = _paragraph(item[key], depth + 1)
            if lines:
                return lines
    return []


def _lines(text: str) -> list[str]:
    """A string of text or markup as folded lines; markup escaped once or twice is read as markup."""
    for _ in range(2):
        if "&" in text and not _TAG.search(text):
            text = html.unescape(text)
    if _TAG.search(text):
        tree = parse(f"<div>{text}</div>")
        return [] if tree is None else [block.text for block in blocks(tree)]
    return [line for raw in html.unescape(text).splitlines() if (line := fold(raw))]


def _literals(text: str) -> Iterator[str]:
    """String literals of a script that is not JSON, in order, escapes read."""
    for match in _STRING.finditer(text):
        yield _unescape(next(group for group in match.groups() if group is not None))


def _joined(literals: Iterator[str]) -> str:
    lines = [line for literal in literals if len(_HANGUL.findall(literal)) >= MIN_HANGUL for line in _lines(literal)]
    return next(_whole(lines), "")


def _flight(root: HtmlElement) -> str:
    """The text of React server components: ``self.__next_f.push([1, "…"])`` pieces joined, then their strings."""
    pieces = []
    for script in root.iter("script"):
        for call in re.finditer(r"__next_f\.push\(\s*(?=\[)", script.text or ""):
            try:
                value, _ = json.JSONDecoder(strict=False).raw_decode(script.text or "", call.end())
            except (ValueError, RecursionError):
                continue
            if isinstance(value, list) and len(value) > 1 and isinstance(value[1], str):
                pieces.append(value[1])
    return _joined(_literals("".join(pieces))) if pieces else ""


def _unescape(literal: str) -> str:
    """A JavaScript string literal's value; surrogate pairs written as two escapes become one character."""

    def one(match: re.Match[str]) -> str:
        code = match.group(1)
        if code[0] in "ux" and len(code) > 1:
            return chr(int(code[1:], 16))
        return "" if code.endswith("\n") and len(code) <= 2 else _ESCAPES.get(code, code)

    text = _ESCAPE.sub(one, literal)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _authors(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        name = _plain(item.get("name") if isinstance(item, dict) else item)
        if name:
            yield name


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _plain(value: Any) -> str:
    return fold(html.unescape(html.unescape(_string(value))))
