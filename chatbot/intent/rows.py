"""Labelled texts from files, for measuring. In: JSON lines, or a tab-separated file with a header. Out: (text, label).

Knows nothing of models. Texts are normalised as everywhere else.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from chatbot.errors import CorpusError
from chatbot.text.normalize import normalize

Row = tuple[str, str]

_TEXT_KEYS = ("text", "document")
_TABLES = (".txt", ".tsv")


def read_labelled(path: Path, label_key: str) -> list[Row]:
    """(text, label) of every row whose text is not empty.

    Raises
    ------
    CorpusError
        when the file cannot be read, a line is no JSON object, or a key is missing (names file, line, allowed keys).
    """
    rows = []
    for number, record in _records(path):
        if label_key not in record:
            raise CorpusError(f"{path}:{number}: no key {label_key!r} (found: {', '.join(record)}); see --label-key")
        text = _text(record, path, number)
        if text:
            rows.append((text, str(record[label_key])))
    if not rows:
        raise CorpusError(f"{path}: no row with a text; expected one JSON object a line, or a table with a header")
    return rows


def read_texts(path: Path) -> list[str]:
    """The text of every row that has one.

    Raises
    ------
    CorpusError
        as `read_labelled` does.
    """
    texts = (_text(record, path, number) for number, record in _records(path))
    return [text for text in texts if text]


def few(rows: Sequence[Row], shots: int, seed: int) -> list[Row]:
    """At most `shots` rows of each label, drawn under a seed."""
    by_label: dict[str, list[Row]] = {}
    for row in rows:
        by_label.setdefault(row[1], []).append(row)
    dice = random.Random(seed)
    drawn = []
    for label in sorted(by_label):
        own = by_label[label]
        drawn += dice.sample(own, min(shots, len(own)))
    return drawn


def _records(path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8; save it as UTF-8") from error
    if path.suffix in _TABLES:
        header = lines[0].split("\t")
        for number, line in enumerate(lines[1:], start=2):
            if line:
                yield number, dict(zip(header, line.split("\t"), strict=False))
        return
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, _parse(line, path, number)


def _parse(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise CorpusError(f"{path}:{number}: not JSON: {error}") from error
    if not isinstance(record, dict):
        raise CorpusError(f"{path}:{number}: expected a JSON object with a text and a label")
    return record


def _text(record: dict[str, Any], path: Path, number: int) -> str:
    for key in _TEXT_KEYS:
        if key in record:
            return normalize(str(record[key]))
    raise CorpusError(f"{path}:{number}: no text (allowed keys: {', '.join(_TEXT_KEYS)}; found: {', '.join(record)})")
