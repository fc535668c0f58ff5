"""The store when things go wrong: kills, several writers, a locked file, a full database, a full disk."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from chatbot.errors import StoreUnavailableError
from chatbot.store import Received
from chatbot.store.sql import SqlStore
from chatbot.types import Response, Source, Turn, Utterance

WRITER = textwrap.dedent(
    """
    import sys
    from chatbot.store.sql import SqlStore
    from chatbot.types import Response, Source, Turn, Utterance
    url, session, prefix, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    store = SqlStore(url)
    for n in range(count):
        name = f"{prefix}-{n}"
        said = Utterance(name, name, session, name)
        response = Response(name, f"reply {name}", Source.TEMPLATE, "test", id=name)
        row = store.append(Turn(said, response), {"count": n + 1})
        assert row, "the turn was not kept"
        print(name, flush=True)
    """
)
# Holds the write lock for so many seconds, as another program would.
HOLDER = textwrap.dedent(
    """
    import sqlite3, sys, time
    connection = sqlite3.connect(sys.argv[1], isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
    connection.execute("ROLLBACK")
    """
)


def turn(text: str, id_: str, session: str = "s") -> Turn:
    said = Utterance(text, text, session, id_)
    return Turn(said, Response(text, "네", Source.TEMPLATE, "test", confidence=0.9, id=id_))


def raws(store: SqlStore, session: str = "s") -> list[str]:
    return [kept.utterance.raw for kept in store.history(session, 5000)]


def write(url: str, session: str, prefix: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, url, session, prefix, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def hold(url: str) -> Iterator:
    """Start another process that holds the lock of the SQLite file."""
    holders: list[subprocess.Popen[str]] = []

    def start(seconds: float) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", HOLDER, url.removeprefix("sqlite:///"), str(seconds)]
        holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        holders.append(holder)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        return holder

    yield start
    for holder in holders:
        holder.kill()
        holder.wait()
        assert holder.stdout is not None
        holder.stdout.close()


def test_a_lock_of_a_moment_is_waited_for(url: str, hold) -> None:
    store = SqlStore(url)
    hold(0.6)
    assert store.append(turn("기다림", "a")) > 0
    assert raws(SqlStore(url)) == ["기다림"]


def test_a_lock_of_seconds_costs_time_once_and_no_turn(
    url: str, hold, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("chatbot.store.database.BUSY_SECONDS", 0.5)
    store, other = SqlStore(url), SqlStore(url)
    store.append(turn("먼저", "0"), {"count": 1})
    holder = hold(30)
    started = time.monotonic()
    for n in range(1, 4):
        assert store.append(turn(f"말 {n}", str(n)), {"count": n + 1}) == 0
    assert time.monotonic() - started < 1.5  # half a second, then a tenth each
    assert store.load_state("s") == {"count": 4}
    assert raws(store) == ["먼저", "말 1", "말 2", "말 3"]
    assert raws(other) == ["먼저"]
    assert [r.getMessage().count("locked") for r in caplog.records] == [1], "one line for one outage"
    holder.kill()
    holder.wait()
    assert store.append(turn("말 4", "4"), {"count": 5}) > 0
    assert raws(other) == ["먼저", "말 1", "말 2", "말 3", "말 4"]
    assert other.load_state("s") == {"count": 5}


def test_what_waited_is_written_when_the_store_closes(url: str, hold, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatbot.store.database.BUSY_SECONDS", 0.1)
    store = SqlStore(url)
    holder = hold(30)
    store.append(turn("막힘", "a"))
    holder.kill()
    holder.wait()
    store.close()
    assert raws(SqlStore(url)) == ["막힘"]


def test_what_is_forgotten_while_locked_does_not_come_back(url: str, hold, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatbot.store.database.BUSY_SECONDS", 0.1)
    store = SqlStore(url)
    holder = hold(30)
    store.append(turn("비밀", "a"))
    store.append(turn("남길 말", "b", session="other"))
    with pytest.raises(StoreUnavailableError, match=r"chat\.db.*locked"):
        store.forget("s")
    holder.kill()
    holder.wait()
    store.append(turn("새 말", "c", session="other"))
    assert raws(store) == []
    assert raws(store, "other") == ["남길 말", "새 말"]


def test_a_full_database_loses_nothing_that_was_there_and_remembers_what_it_cannot_keep(url: str) -> None:
    store = SqlStore(url)
    store.append(turn("있던 말", "a"))
    with store._database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 1}")
    rows = [store.append(turn("가득" * 5000, f"big{n}")) for n in range(10)]
    assert 0 in rows, "the database never filled up"
    assert len(raws(store)) == 11
    assert raws(store)[0] == "있던 말"
    with pytest.raises(StoreUnavailableError, match="full"):
        store.receive("telegram", [Received(1, "가득" * 50_000, {})])


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="mounting a small disk needs root on Linux")
def test_a_full_disk_is_survived_and_written_once_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True)
    if mount.returncode:
        pytest.skip("this container may not mount")
    try:
        store = SqlStore(f"sqlite:///{disk / 'chat.db'}")
        store.append(turn("있던 말", "a"))
        filler = disk / "filler"
        with pytest.raises(OSError, match="No space"):
            filler.write_bytes(b"x" * 2_000_000)
        assert store.append(turn("가득", "b")) == 0
        assert raws(store) == ["있던 말", "가득"]
        filler.unlink()
        assert store.append(turn("다시", "c")) > 0
        store.close()
        assert raws(SqlStore(f"sqlite:///{disk / 'chat.db'}")) == ["있던 말", "가득", "다시"]
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def test_many_threads_write_their_own_sessions_in_order(any_url: str) -> None:
    store = SqlStore(any_url)

    def talk(name: str) -> None:
        for n in range(20):
            store.append(turn(f"{name}-{n}", f"{name}-{n}", session=name), {"count": n + 1})

    threads = [threading.Thread(target=talk, args=(f"t{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(8):
        assert raws(store, f"t{number}") == [f"t{number}-{n}" for n in range(20)]
        assert store.load_state(f"t{number}") == {"count": 20}
    store.close()


def test_a_database_that_went_away_is_no_error_of_ours(postgres: str) -> None:
    store = SqlStore(postgres)
    store.append(turn("먼저", "a"), {"count": 1})
    engine = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:  # as if the server had restarted: every other connection is cut
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
    engine.dispose()
    assert store.append(turn("다음", "b"), {"count": 2}) > 0
    assert raws(store) == ["먼저", "다음"]


@pytest.mark.slow
def test_two_processes_write_one_session_in_order(any_url: str) -> None:
    writers = [write(any_url, "shared", name, 60) for name in ("a", "b")]  # both migrate the empty database, too
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    kept = raws(SqlStore(any_url), "shared")
    assert len(kept) == 120
    for name in ("a", "b"):
        assert [raw for raw in kept if raw.startswith(name)] == [f"{name}-{n}" for n in range(60)]


@pytest.mark.slow
def test_kill_in_the_middle_of_a_thousand_turns_loses_at_most_the_one_in_flight(any_url: str) -> None:
    rng = random.Random(7)
    for round_ in range(3):
        writer = write(any_url, f"s{round_}", f"t{round_}", 1000)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(rng.uniform(0.02, 0.2))
        os.kill(writer.pid, signal.SIGKILL)
        said = 1 + len([line for line in writer.stdout.read().splitlines() if line])
        writer.stdout.close()
        writer.wait()
        store = SqlStore(any_url)
        kept = raws(store, f"s{round_}")
        assert said < 1000, "the kill came too late to prove anything"
        assert said <= len(kept) <= said + 1
        assert kept == [f"t{round_}-{n}" for n in range(len(kept))]
        assert store.load_state(f"s{round_}") == {"count": len(kept)}
        store.close()


def test_a_locked_file_can_still_be_read(url: str) -> None:
    store = SqlStore(url)
    store.append(turn("읽을 말", "a"), {"count": 1})
    blocker = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    assert raws(store) == ["읽을 말"]
    assert store.load_state("s") == {"count": 1}
    assert time.monotonic() - started < 0.5
    blocker.execute("ROLLBACK")
    blocker.close()
