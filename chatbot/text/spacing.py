"""Put spaces right: words typed apart (오 늘 날 씨, 먹 었어) and words run together (오늘뭐먹을까). In and out: str.

Well-spaced text stays as it is: something must show that the spaces are wrong before any is moved. Knows how Korean
words may end and, through a `Spacer`, what Kiwi makes of the rest; knows nothing of spelling.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from chatbot.errors import CorpusError
from chatbot.text.jamo import is_syllable, split_syllable

_BOUND = "bound.tsv"
_VERSION = "2"  # raise it when the code of the rules changes, so that checkpoints know

# Well-spaced eojeols rarely reach eight syllables, and messages of one eojeol rarely six: of 500 questions with their
# spaces removed Kiwi puts 0.64 to 0.78 of the eojeols right (F1), of 500 spaced ones it changes none to four.
_SHORTEST_ALONE, _SHORTEST_OF_SEVERAL = 6, 8
_LONG_EOJEOL = re.compile(rf"[가-힣]{{{_SHORTEST_ALONE},}}")
_RUN = re.compile(r"(?<![^ ])(?:[가-힣] ){2,}[가-힣]{1,2}(?![가-힣])")
# By how much likelier (natural logarithm, over the whole line) a line must get before words in it are joined. Of
# 13,900 well-spaced lines of the corpus none gains 10 and, of those with three syllables in a row, none 8; lines
# typed apart gain 10 to 60.
_NEEDED = 10.0
_NEEDED_IN_RUN = 8.0
_LONGEST = 200  # characters of a line that is looked at: longer ones are pasted, and would cost milliseconds
_CLOSING = ".!?~,ㅋㅎㅠㅜ"
# A numeral (백이십삼) is one word, which Kiwi takes apart. One with no power of ten may be anything: 이 일은.
_DIGITS, _POWERS = "영공일이삼사오육칠팔구", "십백천만억조"
_NUMERAL = re.compile(
    rf"(?<!\S)(?=[{_DIGITS} ]*[{_POWERS}])[{_DIGITS}{_POWERS}]+(?: [{_DIGITS}{_POWERS}]+)+"
    rf"(?=$|[^가-힣]|[은는이가을를에의로과와도원년개명살](?![가-힣]{{3}}))"
)
# No Korean word ends in these consonants: 먹었, 없, 많, 싫, 앉 and 어떻 want an ending.
_OPEN_TAILS = frozenset("ㅆㅄㄶㅀㄵㄾㄿ")
_OPEN = frozenset("좋놓넣낳쌓닿찧빻떻렇랗")
_CLOSED = frozenset("값")
_ENDINGS_START = frozenset("어아다지고네는은을음으던습게더거기냐니군구자나도")


class Spacer(Protocol):
    """Whoever can put spaces into Korean text and say how likely a text is (KiwiAnalyzer)."""

    def space(self, text: str) -> str: ...

    def likelihood(self, text: str) -> float: ...


class Spacing:
    """Joins and splits words. Without a `spacer` only joins that are certain are made.

    `bound` are endings by how they hang: "always", at the end of a message ("last"), or if the spacer agrees
    ("perhaps").
    """

    def __init__(self, bound: Mapping[str, str], spacer: Spacer | None = None) -> None:
        self.bound = bound
        self.spacer = spacer
        told = (_VERSION, sorted(bound.items()), "kiwi" if spacer else "")
        self.fingerprint = hashlib.sha256(repr(told).encode()).hexdigest()[:16]

    @classmethod
    def load(cls, lexicon_dir: Path, spacer: Spacer | None = None) -> Spacing:
        """Read bound.tsv in `lexicon_dir`; without it no ending is joined by name. Raises CorpusError."""
        path = lexicon_dir / _BOUND
        lines = path.read_text(encoding="utf-8-sig").splitlines() if path.is_file() else []
        bound: dict[str, str] = {}
        for number, line in enumerate(lines, start=1):
            form, _, how = line.partition("\t")
            if line.strip() and not line.startswith("#"):
                if not form or how not in ("", "last", "perhaps"):
                    raise CorpusError(f"{path}:{number}: expected an ending, or ending<TAB>last or perhaps")
                bound[form] = how or "always"
        return cls(bound, spacer)

    def join(self, text: str) -> str:
        """`text` with words that were typed apart in one piece again."""
        if " " not in text:
            return text
        joined = self._endings_joined(text)
        if self.spacer is None or len(text) > _LONGEST:
            return joined
        movable = self._movable(joined)
        if not movable:
            return joined
        better = _merged(text, joined, self.spacer.space(joined.replace(" ", "")), movable)
        if better == joined:
            return joined
        needed = _NEEDED_IN_RUN if joined != text or _RUN.search(text) else _NEEDED
        gained = self.spacer.likelihood(better) - self.spacer.likelihood(text)
        return better if gained >= needed else joined

    def split(self, text: str) -> str:
        """`text` with spaces inside eojeols that are too long to be one."""
        if self.spacer is None or not _LONG_EOJEOL.search(text):
            return text
        if " " not in text:
            return _numerals_whole(self.spacer.space(text))
        return " ".join(self._taken_apart(word) for word in text.split(" "))

    def _taken_apart(self, word: str) -> str:
        """Two words together among others are mostly one name (데이터베이스예요); three or more are not."""
        if self.spacer is None or max(map(len, _LONG_EOJEOL.findall(word)), default=0) < _SHORTEST_OF_SEVERAL:
            return word
        apart = _numerals_whole(self.spacer.space(word))
        return apart if apart.count(" ") > 1 else word

    def _endings_joined(self, text: str) -> str:
        """먹 었어 as 먹었어, 죽겠 어 as 죽겠어: what never stands alone, behind what it hangs on."""
        words = text.split(" ")
        kept = words[:1]
        for at, word in enumerate(words[1:], start=2):
            bare = word.rstrip(_CLOSING)
            how = self.bound.get(bare)
            hangs = how == "always" or (how == "last" and (at == len(words) or bare != word))
            ends = bare[:1] in _ENDINGS_START and _is_open(kept[-1])
            if ends or (hangs and is_syllable(kept[-1][-1])):
                kept[-1] += word
            else:
                kept.append(word)
        return " ".join(kept)

    def _movable(self, text: str) -> set[int]:
        """Places of spaces that may be wrong: beside a syllable that stands alone, before what perhaps hangs."""
        words, found, at = text.split(" "), set(), 0
        for word, following in itertools.pairwise(words):
            at += len(word)
            bare = following.rstrip(_CLOSING)
            doubtful = len(word) == 1 or len(bare) == 1 or self.bound.get(bare) == "perhaps"
            if doubtful and word and bare and is_syllable(word[-1]) and is_syllable(bare[0]):
                found.add(at)
        return found


def _numerals_whole(text: str) -> str:
    return _NUMERAL.sub(lambda run: run[0].replace(" ", ""), text)


def _is_open(word: str) -> bool:
    """Whether `word` cannot end here: 죽겠, 없, 않."""
    last = word[-1:]
    if not last or not is_syllable(last) or last in _CLOSED:
        return False
    return last in _OPEN or split_syllable(last)[2] in _OPEN_TAILS


def _merged(typed: str, joined: str, respaced: str, movable: set[int]) -> str:
    """`joined` without those of the `movable` spaces that `respaced` does not have, and with spaces of `respaced`
    inside words that came together.

    All three hold the same characters but for spaces; `typed` is what the spaces were before anything was joined.
    """
    bare = joined.replace(" ", "")
    if respaced.replace(" ", "") != bare:
        return joined
    before, wanted = _spaces(typed), _spaces(respaced)
    kept = {0, len(bare)} | _spaces(joined) - (movable - wanted)
    for start, end in itertools.pairwise(sorted(kept)):
        if any(start < at < end for at in before):  # a word that came together may really be two
            kept |= {at for at in wanted if start < at < end}
    return "".join(" " + c if at in kept and at else c for at, c in enumerate(bare))


def _spaces(text: str) -> set[int]:
    """Before which characters of the text without spaces a space stands."""
    found: set[int] = set()
    for word in text.split(" ")[:-1]:
        found.add(len(word) + max(found, default=0))
    return found
