"""Texts to counts of hashed n-grams: inside words, across words without spaces, and over jamo; or of whole words.

In: preprocessed texts. Out: (term, text) pairs in NumPy, whole batches at a time. Knows nothing of weights or labels.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

Terms = NDArray[np.uint64]
Places = NDArray[np.int64]

_BREAK, _START, _END = 0, 2, 3
_FIRST, _LAST = 0xAC00, 0xD7A3  # 가, 힣
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio (Knuth, TAOCP 3, 6.4)

WORD_SIZES = (1, 2, 3, 4)  # character n-grams inside words, word edges included
JOINED_SIZES = (2, 3, 4, 5)  # character n-grams over the text without spaces
JAMO_SIZES = (4, 5, 6)  # n-grams over the jamo of the text without spaces


def ngrams(texts: Sequence[str], views: Sequence[str] = ("word", "joined", "jamo")) -> tuple[Terms, Places]:
    """(64-bit terms [N], number of the text each stands in [N]) of the named views, repeats included."""
    lowered = [text.lower().replace("\0", " ") for text in texts]
    found: list[tuple[Terms, Places]] = []
    if "word" in views:
        words = [text.split() or [""] for text in lowered]
        owner = np.repeat(np.arange(len(texts)), [len(row) for row in words])
        terms, places = _windows(_codes([f" {word} " for row in words for word in row]), WORD_SIZES, 1)
        found.append((terms, owner[places] if len(owner) else places))
    if "joined" in views or "jamo" in views:
        codes = _codes([f"{chr(_START)}{''.join(text.split())}{chr(_END)}" for text in lowered])
        if "joined" in views:
            found.append(_windows(codes, JOINED_SIZES, 2))
        if "jamo" in views:
            found.append(_windows(_jamo(codes), JAMO_SIZES, 3))
    if "whole" in views:
        cut = [text.split() for text in lowered]
        terms = np.array([_whole(word) for row in cut for word in row], dtype=np.uint64)
        found.append((terms, np.repeat(np.arange(len(texts)), [len(row) for row in cut])))
    return np.concatenate([t for t, _ in found]), np.concatenate([p for _, p in found])


@lru_cache(maxsize=1 << 16)
def _whole(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _codes(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Code points of all texts in one row, a break after each."""
    joined = "".join(f"{text}\0" for text in texts)
    return np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _jamo(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The same row with every Hangul syllable spelt as two or three conjoining jamo (Unicode 3.12)."""
    spelt = np.zeros((len(codes), 3), dtype=np.uint32)
    keep = np.zeros((len(codes), 3), dtype=bool)
    keep[:, 0] = True
    hangul = (codes >= _FIRST) & (codes <= _LAST)
    index = codes[hangul] - _FIRST
    spelt[~hangul, 0] = codes[~hangul]
    spelt[hangul, 0] = 0x1100 + index // 588
    spelt[hangul, 1] = 0x1161 + index % 588 // 28
    spelt[hangul, 2] = 0x11A7 + index % 28
    keep[hangul, 1] = True
    keep[hangul, 2] = index % 28 > 0
    return spelt[keep]


def _windows(codes: NDArray[np.uint32], sizes: Sequence[int], view: int) -> tuple[Terms, Places]:
    """Hashed windows of every size that hold no break; `view` keeps equal windows of two views apart."""
    breaks = codes == _BREAK
    place = np.cumsum(breaks) - breaks
    # All sizes at once, a row each, the shortest first: for one short text the calls cost more than the numbers.
    value = np.repeat(np.array([[view * 16 + size] for size in sizes], dtype=np.uint64), len(codes), axis=1)  # [K, N]
    whole = np.ones(value.shape, dtype=bool)
    padded = np.concatenate([codes, np.full(sizes[-1], _BREAK, dtype=codes.dtype)])
    for offset in range(sizes[-1]):
        longer = bisect_right(sizes, offset)
        piece = padded[offset : offset + len(codes)]
        whole[longer:] &= piece != _BREAK
        value[longer:] = mix(value[longer:], piece)
    return value[whole], np.broadcast_to(place, value.shape)[whole].astype(np.int64)


def mix(value: Terms, piece: NDArray[Any]) -> Terms:
    """Running hashes with one more code point each."""
    mixed: Terms = (value + piece.astype(np.uint64) + np.uint64(1)) * _MULTIPLIER
    return mixed ^ (mixed >> np.uint64(29))
