"""Conversations in a database (SQLite, or any SQLAlchemy URL). In: turns. Out: turns, after a kill too.

A turn that `append` gave a row id for survives `kill -9`. Several threads and several processes may use one database
at once; order within a session is kept by a counter. A database that takes nothing for a while costs no memory of the
conversation: turns wait in a backlog.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from chatbot.errors import StoreError, StoreUnavailableError
from chatbot.store.backlog import Backlog, Unkept
from chatbot.store.database import Database
from chatbot.store.migrate import upgrade
from chatbot.store.protocol import Received, ReviewItem
from chatbot.store.review import for_review
from chatbot.store.rows import now, row_of, turn_of
from chatbot.store.schema import choices, feedback, sessions, turns, updates
from chatbot.types import Turn

log = logging.getLogger(__name__)

T = TypeVar("T")

# Tries for a place in the order of one session when several processes write into it at the same moment.
ORDER_TRIES = 8
# Updates older than this are not sent again by Telegram (24 h), so they need no longer be remembered.
UPDATE_DAYS = 3


class SqlStore:
    """A `Store` over SQLAlchemy.

    Parameters
    ----------
    url : an SQLAlchemy URL.
    mask : applied to what people said before it is kept (personal data).
    """

    def __init__(self, url: str, mask: Callable[[str], str] = lambda text: text) -> None:
        self._mask = mask
        self._backlog = Backlog()
        self._flushing = threading.Lock()
        self._database = Database(url)
        self.where = self._database.where
        with self._database.write() as connection:
            upgrade(connection)

    def append(self, turn: Turn, state: Mapping[str, Any] | None = None) -> int:
        """See `Store`."""
        new = Unkept(turn, state)
        try:
            with self._flushing if self._backlog else contextlib.nullcontext():
                waiting = [*self._backlog.all(), new]
                place = self._in_order(lambda connection: [self._append(connection, unkept) for unkept in waiting])[-1]
                self._backlog.drop(waiting)
                return place
        except StoreUnavailableError as error:
            if not self._backlog:
                log.warning("conversations are kept in memory until the database can be written: %s", error)
            self._backlog.add(turn, state)
            return 0

    def _in_order(self, work: Callable[[sa.Connection], T]) -> T:
        """`work` in a transaction, again when another writer took the same place in the meantime."""
        for attempt in range(ORDER_TRIES):
            try:
                with self._database.write() as connection:
                    return work(connection)
            except sa.exc.IntegrityError as error:
                if attempt == ORDER_TRIES - 1:
                    raise StoreError(f"{self.where}: another program writes the same rows: {error.orig}") from error
        raise AssertionError("unreachable")

    def _append(self, connection: sa.Connection, unkept: Unkept) -> int:
        turn, moment = unkept.turn, now()
        session = turn.utterance.session
        _keep_session(connection, session, moment, unkept.state)
        row = {**row_of(turn, self._clean), "session": session, "time": moment}
        known = connection.scalar(sa.select(turns.c.id).where(turns.c.response_id == row["response_id"]))
        if known is not None:
            return int(known)
        place = sa.select(sa.func.coalesce(sa.func.max(turns.c.seq), 0) + 1).where(turns.c.session == session)
        key = connection.execute(turns.insert().values({**row, "seq": place.scalar_subquery()})).inserted_primary_key
        assert key is not None
        return int(key[0])

    def _clean(self, text: str) -> str:
        """Masked, and without what a database refuses (lone surrogates, NUL)."""
        return self._mask(text).encode("utf-8", "replace").decode().replace("\x00", "")

    def history(self, session: str, limit: int) -> list[Turn]:
        """See `Store`."""
        query = sa.select(turns).where(turns.c.session == session).order_by(turns.c.seq.desc()).limit(limit)
        with self._database.read() as connection:
            kept = [turn_of(row) for row in reversed(connection.execute(query).all())]
        waiting = [unkept.turn for unkept in self._backlog.of(session)]
        return [*kept, *waiting][-limit:] if limit else []

    def spoken(self, response_id: str) -> Turn | None:
        """See `Store`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(turns).where(turns.c.response_id == response_id)).one_or_none()
        return turn_of(row) if row is not None else None

    def load_state(self, session: str) -> dict[str, Any] | None:
        """See `Store`."""
        waiting = [unkept.state for unkept in self._backlog.of(session) if unkept.state is not None]
        if waiting:
            return dict(waiting[-1])
        with self._database.read() as connection:
            return connection.scalar(sa.select(sessions.c.state).where(sessions.c.id == session))

    def save_state(self, session: str, state: Mapping[str, Any]) -> None:
        """See `Store`."""
        self._in_order(lambda connection: _keep_session(connection, session, now(), state))

    def reset_state(self, session: str) -> None:
        """See `Store`."""
        self._backlog.forget(session)
        with self._database.write() as connection:
            connection.execute(sessions.update().where(sessions.c.id == session).values(state=sa.null()))

    def forget(self, session: str) -> int:
        """See `Store`."""
        waiting = self._backlog.forget(session)
        with self._database.write() as connection:
            count = connection.scalar(sa.select(sa.func.count()).where(turns.c.session == session)) or 0
            _delete_sessions(connection, [session])
        self._database.erase()
        return int(count) + waiting

    def purge(self, older_than_days: int) -> int:
        """Delete conversations that were last touched longer ago; returns how many turns went. 0 days deletes none."""
        old = _days_ago(UPDATE_DAYS)
        with self._database.write() as connection:
            connection.execute(updates.delete().where(updates.c.time < old, updates.c.status == "done"))
            before = _days_ago(older_than_days) if older_than_days else ""
            stale = list(connection.scalars(sa.select(sessions.c.id).where(sessions.c.updated < before)))
            count = connection.scalar(sa.select(sa.func.count()).where(turns.c.session.in_(stale))) if stale else 0
            _delete_sessions(connection, stale)
        if stale:
            self._database.erase()
        return int(count or 0)

    def feedback(self, response_id: str, value: int, correction: str = "") -> None:
        """See `Store`."""
        values = {"response_id": response_id, "time": now(), "value": value, "correction": self._clean(correction)}
        with self._database.write() as connection:
            if _exists(connection, response_id):
                same = sa.and_(feedback.c.response_id == response_id, feedback.c.correction == "")
                if not correction:
                    connection.execute(feedback.delete().where(same))
                connection.execute(feedback.insert().values(values))

    def choice(self, response_id: str, offered: Sequence[str], chosen: str) -> None:
        """See `Store`."""
        values = {"response_id": response_id, "time": now(), "offered": list(offered), "chosen": chosen}
        with self._database.write() as connection:
            if _exists(connection, response_id):
                connection.execute(choices.insert().values(values))

    def reply_counts(self, keys: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        """See `Store`."""
        likes = sa.func.sum(sa.case((feedback.c.value > 0, 1), else_=0))
        dislikes = sa.func.sum(sa.case((feedback.c.value < 0, 1), else_=0))
        query = (
            sa.select(turns.c.reply_key, likes, dislikes)
            .join(feedback, feedback.c.response_id == turns.c.response_id)
            .where(turns.c.reply_key.in_(list(keys)))
            .group_by(turns.c.reply_key)
        )
        with self._database.read() as connection:
            return {key: (int(liked), int(disliked)) for key, liked, disliked in connection.execute(query)}

    def receive(self, adapter: str, update_id: int, text: str, about: Mapping[str, Any]) -> bool:
        """See `Store`."""
        values = {"time": now(), "status": "waiting", "part": 0, "text": self._clean(text), "about": dict(about)}
        try:
            with self._database.write() as connection:
                connection.execute(updates.insert().values({"adapter": adapter, "update_id": update_id, **values}))
        except sa.exc.IntegrityError:
            return False
        return True

    def progress(self, adapter: str, update_id: int, part: int, *, sending: bool) -> None:
        """See `Store`."""
        status = "sending" if sending else "waiting"
        with self._database.write() as connection:
            connection.execute(updates.update().where(_update(adapter, update_id)).values(status=status, part=part))

    def answered(self, adapter: str, update_id: int) -> None:
        """See `Store`."""
        done = {"status": "done", "text": "", "about": sa.null()}
        with self._database.write() as connection:
            connection.execute(updates.update().where(_update(adapter, update_id)).values(done))

    def unanswered(self, adapter: str) -> list[Received]:
        """See `Store`."""
        open_ = sa.select(updates).where(updates.c.adapter == adapter, updates.c.status.in_(["waiting", "sending"]))
        with self._database.read() as connection:
            rows = connection.execute(open_.order_by(updates.c.update_id)).all()
        return [Received(r.update_id, r.text, r.about or {}, r.part, r.status == "sending") for r in rows]

    def for_review(self, limit: int) -> list[ReviewItem]:
        """See `Store`."""
        with self._database.read() as connection:
            return for_review(connection, limit)

    def mark_reviewed(self, turn_ids: Sequence[int], decision: str) -> None:
        """See `Store`."""
        with self._database.write() as connection:
            connection.execute(turns.update().where(turns.c.id.in_(list(turn_ids))).values(reviewed=decision))

    def export(self, session: str) -> list[dict[str, Any]]:
        """See `Store`."""
        columns = ("time", "raw", "reply", "source", "intent", "confidence", "reason")
        query = sa.select(*(turns.c[name] for name in columns)).where(turns.c.session == session)
        with self._database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(query.order_by(turns.c.seq))]

    def close(self) -> None:
        """Write what waits, if the database takes it, and close every connection."""
        waiting = self._backlog.all()
        if waiting:
            try:
                self._in_order(lambda connection: [self._append(connection, unkept) for unkept in waiting])
            except StoreError as error:
                log.warning("%d turns are lost: %s", len(waiting), error)
        self._database.close()


def _keep_session(connection: sa.Connection, session: str, moment: str, state: Mapping[str, Any] | None) -> None:
    changes: dict[str, Any] = {"updated": moment}
    if state is not None:
        changes["state"] = dict(state)
    if not connection.execute(sessions.update().where(sessions.c.id == session).values(changes)).rowcount:
        connection.execute(sessions.insert().values({"id": session, "created": moment, **changes}))


def _delete_sessions(connection: sa.Connection, ids: Sequence[str]) -> None:
    """The rows of the sessions and, by cascade, all that hangs on them."""
    for session in ids:
        connection.execute(sessions.delete().where(sessions.c.id == session))


def _exists(connection: sa.Connection, response_id: str) -> bool:
    return connection.scalar(sa.select(turns.c.id).where(turns.c.response_id == response_id)) is not None


def _update(adapter: str, update_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(updates.c.adapter == adapter, updates.c.update_id == update_id)


def _days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
