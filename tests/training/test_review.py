"""Review: what people told becomes corpus lines, with the diff shown first and nothing asked twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatbot.corpus.read import read_intent, read_pairs
from chatbot.store.sql import SqlStore
from chatbot.training.review import review
from chatbot.types import Response, Source, Turn, Utterance

INTENT = "intent: thanks\nexamples:\n  - 고마워\n  - 감사해요\nreplies:\n  - 별말씀을요.\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "corpus" / "intents").mkdir(parents=True)
    (tmp_path / "corpus" / "intents" / "thanks.yaml").write_text(INTENT, encoding="utf-8")
    return tmp_path / "corpus"


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    store = SqlStore(f"sqlite:///{tmp_path / 'chat.db'}")
    for id_, text, source in (("a", "땡큐베리감사", Source.FALLBACK), ("b", "심심한 고양이", Source.TEMPLATE)):
        said = Utterance(text, text, "s", id_)
        store.append(Turn(said, Response(text, "음", source, "why", id=id_, confidence=0.9, intent="thanks")))
    store.feedback("b", -1, "고양이랑 놀아 주세요.")
    return store


def person(*answers: str):
    """Somebody who answers from a list, and leaves when it is used up."""
    waiting: Iterator[str] = iter(answers)
    return lambda question: next(waiting, "q")


def test_accepted_lines_are_written_after_their_diff_was_shown(store: SqlStore, root: Path) -> None:
    shown: list[str] = []
    done = review(store, root, person("", "y", "thanks", "y"), shown.append)
    assert (done.seen, done.written) == (2, 2)
    (pair,) = read_pairs(root / "chat" / "reviewed.tsv")
    assert (pair.question, pair.answer) == ("심심한 고양이", "고양이랑 놀아 주세요.")
    assert "땡큐베리감사" in read_intent(root / "intents" / "thanks.yaml").examples
    assert any("+  - 땡큐베리감사" in line for line in shown)
    assert review(store, root, person(), shown.append).seen == 0


def test_a_refused_diff_leaves_the_corpus_alone(store: SqlStore, root: Path) -> None:
    review(store, root, person("", "n", "s", "thanks", "n", "s"), lambda line: None)
    assert not (root / "chat").exists()
    assert (root / "intents" / "thanks.yaml").read_text(encoding="utf-8") == INTENT


def test_an_unknown_intent_is_named_and_asked_again(store: SqlStore, root: Path) -> None:
    shown: list[str] = []
    done = review(store, root, person("thnks", "s"), shown.append)
    assert done.seen == 1 and done.written == 0
    assert any("did you mean thanks?" in line for line in shown)


def test_leaving_keeps_the_rest_for_the_next_time(store: SqlStore, root: Path) -> None:
    assert review(store, root, person("q"), lambda line: None).seen == 0
    assert len(store.for_review(10)) == 2
