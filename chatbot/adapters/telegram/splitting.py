"""Long replies in parts that Telegram takes. Counts as Telegram does, in UTF-16 units. Knows no Telegram."""

from __future__ import annotations

import re

LIMIT = 4096  # UTF-16 units of a message (core.telegram.org/bots/api#sendmessage)
# Where a reply may be cut, the best first: between paragraphs, sentences, words. The end of a Korean sentence without
# a full stop is known by its ending.
_CUTS = tuple(
    re.compile(pattern) for pattern in (r"\n{2,}", r"\n|(?<=[.!?…])[\"”’')\]]*\s+", r"(?<=[요다죠까])\s+", r"\s+")
)
# A part that is shorter than this share of the limit looks broken off: rather a worse cut than that.
_LEAST = 0.3


def split(text: str, limit: int = LIMIT) -> list[str]:
    """`text` in parts of at most `limit` UTF-16 units, cut at sentence ends where there are some; "" gives "…"."""
    parts, rest = [], text.strip() or "…"
    while units(rest) > limit:
        head = rest[: _fitting(rest, limit)]
        cut = _cut(head)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def units(text: str) -> int:
    """UTF-16 units of a text."""
    return len(text) + sum(character > "\uffff" for character in text)


def _cut(head: str) -> int:
    for pattern in _CUTS:
        ends = [match.end() for match in pattern.finditer(head)]
        if ends and ends[-1] > _LEAST * len(head):
            return ends[-1]
    return len(head)


def _fitting(text: str, limit: int) -> int:
    """How many characters fit into `limit` UTF-16 units."""
    used = 0
    for place, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > limit:
            return place
    return len(text)
