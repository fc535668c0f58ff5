"""Find Korean typed on an English keyboard (dkssudgktpdy is 안녕하세요) and leave English alone.

In: normalised text; out: text. Two letter models over the same keys, one of English and one of Korean, vote; words in
keyboard_keep.tsv are never touched. Knows nothing of Korean words.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from chatbot.errors import CorpusError
from chatbot.text.jamo import hangul_to_two_set, two_set_to_hangul

_KEEP = "keyboard_keep.tsv"
_WORDS = "keyboard_words.tsv"
_TRIGRAMS = "keyboard_trigrams.tsv"

# A word of letters alone: next to Hangul (goal은), digits or the marks of addresses and code it is meant as English.
_LATIN = re.compile(r"(?<![A-Za-z0-9가-힣@/._\-])[A-Za-z]{2,}(?![A-Za-z0-9가-힣@/_\-]|\.[A-Za-z])")
_SYLLABLES = re.compile(r"[가-힣]{2,}(?:ㅋ+|ㅎ+|ㅠ+|ㅜ+)?")
# The lead in log-likelihood (natural, over the whole word) that Korean must have. Measured over 14,000 English words
# and 35,000 Korean ones: above 4, five of the former (kept by name) and 99.6 % of the latter.
_NEEDED = 4.0
_SHORTEST = 4  # keys; shorter ones say too little, so they are named in keyboard_words.tsv
_PLACES = {letter: place for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz$")}


class WrongKeyboard:
    """Call it with text; gives the text with words of the wrong keyboard typed anew in Hangul."""

    def __init__(
        self,
        trigrams: Mapping[str, Sequence[int]],
        keep: frozenset[str] = frozenset(),
        words: Mapping[str, str] | None = None,
        fingerprint: str = "",
    ) -> None:
        self.trigrams = trigrams
        self.keep = keep
        self.words = words or {}
        self.fingerprint = fingerprint

    @classmethod
    def load(cls, lexicon_dir: Path) -> WrongKeyboard:
        """Read the tables in `lexicon_dir`; without them nothing is ever changed. Raises CorpusError."""
        digest = hashlib.sha256()
        rows = {name: _rows(lexicon_dir / name, digest) for name in (_KEEP, _WORDS, _TRIGRAMS)}
        return cls(
            {context: [int(lead) for lead in leads.split()] for context, leads in rows[_TRIGRAMS]},
            frozenset(word for word, _ in rows[_KEEP]),
            dict(rows[_WORDS]),
            digest.hexdigest(),
        )

    def __call__(self, text: str) -> str:
        retyped = _LATIN.sub(lambda found: self.retype(found.group()), text)
        if retyped == text:
            return text
        # One sure word means that the keyboard was wrong: the others of the line need no lead of their own.
        return _LATIN.sub(lambda found: self.retype(found.group(), needed=0.0), retyped)

    def retype(self, word: str, needed: float = _NEEDED) -> str:
        """`word` in Hangul when it is Korean on the wrong keyboard, else unchanged."""
        if word in self.words:
            return self.words[word]
        if word.lower() in self.keep or len(word) < _SHORTEST:
            return word
        caps_lock = sum(map(str.isupper, word)) * 2 > len(word)
        hangul = two_set_to_hangul(word.swapcase() if caps_lock else word)
        return hangul if _SYLLABLES.fullmatch(hangul) and self.lead(word) > needed else word

    def english(self, word: str) -> str:
        """The English word that `word` is on a keyboard left in Korean (ㅗ디ㅣㅐ is hello), or ""."""
        latin = hangul_to_two_set(word).lower()
        return latin if len(latin) >= _SHORTEST and latin in self.keep else ""

    def lead(self, word: str) -> float:
        """By how much Korean keys explain `word` better than English letters: a difference of log-likelihoods."""
        padded = f"^^{word.lower()}$"
        following = ((padded[at - 2 : at], padded[at]) for at in range(2, len(padded)))
        return sum(self.trigrams[keys][_PLACES[key]] for keys, key in following if keys in self.trigrams) / 10


def _rows(path: Path, digest: hashlib._Hash) -> list[tuple[str, str]]:
    """(first, second) cells of a table; second is "" in a plain list."""
    if not path.is_file():
        return []
    content = path.read_bytes()
    digest.update(content)
    rows: list[tuple[str, str]] = []
    for number, line in enumerate(content.decode("utf-8-sig").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        first, _, second = line.partition("\t")
        if not first or "\t" in second:
            raise CorpusError(f"{path}:{number}: expected one or two cells, separated by a tab")
        rows.append((first, second))
    return rows
