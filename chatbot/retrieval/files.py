"""Folders written whole or not at all, and checked when they are read. Knows nothing of what the files hold."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chatbot.errors import VectorIndexError

REMEDY = "rebuild it with: chatbot train retrieval"
_WHOLE = 64 << 20  # bytes up to which a file is hashed whole: about 0.1 s on one slow core
_BLOCK = 1 << 20
_SAMPLES = 64


def checksum(path: Path) -> str:
    """SHA-256 of the size and the content; of files above 64 MB, of 64 evenly spaced blocks of 1 MB.

    Loading a large index then costs a tenth of a second, and truncation or a foreign file still shows.
    """
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        if size <= _WHOLE:
            digest.update(file.read())
        else:
            for sample in range(_SAMPLES):
                file.seek((size - _BLOCK) * sample // (_SAMPLES - 1))
                digest.update(file.read(_BLOCK))
    return digest.hexdigest()


@contextlib.contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """A temporary sibling to write into; takes `target`'s place when the block ends well, else vanishes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield draft
        for path in [*draft.rglob("*"), draft]:
            _sync(path)
        _exchange(draft, target)
        _sync(target.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _exchange(draft: Path, target: Path) -> None:
    """Rename `draft` to `target`; an older target steps aside first (a folder cannot be replaced in one call)."""
    if not target.exists():
        draft.replace(target)
        return
    aside = target.with_name(f".{target.name}-old-{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    target.replace(aside)
    draft.replace(target)
    shutil.rmtree(aside, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_manifest(folder: Path, values: dict[str, Any]) -> None:
    """Write ``config.json`` with the values and the checksum of every other file in the folder."""
    files = {
        str(path.relative_to(folder)): checksum(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "config.json"
    }
    text = json.dumps({**values, "files": files}, ensure_ascii=False, indent=1)
    (folder / "config.json").write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path, kind: str) -> dict[str, Any]:
    """The values of a folder that `write_manifest` wrote, after checking its kind and every file.

    Raises
    ------
    VectorIndexError
        when the folder or a file is missing, truncated, changed or of another kind (names the file and the remedy).
    """
    manifest = folder / "config.json"
    try:
        values: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise VectorIndexError(f"{manifest}: no such file; {REMEDY}") from None
    except (OSError, ValueError) as error:
        raise VectorIndexError(f"{manifest}: cannot be read ({error}); {REMEDY}") from error
    if not isinstance(values, dict) or values.get("kind") != kind:
        raise VectorIndexError(f"{manifest}: not a {kind} index; {REMEDY}")
    for name, expected in values["files"].items():
        path = folder / name
        if not path.is_file():
            raise VectorIndexError(f"{path}: missing; {REMEDY}")
        if checksum(path) != expected:
            raise VectorIndexError(f"{path}: damaged (its checksum differs from config.json); {REMEDY}")
    return values
