"""Where log lines go: to stderr, or into a file where they would stand between the lines of a conversation."""

from __future__ import annotations

import logging
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

# Bytes of a log file before it is set aside, once.
_LARGEST = 1_000_000


def log_lines(level: int) -> None:
    """Write lines of `level` and above to stderr."""
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")


def log_into(path: Path) -> None:
    """Write lines, and Python's warnings, into a file from now on; where that cannot be written they are dropped.

    The file is made when there is something to write.
    """
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    logging.captureWarnings(True)
    quiet = _Quiet(path, maxBytes=_LARGEST, backupCount=1, encoding="utf-8", delay=True)
    quiet.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(quiet)


class _Quiet(RotatingFileHandler):
    """A disk that takes nothing costs the line, and no word on the screen."""

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:
        pass
