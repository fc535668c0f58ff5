"""An installed wheel answers outside the checkout, with the corpus and weights it carries."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return next(target.glob("korean_chatbot-*.whl"))


@pytest.mark.slow
def test_the_wheel_answers_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    """The wheel lies in a folder of its own in front of this environment's libraries (installing torch again would
    take minutes), so only the wheel's files can answer."""
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    result = subprocess.run(
        [str(site / "bin" / "chatbot"), "ask", "안녕"],
        cwd=empty,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(site), "XDG_DATA_HOME": str(tmp_path / "home")},
    )
    assert result.returncode == 0, result.stderr
    assert "요" in result.stdout
    where = subprocess.run(
        [sys.executable, "-c", "import chatbot; print(chatbot.__file__)"],
        cwd=empty,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(site)},
    )
    assert str(site) in where.stdout
    assert list(empty.iterdir()) == []


@pytest.mark.slow
def test_the_wheel_carries_what_it_needs_and_nothing_private(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "chatbot/default/config.yaml" in names
    assert any(name.startswith("chatbot/default/corpus/intents/") for name in names)
    assert any(name.startswith("chatbot/pretrained/") and name.endswith(".safetensors") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if "crawled" in name or name.endswith((".db", ".env"))]
