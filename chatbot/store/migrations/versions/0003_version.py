"""A session's state has a version, so that of two processes that answer in one session neither undoes the other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("sessions", sa.Column("version", sa.BigInteger, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("sessions", "version")
