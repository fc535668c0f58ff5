"""Mend words in which a finger missed one key: 안녕하셍ㅅ is 안녕하세요, 감사합ㄴ다 is 감사합니다. In and out: str.

Only where something shows that a key was missed: a jamo left over, or a syllable that Korean hardly has (KS X 1001
lists those in use). What was meant must be the only frequent word one stroke away. Knows nothing of spelling.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from chatbot.text.jamo import hangul_to_two_set, near_keys

_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]+")
_LEFT_OVER = re.compile(r"[가-힣][ㄱ-ㅎㅏ-ㅣ]|[ㄱ-ㅎㅏ-ㅣ][가-힣]")
_SHORTEST = 7  # strokes: shorter words are one stroke away from too many others


class MissedKeys:
    """Knows frequent words by the keys that type them. The index is built at first need."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(words)

    def mend(self, word: str) -> str:
        """The frequent word that was meant, or "" when nothing shows a missed key or several may have been meant."""
        if not self.words or not _HANGUL.fullmatch(word) or not (_LEFT_OVER.search(word) or _is_odd(word)):
            return ""
        keys = hangul_to_two_set(word)
        if len(keys) < _SHORTEST:
            return ""
        known = {each for form in (keys, *_shortened(keys)) for each in self._index.get(form, ())}
        meant = {each for each in known if _one_stroke_away(keys, hangul_to_two_set(each))}
        return meant.pop() if len(meant) == 1 else ""

    @cached_property
    def _index(self) -> dict[str, list[str]]:
        """Words by their keys, and by their keys without any one of them."""
        index: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(self.words):
            keys = hangul_to_two_set(word)
            for form in {keys, *_shortened(keys)}:
                index[form].append(word)
        return index


def _is_odd(word: str) -> bool:
    """Whether a syllable is outside KS X 1001, the 2,350 that written Korean makes do with."""
    try:
        word.encode("euc_kr")
    except UnicodeEncodeError:
        return True
    return False


def _shortened(keys: str) -> Iterator[str]:
    return (keys[:at] + keys[at + 1 :] for at in range(len(keys)))


def _one_stroke_away(typed: str, meant: str) -> bool:
    """Whether `typed` has one stroke too many or too few, two swapped, or one on a key that touches the right one."""
    at = next((at for at, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant)))
    typed, meant = typed[at:], meant[at:]
    if len(typed) != len(meant):
        return typed[1:] == meant or typed == meant[1:]
    if typed[1:] == meant[1:]:
        return not typed or typed[0].lower() == meant[0].lower() or typed[0].lower() in near_keys(meant[0].lower())
    return typed[:2] == meant[1::-1] and typed[2:] == meant[2:]
