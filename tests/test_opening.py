"""A start on a database that cannot be used: what people are told, and that the chat goes on where it can."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatbot import config
from chatbot.app.logs import log_into
from chatbot.app.opening import GOING_ON, WAITING, open_or_do_without, open_patiently, open_store, told
from chatbot.config import Loaded
from chatbot.errors import StoreError
from chatbot.store import MemoryStore
from chatbot.store.sql import SqlStore
from chatbot.types import Response, Source, Turn, Utterance

HANGUL = r"[가-힣]"


def turn(text: str) -> Turn:
    return Turn(Utterance(text, text, "s", text), Response(text, "네", Source.TEMPLATE, "test", id=text))


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    settings = tmp_path / "config.yaml"
    settings.write_text("paths: {data: data}\n", encoding="utf-8")
    return config.load(settings)


@pytest.fixture
def database(loaded: Loaded) -> Path:
    """The file of a database that has been used."""
    store = open_store(loaded)
    store.append(turn("전에 한 말"), {"count": 1})
    store.close()
    return loaded.data_dir / "chatbot.db"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 400 kB, mounted where `loaded` keeps its data."""
    disk = tmp_path / "data"
    disk.mkdir()
    if os.geteuid() or sys.platform != "linux":
        pytest.skip("mounting needs root on Linux")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("this container may not mount")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=False)


def lock(database: Path, how: str) -> sqlite3.Connection:
    """Hold the database as another program would."""
    holder = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    if how == "EXCLUSIVE":  # keeps readers out, too
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute(f"BEGIN {how}")
    holder.execute("UPDATE sessions SET updated = updated")
    return holder


def test_a_database_that_another_program_writes_can_be_opened_read_and_remembered_over(
    loaded: Loaded, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatbot.store.database.BUSY_SECONDS", 0.3)
    holder = lock(database, "IMMEDIATE")
    said: list[str] = []
    started = time.monotonic()
    store = open_or_do_without(loaded, said.append)
    assert time.monotonic() - started < 0.3 and said == [], "nothing needs writing at the start"
    assert store.recall("s", 6).state == {"count": 1}
    store.append(turn("새 말"), {"count": 2}, store.recall("s", 6).version)
    assert store.recall("s", 6).state == {"count": 2}
    holder.execute("ROLLBACK")
    holder.close()
    store.close()
    again = open_store(loaded)
    assert [kept.utterance.raw for kept in again.history("s", 9)] == ["전에 한 말", "새 말"]
    again.close()


def test_a_closed_database_is_waited_for_with_a_word(
    loaded: Loaded, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatbot.store.database.BUSY_SECONDS", 0.2)
    holder = lock(database, "EXCLUSIVE")
    leaving = threading.Timer(0.7, holder.close)
    leaving.start()
    said: list[str] = []
    store = open_patiently(loaded, said.append, patience=20)
    assert said == [WAITING]
    assert store.recall("s", 6).state == {"count": 1}
    store.close()
    leaving.join()


def test_waiting_has_an_end_and_the_chat_goes_on_without_memory(
    loaded: Loaded, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatbot.store.database.BUSY_SECONDS", 0.1)
    holder = lock(database, "EXCLUSIVE")
    said: list[str] = []
    store = open_or_do_without(loaded, said.append, patience=0.3)
    assert isinstance(store, MemoryStore)
    assert said[0] == WAITING
    assert str(database) in said[1] and "닫고" in said[1] and said[1].endswith(GOING_ON)
    holder.close()


def test_a_damaged_file_is_named_with_a_command_that_moves_it_aside(loaded: Loaded, database: Path) -> None:
    database.write_bytes(b"\x00garbage" * 2000)
    database.with_name("chatbot.db-wal").write_bytes(b"old")
    said: list[str] = []
    assert isinstance(open_or_do_without(loaded, said.append), MemoryStore)
    assert "깨졌거나" in said[0]
    (command,) = [line.strip() for line in said[0].splitlines() if line.strip().startswith("mkdir")]
    subprocess.run(command, shell=True, check=True)
    aside = database.with_name("chatbot-broken")
    assert (aside / "chatbot.db").exists() and not list(database.parent.glob("chatbot.db*"))
    assert isinstance(open_store(loaded), SqlStore), "and then it works"


def test_pages_damaged_in_the_middle_cost_the_old_memory_not_the_new(loaded: Loaded, database: Path) -> None:
    store = open_store(loaded)
    for n in range(200):
        store.append(turn("긴 말 " * 100 + str(n)), {"count": n})
    store.close()
    pages = bytearray(database.read_bytes())
    pages[20_000:] = os.urandom(len(pages) - 20_000)
    database.write_bytes(pages)
    store = open_store(loaded)
    store.append(turn("지금 한 말"), {"count": 1, "name": "민수"})
    assert store.recall("s", 6).state == {"count": 1, "name": "민수"}


@pytest.mark.parametrize("trouble", ["full", "read-only", "no folder"])
def test_a_disk_that_takes_nothing_is_told_in_korean(small_disk: Path, loaded: Loaded, trouble: str) -> None:
    if trouble == "full":
        with pytest.raises(OSError, match="No space"):
            (small_disk / "filler").write_bytes(b"x" * 500_000)
    else:
        if trouble == "read-only":
            open_store(loaded).close()
        subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    if trouble == "no folder":
        loaded.config.paths.__dict__["data"] = small_disk / "deeper"
    said: list[str] = []
    store = open_or_do_without(loaded, said.append)
    assert isinstance(store, MemoryStore)
    assert {"full": "자리를 비우고", "read-only": "권한", "no folder": "권한"}[trouble] in said[0]
    assert store.append(turn("말"), {"count": 1}) == 1


def test_every_trouble_has_words_without_a_password(loaded: Loaded) -> None:
    away = "postgresql+psycopg://me:very-secret@127.0.0.1:1/chat"
    with pytest.raises(StoreError) as raised:
        SqlStore(away)
    assert raised.value.trouble == "away"
    assert "연결할 수 없어요" in told(raised.value) and "very-secret" not in told(raised.value)
    assert "store.url" in told(StoreError("store.url: no such thing"))


def test_log_lines_go_into_the_file_and_nowhere_else(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    root, path = logging.getLogger(), tmp_path / "new" / "chatbot.log"
    before = list(root.handlers)
    try:
        log_into(path)
        assert not path.exists(), "nothing happened yet"
        logging.getLogger("chatbot.store").warning("the database is locked")
        assert "the database is locked" in path.read_text(encoding="utf-8")
        log_into(path / "a file is no folder" / "chatbot.log")
        logging.getLogger("chatbot.store").warning("nowhere to go")
    finally:
        root.handlers[:] = before
        logging.captureWarnings(False)
    assert capfd.readouterr() == ("", "")
