"""What of a line its likeness to others is measured by. In: a text with its morphemes. Out: `Traits`, also as bytes.

Made once when a row is added and kept beside it, so that a query need not read a hundred rows again. Knows nothing of
likeness itself (see features.py).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatbot.retrieval.grams import character_terms, jamo_terms, squeeze
from chatbot.retrieval.kinds import kinds
from chatbot.retrieval.meanings import Meanings
from chatbot.retrieval.named import NAME, NOUN, NUMBER, Run, kind_of, runs
from chatbot.text.morphemes import CONTENT_TAGS
from chatbot.types import Morpheme

Hashes = NDArray[np.uint32]

_SHORT_SIZES = (1, 2)
_KEPT_SIGNS = ("SL", "SH", "SN")
_HEAD = 5  # numbers before the arrays: their four sizes, what kind of line it is
_MOST = 1023  # names, nouns and numbers of a line that are counted: each count has ten bits of one number
_ORDER = (NAME, NOUN, NUMBER)


@dataclass(frozen=True, slots=True)
class Traits:
    """Distinct hashed terms of a line: single characters and pairs, jamo n-grams, words, words of meaning (their
    `numbers` are Kiwi's); its letters without spaces; what kind of line it is (see kinds.py).

    Words of meaning begin with names, then nouns, then numerals, as many as `named` says; rows saved before there was
    such an order say (0, 0, 0). `runs` are what the line names (named.py), by places in `content`; they are not kept.
    """

    letters: str
    short: Hashes
    jamo: Hashes
    words: Hashes
    content: Hashes
    numbers: NDArray[np.int32]
    kinds: int
    named: tuple[int, int, int] = (0, 0, 0)
    runs: tuple[Run, ...] = ()

    def to_bytes(self) -> bytes:
        """Everything but the letters and the runs."""
        parts = (self.short, self.jamo, self.words, self.content)
        head = np.array([*(len(part) for part in parts), self.kinds], dtype=np.uint32)
        names, nouns, numerals = (min(count, _MOST) for count in self.named)
        tail = np.array([names | nouns << 10 | numerals << 20], dtype=np.uint32)
        return np.concatenate([head, *parts, self.numbers.view(np.uint32), tail]).tobytes()

    @classmethod
    def from_bytes(cls, letters: str, raw: bytes) -> Traits:
        """Read what `to_bytes` wrote."""
        row = np.frombuffer(raw, dtype=np.uint32)
        short, jamo, words, content, bits = row[:_HEAD].tolist()
        a = _HEAD + short
        b = a + jamo
        c = b + words
        d = c + content
        e = d + content
        tail = int(row[e]) if len(row) > e else 0
        named = (tail & _MOST, tail >> 10 & _MOST, tail >> 20)
        return cls(letters, row[_HEAD:a], row[a:b], row[b:c], row[c:d], row[d:e].view(np.int32), bits, named)


def traits(texts: Sequence[str], read: Sequence[Sequence[Morpheme]], meanings: Meanings) -> list[Traits]:
    """The traits of lines, given their morphemes."""
    short, jamo = _split(*character_terms(texts, _SHORT_SIZES), len(texts)), _split(*jamo_terms(texts), len(texts))
    return [_traits(*line, meanings) for line in zip(texts, read, short, jamo, strict=True)]


def _traits(text: str, morphemes: Sequence[Morpheme], short: Hashes, jamo: Hashes, meanings: Meanings) -> Traits:
    words: list[int] = []
    places: dict[int, int] = {}  # the word of each morpheme
    content: dict[int, tuple[int, int]] = {}  # Kiwi's number and the kind of each word of meaning
    for at, morpheme in enumerate(morphemes):
        if morpheme.tag.startswith("S") and morpheme.tag not in _KEPT_SIGNS:
            continue
        # 먹/VV and 먹/VX count as the same, 가/VV and 가/JKS do not.
        number = zlib.crc32(f"{morpheme.form.lower()}/{morpheme.tag[0]}".encode())
        words.append(number)
        if morpheme.tag in CONTENT_TAGS:
            places[at] = number
            content.setdefault(number, (meanings.number(morpheme), kind_of(morpheme)))
    ordered = sorted(content, key=lambda number: content[number][1])
    place_of = {number: place for place, number in enumerate(ordered)}
    return Traits(
        squeeze(text),
        short,
        jamo,
        np.unique(np.array(words, dtype=np.uint32)),
        np.array(ordered, dtype=np.uint32),
        np.array([content[number][0] for number in ordered], dtype=np.int32),
        kinds(text, morphemes),
        _counts([kind for _, kind in content.values()]),
        runs(text, morphemes, {at: place_of[number] for at, number in places.items()}),
    )


def _counts(found: Sequence[int]) -> tuple[int, int, int]:
    names, nouns, numerals = (found.count(kind) for kind in _ORDER)
    return names, nouns, numerals


def _split(terms: NDArray[np.uint64], places: NDArray[np.int64], count: int) -> list[Hashes]:
    """The distinct terms of each line, in the upper 32 of their 64 bits."""
    hashes = (terms >> np.uint64(32)).astype(np.uint32)
    edges = np.searchsorted(places, np.arange(1, count))
    return [np.unique(part) for part in np.split(hashes, edges)]
