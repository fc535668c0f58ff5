"""Find Korean typed on an English keyboard (dkssudgktpdy is 안녕하세요) and leave English alone.

In: normalised text; out: text. Two letter models over the same keys, one of English and one of Korean, vote; words in
keyboard_keep.tsv are never touched. Knows nothing of Korean words.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from chatbot.errors import CorpusError
from chatbot.text.jamo import two_set_to_hangul

_KEEP = "keyboard_keep.tsv"
_WORDS = "keyboard_words.tsv"
_TRIGRAMS = "keyboard_trigrams.tsv"

_LATIN = re.compile(r"(?<![A-Za-z0-9@/._\-])[A-Za-z]{2,}(?![A-Za-z0-9@/_\-]|\.[A-Za-z])")
_SYLLABLES = re.compile(r"[가-힣]{2,}(?:ㅋ+|ㅎ+|ㅠ+|ㅜ+)?")
# The lead in log-likelihood (natural, over the whole word) that Korean must have; set on tests/golden/keyboard.tsv.
_NEEDED = 4.0


class WrongKeyboard:
    """Call it with text; gives the text with words of the wrong keyboard typed anew in Hangul."""

    def __init__(
        self,
        trigrams: Mapping[str, float],
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
            {trigram: float(lead) / 100 for trigram, lead in rows[_TRIGRAMS]},
            frozenset(word for word, _ in rows[_KEEP]),
            dict(rows[_WORDS]),
            digest.hexdigest(),
        )

    def __call__(self, text: str) -> str:
        return _LATIN.sub(lambda found: self.retype(found.group()), text)

    def retype(self, word: str) -> str:
        """`word` in Hangul when it is Korean on the wrong keyboard, else unchanged."""
        if word in self.words:
            return self.words[word]
        if word.lower() in self.keep or word.isupper() or len(word) < 4:
            return word
        hangul = two_set_to_hangul(word)
        return hangul if _SYLLABLES.fullmatch(hangul) and self.lead(word) > _NEEDED else word

    def lead(self, word: str) -> float:
        """By how much Korean keys explain `word` better than English letters: a difference of log-likelihoods."""
        padded = f"^^{word.lower()}$"
        return sum(self.trigrams.get(padded[at : at + 3], 0.0) for at in range(len(padded) - 2))


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
