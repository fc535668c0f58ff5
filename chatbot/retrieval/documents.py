"""Read files as documents of sections. In: text, Markdown and JSONL files. Out: `Document`s of plain text.

Code, rules and markup are left out. What stands apart stays apart: a list item and a row of a table are blocks of
their own, and a row says its header's words ("요일 월: 여는 시간 9시") as a question would. Knows no passages.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatbot.corpus import rawfile
from chatbot.errors import CorpusError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

SUFFIXES = (".txt", ".md", ".markdown", ".jsonl")

_FRONT = re.compile(r"\A---[ \t]*\n(?P<fields>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^(?P<name>[\w가-힣]+)[ \t]*:[ \t]*[\"']?(?P<value>.*?)[\"']?[ \t]*$", re.MULTILINE)
# Marks that Markdown leaves where a Korean particle follows them without a space: **"강남점"**은.
_LEFT = re.compile(r"\*{2,3}|(?<!\w)_{2}(?=\S)|(?<=\S)_{2}(?!\w)")
_DATE = re.compile(r"(?<!\d)(?P<year>19\d\d|20\d\d)[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})(?!\d)")
_DATE_LINE = re.compile(r"^\s*(?:date|날짜|작성일|발행일)\s*[:：]\s*(?P<date>.+)$", re.IGNORECASE)
# A first line of plain text that is no sentence and has some text below it.
_TITLE_LINE = re.compile(r"\s*(?P<title>(?![-*•|\d])[^\n.!?:…]{2,30}(?<![다요죠음함.])) *\n\s*(?=\S)")
# Headers that follow their cells in speech.
_COUNTERS = frozenset(("요일", "학년", "층", "월", "일", "시", "반", "교시", "회차", "주차", "차시", "번", "호", "관"))
_COUNTED = re.compile(r"[월화수목금토일]|\d+(?:\s?[~-]\s?\d+)?")
_DATES, _TITLES = ("date", "날짜", "작성일", "발행일"), ("title", "제목")


@dataclass(frozen=True, slots=True)
class Document:
    """A text with where it is from. `date` is ISO (YYYY-MM-DD) or empty; `sections` are (headings, text), in order;
    blank lines part the blocks of a text.
    """

    title: str
    sections: tuple[tuple[str, str], ...]
    source: str
    date: str = ""


def find_files(paths: Sequence[Path]) -> dict[Path, str]:
    """The files themselves and, sorted, those inside folders whose suffix is one of `SUFFIXES`, and the name by which
    each is known: inside a folder its path from there, for every folder may hold a readme.md.
    """
    found: dict[Path, str] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
            if not inside:
                raise CorpusError(f"{path}: no text in this folder; allowed: {', '.join(SUFFIXES)}")
            found |= {file: file.relative_to(path).as_posix() for file in inside}
        elif not path.is_file():
            raise CorpusError(f"{path}: no such file")
        elif path.suffix.lower() not in SUFFIXES:
            raise CorpusError(
                f"{path}: cannot read {path.suffix or 'a file without suffix'}; allowed: {', '.join(SUFFIXES)}"
            )
        else:
            found[path] = f"{path.absolute().parent.name}/{path.name}" if path.name in found.values() else path.name
    return found


def read_documents(path: Path, name: str = "") -> list[Document]:
    """The documents of one file: one of text or Markdown, one a line of JSONL ({"title", "text", "url", "date"}).

    `name` is what answers give as their source (the file's own name unless told). Read as UTF-8, UTF-16 with a mark,
    or CP949, as older Korean programs save it.

    Raises
    ------
    CorpusError
        when the file cannot be opened, is none of these, or holds no text.
    """
    try:
        text, _ = rawfile.decode(path.read_bytes())
    except OSError as error:
        raise CorpusError(f"{path}: cannot be opened ({error.strerror}); check its permissions") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: neither UTF-8 nor CP949 Korean text; save it as UTF-8") from error
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    name = name or path.name
    listed = path.suffix.lower() == ".jsonl"
    documents = list(_articles(text, path, name)) if listed else [_document(text, path, name)]
    if not any(body for document in documents for _, body in document.sections):
        raise CorpusError(f"{path}: no text; write sentences, or leave the file out")
    return documents


def _document(text: str, path: Path, name: str) -> Document:
    front = _FRONT.match(text)
    fields = {match["name"].lower(): match["value"] for match in _FIELD.finditer(front["fields"])} if front else {}
    text = text[front.end() :] if front else text
    day = iso_date(path.stem)
    day = next((found for key in _DATES if (found := iso_date(fields.get(key, "")))), day)
    title = next((fields[key] for key in _TITLES if fields.get(key)), "")
    if path.suffix.lower() == ".txt" and (first := _TITLE_LINE.match(text)):
        title, text = title or first["title"].strip(), text[first.end() :]
    headings: list[tuple[int, str]] = []
    sections: list[tuple[str, list[str]]] = [("", [])]
    for level, block in _blocks(text, path.suffix.lower() != ".txt"):
        if level:
            title = title or block
            headings = [(depth, heading) for depth, heading in headings if depth < level] + [(level, block)]
            above = [heading for _, heading in headings if heading != title]
            sections.append((" ".join(above) or block, []))
        elif dated := _DATE_LINE.match(block):
            day = iso_date(dated["date"]) or day
        else:
            sections[-1][1].append(block)
    joined = tuple((heading, "\n\n".join(blocks)) for heading, blocks in sections if blocks)
    return Document(title or path.stem.replace("_", " "), joined, name, day)


def _blocks(text: str, markdown: bool) -> Iterator[tuple[int, str]]:
    """(level of a heading or 0, text) of each heading, paragraph, list item and row of a table, in order."""
    tokens = _parser(markdown).parse(text)
    header: list[str] = []
    row: list[str] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type == "tr_open":
            row = []
        elif token.type in ("th_open", "td_open"):
            row.append(_plain(tokens[at + 1]))
            at += 1
        elif token.type == "thead_close":
            header = row
        elif token.type == "tr_close" and tokens[at + 1].type != "thead_close":
            if sentence := _row(header, row):
                yield 0, sentence
        elif token.type == "heading_open":
            if heading := _plain(tokens[at + 1]):
                yield int(token.tag[1]), heading
            at += 1
        elif token.type == "inline":
            yield from _paragraph(_plain(token))
        at += 1


def _paragraph(text: str) -> Iterator[tuple[int, str]]:
    """A paragraph, and apart from it its lines that only give a date."""
    kept: list[str] = []
    for line in text.split("\n"):
        if _DATE_LINE.match(line):
            yield 0, line
        elif line.strip():
            kept.append(line.strip())
    if kept:
        yield 0, "\n".join(kept)


def _row(header: Sequence[str], cells: Sequence[str]) -> str:
    """A row as a sentence: its first cell, then each other one, all with the header's words for them."""
    named = [*header, *[""] * (len(cells) - len(header))]
    said = [_cell(name, cell) for name, cell in zip(named, cells, strict=False) if cell]
    return f"{said[0]}: {', '.join(said[1:])}" if len(said) > 1 else "".join(said)


def _cell(name: str, cell: str) -> str:
    """What a cell says under its header: 여는 시간 9시; 토요일 of 토 under 요일, 4학년 of 4 or 4학년 under 학년."""
    if name in cell:
        return cell
    return f"{cell}{name}" if _COUNTED.fullmatch(cell) and name in _COUNTERS else f"{name} {cell}"


@cache
def _parser(markdown: bool) -> MarkdownIt:
    """In plain text four spaces indent a paragraph, and angle brackets are no markup."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table")
    return parser if markdown else parser.disable(["code", "html_block", "html_inline"])


def _plain(token: Token) -> str:
    """What a reader sees of a token: without marks, addresses and tags; a picture is its description."""
    parts = []
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type in ("text", "code_inline", "image"):
            parts.append(child.content)
    return _LEFT.sub("", "".join(parts)).strip()


def _articles(text: str, path: Path, name: str) -> Iterator[Document]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value: Any = json.loads(line)
        except ValueError as error:
            raise CorpusError(f"{path}:{number}: not JSON: {error}") from error
        if not isinstance(value, dict) or not isinstance(value.get("text"), str):
            raise CorpusError(f'{path}:{number}: expected {{"title": "…", "text": "…", "url": "…", "date": "…"}}')
        title, source = str(value.get("title") or ""), str(value.get("url") or value.get("source") or name)
        day = iso_date(str(value.get("date") or value.get("published") or value.get("fetched") or ""))
        yield Document(title, (("", value["text"]),) if value["text"].strip() else (), source, day)


def iso_date(text: str) -> str:
    """The first valid date in `text` (2026-11-21, 2026.11.21, 2026/11/21) as YYYY-MM-DD, else an empty string."""
    for match in _DATE.finditer(text):
        try:
            return date(int(match["year"]), int(match["month"]), int(match["day"])).isoformat()
        except ValueError:  # the thirtieth of February: look on
            continue
    return ""
