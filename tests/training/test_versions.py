"""Versions on disk: promotion is one atomic step, damage is found and named, a kill leaves what was there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chatbot.errors import CheckpointError, ModelError
from chatbot.training.versions import Versions, write_atomic


def make(versions: Versions, content: str = "weights") -> str:
    name, folder = versions.new()
    (folder / "intent").mkdir()
    (folder / "intent" / "model.bin").write_text(content)
    versions.finish(name, {"seed": 1})
    return name


def test_nothing_trained_yet(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "models")
    assert versions.names() == []
    assert versions.current() is None
    with pytest.raises(ModelError, match="no earlier version"):
        versions.rollback("test")


def test_promote_and_rollback(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    first, second = make(versions), make(versions)
    versions.promote(first, "test")
    versions.promote(second, "test")
    assert versions.current() == second
    assert versions.rollback("worse") == first
    assert versions.current() == first
    assert [line["to"] for line in versions.history()] == [first, second, first]


def test_rollback_passes_over_damage_and_ends_at_the_shipped_weights(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    broken, used = make(versions), make(versions)
    versions.promote(broken, "test")
    versions.promote(used, "test")
    (tmp_path / broken / "manifest.json").write_text("{")
    assert versions.rollback("worse") == "pretrained"
    assert versions.current() is None


def test_nobody_falls_back_on_what_the_gate_refused(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    first, refused, used = make(versions), make(versions), make(versions)
    versions.note(refused, {"gate": {"verdict": "refused"}})
    versions.promote(used, "test")
    assert versions.earlier() == [first]
    assert versions.rollback("worse") == first


def test_unfinished_versions_do_not_count(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    _, folder = versions.new()
    assert versions.names() == []
    assert versions.clear_unfinished() == [folder.name]
    assert not folder.exists()


@pytest.mark.parametrize("damage", ["truncate", "delete", "manifest"])
def test_damage_is_named_and_not_promoted(tmp_path: Path, damage: str) -> None:
    versions = Versions(tmp_path)
    good, bad = make(versions), make(versions)
    versions.promote(good, "test")
    file = tmp_path / bad / "intent" / "model.bin"
    if damage == "truncate":
        file.write_text("wei")
    elif damage == "delete":
        file.unlink()
    else:
        file = tmp_path / bad / "manifest.json"
        file.write_text("{")
    with pytest.raises(CheckpointError, match="chatbot") as raised:
        versions.promote(bad, "test")
    assert str(file) in str(raised.value)
    assert versions.current() == good


def test_prune_keeps_the_newest_and_the_one_in_use(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    names = [make(versions) for _ in range(4)]
    versions.promote(names[0], "test")
    assert versions.prune(keep=1) == names[1:3]
    assert versions.names() == [names[0], names[3]]


def test_unknown_version_lists_what_there_is(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    name = make(versions)
    with pytest.raises(ModelError, match=name):
        versions.open("nope")


def test_a_full_disk_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "current"
    write_atomic(path, "old\n")
    code = (
        "import resource, signal, sys; from pathlib import Path;"
        "from chatbot.training.versions import write_atomic;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16));"
        f"write_atomic(Path({str(path)!r}), 'x' * 100000)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 1 and "File too large" in result.stderr
    assert path.read_text() == "old\n"
    assert [p.name for p in tmp_path.iterdir()] == ["current"]


@pytest.mark.slow
def test_kill_while_saving_leaves_a_working_pointer(tmp_path: Path) -> None:
    """A process that promotes two versions in turn is killed at any moment; the pointer always holds one of them."""
    versions = Versions(tmp_path)
    names = {make(versions), make(versions)}
    code = (
        "import itertools, sys; from pathlib import Path; from chatbot.training.versions import Versions;"
        f"v = Versions(Path({str(tmp_path)!r}));"
        "print('ready', flush=True);"
        f"[v.promote(n, 'loop') for n in itertools.cycle({sorted(names)!r})]"
    )
    for round_ in range(8):
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert process.stdout is not None and process.stdout.readline()
        time.sleep(0.01 + 0.013 * round_)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        current = versions.current()
        assert current in names
        versions.open(current)
