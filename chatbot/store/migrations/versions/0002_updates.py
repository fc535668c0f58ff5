"""Updates of messengers are kept until they are answered, so that a kill loses none and answers none twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "updates",
        sa.Column("adapter", sa.String(40), primary_key=True),
        sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("about", sa.JSON, nullable=True),
    )
    for column in ("time", "status"):
        op.create_index(f"ix_updates_{column}", "updates", [column])
    op.execute(
        "INSERT INTO updates (adapter, update_id, time, status, part, text) "
        "SELECT adapter, update_id, time, 'done', 0, '' FROM seen_updates"
    )
    op.drop_table("seen_updates")


def downgrade() -> None:
    op.create_table(
        "seen_updates",
        sa.Column("adapter", sa.String(40), primary_key=True),
        sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("time", sa.String(32), nullable=False),
    )
    op.create_index("ix_seen_updates_time", "seen_updates", ["time"])
    op.execute("INSERT INTO seen_updates SELECT adapter, update_id, time FROM updates")
    op.drop_table("updates")
