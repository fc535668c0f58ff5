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
# How much likelier the analyzer has to find the mended text. Of this project's 725 held-out lines 41 were changed
# without it and 2 are with it; of 303 mended ones under jamo noise 298 still are.
_BETTER = 6.0
_ENOUGH = 100  # training texts below which nothing is learnt
_MOST = 20_000  # training texts that are looked at


@dataclass(frozen=True)
class Slips:
    """Counts of the training texts' character 1- to 4-grams; without any no text is changed."""

    grams: NDArray[np.uint64]  # [G], ascending
    counts: NDArray[np.int32]  # [G]
    _known: Codes = field(init=False, repr=False)  # [K], the syllables among them
    _known_jamo: NDArray[np.int64] = field(init=False, repr=False)  # [K, 3]
    _total: int = field(init=False, repr=False)  # characters of the training texts

    def __post_init__(self) -> None:
        every = np.arange(_FIRST, _LAST + 1, dtype=np.uint32) if len(self.grams) else np.zeros(0, np.uint32)
        times = self._count(_hashes(every[:, None]))[0] if len(every) else np.zeros(0)
        object.__setattr__(self, "_known", every[times > 0])
        object.__setattr__(self, "_known_jamo", _jamo(self._known))
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
        hashes = _hashes(np.concatenate([_windows(row) for row in codes]))
        # What a window is compared with: how often its context stood there, the start of a text included.
        starts = _hashes(np.full((len(codes), _SIZE - 1), _START, dtype=np.uint32))
        grams, counts = np.unique(np.concatenate([hashes, starts], axis=None), return_counts=True)
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
        cost = np.where(_common()[codes[doubtful] - _FIRST], _COST, _COST_OF_RARE)
        owed = around[:, doubtful - _SIZE + 1].sum(axis=0)[at] + cost[at]
        # No window is likelier than certain: the first of the four already rules most of them out.
        first = self._log_probabilities(rows[:, :_SIZE], at)
        promising = np.flatnonzero(first > owed)
        if not len(promising):
            return None
        at, others, rows, owed = at[promising], others[promising], rows[promising], owed[promising]
        inside = np.stack([rows[:, n : n + _SIZE] for n in range(1, _SIZE)], axis=1)  # [N, _SIZE - 1, _SIZE]
        likely = self._log_probabilities(inside.reshape(-1, _SIZE)).reshape(-1, _SIZE - 1)
        likely[(inside == 0).any(axis=2)] = 0.0  # windows beyond the end
        gain = first[promising] + likely.sum(axis=1) - owed
        best = int(gain.argmax())
        return (int(doubtful[at[best]]), int(others[best])) if gain[best] > 0 else None

    def _neighbours(self, codes: Codes) -> tuple[NDArray[np.int64], Codes]:
        """(number of a syllable, known syllable one jamo away from it) for every such pair."""
        alike = (_jamo(codes)[:, None, :] == self._known_jamo[None, :, :]).sum(axis=2) == 2
        at, other = np.nonzero(alike)
        return at, self._known[other]

    def _log_probabilities(self, windows: Codes, groups: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        """[N]: of the last character of each window [N, _SIZE], after those before it, which all of a group share."""
        if groups is None:
            times = self._count(np.concatenate([_hashes(windows), _hashes(windows[:, :-1])]))
            whole, before = times[:_SIZE], times[_SIZE:]
        else:
            _, one, group = np.unique(groups, return_index=True, return_inverse=True)
            whole, before = self._count(_hashes(windows)), self._count(_hashes(windows[one, :-1]))[:, group]
        shares = np.log(np.maximum(whole[1:], 1) / np.maximum(before, 1))
        found: NDArray[np.float64] = np.where(
            whole[0] > 0, np.log(np.maximum(whole[0], 1) / max(self._total, 1)), _UNSEEN
        )
        for seen, share in zip(whole[1:] > 0, shares, strict=True):
            found = np.where(seen, share, found + _BACKOFF)
        return found

    def _count(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        if not len(self.grams):
            return np.zeros(hashes.shape, dtype=np.int64)
        places = np.minimum(np.searchsorted(self.grams, hashes), len(self.grams) - 1)
        return np.where(self.grams[places] == hashes, self.counts[places], 0)


@cache
def _common() -> NDArray[np.bool_]:
    """For every syllable whether KS X 1001 has it."""
    return np.array([len(chr(code).encode("euc_kr", "ignore")) == 2 for code in range(_FIRST, _LAST + 1)])


def _codes(text: str) -> Codes:
    """Code points with a start of three marks and an end."""
    spelt = f"{chr(_START) * (_SIZE - 1)}{text.lower() if len(text.lower()) == len(text) else text}{chr(_END)}"
    return np.frombuffer(spelt.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).copy()


def _windows(codes: Codes) -> Codes:
    """[N, _SIZE]: one window a character and one for the end."""
    return np.lib.stride_tricks.sliding_window_view(codes, _SIZE)


def _hashes(windows: Codes) -> NDArray[np.uint64]:
    """[size, N]: of the last character of each window, of the last two, and so on."""
    value, values = np.zeros(len(windows), dtype=np.uint64), []
    for column in range(windows.shape[1] - 1, -1, -1):
        value = mix(value, windows[:, column])
        values.append(value)
    return np.stack(values)


def _jamo(codes: Codes) -> NDArray[np.int64]:
    index = codes.astype(np.int64) - _FIRST
    return np.stack([index // 588, index // 28 % 21, index % 28], axis=1)
