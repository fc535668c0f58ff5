"""Texts to integer features, one row a character: syllable, jamo, word start, hashed n-grams, parts of words, subword.

In: preprocessed texts. Out: integer arrays that index one embedding table. Spaces are not positions: they only set the
word-start mark of the character after them, so that text without spaces looks almost the same. Knows nothing of
tensors or networks. Shapes: S source length (characters that are not space, at least 1), F features a position.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.neural.subword_view import SubwordView

Codes = NDArray[np.uint32]
Rows = NDArray[np.int32]

_BREAK, _START = 0, 2  # code points no preprocessed text holds
_FIRST, _LAST = 0xAC00, 0xD7A3  # 가, 힣
_INITIALS, _VOWELS, _FINALS = 19, 21, 28  # Unicode 3.12
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio (Knuth, TAOCP 3, 6.4)
_MARKS = 2  # inside a word, at its start
_UNKNOWN = 1  # row of an unknown character; row 0 is padding
NGRAM_SIZES = (2, 3, 4)
JAMO_WINDOWS = 3
FEATURES = 1 + 3 + 1 + len(NGRAM_SIZES) + JAMO_WINDOWS
WORD_FEATURES = 3  # the word up to this character, from it on, and the whole of it
_LONGEST_WORD = 12  # characters of a word that its parts are hashed over


@dataclass(frozen=True, slots=True)
class Views:
    """How text becomes rows of an embedding table.

    `characters` are the known characters in code point order; `ngram_buckets` and `jamo_buckets` how many rows the
    hashed n-grams of syllables and of jamo share; texts are cut after `max_length` characters. With `word_buckets`
    each character also has the parts of its word (what the floor's n-grams inside words see): they say most about well
    spaced text, so view dropout has to keep the others strong. With `subwords` each also has the subword it stands in.
    """

    characters: str
    ngram_buckets: int = 32768
    jamo_buckets: int = 12288
    max_length: int = 160
    word_buckets: int = field(default=0, repr=False)  # not in the repr: encoders without it keep their fingerprint
    subwords: SubwordView | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        texts: Iterable[str],
        *,
        ngram_buckets: int = 32768,
        jamo_buckets: int = 12288,
        word_buckets: int = 0,
        subwords: SubwordView | None = None,
        limit: int = 2500,
        max_length: int = 160,
    ) -> Views:
        """Views whose characters are the `limit` most frequent of `texts`."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(text.lower())
        usable = (c for c in counts if not c.isspace() and ord(c) > _START)
        frequent = sorted(usable, key=lambda c: (-counts[c], c))[:limit]
        characters = "".join(sorted(frequent))
        return cls(characters, ngram_buckets, jamo_buckets, max_length, word_buckets, subwords)

    @property
    def table_size(self) -> int:
        """Rows of the embedding table, padding included."""
        return self._subword_start + (self.subwords.size if self.subwords else 0)

    @property
    def features(self) -> int:
        """F, the features of a position."""
        return FEATURES + (WORD_FEATURES if self.word_buckets else 0) + (1 if self.subwords else 0)

    @property
    def _jamo_start(self) -> int:
        return _UNKNOWN + 1 + len(self.characters)

    @property
    def _mark_start(self) -> int:
        return self._jamo_start + _INITIALS + _VOWELS + _FINALS

    @property
    def _ngram_start(self) -> int:
        return self._mark_start + _MARKS

    @property
    def _subword_start(self) -> int:
        return self._ngram_start + self.ngram_buckets + self.jamo_buckets + self.word_buckets

    def read(self, texts: Sequence[str]) -> list[Rows]:
        """One int32 array [S, F] a text; 0 where a feature does not apply."""
        codes, marks, lengths = _spell(texts, self.max_length)
        real = codes > _START
        features = np.zeros((len(codes), self.features), dtype=np.int32)
        features[:, 0] = self._character_rows(codes)
        initial, vowel, final = _split(codes)
        hangul = initial >= 0
        for column, (jamo, offset) in enumerate(((initial, 0), (vowel, _INITIALS), (final, _INITIALS + _VOWELS)), 1):
            features[hangul, column] = self._jamo_start + offset + jamo[hangul]
        features[:, 4] = self._mark_start + marks
        for column, size in enumerate(NGRAM_SIZES, 5):
            features[:, column] = self._bucket(_windows(codes, size), self._ngram_start, self.ngram_buckets)
        start = self._ngram_start + self.ngram_buckets
        for column, terms in enumerate(_jamo_windows(codes, initial, vowel, final), 5 + len(NGRAM_SIZES)):
            features[:, column] = self._bucket(terms, start, self.jamo_buckets)
        if self.word_buckets:
            start += self.jamo_buckets
            for column, terms in enumerate(_word_parts(codes, marks), FEATURES):
                features[:, column] = self._bucket(terms, start, self.word_buckets)
        if self.subwords and texts:
            pieces = self.subwords.read(texts, self.max_length)
            features[real, -1] = np.where(pieces > 0, self._subword_start + pieces - 1, 0)
        return np.split(features[real], np.cumsum(lengths)[:-1]) if len(texts) else []

    def as_config(self) -> dict[str, Any]:
        """What a checkpoint keeps; the characters go into a vocabulary file, the subwords into one of theirs."""
        return {
            "ngram_buckets": self.ngram_buckets,
            "jamo_buckets": self.jamo_buckets,
            "max_length": self.max_length,
            "word_buckets": self.word_buckets,
        }

    @classmethod
    def from_config(cls, characters: str, config: Mapping[str, Any], subwords: SubwordView | None = None) -> Views:
        """The views that `as_config` described."""
        words = config.get("word_buckets", 0)  # checkpoints older than the feature do not name it
        buckets = config["ngram_buckets"], config["jamo_buckets"]
        return cls(characters, *buckets, config["max_length"], words, subwords)

    def _character_rows(self, codes: Codes) -> NDArray[np.int64]:
        known = _code_points(self.characters)
        if not len(known):
            return np.full(len(codes), _UNKNOWN, dtype=np.int64)
        place = np.minimum(np.searchsorted(known, codes), len(known) - 1)
        return np.where(known[place] == codes, place + _UNKNOWN + 1, _UNKNOWN)

    @staticmethod
    def _bucket(terms: NDArray[np.uint64], start: int, buckets: int) -> NDArray[np.int64]:
        """Rows of hashed terms; term 0 stands for none."""
        rows = start + (terms >> np.uint64(17)) % np.uint64(buckets)
        return np.where(terms > 0, rows, 0).astype(np.int64)


@lru_cache(maxsize=8)
def _code_points(characters: str) -> Codes:
    """Asked for with every text, and always the same few thousand."""
    return np.array([ord(character) for character in characters], dtype=np.uint32)


def words_of(text: str, max_length: int) -> list[tuple[str, int, int]]:
    """(word, first position, one after its last) over the positions that `Views.read` gives."""
    spans, at = [], 0
    for word in text.split():
        if at >= max_length:
            break
        spans.append((word, at, min(at + len(word), max_length)))
        at += len(word)
    return spans


def _spell(texts: Sequence[str], max_length: int) -> tuple[Codes, NDArray[np.int32], NDArray[np.int64]]:
    """(code points with a start mark and a break round each text, word-start marks, characters a text)."""
    pieces, marks, lengths = [], [], []
    for text in texts:
        words = text.lower().split()
        joined = "".join(words)[:max_length] or "\ufffd"
        begins = np.zeros(max(len(joined), 1) + 2, dtype=np.int32)
        at = 1
        for word in words:
            if at > len(joined):
                break
            begins[at] = 1
            at += len(word)
        pieces.append(f"{chr(_START)}{_clean(joined)}{chr(_BREAK)}")
        marks.append(begins)
        lengths.append(len(joined))
    codes = np.frombuffer("".join(pieces).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return codes, np.concatenate(marks) if marks else np.zeros(0, np.int32), np.array(lengths, dtype=np.int64)


def _clean(text: str) -> str:
    """Control characters would be read as marks; preprocessing removes them, other callers may not."""
    if text.isprintable():
        return text
    return "".join(c if ord(c) > _START else "\ufffd" for c in text)


def _split(codes: Codes) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """(initial, vowel, final) numbers of every code point; -1 where it is no Hangul syllable."""
    hangul = (codes >= _FIRST) & (codes <= _LAST)
    index = np.where(hangul, codes.astype(np.int64) - _FIRST, 0)
    block, final = np.divmod(index, _FINALS)
    initial, vowel = np.divmod(block, _VOWELS)
    return tuple(np.where(hangul, part, -1) for part in (initial, vowel, final))  # type: ignore[return-value]


def _mix(value: NDArray[np.uint64], piece: NDArray[Any]) -> NDArray[np.uint64]:
    mixed: NDArray[np.uint64] = (value + piece.astype(np.uint64) + np.uint64(1)) * _MULTIPLIER
    return mixed ^ (mixed >> np.uint64(29))


def _shift(values: NDArray[Any], by: int, fill: int) -> NDArray[Any]:
    """`values` moved right by `by` places (left when negative)."""
    moved = np.full_like(values, fill)
    if by > 0:
        moved[by:] = values[:-by]
    elif by < 0:
        moved[:by] = values[-by:]
    else:
        moved[:] = values
    return moved


def _windows(codes: Codes, size: int) -> NDArray[np.uint64]:
    """The hash of the `size` code points that end at each place; 0 where the text has not begun yet."""
    value = np.full(len(codes), size, dtype=np.uint64)
    whole = np.ones(len(codes), dtype=bool)
    for back in range(size - 1, -1, -1):
        piece = _shift(codes, back, _BREAK)
        whole &= piece != _BREAK
        value = _mix(value, piece)
    return np.where(whole, value, np.uint64(0))


def _jamo_windows(
    codes: Codes, initial: NDArray[np.int64], vowel: NDArray[np.int64], final: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], ...]:
    """Three windows over jamo, each without some jamo of the syllable, so that one slip spares the others."""
    hangul = initial >= 0
    before, after = _shift(codes, 1, _BREAK), _shift(codes, -1, _BREAK)
    # Where the neighbour is no syllable its code point stands for it, kept apart by the offset.
    final_before = np.where(_shift(initial, 1, -1) >= 0, _shift(final, 1, -1), before.astype(np.int64) + 100)
    vowel_before = np.where(_shift(initial, 1, -1) >= 0, _shift(vowel, 1, -1), before.astype(np.int64) + 100)
    initial_after = np.where(_shift(initial, -1, -1) >= 0, _shift(initial, -1, -1), after.astype(np.int64) + 100)
    vowel_after = np.where(_shift(initial, -1, -1) >= 0, _shift(vowel, -1, -1), after.astype(np.int64) + 100)
    shapes = (
        (final_before, initial, vowel),
        (vowel, final, initial_after),
        (vowel_before, initial, vowel, initial_after, vowel_after),
    )
    results = []
    for number, parts in enumerate(shapes):
        value = np.full(len(codes), 101 + number, dtype=np.uint64)
        for part in parts:
            value = _mix(value, part)
        results.append(np.where(hangul, value, np.uint64(0)))
    return tuple(results)


def _word_parts(codes: Codes, marks: NDArray[np.int32]) -> tuple[NDArray[np.uint64], ...]:
    """Hashes of each character's word up to it, from it on, and whole; 0 outside of words."""
    real = codes > _START
    places = np.arange(len(codes))
    begins = np.maximum.accumulate(np.where((marks > 0) | ~real, places, 0))
    stops = (marks > 0) | ~real  # the places where no word goes on
    ends = np.minimum.accumulate(np.where(stops, places, len(codes))[::-1])[::-1]  # the next stop at or after
    ends = np.append(ends[1:], len(codes)) - 1  # the last character of the word that goes on here
    before, after = _part(codes, begins, places, 201), _part(codes, places, ends, 202)
    return tuple(np.where(real, terms, np.uint64(0)) for terms in (before, after, _part(codes, begins, ends, 203)))


def _part(codes: Codes, first: NDArray[np.int64], last: NDArray[np.int64], kind: int) -> NDArray[np.uint64]:
    """One hash a place over the characters from `first` to `last`, at most `_LONGEST_WORD` of them."""
    value = np.full(len(codes), kind, dtype=np.uint64)
    for offset in range(min(_LONGEST_WORD, int((last - first).max(initial=0)) + 1)):
        inside = first + offset <= last
        piece = codes[np.minimum(first + offset, len(codes) - 1)]
        value = np.where(inside, _mix(value, piece), value)
    return value
