"""Databases for the store's tests: SQLite in a file, and a real PostgreSQL server.

The server is the one that `CHATBOT_TEST_POSTGRES` names (postgresql+psycopg://user@host:port/database, a database that
the tests may empty), else one of our own on a free port of loopback, where `initdb` is found (Debian: `apt-get install
postgresql`; it runs as user postgres when the tests run as root). Without either, and without the extra ``postgres``,
the tests over PostgreSQL are skipped.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from chatbot.store import MemoryStore, Store
from chatbot.store.sql import SqlStore


def _binary(name: str) -> str | None:
    found = shutil.which(name)
    return found or next((str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running server."""
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("the extra postgres is not installed")
    named = os.environ.get("CHATBOT_TEST_POSTGRES")
    if named:
        yield named
        return
    initdb, control = _binary("initdb"), _binary("pg_ctl")
    if initdb is None or control is None:
        pytest.skip("no PostgreSQL: set CHATBOT_TEST_POSTGRES or install the server")
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="chatbot-postgres-"))
    if user:
        shutil.chown(folder, "postgres", "postgres")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True, "cwd": folder, **user}
    port, data = _free_port(), str(folder / "data")
    subprocess.run([initdb, "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"], **quiet)
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    subprocess.run([control, "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start"], **quiet)
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([control, "-D", data, "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(postgres_server: str) -> str:
    """The URL of an empty database."""
    engine = sa.create_engine(postgres_server)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return postgres_server


@pytest.fixture
def url(tmp_path: Path) -> str:
    """SQLite in a file."""
    return f"sqlite:///{tmp_path / 'chat.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def any_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    name = "url" if request.param == "sqlite" else "postgres"
    return str(request.getfixturevalue(name))


@pytest.fixture(params=["sqlite", "postgres", "memory"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store of each kind."""
    if request.param == "memory":
        yield MemoryStore()
        return
    name = "url" if request.param == "sqlite" else "postgres"
    opened = SqlStore(str(request.getfixturevalue(name)))
    yield opened
    opened.close()
