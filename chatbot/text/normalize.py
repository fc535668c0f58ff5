"""Bring what people typed into one canonical form. In: any str; out: a bounded, canonical str.

Pure rules over characters, the same for teaching and talking. Knows nothing of words, slang or analyzers: spelling
is `typing_repair`'s matter, so that the safety rules can see what was really typed.
"""

from __future__ import annotations

import re
import unicodedata

from chatbot.text.jamo import to_compatibility

VERSION = 1  # raise it when a rule changes: checkpoints carry it in their preprocessing fingerprint

_LOOKALIKES = str.maketrans(
    {
        "“": '"',
        "”": '"',
        "„": '"',
        "‘": "'",
        "’": "'",
        "′": "'",
        "‚": "'",
        "〜": "~",
        "∼": "~",
        "−": "-",
        "…": "...",
        "⋯": "...",
        "▁": "_",  # SentencePiece's mark for a space
        "\u3164": " ",  # Hangul fillers and the Braille blank look like a space and are none
        "\u115f": " ",
        "\u1160": " ",
        "\u2800": " ",
    }
)
# What needs no look at its Unicode category; most Korean messages consist of nothing else.
_ORDINARY = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ -~]*")
_SURROGATES = re.compile("[\ud800-\udfff]")
_DECORATIONS = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]")  # variation and skin tone
_REMOVED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co"})

_SPACE = re.compile(r"\s+")
_WEEPING = re.compile("[ㅠㅜ]{2,}")
_JAMO_RUN = re.compile(r"([ㄱ-ㅎㅏ-ㅣ])\1{2,}")
_SYLLABLE_RUN = re.compile(r"([가-힣])\1{3,}")
_SYMBOL_RUN = re.compile(r"([^\w\s!-~])\1{2,}")  # emoji, ♥, ★ …
_ONE_OF = re.compile(r"([!?~,])\1+")
_MIXED_MARKS = re.compile(r"(?:!\?|\?!){2,}!?\??|!\?!|\?!\?")
_DOTS = re.compile(r"\.{2,}")
_TWO_OF = re.compile(r"([;^])\1{2,}")

# Everything is cut to this many times the limit before the rules run, so that a flood of text costs no time.
_HEADROOM = 20
_LEFT_OUT = re.compile(r"[\s.,!?~…]+")


def normalize(text: str, max_length: int = 1000) -> str:
    """The canonical form of `text`, at most `max_length` characters. Doing it twice changes nothing.

    NFC; full width to half width, half-width jamo to ordinary ones; invisible and control characters and lone
    surrogates removed; repeated jamo, punctuation and emoji shortened (ㅋㅋㅋㅋ to ㅋㅋ, !!!! to !, .... to ...);
    white space collapsed and stripped.
    """
    text = text[: max_length * _HEADROOM]
    if not _ORDINARY.fullmatch(text):
        text = _canonical_characters(text)
    text = _SPACE.sub(" ", text).strip()
    text = _shorten(text)
    return text[:max_length].rstrip()


def _canonical_characters(text: str) -> str:
    """One spelling for each character: NFC, ordinary width, nothing invisible."""
    text = _SURROGATES.sub("", text)
    text = _DECORATIONS.sub("", text).translate(_LOOKALIKES)
    text = "".join(map(_canonical, text))
    return to_compatibility(unicodedata.normalize("NFC", text))


def _canonical(character: str) -> str:
    """`character` in ordinary width; a space for any white space; nothing for what cannot be seen."""
    if character.isspace():
        return " "
    if unicodedata.category(character) in _REMOVED_CATEGORIES:
        return ""
    kind, _, code = unicodedata.decomposition(character).partition(" ")
    if kind in ("<wide>", "<narrow>", "<font>") and " " not in code:
        return chr(int(code, 16)).translate(_LOOKALIKES)
    return character


def _shorten(text: str) -> str:
    """Repetition for emphasis cut to its shortest form that still carries it."""
    text = _WEEPING.sub("ㅠㅠ", text)
    text = _JAMO_RUN.sub(r"\1\1", text)
    text = _SYLLABLE_RUN.sub(r"\1\1\1", text)
    text = _SYMBOL_RUN.sub(r"\1\1", text)
    text = _ONE_OF.sub(r"\1", text)
    text = _MIXED_MARKS.sub("?!", text)
    text = _DOTS.sub("...", text)
    return _TWO_OF.sub(r"\1\1", text)


def unmarked(text: str) -> str:
    """A line without spaces and the marks that people leave out, as two lines are compared to the letter."""
    return _LEFT_OUT.sub("", text)
