"""Take Hangul syllables apart and put them together. In and out: str. Knows nothing of words.

Jamo are the compatibility ones that keyboards type (ㄱ, ㅏ, ㄳ), not the conjoining ones of NFD.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from types import MappingProxyType

LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
TAILS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

_FIRST = 0xAC00
_LAST = 0xD7A3

_LEAD_INDEX = {jamo: index for index, jamo in enumerate(LEADS)}
_VOWEL_INDEX = {jamo: index for index, jamo in enumerate(VOWELS)}
_TAIL_INDEX = {jamo: index for index, jamo in enumerate(TAILS)}

_JOINED_VOWELS = {"ㅗㅏ": "ㅘ", "ㅗㅐ": "ㅙ", "ㅗㅣ": "ㅚ", "ㅜㅓ": "ㅝ", "ㅜㅔ": "ㅞ", "ㅜㅣ": "ㅟ", "ㅡㅣ": "ㅢ"}
_JOINED_TAILS = {
    "ㄱㅅ": "ㄳ",
    "ㄴㅈ": "ㄵ",
    "ㄴㅎ": "ㄶ",
    "ㄹㄱ": "ㄺ",
    "ㄹㅁ": "ㄻ",
    "ㄹㅂ": "ㄼ",
    "ㄹㅅ": "ㄽ",
    "ㄹㅌ": "ㄾ",
    "ㄹㅍ": "ㄿ",
    "ㄹㅎ": "ㅀ",
    "ㅂㅅ": "ㅄ",
}
_PARTS = {whole: parts for parts, whole in (_JOINED_VOWELS | _JOINED_TAILS).items()}

# The 2-set layout (KS X 5002): a key of a US keyboard and the jamo it types; capitals are Shift.
_CONJOINING = "".join(chr(c) for c in (*range(0x1100, 0x1113), *range(0x1161, 0x1176), *range(0x11A8, 0x11C3)))
_TO_COMPATIBILITY = str.maketrans(_CONJOINING, LEADS + VOWELS + "".join(TAILS))

_KEYS = "qwertyuiopasdfghjklzxcvbnmQWERTOP"
_TYPED = "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ"
TWO_SET: Mapping[str, str] = MappingProxyType(dict(zip(_KEYS, _TYPED, strict=True)))
_KEY_OF = {jamo: key for key, jamo in TWO_SET.items()}

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _near_keys() -> dict[str, str]:
    """Keys that touch each key: left and right in the row, and the two above and below (rows shift by half a key)."""
    near: dict[str, str] = {}
    for y, row in enumerate(_ROWS):
        for x, key in enumerate(row):
            places = [(y, x - 1), (y, x + 1), (y - 1, x), (y - 1, x + 1), (y + 1, x - 1), (y + 1, x)]
            near[key] = "".join(_ROWS[r][c] for r, c in places if 0 <= r < 3 and 0 <= c < len(_ROWS[r]))
    return near


_NEAR_KEYS = _near_keys()


def split_syllable(syllable: str) -> tuple[str, str, str]:
    """(lead, vowel, tail) of one Hangul syllable; tail is "" without a batchim. ValueError for anything else."""
    code = ord(syllable)
    if not _FIRST <= code <= _LAST:
        raise ValueError(f"{syllable!r}: not a Hangul syllable (가 to 힣)")
    lead, rest = divmod(code - _FIRST, 21 * 28)
    vowel, tail = divmod(rest, 28)
    return LEADS[lead], VOWELS[vowel], TAILS[tail]


def join_syllable(lead: str, vowel: str, tail: str = "") -> str:
    """The syllable of three jamo; ValueError when they cannot stand in these places."""
    try:
        return chr(_FIRST + (_LEAD_INDEX[lead] * 21 + _VOWEL_INDEX[vowel]) * 28 + _TAIL_INDEX[tail])
    except KeyError as error:
        raise ValueError(f"{lead!r}+{vowel!r}+{tail!r}: these jamo make no syllable") from error


def is_syllable(character: str) -> bool:
    return _FIRST <= ord(character) <= _LAST


def has_batchim(character: str) -> bool:
    """Whether a Hangul syllable ends in a consonant; False for anything that is no Hangul syllable."""
    return is_syllable(character) and (ord(character) - _FIRST) % 28 != 0


def to_compatibility(text: str) -> str:
    """Conjoining jamo (those of NFD, and of Kiwi's endings) as the compatibility jamo that keyboards type."""
    return text.translate(_TO_COMPATIBILITY)


def decompose(text: str) -> str:
    """Every syllable as its two or three jamo (한 to ㅎㅏㄴ); other characters stay."""
    return "".join("".join(split_syllable(c)) if is_syllable(c) else c for c in text)


def compose(jamo: str) -> str:
    """Jamo put together as an input method does; other characters stay.

    Undoes `decompose` for text whose Hangul is all whole syllables. A consonant goes to the next syllable when a
    vowel follows it; simple vowels and tails join (ㅗㅏ to ㅘ, ㄱㅅ to ㄳ).
    """
    written: list[str] = []
    at = 0
    while at < len(jamo):
        syllable, at = _take_syllable(jamo, at)
        written.append(syllable)
    return "".join(written)


def _take_syllable(jamo: str, at: int) -> tuple[str, int]:
    """The syllable (or the lone character) that starts at `at`, and where the next one starts."""
    lead = jamo[at]
    if lead not in _LEAD_INDEX or at + 1 >= len(jamo) or jamo[at + 1] not in _VOWEL_INDEX:
        return _take_vowel(jamo, at) if lead in _VOWEL_INDEX else (lead, at + 1)
    vowel, at = _take_vowel(jamo, at + 1)
    for joined in (_JOINED_TAILS.get(jamo[at : at + 2]), jamo[at : at + 1]):
        length = 2 if joined in _PARTS and jamo[at : at + 1] != joined else 1
        if joined and joined in _TAIL_INDEX and jamo[at + length : at + length + 1] not in _VOWEL_SET:
            return join_syllable(lead, vowel, joined), at + length
    return join_syllable(lead, vowel), at


_VOWEL_SET = frozenset(VOWELS)


def _take_vowel(jamo: str, at: int) -> tuple[str, int]:
    joined = _JOINED_VOWELS.get(jamo[at : at + 2])
    return (joined, at + 2) if joined else (jamo[at], at + 1)


def two_set_to_hangul(latin: str) -> str:
    """What the keys of `latin` type on a Korean 2-set keyboard: dkssud to 안녕. Capitals without a jamo of their own
    count as small letters; characters that are no keys stay."""
    return compose("".join(TWO_SET.get(key) or TWO_SET.get(key.lower(), key) for key in latin))


def hangul_to_two_set(text: str) -> str:
    """The keys that type `text` on a Korean 2-set keyboard; undoes `two_set_to_hangul`."""
    keys: list[str] = []
    for jamo in decompose(text):
        parts = _PARTS.get(jamo, jamo)
        keys.extend(_KEY_OF.get(part, part) for part in parts)
    return "".join(keys)


def near_keys(key: str) -> str:
    """The letter keys that touch `key` on a US keyboard."""
    return _NEAR_KEYS.get(key, "")


def near_jamo(jamo: str) -> str:
    """The jamo of the same kind (consonant or vowel) on the keys that touch the key of a simple `jamo`."""
    key = _KEY_OF.get(jamo, "").lower()
    vowel = jamo in _VOWEL_SET
    return "".join(TWO_SET[k] for k in _NEAR_KEYS.get(key, "") if (TWO_SET[k] in _VOWEL_SET) == vowel)


def change_one_jamo(syllable: str, rng: random.Random) -> str:
    """`syllable` as a finger one key off would type it: one jamo replaced by a neighbour of the same kind.

    Anything that is no Hangul syllable, or has no such neighbour, comes back unchanged.
    """
    if len(syllable) != 1 or not is_syllable(syllable):
        return syllable
    slips = one_key_slips(syllable)
    return rng.choice(slips) if slips else syllable


def one_key_slips(syllable: str) -> list[str]:
    """Every syllable one neighbouring key away from `syllable`, in a fixed order."""
    lead, vowel, tail = split_syllable(syllable)
    slips = [join_syllable(near, vowel, tail) for near in near_jamo(lead)]
    slips += [join_syllable(lead, near, tail) for near in near_jamo(vowel)]
    if tail:
        slips += [join_syllable(lead, vowel, near) for near in near_jamo(tail) if near in _TAIL_INDEX]
    return slips
