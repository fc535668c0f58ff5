"""Read tables under tests/golden: rows of cells, so that someone who knows Korean and no Python can review them."""

from __future__ import annotations

import re
from pathlib import Path

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
_ESCAPE = re.compile(r"\\(?:u[0-9a-f]{4}|[nt])")


def rows(name: str) -> list[tuple[str, str]]:
    """(typed, expected) of each row; a row with one cell expects itself. ``\\u200b`` and ``\\n`` are read."""
    lines = (GOLDEN / name).read_text(encoding="utf-8").splitlines()
    cells = [[_unescaped(cell) for cell in line.split("\t")] for line in lines if line and not line.startswith("# ")]
    return [(row[0], row[-1]) for row in cells]


def _unescaped(cell: str) -> str:
    return _ESCAPE.sub(lambda found: found.group().encode().decode("unicode_escape"), cell)
