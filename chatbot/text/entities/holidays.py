"""Named days of the Korean year. In: a name and a year. Out: the date, or nothing when the table ends."""

from __future__ import annotations

import re
from datetime import date

# (month, day). 국경일에 관한 법률, 관공서의 공휴일에 관한 규정 and days everybody knows by name.
FIXED: dict[str, tuple[int, int]] = {
    "신정": (1, 1),
    "새해 첫날": (1, 1),
    "새해": (1, 1),
    "밸런타인데이": (2, 14),
    "발렌타인데이": (2, 14),
    "삼일절": (3, 1),
    "3·1절": (3, 1),
    "3.1절": (3, 1),
    "화이트데이": (3, 14),
    "만우절": (4, 1),
    "식목일": (4, 5),
    "근로자의 날": (5, 1),
    "노동절": (5, 1),
    "어린이날": (5, 5),
    "어버이날": (5, 8),
    "스승의 날": (5, 15),
    "현충일": (6, 6),
    "제헌절": (7, 17),
    "광복절": (8, 15),
    "개천절": (10, 3),
    "한글날": (10, 9),
    "핼러윈": (10, 31),
    "할로윈": (10, 31),
    "빼빼로데이": (11, 11),
    "크리스마스이브": (12, 24),
    "크리스마스 이브": (12, 24),
    "크리스마스": (12, 25),
    "성탄절": (12, 25),
}

# 음력 1월 1일, 4월 8일 and 8월 15일. Source: 한국천문연구원 음양력 정보, read through the package
# korean_lunar_calendar 0.4.0.
LUNAR: dict[str, dict[int, tuple[int, int]]] = {
    "설날": {
        2025: (1, 29),
        2026: (2, 17),
        2027: (2, 7),
        2028: (1, 27),
        2029: (2, 13),
        2030: (2, 3),
        2031: (1, 23),
        2032: (2, 11),
    },
    "부처님 오신 날": {
        2025: (5, 5),
        2026: (5, 24),
        2027: (5, 13),
        2028: (5, 2),
        2029: (5, 20),
        2030: (5, 9),
        2031: (5, 28),
        2032: (5, 16),
    },
    "추석": {
        2025: (10, 6),
        2026: (9, 25),
        2027: (9, 15),
        2028: (10, 3),
        2029: (9, 22),
        2030: (9, 12),
        2031: (10, 1),
        2032: (9, 19),
    },
    # 대학수학능력시험 기본계획, 교육부 (announced years only).
    "수능": {2025: (11, 13), 2026: (11, 19), 2027: (11, 18)},
}
_OTHER_NAMES = {
    "구정": "설날",
    "설": "설날",
    "한가위": "추석",
    "석가탄신일": "부처님 오신 날",
    "부처님오신날": "부처님 오신 날",
}
_NAMES = sorted([*FIXED, *LUNAR, *_OTHER_NAMES], key=len, reverse=True)

# 설 alone is too short to stand before anything but a particle.
NAME = "|".join(
    re.escape(name).replace(r"\ ", r"\s*") if name != "설" else r"(?<![가-힣])설(?=까지|에|은|이|\s*연휴)"
    for name in _NAMES
)


def day_of(name: str, year: int) -> date | None:
    """The date of a named day in `year`; None where the table has no such year."""
    key = _key(name)
    where = FIXED.get(key) or LUNAR.get(key, {}).get(year)
    return date(year, *where) if where else None


def next_day(name: str, today: date) -> date | None:
    """The next date of a named day, today included."""
    for year in (today.year, today.year + 1):
        day = day_of(name, year)
        if day is not None and day >= today:
            return day
    return None


def _key(name: str) -> str:
    squeezed = re.sub(r"\s", "", name)
    for known in _NAMES:
        if re.sub(r"\s", "", known) == squeezed:
            return _OTHER_NAMES.get(known, known)
    return name
