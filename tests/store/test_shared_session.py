"""One conversation in two processes, the terminal and Telegram say: neither undoes what the other remembered."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from store.speaking import make_bot

from chatbot.dialogue.bot import Bot
from chatbot.dialogue.state import FormState, State
from chatbot.errors import StaleStateError, StoreUnavailableError
from chatbot.store import MemoryStore, Store
from chatbot.store.sql import SqlStore
from chatbot.types import Response, Source, SpeechLevel, Turn, Utterance

PROGRAM = Path(__file__).with_name("speaking.py")
SESSION = "shared"

Start = Callable[[], subprocess.Popen[str]]


def turn(name: str, session: str = SESSION) -> Turn:
    said = Utterance(name, name, session, name)
    return Turn(said, Response(name, "네", Source.TEMPLATE, "test", id=name))


def _away() -> None:
    raise StoreUnavailableError("away")


@pytest.fixture
def start(any_url: str) -> Iterator[Start]:
    """Start another process that answers in the shared conversation."""
    running: list[subprocess.Popen[str]] = []

    def one() -> subprocess.Popen[str]:
        command = [sys.executable, str(PROGRAM), any_url, SESSION]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield one
    for process in running:
        process.kill()
        process.communicate()


def ask(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(f"{text}\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def heard(url: str) -> tuple[State, list[str]]:
    """What the conversation remembers, and its turns in order."""
    store = SqlStore(url)
    state = State.from_json(SESSION, store.load_state(SESSION) or {})
    kept = [kept.utterance.raw for kept in store.history(SESSION, 1000)]
    store.close()
    return state, kept


@pytest.mark.slow
def test_two_processes_that_answer_by_turns_know_all_that_was_told(any_url: str, start: Start) -> None:
    pair = (start(), start())
    said = [f"m{n}" for n in range(12)]
    for n, text in enumerate(said):
        assert ask(pair[n % 2], text) == " ".join(said[: n + 1])
    state, kept = heard(any_url)
    assert (list(state.told), state.count, kept) == (said, 12, said)


@pytest.mark.slow
def test_two_processes_that_answer_at_the_same_time_lose_nothing(any_url: str, start: Start) -> None:
    answers: dict[str, list[str]] = {"a": [], "b": []}

    def talk(name: str, process: subprocess.Popen[str]) -> None:
        answers[name] = [ask(process, f"{name}{n}") for n in range(25)]

    threads = [threading.Thread(target=talk, args=(name, start())) for name in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state, kept = heard(any_url)
    assert state.count == 50
    assert list(state.told) == kept, "the state remembers each turn, in the order of the turns"
    for name, told in answers.items():
        assert [text for text in kept if text.startswith(name)] == [f"{name}{n}" for n in range(25)]
        assert all(f"{name}{n}" == reply.split()[-1] for n, reply in enumerate(told))
        for reply in told:  # each answer was thought from what the conversation was at its turn
            assert kept[: len(reply.split())] == reply.split()


@pytest.mark.slow
def test_a_kill_in_the_middle_leaves_state_and_turns_as_one(any_url: str, start: Start) -> None:
    staying = start()
    rng = random.Random(3)
    for round_ in range(3):
        killed = start()
        answered: list[str] = []

        def talk(process: subprocess.Popen[str] = killed, number: int = round_, done: list[str] = answered) -> None:
            with contextlib.suppress(BrokenPipeError):
                while ask(process, f"k{number}-{len(done)}"):
                    done.append(f"k{number}-{len(done)}")

        talking = threading.Thread(target=talk)
        talking.start()
        end = time.monotonic() + rng.uniform(0.2, 0.5)
        n = 0
        while time.monotonic() < end:
            ask(staying, f"s{round_}-{n}")
            n += 1
        killed.kill()
        talking.join()
        state, kept = heard(any_url)
        assert list(state.told) == kept
        assert state.count == len(kept) == len(set(kept))
        mine = [text for text in kept if text.startswith(f"k{round_}-")]
        assert len(answered) <= len(mine) <= len(answered) + 1


def test_a_name_told_here_and_a_slot_filled_there_are_both_kept(any_url: str) -> None:
    """Both read the state before either writes it."""
    one, other = make_bot(any_url), make_bot(any_url)
    one.reply("안녕", session=SESSION)
    seen = one.store.recall(SESSION, 6)
    named = State.from_json(SESSION, seen.state or {}, tuple(seen.turns))
    other.store.save_state(SESSION, {**named.as_json(), "name": "민수"}, seen.version)
    form = FormState("study_plan", {"과목": "수학"})
    filled = {**named.as_json(), "form": {"form": form.form, "slots": form.slots, "asked": "", "paused": False}}
    with pytest.raises(StaleStateError):
        one.store.append(turn("수학"), filled, seen.version)
    assert [kept.utterance.raw for kept in one.store.history(SESSION, 9)] == ["안녕"], "nothing of it is kept"
    one.reply("다시", session=SESSION)
    assert one.set_level(SESSION, SpeechLevel.HAE)
    state = other.state(SESSION)
    assert (state.name, state.level, state.told) == ("민수", SpeechLevel.HAE, ("안녕", "다시"))


def test_what_another_process_forgot_does_not_come_back(any_url: str) -> None:
    one, other = make_bot(any_url), make_bot(any_url)
    one.reply("비밀", session=SESSION)
    seen = one.store.recall(SESSION, 6)
    other.forget(SESSION)
    with pytest.raises(StaleStateError):
        one.store.append(turn("늦은 말"), {"told": ["비밀", "늦은 말"]}, seen.version)
    other.reply("새 말", session=SESSION)
    with pytest.raises(StaleStateError):  # nor is the new conversation mistaken for the old one
        one.store.append(turn("늦은 말"), {"told": ["비밀", "늦은 말"]}, seen.version)
    assert one.reply("또", session=SESSION).reply == "새 말 또"


def test_a_version_is_seen_once(store: Store) -> None:
    assert store.recall("s", 6).version == 0
    store.append(turn("a", "s"), {"count": 1}, 0)
    with pytest.raises(StaleStateError):
        store.append(turn("b", "s"), {"count": 1}, 0)
    first = store.recall("s", 6).version
    store.save_state("s", {"count": 1, "name": "민수"}, first)
    store.reset_state("s")
    for late in (first, 0):
        with pytest.raises(StaleStateError):
            store.save_state("s", {"count": 9}, late)
    assert store.recall("s", 6).state is None


class Contested(MemoryStore):
    """A conversation that somebody else writes again and again, just before we do."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._times = times
        self.thoughts = 0

    def append(self, turn: Turn, state=None, seen: int | None = None) -> int:
        self.thoughts += 1
        if self._times:
            self._times -= 1
            theirs = self.recall(SESSION, 0)
            told = [*(theirs.state or {}).get("told", []), f"theirs{self._times}"]
            self.save_state(SESSION, {"told": told, "count": len(told)}, theirs.version)
        return super().append(turn, state, seen)


@pytest.mark.parametrize("times", [2, 1000])
def test_thinking_again_has_an_end_and_an_answer(url: str, times: int) -> None:
    plain = make_bot(url)
    contested = Contested(times)
    plain.store.close()
    bot = Bot(store=contested, load_brain=lambda: plain.brain, current=lambda: None, history_turns=6)
    reply = bot.reply("나", session=SESSION).reply
    assert reply.endswith("나") and "theirs" in reply
    assert contested.thoughts == 3
    assert [kept.utterance.raw for kept in contested.history(SESSION, 9)] == ["나"]
    theirs = [f"theirs{times - n}" for n in range(1, min(times, 3) + 1)]
    assert list(bot.state(SESSION).told) == [*theirs, "나"]


def test_what_waited_gives_way_to_what_others_wrote_meanwhile(any_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off from the database, a bot goes on with what it knows; others went on as well."""
    cut_off, other = make_bot(any_url), make_bot(any_url)
    cut_off.reply("먼저", session=SESSION)

    with monkeypatch.context() as patch:
        patch.setattr(cut_off.store._database, "write", _away)  # type: ignore[attr-defined]
        assert cut_off.reply("막힘 1", session=SESSION).reply == "먼저 막힘 1"
        patch.setattr(cut_off.store._database, "read", _away)  # type: ignore[attr-defined]
        assert cut_off.reply("막힘 2", session=SESSION).reply == "먼저 막힘 1 막힘 2"
        assert other.reply("저쪽", session=SESSION).reply == "먼저 저쪽"
    assert cut_off.reply("다시", session=SESSION).reply == "먼저 저쪽 다시"
    kept = [kept.utterance.raw for kept in other.store.history(SESSION, 9)]
    assert sorted(kept) == sorted(["먼저", "저쪽", "막힘 1", "막힘 2", "다시"])


def test_what_waited_is_written_as_it_was_said_when_nobody_else_wrote(
    any_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = make_bot(any_url)
    with monkeypatch.context() as patch:
        patch.setattr(bot.store._database, "write", _away)  # type: ignore[attr-defined]
        for text in ("하나", "둘"):
            bot.reply(text, session=SESSION)
    assert bot.reply("셋", session=SESSION).reply == "하나 둘 셋"
    state, kept = heard(any_url)
    assert list(state.told) == kept == ["하나", "둘", "셋"]


def test_what_waited_is_not_written_once_another_process_forgot_it(
    any_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off, other = make_bot(any_url), make_bot(any_url)
    cut_off.reply("먼저", session=SESSION)
    with monkeypatch.context() as patch:
        patch.setattr(cut_off.store._database, "write", _away)  # type: ignore[attr-defined]
        cut_off.reply("막힘", session=SESSION)
    other.forget(SESSION)
    assert cut_off.reply("새로", session=SESSION).reply == "새로"
    assert heard(any_url)[1] == ["새로"]
