"""The store keeps what it returned from: through kills, two writers, a full disk and a locked file."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from chatbot.errors import StoreError
from chatbot.store import MemoryStore, Store
from chatbot.store.migrate import upgrade
from chatbot.store.schema import metadata
from chatbot.store.sql import SqlStore
from chatbot.types import Candidate, Response, Source, Turn, Utterance

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
        store.append(Turn(said, Response(name, f"reply {name}", Source.TEMPLATE, "test", id=name)), {"count": n + 1})
        print(name, flush=True)
    """
)


def turn(text: str, id_: str, session: str = "s", reply: str = "네", **response: object) -> Turn:
    said = Utterance(text, text, session, id_)
    values: dict = {"source": Source.TEMPLATE, "reason": "test", "confidence": 0.9, **response}
    return Turn(said, Response(text, reply, id=id_, **values))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'chat.db'}"


@pytest.fixture(params=["sql", "memory"])
def store(request: pytest.FixtureRequest, url: str) -> Store:
    return SqlStore(url) if request.param == "sql" else MemoryStore()


def test_what_went_in_comes_out_in_order(store: Store) -> None:
    for n in range(5):
        store.append(turn(f"말 {n}", f"id{n}"), {"count": n + 1})
    assert [t.utterance.raw for t in store.history("s", 3)] == ["말 2", "말 3", "말 4"]
    assert store.load_state("s") == {"count": 5}
    assert store.history("other", 3) == []
    assert store.load_state("other") is None


def test_reset_keeps_the_turns_and_forget_does_not(store: Store) -> None:
    store.append(turn("하나", "a"), {"count": 1})
    store.append(turn("다른 사람", "b", session="other"), {"count": 1})
    store.reset_state("s")
    assert store.load_state("s") is None
    assert len(store.history("s", 9)) == 1
    assert store.forget("s") == 1
    assert store.history("s", 9) == []
    assert len(store.history("other", 9)) == 1


def test_an_update_is_new_once(store: Store) -> None:
    assert [store.seen("telegram", n) for n in (7, 7, 8)] == [False, True, False]


def test_everything_of_a_turn_survives_a_new_process(url: str) -> None:
    kept = turn(
        "뭐해", "x", candidates=(Candidate("a", 0.5, Source.RETRIEVAL, "k:a:1"),), said="greeting/1", intent="i"
    )
    SqlStore(url).append(kept, {"name": "민수"})
    (again,) = SqlStore(url).history("s", 5)
    assert again == kept


def test_the_same_response_is_kept_once(url: str) -> None:
    store = SqlStore(url)
    assert store.append(turn("한 번", "a")) == store.append(turn("한 번", "a"))
    assert len(store.history("s", 9)) == 1


def test_lone_surrogates_and_nul_are_kept_as_something_readable(url: str) -> None:
    store = SqlStore(url)
    store.append(turn("a\ud800b\x00c", "a"))
    assert store.history("s", 1)[0].utterance.raw == "a?bc"


def test_personal_data_is_masked_before_it_reaches_the_file(url: str, tmp_path: Path) -> None:
    store = SqlStore(url, mask=lambda text: text.replace("010-1234-5678", "[전화번호]"))
    store.append(turn("내 번호는 010-1234-5678", "a"), {"count": 1})
    store.close()
    assert all(b"1234-5678" not in path.read_bytes() for path in tmp_path.iterdir())


def test_forgotten_words_are_gone_from_the_file(url: str, tmp_path: Path) -> None:
    store = SqlStore(url)
    for n in range(30):
        store.append(turn(f"잊어야 할 비밀문장 {n}", f"id{n}"), {"count": n})
        store.feedback(f"id{n}", -1, "비밀문장 정답")
    assert store.forget("s") == 30
    store.close()
    assert all("비밀문장".encode() not in path.read_bytes() for path in tmp_path.iterdir())


def test_feedback_is_counted_by_reply(url: str) -> None:
    store = SqlStore(url)
    for n, (key, value) in enumerate([("g/1", 1), ("g/1", 1), ("g/1", -1), ("g/2", -1)]):
        store.append(turn("안녕", f"id{n}", said=key))
        store.feedback(f"id{n}", value)
    store.feedback("never-said", 1)
    assert store.reply_counts(["g/1", "g/2", "g/3"]) == {"g/1": (2, 1), "g/2": (0, 1)}


def test_review_shows_the_telling_ones_first_and_each_once(url: str) -> None:
    store = SqlStore(url)
    store.append(turn("좋은 답", "good"))
    store.append(turn("애매해", "unsure", confidence=0.3))
    store.append(turn("뭐라고", "fallback", source=Source.FALLBACK))
    store.append(turn("골랐어", "chosen", source=Source.CLARIFY))
    store.choice("chosen", ["가", "나"], "나")
    store.append(turn("틀렸어", "wrong"))
    store.feedback("wrong", -1, "맞는 답")
    items = store.for_review(10)
    assert [(item.kind, item.text, item.answer) for item in items] == [
        ("corrected", "틀렸어", "맞는 답"),
        ("chosen", "골랐어", "나"),
        ("fallback", "뭐라고", ""),
        ("unsure", "애매해", ""),
    ]
    store.mark_reviewed([item.turn_id for item in items], "skipped")
    assert store.for_review(10) == []


def test_old_conversations_are_purged(url: str) -> None:
    store = SqlStore(url)
    store.append(turn("옛날", "a", session="old"))
    store.append(turn("요즘", "b", session="new"))
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE sessions SET updated = '2020-01-01T00:00:00.000+00:00' WHERE id = 'old'")
    connection.close()
    assert store.purge(30) == 1
    assert store.history("old", 9) == []
    assert len(store.history("new", 9)) == 1


def test_migrations_make_the_tables_that_the_code_uses(url: str, tmp_path: Path) -> None:
    SqlStore(url).close()
    made = sa.inspect(sa.create_engine(url))
    plain = sa.create_engine("sqlite://")
    metadata.create_all(plain)
    wanted = sa.inspect(plain)
    for table in wanted.get_table_names():
        assert {c["name"]: str(c["type"]) for c in made.get_columns(table)} == {
            c["name"]: str(c["type"]) for c in wanted.get_columns(table)
        }, table
        assert {i["name"] for i in made.get_indexes(table)} == {i["name"] for i in wanted.get_indexes(table)}, table


def test_a_database_of_the_first_version_is_upgraded_with_its_rows(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        upgrade(connection, "0001")
        connection.exec_driver_sql("INSERT INTO sessions VALUES ('s', '2026', '2026', '{\"count\": 4}')")
    engine.dispose()
    assert SqlStore(url).load_state("s") == {"count": 4}


def test_a_locked_database_is_named_with_its_remedy(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatbot.store.sql.BUSY_SECONDS", 0.2)
    store = SqlStore(url)
    blocker = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"chat\.db.*locked"):
        store.append(turn("막힘", "a"))
    blocker.execute("COMMIT")
    blocker.close()
    store.append(turn("풀림", "b"))
    assert [t.utterance.raw for t in store.history("s", 9)] == ["풀림"]


def test_a_full_database_loses_nothing_that_was_there(url: str) -> None:
    store = SqlStore(url)
    store.append(turn("있던 말", "a"))
    with store._engine.begin() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 1}")
    with pytest.raises(StoreError, match="full"):
        for n in range(100):
            store.append(turn("가득" * 5000, f"big{n}"))
    assert store.history("s", 200)[0].utterance.raw == "있던 말"


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    path.write_text("이건 데이터베이스가 아니에요" * 100)
    with pytest.raises(StoreError, match=r"chat\.db.*no SQLite database"):
        SqlStore(f"sqlite:///{path}")


def test_a_wrong_url_is_named() -> None:
    with pytest.raises(StoreError, match=r"store\.url"):
        SqlStore("no-such-thing")


def test_a_password_never_shows() -> None:
    with pytest.raises(StoreError) as raised:
        SqlStore("postgresql+nosuchdriver://me:very-secret@127.0.0.1/x")
    assert "very-secret" not in str(raised.value)


@pytest.mark.slow
def test_two_processes_write_one_session_in_order(url: str) -> None:
    SqlStore(url).close()
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, url, "shared", name, "60"], stdout=subprocess.PIPE)
        for name in ("a", "b")
    ]
    for writer in writers:
        assert writer.wait(60) == 0
        assert writer.stdout is not None
        writer.stdout.close()
    kept = [t.utterance.raw for t in SqlStore(url).history("shared", 500)]
    assert len(kept) == 120
    for name in ("a", "b"):
        assert [raw for raw in kept if raw.startswith(name)] == [f"{name}-{n}" for n in range(60)]


@pytest.mark.slow
def test_kill_in_the_middle_of_a_thousand_turns_loses_at_most_the_one_in_flight(url: str) -> None:
    rng = random.Random(7)
    for round_ in range(3):
        command = [sys.executable, "-c", WRITER, url, f"s{round_}", f"t{round_}", "1000"]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(rng.uniform(0.02, 0.3))
        os.kill(writer.pid, signal.SIGKILL)
        said = 1 + len([line for line in writer.stdout.read().splitlines() if line])
        writer.stdout.close()
        writer.wait()
        store = SqlStore(url)
        kept = store.history(f"s{round_}", 2000)
        state = store.load_state(f"s{round_}")
        assert said < 1000, "the kill came too late to prove anything"
        assert said <= len(kept) <= said + 1
        assert [t.utterance.raw for t in kept] == [f"t{round_}-{n}" for n in range(len(kept))]
        assert state == {"count": len(kept)}
        store.close()
