"""The two READMEs tell the same commands, the cheap ones work, and the tree they draw is there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENGLISH, KOREAN = ROOT / "README.md", ROOT / "README.ko.md"


def commands(path: Path) -> list[str]:
    """Every line of the sh blocks, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def test_both_languages_give_the_same_commands() -> None:
    assert commands(ENGLISH) == commands(KOREAN)
    assert {"make chat", "make test"} <= set(commands(ENGLISH))


CHEAP = (
    "chatbot --help",
    "chatbot models list",
    "chatbot corpus check",
    "chatbot corpus stats",
    "chatbot train --dry-run",
)


@pytest.mark.slow
@pytest.mark.parametrize("command", CHEAP)
def test_the_cheap_commands_work(command: str) -> None:
    assert command in commands(ENGLISH)
    arguments = [sys.executable, "-m", *shlex.split(command)]
    result = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("path", [ENGLISH, KOREAN], ids=["en", "ko"])
def test_the_tree_is_there(path: Path) -> None:
    tree = re.search(r"```text\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    assert tree is not None
    folder: list[str] = []
    for line in tree[1].splitlines():
        name = line.split()[0] if line.strip() else ""
        if not name:
            continue
        depth = (len(line) - len(line.lstrip())) // 2
        folder[depth:] = [name.rstrip("/")]
        if name.endswith("/") or "." in name:
            assert (ROOT / "/".join(folder)).exists(), f"{path.name} draws {'/'.join(folder)}, which is not there"


@pytest.mark.parametrize("path", [ENGLISH, KOREAN], ids=["en", "ko"])
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target
