"""The trained versions in models/: which there are, which is in use, how one becomes the one in use.

A version is a folder ``models/<name>/`` with a ``manifest.json`` that names every file with its checksum. It is built
under ``models/.building-<name>`` and renamed when complete; ``models/current`` is a text file that holds the name of
the version in use and is replaced in one atomic step, so that a kill at any moment leaves a working bot. Knows nothing
of what the files mean.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chatbot.errors import CheckpointError, ModelError

MANIFEST = "manifest.json"
CURRENT = "current"
HISTORY = "history.jsonl"
# What the weights that come with the package are called.
SHIPPED = "pretrained"
# Written again whenever somebody asks for it, so no checksum holds it.
REPORTS = ("report.html", "report.json")
# What a version that is being built has finished so far.
PROGRESS = "progress.json"
# What is said about a version after it was sealed, and may be said again: no part of what it answers with.
UNSEALED = frozenset({MANIFEST, PROGRESS, "gate.json", *REPORTS})


@dataclass(frozen=True, slots=True)
class Version:
    """One trained version: its folder and what its manifest says."""

    name: str
    path: Path
    manifest: Mapping[str, Any]

    @property
    def created(self) -> str:
        return str(self.manifest.get("created", ""))


def write_manifest(folder: Path, values: Mapping[str, Any]) -> None:
    """Seal a complete version: every file with its SHA-256, and `values` (fingerprints, metrics, seed)."""
    files = {
        str(path.relative_to(folder)): _sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in UNSEALED
    }
    manifest = {"created": datetime.now(UTC).isoformat(timespec="seconds"), **values, "files": files}
    write_atomic(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")


def read_version(folder: Path, *, verify: bool = True) -> Version:
    """The version in `folder`.

    Raises
    ------
    CheckpointError
        when the manifest is missing or not JSON, or (with `verify`) a file is missing or differs from its checksum.
    """
    path = folder / MANIFEST
    remedy = "run: chatbot train, or chatbot models rollback"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        files = manifest["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: missing or not a manifest ({error}); {remedy}") from error
    for name, checksum in files.items() if verify else ():
        file = folder / name
        if not file.is_file():
            raise CheckpointError(f"{file}: missing from version {folder.name}; {remedy}")
        if _sha256(file) != checksum:
            raise CheckpointError(f"{file}: differs from its checksum (truncated or changed by hand); {remedy}")
    return Version(folder.name, folder, manifest)


class Versions:
    """The folder models/. Nothing is kept in memory, so that two processes never disagree."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self) -> list[str]:
        """Complete versions, oldest first."""
        if not self.root.is_dir():
            return []
        return sorted(path.name for path in self.root.iterdir() if (path / MANIFEST).is_file() and path.name[0] != ".")

    def current(self) -> str | None:
        """The name of the version in use, or None when nothing was trained yet."""
        try:
            name = (self.root / CURRENT).read_text(encoding="utf-8").strip()
        except OSError:
            return None
        return name or None

    def open(self, name: str, *, verify: bool = True) -> Version:
        """Version `name`. Raises `ModelError` when there is none, `CheckpointError` when it is damaged."""
        if name not in self.names():
            there = ", ".join(self.names()) or "none"
            raise ModelError(f"{self.root / name}: no such version (there are: {there})")
        return read_version(self.root / name, verify=verify)

    def new(self) -> tuple[str, Path]:
        """A fresh name and the empty folder to build it in."""
        self.root.mkdir(parents=True, exist_ok=True)
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        taken, name, extra = {path.name for path in self.root.iterdir()}, stamp, 1
        while name in taken or f".building-{name}" in taken:
            extra += 1
            name = f"{stamp}-{extra}"
        folder = self.root / f".building-{name}"
        folder.mkdir()
        return name, folder

    def finish(self, name: str, values: Mapping[str, Any]) -> Version:
        """Seal the building folder of `name` and give it its name. It is not in use until it is promoted."""
        building = self.root / f".building-{name}"
        (building / PROGRESS).unlink(missing_ok=True)
        write_manifest(building, values)
        _fsync_tree(building)
        building.rename(self.root / name)
        return read_version(self.root / name, verify=False)

    def promote(self, name: str, why: str) -> None:
        """Put version `name` into use. Verified first, so that a damaged version never gets there."""
        self.open(name)
        before = self.current()
        line = {"time": datetime.now(UTC).isoformat(timespec="seconds"), "from": before, "to": name, "why": why}
        with (self.root / HISTORY).open("a", encoding="utf-8") as history:
            history.write(json.dumps(line, ensure_ascii=False) + "\n")
        write_atomic(self.root / CURRENT, name + "\n")

    def history(self) -> list[dict[str, Any]]:
        """Every promotion and rollback, oldest first."""
        path = self.root / HISTORY
        if not path.is_file():
            return []
        whole = (line for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}"))
        return [json.loads(line) for line in whole]  # a kill may have cut the last line

    def earlier(self) -> list[str]:
        """What to go back to, best first: what was in use before, then what is older; nothing the gate refused."""
        now, names = self.current(), self.names()
        used = [str(line["from"]) for line in reversed(self.history()) if line["to"] == now and line["from"]]
        older = [name for name in reversed(names) if now is None or name < now]
        return [
            name
            for name in dict.fromkeys([*used, *older])
            if name in names and name != now and (name in used or not self._refused(name))
        ]

    def _refused(self, name: str) -> bool:
        try:
            return bool(self.open(name, verify=False).manifest.get("gate", {}).get("verdict") == "refused")
        except CheckpointError:
            return False  # opening it will say what is wrong

    def rollback(self, why: str) -> str:
        """Back to the sound version that was in use before the present one, or to the shipped weights; its name."""
        for name in self.earlier():
            try:
                self.promote(name, why)
            except CheckpointError:
                continue  # damaged too
            return name
        if self.current() is None:
            raise ModelError(f"{self.root}: no earlier version to go back to: the shipped weights are in use")
        (self.root / CURRENT).unlink()
        return SHIPPED

    def prune(self, keep: int) -> list[str]:
        """Delete all but the newest `keep` versions and the one in use; returns the deleted names."""
        now = self.current()
        old = [name for name in self.names()[: -keep or None] if name != now]
        for name in old:
            shutil.rmtree(self.root / name)
        return old

    def note(self, name: str, values: Mapping[str, Any]) -> Version:
        """Write `values` into the manifest of a complete version; what it was sealed with stays."""
        version = self.open(name)
        manifest = {**version.manifest, **values}
        write_atomic(version.path / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
        return Version(name, version.path, manifest)

    def unfinished(self) -> tuple[str, Path, dict[str, Any]] | None:
        """(name, folder, progress) of the newest version that a killed training left behind, if it got anywhere."""
        for path in sorted(self.root.glob(f".building-*/{PROGRESS}"), reverse=True):
            try:
                progress = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
            if isinstance(progress, dict):
                return path.parent.name.removeprefix(".building-"), path.parent, progress
        return None

    def clear_unfinished(self, but: str = "") -> list[str]:
        """Delete building folders that killed trainings left behind, all but that of the name `but`."""
        left = [path for path in self.root.glob(".building-*") if path.is_dir() and path.name != f".building-{but}"]
        for path in left:
            shutil.rmtree(path)
        return [path.name for path in left]


def write_atomic(path: Path, text: str) -> None:
    """Write `text` so that a reader sees the old content or the new, never a part."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fsync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
