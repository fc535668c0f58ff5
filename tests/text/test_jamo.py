"""text.jamo: syllables apart and together, the 2-set keyboard."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.text import jamo

SYLLABLES = st.text(alphabet=st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), max_size=12)


@given(SYLLABLES)
def test_compose_undoes_decompose(text):
    assert jamo.compose(jamo.decompose(text)) == text


@given(SYLLABLES)
def test_the_keyboard_types_every_syllable(text):
    assert jamo.two_set_to_hangul(jamo.hangul_to_two_set(text)) == text


def test_every_syllable_splits_and_joins():
    for code in range(0xAC00, 0xD7A4):
        assert jamo.join_syllable(*jamo.split_syllable(chr(code))) == chr(code)


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ("ㅎㅏㄴㄱㅡㄹ", "한글"),
        ("ㄱㅏㅂㅅ", "값"),
        ("ㄱㅏㅂㅅㅣ", "갑시"),
        ("ㅇㅗㅏ", "와"),
        ("ㅋㅋ", "ㅋㅋ"),
        ("ㅏㅏ", "ㅏㅏ"),
        ("a1ㄱㅏ!", "a1가!"),
        ("ㄸㅏㄸㅏ", "따따"),
        ("", ""),
    ],
)
def test_compose(parts, whole):
    assert jamo.compose(parts) == whole


def test_two_set():
    assert jamo.two_set_to_hangul("dkssudgktpdy") == "안녕하세요"
    assert jamo.two_set_to_hangul("Dkssud") == "안녕"
    assert jamo.two_set_to_hangul("ㅋ 1!") == "ㅋ 1!"


def test_batchim():
    assert [jamo.has_batchim(c) for c in "강가Aㄱ"] == [True, False, False, False]


def test_split_refuses_what_is_no_syllable():
    with pytest.raises(ValueError, match="not a Hangul syllable"):
        jamo.split_syllable("A")
    with pytest.raises(ValueError, match="make no syllable"):
        jamo.join_syllable("ㅏ", "ㄱ")


def test_near_jamo_are_of_the_same_kind():
    assert set(jamo.near_jamo("ㅎ")) == set("ㄹㅅㅍ")
    assert set(jamo.near_jamo("ㅏ")) <= set(jamo.VOWELS)
    assert jamo.near_jamo("A") == ""


@given(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), st.integers(0, 99))
def test_a_slip_changes_one_jamo_and_is_repeatable(syllable, seed):
    slipped = jamo.change_one_jamo(syllable, random.Random(seed))
    assert slipped == jamo.change_one_jamo(syllable, random.Random(seed))
    before, after = jamo.split_syllable(syllable), jamo.split_syllable(slipped)
    assert sum(a != b for a, b in zip(before, after, strict=True)) <= 1


def test_no_slip_for_other_characters():
    assert jamo.change_one_jamo("A", random.Random(0)) == "A"
    assert jamo.to_compatibility("\u11ab다") == "ㄴ다"
