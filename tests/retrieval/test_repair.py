"""Slips come back to what stands in the index, and what was typed well stays."""

from __future__ import annotations

import random

import numpy as np
import pytest

from chatbot.retrieval.grams import character_terms, windows_of
from chatbot.retrieval.lexical import Postings
from chatbot.retrieval.repair import repair
from chatbot.text.noise import jamo_noise

ROWS = (
    "드롭아웃이 뭐야?",
    "소프트맥스 함수 설명해줘",
    "오늘 너무 피곤해",
    "비가 계속 와서 우울해",
    "내일 시험인데 떨려",
)


@pytest.fixture(scope="module")
def index() -> Postings:
    postings = Postings()
    postings.add(0, len(ROWS), *character_terms(ROWS))
    return postings


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("드롭어웃이 뭐야?", "드롭아웃이 뭐야?"),
        ("소프트맥스함쑤 설명해줘", "소프트맥스함수 설명해줘"),
        ("오늘 느무 피곤해", "오늘 너무 피곤해"),
        ("비가 게속 와서 우을해", "비가 계속 와서 우울해"),
    ],
)
def test_slips_are_mended_and_spaces_kept(index: Postings, typed: str, meant: str) -> None:
    mended, share = repair(typed, index.frequencies)
    assert mended == meant and 0.0 < share < 0.4


@pytest.mark.parametrize("text", [*ROWS, "", "가", "?!", "LSTM이 뭐야", "고양이 사진 보여줘", "👍 좋아", "ㅋㅋㅋㅋ"])
def test_what_no_row_is_near_stays(index: Postings, text: str) -> None:
    assert repair(text, index.frequencies) == (text, 0.0)


def test_most_slips_in_known_lines_come_back_and_no_letter_is_lost(index: Postings) -> None:
    generator = random.Random(5)
    wrong = mended = 0
    for _ in range(40):
        for row in ROWS:
            typed = jamo_noise(row, generator)
            again, _ = repair(typed, index.frequencies)
            assert len(again) == len(typed)
            wrong += sum(a != b for a, b in zip(row, typed, strict=True))
            mended += sum(a != b and a == c for a, b, c in zip(row, typed, again, strict=True))
    assert mended > 0.7 * wrong


def test_windows_are_the_terms_of_the_index() -> None:
    codes = [[2, *map(ord, "비가와"), 3]]
    for size in (1, 2, 3):
        terms, _ = character_terms(["비가 와"], (size,))
        found = windows_of(np.array(codes, dtype=np.uint32), size)[0]
        assert set(terms.tolist()) <= set(found.tolist())
