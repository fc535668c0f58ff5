"""How a word ends when it is read aloud in Korean. In: any word. Out: vowel, ㄹ, another consonant, or unknown.

Reads Hangul, jamo, digits, units, spelt letters, English words, brackets, quotes and emoji. Knows nothing of
particles.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from functools import cache
from importlib import resources


class Ending(Enum):
    """The last sound of a word."""

    VOWEL = "vowel"
    RIEUL = "ㄹ"
    CONSONANT = "consonant"
    UNKNOWN = "unknown"


# What each closing bracket or quote opens with. Quotes are part of the word; brackets explain the word before them.
_BRACKETS = {")": "(", "]": "[", "}": "{", "〉": "〈", "》": "《", "」": "「", "』": "『", "】": "【", ">": "<"}
_EXPLAINING = frozenset(")]")
_DIGITS = "영일이삼사오육칠팔구"
# English names of digits that stand right after letters: MP3 엠피쓰리, F1 에프원, GPT-4 지피티포.
_ENGLISH_DIGITS = "로원투리포브스븐트인"
# Trailing zeros → the last syllable of the number read aloud: 10 십, 100 백, 1000 천, 10000 만 …
_TEN_POWERS = {1: "십", 2: "백", 3: "천"}
_BIG_POWERS = {1: "만", 2: "억", 3: "조", 4: "경", 5: "해"}
_LETTERS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        [
            "이",
            "비",
            "씨",
            "디",
            "이",
            "프",
            "지",
            "치",
            "이",
            "이",
            "이",
            "엘",
            "엠",
            "엔",
            "오",
            "피",
            "큐",
            "알",
            "스",
            "티",
            "유",
            "이",
            "유",
            "스",
            "이",
            "트",
        ],
        strict=True,
    )
)
_SYMBOLS = {
    "%": "트",
    "‰": "밀",
    "°": "도",
    "²": "곱",
    "³": "곱",
    "+": "스",
    "#": "샵",
    "&": "드",
    "@": "이",
    "∞": "대",
    "√": "트",
    "±": "스",
    "α": "파",
    "β": "타",
    "γ": "마",
    "δ": "타",
    "ε": "론",
    "ζ": "타",
    "η": "타",
    "θ": "타",
    "ι": "타",
    "κ": "파",
    "λ": "다",
    "μ": "뮤",
    "ν": "뉴",
    "ξ": "이",
    "ο": "론",
    "π": "이",
    "ρ": "로",
    "σ": "마",
    "τ": "우",
    "υ": "론",
    "φ": "이",
    "χ": "이",
    "ψ": "이",
    "ω": "가",
}
# Units are read as units only after a number: 3 m 미터, but M 엠.
_UNITS = {
    "km": "터", "m": "터", "cm": "터", "mm": "터", "nm": "터", "μm": "터", "m²": "터", "km²": "터", "m³": "터",
    "cm²": "터", "cm³": "터",
    "kg": "램", "g": "램", "mg": "램", "t": "톤", "lb": "드", "oz": "스", "l": "터", "ml": "터", "dl": "터",
    "cc": "시",
    "b": "트", "kb": "트", "mb": "트", "gb": "트", "tb": "트", "bps": "스", "hz": "츠", "khz": "츠", "mhz": "츠",
    "ghz": "츠", "w": "트", "kw": "트", "kwh": "시", "v": "트", "ma": "어", "a": "어", "s": "초", "ms": "초",
    "min": "분", "h": "간", "ha": "르", "px": "셀", "pt": "트", "fps": "스", "kcal": "리", "cal": "리", "°c": "도",
    "°f": "도", "in": "치", "ft": "트", "yd": "드", "mi": "일", "x": "배", "db": "벨", "pa": "칼", "hpa": "칼",
    "mph": "일",
}  # fmt: skip
# Units that are no word and no name by themselves: kg is 킬로그램 even without a number before it.
_BARE_UNITS = frozenset(
    {
        "km", "cm", "mm", "nm", "μm", "kg", "mg", "ml", "mL", "dl", "dL", "kcal", "dB", "kWh", "kW", "kHz", "MHz",
        "GHz", "hPa", "fps", "bps", "m²", "cm²", "km²", "m³", "cm³",
    }
)  # fmt: skip
_MONEY = {"$": "러", "₩": "원", "€": "로", "¥": "엔", "£": "드"}
_LATIN = re.compile(r"[A-Za-z][A-Za-z'’.\-]*$")
_NUMBER = re.compile(r"(?P<whole>\d[\d,]*)(?P<rest>\.\d+)?$")
_FRACTION = re.compile(r"(?P<top>\d+)[/⁄]\d+$")
_ISO_DATE = re.compile(r"(?:\d{4}|(?<!\d)\d{2})[-./]\d{1,2}[-./]\d{1,2}\.?$")
_CLOCK = re.compile(r"(?<!\d)\d{1,2}:\d{2}$")
_MODEL_DIGIT = re.compile(r"[A-Za-z]-?(?P<digit>\d)$")
_UNIT = re.compile(r"\d\s*(?P<unit>°?[A-Za-zμ]+[²³]?)$")
_BARE_UNIT = re.compile(r"(?<![A-Za-z0-9²³])(?P<unit>[A-Za-zμ]+[²³]?)$")
_NUMBER_ONE = re.compile(r"(?:No|NO|Top|TOP)\.?\s?1$")
_LAUGH = re.compile(r"[ㅋㅎㅠㅜㅡ]+$")


def ending(word: str) -> Ending:
    """The last sound of `word` read aloud: brackets behind a word are not read, quotes are looked into, emoji
    skipped.
    """
    core = _core(_plain(word))
    return _of_reading(_last_syllable(core)) if core else Ending.UNKNOWN


def _plain(word: str) -> str:
    """NFC; ㎏ ℃ ① and full-width letters as plain ones, but ² and ㄱ as they are."""
    word = unicodedata.normalize("NFC", word)
    return "".join(c if c in "²³" or "\u3131" <= c <= "\u318e" else unicodedata.normalize("NFKC", c) for c in word)


def _core(word: str) -> str:
    """`word` without what is not read at its end: punctuation, emoji, laughter, bracketed remarks, quotes."""
    while word:
        last = word[-1]
        if last in _BRACKETS:
            word = _inside(word, last)
        elif (last.isalnum() and not _laughs(word)) or last in _SYMBOLS:
            return word
        else:
            word = word[:-1]
    return ""


def _inside(word: str, close: str) -> str:
    """사과(apple) → 사과; 『데미안』 → 『데미안; (사과) → (사과."""
    start = word.rfind(_BRACKETS[close])
    before = word[:start] if start > 0 else ""
    return before if close in _EXPLAINING and _core(before) else word[:-1]


def _laughs(word: str) -> bool:
    """Whether the end is ㅋㅋ or ㅠㅠ behind something that can be read."""
    match = _LAUGH.search(word)
    return match is not None and any(c.isalnum() for c in word[: match.start()])


def _last_syllable(core: str) -> str:
    last = core[-1]
    if "가" <= last <= "힣":
        return last
    if last.isascii() and last.isdigit():
        return _number_syllable(core)
    if "\u3131" <= last <= "\u318e":
        return _jamo_syllable(last)
    if "\u3041" <= last <= "\u30ff":
        return "은" if last in "んン" else "아"
    unit = _UNIT.search(core)
    if unit and (unit["unit"] in _UNITS or unit["unit"].lower() in _UNITS):
        return _UNITS.get(unit["unit"]) or _UNITS[unit["unit"].lower()]
    bare = _BARE_UNIT.search(core)
    if bare and bare["unit"] in _BARE_UNITS:
        return _UNITS.get(bare["unit"]) or _UNITS[bare["unit"].lower()]
    if last.lower() in _SYMBOLS:
        return _SYMBOLS[last.lower()]
    match = _LATIN.search(core)
    return _latin_syllable(match.group()) if match else ""


def _jamo_syllable(jamo: str) -> str:
    """ㄹ is called 리을, the other consonants end in a consonant, a vowel is itself."""
    if jamo == "ㄹ":
        return "을"
    return "역" if jamo <= "ㅎ" else "아"


def _number_syllable(core: str) -> str:
    """The last syllable of the number at the end of `core`."""
    if _ISO_DATE.search(core):
        return "일"
    if _CLOCK.search(core):
        return "분"
    if _NUMBER_ONE.search(core):
        return _ENGLISH_DIGITS[1]
    model = _MODEL_DIGIT.search(core)
    if model:
        return _ENGLISH_DIGITS[int(model["digit"])]
    fraction = _FRACTION.search(core)
    if fraction:
        return _integer_syllable(fraction["top"])
    match = _NUMBER.search(core)
    if match is None:
        return ""
    money = core[: match.start()].rstrip()[-1:]
    if money in _MONEY:
        return _MONEY[money]
    return _DIGITS[int(core[-1])] if match["rest"] else _integer_syllable(match["whole"].replace(",", ""))


def _integer_syllable(digits: str) -> str:
    zeros = len(digits) - len(digits.rstrip("0"))
    if zeros == 0 or zeros == len(digits) or digits[0] == "0":
        return _DIGITS[int(digits[-1])]
    return _TEN_POWERS.get(zeros) or _BIG_POWERS.get(zeros // 4, "해")


def _latin_syllable(word: str) -> str:
    """The last syllable of an English word: known ones from the table, capitals spelt, the rest by spelling."""
    known = readings()
    tail = re.split(r"[-.'’]", word.rstrip("-.'’"))[-1]
    for candidate in (word.lower(), tail.lower()):
        if candidate in known:
            return known[candidate][-1]
    if tail.isupper() or len(tail) == 1 or not re.search(r"[aeiouy]", tail.lower()):
        return _LETTERS[tail[-1].lower()]
    capitals = re.search(r"[A-Z]{2,}$", tail)
    if capitals:
        return _LETTERS[tail[-1].lower()]
    return _spelling_syllable(tail.lower())


# How the end of an English word is written in Korean (외래어 표기법 3장 1절, and everyday use where it differs),
# first match
# wins. The right side is a syllable with the same ending: 가 vowel, 갈 ㄹ, 각 another consonant.
_SPELLING = tuple(
    (re.compile(f"(?:{pattern})$"), syllable)
    for pattern, syllable in (
        (r"le|ll?", "갈"),
        (r"(?:m|n)e", "각"),
        (r"m|n|mb|gn|ng", "각"),
        (r"[aeiouyw]", "가"),
        (r"ck|ook|ok", "각"),
        (r"[aeiou]c", "각"),
        (r"[aeiou]p{1,2}", "각"),
        (r"(?:^|[^aeiou])[aeiou]bb?", "각"),
        (r"(?:^|[^aeiou])[aeiou]tt?|out|qu[aeiou]t", "각"),
    )
)


def _spelling_syllable(word: str) -> str:
    for pattern, syllable in _SPELLING:
        if pattern.search(word):
            return syllable
    return "가"


def _of_reading(syllable: str) -> Ending:
    """The ending of one Hangul syllable; anything else is unknown."""
    if not "가" <= syllable <= "힣":
        return Ending.UNKNOWN
    final = (ord(syllable) - ord("가")) % 28
    if final == 0:
        return Ending.VOWEL
    return Ending.RIEUL if final == 8 else Ending.CONSONANT


@cache
def readings() -> dict[str, str]:
    """English words and acronyms whose Korean reading does not follow from their spelling (readings.tsv)."""
    text = resources.files("chatbot.text").joinpath("readings.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {latin.lower(): korean for latin, korean in rows}
