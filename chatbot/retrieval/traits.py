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
from chatbot.text.morphemes import CONTENT_TAGS
from chatbot.types import Morpheme

Hashes = NDArray[np.uint32]

_SHORT_SIZES = (1, 2)
_KEPT_SIGNS = ("SL", "SH", "SN")
_HEAD = 5  # numbers before the arrays: their four sizes, what kind of line it is


@dataclass(frozen=True, slots=True)
class Traits:
    """Distinct hashed terms of a line: single characters and pairs, jamo n-grams, words, words of meaning (their
    `numbers` are Kiwi's); its letters without spaces; what kind of line it is (see kinds.py)."""

    letters: str
    short: Hashes
    jamo: Hashes
    words: Hashes
    content: Hashes
    numbers: NDArray[np.int32]
    kinds: int

    def to_bytes(self) -> bytes:
        """Everything but the letters."""
        parts = (self.short, self.jamo, self.words, self.content)
        head = np.array([*(len(part) for part in parts), self.kinds], dtype=np.uint32)
        return np.concatenate([head, *parts, self.numbers.view(np.uint32)]).tobytes()

    @classmethod
    def from_bytes(cls, letters: str, raw: bytes) -> Traits:
        """Read what `to_bytes` wrote."""
        row = np.frombuffer(raw, dtype=np.uint32)
        short, jamo, words, content, bits = row[:_HEAD].tolist()
        a = _HEAD + short
        b = a + jamo
        c = b + words
        d = c + content
        return cls(letters, row[_HEAD:a], row[a:b], row[b:c], row[c:d], row[d:].view(np.int32), bits)


def traits(texts: Sequence[str], read: Sequence[Sequence[Morpheme]], meanings: Meanings) -> list[Traits]:
    """The traits of lines, given their morphemes."""
    short, jamo = _split(*character_terms(texts, _SHORT_SIZES), len(texts)), _split(*jamo_terms(texts), len(texts))
    return [_traits(*line, meanings) for line in zip(texts, read, short, jamo, strict=True)]


def _traits(text: str, morphemes: Sequence[Morpheme], short: Hashes, jamo: Hashes, meanings: Meanings) -> Traits:
    words: list[int] = []
    content: dict[int, int] = {}
    for morpheme in morphemes:
        if morpheme.tag.startswith("S") and morpheme.tag not in _KEPT_SIGNS:
            continue
        # 먹/VV and 먹/VX count as the same, 가/VV and 가/JKS do not.
        number = zlib.crc32(f"{morpheme.form.lower()}/{morpheme.tag[0]}".encode())
        words.append(number)
        if morpheme.tag in CONTENT_TAGS:
            content.setdefault(number, meanings.number(morpheme))
    return Traits(
        squeeze(text),
        short,
        jamo,
        np.unique(np.array(words, dtype=np.uint32)),
        np.array(list(content), dtype=np.uint32),
        np.array(list(content.values()), dtype=np.int32),
        kinds(text, morphemes),
    )


def _split(terms: NDArray[np.uint64], places: NDArray[np.int64], count: int) -> list[Hashes]:
    """The distinct terms of each line, in the upper 32 of their 64 bits."""
    hashes = (terms >> np.uint64(32)).astype(np.uint32)
    edges = np.searchsorted(places, np.arange(1, count))
    return [np.unique(part) for part in np.split(hashes, edges)]
