"""Lines folded between words to the width of a window, their later rows under the text of the first.

In: a line and how many cells fit. Out: its rows. A Hangul syllable takes two cells.
"""

from __future__ import annotations

import re

# What later rows stand behind: a number, a speaker or a label, a first column of a list.
_LEAD = re.compile(r"\s*(?:\d+\. |[가-힣]+(?: [가-힣]+)?: )|(?:\s+|/)\S.*?\s{2,}")
# Cells that a row keeps for its text at least, however wide what stands before it is.
_LEAST = 16


def folded(line: str, width: int, lead: int = 0) -> list[str]:
    """The rows of `line`; `lead` cells of the first are taken already, and the later ones are indented by them."""
    from rich.cells import cell_len
    from rich.console import Console
    from rich.text import Text

    match = None if lead else _LEAD.match(line)
    start, taken = (match[0], cell_len(match[0])) if match else ("", lead)
    if width - taken < _LEAST:
        start, taken = "", 0
    rows = Text(line[len(start) :]).wrap(Console(width=width), width - taken)
    plain = [row.plain.rstrip() for row in rows] or [""]
    return [start + plain[0], *(" " * taken + row for row in plain[1:])]
