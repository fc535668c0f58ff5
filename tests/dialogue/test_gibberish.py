"""Noise is told from Korean, typos and all."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from chatbot.corpus import read_corpus
from chatbot.dialogue.gibberish import _in_use, is_foreign, is_gibberish, latin_words
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


KNOWN = latin_words(["GPU가 뭐야", "what is dropout", "Thank you", "import torch", "random forest"])


@pytest.mark.parametrize("text", ["the quick brown fox", "asdfqwer", "Lorem ipsum dolor sit amet", "wer ist das?"])
def test_latin_words_that_nobody_taught(text: str) -> None:
    assert is_foreign(text, KNOWN)


@pytest.mark.parametrize(
    "text",
    ["GPU", "what is dropout for", "thank you!", "ok", "PyTorch 설치", "ModuleNotFoundError",
     "ValueError: shapes differ", "foo(bar)", "https://example.org", "12", ""],
)  # fmt: skip
def test_latin_that_may_mean_something(text: str) -> None:
    assert not is_foreign(text, KNOWN)
