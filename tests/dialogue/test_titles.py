"""Bare nouns are asked back about by the titles that share a word with them."""

from __future__ import annotations

import pytest

from chatbot.dialogue.titles import TitlesNear
from chatbot.types import KnowledgeEntry

ENTRIES = [
    KnowledgeEntry(name, title, (f"{title}이 뭐야",), "답이에요.")
    for name, title in (
        ("word", "단어 임베딩"),
        ("layer", "임베딩 층"),
        ("size", "배치 크기"),
        ("l1", "L1 규제(라쏘)"),
    )
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("임베딩 층 크기", ["layer", "size", "word"]),
        ("l1 세기", ["l1"]),
        ("라쏘 세기", ["l1"]),
        ("김치 찌개", []),
    ],
)
def test_titles_that_share_words_go_by_how_many(text: str, found: list[str]) -> None:
    assert [entry.id for entry in TitlesNear(ENTRIES, lambda text: True)(text)] == found


def test_of_what_says_something_no_title_is_looked_for() -> None:
    assert TitlesNear(ENTRIES, lambda text: False)("임베딩 크기") == ()
