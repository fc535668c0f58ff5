"""The first form: sessions, turns, feedback, choices, seen updates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("updated", sa.String(32), nullable=False),
        sa.Column("state", sa.JSON, nullable=True),
    )
    op.create_index("ix_sessions_updated", "sessions", ["updated"])
    op.create_table(
        "turns",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("session", sa.String(200), sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("utterance_id", sa.String(64), nullable=False),
        sa.Column("response_id", sa.String(64), nullable=False),
        sa.Column("raw", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("intent", sa.String(100), nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("reply_key", sa.String(120), nullable=False),
        sa.Column("candidates", sa.JSON, nullable=False),
        sa.Column("latency_ms", sa.Float, nullable=False),
        sa.Column("reviewed", sa.String(40), nullable=True),
        sa.UniqueConstraint("session", "seq", name="uq_turns_session_seq"),
        sa.UniqueConstraint("response_id", name="uq_turns_response_id"),
    )
    for column in ("time", "source", "reply_key"):
        op.create_index(f"ix_turns_{column}", "turns", [column])
    for table, extra in (
        (
            "feedback",
            [sa.Column("value", sa.Integer, nullable=False), sa.Column("correction", sa.Text, nullable=False)],
        ),
        ("choices", [sa.Column("offered", sa.JSON, nullable=False), sa.Column("chosen", sa.Text, nullable=False)]),
    ):
        link = sa.ForeignKey("turns.response_id", ondelete="CASCADE")
        op.create_table(
            table,
            sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
            sa.Column("response_id", sa.String(64), link, nullable=False),
            sa.Column("time", sa.String(32), nullable=False),
            *extra,
        )
        op.create_index(f"ix_{table}_response_id", table, ["response_id"])
    op.create_table(
        "seen_updates",
        sa.Column("adapter", sa.String(20), primary_key=True),
        sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("time", sa.String(32), nullable=False),
    )
    op.create_index("ix_seen_updates_time", "seen_updates", ["time"])


def downgrade() -> None:
    for table in ("seen_updates", "choices", "feedback", "turns", "sessions"):
        op.drop_table(table)
