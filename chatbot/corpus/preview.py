"""What a change of the corpus would look like. In: a corpus folder and a function that writes. Out: its diff.

The change is made on a copy of the files that writers touch, so that nothing is written before a person has seen it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

# The folders that `corpus.write` writes examples, pairs and questions into.
WRITTEN = ("intents", "chat", "knowledge")


def preview(root: Path, write: Callable[[Path], str]) -> str:
    """The diff that ``write(root)`` would return; whatever it raises is raised here."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)
        for part in WRITTEN:
            if (root / part).is_dir():
                shutil.copytree(root / part, copy / part)
        return write(copy)
