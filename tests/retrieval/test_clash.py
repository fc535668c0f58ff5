"""What a query names and a candidate does not: names, nouns and numbers, covered or in another one's place."""

from __future__ import annotations

import numpy as np
import pytest

from chatbot.retrieval.clash import COLUMNS, clashes
from chatbot.retrieval.gathered import Gathered
from chatbot.retrieval.meanings import Meanings
from chatbot.retrieval.named import NAME, NOUN, NUMBER
from chatbot.retrieval.traits import Traits, traits
from chatbot.text.kiwi import KiwiAnalyzer


@pytest.fixture(scope="module")
def kiwi() -> KiwiAnalyzer:
    return KiwiAnalyzer()


def _traits(kiwi: KiwiAnalyzer, *texts: str) -> list[Traits]:
    return traits(texts, kiwi.analyze(texts), Meanings(kiwi))


def _left(kiwi: KiwiAnalyzer, query: str, row: str, gathered: tuple[str, ...] = ()) -> dict[str, float]:
    (asked,) = _traits(kiwi, query)
    (seen,) = _traits(kiwi, row)
    stored = Traits.from_bytes(seen.letters, seen.to_bytes())
    said = {"answer": Gathered.of([one.content for one in _traits(kiwi, *gathered)])} if gathered else {}
    weights = np.ones(len(asked.content), dtype=np.float32)
    table = clashes(asked, [stored], ["answer"], said, weights, Meanings(kiwi))
    return dict(zip(COLUMNS, table[0].tolist(), strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("서초 도서관은 몇 시에 열어?", [("서초", NAME), ("도서관", NOUN)]),
        ("다온카페 아메리카노 얼마야", [("다온카페", NOUN), ("아메리카노", NOUN)]),
        ("갤럭시S24 배터리", [("갤럭시s24", NAME), ("배터리", NOUN)]),
        ("3월 5일에 뭐 해", [("3월", NUMBER), ("5일", NUMBER)]),
        ("지금 몇 시야?", []),
        ("", []),
    ],
)
def test_runs_are_what_a_line_names(kiwi: KiwiAnalyzer, text: str, expected: list[tuple[str, int]]) -> None:
    (seen,) = _traits(kiwi, text)
    assert [(run.letters, run.kind) for run in seen.runs if run.kind in (NAME, NOUN, NUMBER)] == expected


def test_another_name_clashes_and_the_same_does_not(kiwi: KiwiAnalyzer) -> None:
    query = "서초 도서관은 몇 시에 열어?"
    other = _left(kiwi, query, "강남 도서관은 9시에 엽니다")
    assert other["name_left"] == 1.0 and other["name_clash"] > 0.2 and other["noun_left"] == 0.0
    nameless = _left(kiwi, query, "도서관은 9시에 엽니다")
    assert nameless["name_left"] == 1.0 and nameless["name_clash"] == 0.0
    assert not any(_left(kiwi, query, "서초 도서관은 9시에 엽니다").values())
    assert not any(_left(kiwi, "도서관은 몇 시에 열어?", "강남 도서관은 9시에 엽니다").values())


def test_what_another_row_of_the_answer_says_is_covered(kiwi: KiwiAnalyzer) -> None:
    query, row = "서초 도서관은 몇 시에 열어?", "아침 9시에 엽니다"
    assert _left(kiwi, query, row)["name_left"] == 1.0
    assert not any(_left(kiwi, query, row, ("서초 도서관 안내입니다", row)).values())


def test_spaces_and_longer_names_count_as_covered(kiwi: KiwiAnalyzer) -> None:
    assert not any(_left(kiwi, "강남도서관 어디야", "강남 도서관은 역 앞에 있습니다").values())
    assert _left(kiwi, "강남구립도서관 어디야", "강남도서관은 역 앞에 있습니다")["name_left"] < 0.6


def test_nouns_and_numbers_clash_too(kiwi: KiwiAnalyzer) -> None:
    assert _left(kiwi, "된장찌개 어떻게 끓여?", "김치찌개 끓이는 법")["noun_clash"] > 0.2
    day = _left(kiwi, "3월 5일에 뭐 해", "3월 6일은 운동회")
    assert day["number_left"] > 0 and day["number_clash"] > 0
    assert not any(_left(kiwi, "3월 6일에 뭐 해", "3월 6일은 운동회").values())


def test_nothing_named_costs_nothing(kiwi: KiwiAnalyzer) -> None:
    for text in ("", "?!", "너무 졸려"):
        assert not any(_left(kiwi, text, "강남 도서관은 9시에 엽니다").values())
