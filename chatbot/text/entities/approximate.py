"""Counts that are left open: 한두 시간, 서너 개, 2~3일, 며칠, 반나절. In: text. Out: entities with both ends.

A length of time reads "PT1H/PT2H", a quantity "3~4 개", money "20000~30000 KRW", a percentage "10~20 %". 반나절
counts as four to six hours, 며칠 as two to five days. Knows nothing of exact counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from chatbot.text.entities.spans import entity, hide, matches
from chatbot.text.entities.times import hour_of
from chatbot.text.entities.units import COUNTERS, symbol_of, unit_pattern
from chatbot.text.numbers import ARABIC, plain, read_number
from chatbot.types import Entity

_NATIVE = {
    "한두": (1, 2), "한둘": (1, 2), "두세": (2, 3), "두셋": (2, 3), "두서너": (2, 4), "서너": (3, 4), "서넛": (3, 4),
    "너댓": (4, 5), "너덧": (4, 5), "네댓": (4, 5), "네다섯": (4, 5), "너더댓": (4, 5), "대여섯": (5, 6),
    "대엿": (5, 6), "다섯여섯": (5, 6), "예닐곱": (6, 7), "여섯일곱": (6, 7), "일고여덟": (7, 8), "일여덟": (7, 8),
    "엳아홉": (8, 9), "여덟아홉": (8, 9), "여남은": (10, 13), "열댓": (15, 15), "열두세": (12, 13), "열두어": (12, 13),
    "두어": (2, 3), "세네": (3, 4), "한 두": (1, 2), "두 세": (2, 3), "서 너": (3, 4), "세 네": (3, 4),
    "스무남은": (20, 23),
}  # fmt: skip
_DIGITS = "일이삼사오육칠팔구"
_SPELT = "|".join(sorted(_NATIVE, key=len, reverse=True))
# 이삼, 삼사 … 팔구, then perhaps 십, 백, 천, 만: 이삼십 is 20 to 30.
_PAIR = "일이|이삼|삼사|사오|오륙|육칠|칠팔|팔구"
_SCALE = {
    "": 1,
    "십": 10,
    "백": 100,
    "천": 1000,
    "만": 10**4,
    "십만": 10**5,
    "백만": 10**6,
    "천만": 10**7,
    "억": 10**8,
}
_SCALE_RE = "|".join(sorted((word for word in _SCALE if word), key=len, reverse=True))
_N = (
    rf"(?<!월)(?<!월\s)(?:(?<![가-힣])(?P<native>{_SPELT})|(?<![가-힣])(?P<pair>{_PAIR})(?P<scale>{_SCALE_RE})?"
    rf"|(?P<low>{ARABIC})\s?[~∼〜]\s?(?P<high>(?:\d[\d,.]*\d|\d)(?:{_SCALE_RE})?)"
    rf"|(?<![\d.,/:-])(?P<low2>\d{{1,2}})-(?P<high2>\d{{1,2}})(?![\d-]))"
)
_LENGTHS = {"시간": "H", "분": "m", "초": "S", "일": "D", "주일": "W", "주": "W", "달": "M", "개월": "M", "년": "Y"}
_LENGTH = re.compile(
    rf"{_N}\s?(?P<unit>시간|개월|주일|주(?!제|문|일|차|말)|달(?!러|걀|리)|년(?!생|대)|분(?!의|께|들|이서|류|석)|초(?!등|반|코)|일(?!요일|곱|반|상))"
    rf"(?:\s*(?:쯤|정도)?\s*(?P<way>뒤|후(?!보|기|회)|있다가|이따가|전(?!부(?!터)|체)))?"
)
_MONEY = re.compile(rf"{_N}\s?(?P<unit>원|달러|유로|엔)(?!하는|래|인|하)")
_CURRENCY = {"원": "KRW", "달러": "USD", "유로": "EUR", "엔": "JPY"}
_PERCENT = re.compile(rf"{_N}\s?(?:%|퍼센트|프로(?![가-힣]))")
_UNITS = re.compile(rf"{_N}\s?(?P<unit>{unit_pattern()})")
_COUNTED = re.compile(rf"{_N}\s?(?P<unit>{COUNTERS}|분(?=이|께|은|을|\s|$))")
_HOURS = re.compile(rf"(?:(?P<part>오전|오후|새벽|아침|점심|낮|저녁|밤)\s*)?{_N}\s?시(?=\s|$|쯤|에|까지|[.,!?])")
# 한둘이 아니야: people or things, without a counter.
_BARE = re.compile(r"(?<![가-힣])(?P<native>한둘|두셋|서넛|너덧|대여섯|예닐곱|일고여덟)(?=이|은|을|만|\s|$)")
_HALF_DAY = re.compile(r"(?<![가-힣])(?:반나절|한나절)")
_DAYS = {
    "하루이틀": (1, 2), "이틀사흘": (2, 3), "이사흘": (2, 3), "사나흘": (3, 4), "사흘나흘": (3, 4),
    "나댓새": (4, 5), "네댓새": (4, 5), "대엿새": (5, 6), "예니레": (6, 7), "일여드레": (7, 8),
}  # fmt: skip
_DAY_PAIR = re.compile(
    r"(?<![가-힣])(?:하루\s?이틀|이틀\s?사흘|사흘\s?나흘|이사흘|사나흘|[나네]댓새|대엿새|예니레|일여드레)"
)
# 며칠 asks for a day, except where something lasts or lies that far away.
_FEW_DAYS = re.compile(
    r"(?<![가-힣])(?:몇\s?일|며칠)(?=\s*(?:동안|간|쉬|뒤|후|전|만에|내내|더|정도|째\s*(?:못|안|계속)|안\s|못\s)|을\s|만\s)"
)
# 십여 명, 30여 개: at least so many.
_ODD = re.compile(rf"(?<![가-힣\d])(?P<least>[이삼사오육칠팔구]?십|백|천|\d+)여\s?(?P<unit>{COUNTERS})")


def find_approximate(text: str, now: datetime) -> list[Entity]:
    """Every open count, the more explicit reading first."""
    found: list[Entity] = []
    for rule in (_hours, _lengths, _money, _percent, _quantities):
        new = list(rule(text, now))
        found += new
        text = hide(text, new)
    return found


def _ends(match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    """The lowest and highest count that a match leaves open."""
    groups = match.groupdict()
    if groups.get("native"):
        low, high = _NATIVE[groups["native"]]
        return Decimal(low), Decimal(high)
    if groups.get("pair"):
        scale = _SCALE[groups["scale"] or ""]
        low, high = ((_DIGITS.index("육" if one == "륙" else one) + 1) * scale for one in groups["pair"])
        return Decimal(low), Decimal(high)
    first, last = read_number(groups["low"] or groups["low2"]), read_number(groups["high"] or groups["high2"])
    if first is None or last is None:
        return None
    # 2~3만 원: the scale behind the second number is the first one's too.
    scale_word = re.search(rf"(?:{_SCALE_RE})$", groups["high"] or "")
    if scale_word and first < 10**4 and not re.search(r"[십백천만억]$", groups["low"]):
        first *= _SCALE[scale_word.group()]
    return (first, last) if first < last else None


def _lengths(text: str, now: datetime) -> Iterator[Entity]:
    for match in matches(_LENGTH, text):
        ends, unit = _ends(match), match["unit"]
        # 두세 분 are people; 이삼 분 and 2~3분 are minutes.
        if ends is None or (unit == "분" and match["native"]) or (unit == "년" and ends[0] > 1900):
            continue
        if match["way"] and unit in ("시간", "분", "초"):
            yield entity("datetime", text, match.span(), _moments(ends, unit, match["way"], now))
            continue
        end = match.start("way") if match["way"] else match.end()
        yield entity("duration", text, (match.start(), end), "/".join(_iso(one, _LENGTHS[unit]) for one in ends))
    for match in matches(_DAY_PAIR, text):
        low, high = _DAYS[match.group().replace(" ", "")]
        yield entity("duration", text, match.span(), f"P{low}D/P{high}D")
    for match in matches(_HALF_DAY, text):
        yield entity("duration", text, match.span(), "PT4H/PT6H")
    for match in matches(_FEW_DAYS, text):
        yield entity("duration", text, match.span(), "P2D/P5D")


def _moments(ends: tuple[Decimal, Decimal], unit: str, way: str, now: datetime) -> str:
    seconds = {"시간": 3600, "분": 60, "초": 1}[unit] * (-1 if way == "전" else 1)
    moments = sorted(now.replace(tzinfo=None) + timedelta(seconds=float(one) * seconds) for one in ends)
    return "/".join(moment.isoformat(timespec="minutes") for moment in moments)


def _iso(amount: Decimal, letter: str) -> str:
    return f"PT{plain(amount)}{letter.upper()}" if letter in "HmS" else f"P{plain(amount)}{letter}"


def _money(text: str, now: datetime) -> Iterator[Entity]:
    yield from (
        entity("money", text, match.span(), f"{_between(ends)} {_CURRENCY[match['unit']]}")
        for match in matches(_MONEY, text)
        if (ends := _ends(match))
    )


def _percent(text: str, now: datetime) -> Iterator[Entity]:
    yield from (
        entity("percent", text, match.span(), f"{_between(ends)} %")
        for match in matches(_PERCENT, text)
        if (ends := _ends(match))
    )


def _quantities(text: str, now: datetime) -> Iterator[Entity]:
    for match in matches(_UNITS, text):
        # 오륙도 is an island, 이삼 도 a difference in degrees.
        if match["unit"] == "도" and match["pair"] and text[match.start("unit") - 1] != " ":
            continue
        if ends := _ends(match):
            yield entity("quantity", text, match.span(), f"{_between(ends)} {symbol_of(match['unit'])}")
    text = hide(text, [entity("", text, match.span(), "") for match in matches(_UNITS, text)])
    for match in matches(_COUNTED, text):
        if ends := _ends(match):
            yield entity("quantity", text, match.span(), f"{_between(ends)} {match['unit']}")
    for match in matches(_BARE, text):
        low, high = _NATIVE[match["native"]]
        yield entity("number", text, match.span(), f"{low}~{high}")
    for match in matches(_ODD, text):
        number = read_number(match["least"])
        if number:
            yield entity("quantity", text, match.span(), f"{plain(number)}~ {match['unit']}")


def _hours(text: str, now: datetime) -> Iterator[Entity]:
    """두세 시쯤, 오후 2~3시."""
    for match in matches(_HOURS, text):
        ends = _ends(match)
        if ends and ends[1] <= 24:
            span = [hour_of(int(one), match["part"], bare_afternoon=True) for one in ends]
            yield entity("time_range", text, match.span(), "/".join(f"{hour:02d}:00" for hour in span))


def _between(ends: tuple[Decimal, Decimal]) -> str:
    low, high = ends
    return plain(low) if low == high else f"{plain(low)}~{plain(high)}"
