"""Bring a database to the newest form with Alembic. In: an open connection. Knows nothing of what the tables mean."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

SCRIPTS = Path(__file__).resolve().parent / "migrations"
# Any number, the same in every process: whoever holds PostgreSQL's lock of this number migrates, the others wait.
LOCK = 7_305_114


def is_newest(connection: sa.Connection) -> bool:
    """Whether the database has the newest form already; only looks, so that it need not wait for a lock."""
    return _current(connection) == _scripts()[1].get_current_head()


def upgrade(connection: sa.Connection, target: str = "head") -> None:
    """Run the migrations up to `target` inside the connection's transaction, so that two processes do it once."""
    if connection.dialect.name == "postgresql":  # SQLite's writers wait for one another anyway
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
    config, scripts = _scripts()
    if target == "head" and _current(connection) == scripts.get_current_head():
        return
    with EnvironmentContext(
        config, scripts, fn=lambda revision, _: scripts._upgrade_revs(target, revision)
    ) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()


def _scripts() -> tuple[Config, ScriptDirectory]:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config, ScriptDirectory.from_config(config)


def _current(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
