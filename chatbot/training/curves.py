"""Learning curves as files beside what was taught. In: one record an epoch. Out: CSV, or TensorBoard events.

`tensorboard --logdir models` shows those of every version. Knows nothing of models.
"""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chatbot.errors import MissingExtraError

CSV, EVENTS = "curves.csv", "tensorboard"


def require(kind: str) -> None:
    """Raises MissingExtraError when curves of this kind could not be written, before anything is taught."""
    if kind == "tensorboard" and importlib.util.find_spec("tensorboard") is None:
        raise MissingExtraError("tensorboard", "tune")


def write_curves(kind: str, folder: Path, epochs: Sequence[Mapping[str, Any]]) -> Path | None:
    """Write the records of the epochs as `kind` (none, csv, tensorboard) says; where, or None."""
    if kind == "none" or not epochs:
        return None
    if kind == "csv":
        path = folder / CSV
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(epochs[0]))
            writer.writeheader()
            writer.writerows(epochs)
        return path
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder / EVENTS)) as events:
        for step, epoch in enumerate(epochs, start=1):
            for name, value in epoch.items():
                events.add_scalar(name, value, step)
    return folder / EVENTS
