"""What goes into the store comes out again, in order, masked, counted and forgotten; see conftest.py for databases."""

from __future__ import annotations

import threading
import time
import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa

from chatbot.errors import StoreError
from chatbot.store import Chosen, Note, Received, Store
from chatbot.store.migrate import upgrade
from chatbot.store.schema import metadata
from chatbot.store.sql import SqlStore
from chatbot.types import Candidate, Response, Source, Turn, Utterance


def turn(text: str, id_: str, session: str = "s", reply: str = "네", **response: object) -> Turn:
    said = Utterance(text, text, session, id_)
    values: dict = {"source": Source.TEMPLATE, "reason": "test", "confidence": 0.9, **response}
    return Turn(said, Response(text, reply, id=id_, **values))


def age(url: str, table: str, where: str) -> None:
    """Make rows look old."""
    column = "updated" if table == "sessions" else "time"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {table} SET {column} = '2020-01-01T00:00:00.000+00:00' WHERE {where}")
    engine.dispose()


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
    assert [store.receive("telegram", [Received(n, "안녕", {})]) for n in (7, 7, 8)] == [{7}, set(), {8}]
    assert store.receive("telegram", [Received(n, "안녕", {}) for n in (8, 9, 9, 10)]) == {9, 10}


def test_everything_of_a_turn_survives_a_new_process(any_url: str) -> None:
    kept = turn(
        "뭐해", "x", candidates=(Candidate("a", 0.5, Source.RETRIEVAL, "k:a:1"),), said="greeting/1", intent="i"
    )
    SqlStore(any_url).append(kept, {"name": "민수"})
    (again,) = SqlStore(any_url).history("s", 5)
    assert again == kept


def test_the_same_response_is_kept_once(any_url: str) -> None:
    store = SqlStore(any_url)
    assert store.append(turn("한 번", "a")) == store.append(turn("한 번", "a"))
    assert len(store.history("s", 9)) == 1


def test_lone_surrogates_and_nul_are_kept_as_something_readable(any_url: str) -> None:
    store = SqlStore(any_url)
    store.append(turn("a\ud800b\x00c", "a"))
    assert store.history("s", 1)[0].utterance.raw == "a?bc"


def test_personal_data_is_masked_before_it_reaches_the_file(url: str, tmp_path: Path) -> None:
    store = SqlStore(url, mask=lambda text: text.replace("010-1234-5678", "[전화번호]"))
    store.append(turn("내 번호는 010-1234-5678", "a"), {"count": 1})
    store.close()
    assert all(b"1234-5678" not in path.read_bytes() for path in tmp_path.iterdir())


def traces(folder: Path, word: str) -> list[str]:
    """The files that hold a word, as text or as JSON escapes it."""
    escaped = word.encode("ascii", "backslashreplace")
    return [p.name for p in folder.iterdir() if any(w in p.read_bytes() for w in (word.encode(), escaped))]


def test_forgotten_words_are_gone_from_every_file_at_once(url: str, tmp_path: Path) -> None:
    """While the store is in use, and another program has the database open."""
    store, other = SqlStore(url), SqlStore(url)
    for n in range(40):
        said = f"비밀문장 {n} " + "길게 " * 40 * (n % 3)
        store.receive("telegram:1", [Received(n, said, {"chat": 1, "name": "비밀문장"})])
        kept = turn(said, f"id{n}", reply=said, candidates=(Candidate(said, 0.5, Source.RETRIEVAL, "c:1"),))
        store.append(kept, {"count": n, "name": "비밀문장", "plans": [{"과목": said}]})
        store.feedback(f"id{n}", -1, "비밀문장 정답")
        store.choice(f"id{n}", ["비밀문장", "나"], Chosen("비밀문장", "비밀문장이죠.", "template", "a"))
        store.note("telegram:1", [Note(n, "sending"), Note(n, "done")])
        store.append(turn(f"남의 말 {n}", f"other{n}", session="other"), {"count": n})
        assert len(other.history("s", 5)) == min(n + 1, 5)
    assert traces(tmp_path, "비밀문장")
    assert store.forget("s") == 40
    assert traces(tmp_path, "비밀문장") == []
    assert len(other.history("other", 99)) == 40 and other.recall("s", 9).state is None
    other.close()
    store.close()
    assert traces(tmp_path, "비밀문장") == []


def test_forgetting_waits_for_who_reads_and_says_when_it_waited_in_vain(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, other = SqlStore(url), SqlStore(url)
    store.append(turn("비밀문장", "a"), {"count": 1})
    with other._database.read() as reading:
        reading.execute(sa.text("SELECT * FROM turns")).all()
        store.append(turn("비밀문장", "b"), {"count": 2})
        assert not store._database.erase(seconds=0.1)
        done = threading.Thread(target=store.forget, args=("s",))
        done.start()
        time.sleep(0.2)
    done.join()
    assert traces(tmp_path, "비밀문장") == [] and caplog.text == ""


def test_feedback_is_counted_by_reply(any_url: str) -> None:
    store = SqlStore(any_url)
    for n, (key, value) in enumerate([("g/1", 1), ("g/1", 1), ("g/1", -1), ("g/2", -1)]):
        store.append(turn("안녕", f"id{n}", said=key))
        store.feedback(f"id{n}", value)
    store.feedback("never-said", 1)
    assert store.reply_counts(["g/1", "g/2", "g/3"]) == {"g/1": (2, 1), "g/2": (0, 1)}


def test_review_shows_the_telling_ones_first_and_each_once(any_url: str) -> None:
    store = SqlStore(any_url)
    store.append(turn("좋은 답", "good"))
    store.append(turn("애매해", "unsure", confidence=0.3))
    store.append(turn("뭐라고", "fallback", source=Source.FALLBACK))
    store.append(turn("골랐어", "chosen", source=Source.CLARIFY))
    store.choice("chosen", ["가", "나"], Chosen("가"))
    store.choice("chosen", ["가", "나"], Chosen("나", "나예요.", "template", "second"))
    store.append(turn("틀렸어", "wrong"))
    store.feedback("wrong", -1, "맞는 답")
    items = store.for_review(10)
    assert [(item.kind, item.text, item.answer) for item in items] == [
        ("corrected", "틀렸어", "맞는 답"),
        ("chosen", "골랐어", "나"),
        ("fallback", "뭐라고", ""),
        ("unsure", "애매해", ""),
    ]
    assert [item.chosen for item in items if item.chosen] == [Chosen("나", "나예요.", "template", "second")]
    store.mark_reviewed([item.turn_id for item in items], "skipped")
    assert store.for_review(10) == []


def test_old_conversations_are_purged(any_url: str) -> None:
    store = SqlStore(any_url)
    store.append(turn("옛날", "a", session="old"))
    store.append(turn("요즘", "b", session="new"))
    age(any_url, "sessions", "id = 'old'")
    assert store.purge(0) == 0
    assert store.purge(30) == 1
    assert store.history("old", 9) == []
    assert len(store.history("new", 9)) == 1


def test_old_conversations_are_purged_while_the_store_is_open(any_url: str) -> None:
    store = SqlStore(any_url)
    store.purge_daily(30, every=0.05)
    store.append(turn("옛날", "a", session="old"))
    store.append(turn("요즘", "b", session="new"))
    age(any_url, "sessions", "id = 'old'")
    for _ in range(100):
        if not store.history("old", 9):
            break
        time.sleep(0.05)
    assert store.history("old", 9) == [] and len(store.history("new", 9)) == 1
    store.close()


def test_updates_that_nobody_will_answer_any_more_are_purged_with_their_text(any_url: str) -> None:
    store = SqlStore(any_url)
    store.receive("telegram:7", [Received(1, "옛날 말", {}), Received(2, "요즘 말", {})])
    age(any_url, "updates", "update_id = 1")
    assert store.purge(0) == 0
    assert [update.update_id for update in store.unanswered("telegram:7")] == [1, 2]
    store.purge(30)
    assert [update.update_id for update in store.unanswered("telegram:7")] == [2]
    store.close()


def test_migrations_make_the_tables_that_the_code_uses(any_url: str) -> None:
    SqlStore(any_url).close()
    engine = sa.create_engine(any_url)
    made = sa.inspect(engine)
    schema = {} if engine.dialect.name == "sqlite" else {"schema": "wanted"}
    with engine.begin() as connection:
        if schema:
            connection.exec_driver_sql("DROP SCHEMA IF EXISTS wanted CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA wanted")
            connection.exec_driver_sql("SET search_path TO wanted")
            metadata.create_all(connection, checkfirst=False)
    plain = engine if schema else sa.create_engine("sqlite://")
    if not schema:
        metadata.create_all(plain)
    wanted = sa.inspect(plain)
    for table in wanted.get_table_names(**schema):
        assert {c["name"]: str(c["type"]) for c in made.get_columns(table)} == {
            c["name"]: str(c["type"]) for c in wanted.get_columns(table, **schema)
        }, table
        assert {i["name"] for i in made.get_indexes(table)} >= {
            i["name"] for i in wanted.get_indexes(table, **schema) if not i["unique"]
        }, table
    engine.dispose()


def test_a_database_of_the_first_version_is_upgraded_with_its_rows(any_url: str) -> None:
    engine = sa.create_engine(any_url)
    with engine.begin() as connection:
        upgrade(connection, "0001")
        connection.exec_driver_sql("INSERT INTO sessions VALUES ('s', '2026', '2026', '{\"count\": 4}')")
        connection.exec_driver_sql("INSERT INTO seen_updates VALUES ('telegram', 41, '2026')")
    engine.dispose()
    store = SqlStore(any_url)
    assert store.load_state("s") == {"count": 4}
    assert store.receive("telegram", [Received(n, "말", {}) for n in (41, 42)]) == {42}
    assert [update.update_id for update in store.unanswered("telegram")] == [42]


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    path.write_text("이건 데이터베이스가 아니에요" * 100)
    with pytest.raises(StoreError, match=r"chat\.db.*no SQLite database"):
        SqlStore(f"sqlite:///{path}")


@pytest.mark.parametrize("url", ["no-such-thing", "sqlite://", "sqlite:///:memory:"])
def test_a_wrong_url_is_named(url: str) -> None:
    with pytest.raises(StoreError, match=r"store\.url"):
        SqlStore(url)


def test_a_password_never_shows() -> None:
    with pytest.raises(StoreError) as raised:
        SqlStore("postgresql+nosuchdriver://me:very-secret@127.0.0.1/x")
    assert "very-secret" not in str(raised.value)


def test_an_error_shows_nothing_of_what_was_said(any_url: str) -> None:
    store, secret = SqlStore(any_url), "비밀" + "문장"
    store.append(turn("안녕", "a"))
    with store._database.write() as connection:
        connection.exec_driver_sql("DROP TABLE feedback")
    with pytest.raises(StoreError) as raised:
        store.feedback("a", -1, secret)
    shown = "".join(traceback.format_exception(raised.value))
    assert "INSERT INTO feedback" in shown and secret not in shown
    store.close()


def test_a_later_thumb_replaces_an_earlier_one(any_url: str) -> None:
    store = SqlStore(any_url)
    store.append(turn("안녕", "a", said="g/1"))
    for value in (1, 1, -1):
        store.feedback("a", value)
    store.feedback("a", -1, "맞는 답")
    store.feedback("a", 1)
    assert store.reply_counts(["g/1"]) == {"g/1": (1, 1)}
    assert store.for_review(1)[0].answer == "맞는 답"


def test_an_update_waits_until_it_is_answered(any_url: str) -> None:
    store = SqlStore(any_url, mask=lambda text: text.replace("010-1234-5678", "[전화번호]"))
    three = [Received(number, f"{number}: 010-1234-5678", {"chat": -7}) for number in (3, 1, 2)]
    assert store.receive("telegram:1", three) == {1, 2, 3}
    store.receive("telegram:2", [Received(1, "딴 봇", {})])
    store.note("telegram:1", [Note(1, "sending", 2), Note(3, "sending", 1)])
    store.note("telegram:1", [Note(3, "waiting", 1), Note(2, "done")])
    store.close()
    again = SqlStore(any_url)
    assert again.unanswered("telegram:1") == [
        Received(1, "1: [전화번호]", {"chat": -7}, 2, True),
        Received(3, "3: [전화번호]", {"chat": -7}, 1, False),
    ]
    assert not again.receive("telegram:1", [Received(2, "또 왔어", {})])


def test_numbers_of_answered_updates_are_purged_in_time_and_waiting_ones_are_not(any_url: str) -> None:
    store = SqlStore(any_url)
    three = [Received(number, "말", {}) for number in (1, 2, 3)]
    store.receive("telegram", three)
    store.note("telegram", [Note(1, "done"), Note(3, "done")])
    age(any_url, "updates", "update_id < 3")
    store.purge(0)
    assert store.receive("telegram", three) == {1}


def test_a_turn_is_found_by_its_response(store: Store) -> None:
    kept = turn("안녕", "tg1-1")
    store.append(kept)
    assert store.spoken("tg1-1") == kept
    assert store.spoken("tg1-2") is None


def test_a_very_long_key_is_cut_where_a_database_would_refuse_it(any_url: str) -> None:
    store = SqlStore(any_url)
    store.append(turn("안녕", "a", said="k" * 500, intent="i" * 500))
    assert len(store.history("s", 1)[0].response.said) == 120
