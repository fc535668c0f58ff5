"""Conversations in a database (SQLite, or any SQLAlchemy URL). In: turns. Out: turns, after a kill too.

A turn that `append` gave a row id for survives `kill -9`. Several threads and several processes may use one database
at once; order within a session is kept by a counter, and a state is written over the one that it grew out of and over
no other. A database that takes nothing for a while costs no memory of the conversation: turns wait in a backlog.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from chatbot.errors import StaleStateError, StoreError, StoreUnavailableError
from chatbot.store import schema
from chatbot.store.backlog import Backlog, Unkept
from chatbot.store.database import Database
from chatbot.store.migrate import is_newest, upgrade
from chatbot.store.protocol import Chosen, Note, Received, Remembered, ReviewItem, Thought
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
# Seconds.
DAY = 24 * 3600.0

# Statements of every message, built once.
_THIS_UPDATE = sa.and_(updates.c.adapter == sa.bindparam("of"), updates.c.update_id == sa.bindparam("this"))
_UPDATE_GOES_ON = updates.update().where(_THIS_UPDATE).values(status=sa.bindparam("now"), part=sa.bindparam("place"))
_UPDATE_IS_DONE = updates.update().where(_THIS_UPDATE).values(status="done", text="", about=sa.null())
_KNOWN_UPDATES = sa.select(updates.c.update_id).where(
    updates.c.adapter == sa.bindparam("of"), updates.c.update_id.in_(sa.bindparam("these", expanding=True))
)
_THIS_TURN = sa.select(turns.c.id).where(turns.c.response_id == sa.bindparam("response"))
_TURN_AND_NEXT_PLACE = sa.select(
    _THIS_TURN.scalar_subquery(),
    sa.select(sa.func.coalesce(sa.func.max(turns.c.seq), 0) + 1)
    .where(turns.c.session == sa.bindparam("of"))
    .scalar_subquery(),
)
_LATEST = (
    sa.select(turns)
    .where(turns.c.session == sa.bindparam("of"))
    .order_by(turns.c.seq.desc())
    .limit(sa.bindparam("count"))
)
_STATE = sa.select(sessions.c.state, sessions.c.version).where(sessions.c.id == sa.bindparam("of"))
_STATE_LOCKED = _STATE.with_for_update()  # SQLite's writers have the database to themselves anyway
_TOUCH = sessions.update().where(sessions.c.id == sa.bindparam("of")).values(updated=sa.bindparam("moment"))
_OVERWRITE = _TOUCH.values(
    state=sa.bindparam("after", type_=sessions.c.state.type), version=sa.bindparam("then", type_=sa.BigInteger)
)
_REMEMBER = _OVERWRITE.where(sessions.c.version == sa.bindparam("seen"))


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
        self._closed = threading.Event()
        with self._database.read() as connection:
            newest = is_newest(connection)
        if not newest:
            with self._database.write() as connection:
                upgrade(connection)

    def append(self, turn: Turn, state: Mapping[str, Any] | None = None, seen: int | None = None) -> int:
        """See `Store`."""
        new = Unkept(turn, state, seen, _new_version())
        try:
            self._flush()
            return self._in_order(lambda connection: self._append(connection, new))
        except StoreUnavailableError as error:
            if not self._backlog:
                log.warning("conversations are kept in memory until the database can be written: %s", error)
            self._backlog.add(new)
            return 0

    def _flush(self) -> None:
        """Write what waits, if anything does."""
        if not self._backlog:
            return
        with self._flushing:
            waiting = self._backlog.all()
            self._in_order(lambda connection: [self._append(connection, unkept, late=True) for unkept in waiting])
            self._backlog.drop(waiting)

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

    def _append(self, connection: sa.Connection, unkept: Unkept, late: bool = False) -> int:
        """The id of the turn's row. One that comes `late` was answered long ago and cannot be thought again: where its
        session has moved on, its state gives way; where its session was forgotten, it is forgotten as well.
        """
        turn, moment = unkept.turn, now()
        session = turn.utterance.session
        row = {**row_of(turn, self._clean), "session": session, "time": moment}
        if not _keep_session(connection, session, moment, unkept.state, unkept.seen, unkept.version):
            kept = connection.scalar(_THIS_TURN, {"response": row["response_id"]})
            if kept is not None:
                return int(kept)
            if not late:
                raise StaleStateError(f"{self.where}: another process wrote {session}")
            if not connection.execute(_TOUCH, {"of": session, "moment": moment}).rowcount:
                return 0
        known, place = connection.execute(_TURN_AND_NEXT_PLACE, {"response": row["response_id"], "of": session}).one()
        if known is not None:
            return int(known)
        key = connection.execute(turns.insert(), {**row, "seq": place, "reviewed": None}).inserted_primary_key
        assert key is not None
        return int(key[0])

    def _clean(self, text: str) -> str:
        """Masked, and without what a database refuses (lone surrogates, NUL)."""
        return self._mask(text).encode("utf-8", "replace").decode().replace("\x00", "")

    def recall(self, session: str, limit: int) -> Remembered:
        """See `Store`."""
        waiting = [unkept for unkept in self._backlog.of(session) if unkept.state is not None]
        if waiting:
            return Remembered(waiting[-1].state, self.history(session, limit), waiting[-1].version)
        with self._database.read() as connection:
            return _remembered(connection, _STATE, session, limit)

    def settle(self, session: str, limit: int, think: Thought) -> int:
        """See `Store`."""
        self._flush()

        def work(connection: sa.Connection) -> int:
            known = _remembered(connection, _STATE_LOCKED, session, limit)
            return self._append(connection, Unkept(*think(known), known.version, _new_version()))

        return self._in_order(work)

    def history(self, session: str, limit: int) -> list[Turn]:
        """See `Store`."""
        waiting = [unkept.turn for unkept in self._backlog.of(session)]
        rows: Sequence[sa.Row[Any]] = []
        try:
            with self._database.read() as connection:
                rows = connection.execute(_LATEST, {"of": session, "count": limit}).all()
        except StoreUnavailableError:
            if not waiting:  # a server that is away can neither be read; what waits is then all that is known
                raise
        return [*(turn_of(row) for row in reversed(rows)), *waiting][-limit:] if limit else []

    def spoken(self, response_id: str) -> Turn | None:
        """See `Store`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(turns).where(turns.c.response_id == response_id)).one_or_none()
        return turn_of(row) if row is not None else None

    def load_state(self, session: str) -> dict[str, Any] | None:
        """See `Store`."""
        state = self.recall(session, 0).state
        return dict(state) if state is not None else None

    def save_state(self, session: str, state: Mapping[str, Any], seen: int | None = None) -> None:
        """See `Store`."""
        self._flush()
        version = _new_version()

        def keep(connection: sa.Connection) -> None:
            if not _keep_session(connection, session, now(), state, seen, version):
                raise StaleStateError(f"{self.where}: another process wrote {session}")

        self._in_order(keep)

    def reset_state(self, session: str) -> None:
        """See `Store`."""
        self._backlog.forget(session)
        with self._database.write() as connection:
            anew = {"state": sa.null(), "version": _new_version()}
            connection.execute(sessions.update().where(sessions.c.id == session).values(anew))

    def forget(self, session: str) -> int:
        """See `Store`."""
        waiting = self._backlog.forget(session)
        with self._database.write() as connection:
            count = connection.scalar(sa.select(sa.func.count()).where(turns.c.session == session)) or 0
            _delete_sessions(connection, [session])
        self._erase()
        return int(count) + waiting

    def _erase(self) -> None:
        if not self._database.erase():
            log.warning("%s is read at this moment; what was deleted leaves its log later", self.where)

    def purge(self, older_than_days: int) -> int:
        """Delete conversations that were last touched longer ago; returns how many turns went. 0 days deletes none.

        Takes no lock while there is nothing to delete.
        """
        before = _days_ago(older_than_days) if older_than_days else ""
        old_updates = sa.or_(
            sa.and_(updates.c.time < _days_ago(UPDATE_DAYS), updates.c.status == "done"),
            updates.c.time < min(before, _days_ago(UPDATE_DAYS)),  # nobody will answer it any more
        )
        old_sessions = sa.select(sessions.c.id).where(sessions.c.updated < before)
        with self._database.read() as connection:
            anything = connection.scalar(sa.select(old_sessions.exists() | sa.exists().where(old_updates)))
        if not anything:
            return 0
        with self._database.write() as connection:
            connection.execute(updates.delete().where(old_updates))
            stale = list(connection.scalars(old_sessions))
            count = connection.scalar(sa.select(sa.func.count()).where(turns.c.session.in_(stale))) if stale else 0
            _delete_sessions(connection, stale)
        self._erase()
        return int(count or 0)

    def purge_daily(self, older_than_days: int, every: float = DAY) -> None:
        """`purge` every so many seconds, as a bot that runs for months must, until the store is closed."""

        def work() -> None:
            while not self._closed.wait(every):
                try:
                    self.purge(older_than_days)
                except StoreError as error:
                    log.warning("old conversations are not deleted: %s", error)

        threading.Thread(target=work, name="retention", daemon=True).start()

    def feedback(self, response_id: str, value: int, correction: str = "") -> None:
        """See `Store`."""
        values = {"response_id": response_id, "time": now(), "value": value, "correction": self._clean(correction)}
        with self._database.write() as connection:
            if _exists(connection, response_id):
                same = sa.and_(feedback.c.response_id == response_id, feedback.c.correction == "")
                if not correction:
                    connection.execute(feedback.delete().where(same))
                connection.execute(feedback.insert().values(values))

    def choice(self, response_id: str, offered: Sequence[str], chosen: Chosen) -> None:
        """See `Store`."""
        values = {"response_id": response_id, "time": now(), "offered": list(offered), "chosen": chosen.label}
        values |= {"source": chosen.source, "target": chosen.id, "reply": self._clean(chosen.reply)}
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

    def receive(self, adapter: str, updates: Sequence[Received]) -> set[int]:
        """See `Store`."""
        moment = now()
        rows = {
            update.update_id: {
                "adapter": adapter,
                "update_id": update.update_id,
                "time": moment,
                "status": "waiting",
                "part": 0,
                "text": self._clean(update.text),
                "about": dict(update.about),
            }
            for update in updates
        }

        def keep(connection: sa.Connection) -> set[int]:
            known = set(connection.scalars(_KNOWN_UPDATES, {"of": adapter, "these": list(rows)}))
            new = [row for number, row in rows.items() if number not in known]
            if new:
                connection.execute(schema.updates.insert(), new)
            return rows.keys() - known

        return self._in_order(keep)

    def note(self, adapter: str, notes: Sequence[Note]) -> None:
        """See `Store`."""
        going = [
            {"of": adapter, "this": n.update_id, "now": n.status, "place": n.part} for n in notes if n.status != "done"
        ]
        done = [{"of": adapter, "this": n.update_id} for n in notes if n.status == "done"]
        with self._database.write() as connection:
            if going:
                connection.execute(_UPDATE_GOES_ON, going)
            if done:
                connection.execute(_UPDATE_IS_DONE, done)

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
        self._closed.set()
        try:
            self._flush()
        except StoreError as error:
            log.warning("%d turns are lost: %s", len(self._backlog), error)
        self._database.close()


def _remembered(connection: sa.Connection, query: sa.Select[Any], session: str, limit: int) -> Remembered:
    found = connection.execute(query, {"of": session}).one_or_none()
    if found is None or not found.state:
        return Remembered(version=found.version if found else 0)
    rows = connection.execute(_LATEST, {"of": session, "count": limit}).all()
    return Remembered(found.state, [turn_of(row) for row in reversed(rows)], found.version)


def _keep_session(
    connection: sa.Connection,
    session: str,
    moment: str,
    state: Mapping[str, Any] | None,
    seen: int | None,
    version: int,
) -> bool:
    """Write the state of a session, or touch it where there is none; False when the version there is not `seen`."""
    values: dict[str, Any] = {"of": session, "moment": moment}
    if state is None:
        found = connection.execute(_TOUCH, values).rowcount
    elif seen is None:
        found = connection.execute(_OVERWRITE, {**values, "after": dict(state), "then": version}).rowcount
    else:
        after = {**values, "after": dict(state), "then": version, "seen": seen}
        found = connection.execute(_REMEMBER, after).rowcount
    if found:
        return True
    if state is not None and (seen or (seen == 0 and connection.execute(_STATE, {"of": session}).one_or_none())):
        return False
    new = {"id": session, "created": moment, "updated": moment, "version": version}
    connection.execute(sessions.insert().values(**new, state=dict(state) if state is not None else sa.null()))
    return True


def _new_version() -> int:
    """A number that no other process takes, nor this one for a session that was forgotten and began again."""
    return secrets.randbits(62) + 1


def _delete_sessions(connection: sa.Connection, ids: Sequence[str]) -> None:
    """The rows of the sessions and, by cascade, all that hangs on them."""
    for session in ids:
        connection.execute(sessions.delete().where(sessions.c.id == session))


def _exists(connection: sa.Connection, response_id: str) -> bool:
    return connection.scalar(sa.select(turns.c.id).where(turns.c.response_id == response_id)) is not None


def _days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
