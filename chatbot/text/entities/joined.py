"""Days that belong together: from one to another, counted from a named day, or repeated by their weekday.

In: the days found in a text, in order. Out: the same with each group as one entity. Knows nothing of how a single
day is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from chatbot.text.entities.dates import AGO, WEEKDAYS, ago, next_numbered, shift_months
from chatbot.text.entities.spans import entity
from chatbot.types import Entity

_JOIN = re.compile(r"\s*(?:부터|에서|~|∼|〜|-)\s*")
_UNTIL_DAY = re.compile(r"\s*(?:부터|에서|~|∼|〜|-)\s*(?P<day>3[01]|[12]\d|[1-9])일(?!\s*(?:동안|간|뒤|후|전))")
# A last day that leans on the first: 5일, 금요일.
_BARE_END = re.compile(rf"(?P<day>\d{{1,2}})일|[{WEEKDAYS}](?:요일|욜)")
_FROM_DAY = re.compile(r"\s*(?:으?로부터|에서부터|에서|부터|기준으로|기준|하고)\s*")
# The weekday that only repeats what the date says: 12월 24일 목요일, 12/24(목).
_SAME_DAY = re.compile(rf"\s*(?:(?P<long>[{WEEKDAYS}])(?:요일|욜)|\(\s*(?P<short>[{WEEKDAYS}])(?:요일)?\s*\))")


def joined(found: list[Entity], text: str) -> list[Entity]:
    """내일부터 모레까지, 11월 23일~25일, 3월부터 5월까지: 부터 or a dash makes two days one date_range."""
    result: list[Entity] = []
    for one in _with_weekdays(found, text):
        previous = result[-1] if result else None
        counted = _from_day(previous, one, text) if previous else None
        if counted:
            result[-1] = counted
        elif previous and _JOIN.fullmatch(text[previous.end : one.start]):
            result[-1] = _range(previous, one, text)
        else:
            result.append(one)
    return [_with_last_day(one, text) for one in result]


def _with_weekdays(found: list[Entity], text: str) -> Iterator[Entity]:
    """12월 24일 목요일 is one day; a weekday that does not fit stays by itself."""
    end = 0
    for one in found:
        if one.start < end:
            continue
        same = _SAME_DAY.match(text, one.end) if one.kind == "date" and "요일" not in one.text else None
        if same and WEEKDAYS.index(same["long"] or same["short"]) == date.fromisoformat(one.value).weekday():
            one = entity("date", text, (one.start, same.end()), one.value)
        end = one.end
        yield one


def _from_day(first: Entity, second: Entity, text: str) -> Entity | None:
    """오늘로부터 100일 뒤, 12월 25일부터 일주일 전: counted from the day that is named."""
    match = AGO.fullmatch(second.text)
    # 오늘부터 3일 뒤까지 is a span.
    if not match or first.kind != "date" or text.startswith("까지", second.end):
        return None
    if not _FROM_DAY.fullmatch(text[first.end : second.start]):
        return None
    value = ago(match, date.fromisoformat(first.value))
    return entity("date", text, (first.start, second.end), value.isoformat()) if value else None


def _range(first: Entity, last: Entity, text: str) -> Entity:
    """A span; its first day was last year's when the next one would come after the last day."""
    first_day, last_day = _ends(first)[0], _ends(last)[1]
    bare = _BARE_END.fullmatch(last.text)
    if bare and bare["day"]:
        # 11월 28일부터 3일까지 ends with the first 3rd after the 28th.
        last_day = next_numbered(first_day, int(bare["day"])) or last_day
    elif bare and first_day > last_day:
        last_day += timedelta(days=-((last_day - first_day).days // 7) * 7)
    if first_day > last_day:
        first_day = shift_months(first_day, -12)
    return entity("date_range", text, (first.start, last.end), f"{first_day.isoformat()}/{last_day.isoformat()}")


def _ends(one: Entity) -> tuple[date, date]:
    first, _, last = one.value.partition("/")
    return date.fromisoformat(first), date.fromisoformat(last or first)


def _with_last_day(one: Entity, text: str) -> Entity:
    """11월 23일~25일, 11월 3일부터 5일: the last day is only a number."""
    match = _UNTIL_DAY.match(text, one.end) if one.kind == "date" else None
    if match is None:
        return one
    # 오늘부터 1일 counts the days of a couple; 오늘부터 1일까지 is a span.
    if "월" not in one.text and not text.startswith("까지", match.end()):
        return one
    first = date.fromisoformat(one.value)
    last = next_numbered(first, int(match["day"]))
    if last is None:
        return one
    return entity("date_range", text, (one.start, match.end()), f"{first.isoformat()}/{last.isoformat()}")
