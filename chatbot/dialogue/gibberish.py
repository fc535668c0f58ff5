"""Whether a text is made of syllables that Korean hardly has: 쀍뛟쒧 꿿뿗. In: text. Out: yes or no.

Of the 11,172 syllables of Unicode, KS X 1001 names the 2,350 in use; a slip of the finger leaves them now and then, a
cat on the keyboard all the time. Knows no words.
"""

from __future__ import annotations

from functools import cache

# Fewer syllables tell nothing. Below this share in use it is noise: a slip in every other syllable is none to be read.
MIN_SYLLABLES = 3
IN_USE_FROM = 0.6


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
