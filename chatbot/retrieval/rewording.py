"""Say a Korean line in other words, by rule. In: a line with its morphemes. Out: a query somebody could type for it.

For teaching the fusion only: people ask shorter, drop particles and adverbs, move words and choose other endings.
Works on the spans of morphemes, so it never glues a contraction apart. Knows nothing of indexes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from chatbot.types import Morpheme

_PARTICLES = frozenset({"JKS", "JKO", "JX", "JKG", "JKB"})
_ADVERBS = ("진짜", "너무", "정말", "요즘", "또", "그냥", "자꾸", "계속")
_OPENERS = ("아", "근데", "저기", "야", "혹시")
# Endings that may take one another's place at the end of a line, by what the stem before them needs.
_ENDINGS = (
    ("다", "네", "는데", "어", "지", "어요", "음", "더라"),
    ("야", "임", "이야", "인데", "이네", "이에요"),
    ("을까", "을까요", "나", "니", "지"),
)


def reword(text: str, morphemes: Sequence[Morpheme], generator: random.Random) -> str:
    """One to three changes of `text`; at times it comes back as it was, as some people ask word for word."""
    words = _cut(text, morphemes, generator).split()
    changes = [_drop_word, _swap_words, _add_adverb, _add_opener]
    for change in generator.sample(changes, generator.choice((0, 1, 1, 2))):
        words = change(words, generator)
    return " ".join(words)


def _cut(text: str, morphemes: Sequence[Morpheme], generator: random.Random) -> str:
    """Without some particles and adverbs, and with another ending."""
    pieces = list(text)
    for morpheme in morphemes:
        lightest = morpheme.tag in _PARTICLES and generator.random() < 0.5
        adverb = morpheme.tag == "MAG" and generator.random() < 0.4 and morpheme.form not in ("안", "못")
        if lightest or adverb:
            pieces[morpheme.start : morpheme.end] = [""] * (morpheme.end - morpheme.start)
    last = next((at for at in range(len(morphemes) - 1, 0, -1) if morphemes[at].tag == "EF"), None)
    if last is not None and morphemes[last - 1].end <= morphemes[last].start and generator.random() < 0.5:
        ending = morphemes[last]
        others = [other for family in _ENDINGS if ending.form in family for other in family if other != ending.form]
        if others:
            pieces[ending.start : len(pieces)] = generator.choice(others)
    return "".join(pieces)


def _drop_word(words: list[str], generator: random.Random) -> list[str]:
    if len(words) < 3:
        return words
    gone = generator.randrange(len(words) - 1)  # the last word of a Korean sentence carries the predicate
    return words[:gone] + words[gone + 1 :]


def _swap_words(words: list[str], generator: random.Random) -> list[str]:
    if len(words) < 3:
        return words
    at = generator.randrange(len(words) - 1)
    return [*words[:at], words[at + 1], words[at], *words[at + 2 :]]


def _add_adverb(words: list[str], generator: random.Random) -> list[str]:
    at = generator.randrange(len(words) + 1) if len(words) < 2 else generator.randrange(1, len(words))
    return [*words[:at], generator.choice(_ADVERBS), *words[at:]]


def _add_opener(words: list[str], generator: random.Random) -> list[str]:
    return [generator.choice(_OPENERS), *words]
