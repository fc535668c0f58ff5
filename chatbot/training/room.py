"""Room on the disk: looked at before long work, and named when it runs out. Knows nothing of versions or models."""

from __future__ import annotations

import contextlib
import errno
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from chatbot.errors import CheckpointError, TrainingError

# A version may be this many times as large as the one before it.
GROWTH = 1.2
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SAID = ("No space left", "disk is full", "File too large", "quota exceeded")


def enough_room(root: Path, like: Path) -> None:
    """Refuse to start when `root` has no room for another version of the size of `like`.

    Raises
    ------
    TrainingError
        with what is needed and what is free.
    """
    needed = int(GROWTH * sum(path.stat().st_size for path in like.rglob("*") if path.is_file()))
    free = shutil.disk_usage(root).free
    if free < needed:
        raise TrainingError(
            f"{root}: a new version needs about {needed / 1e6:.0f} MB, {free / 1e6:.0f} MB are free; make room "
            "(chatbot models prune deletes old versions). The bot in use is unchanged"
        )


@contextlib.contextmanager
def disk_errors_named(root: Path) -> Iterator[None]:
    """What writing on a full disk raises, whichever library wrote, becomes one `TrainingError` with its remedy."""
    try:
        yield
    except (OSError, RuntimeError, sqlite3.Error, CheckpointError) as error:
        if not _is_full(error):
            raise
        raise TrainingError(
            f"{root}: the disk is full ({error}); make room (chatbot models prune deletes old versions) and run "
            "chatbot train again: it goes on where it stopped. The bot in use is unchanged"
        ) from error


def _is_full(error: BaseException) -> bool:
    return getattr(error, "errno", None) in _FULL or any(words in str(error) for words in _SAID)
