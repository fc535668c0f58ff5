"""A database behind SQLAlchemy: connections that wait for their turn, and errors that name the remedy.

In: an SQLAlchemy URL. Out: transactions. SQLite runs in WAL mode with synchronous=NORMAL: what was committed survives
`kill -9`; a power cut may cost the last moments, never the file. Knows no table.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from chatbot.errors import StoreError, StoreUnavailableError

# Seconds that a writer waits for another before it gives up; a turn takes milliseconds.
BUSY_SECONDS = 5.0
# After somebody waited in vain the next ones wait this long (seconds), for as long as BUSY_SECONDS: a bot slows down
# once, and does not stand still message after message.
HURRIED_SECONDS = 0.1

# Seconds that forgetting waits for others to finish reading.
ERASE_SECONDS = 3.0

# Connections kept open: opening one costs more than a turn, and as many threads answer as config.yaml says.
_CONNECTIONS = 20

# What the databases say, what it is, and the remedy.
_FULL = "the disk or the database is full; free some space"
_DAMAGED = "the file is damaged or no SQLite database; move it away together with its -wal and -shm, a new one is made"
_TROUBLES = (
    ("locked", "locked", "the database is locked by another program; close it or wait"),
    ("database or disk is full", "full", _FULL),
    ("No space left", "full", _FULL),
    ("disk I/O error", "full", f"the disk cannot be read or written; {_FULL}, or look at the disk itself"),
    ("readonly", "readonly", "the database cannot be written; check the rights of its file and folder"),
    ("malformed", "damaged", _DAMAGED),
    ("not a database", "damaged", _DAMAGED),
    ("unable to open", "shut", "the database cannot be opened; check that its folder exists and may be written"),
)

# Errors that pass: locked, full, not to be written now, server away, no connection free.
_OUT_OF_REACH = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)


class Database:
    """An engine with two ways in: `write` takes the lock at once, `read` never waits for writers."""

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
            if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
                raise StoreError(f"store.url: {url} would be another empty database in each thread; name a file")
            # What people say is among the parameters: no error may show them.
            self.engine = sa.create_engine(parsed, hide_parameters=True, **_options(parsed))
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError) as error:
            raise StoreError(f"store.url: {error}; expected an SQLAlchemy URL such as sqlite:///chatbot.db") from error
        except ImportError as error:
            remedy = 'run: pip install "korean-chatbot[postgres]", or install the driver that the URL names'
            raise StoreError(f"store.url: {error}; {remedy}") from error
        self.where = parsed.render_as_string(hide_password=True)
        self.sqlite = parsed.get_backend_name() == "sqlite"
        self._reader = self.engine.execution_options(reads=True)
        self._waited_in_vain = float("-inf")
        # Writers of this process queue up here: SQLite's own waiting is a poll that lets some wait for ever.
        self._writing = threading.Lock() if self.sqlite else contextlib.nullcontext()
        if self.sqlite:
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", self._begin_sqlite)

    @contextlib.contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that may change rows.

        Raises
        ------
        StoreUnavailableError
            when the database is locked, full or out of reach.
        StoreError
            when it is broken, or refuses what is to be written.
        IntegrityError
            when another writer was first; the caller decides what that means.
        """
        with self._writing, self._polite(), self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only looks. Raises `StoreError` like `write`."""
        with self._polite(), self._reader.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def _polite(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.IntegrityError:
            raise
        except sa.exc.SQLAlchemyError as error:
            trouble, text = self._remedy(error)
            if trouble == "locked":
                self._waited_in_vain = time.monotonic()
            kind = StoreUnavailableError if trouble or isinstance(error, _OUT_OF_REACH) else StoreError
            raise kind(f"{self.where}: {text}", trouble, self.where) from error

    def _begin_sqlite(self, connection: sa.Connection) -> None:
        """A writer takes the lock at once: one that began as a reader could be refused later without waiting."""
        if connection.get_execution_options().get("reads", False):
            connection.exec_driver_sql("BEGIN")
            return
        hurried = time.monotonic() - self._waited_in_vain < BUSY_SECONDS
        seconds = min(HURRIED_SECONDS, BUSY_SECONDS) if hurried else BUSY_SECONDS
        if connection.info.get("busy_seconds") != seconds:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={int(seconds * 1000)}")
            connection.info["busy_seconds"] = seconds
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def erase(self, seconds: float = ERASE_SECONDS) -> bool:
        """Nothing of deleted rows stays in SQLite's log; secure_delete has overwritten them in the file itself.

        False when somebody read in the old log for all these seconds: it goes with the next call, or when the last
        program closes the database. Of a server's own files this knows nothing.
        """
        if not self.sqlite:
            return True
        with self._writing, self._polite(), contextlib.closing(self.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")
            connection.info["busy_seconds"] = seconds
            (busy, _, _) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _remedy(self, error: sa.exc.SQLAlchemyError) -> tuple[str, str]:
        """What kind of trouble it is ("" for none that is known), and what to do about it."""
        text = str(getattr(error, "orig", error))
        for sign, trouble, remedy in _TROUBLES:
            if sign in text:
                return trouble, remedy
        if not self.sqlite and isinstance(error, _OUT_OF_REACH):
            return "away", f"the server cannot be reached: {text.splitlines()[0] if text else type(error).__name__}"
        return "", text.splitlines()[0] if text else type(error).__name__


def _options(url: sa.URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": BUSY_SECONDS}, "pool_size": _CONNECTIONS, "max_overflow": -1}
    return {"pool_pre_ping": True, "pool_size": _CONNECTIONS, "connect_args": {"connect_timeout": int(BUSY_SECONDS)}}


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN below, not the driver's late one
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
