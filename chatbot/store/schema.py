"""The tables. One row a turn; what was offered, chosen, liked and reviewed hangs on it. Times are UTC, ISO 8601."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# `version` is another number after every change of the state: who writes names the one that they read.
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("created", sa.String(32), nullable=False),
    sa.Column("updated", sa.String(32), nullable=False, index=True),
    sa.Column("state", sa.JSON, nullable=True),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
)

turns = sa.Table(
    "turns",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("session", sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("time", sa.String(32), nullable=False, index=True),
    sa.Column("utterance_id", sa.String(64), nullable=False),
    sa.Column("response_id", sa.String(64), nullable=False, unique=True),
    sa.Column("raw", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("reply", sa.Text, nullable=False),
    sa.Column("source", sa.String(20), nullable=False, index=True),
    sa.Column("intent", sa.String(100), nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("reply_key", sa.String(120), nullable=False, index=True),
    sa.Column("candidates", sa.JSON, nullable=False),
    sa.Column("latency_ms", sa.Float, nullable=False),
    sa.Column("reviewed", sa.String(40), nullable=True),
    sa.UniqueConstraint("session", "seq", name="uq_turns_session_seq"),
)

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("response_id", sa.ForeignKey("turns.response_id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("time", sa.String(32), nullable=False),
    sa.Column("value", sa.Integer, nullable=False),
    sa.Column("correction", sa.Text, nullable=False),
)

choices = sa.Table(
    "choices",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("response_id", sa.ForeignKey("turns.response_id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("time", sa.String(32), nullable=False),
    sa.Column("offered", sa.JSON, nullable=False),
    sa.Column("chosen", sa.Text, nullable=False),
    sa.Column("source", sa.String(20), nullable=False, server_default=""),
    sa.Column("target", sa.Text, nullable=False, server_default=""),
    sa.Column("reply", sa.Text, nullable=False, server_default=""),
)

# What messengers brought: "waiting" until it is answered, "sending" while part `part` of the answer is on its way,
# "done" after that, with its text gone. A row outlives its answer, so that an update that comes again is known.
updates = sa.Table(
    "updates",
    metadata,
    sa.Column("adapter", sa.String(40), primary_key=True),
    sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("time", sa.String(32), nullable=False, index=True),
    sa.Column("status", sa.String(10), nullable=False, index=True),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("about", sa.JSON, nullable=True),
)
