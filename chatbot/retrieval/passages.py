"""Documents as passages that can be found and quoted. In: documents (documents.py). Out: rows; quotations.

A passage is a run of whole sentences of one section; neighbours share a sentence, so that an answer on a border is not
torn. Each sentence is a row of its own under its headings; the passage is their common answer, so a question that fits
one sentence finds it however much else stands there. Knows nothing of how rows are found.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np

from chatbot.errors import CorpusError
from chatbot.retrieval.documents import Document, find_files, read_documents
from chatbot.retrieval.grams import character_terms
from chatbot.retrieval.retriever import Retriever
from chatbot.retrieval.rows import PASSAGE_KIND, Row
from chatbot.text.quotes import quoted

PASSAGE = 300  # characters of a passage: three to five Korean sentences
QUOTE = 160  # characters of a quotation: it has to fit a chat bubble
LABEL = 24  # characters of a sentence that is offered as a choice: it has to fit a button

Splitter = Callable[[str], list[str]]
Progress = Callable[[int, int, str], None]

_CONNECTIVE = re.compile(
    r"(?:그|이|단|다만|또|또는|또한|하지만|따라서|특히|예를|나머지|만약|만일|반면|대신|즉|참고로|이후|이후에는|이때|이때는|아니면|없으면"
    r"|[그이][것는도를](?:은|을)?|[그이][래러렇][가-힣]*)(?=[\s,])"
)
_ENDED = re.compile(r"[.!?…。”\"')\]]$")


@dataclass(frozen=True, slots=True)
class AddReport:
    """What `add_files` did: files read, passages added, passages of earlier versions removed, and what was wrong with
    each file that was left out."""

    files: int
    passages: int
    removed: int
    failed: tuple[str, ...] = ()


def add_files(
    paths: Sequence[Path], retriever: Retriever, split_sentences: Splitter, progress: Progress | None = None
) -> AddReport:
    """Put files, and all files of folders, into a retriever; a file that was added before is replaced. One that cannot
    be read is left out, with what it gave before, and reported.

    `progress` hears (done, all, file name) after each file.

    Raises
    ------
    CorpusError
        when a path is missing or of another kind, or none of the files can be read (says what is wrong with each).
    """
    files = find_files(paths)
    added = removed = 0
    failed: list[str] = []
    for done, (file, name) in enumerate(files.items(), 1):
        try:
            rows = [row for document in read_documents(file, name) for row in passages(document, split_sentences)]
        except CorpusError as error:
            failed.append(str(error))
        else:
            removed += remove_sources(tuple({row.source for row in rows}), retriever)
            retriever.add(list({row.id: row for row in rows}.values()))
            added += len({_passage(row.id) for row in rows})
        if progress is not None:
            progress(done, len(files), name)
    if len(failed) == len(files):
        raise CorpusError("\n".join(failed))
    return AddReport(len(files) - len(failed), added, removed, tuple(failed))


def remove_sources(sources: Sequence[str], retriever: Retriever) -> int:
    """Take all passages of these sources (file names or addresses) out of a retriever; returns how many those were."""
    marks = tuple(_mark(source) for source in sources)
    gone = [row for row in retriever.ids() if row.startswith(marks)]
    retriever.remove(gone)
    return len({_passage(row) for row in gone})


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
    said = _joined(_closest(row, query))
    place = row.title or row.source
    named = row.source if row.source != place else ""
    details = ", ".join(part for part in (named, _korean_date(row.date)) if part)
    opening = f"'{place}'에 이렇게 나와 있어요."
    note = ""
    if row.date and (today - date.fromisoformat(row.date)).days > stale_days:
        note = " 조금 지난 글이라 지금은 다를 수 있어요."
    return f"{opening} {quoted(said)}{f' (출처: {details})' if details else ''}{note}"


def label(row: Row, query: str) -> str:
    """What a passage is offered as: its title and how the sentence that would be quoted begins."""
    sentence = _closest(row, query)[0].rstrip(".")
    begun = sentence if len(sentence) <= LABEL else f"{sentence[:LABEL].rsplit(' ', 1)[0]}…"
    return f"{row.title}: {begun}" if row.title else begun


def _closest(row: Row, query: str) -> list[str]:
    """The sentence that the row stands for (else the one that shares most n-grams with the query), and those that go
    on from it while they fit `QUOTE`; a list item or a row of a table stands for itself."""
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
    if not _ENDED.search(sentences[best]):
        return chosen
    for sentence in sentences[best + 1 :]:
        size += len(sentence) + 1
        stands_alone = ": " in sentence and not _ENDED.search(sentence)  # 전화: 02-123-4567, a row of a table
        if (
            size > QUOTE
            or stands_alone
            or (_ENDED.search(sentence) and not _goes_on(sentence, f"{query} {chosen[-1]}"))
        ):
            break
        chosen.append(sentence)
    return chosen


def _goes_on(sentence: str, before: str) -> bool:
    """Whether it opens with a connective or with what was already spoken of: 신청하면 … after 신청서를 내야 해요."""
    return bool(_CONNECTIVE.match(sentence)) or sentence[:2] in before


def _joined(sentences: Sequence[str]) -> str:
    """One text; commas part the items of a list."""
    text = sentences[0]
    for before, sentence in pairwise(sentences):
        text += f" {sentence}" if _ENDED.search(before) else f", {sentence}"
    return text


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
