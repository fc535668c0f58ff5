"""Undo how people type in a hurry: slang, sounds-like spelling, stretched vowels, half-typed jamo, slips of
a finger, the wrong keyboard.

In: normalised text; out: text in ordinary spelling. Every rule is a line of a TSV file under corpus/lexicon/. Words
that no rule names stay as they are: it never guesses. Knows nothing of morphemes or models.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path

from chatbot.text.jamo import compose, has_batchim, is_syllable, join_syllable, split_syllable
from chatbot.text.keyboard import WrongKeyboard
from chatbot.text.missed_keys import MissedKeys
from chatbot.text.typing_rules import OPENERS, RULE_FILES, SLIPS, Rules, read_rules

_VERSION = "2"  # raise it when the code of the rules changes, so that checkpoints know

_LAUGHTER = frozenset("ㅋㅎㅠㅜㅡ")
_JAMO = re.compile(r"[ㄱ-ㅎㅏ-ㅣ]")
_ALL_JAMO = re.compile(r"[ㄱ-ㅎㅏ-ㅣ]+")
# A word all of whose letters stand apart (ㅇㅏㄴㄴㅕㅇ), and one with spaces between. ㅠ, ㅜ and ㅡ alone are tears.
_WORD_OF_JAMO = re.compile(r"(?=.*[ㅏ-ㅗㅘ-ㅛㅝ-ㅟㅢㅣ])[ㄱ-ㅎ][ㅏ-ㅣ]+(?:[ㄱ-ㅎ]{1,3}[ㅏ-ㅣ]+)*[ㄱ-ㅎ]*[ㅠㅜㅡ]*")
_JAMO_APART = re.compile(r"(?<![^ ])[ㄱ-ㅎ] [ㅏ-ㅣ](?: [ㄱ-ㅎㅏ-ㅣ])*(?![^ ])")
_TYPED_APART = re.compile(r"[ㄱ-ㅎ][ㅏ-ㅣ][ㄱ-ㅎㅏ-ㅣ]*")
# One consonant before a word, unless a particle says that the consonant itself is meant.
_STRAY_LEAD = re.compile(
    r"^[ㄱ-ㅎ](?=[가-힣]{2})(?!은|는|이|가|을|를|으로|로|다|과|와|나|도|만|의|라|처럼|에|부터|까지|하고)"
)
_INITIALS = re.compile(r"(?:^|(?<=[가-힣]))([ㄱ-ㅎ]{2,})(?=[가-힣]|$)")
_HANGS_ON = frozenset("합해하했드요")  # ㄱㅅ합니다, ㅊㅋ해: what goes on a noun without a space
_STRETCHED = re.compile(r"([가-힣])([아어오우으이애에]+)([가-힣]?$)?")
_CLOSED_LATE = re.compile(r"(?<=[가-힣])([가-힣])([앙엉옹웅응잉앵엥])$")
# What a vowel turns into when it is drawn out: 와아아, 안녀어엉, 네에에.
_ECHOES = dict(
    zip("ㅏㅑㅘㅓㅕㅝㅗㅛㅜㅠㅡㅣㅢㅟㅐㅒㅙㅔㅖㅞㅚ", "아아아어어어오오우우으이이이애애애에에에에", strict=True)
)
# Words whose last syllable really ends in ㅋ; before laughter any other ㅋ is a slip of the finger (앜ㅋㅋ).
_REAL_KIEUK = ("부엌", "녘")


class TypingRepair:
    """Call it with normalised text; gives the text as its writer would have typed it at leisure."""

    def __init__(
        self,
        rules: Rules,
        keyboard: WrongKeyboard | None = None,
        fingerprint: str = "",
    ) -> None:
        self.rules = rules
        self.keyboard = keyboard
        self.fingerprint = fingerprint
        self._any = re.compile("|".join(map(re.escape, sorted(rules.any, key=len, reverse=True))) or r"(?!)")
        self._longest = {
            place: max(map(len, forms), default=0)
            for place, forms in (("start", rules.start), ("end", rules.end), ("opener", rules.openers))
        }
        self._jamo_starts = tuple(form for form in rules.start if _JAMO.match(form))
        self._missed_keys = MissedKeys(set(rules.slips.values()))
        self._mend = lru_cache(maxsize=20_000)(self._mend_eojeol)  # people repeat themselves

    @classmethod
    def load(cls, lexicon_dir: Path, slips: bool = True) -> TypingRepair:
        """Read the rules in `lexicon_dir`; a file that is absent means no such rules. Raises CorpusError.

        Without `slips` the table of slipped keys stays out (it is built with the other rules).
        """
        digest = hashlib.sha256(_VERSION.encode())
        keyboard = WrongKeyboard.load(lexicon_dir)
        digest.update(keyboard.fingerprint.encode())
        for path in (lexicon_dir / name for name in (*RULE_FILES, OPENERS, SLIPS)):
            digest.update(path.read_bytes() if path.is_file() else b"")
        return cls(read_rules(lexicon_dir, slips), keyboard, digest.hexdigest()[:16])

    def __call__(self, text: str) -> str:
        bare = text.strip(" .!?~,")
        if bare in self.rules.line:
            return text.replace(bare, self.rules.line[bare])
        if self.keyboard:
            text = self.keyboard(text)
        text = _JAMO_APART.sub(lambda found: found.group().replace(" ", ""), text)
        return " ".join(filter(None, map(self._mend, text.split(" "))))

    def _mend_eojeol(self, eojeol: str) -> str:
        before, word, after = _peel(eojeol)
        if word in self.rules.word:
            return before + self.rules.word[word] + after
        if self.keyboard and _JAMO.search(word):
            english = self.keyboard.english(word)
            if english:
                return before + english + after
        if _WORD_OF_JAMO.fullmatch(word):
            eojeol = before + compose(word) + after
        before, word, after = _peel(eojeol, _LAUGHTER)
        if not word:
            return eojeol
        word = self._missed_keys.mend(word) or word
        if _JAMO.search(word) and not _ALL_JAMO.fullmatch(word):
            word = _INITIALS.sub(self._spell_out, mend_jamo(word))
        if after[:1] == "ㅋ":
            word = _without_slip(word)
        after = "" if after == "ㅎ" and is_syllable(word[-1]) else after
        return before + self._respell(unstretch(word)) + after

    def _spell_out(self, initials: re.Match[str]) -> str:
        """Initials glued to a word, as a word: 생일ㅊㅋ to 생일 축하, ㄱㅅ합니다 to 감사합니다. Unknown ones stay."""
        said = self.rules.word.get(initials.group(1))
        named = not initials.start() and initials.string.startswith(self._jamo_starts)  # ㄱㅊ지 has a rule of its own
        if not said or named:
            return initials.group()
        following = initials.string[initials.end() : initials.end() + 1]
        hangs = following in _HANGS_ON and not initials.start()
        return f"{' ' if initials.start() else ''}{said}{' ' if following and not hangs else ''}"

    def _respell(self, word: str) -> str:
        word = self.rules.slips.get(word, word)
        if word in self.rules.word:
            return self.rules.word[word]
        mended = self._ends_mended(self._any.sub(lambda found: self.rules.any[found.group()], word))
        return mended if mended != word else self._unglued(word)

    def _ends_mended(self, word: str) -> str:
        start = self._longest_at(self.rules.start, word, "start", whole=True)
        if start:
            word = self.rules.start[start] + word[len(start) :]
        for length in range(min(self._longest["end"], len(word) - 1), 0, -1):
            if word[-length:] in self.rules.end:
                return word[:-length] + self.rules.end[word[-length:]]
        return word

    def _unglued(self, word: str) -> str:
        """오늘머해 as 오늘 뭐해: an opener before something that a rule names, or one that is misspelt itself."""
        opener = self._longest_at(self.rules.openers, word, "opener", whole=False)
        if not opener:
            return word
        rest = word[len(opener) :]
        mended = self._respell(rest)
        spelling = self.rules.openers[opener]
        return f"{spelling} {mended}" if spelling != opener or mended != rest else word

    def _longest_at(self, forms: Mapping[str, str], word: str, place: str, whole: bool) -> str:
        """The longest of `forms` that `word` starts with; without `whole` something must follow it."""
        lengths = range(min(self._longest[place], len(word) - (not whole)), 0, -1)
        return next((word[:length] for length in lengths if word[:length] in forms), "")


def mend_jamo(word: str) -> str:
    """`word` with half-typed jamo put right: ㅇㅏㄴ녕 to 안녕, 하세ㅛ to 하세요, 해ㅆ어 to 했어, ㅎ안녕 to 안녕.

    Runs of consonants (ㅋㅋ, ㅊㅋ) and jamo that are spoken about (ㄱ은, ㅄ으로) stay.
    """
    word = _TYPED_APART.sub(lambda found: compose(found.group()), word)
    mended: list[str] = []
    for at, character in enumerate(word):
        previous, following = mended[-1] if mended else "", word[at + 1 : at + 2]
        if not _JAMO.fullmatch(character) or not previous or not is_syllable(previous):
            mended.append(character)
        elif "ㅏ" <= character <= "ㅣ":
            mended.extend(_lone_vowel(previous, character))
        elif character == "ㅋ" and following and is_syllable(following):
            mended.append("ㅋ ")  # 예쁘네ㅋ꽃이다
        elif following and is_syllable(following):
            mended[-1] = _lone_consonant(previous, character, following)
        elif following:
            mended.append(character)
    return _STRAY_LEAD.sub("", "".join(mended))


def _lone_vowel(previous: str, vowel: str) -> str:
    """What a vowel alone means: 요 in 세ㅛ, nothing when it is drawn out (다ㅏㅏ). Tears (ㅠ, ㅜ) stay."""
    if split_syllable(previous)[1:] == (vowel, ""):
        return ""
    return vowel if vowel in "ㅠㅜㅡ" else join_syllable("ㅇ", vowel)


def _lone_consonant(previous: str, consonant: str, following: str) -> str:
    """`previous` with a consonant that belongs under it (해ㅆ어 to 했어), or without one typed twice (세ㅇ요)."""
    if has_batchim(previous) or split_syllable(following)[0] == consonant or consonant in "ㄸㅃㅉㅋㅎ":
        return previous
    lead, vowel, _ = split_syllable(previous)
    return join_syllable(lead, vowel, consonant)


def _without_slip(word: str) -> str:
    """`word` without a ㅋ that slid under its last syllable: 앜(ㅋㅋ) to 아."""
    if not is_syllable(word[-1]) or word.endswith(_REAL_KIEUK):
        return word
    lead, vowel, tail = split_syllable(word[-1])
    return word[:-1] + join_syllable(lead, vowel) if tail == "ㅋ" else word


def unstretch(word: str) -> str:
    """`word` without vowels drawn out: 너무우우 to 너무, 안녀엉 to 안녕. A single open one stays (나아)."""
    return _CLOSED_LATE.sub(_close, _STRETCHED.sub(_shorten, word))


def _close(found: re.Match[str]) -> str:
    lead, vowel, tail = split_syllable(found.group(1))
    echoed = not tail and split_syllable(_ECHOES[vowel])[1] == split_syllable(found.group(2))[1]
    return join_syllable(lead, vowel, "ㅇ") if echoed else found.group()


def _shorten(found: re.Match[str]) -> str:
    first, drawn, last = found.group(1), found.group(2), found.group(3) or ""
    lead, vowel, tail = split_syllable(first)
    if tail:  # 좋아아아
        return first + drawn[0] + last if len(drawn) > 2 and len(set(drawn)) == 1 else found.group()
    echo = _ECHOES[vowel]
    close = bool(last) and split_syllable(last)[0] == "ㅇ" and split_syllable(last)[1] == split_syllable(echo)[1]
    drawn_out = set(drawn) == {echo} and len(drawn) + close >= 2
    if not drawn_out or (first == echo and found.start() == 0):
        return found.group()
    return join_syllable(lead, vowel, split_syllable(last)[2]) if close else first + last


def feeling_of(text: str) -> str:
    """The feeling that emoji, ㅠㅠ or ㅋㅋ in `text` show: "sad", "happy", "laugh", "angry", "love", or "".

    The last one shown counts: people end on what they feel. A ㅋ among other consonants (ㅇㅋ) stands for a word.
    """
    pattern, felt = _feelings()
    found = pattern.findall(text)
    return felt[found[-1]] if found else ""


@lru_cache(maxsize=1)
def _feelings() -> tuple[re.Pattern[str], dict[str, str]]:
    table = resources.files("chatbot.text").joinpath("feelings.tsv").read_text(encoding="utf-8")
    felt = dict(line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return re.compile("|".join(map(_mark_pattern, sorted(felt, key=len, reverse=True)))), felt


def _mark_pattern(mark: str) -> str:
    """`mark` where it is one: letters and jamo not inside a longer run of their kind (ㅇㅋ, HTTP)."""
    kinds = {"ㅋ": "ㄱ-ㅊㅌㅍ", "ㅎ": "ㄱ-ㅊㅌㅍ", "ㅠ": "ㅏ-ㅗㅛ", "ㅜ": "ㅏ-ㅗㅛ"}
    kind = kinds.get(mark[0], "A-Za-z0-9" if mark[0].isalnum() and mark.isascii() else "")
    return f"(?<![{kind}]){re.escape(mark)}(?![{kind}])" if kind else re.escape(mark)


def _peel(eojeol: str, closing: frozenset[str] = frozenset()) -> tuple[str, str, str]:
    """(opening marks, what was said, closing marks) of an eojeol; characters of `closing` count as closing marks."""
    start, end = 0, len(eojeol)
    while start < end and not eojeol[start].isalnum():
        start += 1
    while end > start and (not eojeol[end - 1].isalnum() or eojeol[end - 1] in closing):
        end -= 1
    return eojeol[:start], eojeol[start:end], eojeol[end:]
