"""Split Korean text into sentences. In: text. Out: sentences in order, white space folded. Needs no model.

A sentence ends at . ? ! … (and closing quotes behind it) before white space, or at a line end; not inside quotes or
brackets, after a single letter (J. K.), a number that opens a list (1.) or an abbreviation.
"""

from __future__ import annotations

import re

_END = re.compile(r"[.?!…。]+[\"'”’)\]」』]*(?=\s|$)")
_NOT_END = re.compile(r"(?:^|\s)(?:[A-Za-z]|\d{1,2}|No|Mr|Mrs|Ms|Dr|vs|St|Co|Inc|Ltd)\.$")
# What follows a quotation that the sentence goes on after: "간다."라고 했다, "간다." 하고 말했다.
_QUOTED = re.compile(r"\s?(?:이?라[고며는]|이?란|하고|하며|며|고|는|은|라던)(?:\s|$)")
_OPEN, _CLOSE = "“‘「『(", "”’」』)"


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [sentence for line in text.splitlines() for sentence in _of_line(" ".join(line.split()))]


def _of_line(line: str) -> list[str]:
    found, start = [], 0
    for match in _END.finditer(line):
        piece = line[start : match.end()]
        goes_on = piece[-1] not in ".?!…。" and _QUOTED.match(line, match.end())
        if _NOT_END.search(piece) or _inside(piece) or goes_on:
            continue
        found.append(piece.strip())
        start = match.end()
    rest = line[start:].strip()
    return [*found, rest] if rest else found


def _inside(piece: str) -> bool:
    """Whether the piece ends within a quotation or bracket that is still open."""
    depth = sum(piece.count(char) for char in _OPEN) - sum(piece.count(char) for char in _CLOSE)
    # A quote that never closes must not swallow the rest of the article.
    return (depth > 0 or piece.count('"') % 2 == 1) and len(piece) < 400
