"""Typing noise stays Hangul, hits as often as asked and repeats under a seed."""

from __future__ import annotations

import random

import pytest

from chatbot.text.noise import apply_noise, jamo_noise, nospace


def test_nospace_removes_every_kind_of_space() -> None:
    assert nospace(" 오늘 날씨\t어때\u3000요\n") == "오늘날씨어때요"


def test_jamo_noise_changes_every_syllable_at_rate_one_and_nothing_else() -> None:
    text = "내일 GPU 3개 예약해줘!"
    noisy = jamo_noise(text, random.Random(7), rate=1.0)
    assert len(noisy) == len(text)
    for before, after in zip(text, noisy, strict=True):
        hangul = "가" <= before <= "힣"
        assert ("가" <= after <= "힣") == hangul
        assert (before != after) == hangul


def test_jamo_noise_hits_about_one_syllable_in_ten() -> None:
    text = "가" * 10_000
    noisy = jamo_noise(text, random.Random(11))
    hit = sum(a != b for a, b in zip(text, noisy, strict=True))
    assert 900 < hit < 1100


def test_noise_repeats_under_a_seed() -> None:
    text = "비가 많이 와서 집에만 있었어"
    assert jamo_noise(text, random.Random(3), 0.5) == jamo_noise(text, random.Random(3), 0.5)


def test_apply_noise_names_what_is_allowed() -> None:
    assert apply_noise("가 나", "none", random.Random(0)) == "가 나"
    assert apply_noise("가 나", "nospace", random.Random(0)) == "가나"
    with pytest.raises(ValueError, match="none, nospace, jamo"):
        apply_noise("가", "typos", random.Random(0))
