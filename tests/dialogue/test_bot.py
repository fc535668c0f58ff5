"""The bot around the engine: memory across restarts, a lock a session, new versions between two messages."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes import TableClassifier, TableResponder

from chatbot.dialogue import policy, speakers
from chatbot.dialogue.bot import Bot, Brain
from chatbot.dialogue.choosing import ChoiceSpeaker
from chatbot.dialogue.correction import CorrectionSpeaker
from chatbot.dialogue.engine import Engine
from chatbot.dialogue.phrases import Phrases
from chatbot.errors import CheckpointError, StoreError
from chatbot.store import MemoryStore, Remembered
from chatbot.store.sql import SqlStore
from chatbot.types import Intent, Source, SpeechLevel, Turn, Utterance

PHRASES = Phrases(
    {
        name: [f"<{name}>"]
        for name in (
            "fallback",
            "fallback_again",
            "fallback_answer",
            "fallback_question",
            "clarify",
            "level_hae",
            "liked",
        )
    },
    "도담",
)
ALL = Phrases(
    {
        **PHRASES.wordings,
        "corrected": ["<corrected>"],
        "corrected_nothing": ["<nothing>"],
        "disliked": ["<disliked>"],
        "greeting": ["<hi>"],
    },
    "도담",
)


def brain(version: str) -> Brain:
    """A brain that says which version it is."""
    intents = (
        Intent("hello", "", ("안녕", "하이"), (f"{version} 안녕하세요.",)),
        Intent("bye", "", ("잘 가", "바이"), (f"{version} 안녕히 가세요.",)),
    )
    templates = speakers.TemplateSpeaker(intents, None, "도담")
    engine = Engine(
        speakers=policy.in_order(
            {
                "correction": CorrectionSpeaker(ALL),
                "choice": ChoiceSpeaker(ALL),
                "template": templates,
                "clarify": speakers.ClarifySpeaker(ALL, templates, intents, {}, 3),
                "fallback": speakers.FallbackSpeaker(ALL),
            }
        ),
        classifier=TableClassifier({"안녕": [("hello", 0.9)], "음": [("hello", 0.4), ("bye", 0.39)]}),
        retriever=TableResponder({}),
        generator=None,
        polish=lambda reply, level: reply if level is SpeechLevel.HAEYO else f"[{level}] {reply}",
        level=SpeechLevel.HAEYO,
        clock=lambda: datetime(2026, 11, 21, tzinfo=UTC),
        history_turns=3,
    )
    return Brain(version, lambda raw, session, id_: Utterance(raw, raw.strip(), session, id_), engine, ALL)


class Shelf:
    """Versions: which one is wanted, and which of them are damaged."""

    def __init__(self) -> None:
        self.wanted = "v1"
        self.damaged: set[str] = set()

    def load(self) -> Brain:
        if self.wanted in self.damaged:
            raise CheckpointError(f"{self.wanted}: damaged")
        return brain(self.wanted)


def bot_over(store, shelf: Shelf | None = None) -> Bot:
    shelf = shelf or Shelf()
    return Bot(store=store, load_brain=shelf.load, current=lambda: shelf.wanted, history_turns=3)


def wait_for(condition, seconds: float = 5.0) -> None:
    event, step = threading.Event(), 0.01
    for _ in range(int(seconds / step)):
        if condition():
            return
        event.wait(step)
    pytest.fail("it did not happen in time")


def test_what_was_said_survives_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    first = bot_over(SqlStore(url))
    first.reply("음", session="me")
    first.store.close()
    again = bot_over(SqlStore(url))
    answer = again.reply("1", session="me")  # the question was asked before the restart
    assert (answer.source, answer.intent) == (Source.TEMPLATE, "hello")
    assert again.state("me").count == 2
    assert again.reply("1", session="somebody else").source is Source.FALLBACK


def test_a_choice_becomes_a_label(tmp_path: Path) -> None:
    bot = bot_over(SqlStore(f"sqlite:///{tmp_path / 'chat.db'}"))
    bot.reply("음", session="me")
    bot.reply("2번", session="me")
    (item,) = [item for item in bot.store.for_review(10) if item.kind == "chosen"]
    assert (item.text, item.answer) == ("음", "잘 가")


def test_feedback_and_correction_reach_the_review(tmp_path: Path) -> None:
    bot = bot_over(SqlStore(f"sqlite:///{tmp_path / 'chat.db'}"))
    response = bot.reply("안녕", session="me")
    assert bot.feedback(response.id, 1) == "<liked>"
    assert bot.reply("정답은 반가워요", session="me").reply == "<corrected>"
    items = bot.store.for_review(10)
    assert [(i.kind, i.text, i.answer) for i in items] == [("corrected", "안녕", "반가워요")]
    assert bot.store.reply_counts([response.said])[response.said] == (1, 1)


def test_thanks_for_feedback_are_said_in_the_level_of_the_conversation(tmp_path: Path) -> None:
    bot = bot_over(SqlStore(f"sqlite:///{tmp_path / 'chat.db'}"))
    bot.set_level("me", SpeechLevel.HAE)
    response = bot.reply("안녕", session="me")
    assert bot.feedback(response.id, 1, session="me") == "[hae] <liked>"
    assert bot.feedback(response.id, 1, session="you") == "<liked>"


def test_a_typed_thumb_is_kept_for_the_reply_before_it(tmp_path: Path) -> None:
    bot = bot_over(SqlStore(f"sqlite:///{tmp_path / 'chat.db'}"))
    response = bot.reply("안녕", session="me")
    assert bot.reply("👍", session="me").reply == "<liked>"
    assert bot.store.reply_counts([response.said])[response.said] == (1, 0)
    assert bot.reply("👎 별로야", session="me").reply == "<disliked>"
    assert bot.reply("정답은 반가워요", session="me").reply == "<corrected>"
    items = bot.store.for_review(10)
    assert [(i.kind, i.text, i.answer) for i in items] == [("corrected", "안녕", "반가워요")]
    assert bot.reply("정답은 아무것도", session="you").reply == "<nothing>"
    assert bot.store.for_review(10) == items


def test_level_reset_and_forget() -> None:
    bot = bot_over(MemoryStore())
    assert bot.set_level("me", SpeechLevel.HAE) == "<level_hae>"
    assert bot.reply("안녕", session="me").reply.startswith("[hae]")
    bot.reset("me")
    assert bot.reply("안녕", session="me").reply == "v1 안녕하세요."
    assert bot.forget("me") == 2
    assert bot.state("me").count == 0


class BrokenStore(MemoryStore):
    """A database that is locked."""

    def append(self, turn: Turn, state=None, seen: int | None = None) -> int:
        raise StoreError("locked")

    def recall(self, session: str, limit: int) -> Remembered:
        raise StoreError("locked")

    def feedback(self, response_id: str, value: int, correction: str = "") -> None:
        raise StoreError("locked")


def test_a_locked_database_costs_the_memory_never_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    bot = bot_over(BrokenStore())
    assert bot.reply("안녕", session="me").reply == "v1 안녕하세요."
    assert bot.feedback("x", 1) == "<liked>"
    assert "locked" in caplog.text and "안녕" not in caplog.text, "what people say is not logged"


def test_a_promoted_version_takes_over_between_two_messages() -> None:
    shelf = Shelf()
    bot = bot_over(MemoryStore(), shelf)
    assert bot.reply("안녕", session="me").reply.startswith("v1")
    shelf.wanted = "v2"
    bot.reply("안녕", session="me")
    wait_for(lambda: bot.brain.version == "v2")
    assert bot.reply("안녕", session="me").reply.startswith("v2")
    shelf.wanted = "v1"
    bot.reply("안녕", session="me")
    wait_for(lambda: bot.brain.version == "v1")


def test_a_damaged_new_version_leaves_the_old_one_talking(caplog: pytest.LogCaptureFixture) -> None:
    shelf = Shelf()
    bot = bot_over(MemoryStore(), shelf)
    bot.reply("안녕", session="me")
    shelf.damaged, shelf.wanted = {"v2"}, "v2"
    for _ in range(3):
        assert bot.reply("안녕", session="me").reply.startswith("v1")
    wait_for(lambda: "damaged" in caplog.text)
    assert bot.reply("안녕", session="me").reply.startswith("v1")


def test_many_people_at_once_each_keep_their_order(tmp_path: Path) -> None:
    bot = bot_over(SqlStore(f"sqlite:///{tmp_path / 'chat.db'}"))
    swapped = threading.Event()

    def talk(session: str, lines: Sequence[str]) -> None:
        for line in lines:
            bot.reply(line, session=session)
        swapped.set()

    people = [threading.Thread(target=talk, args=(f"p{n}", [f"줄 {k}" for k in range(8)])) for n in range(6)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    for n in range(6):
        assert [t.utterance.raw for t in bot.store.history(f"p{n}", 99)] == [f"줄 {k}" for k in range(8)]
        assert bot.state(f"p{n}").count == 8


def test_why_tells_source_reason_and_scores() -> None:
    bot = bot_over(MemoryStore())
    lines = bot.explain(bot.reply("안녕", session="me"))
    assert lines[0] == "출처: 의도에 맞춘 답, 확신 0.90"
    assert any("0.90" in line for line in lines[1:])


def test_any_session_name_works_and_anything_but_text_is_refused() -> None:
    bot = bot_over(MemoryStore())
    assert bot.reply("안녕", session="\ud800").source is Source.TEMPLATE
    for text, session in ((None, "me"), ("안녕", 3)):
        with pytest.raises(TypeError, match="str"):
            bot.reply(text, session=session)


def test_a_phrase_file_older_than_the_code_is_filled_up(tmp_path: Path, corpus_dir: Path) -> None:
    (tmp_path / "phrases.yaml").write_text("fallback: [옛말이에요.]", encoding="utf-8")
    loaded = Phrases.load(tmp_path / "phrases.yaml", "한결", defaults=corpus_dir / "phrases.yaml")
    assert loaded.say("fallback", random.Random(1)) == "옛말이에요."
    assert "한결" in loaded.say("greeting", random.Random(1))
