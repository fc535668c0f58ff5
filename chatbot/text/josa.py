"""Particles that agree with the word before them, and templates that use them. In: a word, a pair such as 은/는. Out:
text.

How a word ends is read in `reading`; this module knows nothing of sentences or of where templates come from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from chatbot.errors import ChatbotError
from chatbot.text.reading import Ending, ending

# First syllables that alternate: after a consonant / after a vowel. Everything behind them must be the same:
# 은커녕/는커녕.
_ALTERNATING = {"은": "는", "이": "가", "을": "를", "과": "와", "아": "야"}
# Contracted forms that are not the other one less 이 or 으.
_CONTRACTED = {"이에요": "예요", "이었": "였", "이여": "여", "이어": "여", "이시여": "시여"}
_SLOT = re.compile(r"\{(?P<name>[^\W\d]\w*)(?::(?P<pair>[^{}]+))?\}")
_ALLOWED = "은/는, 이/가, 을/를, 과/와, 으로/로, 이에요/예요, 이라고/라고, 이랑/랑, 이나/나, 아/야, 이었/였"


class SlotError(ChatbotError, LookupError):
    """A template names a slot that has no value."""


def josa(word: str, pair: str) -> str:
    """The form of `pair` that fits `word`: josa("책", "은/는") is "은", josa("길", "으로/로") is "로".

    `pair` may be written either way round. A word with no reading (only emoji, 漢字) gets both forms: "은(는)",
    "(으)로".

    Raises
    ------
    ChatbotError
        when `pair` is no pair of particles.
    """
    after_consonant, after_vowel = _ordered(pair)
    sound = ending(word)
    if sound is Ending.VOWEL or (sound is Ending.RIEUL and after_consonant.startswith("으")):
        return after_vowel
    if sound is Ending.UNKNOWN:
        return _both(after_consonant, after_vowel)
    return after_consonant


def attach(word: str, pair: str) -> str:
    """`word` with the fitting form of `pair` behind it: attach("파이썬", "을/를") is "파이썬을"."""
    return word + josa(word, pair)


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put values into `{이름}` and `{이름:은/는}`; the particle follows the value's reading.

    Raises
    ------
    SlotError
        when the template names a slot that `values` lacks.
    """

    def value(match: re.Match[str]) -> str:
        name, pair = match["name"], match["pair"]
        if name not in values:
            known = ", ".join(sorted(values)) or "none"
            raise SlotError(f"template {template!r}: unknown slot {{{name}}}; slots with a value here: {known}")
        return attach(values[name], pair) if pair else values[name]

    return _SLOT.sub(value, template)


def slots_of(template: str) -> set[str]:
    """The names of the slots of a template."""
    return {match["name"] for match in _SLOT.finditer(template)}


@lru_cache(maxsize=256)
def _ordered(pair: str) -> tuple[str, str]:
    """(form after a consonant, form after a vowel)."""
    first, slash, second = pair.partition("/")
    if slash:
        if _agree(first, second):
            return first, second
        if _agree(second, first):
            return second, first
    raise ChatbotError(f"{pair!r} is no pair of particles; write both forms with a slash, such as {_ALLOWED}")


def _agree(consonant: str, vowel: str) -> bool:
    """Whether the two are one particle, the first after a consonant and the second after a vowel."""
    if not consonant or not vowel:
        return False
    if consonant[0] in "이으" and consonant[1:] == vowel:
        return True
    if _ALTERNATING.get(consonant[0]) == vowel[0] and consonant[1:] == vowel[1:]:
        return True
    return any(
        consonant.startswith(long) and vowel == short + consonant[len(long) :] for long, short in _CONTRACTED.items()
    )


def _both(consonant: str, vowel: str) -> str:
    """은(는), (으)로, 이에요(예요): how Korean writes a particle whose form is open."""
    return f"({consonant[0]}){vowel}" if consonant[1:] == vowel else f"{consonant}({vowel})"
