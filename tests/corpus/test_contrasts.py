"""The pairs of intents that corpus/README.md calls easily confused are taught as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatbot.corpus.read import read_intent
from chatbot.types import Intent

TRIOS = [
    ("reserve_request", "reserve_cancel", "reserve_check"),
    ("reminder_request", "reminder_cancel", "reminder_check"),
    ("study_plan_add", "study_plan_cancel", "study_plan_show"),
]


@pytest.fixture(scope="module")
def taught() -> dict[str, Intent]:
    folder = Path(__file__).resolve().parents[2] / "corpus" / "intents"
    return {intent.name: intent for intent in map(read_intent, sorted(folder.glob("*.yaml")))}


def rows() -> list[tuple[list[str], list[str]]]:
    """(intents, an example of each) of each row of the table."""
    text = (Path(__file__).resolve().parents[2] / "corpus" / "README.md").read_text(encoding="utf-8")
    table = text.partition("## Pairs that are easily confused")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| ([a-z_]+(?: · [a-z_]+)+) \| (.+) \|$", table, re.M)
    return [(names.split(" · "), examples.split(" · ")) for names, examples in cells]


def test_at_least_ten_pairs_are_listed() -> None:
    assert len(rows()) >= 12


@pytest.mark.parametrize(("names", "examples"), rows(), ids=lambda value: "-".join(value)[:40])
def test_each_listed_example_is_taught_under_its_intent(
    taught: dict[str, Intent], names: list[str], examples: list[str]
) -> None:
    assert len(names) == len(examples)
    for name, example in zip(names, examples, strict=True):
        assert example in taught[name].examples, f"{name}.yaml lacks {example!r}"


@pytest.mark.parametrize("trio", TRIOS, ids=lambda trio: trio[0])
def test_a_wish_its_refusal_and_its_question_are_three_intents(
    taught: dict[str, Intent], trio: tuple[str, ...]
) -> None:
    for name in trio:
        assert len(taught[name].examples) >= 30 and len(taught[name].replies) >= 4
        assert set(trio) - {name} <= set(taught[name].contrasts)
