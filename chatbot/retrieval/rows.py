"""The rows that can be found, on disk in one SQLite file, so that a million of them cost no memory.

In: rows. Out: rows by number or id. A row's number is given once and never used again. Knows nothing of search.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from chatbot.errors import VectorIndexError
from chatbot.retrieval.files import REMEDY
from chatbot.retrieval.gathered import Gathered
from chatbot.retrieval.traits import Traits

# `gathered` has the answers of several rows; files of before there was one get it when rows are added.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, text TEXT NOT NULL, answer TEXT NOT NULL,
  kind TEXT NOT NULL, title TEXT NOT NULL, date TEXT NOT NULL, source TEXT NOT NULL,
  letters TEXT NOT NULL, traits BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS rows_of_answer ON rows (answer);
CREATE TABLE IF NOT EXISTS gathered (
  answer TEXT PRIMARY KEY, rows INTEGER NOT NULL, words BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""
_FIELDS = "id, text, answer, kind, title, date, source"
_values = attrgetter(*_FIELDS.split(", "))  # astuple would copy them deeply: a tenth of a build
PASSAGE_KIND = "passage"  # the kind of a row that is a piece of a document
_T = TypeVar("_T")
_KEPT = 8_192  # rows and answers that were read last stay in memory: about 1.5 kB each
_BATCH = 500  # SQLite's smallest limit on parameters of one statement is 999


@dataclass(frozen=True, slots=True)
class Row:
    """Something that can be found by `text` and answered with `answer`. `date` is ISO (YYYY-MM-DD…) or empty.

    `kind` is "knowledge", "chat" or "passage"; rows with the same answer count as one answer.
    """

    id: str
    text: str
    answer: str = ""
    kind: str = "chat"
    title: str = ""
    date: str = ""
    source: str = ""


class RowStore:
    """Rows by number. A store opened from a saved file copies it before the first change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = tempfile.TemporaryDirectory(prefix="chatbot-rows-")
        self._path = Path(self._folder.name) / "rows.sqlite"
        self._connection = sqlite3.connect(self._path, check_same_thread=False)
        self._connection.execute("PRAGMA synchronous = OFF")  # a scratch copy: `save` makes it durable
        self._connection.executescript(_SCHEMA)
        self._gathers = True
        self._read: dict[int, tuple[Row, Traits]] = {}
        self._said: dict[str, Gathered | None] = {}

    @classmethod
    def open(cls, path: Path) -> RowStore:
        """Open a saved file to read.

        Raises
        ------
        VectorIndexError
            when it is no such file.
        """
        store = cls.__new__(cls)
        store._lock = threading.Lock()
        store._folder = None
        store._path = path
        try:
            store._connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            store._connection.execute(f"SELECT {_FIELDS}, letters, traits FROM rows LIMIT 1")
            tables = store._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        except sqlite3.Error as error:
            raise VectorIndexError(f"{path}: not a file of rows ({error}); {REMEDY}") from error
        store._gathers = ("gathered",) in tables
        store._read, store._said = {}, {}
        return store

    def __len__(self) -> int:
        with self._lock:
            return int(self._connection.execute("SELECT count(*) FROM rows").fetchone()[0])

    def add(self, first: int, rows: Sequence[Row], traits: Sequence[Traits]) -> None:
        """Keep rows and their traits under the numbers from `first` on."""
        with self._lock:
            self._own()
            self._connection.executemany(
                "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (first + at, *_values(row), seen.letters, seen.to_bytes())
                    for at, (row, seen) in enumerate(zip(rows, traits, strict=True))
                ),
            )
            self._gather({row.answer for row in rows if row.answer})
            self._connection.commit()

    def remove(self, numbers: Sequence[int]) -> None:
        """Drop rows."""
        with self._lock:
            self._own()
            answers: set[str] = set()
            for some in _batches([int(number) for number in numbers]):
                where = f"WHERE number IN ({_marks(some)})"
                answers |= {one for (one,) in self._connection.execute(f"SELECT answer FROM rows {where}", some)}
                self._connection.execute(f"DELETE FROM rows {where}", some)
            self._gather(answers)
            self._connection.commit()

    def _gather(self, answers: Iterable[str]) -> None:
        """Gather anew what the rows of these answers say together."""
        for some in _batches(sorted(answers)):
            where = f"WHERE answer IN ({_marks(some)})"
            self._connection.execute(f"DELETE FROM gathered {where}", some)
            several = self._connection.execute(
                f"SELECT answer FROM rows {where} GROUP BY answer HAVING count(*) > 1", some
            ).fetchall()
            for (answer,) in several:
                found = self._connection.execute("SELECT letters, traits FROM rows WHERE answer = ?", (answer,))
                lines = [Traits.from_bytes(letters, raw).content for letters, raw in found]
                values = (answer, len(lines), Gathered.of(lines).to_bytes())
                self._connection.execute("INSERT INTO gathered VALUES (?, ?, ?)", values)

    def gathered(self, answers: Sequence[str]) -> dict[str, Gathered]:
        """What the rows of each answer say together, for those of the answers that have several rows."""
        if not self._gathers:
            return {}
        with self._lock:
            missing = _missing(self._said, answers)
            self._said |= dict.fromkeys(missing)
            for some in _batches(missing):
                found = self._connection.execute(
                    f"SELECT answer, words FROM gathered WHERE answer IN ({_marks(some)})", some
                )
                self._said |= {answer: Gathered.from_bytes(raw) for answer, raw in found}
            said = {answer: self._said[answer] for answer in answers if answer in self._said}
        return {answer: some for answer, some in said.items() if some is not None}

    def all_gathered(self) -> list[tuple[int, Gathered]]:
        """What all answers of several rows say, with the number of rows of each."""
        if not self._gathers:
            return []
        return [(rows, Gathered.from_bytes(raw)) for rows, raw in self._select("SELECT rows, words FROM gathered", ())]

    def numbers(self, ids: Sequence[str]) -> dict[str, int]:
        """The numbers of those ids that are there."""
        found: dict[str, int] = {}
        for some in _batches(ids):
            found.update(self._select(f"SELECT id, number FROM rows WHERE id IN ({_marks(some)})", some))
        return found

    def ids(self) -> list[str]:
        """Every row's id, in the order of their numbers."""
        return [id_ for (id_,) in self._select("SELECT id FROM rows ORDER BY number", ())]

    def texts(self, kind: str) -> list[tuple[int, str]]:
        """The number and text of every row of a kind, in the order of their numbers."""
        return self._select("SELECT number, text FROM rows WHERE kind = ? ORDER BY number", (kind,))

    def holds(self, kind: str) -> bool:
        """Whether there is a row of a kind."""
        return bool(self._select("SELECT 1 FROM rows WHERE kind = ? LIMIT 1", (kind,)))

    def get(self, numbers: Sequence[int]) -> dict[int, Row]:
        """The rows under those numbers that are there."""
        return {number: row for number, (row, _) in self.read(numbers).items()}

    def read(self, numbers: Sequence[int]) -> dict[int, tuple[Row, Traits]]:
        """The rows under those numbers that are there, in their order, and their traits."""
        wanted = [int(number) for number in numbers]
        with self._lock:
            missing = _missing(self._read, wanted)
            for some in _batches(missing):
                for number, letters, raw, *fields in self._connection.execute(
                    f"SELECT number, letters, traits, {_FIELDS} FROM rows WHERE number IN ({_marks(some)})", some
                ):
                    self._read[number] = Row(*fields), Traits.from_bytes(letters, raw)
            return {number: self._read[number] for number in sorted(set(wanted)) if number in self._read}

    def save(self, path: Path) -> None:
        """Copy all rows to a new file."""
        with self._lock:
            self._connection.execute("VACUUM INTO ?", (str(path),))

    def close(self) -> None:
        """Close the file, and drop it where it was a scratch copy."""
        self._connection.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _select(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def _own(self) -> None:
        """Before a change: nothing that was read holds any longer, and a saved file is copied."""
        self._read.clear()
        self._said.clear()
        if self._folder is not None:
            return
        self._connection.close()
        self._folder = tempfile.TemporaryDirectory(prefix="chatbot-rows-")
        copy = Path(self._folder.name) / "rows.sqlite"
        shutil.copyfile(self._path, copy)
        self._path = copy
        self._connection = sqlite3.connect(copy, check_same_thread=False)
        self._connection.execute("PRAGMA synchronous = OFF")
        if not self._gathers:
            self._connection.executescript(_SCHEMA)
            self._gathers = True
            every = self._connection.execute("SELECT DISTINCT answer FROM rows WHERE answer != ''").fetchall()
            self._gather(answer for (answer,) in every)


def _missing(kept: dict[_T, Any], wanted: Sequence[_T]) -> list[_T]:
    """What is wanted and not kept; where there is no room for it all is forgotten, rather than keep account of use."""
    missing = [one for one in wanted if one not in kept]
    if len(kept) + len(missing) > _KEPT:
        kept.clear()
        return list(wanted)
    return missing


def _batches(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for begin in range(0, len(values), _BATCH):
        yield values[begin : begin + _BATCH]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
