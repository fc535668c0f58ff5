"""What was worked out before and need not be again: answers of an exam, lines as they are read. Knows no models.

A file a section under one folder, named by the content of what answered; a file that is missing or damaged costs the
time of asking again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.training.versions import write_atomic

# Files kept: a few sections of the last few versions.
KEPT = 24


@dataclass(frozen=True, slots=True)
class Memo:
    """Answers by section and line. Without a folder nothing is kept."""

    folder: Path | None = None

    def through(self, section: str, lines: Sequence[str], ask: Callable[[Sequence[str]], list[Any]]) -> list[Any]:
        """The answers to `lines`; those that are not known yet come from `ask`, all at once."""
        known = self._read(section)
        missing = [line for line in dict.fromkeys(lines) if line not in known]
        if missing:
            known |= dict(zip(missing, ask(missing), strict=True))
            self._write(section, known)
        return [known[line] for line in lines]

    def _read(self, section: str) -> dict[str, Any]:
        if self.folder is None:
            return {}
        try:
            known = json.loads((self.folder / f"{section}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def _write(self, section: str, known: dict[str, Any]) -> None:
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomic(self.folder / f"{section}.json", json.dumps(known, ensure_ascii=False) + "\n")
        newest = sorted(self.folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in newest[KEPT:]:
            path.unlink(missing_ok=True)


class Remembered:
    """A function from line to line (the way from typed text to what models read) that asks no line twice, ever.

    `lines`, a whole corpus, are read at the first use, as far as they are not known from an earlier run.
    """

    def __init__(self, read: Callable[[str], str], memo: Memo, section: str, lines: Sequence[str]) -> None:
        self._read = read
        self._memo = memo
        self._section = section
        self._lines = lines
        self._known: dict[str, str] = {}

    def __call__(self, line: str) -> str:
        if not self._known and self._lines:
            known = self._memo.through(self._section, self._lines, lambda some: [self._read(line) for line in some])
            self._known = dict(zip(self._lines, known, strict=True))
        if line not in self._known:
            self._known[line] = self._read(line)
        return self._known[line]
