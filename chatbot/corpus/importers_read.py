"""Tables that people have: CSV, TSV, XLSX, JSON lines, JSON, Rasa's YAML. In: a file. Out: rows of text by column.

Read through pandas, all cells as text; encodings are told apart and named. Knows nothing of what the columns mean.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chatbot.corpus import rawfile
from chatbot.errors import CorpusError, MissingExtraError

# [서울](city) and [서울]{"entity": "city"}: Rasa's marks around an entity.
_RASA_ENTITY = re.compile(r"\[(?P<text>[^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
# What may part the cells of a line; Excel writes ; where a comma is the decimal sign.
_SEPARATORS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a file: (number, cells by column). `number` is the line in the file, or the row of the sheet."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]
    encoding: str


def read_table(path: Path, header: tuple[str, ...] = ()) -> Table:
    """The rows of a .csv, .tsv, .txt (tab separated), .xlsx, .jsonl, .json or .yml file.

    `header` names the columns of a file that has no header line.

    Raises
    ------
    CorpusError
        when the file is missing, of another kind, in no encoding that Korean text has, or broken (names the row).
    MissingExtraError
        when .xlsx needs openpyxl, which is not installed.
    """
    suffix = path.suffix.lower()
    if suffix not in _READ:
        raise CorpusError(f"{path}: cannot import {suffix or 'a file without a suffix'}; allowed: {', '.join(_READ)}")
    if not path.is_file():
        raise CorpusError(f"{path}: no such file")
    if suffix == ".xlsx":
        return _xlsx(path, header)
    text, encoding = _decoded(path)
    rows = tuple(_READ[suffix](path, text, header))
    if not rows:
        raise CorpusError(f"{path}: holds no rows")
    columns = tuple(dict.fromkeys(column for _, cells in rows for column in cells))
    return Table(path, columns, rows, encoding)


def _decoded(path: Path) -> tuple[str, str]:
    raw = path.read_bytes()
    try:
        return rawfile.decode(raw)
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n") + 1
        raise CorpusError(
            f"{path}:{row}: byte 0x{raw[error.start]:02x} is neither UTF-8 nor cp949; save the file as UTF-8"
        ) from error


def _separated(expected: str) -> Callable[[Path, str, tuple[str, ...]], Iterator[tuple[int, dict[str, str]]]]:
    def read(path: Path, text: str, header: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
        import pandas

        separator = _separator(text, expected)
        try:
            frame = _frame(
                text,
                sep=separator,
                # Tab separated sets (NSMC, KorSTS) hold lone quotation marks; the others need theirs.
                quoting=csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL,
                dtype=str,
                keep_default_na=False,
                header=None if header else 0,
                names=list(header) or None,
                index_col=False,
                # A row keeps the number of its line.
                skip_blank_lines=False,
            )
        except pandas.errors.ParserError as error:
            raise CorpusError(_no_table(path, str(error).strip(), separator)) from error
        except pandas.errors.ParserWarning as error:
            # pandas would drop the last cells of every row.
            second = 1 if header else 2
            message = f"{path}:{second}: more cells than the first line names; put quotation marks around a cell that"
            raise CorpusError(f"{message} holds {separator!r}") from error
        except pandas.errors.EmptyDataError as error:
            raise CorpusError(f"{path}: holds no rows") from error
        yield from (row for row in _frame_rows(frame, 1 if header else 2) if any(row[1].values()))

    return read


def _frame(text: str, **options: Any) -> Any:
    """pandas' table of `text`; what pandas only warns of is an error."""
    import warnings

    import pandas

    with warnings.catch_warnings():
        warnings.simplefilter("error", pandas.errors.ParserWarning)
        return pandas.read_csv(io.StringIO(text), **options)


def _separator(text: str, expected: str) -> str:
    """What parts the cells: `expected`, unless the first line lacks it and holds another separator (Excel's ;)."""
    first = text.split("\n", 1)[0]
    if expected in first:
        return expected
    return max(_SEPARATORS, key=lambda mark: (first.count(mark), mark == expected))


def _no_table(path: Path, problem: str, separator: str) -> str:
    counts = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", problem)
    if counts is None:
        line = re.search(r"line (\d+)", problem)
        return f"{path}{f':{line[1]}' if line else ''}: not a table: {problem}; look for a stray separator"
    return (
        f"{path}:{counts[2]}: {counts[3]} cells where the lines before have {counts[1]}; put quotation marks around a "
        f"cell that holds {separator!r}"
    )


def _xlsx(path: Path, header: tuple[str, ...]) -> Table:
    import zipfile

    import pandas

    try:
        frame = pandas.read_excel(path, dtype=str, keep_default_na=False, header=None if header else 0)
    except ImportError as error:
        raise MissingExtraError("openpyxl", "tables") from error
    except (ValueError, zipfile.BadZipFile) as error:
        raise CorpusError(f"{path}: not an Excel workbook: {error}; save it as .xlsx or .csv") from error
    if header:
        frame.columns = [*header, *map(str, frame.columns[len(header) :])][: len(frame.columns)]
    rows = tuple(_frame_rows(frame, 1 if header else 2))
    if not rows:
        raise CorpusError(f"{path}: holds no rows")
    return Table(path, tuple(map(str, frame.columns)), rows, "xlsx")


def _frame_rows(frame: Any, first: int) -> Iterator[tuple[int, dict[str, str]]]:
    columns = [str(column).strip() for column in frame.columns]
    for number, values in enumerate(frame.itertuples(index=False, name=None), start=first):
        yield number, {column: _cell(value) for column, value in zip(columns, values, strict=True)}


def _json_lines(path: Path, text: str, _: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                value = json.loads(line)
            except ValueError as error:
                raise CorpusError(f"{path}:{number}: not JSON: {error}") from error
            yield number, _flat(value, path, number)


def _json(path: Path, text: str, _: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise CorpusError(f"{path}: not JSON: {error}; one object a line needs the name .jsonl") from error
    if not isinstance(values, list):
        raise CorpusError(f"{path}: expected a list of objects")
    for number, value in enumerate(values, start=1):
        yield number, _flat(value, path, number)


def _flat(value: Any, path: Path, number: int) -> dict[str, str]:
    """{"labels": {"label": 3}} as {"labels.label": "3"}."""
    if not isinstance(value, dict):
        raise CorpusError(f"{path}:{number}: expected an object, found {str(value)[:40]!r}")
    cells: dict[str, str] = {}
    for key, item in value.items():
        if isinstance(item, dict):
            cells |= {f"{key}.{name}": _cell(inner) for name, inner in item.items()}
        else:
            cells[str(key)] = _cell(item)
    return cells


def _rasa(path: Path, text: str, _: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rasa NLU: one row an example; answers come from ``utter_<intent>`` where the file has responses."""
    try:
        root = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CorpusError(f"{path}:{line}: not YAML: {error.problem}") from error
    blocks = root.get("nlu") if isinstance(root, dict) else None
    if not isinstance(blocks, list):
        raise CorpusError(f"{path}:1: no list under nlu; expected Rasa's training data (nlu: - intent: … examples: |)")
    for number, block in enumerate(blocks, start=1):
        if not isinstance(block, dict):
            raise CorpusError(f"{path}: block {number} of nlu is no mapping; expected intent: and examples: |")
        if "intent" in block:  # synonyms, regexes and lookups stand beside the intents
            replies = _rasa_replies(root, str(block["intent"]))
            for place, example in enumerate(_rasa_examples(block.get("examples"), path, number)):
                text = _RASA_ENTITY.sub(r"\g<text>", example)
                yield number, {"intent": str(block["intent"]), "text": text, "reply": replies[place % len(replies)]}


def _rasa_replies(root: dict[str, Any], intent: str) -> list[str]:
    """The texts under responses: utter_<intent>:, or one empty text."""
    responses = root.get("responses")
    said = responses.get(f"utter_{intent}") if isinstance(responses, dict) else None
    texts = [str(item["text"]) for item in said or () if isinstance(item, dict) and item.get("text")]
    return texts or [""]


def _rasa_examples(value: Any, path: Path, number: int) -> list[str]:
    if isinstance(value, str):
        return [line.strip()[2:].strip() for line in value.splitlines() if line.strip().startswith("- ")]
    if isinstance(value, list):
        return [str(item.get("text", "") if isinstance(item, dict) else item).strip(" -\n") for item in value]
    raise CorpusError(f"{path}: block {number} of nlu has no examples; expected examples: | and lines with '- '")


def _cell(value: object) -> str:
    # Empty cells of a sheet come as NaN, the only value that differs from itself.
    return "" if value is None or value != value else str(value).strip()


_READ: dict[str, Callable[[Path, str, tuple[str, ...]], Iterator[tuple[int, dict[str, str]]]]] = {
    ".csv": _separated(","),
    ".tsv": _separated("\t"),
    ".txt": _separated("\t"),
    ".jsonl": _json_lines,
    ".json": _json,
    ".yml": _rasa,
    ".yaml": _rasa,
    ".xlsx": _json,  # read from the path, never as text
}
