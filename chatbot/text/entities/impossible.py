"""Days and times that no calendar or clock has: 2월 30일, 13월, 25시, 3시 70분. In: text, today. Out: entities of kind
impossible.

The value is what was meant, written like a date or time: "02-30", "2026-02-29", "13", "T25:00". Runs before every
other rule, since 30일 by itself would be a length of time. Knows nothing of possible days.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date

from chatbot.text.entities.spans import entity, matches
from chatbot.text.entities.years import YEAR, year_of
from chatbot.text.numbers import read_number
from chatbot.types import Entity

_NUMBER = r"\d{1,2}|[이삼사오육칠팔구]?십[일이삼사오육칠팔구]?|[일이삼사오육칠팔구]"
_NOT_A_LENGTH = r"(?!요일|\s*(?:동안|간|뒤|후|전|째|만에))"
_DAY = re.compile(
    rf"(?:{YEAR}\s*)?(?<![\d가-힣.])(?P<month>{_NUMBER}|유|시)월\s*(?P<day>{_NUMBER})\s*일{_NOT_A_LENGTH}"
)
# 13월의 월급 is what people call the tax refund at the end of the year.
_MONTH = re.compile(
    r"(?<![\d가-힣.])(?P<month>\d{1,2}|십[삼사오육칠팔구]|[이삼사오육칠팔구]십[일이삼사오육칠팔구]?)월(?!의|급|세)"
)
_ISO = re.compile(r"(?<![\d.])(?P<y>\d{4})([-./])(?P<m>\d{1,2})\2(?P<d>\d{1,2})(?![\d])")
_THIS = re.compile(
    rf"(?<![가-힣])(?P<which>지지난|저저번|지난|저번|이번|요번|다다음|다음|담)\s*달\s*(?P<day>{_NUMBER})\s*일{_NOT_A_LENGTH}"
)
_STEPS = {"지지난": -2, "저저번": -2, "지난": -1, "저번": -1, "이번": 0, "요번": 0, "다음": 1, "담": 1, "다다음": 2}
# The hour of a 24-hour clock ends with 24시.
_HOUR = re.compile(
    r"(?:(?P<part>오전|오후|새벽|아침|낮|저녁|밤)\s*)?(?<![\d:.])(?P<h>\d{1,2})\s*시(?!간|작|험|장|절|리|즌|집|내|청|점)"
    r"(?:\s*(?P<m>\d{1,2})\s*분)?"
)
# 16:90 may be a score or a ratio; with a particle of time it is a clock.
_DIGITAL = re.compile(r"(?<![\d:])(?P<h>\d{1,2}):(?P<m>\d{2})(?=\s*(?:에|까지|부터)(?![가-힣]{2}))")


def find_impossible(text: str, today: date) -> list[Entity]:
    """Every impossible day and time, in the order of the rules."""
    found: list[Entity] = []
    for rule in (_days, _months, _times):
        found += [one for one in rule(text, today) if all(one.end <= o.start or one.start >= o.end for o in found)]
    return found


def _days(text: str, today: date) -> Iterator[Entity]:
    for match in matches(_DAY, text):
        month = {"유": 6, "시": 10}.get(match["month"]) or _number(match["month"])
        year, day = year_of(match, today), _number(match["day"])
        if not _exists(year, month, day):
            value = f"{month:02d}-{day:02d}"
            yield entity("impossible", text, match.span(), f"{year}-{value}" if year else value)
    for match in matches(_ISO, text):
        year, month, day = int(match["y"]), int(match["m"]), int(match["d"])
        if not _exists(year, month, day):
            yield entity("impossible", text, match.span(), f"{year}-{month:02d}-{day:02d}")
    for match in matches(_THIS, text):
        year, month = divmod(today.year * 12 + today.month - 1 + _STEPS[match["which"]], 12)
        day = _number(match["day"])
        if not _exists(year, month + 1, day):
            yield entity("impossible", text, match.span(), f"{year}-{month + 1:02d}-{day:02d}")


def _months(text: str, today: date) -> Iterator[Entity]:
    for match in matches(_MONTH, text):
        month = _number(match["month"])
        if not 1 <= month <= 12:
            yield entity("impossible", text, match.span(), f"{month:02d}")


def _times(text: str, today: date) -> Iterator[Entity]:
    for pattern in (_HOUR, _DIGITAL):
        for match in matches(pattern, text):
            hour, minute = int(match["h"]), int(match["m"] or 0)
            if hour > 24 or minute > 59:
                yield entity("impossible", text, match.span(), f"T{hour:02d}:{minute:02d}")


def _number(text: str) -> int:
    return int(read_number(text) or 0)


def _exists(year: int | None, month: int, day: int) -> bool:
    """Whether there is such a day, in some year when none is told."""
    if not 1 <= month <= 12 or (year is not None and not 1 <= year <= 9998):
        return False
    # 2024 is a leap year: 29 February is a day of some years.
    return 1 <= day <= calendar.monthrange(year or 2024, month)[1]
