"""Decide whether a new version may take over: not worse than the one in use beyond noise. Knows no models.

In: paired marks of the same lines, before and after (see exam.py). Out: a `Gate`, kept as gate.json of the version:

    {"verdict": "promoted" | "refused" | "forced", "passed": bool, "forced": bool, "base": name, "candidate": name,
     "confidence": 0.98, "seed": 13, "seconds": float, "notes": [str],
     "checks": [{"name", "title", "n", "before", "after", "difference", "interval": [low, high], "passed", "unit",
                 "rule", "slack", "note", "worse": [{"text", "wanted", "before", "after"}]}]}

A share is in [0, 1] (more is better); milliseconds are better when fewer. `before`, `after`, `difference` and
`interval` are null where nothing could be compared; such a check passes, and its note says why.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

FILE = "gate.json"
# Resamples of a bootstrap, and the share of them that its interval holds: with eight checks of versions that do not
# differ at all, at most one run in twelve is refused by chance.
RESAMPLES = 4000
CONFIDENCE = 0.98
# Lines that got worse, kept for each check.
SHOWN = 12
# Every training finds its thresholds anew, and with them how often a line is believed: one new intent moved 2.9 points
# of lines from answered to asked back, and kept 1.9 points of foreign lines out (2026-11-21). Such a check may lose
# this much.
MOVING = 0.02
# A slower reply counts from here on: milliseconds, or this share of what it took before.
SLOWER_MS, SLOWER_SHARE = 5.0, 0.25

Verdict = Literal["promoted", "refused", "forced"]
Unit = Literal["share", "ms"]
Rule = Literal["noise", "none", "latency"]

TITLES = {
    "intents": "떼어 둔 예문 (의도)",
    "answered": "떼어 둔 예문 (맞게 알아듣고 답함)",
    "nospace": "띄어쓰기 없는 예문",
    "jamo": "오타 난 예문",
    "out_of_domain": "모르는 말 (아는 체하지 않음)",
    "retrieval": "지식 물음 찾기",
    "chat": "잡담 달리 말하기",
    "stories": "모범 대화",
    "safety": "안전 목록",
    "latency": "답하는 시간",
}


@dataclass(frozen=True, slots=True)
class Paired:
    """One line as both versions took it: marks (1 right, 0 wrong; or milliseconds), and what each said."""

    text: str
    wanted: str
    before: float
    after: float
    said_before: str = ""
    said_after: str = ""


@dataclass(frozen=True, slots=True)
class Worse:
    """A line that got worse: what would be right, what was said before, what is said now."""

    text: str
    wanted: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison. `interval` is that of `difference` (after - before); `rule` says what refuses a version.

    "noise": the whole interval is on the worse side, by more than `slack`; "none": one line that got worse is enough;
    "latency": the whole interval is above what a person could notice.
    """

    name: str
    n: int
    passed: bool
    before: float | None = None
    after: float | None = None
    difference: float | None = None
    interval: tuple[float, float] | None = None
    unit: Unit = "share"
    rule: Rule = "noise"
    slack: float = 0.0
    note: str = ""
    worse: tuple[Worse, ...] = ()

    @property
    def title(self) -> str:
        """What the check is called on the screen."""
        return TITLES.get(self.name, self.name)


@dataclass(frozen=True, slots=True)
class Gate:
    """What the exam of `candidate` against `base` came to."""

    base: str
    candidate: str
    checks: tuple[Check, ...]
    forced: bool = False
    seconds: float = 0.0
    seed: int = 13
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def verdict(self) -> Verdict:
        return "promoted" if self.passed else "forced" if self.forced else "refused"

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.passed)

    def as_json(self) -> dict[str, Any]:
        """The values of gate.json."""
        checks = [{**asdict(check), "title": check.title} for check in self.checks]
        head = {"verdict": self.verdict, "passed": self.passed, "confidence": CONFIDENCE}
        return {**head, **asdict(replace(self, checks=())), "checks": checks}

    def summary(self) -> dict[str, Any]:
        """What the manifest says of it."""
        return {
            "verdict": self.verdict,
            "base": self.base,
            "checks": len(self.checks),
            "failed": [check.name for check in self.failed],
        }


def read_gate(path: Path) -> Gate | None:
    """The gate of a version's gate.json; None where there is none or it cannot be read."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        checks = tuple(_check(item) for item in values["checks"])
        kept = {name: values[name] for name in ("base", "candidate", "forced", "seconds", "seed")}
        return Gate(**kept, checks=checks, notes=tuple(values["notes"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _check(values: dict[str, Any]) -> Check:
    given = {name: value for name, value in values.items() if name != "title"}
    interval = given.pop("interval")
    worse = tuple(Worse(**item) for item in given.pop("worse"))
    return Check(**given, interval=tuple(interval) if interval else None, worse=worse)


def compare(
    name: str,
    pairs: Sequence[Paired],
    *,
    rule: Rule = "noise",
    slack: float = 0.0,
    note: str = "",
    seed: int = 13,
    unit: Unit = "share",
) -> Check:
    """Judge one check. Without pairs there is nothing to say against the version."""
    if not pairs:
        return Check(name, 0, True, unit=unit, rule=rule, note=note or "견줄 것이 없음")
    before = np.array([pair.before for pair in pairs], dtype=np.float64)
    after = np.array([pair.after for pair in pairs], dtype=np.float64)
    low, high = bootstrap(after - before, seed)
    worse = [pair for pair in pairs if (pair.after > pair.before if unit == "ms" else pair.after < pair.before)]
    if rule == "none":
        passed = not worse
    elif rule == "latency":
        passed = low <= max(SLOWER_MS, SLOWER_SHARE * float(before.mean()))
    else:
        passed = high >= -slack
    shown = worse if unit == "share" else sorted(worse, key=lambda pair: pair.before - pair.after)
    return Check(
        name=name,
        n=len(pairs),
        passed=passed,
        before=round(float(before.mean()), 4),
        after=round(float(after.mean()), 4),
        difference=round(float((after - before).mean()), 4),
        interval=(round(low, 4), round(high, 4)),
        unit=unit,
        rule=rule,
        slack=slack,
        note=note,
        worse=tuple(_worse(pair, unit) for pair in shown[:SHOWN]),
    )


def _worse(pair: Paired, unit: Unit) -> Worse:
    if unit == "ms":
        return Worse(pair.text, pair.wanted, f"{pair.before:.1f} ms", f"{pair.after:.1f} ms")
    return Worse(pair.text, pair.wanted, pair.said_before, pair.said_after)


def bootstrap(differences: NDArray[np.float64], seed: int = 13) -> tuple[float, float]:
    """The percentile interval of the mean of paired differences (Efron and Tibshirani 1993, ch. 13).

    Differences that repeat are drawn together, by their counts, so that a thousand lines take milliseconds.
    """
    values, counts = np.unique(differences, return_counts=True)
    n = len(differences)
    drawn = np.random.default_rng(seed).multinomial(n, counts / n, size=RESAMPLES)
    means = drawn @ values / n
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def table(gate: Gate) -> list[tuple[str, str, str, str, str, str]]:
    """The gate as rows for a screen: check, lines, before, after, difference with interval, verdict."""
    return [
        (
            check.title,
            str(check.n),
            _figure(check.before, check),
            _figure(check.after, check),
            _difference(check),
            ("통과" if check.passed else "나빠짐") + (f" ({check.note})" if check.note else ""),
        )
        for check in gate.checks
    ]


def _figure(value: float | None, check: Check) -> str:
    if value is None:
        return "-"
    return f"{value:.1f} ms" if check.unit == "ms" else f"{value:.1%}"


def _difference(check: Check) -> str:
    if check.difference is None or check.interval is None:
        return "-"
    low, high = check.interval
    if check.unit == "ms":
        return f"{check.difference:+.1f} [{low:+.1f}, {high:+.1f}]"
    return f"{check.difference * 100:+.1f} [{low * 100:+.1f}, {high * 100:+.1f}]"
