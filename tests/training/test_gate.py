"""The gate: what is as good passes, what is worse beyond noise does not, and it says which lines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from chatbot.training.gate import CONFIDENCE, MOVING, Gate, Paired, bootstrap, compare, read_gate, table


def pairs(right_to_wrong: int, wrong_to_right: int, both_right: int, both_wrong: int = 0) -> list[Paired]:
    kinds = [(1, 0)] * right_to_wrong + [(0, 1)] * wrong_to_right + [(1, 1)] * both_right + [(0, 0)] * both_wrong
    return [
        Paired(f"말 {place}", "thanks", before, after, "thanks" if before else "sad", "thanks" if after else "sad")
        for place, (before, after) in enumerate(kinds)
    ]


def test_the_interval_is_that_of_a_library() -> None:
    differences = np.array([-1.0] * 9 + [1.0] * 4 + [0.0] * 70)
    ours = bootstrap(differences)
    theirs = stats.bootstrap(
        (differences,), np.mean, method="percentile", confidence_level=CONFIDENCE, n_resamples=4000, rng=1
    ).confidence_interval
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.015)
    assert bootstrap(differences) == ours, "the same lines give the same verdict"


@pytest.mark.parametrize(
    ("marks", "passed"),
    [
        (pairs(0, 0, 50), True),
        (pairs(6, 6, 100, 30), True),
        (pairs(3, 0, 100), True),
        (pairs(25, 5, 100, 30), False),
        (pairs(9, 0, 60), False),
        (pairs(0, 40, 60), True),
    ],
)
def test_only_what_is_worse_beyond_noise_is_refused(marks: list[Paired], passed: bool) -> None:
    assert compare("intents", marks).passed is passed


def test_a_check_that_hangs_on_thresholds_may_move_a_little() -> None:
    moved = pairs(23, 2, 350, 342)  # one new intent: 53.3 % answered, then 50.3 %
    assert not compare("answered", moved).passed
    assert compare("answered", moved, slack=MOVING).passed
    assert not compare("answered", pairs(120, 2, 250, 345), slack=MOVING).passed


def test_one_lost_safety_line_is_enough() -> None:
    assert compare("safety", pairs(0, 3, 700, 2), rule="none").passed
    lost = compare("safety", pairs(1, 30, 700), rule="none")
    assert not lost.passed and [line.text for line in lost.worse] == ["말 0"]


def test_a_reply_may_take_a_little_longer_not_much() -> None:
    def slower(milliseconds: float) -> list[Paired]:
        return [Paired(f"말 {n}", "", 20 + n % 7, 20 + n % 7 + milliseconds + n % 3) for n in range(40)]

    assert compare("latency", slower(2), rule="latency", unit="ms").passed
    check = compare("latency", slower(30), rule="latency", unit="ms")
    assert not check.passed and check.worse[0].after.endswith("ms")


def test_nothing_to_compare_is_nothing_against_it() -> None:
    check = compare("chat", [])
    assert check.passed and check.before is None and check.note


def test_the_file_is_read_back_whole(tmp_path: Path) -> None:
    checks = (compare("intents", pairs(9, 0, 60)), compare("chat", []))
    gate = Gate("a", "b", checks, seconds=1.5, notes=("알림",))
    path = tmp_path / "gate.json"
    path.write_text(json.dumps(gate.as_json(), ensure_ascii=False), encoding="utf-8")
    assert read_gate(path) == gate
    values = json.loads(path.read_text(encoding="utf-8"))
    assert (values["verdict"], values["passed"]) == ("refused", False)
    assert values["checks"][0]["worse"][0] == {"text": "말 0", "wanted": "thanks", "before": "thanks", "after": "sad"}
    assert len(table(gate)) == 2 and table(gate)[0][-1].startswith("나빠짐")
    path.write_text("{", encoding="utf-8")
    assert read_gate(path) is None
