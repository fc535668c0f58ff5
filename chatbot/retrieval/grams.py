"""Hash text into n-gram terms, whole batches at a time. In: texts. Out: 64-bit terms and the text each stands in.

Spaces and punctuation are dropped first, so that a query without spaces has the same terms as one with them.
Knows nothing of weights, indexes or morphology.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

CHARACTER_SIZES = (1, 2, 3)
JAMO_SIZES = (3, 4, 5)

Terms = NDArray[np.uint64]
Places = NDArray[np.int64]

_DROPPED = re.compile(r"[\W_]+")
_START, _END, _BREAK = "\x02", "\x03", "\x00"
_FIRST, _LAST = 0xAC00, 0xD7A3  # 가, 힣
_JAMO_INITIAL, _JAMO_VOWEL, _JAMO_FINAL = 0x1100, 0x1161, 0x11A7  # Unicode 3.12: conjoining jamo
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio (Knuth, TAOCP 3, 6.4)
_SHIFT = np.uint64(29)


def squeeze(text: str) -> str:
    """Letters and digits alone, in lower case; a text that has none is returned stripped."""
    return _DROPPED.sub("", text).lower() or text.strip()


def character_terms(texts: Sequence[str], sizes: Sequence[int] = CHARACTER_SIZES) -> tuple[Terms, Places]:
    """Terms of character n-grams with marked ends: (terms [N], number of the text each stands in [N]).

    Places ascend; a term that stands twice in a text is given twice.
    """
    return _windows(_codes(texts), sizes)


def jamo_terms(texts: Sequence[str], sizes: Sequence[int] = JAMO_SIZES) -> tuple[Terms, Places]:
    """Terms of n-grams over conjoining jamo, so that one wrong jamo spoils a few grams instead of a syllable's all."""
    return _windows(_jamo(_codes(texts)), sizes)


def windows_of(lines: NDArray[np.uint32], size: int) -> Terms:
    """Terms [L, W] of all windows of one size over L rows of code points of equal length, as `character_terms` has
    them."""
    count = lines.shape[1] - size + 1
    return _hash([lines[:, offset : offset + count] for offset in range(size)])


def word_terms(words: Sequence[Sequence[str]]) -> tuple[Terms, Places]:
    """Terms of given words (morphemes), in the same shape."""
    flat = [word_hash(word) for row in words for word in row]
    places = np.repeat(np.arange(len(words), dtype=np.int64), [len(row) for row in words])
    return np.array(flat, dtype=np.uint64), places


def word_hash(word: str) -> int:
    """A stable 64-bit hash of a word."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


def _codes(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Code points of all texts in one row, each text between its marks and followed by a break."""
    joined = "".join(f"{_START}{squeeze(text)}{_END}{_BREAK}" for text in texts)
    return np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _jamo(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The same row with every Hangul syllable spelt as two or three jamo."""
    out = np.zeros((len(codes), 3), dtype=np.uint32)
    keep = np.zeros((len(codes), 3), dtype=bool)
    hangul = (codes >= _FIRST) & (codes <= _LAST)
    index = codes[hangul] - _FIRST
    out[~hangul, 0] = codes[~hangul]
    keep[:, 0] = True
    out[hangul, 0] = _JAMO_INITIAL + index // 588  # 588 = 21 vowels * 28 finals
    out[hangul, 1] = _JAMO_VOWEL + index % 588 // 28
    out[hangul, 2] = _JAMO_FINAL + index % 28
    keep[hangul, 1] = True
    keep[hangul, 2] = index % 28 > 0
    return out[keep]


def _windows(codes: NDArray[np.uint32], sizes: Sequence[int]) -> tuple[Terms, Places]:
    breaks = codes == 0
    place = np.cumsum(breaks) - breaks
    terms: list[Terms] = []
    places: list[Places] = []
    for size in sizes:
        if len(codes) < size:
            continue
        count = len(codes) - size + 1
        pieces = [codes[offset : offset + count] for offset in range(size)]
        value = _hash(pieces)
        whole = np.ones(count, dtype=bool)
        for piece in pieces:
            whole &= piece != 0
        if size == 1:
            whole &= codes > 3  # the marks alone say nothing
        terms.append(value[whole])
        places.append(place[:count][whole])
    if not terms:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    merged, where = np.concatenate(terms), np.concatenate(places)
    order = np.argsort(where, kind="stable")
    return merged[order], where[order]


def _hash(pieces: Sequence[NDArray[np.uint32]]) -> Terms:
    """One term of the letters that stand at the same place of each piece."""
    value = np.full(pieces[0].shape, len(pieces), dtype=np.uint64)
    for piece in pieces:
        value = (value + piece) * _MULTIPLIER
        value ^= value >> _SHIFT
    return value
