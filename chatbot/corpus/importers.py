"""Bring data that people have into a corpus. In: a file. Out: files of intents/, chat/, knowledge/ or paraphrases/.

What the columns mean stands in `importers_formats`. Rows that cannot be used are left out and named; nothing is
written before every row was read. Knows nothing of models.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chatbot.corpus.duplicates import key
from chatbot.corpus.importers_formats import FORMATS, Row, columns_of, detect, kind_of
from chatbot.corpus.importers_read import Table, read_table
from chatbot.corpus.read import read_intent, read_pairs
from chatbot.corpus.write import add_intent, add_knowledge, add_pairs, insert_examples, one_line, write_text
from chatbot.errors import CorpusError
from chatbot.types import ChatPair, Intent, KnowledgeEntry

# Said by an intent that was imported without replies, until somebody writes some.
STAND_IN = "그 이야기는 아직 배우는 중이에요. 조금만 더 들려줄래요?"
# Why a row that the corpus holds is left out: importing twice is no failure.
_HELD = "stands there already"
_NOT_WORD = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of a file: rows read and taken, (row, reason) of each left out, files written, what to know."""

    path: Path
    format: str
    kind: str
    encoding: str
    rows: int
    taken: int
    skipped: tuple[tuple[int, str], ...]
    written: tuple[Path, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A row of our fields with its number in the file."""

    number: int
    cells: Row


def import_file(
    path: Path,
    root: Path,
    format: str | None = None,
    mapping: Mapping[str, str] | None = None,
    limit: int | None = None,
    kind: str | None = None,
    name: str | None = None,
) -> ImportReport:
    """Write the rows of `path` into the corpus under `root`, which is made when it is missing.

    Parameters
    ----------
    format
        A key of `FORMATS`; None tells it by the columns.
    mapping
        Our field -> the file's column, such as {"text": "질문", "intent": "분류"}.
    limit
        At most so many examples an intent, pairs, entries or paraphrases.
    kind
        "intents", "chat", "knowledge" or "paraphrases" where the format leaves it open.
    name
        The name of the written chat, knowledge or paraphrase file; the file's own by default.

    Raises
    ------
    CorpusError
        when the file, its encoding, a column or a label is wrong (names file and row), or nothing could be used.
    """
    if format is not None and format not in FORMATS:
        raise CorpusError(f"unknown format {format!r}; allowed: {', '.join(FORMATS)}")
    header = FORMATS[format].header if format and path.suffix.lower() in (".txt", ".tsv", ".csv") else ()
    table = read_table(path, header)
    form = FORMATS[format] if format else detect(table)
    mapping = mapping or {}
    if kind is not None and kind not in _WRITE:
        raise CorpusError(f"unknown kind {kind!r}; allowed: {', '.join(_WRITE)}")
    chosen = kind or kind_of(form, table, mapping)
    columns = columns_of(form, chosen, table, mapping)
    rows: list[_Numbered] = []
    skipped: list[tuple[int, str]] = []
    for number, cells in table.rows:
        row = {ours: cells.get(column, "") for ours, column in columns.items()}
        row = {ours: one_line(value) for ours, value in (form.mend(row, table) if form.mend else row).items()}
        reason = _unusable(row, columns)
        if reason:
            skipped.append((number, reason))
        else:
            rows.append(_Numbered(number, _labelled(row, form.labels, table, number)))
    work = _Work(root, _slug(name or path.stem), limit, skipped)
    written, taken, notes = _WRITE[chosen](work, rows)
    if not taken and not (skipped and all(reason.endswith(_HELD) for _, reason in skipped)):
        why = f" (row {skipped[0][0]}: {skipped[0][1]})" if skipped else ""
        raise CorpusError(f"{path}: no row could be used{why}")
    if table.encoding not in ("utf-8", "xlsx"):
        notes = [*notes, f"the file is {table.encoding}; what was written is UTF-8"]
    return ImportReport(
        path,
        form.name,
        chosen,
        table.encoding,
        len(table.rows),
        taken,
        tuple(sorted(skipped)),
        tuple(written),
        tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class _Work:
    root: Path
    name: str
    limit: int | None
    skipped: list[tuple[int, str]]

    def full(self, count: int) -> bool:
        return self.limit is not None and count >= self.limit


_Outcome = tuple[list[Path], int, list[str]]


def _unusable(row: Row, columns: Mapping[str, str]) -> str:
    """Why a row is left out; an empty string when it is not."""
    if row.get("partition", "").lower() in ("test", "dev", "valid", "validation"):
        return f"held out ({row['partition']})"
    optional = ("reply", "annotated", "partition", "title", "id", "source")
    empty = next((name for name, value in row.items() if not value and name not in optional), "")
    return f"{columns[empty]} is empty" if empty else ""


def _labelled(row: Row, labels: Mapping[str, str], table: Table, number: int) -> Row:
    """The row with the label's name in place of its number."""
    label = row.get("intent", "")
    if not labels or label in labels.values():
        return row
    if label not in labels:
        allowed = ", ".join(f"{old} ({new})" for old, new in labels.items())
        raise CorpusError(f"{table.path}:{number}: unknown label {label!r}; allowed: {allowed}")
    return {**row, "intent": labels[label]}


def _slug(text: str) -> str:
    """A name that a file may have: 날씨/문의 → 날씨_문의."""
    return _NOT_WORD.sub("_", text).strip("_").lower() or "imported"


def _intents(work: _Work, rows: list[_Numbered]) -> _Outcome:
    paths = {read_intent(path).name: path for path in sorted((work.root / "intents").glob("*.y*ml"))}
    held = {name: set(read_intent(path).examples) for name, path in paths.items()}
    owner = {key(line): name for name, lines in held.items() for line in lines}
    examples: defaultdict[str, list[str]] = defaultdict(list)
    replies: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        intent, text = _slug(row.cells["intent"]), row.cells["text"]
        other = owner.setdefault(key(text) or text, intent)
        if other != intent:
            work.skipped.append((row.number, f"{text!r} stands under {other} too"))
        elif text in held.setdefault(intent, set()):
            work.skipped.append((row.number, f"{text!r} {_HELD}"))
        elif not work.full(len(examples[intent])):
            held[intent].add(text)
            examples[intent].append(text)
            if row.cells.get("reply"):
                replies[intent].append(row.cells["reply"])
    return _write_intents(work, paths, examples, replies)


def _write_intents(
    work: _Work, paths: Mapping[str, Path], examples: Mapping[str, list[str]], replies: Mapping[str, list[str]]
) -> _Outcome:
    written, taken, notes, silent = [], 0, [], 0
    for name, lines in examples.items():
        if name in paths:
            insert_examples(paths[name], lines)
            written.append(paths[name])
        elif len(lines) < 2:
            notes.append(f"{name} has {len(lines)} example; an intent needs 2, so it was left out")
            continue
        else:
            answers = tuple(dict.fromkeys(replies.get(name, ()))) or (STAND_IN,)
            silent += answers == (STAND_IN,)
            add_intent(work.root, Intent(name, "", tuple(lines), answers))
            written.append(work.root / "intents" / f"{name}.yaml")
        taken += len(lines)
    if silent:
        notes.append(f"{silent} intents came without replies and say a stand-in; write replies into their files")
    return written, taken, notes


def _chat(work: _Work, rows: list[_Numbered]) -> _Outcome:
    path = work.root / "chat" / f"{work.name}.tsv"
    held = {(pair.question, pair.answer) for pair in read_pairs(path)} if path.is_file() else set()
    pairs: dict[tuple[str, str], ChatPair] = {}
    for row in rows:
        pair = (row.cells["question"], row.cells["answer"])
        if pair in pairs or pair in held:
            work.skipped.append((row.number, f"{pair[0]!r} {_HELD}"))
        elif not work.full(len(pairs)):
            pairs[pair] = ChatPair(*pair)
    add_pairs(work.root, work.name, pairs.values())
    return [path], len(pairs), []


def _knowledge(work: _Work, rows: list[_Numbered]) -> _Outcome:
    """One entry an answer; its questions are the wordings."""
    grouped: defaultdict[str, list[_Numbered]] = defaultdict(list)
    for row in rows:
        if row.cells["answer"] in grouped or not work.full(len(grouped)):
            grouped[row.cells["answer"]].append(row)
    entries = []
    for number, (answer, group) in enumerate(grouped.items(), start=1):
        first = group[0].cells
        questions = tuple(dict.fromkeys(row.cells["question"] for row in group))
        title, source = first.get("title") or questions[0], first.get("source") or work.name
        entries.append(KnowledgeEntry(f"{work.name}_{number:05d}", title, questions, answer, source=source))
    if entries:
        add_knowledge(work.root, work.name, entries)
    return [work.root / "knowledge" / f"{work.name}.yaml"], len(entries), []


def _paraphrases(work: _Work, rows: list[_Numbered]) -> _Outcome:
    """Sentence, sentence, likeness from 0 to 5."""
    lines = []
    for row in rows[: work.limit]:
        score = _score(row)
        if score is None:
            work.skipped.append((row.number, f"score {row.cells['score']!r} is no number from 0 to 5"))
        else:
            lines.append(f"{row.cells['first']}\t{row.cells['second']}\t{score:g}\n")
    path = work.root / "paraphrases" / f"{work.name}.tsv"
    if lines:
        write_text(path, "# sentence <TAB> sentence <TAB> likeness, 0 to 5\n" + "".join(lines))
    return [path], len(lines), ["paraphrases are for measuring and experiments; the bot does not answer from them"]


def _score(row: _Numbered) -> float | None:
    try:
        score = float(row.cells["score"])
    except ValueError:
        return None
    return score if 0 <= score <= 5 else None


_WRITE = {"intents": _intents, "chat": _chat, "knowledge": _knowledge, "paraphrases": _paraphrases}
