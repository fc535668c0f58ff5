"""Undo slips of one jamo, by what the training texts make likely. In: texts. Out: texts of the same length.

A noisy channel (Kernighan, Church & Gale 1990): a syllable gives way to one that differs in a single jamo where the
training texts expect that one so much more that a slip is the likelier story. Character 4-grams with stupid backoff
(Brants et al. 2007) say what is expected. Knows nothing of labels, grammar or dictionaries.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.neural.ngrams import mix

Codes = NDArray[np.uint32]

_SIZE = 4  # characters a window
_START, _END = 2, 3  # code points no preprocessed text holds
_FIRST, _LAST = 0xAC00, 0xD7A3  # 가, 힣; a syllable is _FIRST + (initial * 21 + vowel) * 28 + final (Unicode 3.12)
_BACKOFF = np.log(0.4)  # Brants et al. 2007
_UNSEEN = np.log(1e-5)  # a syllable the training texts do not hold
_UNLIKELY = -7.0  # log probability above which a window raises no suspicion
# How much likelier, in nats, the other syllable has to be. Most of the 11,172 syllables stand in no word: the 2,350 of
# KS X 1001 make up nearly all of Korean, but a slip lands among them once in three times.
_COST, _COST_OF_RARE = 11.0, 1.0
# How much likelier the analyzer has to find the mended text. Of this project's 725 held-out lines 41 were changed, and 2
# still are; of 303 mended under jamo noise 298.
_BETTER = 6.0
_ENOUGH = 100  # training texts below which nothing is learnt
_MOST = 20_000  # training texts that are looked at


@dataclass(frozen=True)
class Slips:
    """Counts of the training texts' character 1- to 4-grams; without any no text is changed."""

    grams: NDArray[np.uint64]  # [G], ascending
    counts: NDArray[np.int32]  # [G]
    _known: Codes = field(init=False, repr=False)  # [K], the syllables among them
    _total: int = field(init=False, repr=False)  # characters of the training texts

    def __post_init__(self) -> None:
        every = np.arange(_FIRST, _LAST + 1, dtype=np.uint32) if len(self.grams) else np.zeros(0, np.uint32)
        times = self._count(every[:, None])
        object.__setattr__(self, "_known", every[times > 0])
        object.__setattr__(self, "_total", int(self.counts.sum()) // _SIZE)

    @classmethod
    def none(cls) -> Slips:
        """Slips that nothing is known of."""
        return cls(np.zeros(0, np.uint64), np.zeros(0, np.int32))

    @classmethod
    def fit(cls, texts: Sequence[str], seed: int) -> Slips:
        """What the texts are made of; nothing where there are too few of them."""
        if len(texts) < _ENOUGH:
            return cls.none()
        chosen = random.Random(seed).sample(list(texts), min(len(texts), _MOST))
        codes = [_codes(text) for text in chosen]
        hashes = [_hash(_windows(row)[:, _SIZE - size :]) for row in codes for size in range(1, _SIZE + 1)]
        # What a window is compared with: how often its context stood there, the start of a text included.
        starts = [_hash(np.full((len(codes), size), _START, dtype=np.uint32)) for size in range(1, _SIZE)]
        grams, counts = np.unique(np.concatenate([*hashes, *starts]), return_counts=True)
        return cls(grams, counts.astype(np.int32))

    def mend(self, text: str, likelihood: Callable[[str], float] | None = None) -> str:
        """The text with its likeliest slips undone, one after another; at most one syllable in five.

        `likelihood` says in nats what an analyzer thinks of a text: a word that training never showed is no slip, and
        the analyzer knows most of them.
        """
        mended = self._mend(text)
        doubtful = likelihood is not None and mended != text and likelihood(mended) < likelihood(text) + _BETTER
        return text if doubtful else mended

    def _mend(self, text: str) -> str:
        if not len(self.grams) or not any(_FIRST <= ord(char) <= _LAST for char in text):
            return text
        codes, mended = _codes(text), list(text)
        for _ in range(1 + len(text) // 5):
            found = self._likeliest(codes)
            if found is None:
                break
            place, code = found
            codes[place] = code
            mended[place - _SIZE + 1] = chr(code)
        return "".join(mended)

    def _likeliest(self, codes: Codes) -> tuple[int, int] | None:
        """(place, syllable) of the change that gains most; none where no change pays."""
        windows = self._log_probabilities(_windows(codes))  # of the character each window ends with
        places = np.arange(_SIZE - 1, len(codes) - 1)
        around = np.stack([np.append(windows, np.zeros(_SIZE))[places - _SIZE + 1 + n] for n in range(_SIZE)])
        hangul = (codes[places] >= _FIRST) & (codes[places] <= _LAST)
        doubtful = places[hangul & (around.min(axis=0) < _UNLIKELY)]
        if not len(doubtful):
            return None
        at, others = self._neighbours(codes[doubtful])
        if not len(at):
            return None
        long = np.append(codes, np.zeros(_SIZE, dtype=np.uint32))
        rows = long[doubtful[at][:, None] + np.arange(1 - _SIZE, _SIZE)]  # [N, 2 * _SIZE - 1]
        rows[:, _SIZE - 1] = others
        inside = np.stack([rows[:, n : n + _SIZE] for n in range(_SIZE)], axis=1)  # [N, _SIZE, _SIZE]
        likely = self._log_probabilities(inside.reshape(-1, _SIZE)).reshape(-1, _SIZE)
        likely[(inside == 0).any(axis=2)] = 0.0  # windows beyond the end
        cost = np.where(np.isin(codes[doubtful], _common()), _COST, _COST_OF_RARE)
        gain = likely.sum(axis=1) - around[:, doubtful - _SIZE + 1].sum(axis=0)[at] - cost[at]
        best = int(gain.argmax())
        return (int(doubtful[at[best]]), int(others[best])) if gain[best] > 0 else None

    def _neighbours(self, codes: Codes) -> tuple[NDArray[np.int64], Codes]:
        """(number of a syllable, known syllable one jamo away from it) for every such pair."""
        own, known = _jamo(codes), _jamo(self._known)
        alike = (own[:, None, :] == known[None, :, :]).sum(axis=2) == 2
        at, other = np.nonzero(alike)
        return at, self._known[other]

    def _log_probabilities(self, windows: Codes) -> NDArray[np.float64]:
        """[N]: of the last character of each window [N, _SIZE], after those before it."""
        found = np.full(len(windows), _UNSEEN)
        for size in range(1, _SIZE + 1):
            whole = self._count(windows[:, _SIZE - size :])
            before = self._count(windows[:, _SIZE - size : -1]) if size > 1 else np.full(len(whole), self._total)
            with np.errstate(divide="ignore", invalid="ignore"):
                found = np.where(whole > 0, np.log(whole / np.maximum(before, whole)), found + _BACKOFF * (size > 1))
        return found

    def _count(self, windows: Codes) -> NDArray[np.int64]:
        if not len(self.grams):
            return np.zeros(len(windows), dtype=np.int64)
        wanted = _hash(windows)
        places = np.minimum(np.searchsorted(self.grams, wanted), len(self.grams) - 1)
        return np.where(self.grams[places] == wanted, self.counts[places], 0)


@cache
def _common() -> Codes:
    """The syllables of KS X 1001."""
    every = (chr(code) for code in range(_FIRST, _LAST + 1))
    return np.array([ord(char) for char in every if char.encode("euc_kr", "ignore")], dtype=np.uint32)


def _codes(text: str) -> Codes:
    """Code points with a start of three marks and an end."""
    spelt = f"{chr(_START) * (_SIZE - 1)}{text.lower() if len(text.lower()) == len(text) else text}{chr(_END)}"
    return np.frombuffer(spelt.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).copy()


def _windows(codes: Codes) -> Codes:
    """[N, _SIZE]: one window a character and one for the end."""
    return np.lib.stride_tricks.sliding_window_view(codes, _SIZE)


def _hash(windows: Codes) -> NDArray[np.uint64]:
    value = np.full(len(windows), windows.shape[1], dtype=np.uint64)
    for column in range(windows.shape[1]):
        value = mix(value, windows[:, column])
    return value


def _jamo(codes: Codes) -> NDArray[Any]:
    index = codes.astype(np.int64) - _FIRST
    return np.stack([index // 588, index // 28 % 21, index % 28], axis=1)
