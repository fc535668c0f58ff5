"""Model folders on disk: weights, config, extra files, checksums. In: named tensors. Out: a folder, whole or absent.

A folder holds ``weights.safetensors``, ``config.json`` and whatever `files` names; ``checksums.json`` lists the
SHA-256 of each. It is written under a temporary name beside its place, flushed to disk and moved in one step; nothing
is pickled. Knows nothing of what the tensors mean.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as parse_tensors
from safetensors.torch import save as write_tensors
from torch import Tensor

from chatbot.errors import CheckpointError

WEIGHTS, CONFIG, CHECKSUMS = "weights.safetensors", "config.json", "checksums.json"
REMEDY = "train it again (chatbot train) or go back to an earlier version (chatbot models rollback)"


def save(
    folder: Path,
    tensors: Mapping[str, Tensor],
    config: Mapping[str, Any],
    files: Mapping[str, bytes | str] | None = None,
    half: bool = False,
) -> None:
    """Write a checkpoint folder in one atomic step; an older one in its place is replaced.

    Parameters
    ----------
    files
        extra files by plain name (vocabulary, labels, a model card); text is written as UTF-8.
    half
        keep floating point tensors in half precision, which halves the size (about three decimal digits remain).

    Raises
    ------
    CheckpointError
        when the disk refuses (full, read-only); what stood in the place before still stands there.
    """
    contents = {WEIGHTS: write_tensors({name: _plain(tensor, half) for name, tensor in tensors.items()})}
    contents[CONFIG] = _json(config)
    for name, text in (files or {}).items():
        contents[name] = text.encode("utf-8") if isinstance(text, str) else text
    contents[CHECKSUMS] = _json({name: hashlib.sha256(content).hexdigest() for name, content in contents.items()})
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        for name, content in contents.items():
            _write(temporary / name, content)
        _sync_folder(temporary)
        _swap(temporary, folder)
        _sync_folder(folder.parent)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise CheckpointError(
            f"{folder}: cannot be written: {error.strerror}; free some space or choose another folder (paths.models)"
        ) from error


def load(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """(tensors, config) of a checkpoint; half precision comes back as float32 on the CPU.

    Raises
    ------
    CheckpointError
        when the folder or a file of it is missing, truncated, changed or foreign.
    """
    contents = read_verified(folder)
    try:
        config = json.loads(contents[CONFIG])
        tensors = parse_tensors(contents[WEIGHTS])
    except (SafetensorError, ValueError) as error:
        raise CheckpointError(f"{folder}: is not a checkpoint of this program ({error}); {REMEDY}") from error
    if not isinstance(config, dict):
        raise CheckpointError(f"{folder / CONFIG}: expected an object; {REMEDY}")
    return {name: t.float() if t.dtype == torch.float16 else t for name, t in tensors.items()}, config


def read_verified(folder: Path) -> dict[str, bytes]:
    """The contents of every file of a checkpoint by name, each checked against its checksum.

    Raises
    ------
    CheckpointError
        as `load` does.
    """
    place = _standing(folder)
    try:
        sums = json.loads((place / CHECKSUMS).read_bytes())
    except FileNotFoundError as error:
        raise CheckpointError(f"{place / CHECKSUMS}: missing, so this is no checkpoint; {REMEDY}") from error
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{place / CHECKSUMS}: unreadable ({error}); {REMEDY}") from error
    if not isinstance(sums, dict) or not {WEIGHTS, CONFIG} <= sums.keys():
        raise CheckpointError(f"{place / CHECKSUMS}: names no {WEIGHTS} and {CONFIG}; {REMEDY}")
    return {name: _read(place / name, expected) for name, expected in sums.items()}


def agree(folder: Path, config: Mapping[str, Any], **expected: object) -> None:
    """Check what a loader must know before it trusts a checkpoint, as ``agree(folder, config, kind="seq2seq")``.

    Raises
    ------
    CheckpointError
        when `config` says something else under one of the names.
    """
    for key, value in expected.items():
        if config.get(key) != value:
            raise CheckpointError(
                f"{folder / CONFIG}: {key} is {config.get(key)!r}, this program reads {value!r}; {REMEDY}"
            )


def _standing(folder: Path) -> Path:
    """The folder, or the older one that a kill between the two moves of `_swap` left beside it."""
    older = _older(folder)
    return older if not folder.exists() and older.is_dir() else folder


def _older(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _swap(temporary: Path, folder: Path) -> None:
    """Move `temporary` to `folder`. A directory cannot replace a full one, so the old one steps aside first."""
    older = _older(folder)
    if folder.exists():
        shutil.rmtree(older, ignore_errors=True)
        folder.replace(older)
    temporary.replace(folder)
    shutil.rmtree(older, ignore_errors=True)


def _plain(tensor: Tensor, half: bool) -> Tensor:
    tensor = tensor.detach().cpu()
    return (tensor.half() if half and tensor.is_floating_point() else tensor).contiguous()


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode("utf-8")


def _read(path: Path, expected: object) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror}; {REMEDY}") from error
    if hashlib.sha256(content).hexdigest() != expected:
        raise CheckpointError(f"{path}: truncated or changed (its checksum differs); {REMEDY}")
    return content


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
