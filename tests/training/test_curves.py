"""Learning curves land beside the model in the form that training.log names."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from chatbot.training.curves import require, write_curves

EPOCHS = [{"epoch": 1, "loss": 2.5, "accuracy": 0.25}, {"epoch": 2, "loss": 1.5, "accuracy": 0.5}]


def test_none_writes_nothing(tmp_path: Path) -> None:
    assert write_curves("none", tmp_path, EPOCHS) is None
    assert write_curves("csv", tmp_path, []) is None
    assert list(tmp_path.iterdir()) == []


def test_csv_has_a_row_an_epoch(tmp_path: Path) -> None:
    path = write_curves("csv", tmp_path, EPOCHS)
    assert path is not None
    with path.open(encoding="utf-8", newline="") as file:
        assert [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)] == EPOCHS


def test_tensorboard_reads_them_back(tmp_path: Path) -> None:
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    require("tensorboard")
    path = write_curves("tensorboard", tmp_path, EPOCHS)
    read = events.EventAccumulator(str(path))
    read.Reload()
    assert [(event.step, event.value) for event in read.Scalars("loss")] == [(1, 2.5), (2, 1.5)]
