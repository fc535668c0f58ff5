"""Noise is told from Korean, typos and all."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from chatbot.corpus import read_corpus
from chatbot.dialogue.gibberish import _in_use, is_gibberish
from chatbot.text.noise import jamo_noise


def test_the_syllables_in_use_are_those_of_the_standard() -> None:
    assert len(_in_use()) == 2350 and {"가", "힝", "뷁"} & _in_use() == {"가", "힝"}


@pytest.mark.parametrize(
    ("text", "noise"), [("쀍뛟쒧 꿿뿗", True), ("뷁", False), ("안녕하세요", False), ("hello", False), ("", False)]
)
def test_noise_is_told_from_words(text: str, noise: bool) -> None:
    assert is_gibberish(text) is noise


def test_random_syllables_are_noise_and_what_people_type_is_not(corpus_dir: Path) -> None:
    rng = random.Random(11)
    noise = ["".join(chr(rng.randrange(0xAC00, 0xD7A4)) for _ in range(rng.randrange(5, 20))) for _ in range(1000)]
    assert sum(map(is_gibberish, noise)) >= 950
    lines = [example for intent in read_corpus(corpus_dir).intents for example in intent.examples]
    assert [line for line in lines if is_gibberish(line)] == []
    assert sum(is_gibberish(jamo_noise(line, rng, 0.1)) for line in lines) <= len(lines) // 500
