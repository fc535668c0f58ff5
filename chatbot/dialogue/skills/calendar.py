"""Dates, weekdays and days between. In: a question about the calendar, the present moment. Out: the answer, counted.

Knows the Korean holidays of text/entities/holidays.py and nothing of anybody's plans: 시험까지 며칠 needs the date of
the exam.
"""

from __future__ import annotations

import calendar
import random
import re
from collections.abc import Callable
from datetime import date, datetime

from chatbot.dialogue.skills.impossible import explained, is_time
from chatbot.text.entities import find, holidays
from chatbot.text.entities.dates import shift_months
from chatbot.text.josa import attach
from chatbot.types import Entity

_WEEKDAYS = "월화수목금토일"
# Any moment does where only the presence of a date matters.
_SOME_MOMENT = datetime(2026, 1, 1, 12)

_LEFT = re.compile(
    r"남았|남은|남아|남지|남을|남나|남음|디데이|[dD]-?[dD]ay|몇\s*밤|[dD]-|세\s*줄|까지\s*(?:며칠|몇\s*일|얼마)|남았지"
)
_SINCE = re.compile(r"지났|지난\s*거|째|됐|되었|되지|흘렀")
_WEEKDAY = re.compile(r"요일")
_WHICH_DAY = re.compile(r"며칠|몇\s*일|날짜|몇\s*월|언제|달력")
_YEAR = re.compile(r"몇\s*년도?(?:야|지|이|예|인|임|$|\?|더라)|무슨\s*해")
_LEAP = re.compile(r"윤년")
_REST_OF_YEAR = re.compile(r"올해.{0,6}(?:며칠|얼마나?|몇\s*일)\s*(?:이나\s*)?남")
_UNTOLD = re.compile(
    r"까지|디데이|부터|뒤|후|전역|생일|기념일|(?:예약|약속|시험|면접|발표|수술|모임|여행|결혼|회식|개강|방학|휴가|마감)"
    r"(?:이|가|은|는|날|일|\s)"
)
_IS_IT = re.compile(r"(?P<day>[월화수목금토일])요일\s*(?:맞|이(?:야|에요|지|죠|었)|인가|아니)")
# 12월 24일 목요일: a day with its weekday, and whether that is asked.
_TOLD_WEEKDAY = re.compile(r"(?P<day>.*\d일)\s*\(?(?P<weekday>[월화수목금토일])(?:요일|욜)?\)?")
_RIGHT = re.compile(r"맞|인가|이지|이죠|아니")
# 며칠 also means "a few days": 며칠 쉬었어, 며칠째 못 잤어, 며칠 전.
_FEW = re.compile(
    r"며칠\s*(?:전|동안|간|째\s*(?:못|안|계속)|뒤|후|만에|쉬|안|못|내내|을|정도\s*(?:쉬|걸)|이나\s*(?:안|못|걸|쉬))"
)
_NOT_ASKING = re.compile(
    r"싫|기억하기|까먹|잊어버|적어\s*[놔둬뒀]|정하자|바꾸|바꿨|지키|언제나|언제든|언제까지|언제부터"
)
_WAS = re.compile(r"었|였|더라")
_SURE = (
    re.compile(r"[월화수목금토일]요일\s*(?:이\s*)?맞(?:아|나|지|죠|니|는)"),
    re.compile(
        r"(?:며칠|몇\s*일)\s*(?:이(?!나)|야|예|인|일까|임|지|죠|$|[?]|이나?\s*남|남|째인?지|지났|됐|더라|이었)"
    ),
    re.compile(
        r"(?:무슨|몇)\s*요일(?!에|마다|날)|(?<![월화수목금토일])요일(?:이|을|은)?\s*(?:좀|뭐|궁금|알려|$|[?]"
        r"|맞)"
    ),
    re.compile(r"날짜\s*(?:가|는|를|을|좀)?\s*(?:좀\s*)?(?:알려|뭐|어떻게|며칠|말해|$|[?]|몇|언제|불러)"),
    re.compile(r"(?:며칠|몇\s*밤|몇\s*일|얼마나|얼마)\s*(?:이나\s*)?(?:더\s*)?(?:자야|남)"),
    re.compile(rf"(?:{holidays.NAME})\s*(?:은|는|이|가)?\s*(?:언제|며칠)"),
    re.compile(r"(?:뒤|후|전)[은는이가]?\s*(?:언제|며칠|무슨\s*요일)"),
    re.compile(r"윤년\s*(?:이|인|맞|아니|\?)|지금이?\s*몇\s*년도|올해가?\s*몇\s*년"),
    re.compile(r"며칠째(?:야|인|지|예|\?|$)"),
)


class Calendar:
    """Counts days from `now`."""

    def claims(self, text: str) -> bool:
        """Asks for a date, a weekday or a number of days, with a day to count from."""
        if _FEW.search(text) or _NOT_ASKING.search(text):
            return False
        return any(pattern.search(text) for pattern in _SURE) and _answer(text, _SOME_MOMENT) is not None

    def answer(self, text: str, now: datetime, rng: random.Random) -> str | None:
        """The answer; None when the text names no day that the calendar knows."""
        if _NOT_ASKING.search(text):
            return None
        return _answer(text, now)


def spoken_date(day: date, today: date) -> str:
    """11월 23일 월요일, with the year when it is another one."""
    year = "" if day.year == today.year else f"{day.year}년 "
    return f"{year}{day.month}월 {day.day}일 {_WEEKDAYS[day.weekday()]}요일"


def _answer(text: str, now: datetime) -> str | None:
    today = now.date()
    for rule in _RULES:
        reply = rule(text, now)
        if reply is not None:
            return reply
    named = _days(text, now)
    span = None if named else next((one for one in find(text, now) if one.kind == "date_range"), None)
    if span is not None:
        return _about_span(span, text, today)
    # 보름이 며칠이지 asks how long, not which day.
    if not named and re.search(r"하루|이틀|사흘|나흘|보름|열흘|일주일|한\s*달", text):
        return None
    if not named:
        return None if _unknown_day(text) else _about_today(text, today)
    return _about(text, named[-1], today)


def _impossible(text: str, now: datetime) -> str | None:
    """2월 30일은 무슨 요일이야: says kindly that there is no such day."""
    found = [one for one in find(text, now) if one.kind == "impossible" and not is_time(one)]
    if not found or not (_WEEKDAY.search(text) or _WHICH_DAY.search(text) or _LEFT.search(text)):
        return None
    return explained(found[0], now)


def _days(text: str, now: datetime) -> list[Entity]:
    """The days that the question is about; 오늘 counts only when it stands alone."""
    found = [one for one in find(text, now) if one.kind == "date"]
    if re.search(r"무슨\s*요일", text):
        found = [one for one in found if not re.fullmatch(r"[월화수목금토일](?:요일|욜)", one.text)]
    others = [one for one in found if one.text not in ("오늘", "금일")]
    # In 내일이 목요일 맞나 the question is about the first day, elsewhere about the last.
    return found[:1] if _IS_IT.search(text) and len(found) > 1 else others or found


def _unknown_day(text: str) -> bool:
    """시험까지, 방학까지, 디데이, 치과 예약이 며칠이었더라: a day that nobody told."""
    return _UNTOLD.search(text) is not None


def _about_today(text: str, today: date) -> str | None:
    if _LEFT.search(text) or _SINCE.search(text) or re.search(r"언제|몇\s*밤", text):
        return None
    if _WEEKDAY.search(text) or _WHICH_DAY.search(text):
        return f"오늘은 {spoken_date(today, today)}이에요."
    return None


def _about(text: str, named: Entity, today: date) -> str | None:
    day, label = date.fromisoformat(named.value), named.text
    told = _TOLD_WEEKDAY.fullmatch(label)
    if told and _RIGHT.search(text):
        return _confirm(told["day"], day, today, told["weekday"])
    if _SINCE.search(text) and "째 주" not in text and not _LEFT.search(text):
        return _since(text, named, today)
    if _LEFT.search(text):
        return _until(label, day, today)
    claimed = _IS_IT.search(text.replace(label, " " * len(label)))
    if claimed:
        return _confirm(label, day, today, claimed["day"])
    if not (_WEEKDAY.search(text) or _WHICH_DAY.search(text)):
        return None
    return _tell(label, day, today, was=day < today and _WAS.search(text) is not None)


def _tell(label: str, day: date, today: date, was: bool) -> str:
    """The date and weekday of a named day, without repeating what the name already says."""
    topic = attach(label, "은/는")
    copula = "이었어요" if was else "이에요"
    weekday = f"{_WEEKDAYS[day.weekday()]}요일{copula}"
    said_weekday = re.search(r"요일|욜", label)
    said_date = re.search(r"\d+\s*월\s*\d+\s*일", label)
    if said_date:
        year = f"{day.year}년 기준으로 " if day.year != today.year and "년" not in label else ""
        return f"{topic} {year}{weekday}."
    spoken = spoken_date(day, today)
    if said_weekday:
        return f"{topic} {spoken.rsplit(' ', 1)[0]}{copula}."
    return f"{topic} {spoken}{copula}."


def _about_span(span: Entity, text: str, today: date) -> str | None:
    """다음 주말이 며칠이야, 다음 주 며칠이야: both ends of a week or less; how far a weekend is."""
    first, last = (date.fromisoformat(part) for part in span.value.split("/"))
    if "주" not in span.text or (last - first).days > 6:
        # 이번 달 며칠이야 asks for today.
        return _about_today(text, today) if first <= today <= last else None
    if _LEFT.search(text):
        # On a Sunday the weekend is still there.
        return _until(span.text, max(first, min(today, last)), today)
    if not (_WEEKDAY.search(text) or _WHICH_DAY.search(text)) or _SINCE.search(text):
        return None
    ends = [spoken_date(day, today) for day in (first, last)]
    said = "과 ".join(ends) if (last - first).days == 1 else "부터 ".join(ends) + "까지"
    copula = "이었어요/였어요" if last < today else "이에요/예요"
    return f"{attach(span.text, '은/는')} {attach(said, copula)}."


def _until(label: str, day: date, today: date) -> str:
    left = (day - today).days
    if left == 0:
        return f"오늘이 바로 {attach(label, '이에요/예요')}!"
    if left == -1:
        return f"{attach(label, '은/는')} 바로 어제였어요."
    if left < 0:
        return f"{attach(label, '은/는')} {-left}일 전에 지났어요."
    if left == 1:
        return f"{label}까지 하루 남았어요. 바로 내일이에요!"
    where = "" if re.search(r"\d+\s*월\s*\d+\s*일", label) else f" {spoken_date(day, today)}이에요."
    return f"{label}까지 {left}일 남았어요.{where}"


def _since(text: str, named: Entity, today: date) -> str:
    day = date.fromisoformat(named.value)
    # Without a year the last such day is meant, not the next.
    if day > today:
        day = shift_months(day, -12)
    gone = (today - day).days
    label = named.text if day.year == today.year or "년" in named.text else f"{day.year}년 {named.text}"
    if "째" in text:
        return f"{attach(label, '을/를')} 첫날로 세면 오늘이 {gone + 1}일째예요."
    return f"{label}부터 오늘까지 {gone}일 지났어요."


def _confirm(label: str, day: date, today: date, claimed: str) -> str:
    real = _WEEKDAYS[day.weekday()]
    if real == claimed:
        return f"네, {attach(label, '은/는')} {real}요일이 맞아요."
    which = "" if re.search(r"\d일", label) else f" {day.month}월 {day.day}일이거든요."
    return f"아니에요, {attach(label, '은/는')} {real}요일이에요.{which}"


def _between(text: str, now: datetime) -> str | None:
    """3월 2일부터 3월 20일까지 며칠: both ends told."""
    spans = [one for one in find(text, now) if one.kind == "date_range" and re.search(r"부터|에서|~", one.text)]
    if not spans or not re.search(r"며칠|몇\s*일|얼마|지났|몇\s*주", text):
        return None
    first, last = (date.fromisoformat(part) for part in spans[0].value.split("/"))
    gap = (last - first).days
    return f"{_short(first)}부터 {_short(last)}까지 {gap}일이에요. 첫날도 세면 {gap + 1}일이고요."


def _short(day: date) -> str:
    return f"{day.month}월 {day.day}일"


def _year(text: str, now: datetime) -> str | None:
    if _LEAP.search(text):
        year = next((int(word) for word in re.findall(r"(\d{4})년?", text)), now.year)
        if calendar.isleap(year):
            return f"네, {year}년은 윤년이에요. 2월이 29일까지 있어요."
        coming = next(later for later in range(year + 1, year + 9) if calendar.isleap(later))
        return f"{year}년은 윤년이 아니에요. 다음 윤년은 {coming}년이에요."
    return f"올해는 {now.year}년이에요." if _YEAR.search(text) else None


def _rest_of_year(text: str, now: datetime) -> str | None:
    if not _REST_OF_YEAR.search(text):
        return None
    left = (date(now.year, 12, 31) - now.date()).days
    return f"올해는 오늘 말고 {left}일 남았어요." if left else "오늘이 올해의 마지막 날이에요."


def _trip(text: str, now: datetime) -> str | None:
    """3박 4일이면 며칠이야: how long, not which day."""
    trip = next((one for one in find(text, now) if one.kind == "duration" and "박" in one.text), None)
    if trip is None or not re.search(r"며칠|몇\s*(?:일|밤)", text):
        return None
    days = int(re.sub(r"\D", "", trip.value) or 0)
    return f"{attach(trip.text, '은/는')} {days}일이에요. 밤은 {days - 1}번 지나고요."


def _month_end(text: str, now: datetime) -> str | None:
    """이번 달은 며칠까지 있어?"""
    spans = [one for one in find(text, now) if one.kind == "date_range" and re.search("[달월]", one.text)]
    if not spans or not re.search(r"(?:며칠|몇\s*일)\s*까지", text):
        return None
    last = date.fromisoformat(spans[0].value.split("/")[-1])
    return f"{attach(spans[0].text, '은/는')} {last.day}일까지 있어요."


_RULES: tuple[Callable[[str, datetime], str | None], ...] = (
    _impossible,
    _trip,
    _between,
    _year,
    _rest_of_year,
    _month_end,
)
