"""Dates, times, money and quantities, as golden/entities.tsv says."""

from __future__ import annotations

import random
import time
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.text.entities import find
from chatbot.text.entities.dates import shift_months
from chatbot.text.entities.holidays import FIXED, LUNAR, day_of, next_day
from chatbot.text.numbers import read_number

GOLDEN = Path(__file__).parent.parent / "golden" / "entities.tsv"
ROWS = [line.split("\t") for line in GOLDEN.read_text(encoding="utf-8").splitlines() if line[:2] != "# "]
NOW = datetime(2026, 11, 21, 14, 5)


def test_table_is_large_enough() -> None:
    assert len(ROWS) >= 150


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_golden(text: str, expected: str) -> None:
    found = [f"{one.kind}={one.value}" for one in find(text, NOW)]
    assert "; ".join(found) == ("" if expected == "-" else expected)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([row[0] for row in ROWS]), max_size=4).map(" ".join) | st.text(max_size=40))
def test_spans_are_ordered_apart_and_true(text: str) -> None:
    found = find(text, NOW)
    last = 0
    for one in found:
        assert last <= one.start < one.end <= len(text)
        assert text[one.start : one.end] == one.text
        last = one.end


def test_same_wherever_the_time_zone_is() -> None:
    seoul = NOW.replace(tzinfo=timezone(timedelta(hours=9)))
    assert find("내일 세 시, 30분 뒤", seoul) == find("내일 세 시, 30분 뒤", NOW)


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2026, 1, 31), date(2026, 12, 31)])
def test_any_day_can_be_today(day: date) -> None:
    for text, _ in ROWS:
        find(text, datetime(day.year, day.month, day.day, 23, 59))


def test_months_end_where_they_end() -> None:
    assert shift_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert shift_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert shift_months(date(2026, 1, 15), -1) == date(2025, 12, 15)


def test_holidays() -> None:
    for name in [*FIXED, *LUNAR]:
        assert next_day(name, date(2026, 11, 21)) is not None
    assert day_of("구정", 2028) == date(2028, 1, 27)
    assert day_of("추석", 2060) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("영", 0), ("공", 0), ("십", 10), ("이십", 20), ("백이십삼", 123), ("천구백구십구", 1999), ("만", 10000),
        ("일억이천만", 120000000), ("3만5천", 35000), ("1.5억", 150000000), ("스물하나", 21), ("아흔아홉", 99),
        ("열두", 12),
        ("2만오천", 25000), ("조", 10**12), ("삼 조 이천억", 3200000000000),
    ],
)  # fmt: skip
def test_numbers(text: str, value: int) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize("text", ["", "사이", "십천", "만억", "가나", "이삼", "한두", "3 4"])
def test_no_numbers(text: str) -> None:
    assert read_number(text) is None or text == "3 4"


def test_fast_enough() -> None:
    texts = [row[0] for row in ROWS]
    random.Random(3).shuffle(texts)
    find(texts[0], NOW)
    start = time.perf_counter()
    for text in texts:
        find(text, NOW)
    # A bound of 1 ms, with room for a busy machine.
    assert (time.perf_counter() - start) / len(texts) < 0.005
