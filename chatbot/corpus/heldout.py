"""Lines that a model is measured on. In: a file. Out: its texts with their lines. Knows nothing of the corpus."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from chatbot.corpus.read import read_text
from chatbot.errors import CorpusError

_KEYS = ("text", "q", "question", "utterance", "query")


class HeldOut(NamedTuple):
    """One held-out text and where it stands."""

    file: Path
    line: int
    text: str


def held_out_lines(path: Path) -> Iterator[HeldOut]:
    """The user's texts of a .jsonl, .tsv, .csv or .txt file.

    In .txt, ``>`` or ``Q:`` opens a line of the user where the file has such lines; else every line is one.

    Raises
    ------
    CorpusError
        when the file is missing or is not of one of these kinds (names the line).
    """
    if not path.is_file():
        raise CorpusError(f"{path}: no such file of held-out lines")
    text = read_text(path)
    for number, line in enumerate(text.split("\n"), start=1):
        found = _READ.get(path.suffix, _plain)(path, number, line)
        if found:
            yield HeldOut(path, number, found)


def _json(path: Path, number: int, line: str) -> str:
    if not line.strip():
        return ""
    try:
        row = json.loads(line)
    except ValueError as error:
        raise CorpusError(f"{path}:{number}: not JSON: {error}") from error
    value = next((row[key] for key in _KEYS if key in row), None) if isinstance(row, dict) else None
    if not isinstance(value, str):
        raise CorpusError(f"{path}:{number}: expected an object with one of {', '.join(_KEYS)}")
    return value


def _table(path: Path, number: int, line: str) -> str:
    cells = next(csv.reader([line], delimiter="," if path.suffix == ".csv" else "\t"), [""])
    return "" if not cells or (number == 1 and cells[0].lower() in _KEYS) or line.startswith("#") else cells[0]


def _plain(path: Path, number: int, line: str) -> str:
    text = line.strip()
    if not text or text[0] in "#<" or text.startswith("A:"):
        return ""
    return text.removeprefix(">").removeprefix("Q:").strip()


_READ = {".jsonl": _json, ".json": _json, ".tsv": _table, ".csv": _table}
