"""What stands in the corpus to the letter is found without a model."""

from __future__ import annotations

import pytest

from chatbot.retrieval.meanings import Meanings
from chatbot.retrieval.rows import Row, RowStore
from chatbot.retrieval.traits import traits
from chatbot.retrieval.verbatim import VerbatimResponder
from chatbot.types import Utterance

from .conftest import Splitter

ROWS = [
    Row("c:1", "밥 먹었어?", "저는 전기로 배를 채워요."),
    Row("c:2", "밥 먹었어", "잘했어요."),
    Row("c:3", "심심해", "뭐 하고 놀까요?"),
    Row("c:4", "나 면접 떨어졌어", "오늘은 아무 생각 말고 쉬어요."),
    Row("c:5", "오늘 심심해", "하늘이라도 봐요."),
    Row("k:1", "드롭아웃이 뭐야", "뉴런을 끄는 방법이에요.", "knowledge"),
]


@pytest.fixture
def verbatim() -> VerbatimResponder:
    store = RowStore()
    texts = [row.text for row in ROWS]
    store.add(0, ROWS, traits(texts, Splitter().analyze(texts), Meanings(None)))
    return VerbatimResponder(store, others=["심심해!"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("밥 먹었어?", ["c:1", "c:2"]),
        ("밥먹었어", ["c:2", "c:1"]),
        ("밥 먹었어~~ !", ["c:2", "c:1"]),
        ("밥 먹었니", []),
        ("심심해", []),  # an intent's own example
        ("드롭아웃이 뭐야", []),  # not a chat line
        ("아 나 오늘 면접 떨어졌어요 ㅠㅠ", ["c:4"]),
        ("면접 떨어졌어", ["c:4"]),
        ("면접 떨어졌니", []),
        ("나면접관이야", []),
        ("근데 너 밥 먹었어?", []),
        ("나 오늘 밥먹었어요", ["c:2", "c:1"]),
        ("오늘 심심해", ["c:5"]),
        ("나 오늘 심심해", []),  # an intent's own matter
        ("", []),
        ("🎉", []),
    ],
)
def test_only_the_same_letters_are_found_but_for_opening_words(
    verbatim: VerbatimResponder, text: str, found: list[str]
) -> None:
    assert [one.id for one in verbatim.propose(Utterance(text, text), ())] == found


def test_without_rows_nothing_is_found() -> None:
    assert VerbatimResponder(RowStore()).propose(Utterance("안녕", "안녕"), ()) == []
