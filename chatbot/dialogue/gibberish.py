"""Whether a text cannot be read: syllables that Korean hardly has (쀍뛟쒧 꿿뿗), or only Latin letters, in words
that nobody taught the bot (the quick brown fox). In: text. Out: yes or no.

Of the 11,172 syllables of Unicode, KS X 1001 names the 2,350 in use; a slip of the finger leaves them now and then, a
cat on the keyboard all the time. Which Latin words are known is told from outside.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cache

# Fewer syllables tell nothing. Below this share in use it is noise: a slip in every other syllable is none to be read.
MIN_SYLLABLES = 3
IN_USE_FROM = 0.6

_LATIN_WORD = re.compile(r"[a-z]{2,}")
# Only letters and the marks of prose: code, error messages and addresses are for the classifier.
_LATIN_PROSE = re.compile(r"(?=.*[A-Za-z])(?!.*(?:Error|Exception|Warning))[A-Za-z\s.,!?~'’\-]+")
SHORT_WORD = 3  # letters; ok, gg, omg and abbreviations alone are left to the classifier


def is_gibberish(text: str) -> bool:
    """Whether fewer syllables than a reader needs are in use; False for a text with hardly any Hangul."""
    syllables = [letter for letter in text if "가" <= letter <= "힣"]
    if len(syllables) < MIN_SYLLABLES:
        return False
    return sum(letter in _in_use() for letter in syllables) < IN_USE_FROM * len(syllables)


@cache
def _in_use() -> frozenset[str]:
    """The Hangul of KS X 1001: rows 16 to 40 of EUC-KR, two bytes each."""
    rows = (bytes((row, cell)) for row in range(0xB0, 0xC9) for cell in range(0xA1, 0xFF))
    return frozenset(code.decode("euc_kr") for code in rows)


def latin_words(texts: Iterable[str]) -> frozenset[str]:
    """The Latin words of `texts`, in small letters."""
    return frozenset(word for text in texts for word in _LATIN_WORD.findall(text.lower()))


def is_foreign(text: str, known: Collection[str]) -> bool:
    """Whether `text` is Latin prose of which fewer than half of the words are `known`."""
    if not _LATIN_PROSE.fullmatch(text) or len(text.strip(" .,!?~")) <= SHORT_WORD:
        return False
    words = _LATIN_WORD.findall(text.lower())
    return 2 * sum(word in known for word in words) < len(words)
