"""Typing noise that evaluation and augmentation put into text. In: clean text. Out: text as hurried fingers type it.

Knows nothing of models; pure Python, deterministic under the generator that it is given.
"""

from __future__ import annotations

import random

NOISES = ("none", "nospace", "jamo")

_FIRST = 0xAC00  # 가; a syllable is _FIRST + (initial * 21 + vowel) * 28 + final (Unicode 3.12)
_LAST = 0xD7A3
_INITIALS, _VOWELS, _FINALS = 19, 21, 28


def nospace(text: str) -> str:
    """The text with all white space removed (띄어쓰기를 아예 하지 않은 글)."""
    return "".join(text.split())


def jamo_noise(text: str, rng: random.Random, rate: float = 0.1) -> str:
    """The text with one jamo changed in each Hangul syllable that the dice pick.

    Parameters
    ----------
    rate
        the chance in [0, 1] that a syllable is hit; a hit syllable always changes, in its initial, vowel or final
        (an absent final may appear, a present one may vanish), and stays one Hangul syllable.
    """
    return "".join(_slip(char, rng) if _is_syllable(char) and rng.random() < rate else char for char in text)


def apply_noise(text: str, noise: str, rng: random.Random, rate: float = 0.1) -> str:
    """The text under one of `NOISES`.

    Raises
    ------
    ValueError
        when the name is none of `NOISES`.
    """
    if noise == "none":
        return text
    if noise == "nospace":
        return nospace(text)
    if noise == "jamo":
        return jamo_noise(text, rng, rate)
    raise ValueError(f"noise {noise!r} is unknown; allowed: {', '.join(NOISES)}")


def _is_syllable(char: str) -> bool:
    return _FIRST <= ord(char) <= _LAST


def _slip(syllable: str, rng: random.Random) -> str:
    block, final = divmod(ord(syllable) - _FIRST, _FINALS)
    initial, vowel = divmod(block, _VOWELS)
    place = rng.randrange(3)
    if place == 0:
        initial = _other(initial, _INITIALS, rng)
    elif place == 1:
        vowel = _other(vowel, _VOWELS, rng)
    else:
        final = _other(final, _FINALS, rng)
    return chr(_FIRST + (initial * _VOWELS + vowel) * _FINALS + final)


def _other(value: int, size: int, rng: random.Random) -> int:
    """A uniform draw of 0..size-1 without `value`."""
    drawn = rng.randrange(size - 1)
    return drawn + (drawn >= value)
