"""Particles agree with how a word is read."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from chatbot.errors import ChatbotError
from chatbot.text.josa import SlotError, attach, fill, josa, slots_of

GOLDEN = Path(__file__).parent.parent / "golden" / "josa.tsv"
ROWS = [line.split("\t") for line in GOLDEN.read_text(encoding="utf-8").splitlines() if line[:2] != "# "]


def test_table_is_large_enough() -> None:
    assert len(ROWS) >= 220
    assert len({(word, pair) for word, pair, _ in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("word", "pair", "expected"), ROWS)
def test_golden(word: str, pair: str, expected: str) -> None:
    assert attach(word, pair) == expected


@pytest.mark.parametrize(("word", "pair", "expected"), ROWS[::7])
def test_decomposed_input_reads_the_same(word: str, pair: str, expected: str) -> None:
    assert josa(unicodedata.normalize("NFD", word), pair) == expected[len(word) :]


@pytest.mark.parametrize("pair", ["은", "은/를", "", "/", "은/", "가/를", "a/b"])
def test_unknown_pair_names_the_allowed_ones(pair: str) -> None:
    with pytest.raises(ChatbotError, match="은/는"):
        josa("책", pair)


def test_fill_puts_values_and_particles() -> None:
    values = {"이름": "지훈", "날": "3월 1일"}
    assert (
        fill("{이름:아/야}, {이름:은/는} {날:이에요/예요}. {날}!", values) == "지훈아, 지훈은 3월 1일이에요. 3월 1일!"
    )
    assert fill("슬롯 없음 {} { 이름 }", values) == "슬롯 없음 {} { 이름 }"


def test_fill_does_not_fill_what_a_value_brings() -> None:
    assert fill("{가} {나}", {"가": "{나}", "나": "x"}) == "{나} x"


def test_unknown_slot_names_it_and_the_known() -> None:
    with pytest.raises(SlotError, match=r"\{성\}.*날, 이름") as caught:
        fill("{성:은/는} 뭐예요", {"이름": "지훈", "날": "오늘"})
    assert isinstance(caught.value, ChatbotError)
    assert isinstance(caught.value, LookupError)


def test_slots_of() -> None:
    assert slots_of("{이름:은/는} {정답} {이름}") == {"이름", "정답"}
    assert slots_of("없음") == set()
