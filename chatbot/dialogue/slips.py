"""Fixed phrases through one slip of the finger. In: a phrase as typed. Out: the known phrase it must have been.

A slip changes, drops or adds one jamo (예를 들변 for 예를 들면). Phrases are compared without spaces. Found by the
deletion neighbourhood: two strings are at most one edit apart exactly when deleting one symbol of either, or of both
at one place, makes them equal (Bocek, Hunt & Stiller 2007, "Fast Similarity Search in Large Dictionaries").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from chatbot.text.jamo import is_syllable, split_syllable

# A phrase of fewer jamo is too near to other words: 왜 and 뭐, 둘 and 술.
MIN_JAMO = 6


class Slips:
    """Known phrases, found again through one slip."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._exact: set[str] = set()
        self._near: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
        self._longest = 0  # jamo of the longest phrase
        for phrase in phrases:
            plain = phrase.replace(" ", "")
            self._exact.add(plain)
            jamo = _jamo(plain)
            if len(jamo) >= MIN_JAMO:
                self._longest = max(self._longest, len(jamo))
                for key in [(_WHOLE, jamo), *_gaps(jamo), *((_SHORTER, short) for _, short in _gaps(jamo))]:
                    self._near[key].add(plain)

    def find(self, text: str) -> str | None:
        """The phrase that `text` is but for one slip, without its spaces; None when none is, or more than one."""
        plain = text.replace(" ", "")
        if plain in self._exact:
            return plain
        if len(plain) > self._longest + 1:
            return None
        jamo = _jamo(plain)
        if not MIN_JAMO - 1 <= len(jamo) <= self._longest + 1:
            return None
        changed, dropped = list(_gaps(jamo)), (_SHORTER, jamo)
        added = [(_WHOLE, short) for _, short in changed]
        found = {phrase for key in (*changed, dropped, *added) for phrase in self._near.get(key, ())}
        return found.pop() if len(found) == 1 else None


# Places of a key that are none: the whole string, and a string that lacks a symbol somewhere.
_WHOLE, _SHORTER = -1, -2


def _gaps(jamo: str) -> Iterator[tuple[int, str]]:
    """The string without one symbol, and where the gap is."""
    return ((place, jamo[:place] + jamo[place + 1 :]) for place in range(len(jamo)))


@lru_cache(maxsize=1024)  # one message is compared with several sets of phrases
def _jamo(text: str) -> str:
    """Each syllable as its three or two jamo, 겹받침 and diphthongs whole; anything else as it stands, small."""
    return "".join("".join(split_syllable(c)) if is_syllable(c) else c for c in text.lower())
