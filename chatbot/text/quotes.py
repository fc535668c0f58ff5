"""Somebody else's wording inside a reply. In: text. Out: the text between “ and ”. Knows nothing of who said it."""

from __future__ import annotations

_INNER = str.maketrans('“”"', "‘’'")


def quoted(text: str) -> str:
    """`text` between double quotation marks; the double marks inside it become single ones.

    The speech level of a quotation is never changed, so that a title stays the title (`dialogue.speech_level.Polish`).
    """
    return f"“{text.translate(_INNER)}”"
