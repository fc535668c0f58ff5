"""Conversations in a database (SQLite, or any SQLAlchemy URL). In: turns. Out: turns, after a kill too.

SQLite runs in WAL mode with synchronous=FULL: a turn that `append` returned from survives `kill -9` and a power cut.
Several threads and several processes may use one database at once; order within a session is kept by a counter.
"""

from __future__ import annotations

import contextlib
import functools
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from chatbot.errors import StoreError
from chatbot.store.migrate import upgrade
from chatbot.store.protocol import ReviewItem
from chatbot.store.schema import choices, feedback, seen_updates, sessions, turns
from chatbot.types import Candidate, Response, Source, Turn, Utterance

# Seconds that a writer waits for another before it gives up; a turn takes milliseconds.
BUSY_SECONDS = 5.0
# Tries for a place in the order of one session when two processes write into it at the same moment.
ORDER_TRIES = 5
# Below this confidence an answer is worth a look in `chatbot review`.
UNSURE_BELOW = 0.6
# Updates older than this are not sent again by Telegram (24 h), so they need no longer be remembered.
SEEN_DAYS = 3

P = ParamSpec("P")
R = TypeVar("R")


def _polite(method: Callable[P, R]) -> Callable[P, R]:
    """Database errors as `StoreError` with the remedy."""

    @functools.wraps(method)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except sa.exc.SQLAlchemyError as error:
            store = args[0]
            assert isinstance(store, SqlStore)
            raise StoreError(f"{store.where}: {_remedy(error)}") from error

    return wrapped


def _remedy(error: sa.exc.SQLAlchemyError) -> str:
    text = str(getattr(error, "orig", error))
    if "locked" in text:
        return "the database is locked by another program; close it or wait"
    if "full" in text:
        return "the disk or the database is full; free some space"
    if "readonly" in text:
        return "the database cannot be written; check the rights of its file and folder"
    if "malformed" in text or "not a database" in text:
        return "the file is damaged or no SQLite database; move it away, a new one is made"
    return text.splitlines()[0]


class SqlStore:
    """A `Store` over SQLAlchemy.

    Parameters
    ----------
    url : an SQLAlchemy URL.
    mask : applied to what people said before it is kept (personal data).
    """

    def __init__(self, url: str, mask: Callable[[str], str] = lambda text: text) -> None:
        try:
            parsed = make_url(url)
            self._engine = sa.create_engine(parsed, **_options(parsed))
            self._reader = self._engine.execution_options(reads=True)
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
            raise StoreError(f"store.url: {error}; expected an SQLAlchemy URL such as sqlite:///chatbot.db") from error
        self.where = parsed.render_as_string(hide_password=True)
        self._mask = mask
        self._sqlite = parsed.get_backend_name() == "sqlite"
        if self._sqlite:
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
            sa.event.listen(self._engine, "begin", _begin_sqlite)
        self._migrate()

    @_polite
    def _migrate(self) -> None:
        with self._engine.begin() as connection:
            upgrade(connection)

    @_polite
    def append(self, turn: Turn, state: Mapping[str, Any] | None = None) -> int:
        for attempt in range(ORDER_TRIES):
            try:
                with self._engine.begin() as connection:
                    return self._append(connection, turn, state)
            except sa.exc.IntegrityError:
                known = self._turn_id(turn.response.id)
                if known is not None:
                    return known
                if attempt == ORDER_TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def _append(self, connection: sa.Connection, turn: Turn, state: Mapping[str, Any] | None) -> int:
        session, now = turn.utterance.session, _now()
        _keep_session(connection, session, now, state)
        last = connection.scalar(sa.select(sa.func.max(turns.c.seq)).where(turns.c.session == session))
        row = {**self._row(turn), "session": session, "seq": (last or 0) + 1, "time": now}
        key = connection.execute(turns.insert().values(row)).inserted_primary_key
        assert key is not None
        return int(key[0])

    def _row(self, turn: Turn) -> dict[str, Any]:
        said, response = turn.utterance, turn.response
        return {
            "utterance_id": said.id,
            "response_id": response.id or said.id,
            "raw": self._clean(said.raw),
            "text": self._clean(said.text),
            "reply": self._clean(response.reply),
            "source": str(response.source),
            "intent": response.intent,
            "confidence": response.confidence,
            "reason": self._clean(response.reason),
            "reply_key": response.said,
            "candidates": [[self._clean(c.text), round(c.score, 4), str(c.source), c.id] for c in response.candidates],
            "latency_ms": response.latency_ms,
        }

    def _clean(self, text: str) -> str:
        """Masked, and without what a database refuses (lone surrogates, NUL)."""
        return self._mask(text).encode("utf-8", "replace").decode().replace("\x00", "")

    def _turn_id(self, response_id: str) -> int | None:
        with self._reader.connect() as connection:
            return connection.scalar(sa.select(turns.c.id).where(turns.c.response_id == response_id))

    @_polite
    def history(self, session: str, limit: int) -> list[Turn]:
        query = sa.select(turns).where(turns.c.session == session).order_by(turns.c.seq.desc()).limit(limit)
        with self._reader.connect() as connection:
            return [_turn(row) for row in reversed(connection.execute(query).all())]

    @_polite
    def load_state(self, session: str) -> dict[str, Any] | None:
        with self._reader.connect() as connection:
            return connection.scalar(sa.select(sessions.c.state).where(sessions.c.id == session))

    @_polite
    def save_state(self, session: str, state: Mapping[str, Any]) -> None:
        with self._engine.begin() as connection:
            _keep_session(connection, session, _now(), state)

    @_polite
    def reset_state(self, session: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sessions.update().where(sessions.c.id == session).values(state=sa.null()))

    @_polite
    def forget(self, session: str) -> int:
        with self._engine.begin() as connection:
            count = connection.scalar(sa.select(sa.func.count()).where(turns.c.session == session)) or 0
            _delete_sessions(connection, [session])
        self._erase()
        return int(count)

    @_polite
    def purge(self, older_than_days: int) -> int:
        """Delete conversations that were last touched longer ago; returns how many turns went."""
        before = (datetime.now(UTC) - timedelta(days=older_than_days)).isoformat(timespec="milliseconds")
        with self._engine.begin() as connection:
            stale = list(connection.scalars(sa.select(sessions.c.id).where(sessions.c.updated < before)))
            count = connection.scalar(sa.select(sa.func.count()).where(turns.c.session.in_(stale))) if stale else 0
            _delete_sessions(connection, stale)
            old = (datetime.now(UTC) - timedelta(days=SEEN_DAYS)).isoformat(timespec="milliseconds")
            connection.execute(seen_updates.delete().where(seen_updates.c.time < old))
        if stale:
            self._erase()
        return int(count or 0)

    def _erase(self) -> None:
        """Nothing of deleted rows stays in SQLite's log; secure_delete has overwritten them in the file itself."""
        if self._sqlite:
            with contextlib.closing(self._engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @_polite
    def feedback(self, response_id: str, value: int, correction: str = "") -> None:
        values = {"response_id": response_id, "time": _now(), "value": value, "correction": self._clean(correction)}
        with self._engine.begin() as connection:
            if _exists(connection, response_id):
                connection.execute(feedback.insert().values(values))

    @_polite
    def choice(self, response_id: str, offered: Sequence[str], chosen: str) -> None:
        values = {"response_id": response_id, "time": _now(), "offered": list(offered), "chosen": chosen}
        with self._engine.begin() as connection:
            if _exists(connection, response_id):
                connection.execute(choices.insert().values(values))

    @_polite
    def reply_counts(self, keys: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        likes = sa.func.sum(sa.case((feedback.c.value > 0, 1), else_=0))
        dislikes = sa.func.sum(sa.case((feedback.c.value < 0, 1), else_=0))
        query = (
            sa.select(turns.c.reply_key, likes, dislikes)
            .join(feedback, feedback.c.response_id == turns.c.response_id)
            .where(turns.c.reply_key.in_(list(keys)))
            .group_by(turns.c.reply_key)
        )
        with self._reader.connect() as connection:
            return {key: (int(liked), int(disliked)) for key, liked, disliked in connection.execute(query)}

    @_polite
    def seen(self, adapter: str, update_id: int) -> bool:
        values = {"adapter": adapter, "update_id": update_id, "time": _now()}
        try:
            with self._engine.begin() as connection:
                connection.execute(seen_updates.insert().values(values))
        except sa.exc.IntegrityError:
            return True
        return False

    @_polite
    def for_review(self, limit: int) -> list[ReviewItem]:
        with self._reader.connect() as connection:
            rows = connection.execute(_review_query(limit)).all()
        return [
            ReviewItem(r.id, r.kind, r.text, r.reply, r.source, r.intent, r.confidence, r.reason, r.answer or "")
            for r in rows
        ]

    @_polite
    def mark_reviewed(self, turn_ids: Sequence[int], decision: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(turns.update().where(turns.c.id.in_(list(turn_ids))).values(reviewed=decision))

    @_polite
    def export(self, session: str) -> list[dict[str, Any]]:
        columns = ("time", "raw", "reply", "source", "intent", "confidence", "reason")
        query = sa.select(*(turns.c[name] for name in columns)).where(turns.c.session == session)
        with self._reader.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query.order_by(turns.c.seq))]

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _options(url: sa.URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": BUSY_SECONDS}}
    return {"pool_pre_ping": True}


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN below, not the driver's late one
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    """A writer takes the lock at once: one that began as a reader could be refused later without waiting."""
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _keep_session(connection: sa.Connection, session: str, now: str, state: Mapping[str, Any] | None) -> None:
    changes: dict[str, Any] = {"updated": now}
    if state is not None:
        changes["state"] = dict(state)
    if not connection.execute(sessions.update().where(sessions.c.id == session).values(changes)).rowcount:
        connection.execute(sessions.insert().values({"id": session, "created": now, **changes}))


def _delete_sessions(connection: sa.Connection, ids: Sequence[str]) -> None:
    """The rows of the sessions and, by cascade, all that hangs on them."""
    for session in ids:
        connection.execute(sessions.delete().where(sessions.c.id == session))


def _exists(connection: sa.Connection, response_id: str) -> bool:
    return connection.scalar(sa.select(turns.c.id).where(turns.c.response_id == response_id)) is not None


def _review_query(limit: int) -> sa.Select[Any]:
    """Unreviewed turns that somebody corrected, disliked or chose an answer for, or that the bot was unsure of."""
    corrected = (
        sa.select(sa.func.max(feedback.c.correction))
        .where(feedback.c.response_id == turns.c.response_id, feedback.c.correction != "")
        .scalar_subquery()
    )
    value = (
        sa.select(sa.func.sum(feedback.c.value)).where(feedback.c.response_id == turns.c.response_id).scalar_subquery()
    )
    chosen = (
        sa.select(sa.func.max(choices.c.chosen)).where(choices.c.response_id == turns.c.response_id).scalar_subquery()
    )
    unsure = sa.and_(turns.c.confidence < UNSURE_BELOW, turns.c.source.in_(["template", "retrieval", "seq2seq"]))
    kind = sa.case(
        (corrected.is_not(None), "corrected"),
        (value < 0, "disliked"),
        (chosen.is_not(None), "chosen"),
        (turns.c.source == "fallback", "fallback"),
        (unsure, "unsure"),
        else_="",
    )
    order = sa.case({"corrected": 0, "disliked": 1, "chosen": 2, "fallback": 3, "unsure": 4}, value=kind, else_=9)
    columns = [turns.c[n] for n in ("id", "text", "reply", "source", "intent", "confidence", "reason")]
    answer = sa.func.coalesce(corrected, chosen).label("answer")
    query = sa.select(*columns, kind.label("kind"), answer)
    wanted = sa.and_(turns.c.reviewed.is_(None), kind != "", turns.c.text != "")
    return query.where(wanted).order_by(order, turns.c.id).limit(limit)


def _turn(row: sa.Row[Any]) -> Turn:
    utterance = Utterance(row.raw, row.text, row.session, row.utterance_id)
    response = Response(
        text=row.raw,
        reply=row.reply,
        source=Source(row.source),
        reason=row.reason,
        intent=row.intent,
        confidence=row.confidence,
        candidates=tuple(Candidate(text, score, Source(source), id_) for text, score, source, id_ in row.candidates),
        latency_ms=row.latency_ms,
        id=row.response_id,
        said=row.reply_key,
    )
    return Turn(utterance, response)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
