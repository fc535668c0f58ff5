"""What the rules share: finding with a pattern, and hiding what is already read. Knows nothing of any kind of
entity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatbot.types import Entity

# Stands for each character that an earlier rule has read: no letter, no space, no digit.
HIDDEN = "\x00"


def entity(kind: str, text: str, span: tuple[int, int], value: str) -> Entity:
    """An entity over `span` of `text`, without the spaces at its ends."""
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Entity(kind, text[start:end], value, start, end)


def matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """All matches that are not empty."""
    return (match for match in pattern.finditer(text) if match.end() > match.start())


def hide(text: str, found: list[Entity]) -> str:
    """`text` of the same length with every found span hidden."""
    for one in found:
        text = text[: one.start] + HIDDEN * (one.end - one.start) + text[one.end :]
    return text
