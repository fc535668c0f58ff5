"""Says kindly that there is no such day or time. In: an entity of kind impossible, the present moment. Out: a sentence
that asks again. Knows nothing of who asked what.
"""

from __future__ import annotations

import calendar
from datetime import datetime

from chatbot.dialogue.skills.spoken import spoken_time
from chatbot.text.josa import attach
from chatbot.types import Entity


def is_time(entity: Entity) -> bool:
    """Whether a time of day is impossible (25시) rather than a day."""
    return entity.value.startswith("T")


def explained(entity: Entity, now: datetime) -> str:
    """2월은 29일까지라서 2월 30일은 없는 날이에요. 날짜를 다시 알려 주세요."""
    return _time(entity, now) if is_time(entity) else _day(entity, now)


def _day(entity: Entity, now: datetime) -> str:
    label = attach(entity.text, "은/는")
    year, month, day = _parts(entity.value)
    if not 1 <= month <= 12:
        return f"한 해는 12월까지라서 {label} 없어요. 몇 월인지 다시 알려 주세요."
    if day == 0:
        return f"날짜는 1일부터 시작해서 {label} 없어요. 며칠인지 다시 알려 주세요."
    if year is None and month == 2:
        # The coming February: its length is the only one that differs.
        year = now.year + (now.month > 2)
    last = calendar.monthrange(year or now.year, month)[1]
    which = f"{year}년 {month}월" if year else f"{month}월"
    return f"{attach(which, '은/는')} {last}일까지라서 {label} 없는 날이에요. 날짜를 다시 알려 주세요."


def _time(entity: Entity, now: datetime) -> str:
    hour, minute = map(int, entity.value[1:].split(":"))
    label = attach(entity.text, "은/는")
    if minute > 59:
        return f"한 시간은 60분이라서 {label} 시계에 없어요. 몇 시 몇 분인지 다시 알려 주세요."
    if hour < 30:
        early = spoken_time(now.replace(hour=hour - 24, minute=minute))
        return f"하루는 24시까지라서 {label} 없어요. 다음 날 {attach(early, '을/를')} 말한 걸까요?"
    return f"하루는 24시까지라서 {label} 없어요. 몇 시인지 다시 알려 주세요."


def _parts(value: str) -> tuple[int | None, int, int]:
    """2026-02-29, 02-30 or 13 as year, month and day; the day of a bare month is 1."""
    numbers = [int(part) for part in value.split("-")]
    if len(numbers) == 3:
        return numbers[0], numbers[1], numbers[2]
    return (None, numbers[0], numbers[1]) if len(numbers) == 2 else (None, numbers[0], 1)
