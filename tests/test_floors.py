"""`make check` holds what ships to what was pinned: a lower figure or another corpus fails, and says what to do."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def floors(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_floors", root / "scripts" / "check_floors.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "FLOORS", tmp_path / "floors.json")
    pinned = {"corpus": "abc", "floors": {"intents": 0.7, "safety": 1.0}}
    (tmp_path / "floors.json").write_text(json.dumps(pinned), encoding="utf-8")
    return module


@pytest.mark.parametrize(("intents", "safety", "code"), [(0.7, 1.0, 0), (0.69, 1.0, 1), (0.9, 0.99, 1)])
def test_a_figure_below_its_floor_fails(floors: ModuleType, intents: float, safety: float, code: int) -> None:
    assert floors._compare({"intents": intents, "safety": safety}, "abc") == code


def test_a_figure_that_is_missing_fails(floors: ModuleType) -> None:
    assert floors._compare({"intents": 0.9}, "abc") == 1


def test_another_corpus_fails_and_says_what_to_do(floors: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert floors._compare({"intents": 1.0, "safety": 1.0}, "xyz") == 1
    assert "make_pretrained.py" in capsys.readouterr().out


def test_the_pinned_file_is_of_the_corpus_it_names(root: Path) -> None:
    pinned = json.loads((root / "tests" / "floors.json").read_text(encoding="utf-8"))
    assert pinned["floors"].keys() == pinned["measured"].keys()
    assert all(pinned["floors"][name] <= value for name, value in pinned["measured"].items())
    assert {"corpus", "seed", "date", "machine", "encoder_saw_lines", "measured_from_scratch"} <= pinned.keys()
