"""What a version said in an exam, kept by the content of its files. In: a section and lines. Out: answers.

A file a section under one folder; a file that is missing, damaged or cannot be written costs the time of asking again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.training.versions import write_atomic

# Files kept: four sections of the last few versions.
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
