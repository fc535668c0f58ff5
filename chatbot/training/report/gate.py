"""Read what the gate said of a version. In: its gate.json, if it has one. Out: values. Knows nothing of the exam."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chatbot.training.report.values import Gate, Verdict

WORSE = 5  # lines that got worse, shown of a check


def read_gate(path: Path) -> Gate | None:
    """None when the version was made without a gate, or the file is not what training/gate.py writes."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        rows = tuple(_row(check) for check in values["checks"])
        worse = [
            (str(line["text"]), str(line["wanted"]), str(line["before"]), str(line["after"]))
            for check in values["checks"]
            for line in check["worse"][: WORSE if not check["passed"] else 0]
        ]
        return Gate(bool(values["passed"]), bool(values["forced"]), rows, tuple(dict.fromkeys(worse)))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _row(check: Mapping[str, Any]) -> Verdict:
    unit = str(check["unit"])
    interval = check["interval"]
    return Verdict(
        name=str(check["name"]),
        title=str(check["title"]),
        lines=int(check["n"]),
        before=_figure(check["before"], unit),
        now=_figure(check["after"], unit),
        difference=_figure(check["difference"], unit, signed=True),
        interval=" ~ ".join(_figure(end, unit, signed=True) for end in interval) if interval else "",
        passed=bool(check["passed"]),
        note=str(check["note"]),
    )


def _figure(value: float | None, unit: str, signed: bool = False) -> str:
    """A share in per cent, milliseconds as they are; an empty text where nothing was measured."""
    if value is None:
        return ""
    sign = "+" if signed else ""
    text = f"{value * 100:{sign}.1f}%" if unit == "share" else f"{value:{sign}.1f} ms"
    return text.replace("-", "−")
