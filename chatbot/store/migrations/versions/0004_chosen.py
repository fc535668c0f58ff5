"""A choice says what stands behind it: the intent, the knowledge entry or the pair that answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("choices", sa.Column("source", sa.String(20), nullable=False, server_default=""))
    op.add_column("choices", sa.Column("target", sa.Text, nullable=False, server_default=""))
    op.add_column("choices", sa.Column("reply", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    for column in ("reply", "target", "source"):
        op.drop_column("choices", column)
