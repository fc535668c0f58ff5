"""Checkpoint folders: equal after loading, whole or absent, and refused with file and remedy when damaged."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from chatbot.errors import CheckpointError
from chatbot.neural import checkpoint


@pytest.fixture
def tensors() -> dict[str, torch.Tensor]:
    return {"a": torch.randn(3, 5), "ids": torch.arange(7)}


def test_loads_what_it_saved(tmp_path: Path, tensors: dict[str, torch.Tensor]) -> None:
    checkpoint.save(tmp_path / "m", tensors, {"kind": "시험", "size": 3}, {"labels.txt": "하나\n둘\n"})
    loaded, config = checkpoint.load(tmp_path / "m")
    assert config == {"kind": "시험", "size": 3}
    assert loaded.keys() == tensors.keys()
    assert all(torch.equal(loaded[name], tensors[name]) for name in tensors)
    assert checkpoint.read_verified(tmp_path / "m")["labels.txt"].decode() == "하나\n둘\n"


def test_half_precision_comes_back_as_float32(tmp_path: Path, tensors: dict[str, torch.Tensor]) -> None:
    checkpoint.save(tmp_path / "m", tensors, {}, half=True)
    loaded, _ = checkpoint.load(tmp_path / "m")
    assert loaded["a"].dtype == torch.float32
    assert torch.allclose(loaded["a"], tensors["a"], atol=2e-3)
    assert torch.equal(loaded["ids"], tensors["ids"])


def test_replaces_an_older_one_and_leaves_nothing_beside_it(tmp_path: Path, tensors: dict[str, torch.Tensor]) -> None:
    checkpoint.save(tmp_path / "m", tensors, {"turn": 1}, {"old.txt": "x"})
    checkpoint.save(tmp_path / "m", tensors, {"turn": 2})
    assert checkpoint.load(tmp_path / "m")[1] == {"turn": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["m"]
    assert not (tmp_path / "m" / "old.txt").exists()


@pytest.mark.parametrize("name", ["weights.safetensors", "config.json", "checksums.json"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "foreign"])
def test_damage_names_file_and_remedy(
    tmp_path: Path, tensors: dict[str, torch.Tensor], name: str, damage: str
) -> None:
    checkpoint.save(tmp_path / "m", tensors, {"turn": 1})
    path = tmp_path / "m" / name
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-9] if damage == "truncated" else b"[1, 2, 3]")
    with pytest.raises(CheckpointError, match=name) as caught:
        checkpoint.load(tmp_path / "m")
    assert "chatbot train" in str(caught.value)


def test_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="kind is 'retrieval'"):
        checkpoint.agree(tmp_path, {"kind": "retrieval"}, kind="intent")


def test_a_killed_writer_leaves_a_whole_checkpoint(tmp_path: Path) -> None:
    code = (
        "import sys, torch; from pathlib import Path; from chatbot.neural import checkpoint\n"
        "turn = 0\n"
        "while True:\n"
        "    turn += 1\n"
        "    checkpoint.save(Path(sys.argv[1]), {'a': torch.full((1000, 50), float(turn))}, {'turn': turn})\n"
        "    print(turn, flush=True)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "m")], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    writer.stdout.readline()
    time.sleep(0.05)
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    loaded, config = checkpoint.load(tmp_path / "m")
    assert torch.equal(loaded["a"], torch.full((1000, 50), float(config["turn"])))
