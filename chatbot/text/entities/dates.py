"""Days and spans of days in Korean. In: text, the present moment. Out: date (2026-11-23) and date_range (start/end).

A day without a year or month is the next one, today included. Weeks start on Monday. Knows nothing of hours.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from chatbot.text.entities import holidays
from chatbot.text.entities.spans import entity, hide, matches
from chatbot.text.entities.years import SPELT, WORDS, YEAR, read_year, year_of
from chatbot.text.numbers import ARABIC, COUNTING, SINO, read_number
from chatbot.types import Entity

DAY_WORDS = {
    "하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "엿새": 6, "이레": 7, "여드레": 8, "아흐레": 9,
    "열흘": 10, "열하루": 11, "열이틀": 12, "보름": 15,
}  # fmt: skip
_OFFSETS = {
    "그끄저께": -3, "그끄제": -3, "엊그저께": -2, "엊그제": -2, "그저께": -2, "그제": -2, "어저께": -1, "어제": -1,
    "어젯밤": -1, "엊저녁": -1,
    "오늘": 0, "금일": 0, "내일모레": 2, "낼모레": 2, "내일": 1, "낼": 1, "익일": 1, "모레": 2, "그글피": 4, "글피": 3,
}  # fmt: skip
WEEKDAYS = "월화수목금토일"
_WHICH = {
    "지지난": -2, "저저번": -2, "지난": -1, "저번": -1, "이번": 0, "요번": 0, "금": 0, "다음": 1, "담": 1, "차": 1,
    "다다음": 2, "다담": 2,
}  # fmt: skip
_MONTH_WORDS = {"유월": 6, "시월": 10, "동짓달": 11, "섣달": 12}

_WHICH_RE = "|".join(sorted(_WHICH, key=len, reverse=True))
_MONTH_RE = (
    r"(?P<month>(?<![\d가-힣])(?:1[0-2]|0?[1-9])월|(?<![가-힣])(?:십이|십일|일|이|삼|사|오|칠|팔|구)월"
    r"|(?<![가-힣])(?:유월|시월))"
)
_DAY_RE = (
    r"(?P<day>3[01]|[12]\d|0?[1-9]|(?:이십|삼십|십)?[일이삼사오육칠팔구]|이십|삼십|십)\s*일(?!요일|\s*(?:동안"
    r"|간|뒤|후|전|째|만에))"
)
_PART_RE = r"(?P<part>말일|말(?=까지|에|쯤|이|은|$|\s|[.,!?])|마지막\s*날|초(?=에|쯤|$|\s|[.,!?])|첫날|중순|하순)"
_N = rf"(?P<n>{ARABIC}|{SINO}|{COUNTING})"

_ISO = re.compile(
    r"(?<!\d)(?P<y>\d{4})\s?[-./년]\s?(?P<m>1[0-2]|0?[1-9])\s?[-./월]\s?(?P<d>3[01]|[12]\d|0?[1-9])(?!\d)(?:일"
    r"|\.(?!\d))?"
)
_SHORT_ISO = re.compile(r"(?<![\d./])(?P<y>\d{2})(?P<sign>[./])(?P<m>\d{2})(?P=sign)(?P<d>\d{2})(?![\d/])\.?")
_SLASH = re.compile(
    r"(?<![\d/.])(?P<m>1[0-2]|0?[1-9])/(?P<d>3[01]|[12]\d|0?[1-9])(?![\d/])(?=(?P<after>일|에|까지|부터|\()?)"
)
_HOLIDAY = re.compile(rf"(?:{YEAR}\s*)?(?P<name>{holidays.NAME})")
AGO = re.compile(
    rf"(?:(?:{_N})\s*(?P<unit>주일|주|일|달|개월|년|해)"
    rf"|(?<![가-힣])(?P<word>{'|'.join(sorted(DAY_WORDS, key=len, reverse=True))})"
    rf"|(?<![가-힣])(?P<half>반년))\s*(?:쯤|정도)?\s*(?P<way>뒤|후(?!보|기|회|배|식)|있다가|이따가|지나서|지나면"
    rf"|전(?!부(?!터)|체|공|기|문|화|혀|략|제))(?:\s*(?P<weekday>[{WEEKDAYS}])(?:요일|욜))?"
)
_OFFSET = re.compile(
    rf"(?P<word>{'|'.join(sorted(_OFFSETS, key=len, reverse=True))})(?![야서]\b)"
    # 어제저녁 is one word; in 어제저녁 7시 the hour needs its 저녁.
    r"(?:(?:새벽|아침|오전|점심|낮|오후|저녁|밤)(?!\s*에?\s*(?:\d|[한두세네다여일아열])))?"
)
_WEEK = re.compile(
    rf"(?<![가-힣])(?:(?P<which>{_WHICH_RE})\s*주\s*(?:(?:주\s?)?(?P<end>말)(?!고)|(?P<day>[{WEEKDAYS}])(?:요일|욜)"
    rf"|(?![제문식택소인연말]))"
    rf"|(?P<near>이번|요번|다음|지난|저번)\s*(?P<near_day>[{WEEKDAYS}])(?:요일|욜))"
)
_WEEKDAY = re.compile(rf"(?<![{WEEKDAYS}가-힣])(?P<day>[{WEEKDAYS}])(?:요일|욜)")
_WEEKEND = re.compile(r"(?<![가-힣])주말(?!농)")
_MONTH = re.compile(rf"(?<![가-힣])(?P<which>{_WHICH_RE})\s*달\s*(?:{_DAY_RE}|{_PART_RE})?")
_CALENDAR = re.compile(rf"(?:{YEAR}\s*)?{_MONTH_RE}\s*(?:{_DAY_RE}|{_PART_RE})?")
_YEAR = re.compile(
    rf"(?<![\d가-힣])(?:(?P<year>(?:19|20)\d{{2}}|{SPELT})\s?년(?!생|대|도?\s*동안)|(?P<word>재작년|작년|지난해|올해|금년|내년"
    r"|내후년))\s*(?P<part>말(?=에|까지|$|\s)|초(?=에|$|\s))?"
)
# 12월 셋째 주 금요일, 다음 달 마지막 주.
_NTH_WEEK = re.compile(
    rf"(?:(?P<which>{_WHICH_RE})\s*달|(?:{YEAR}\s*)?{_MONTH_RE})(?:의)?\s*"
    rf"(?:(?:(?P<nth>첫|둘|두|셋|세|넷|네|다섯|[1-5])\s?번?\s?째?|(?P<last>마지막|맨\s*끝))\s*주\s*(?:(?P<day>[{WEEKDAYS}])(?:요일|욜))?"
    rf"|(?:(?P<nth2>첫|둘|두|셋|세|넷|네|다섯|[1-5])\s?번?\s?째?|(?P<last2>마지막))\s*(?P<day2>[{WEEKDAYS}])(?:요일|욜))"
)
_NTH_OF_SOME_MONTH = re.compile(rf"(?<![가-힣])(?P<nth>첫|둘|셋|넷|다섯)째\s*주\s*(?P<day>[{WEEKDAYS}])(?:요일|욜)")
_NTH = {"첫": 1, "둘": 2, "두": 2, "셋": 3, "세": 3, "넷": 4, "네": 4, "다섯": 5}
_PART_OF_YEAR = re.compile(
    rf"(?<![가-힣\d])(?:{YEAR}\s*)?(?:(?P<half>[상하])반기|(?P<quarter>[1-4일이삼사])\s?(?:/\s?4\s?)?분기)"
)
_END = re.compile(r"(?<![가-힣])(?P<word>월말|연말|월초|연초|말일)")
_BARE_DAY = re.compile(
    r"(?<![\d가-힣.])(?<!박 )(?P<day>3[01]|[12]\d|[1-9])일"
    r"(?=에|까지|부터|날|이면|엔|이\s|은\s|\s*(?:오전|오후|아침|저녁|밤"
    r"|낮))"
)
# 11월 3~5일.
_DAYS_OF_MONTH = re.compile(
    rf"(?:{YEAR}\s*)?{_MONTH_RE}\s*(?P<first>\d{{1,2}})\s?일?\s?[~∼〜-]\s?(?P<last>\d{{1,2}})\s?일"
)

Reader = Callable[[re.Match[str], date], "date | tuple[date, date] | None"]


def find_dates(text: str, now: datetime) -> list[Entity]:
    """All days and spans of days, in order; the more explicit reading goes first."""
    found: list[Entity] = []
    hidden = text
    today = now.date()
    for pattern, reader in _RULES:
        new = []
        for match in matches(pattern, hidden):
            value = reader(match, today)
            if value is not None:
                kind = "date" if isinstance(value, date) else "date_range"
                new.append(entity(kind, hidden, match.span(), _iso(value)))
        found += new
        hidden = hide(hidden, new)
    found.sort(key=lambda one: one.start)
    found = [Entity(one.kind, text[one.start : one.end], one.value, one.start, one.end) for one in found]
    return found


def shift_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def next_numbered(after: date, number: int) -> date | None:
    """The first day with this number behind `after`."""
    for months in range(3):
        month = shift_months(after.replace(day=1), months)
        day = make_day(month.year, month.month, number)
        if day is not None and day > after:
            return day
    return None


def _iso(value: date | tuple[date, date]) -> str:
    return value.isoformat() if isinstance(value, date) else f"{value[0].isoformat()}/{value[1].isoformat()}"


def make_day(year: int, month: int, day: int) -> date | None:
    """A date, or None when the month has no such day."""
    return date(year, month, day) if 1 <= day <= calendar.monthrange(year, month)[1] else None


def _month_span(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _iso_date(match: re.Match[str], today: date) -> date | None:
    return make_day(int(match["y"]), int(match["m"]), int(match["d"]))


def _short_iso(match: re.Match[str], today: date) -> date | None:
    month = int(match["m"])
    return make_day(2000 + int(match["y"]), month, int(match["d"])) if 1 <= month <= 12 else None


def _slash_date(match: re.Match[str], today: date) -> date | None:
    """12/25 is a day; 1/2 is a fraction unless a particle says otherwise."""
    if int(match["d"]) < 10 and not match["after"]:
        return None
    return _coming(today, int(match["m"]), int(match["d"]))


def _coming(today: date, month: int, day: int) -> date | None:
    """The next day `month`/`day`, today included; a leap day waits for its year."""
    for year in range(today.year, today.year + 9):
        candidate = make_day(year, month, day)
        if candidate is not None and candidate >= today:
            return candidate
    return None


def _holiday(match: re.Match[str], today: date) -> date | None:
    year = year_of(match, today)
    return holidays.day_of(match["name"], year) if year else holidays.next_day(match["name"], today)


def ago(match: re.Match[str], today: date) -> date | None:
    """3일 뒤 counts days; 2주 뒤 금요일 is the Friday of the week that lies so far away."""
    day = _counted_from(match, today)
    if day is None or not match["weekday"]:
        return day
    return day + timedelta(days=WEEKDAYS.index(match["weekday"]) - day.weekday())


def _counted_from(match: re.Match[str], today: date) -> date | None:
    sign = -1 if match["way"] == "전" else 1
    if match["half"]:
        return shift_months(today, sign * 6)
    if match["word"]:
        return today + timedelta(days=sign * DAY_WORDS[match["word"]])
    value = read_number(match["n"])
    # A century is as far as anybody counts; beyond it dates run out of years.
    if value is None or value != int(value) or value > 36500:
        return None
    count, unit = sign * int(value), match["unit"]
    if unit in ("년", "해"):
        return shift_months(today, 12 * count) if abs(count) <= 100 else None
    if unit in ("달", "개월"):
        return shift_months(today, count) if abs(count) <= 1200 else None
    return today + timedelta(days=count if unit == "일" else 7 * count)


def _offset(match: re.Match[str], today: date) -> date | None:
    following = match.string[match.end() : match.end() + 1]
    if match["word"] == "낼" and "가" <= following <= "힣":
        return None
    if match["word"] == "그제" and following in ("야", "서"):
        return None
    return today + timedelta(days=_OFFSETS[match["word"]])


def _week(match: re.Match[str], today: date) -> date | tuple[date, date]:
    monday = today - timedelta(days=today.weekday())
    if match["near"]:
        return _near_weekday(match["near"], WEEKDAYS.index(match["near_day"]), today)
    monday += timedelta(weeks=_WHICH[match["which"]])
    if match["end"]:
        return monday + timedelta(days=5), monday + timedelta(days=6)
    if match["day"]:
        return monday + timedelta(days=WEEKDAYS.index(match["day"]))
    return monday, monday + timedelta(days=6)


def _near_weekday(which: str, weekday: int, today: date) -> date:
    """이번 화요일 lies in this week; 다음 화요일 is the first one after today, 지난 화요일 the last one before."""
    ahead = (weekday - today.weekday()) % 7
    if which == "다음":
        return today + timedelta(days=ahead or 7)
    if which in ("지난", "저번"):
        return today - timedelta(days=(7 - ahead) if ahead else 7)
    return today + timedelta(days=weekday - today.weekday())


def _weekday(match: re.Match[str], today: date) -> date:
    return today + timedelta(days=(WEEKDAYS.index(match["day"]) - today.weekday()) % 7)


def _weekend(match: re.Match[str], today: date) -> tuple[date, date]:
    saturday = today + timedelta(days=5 - today.weekday())
    return saturday, saturday + timedelta(days=1)


def _in_month(match: re.Match[str], year: int, month: int) -> date | tuple[date, date] | None:
    """The day that a match names inside a month, or the whole month."""
    first, last = _month_span(year, month)
    part = match["part"]
    if match["day"]:
        number = read_number(match["day"])
        return make_day(year, month, int(number)) if number is not None else None
    if part is None:
        return first, last
    if part.startswith(("말", "마지막")):
        return last
    if part.startswith(("초", "첫")):
        return first
    # 중순 is the 11th to the 20th, 하순 the rest.
    return (date(year, month, 11), date(year, month, 20)) if part == "중순" else (date(year, month, 21), last)


def _month(match: re.Match[str], today: date) -> date | tuple[date, date] | None:
    first = shift_months(today.replace(day=1), _WHICH[match["which"]])
    return _in_month(match, first.year, first.month)


def _calendar(match: re.Match[str], today: date) -> date | tuple[date, date] | None:
    month = _month_number(match["month"])
    year = year_of(match, today)
    if year is not None:
        return _in_month(match, year, month)
    value = _in_month(match, today.year, month)
    last = value if isinstance(value, date) else value[1] if value else None
    if last is not None and last >= today:
        return value
    if match["day"]:
        number = read_number(match["day"])
        return _coming(today, month, int(number)) if number is not None else None
    return _in_month(match, today.year + 1, month)


def _days_of_month(match: re.Match[str], today: date) -> tuple[date, date] | None:
    """11월 3~5일, 11월 28~3일."""
    month, number = _month_number(match["month"]), int(match["first"])
    year = year_of(match, today)
    first = make_day(year, month, number) if year else _coming(today, month, number)
    last = next_numbered(first, int(match["last"])) if first else None
    return (first, last) if first and last else None


def _nth_week(match: re.Match[str], today: date) -> date | tuple[date, date] | None:
    """The nth such weekday of a month; without a weekday the nth week, which is the one with the nth Thursday."""
    if match["which"]:
        first = shift_months(today.replace(day=1), _WHICH[match["which"]])
    else:
        month, year = _month_number(match["month"]), year_of(match, today)
        first = date(year or today.year + (month < today.month), month, 1)
    day = match["day"] or match["day2"]
    weekday = WEEKDAYS.index(day) if day else 3
    word = match["nth"] or match["nth2"]
    nth = int(_NTH.get(word) or word) if word else 0
    days = [
        one
        for number in range(1, calendar.monthrange(first.year, first.month)[1] + 1)
        if (one := first.replace(day=number)).weekday() == weekday
    ]
    if nth > len(days):
        return None
    found = days[nth - 1]
    return found if day else (found - timedelta(days=3), found + timedelta(days=3))


def _coming_nth_weekday(match: re.Match[str], today: date) -> date | None:
    """첫째 주 토요일 without a month is the next one, today included."""
    weekday, nth = WEEKDAYS.index(match["day"]), _NTH[match["nth"]]
    for months in range(12):
        first = shift_months(today.replace(day=1), months)
        found = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
        if found >= today and found.month == first.month:
            return found
    return None


def _part_of_year(match: re.Match[str], today: date) -> tuple[date, date]:
    year = year_of(match, today) or today.year
    if match["half"]:
        first, last = (1, 6) if match["half"] == "상" else (7, 12)
    else:
        last = 3 * int(read_number(match["quarter"]) or 1)
        first = last - 2
    return date(year, first, 1), _month_span(year, last)[1]


def _month_number(name: str) -> int:
    return _MONTH_WORDS.get(name) or int(read_number(name[:-1]) or 0)


def _year(match: re.Match[str], today: date) -> date | tuple[date, date]:
    year = read_year(match["year"]) if match["year"] else today.year + WORDS[match["word"]]
    if match["part"] == "말":
        return date(year, 12, 31)
    return date(year, 1, 1) if match["part"] == "초" else (date(year, 1, 1), date(year, 12, 31))


def _end(match: re.Match[str], today: date) -> date:
    word = match["word"]
    if word in ("월말", "말일"):
        return _month_span(today.year, today.month)[1]
    if word == "연말":
        return date(today.year, 12, 31)
    return shift_months(today.replace(day=1), 1) if word == "월초" else date(today.year + 1, 1, 1)


def _bare_day(match: re.Match[str], today: date) -> date | None:
    """30일까지: the next 30th."""
    day = int(match["day"])
    for months in range(4):
        first = shift_months(today.replace(day=1), months)
        candidate = make_day(first.year, first.month, day)
        if candidate is not None and candidate >= today:
            return candidate
    return None


# In order of how explicit they are; what one rule reads is hidden from the next.
_RULES: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (_ISO, _iso_date),
    (_SHORT_ISO, _short_iso),
    (_HOLIDAY, _holiday),
    (_NTH_WEEK, _nth_week),
    (_NTH_OF_SOME_MONTH, _coming_nth_weekday),
    (_PART_OF_YEAR, _part_of_year),
    (_SLASH, _slash_date),
    (_DAYS_OF_MONTH, _days_of_month),
    (_CALENDAR, _calendar),
    (AGO, ago),
    (_WEEK, _week),
    (_WEEKDAY, _weekday),
    (_WEEKEND, _weekend),
    (_MONTH, _month),
    (_YEAR, _year),
    (_END, _end),
    (_OFFSET, _offset),
    (_BARE_DAY, _bare_day),
)
