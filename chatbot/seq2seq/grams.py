"""Character n-grams of texts as numbers. In: strings. Out: arrays. Knows no score and no model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio (Knuth, TAOCP 3, 6.4)


def mixed(value: np.ndarray) -> np.ndarray:
    """64-bit numbers with every bit spread over all others."""
    value = value * _MULTIPLIER
    spread: np.ndarray = value ^ (value >> np.uint64(29))
    return spread


def hashed(texts: Sequence[str], sizes: Sequence[int]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For each size the n-grams of all texts: (the text that each stands in, its 64-bit hash)."""
    joined = "".join(text.replace("\0", " ") + "\0" for text in texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    ends = codes == 0
    place = np.cumsum(ends) - ends
    for size in sizes:
        width = max(len(codes) - size + 1, 0)
        value, whole = np.full(width, size, dtype=np.uint64), np.ones(width, dtype=bool)
        for offset in range(size):
            piece = codes[offset : offset + width]
            value = mixed(value + piece)
            whole &= piece != 0
        yield place[:width][whole], value[whole]
