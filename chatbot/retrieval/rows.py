"""The rows that can be found, on disk in one SQLite file, so that a million of them cost no memory.

In: rows. Out: rows by number or id. A row's number is given once and never used again. Knows nothing of search.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from chatbot.errors import VectorIndexError
from chatbot.retrieval.files import REMEDY
from chatbot.retrieval.traits import Traits

_SCHEMA = """
CREATE TABLE rows (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, text TEXT NOT NULL, answer TEXT NOT NULL,
  kind TEXT NOT NULL, title TEXT NOT NULL, date TEXT NOT NULL, source TEXT NOT NULL,
  letters TEXT NOT NULL, traits BLOB NOT NULL
) STRICT
"""
_FIELDS = "id, text, answer, kind, title, date, source"
_values = attrgetter(*_FIELDS.split(", "))  # astuple would copy them deeply: a tenth of a build
PASSAGE_KIND = "passage"  # the kind of a row that is a piece of a document
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
        self._connection.execute(_SCHEMA)

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
        except sqlite3.Error as error:
            raise VectorIndexError(f"{path}: not a file of rows ({error}); {REMEDY}") from error
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
            self._connection.commit()

    def remove(self, numbers: Sequence[int]) -> None:
        """Drop rows."""
        with self._lock:
            self._own()
            self._connection.executemany("DELETE FROM rows WHERE number = ?", ((int(number),) for number in numbers))
            self._connection.commit()

    def numbers(self, ids: Sequence[str]) -> dict[str, int]:
        """The numbers of those ids that are there."""
        found: dict[str, int] = {}
        for begin in range(0, len(ids), _BATCH):
            some = ids[begin : begin + _BATCH]
            found.update(self._select(f"SELECT id, number FROM rows WHERE id IN ({_marks(some)})", some))
        return found

    def ids(self) -> list[str]:
        """Every row's id, in the order of their numbers."""
        return [id_ for (id_,) in self._select("SELECT id FROM rows ORDER BY number", ())]

    def texts(self, kind: str) -> list[tuple[int, str]]:
        """The number and text of every row of a kind, in the order of their numbers."""
        return self._select("SELECT number, text FROM rows WHERE kind = ? ORDER BY number", (kind,))

    def get(self, numbers: Sequence[int]) -> dict[int, Row]:
        """The rows under those numbers that are there."""
        return {number: row for number, (row, _) in self.read(numbers).items()}

    def read(self, numbers: Sequence[int]) -> dict[int, tuple[Row, Traits]]:
        """The rows under those numbers that are there, in their order, and their traits."""
        found: dict[int, tuple[Row, Traits]] = {}
        for begin in range(0, len(numbers), _BATCH):
            some = [int(number) for number in numbers[begin : begin + _BATCH]]
            for number, letters, raw, *fields in self._select(
                f"SELECT number, letters, traits, {_FIELDS} FROM rows "
                f"WHERE number IN ({_marks(some)}) ORDER BY number",
                some,
            ):
                found[number] = Row(*fields), Traits.from_bytes(letters, raw)
        return found

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
        if self._folder is not None:
            return
        self._connection.close()
        self._folder = tempfile.TemporaryDirectory(prefix="chatbot-rows-")
        copy = Path(self._folder.name) / "rows.sqlite"
        shutil.copyfile(self._path, copy)
        self._path = copy
        self._connection = sqlite3.connect(copy, check_same_thread=False)
        self._connection.execute("PRAGMA synchronous = OFF")


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
