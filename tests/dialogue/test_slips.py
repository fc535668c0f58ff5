"""Known phrases through one slip of the finger, and no further."""

from __future__ import annotations

import random

import pytest

from chatbot.dialogue.slips import Slips
from chatbot.text.noise import jamo_noise

PHRASES = ("예를 들면", "더 알려줘", "그건 왜", "과적합", "드롭아웃", "조기 종료", "softmax")
SLIPS = Slips(PHRASES)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("예를 들면", "예를들면"),
        ("예를 들변", "예를들면"),
        ("예르 들면", "예를들면"),
        ("예를 드면", "예를들면"),
        ("떠알려줘", "더알려줘"),
        ("드롭앗웃", "드롭아웃"),
        ("softmx", "softmax"),
        ("SoftMax", "softmax"),
        ("드롭타웟", None),  # two slips
        ("들면 예를", None),
        ("과적하압", None),  # two jamo in other places
        ("왜", None),
        ("날씨 어때", None),
        ("", None),
    ],
)
def test_one_slip_is_forgiven_and_two_are_not(typed: str, meant: str | None) -> None:
    assert SLIPS.find(typed) == meant


def test_any_single_slip_of_any_phrase_is_found() -> None:
    rng = random.Random(5)
    for phrase in PHRASES[:-1]:
        for place, letter in enumerate(phrase):
            typed = phrase[:place] + jamo_noise(letter, rng, rate=1.0) + phrase[place + 1 :]
            assert SLIPS.find(typed) == phrase.replace(" ", ""), typed


def test_what_two_phrases_are_near_to_is_neither() -> None:
    assert Slips(["정밀도값", "정일도값"]).find("정길도값") is None
