"""Documents as passages that can be found and quoted. In: text, Markdown and JSONL files. Out: rows; quotations.

A passage is a run of whole sentences of one section; neighbours share a sentence, so that an answer on a border is not
torn. Each sentence is a row of its own under its headings; the passage is their common answer, so a question that fits
one sentence finds it however much else stands there. Knows nothing of how rows are found.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from chatbot.errors import CorpusError
from chatbot.retrieval.grams import character_terms
from chatbot.retrieval.retriever import Retriever
from chatbot.retrieval.rows import PASSAGE_KIND, Row
from chatbot.text.quotes import quoted

SUFFIXES = (".txt", ".md", ".markdown", ".jsonl")
PASSAGE = 300  # characters of a passage: three to five Korean sentences
QUOTE = 160  # characters of a quotation: it has to fit a chat bubble

Splitter = Callable[[str], list[str]]
Progress = Callable[[int, int, str], None]

_HEADING = re.compile(r"^#{1,6}\s+(?P<title>.+?)\s*#*$")
_FENCE = re.compile(r"^\s*(?:```|~~~)")
_LINK = re.compile(r"!?\[(?P<text>[^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"^\s*(?:[-*+]\s+|\d+[.)]\s+|>\s?)|(?<!\w)[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?!\w)|`")
_RULE = re.compile(r"^\s*(?:[-*_=]\s*){3,}$")
_DATE = re.compile(r"(?<!\d)(?P<year>19\d\d|20\d\d)[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})(?!\d)")
_DATE_LINE = re.compile(r"^\s*(?:date|날짜|작성일|발행일)\s*[:：]\s*(?P<date>.+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Document:
    """A text with where it is from. `date` is ISO (YYYY-MM-DD) or empty; `sections` are (heading, text), in order."""

    title: str
    sections: tuple[tuple[str, str], ...]
    source: str
    date: str = ""


@dataclass(frozen=True, slots=True)
class AddReport:
    """What `add_files` did: files read, passages added, passages of earlier versions removed."""

    files: int
    passages: int
    removed: int


def add_files(
    paths: Sequence[Path], retriever: Retriever, split_sentences: Splitter, progress: Progress | None = None
) -> AddReport:
    """Put files, and all files of folders, into a retriever; a file that was added before is replaced.

    `progress` hears (done, all, file name) after each file.

    Raises
    ------
    CorpusError
        when a path is missing or of another kind, is not UTF-8, or holds no text (names the file and what is allowed).
    """
    files = find_files(paths)
    added = removed = 0
    for done, (file, name) in enumerate(files.items(), 1):
        rows = [row for document in read_documents(file, name) for row in passages(document, split_sentences)]
        removed += remove_sources(tuple({row.source for row in rows}), retriever)
        retriever.add(list({row.id: row for row in rows}.values()))
        added += len({_passage(row.id) for row in rows})
        if progress is not None:
            progress(done, len(files), name)
    return AddReport(len(files), added, removed)


def remove_sources(sources: Sequence[str], retriever: Retriever) -> int:
    """Take all passages of these sources (file names or addresses) out of a retriever; returns how many those were."""
    marks = tuple(_mark(source) for source in sources)
    gone = [row for row in retriever.ids() if row.startswith(marks)]
    retriever.remove(gone)
    return len({_passage(row) for row in gone})


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

    `name` is what answers give as their source (the file's own name unless told).
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8 (perhaps cp949); save it as UTF-8") from error
    listed = path.suffix.lower() == ".jsonl"
    name = name or path.name
    documents = list(_articles(text, path, name)) if listed else [_document(text, path, name)]
    if not any(body for document in documents for _, body in document.sections):
        raise CorpusError(f"{path}: no text; write sentences, or leave the file out")
    return documents


def _document(text: str, path: Path, name: str) -> Document:
    day = iso_date(path.stem)
    sections: list[tuple[str, list[str]]] = [("", [])]
    fenced = False
    for line in text.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        elif fenced or _RULE.match(line):
            continue
        elif heading := _HEADING.match(line):
            sections.append((_plain(heading["title"]), []))
        elif dated := _DATE_LINE.match(line):
            day = iso_date(dated["date"]) or day
        else:
            sections[-1][1].append(_plain(line))
    title = next((name for name, _ in sections if name), path.stem.replace("_", " "))
    joined = tuple((name, body) for name, lines in sections if (body := "\n".join(lines).strip()))
    return Document(title, joined, name, day)


def _articles(text: str, path: Path, name: str) -> Iterator[Document]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise CorpusError(f"{path}:{number}: not JSON: {error}") from error
        if not isinstance(value, dict) or not isinstance(value.get("text"), str):
            raise CorpusError(f'{path}:{number}: expected {{"title": "…", "text": "…", "url": "…", "date": "…"}}')
        title, source = str(value.get("title") or ""), str(value.get("url") or value.get("source") or name)
        day = iso_date(str(value.get("date") or value.get("published") or value.get("fetched") or ""))
        yield Document(title, (("", value["text"]),), source, day)


def iso_date(text: str) -> str:
    """The first valid date in `text` (2026-11-21, 2026.11.21, 2026/11/21) as YYYY-MM-DD, else an empty string."""
    for match in _DATE.finditer(text):
        try:
            return date(int(match["year"]), int(match["month"]), int(match["day"])).isoformat()
        except ValueError:  # the thirtieth of February: look on
            continue
    return ""


def _plain(line: str) -> str:
    """A Markdown line without its marks."""
    return _MARKS.sub("", _LINK.sub(lambda link: link["text"], line)).strip()


def passages(document: Document, split_sentences: Splitter) -> list[Row]:
    """Rows of a document. A row is found by its headings and one sentence; its answer holds the passage around that
    sentence, one sentence a line."""
    rows: list[Row] = []
    count = 0
    for heading, body in document.sections:
        names = " ".join(dict.fromkeys(name for name in (document.title, heading) if name))
        sentences = [
            sentence for block in re.split(r"\n\s*\n", body) for sentence in _sentences(block, split_sentences)
        ]
        for group in _windows(sentences):
            passage_id, answer = f"{_mark(document.source)}{count:04d}:{_digest(' '.join(group))}", "\n".join(group)
            count += 1
            rows += [
                Row(
                    f"{passage_id}:{place}",
                    f"{names}. {sentence}" if names else sentence,
                    answer,
                    PASSAGE_KIND,
                    document.title,
                    document.date,
                    document.source,
                )
                for place, sentence in enumerate(group)
            ]
    return rows


def _sentences(block: str, split_sentences: Splitter) -> list[str]:
    text = " ".join(block.split())
    return [sentence.strip() for sentence in split_sentences(text) if sentence.strip()] if text else []


def _windows(sentences: Sequence[str]) -> Iterator[list[str]]:
    """Runs of sentences up to `PASSAGE` characters; each run begins with the last sentence of the one before."""
    begin = 0
    while begin < len(sentences):
        end, size = begin, 0
        while end < len(sentences) and (end == begin or size + len(sentences[end]) <= PASSAGE):
            size += len(sentences[end]) + 1
            end += 1
        yield list(sentences[begin:end])
        if end == len(sentences):
            return
        begin = end - 1 if end - begin > 1 else end


def quote(row: Row, query: str, today: date, stale_days: int) -> str:
    """The sentence that was found and what follows it, with source and date; an old one is called old."""
    said = " ".join(_closest(row, query))
    place = row.title or row.source
    named = row.source if row.source != place else ""
    details = ", ".join(part for part in (named, _korean_date(row.date)) if part)
    opening = f"'{place}'에 이렇게 나와 있어요."
    note = ""
    if row.date and (today - date.fromisoformat(row.date)).days > stale_days:
        note = " 조금 지난 글이라 지금은 다를 수 있어요."
    return f"{opening} {quoted(said)}{f' (출처: {details})' if details else ''}{note}"


def _closest(row: Row, query: str) -> list[str]:
    """The sentence that the row stands for (else the one that shares most n-grams with the query), and those after it
    while they fit `QUOTE`."""
    sentences = row.answer.split("\n")
    meant = [place for place, sentence in enumerate(sentences) if row.text.endswith(sentence)]
    if meant:
        best = max(meant, key=lambda place: len(sentences[place]))
    else:
        asked, _ = character_terms([query], (2, 3))
        terms, places = character_terms(sentences, (2, 3))
        shared = np.bincount(places, weights=np.isin(terms, asked), minlength=len(sentences))
        best = int(shared.argmax())
    chosen, size = [_shortened(sentences[best])], len(sentences[best])
    for sentence in sentences[best + 1 :]:
        size += len(sentence) + 1
        if size > QUOTE:
            break
        chosen.append(sentence)
    return chosen


def _shortened(sentence: str) -> str:
    """At most two quotations' length, cut at a space."""
    limit = 2 * QUOTE
    return sentence if len(sentence) <= limit else f"{sentence[:limit].rsplit(' ', 1)[0]}…"


def _korean_date(day: str) -> str:
    if not day:
        return ""
    value = date.fromisoformat(day)
    return f"{value.year}년 {value.month}월 {value.day}일"


def _passage(row_id: str) -> str:
    """What the ids of all sentences of one passage begin with."""
    return row_id.rpartition(":")[0]


def _mark(source: str) -> str:
    """What the ids of all passages of one source begin with."""
    return f"p:{_digest(source)}:"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]
