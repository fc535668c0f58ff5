"""Say how much a text looks like running Korean prose. In: lines of text. Out: figures. Knows nothing of pages."""

from __future__ import annotations

import re
from collections import Counter

_WORDS = re.compile(r"\w+")
_HANGUL = re.compile(r"[가-힣]")
# A line that ends a sentence: a final mark, perhaps behind a closing quote or bracket.
_ENDS = re.compile(r"[.?!…。][\"'”’)\]」』》]*$")
_MARKS = re.compile(r"[.?!…。]")

# Shortest line, in characters, that counts as prose by its sentence end; and by its length alone.
SHORT_PROSE = 20
LONG_PROSE = 60


def tokens(text: str) -> list[str]:
    """Word tokens: runs of letters, digits and underscores, lower case."""
    return _WORDS.findall(text.lower())


def token_f1(first: str, second: str) -> float:
    """F1 over the multisets of word tokens in [0, 1]; 1 for two texts without any."""
    one, two = Counter(tokens(first)), Counter(tokens(second))
    if not one and not two:
        return 1.0
    common = sum((one & two).values())
    return 2 * common / (one.total() + two.total())


def hangul_share(text: str) -> float:
    """Share in [0, 1] of Hangul syllables among the letters."""
    letters = sum(char.isalpha() for char in text)
    return len(_HANGUL.findall(text)) / letters if letters else 0.0


def is_prose(line: str) -> bool:
    """Whether a line reads like a sentence rather than a menu, a heading or a list of titles."""
    if len(line) >= SHORT_PROSE and _ENDS.search(line):
        return True
    return len(line) >= LONG_PROSE and bool(_MARKS.search(line))


def prose_length(lines: list[str]) -> int:
    """Characters of the lines that read like sentences."""
    return sum(len(line) for line in lines if is_prose(line))


def lead_share(lead: str, text: str) -> float:
    """Share in [0, 1] of the lead's words (a page's description) that the text holds; 0 for a lead under 5 words."""
    words = tokens(lead)[:60]
    if len(words) < 5:
        return 0.0
    held = set(tokens(text))
    return sum(word in held for word in words) / len(words)
