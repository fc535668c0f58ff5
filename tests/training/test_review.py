"""Review: what people told becomes corpus lines, the diff shown first, and nothing lost whoever leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from chatbot.console import wrapped
from chatbot.corpus.read import read_intent, read_knowledge, read_pairs
from chatbot.store import Chosen
from chatbot.store.sql import SqlStore
from chatbot.training.review import Reviewed, review
from chatbot.types import Candidate, IntentScore, Response, Source, Turn, Utterance

INTENT = "intent: thanks\nexamples:\n  - 고마워\n  - 감사해요\nreplies:\n  - 별말씀을요.\n"
SORRY = "intent: sorry\nexamples:\n  - 미안해\n  - 죄송해요\nreplies:\n  - 괜찮아요.\n"
KNOWLEDGE = """\
# Comments stay.
- id: dropout
  title: 드롭아웃
  questions:
    - 드롭아웃이 뭐야?
    - 드롭아웃 설명해 줘
  answer: 뉴런을 꺼요.
- id: cat
  title: 고양이
  questions:
    - 고양이가 뭐야?
    - 고양이란?
  answer: 야옹.
"""
SAID = {
    "a": ("땡큐베리감사", Source.FALLBACK, 0.0, ""),
    "b": ("심심한 고양이", Source.TEMPLATE, 0.9, "thanks"),
    "c": ("고맙다고 해야 하나", Source.CLARIFY, 0.5, ""),
    "d": ("끄는 그거 설명", Source.CLARIFY, 0.5, ""),
    "e": ("그럭저럭", Source.TEMPLATE, 0.4, "sorry"),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for file, text in (
        ("intents/thanks.yaml", INTENT),
        ("intents/sorry.yaml", SORRY),
        ("knowledge/things.yaml", KNOWLEDGE),
    ):
        path = tmp_path / "corpus" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "corpus"


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    store = SqlStore(f"sqlite:///{tmp_path / 'chat.db'}")
    found = (Candidate("뉴런을 꺼요.", 0.3, Source.RETRIEVAL, "k:dropout:1"),)
    for id_, (text, source, confidence, intent) in SAID.items():
        response = Response(text, "음", source, "why", id=id_, confidence=confidence, intent=intent, candidates=found)
        store.append(Turn(Utterance(text, text, "s", id_), response))
    store.feedback("b", -1, "고양이랑 노세요.")
    store.feedback("b", -1, "고양이랑 놀아 주세요.")
    store.choice("c", ["고마워", "미안해"], Chosen("고마워", "별말씀을요.", "template", "thanks"))
    store.choice("d", ["드롭아웃"], Chosen("드롭아웃", "뉴런을 꺼요.", "retrieval", "k:dropout:1"))
    return store


def person(*answers: str) -> Callable[[str], str]:
    """Somebody who answers from a list, and leaves when it is used up."""
    waiting: Iterator[str] = iter(answers)
    return lambda question: next(waiting, "q")


def guess(text: str) -> Sequence[IntentScore]:
    return [IntentScore("sorry", 0.3), IntentScore("thanks", 0.2), IntentScore("gone", 0.15)]


def walk(store: SqlStore, root: Path, ask: Callable[[str], str], shown: list[str] | None = None) -> Reviewed:
    return review(store, root, ask, (shown if shown is not None else []).append, guess)


def test_the_first_proposal_is_what_the_user_said_picked_or_the_bot_thought(store: SqlStore, root: Path) -> None:
    shown: list[str] = []
    walk(store, root, person("", "", "", "", ""), shown)
    firsts = [line for line in shown if line.startswith("  1. ")]
    assert firsts == [
        "  1. 이렇게 답하기: 고양이랑 놀아 주세요. — 사용자가 알려 준 답",
        "  1. 의도 thanks의 예문으로 (예: 고마워) — 사용자가 고름: 고마워",
        "  1. 지식 dropout ‘드롭아웃’의 질문으로 — 사용자가 고름: 드롭아웃",
        "  1. 의도 sorry의 예문으로 (예: 미안해) — 지금 봇의 짐작 30%",
        "  1. 의도 sorry의 예문으로 (예: 미안해) — 그때 봇의 짐작 40%",
    ]
    corrected = shown[: shown.index("  1. 의도 thanks의 예문으로 (예: 고마워) — 사용자가 고름: 고마워")]
    assert not any("의도 thanks" in line for line in corrected), "what was wrong is not proposed again"


def test_accepted_proposals_are_written_after_their_diff_was_shown(store: SqlStore, root: Path) -> None:
    shown: list[str] = []
    done = walk(store, root, person("1", "y", "y", "y", "1", "ㅛ", "thanks", "y", "2", "y"), shown)
    assert done == Reviewed(5, 5, 0)
    (pair,) = read_pairs(root / "chat" / "reviewed.tsv")
    assert (pair.question, pair.answer) == ("심심한 고양이", "고양이랑 놀아 주세요.")
    thanks = read_intent(root / "intents" / "thanks.yaml").examples
    assert thanks[2:] == ("고맙다고 해야 하나", "땡큐베리감사", "그럭저럭")
    entries = list(read_knowledge(root / "knowledge" / "things.yaml"))
    assert [entry.questions[2:] for entry in entries] == [("끄는 그거 설명",), ()]
    assert (root / "knowledge" / "things.yaml").read_text(encoding="utf-8").startswith("# Comments stay.\n")
    assert any("+  - 땡큐베리감사" in line for line in shown) and any(
        "+    - 끄는 그거 설명" in line for line in shown
    )
    assert walk(store, root, person()) == Reviewed(0, 0, 0)


def test_enter_and_no_write_nothing_and_the_line_comes_again(store: SqlStore, root: Path) -> None:
    done = walk(store, root, person("", "1", "", "", "1", "n", "", "", ""))
    assert done == Reviewed(0, 0, 5)
    assert not (root / "chat").exists()
    assert (root / "intents" / "thanks.yaml").read_text(encoding="utf-8") == INTENT
    assert len(store.for_review(10)) == 5


def test_an_answer_with_an_insult_is_refused_at_once(store: SqlStore, root: Path) -> None:
    shown: list[str] = []
    walk(store, root, person("= 병신아 그것도 몰라", "q"), shown)
    assert any("‘병신’" in line and "다르게 적어" in line for line in shown)
    assert not (root / "chat").exists()


def test_an_insult_that_a_user_called_right_is_not_proposed(store: SqlStore, root: Path) -> None:
    store.feedback("b", -1, "꺼져 병신아")
    shown: list[str] = []
    walk(store, root, person("q"), shown)
    assert not any("병신" in line for line in shown)


def test_what_is_thrown_away_does_not_come_again(store: SqlStore, root: Path) -> None:
    assert walk(store, root, person("x", "ㅌ")) == Reviewed(2, 0, 3)
    assert [item.text for item in store.for_review(10)] == ["끄는 그거 설명", "땡큐베리감사", "그럭저럭"]


@pytest.mark.parametrize("leave", [KeyboardInterrupt, EOFError])
@pytest.mark.parametrize("after", [1, 2, 3])
def test_leaving_in_the_middle_keeps_what_was_accepted(
    store: SqlStore, root: Path, leave: type[BaseException], after: int
) -> None:
    waiting = iter(["1", "y", "1"][:after])

    def ask(question: str) -> str:
        try:
            return next(waiting)
        except StopIteration:
            raise leave from None

    written = int(after >= 2)
    assert walk(store, root, ask) == Reviewed(written, written, 5 - written)
    assert (root / "chat" / "reviewed.tsv").exists() == bool(written)
    assert len(store.for_review(10)) == 5 - written


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("thnks", "혹시 thanks?"),
        ("9", "9번 제안은 없어요"),
        ("=", "= 뒤에 답을"),
        ("고마워", "의도나 지식은 없어요"),
        ("?", "나중에. 다음 review"),
    ],
)
def test_what_cannot_be_done_is_explained_and_asked_again(store: SqlStore, root: Path, said: str, told: str) -> None:
    shown: list[str] = []
    assert walk(store, root, person(said, "x"), shown) == Reviewed(1, 0, 4)
    assert told in "\n".join(shown[1:]), shown


def test_an_answer_and_a_knowledge_entry_can_be_typed(store: SqlStore, root: Path) -> None:
    walk(store, root, person("= 놀이를 해요.", "y", "cat", "y"))
    (pair,) = read_pairs(root / "chat" / "reviewed.tsv")
    assert pair.answer == "놀이를 해요."
    assert list(read_knowledge(root / "knowledge" / "things.yaml"))[1].questions[-1] == "고맙다고 해야 하나"


def test_lines_are_wrapped_between_words_and_keep_their_indent() -> None:
    text = "  1. 이렇게 답하기: 학습할 때 뉴런 일부를 무작위로 꺼서 특정 뉴런에 기대지 않게 해요."
    code = f"import sys; sys.stdout.isatty = lambda: True; from chatbot.console import wrapped; wrapped({text!r})"
    environment = {**os.environ, "COLUMNS": "40", "NO_COLOR": "1", "TERM": "xterm"}
    rows = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment).stdout
    assert [row.rstrip() for row in rows.splitlines()] == [
        "  1. 이렇게 답하기: 학습할 때 뉴런",
        "     일부를 무작위로 꺼서 특정 뉴런에",
        "     기대지 않게 해요.",
    ]


def test_a_pipe_gets_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    wrapped("나: " + "긴 말 " * 60)
    assert len(capsys.readouterr().out.splitlines()) == 1
