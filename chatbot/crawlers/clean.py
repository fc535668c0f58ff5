"""Cut what is not the article from its lines. In: a body's lines. Out: the lines worth keeping.

The rules are data: boilerplate.tsv holds a place (any, end), what to cut (line, rest, part) and a pattern a row.
Knows nothing of HTML.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

# Lines counted as the end of an article, where signatures and notices stand.
END_LINES = 8


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of boilerplate.tsv: `place` is any or end; `cut` is part (the match), line or rest (and a tail)."""

    place: str
    cut: str
    pattern: re.Pattern[str]


def clean(lines: Iterable[str]) -> list[str]:
    """The lines without signatures, notices and lists of other articles; cleaning twice changes nothing."""
    kept = [line.strip() for line in lines if line.strip()]
    while True:
        once = _once(kept)
        if once == kept:
            return kept
        kept = once


def _once(lines: list[str]) -> list[str]:
    kept: list[str] = []
    for place, line in enumerate(lines):
        at_end = place >= len(lines) - END_LINES
        line, stop = _apply(line, at_end)
        if line:
            kept.append(line)
        if stop and _only_tail(lines[place + 1 :]):
            break
    return kept


def _apply(line: str, at_end: bool) -> tuple[str, bool]:
    """(the line or what is left of it, whether the rest of the article may go)."""
    for rule in rules():
        if rule.place == "end" and not at_end:
            continue
        if rule.cut == "part":
            line = rule.pattern.sub("", line).strip()
        elif rule.pattern.search(line):
            return "", rule.cut == "rest"
        if not line:
            return "", False
    return line, False


def _only_tail(rest: list[str]) -> bool:
    """Whether what follows a 'related articles' heading is a tail: short lines, no more than a screenful."""
    return len(rest) <= 40 and not any(len(line) > 120 for line in rest)


@functools.cache
def rules() -> tuple[Rule, ...]:
    """The rules, read once from the package."""
    text = resources.files("chatbot.crawlers").joinpath("boilerplate.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return tuple(Rule(place, cut, re.compile(pattern)) for place, cut, pattern in rows)
