"""Times of day and lengths of time in Korean. In: text whose days are hidden. Out: time (15:30), datetime, duration
(PT2H).

A bare hour from 1 to 6 is taken as the afternoon, the way people make plans; 새벽, 오전, 아침 and a 24-hour clock say
otherwise. Knows nothing of days.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal

from chatbot.text.entities.dates import DAY_WORDS
from chatbot.text.entities.spans import entity, matches
from chatbot.text.numbers import ARABIC, COUNTING, SINO, plain, read_number
from chatbot.types import Entity

_PART = r"(?:(?P<part>오전|오후|새벽|아침|점심|대낮|한낮|낮|저녁|한밤|밤|[aApP][mM])\s*에?\s*)?"
_HOUR = (
    r"(?P<hour>(?<![\d:.])(?:2[0-4]|1\d|0?\d)|(?<![가-힣])(?:열한|열두|열|한|두|세|네|다섯|여섯|일곱|여덟|아홉)"
    r"|(?<=[전후벽침심낮녁밤])(?:열한|열두|열|한|두|세|네|다섯|여섯|일곱|여덟|아홉))"
)
_MINUTE = r"(?P<minute>[0-5]?\d|[이삼사오]?십[일이삼사오육칠팔구]?|[일이삼사오육칠팔구])"
# 시 begins many words: 시간, 시작, 시험, 시장, 시스템 … and 한시도 means "not for a moment".
_SI = r"시(?!간|작|험|장|절|청|선|집|민|내|골|위|력|대(?!에)|스|각|점|중|도\s|도록|인(?!데|가|지|\s|$)|리|즌)"
_SPOKEN = re.compile(
    rf"{_PART}{_HOUR}\s*{_SI}(?:\s*{_MINUTE}\s*분(?!의)|\s*(?P<half>반)(?!찬|장|납|대|응|복|드))?"
    rf"(?:(?<=분)\s*(?P<before>전)(?!에|까지|부|체))?"
)
_DIGITAL = re.compile(
    rf"{_PART}(?<![\d:])(?P<hour>2[0-4]|1\d|0?\d):(?P<minute>[0-5]\d)(?![\d:])\s*(?P<after>[aApP][mM])?"
)
_ENGLISH = re.compile(r"(?<![\d:.])(?P<hour>1[0-2]|[1-9])\s?(?P<after>[aApP]\.?[mM])(?![A-Za-z])")
_NAMED = re.compile(r"(?<![가-힣])(?P<name>정오|자정)")
_NAMES = {"정오": "12:00", "자정": "00:00"}

_N = rf"(?:{ARABIC}|{SINO}|{COUNTING})"
_FROM = re.compile(r"\s*(?:에서부터|으?로부터|에서|부터|보다|의|하고|,)?\s*")
_FROM_TO = re.compile(r"\s*(?:에서|부터|~|∼|〜|-)\s*")
_WORDS = "|".join(sorted(DAY_WORDS, key=len, reverse=True))
_LATER = re.compile(
    rf"(?P<amount>(?:{_N}\s*(?:시간|분|초)\s*반?\s*)+)\s*(?:쯤|정도)?\s*(?P<way>뒤|후(?!보|기|회)|있다가|이따가"
    rf"|전(?!부(?!터)|체))"
)
# Longest names first. Each takes what may not follow: 달러, 주제, 분의 …
_UNITS = {
    "시간": (r"시간(?!표|당)", "H"),
    "초": (r"초(?!등|반|록|콜|코|기|보|급|안|점|대|밥|과)", "S"),
    "개월": (r"개월", "M"),
    "주": (
        r"주일?(?=\s|[.,!?~]|$|동|간(?!지)|만|마|이|가|는|은|를|을|에|전|뒤|후|째|짜|내|쯤|정|도|\x00|반)",
        "W",
    ),
    "년": (r"년(?!생|대|도|차)", "Y"),
    "달": (r"달(?!러|걀|리|성|콤|력|라|래|인|팽)", "M"),
    "박": (r"박(?=\s*\d|\s*[일이삼사오육칠팔구십]+\s*일)", "N"),
    "분": (r"분(?!의|들|이서|께|야|류|석|량|수|명|노|위|야|기|포)", "m"),
    "일": (r"일(?!요일|기|곱|반|상|본|단|자리|등|식)", "D"),
}
_UNIT = "|".join(pattern for pattern, _ in _UNITS.values())
_LENGTH = re.compile(
    # 이 시간, 이 일, 이 분: "this" with a space behind it, two without.
    rf"(?<![\d.])(?P<first>(?!이\s|세일)(?:{_N})\s*(?:{_UNIT})"
    rf"|(?<![가-힣])(?:{_WORDS}|(?<!우리 )반\s?시간(?!표|당)|반년|반달)(?!키|살이|하루))"
    rf"(?P<more>(?:(?!\s*세일)\s*(?:{ARABIC}|[일이삼사오육칠팔구십]+|{COUNTING})\s*(?:{_UNIT}))*)"
    rf"(?:\s*(?P<half>반)(?![가-힣](?<!만|이|은|을|에|동|정|쯤|째|짜|걸|도|전|뒤|후)))?"
)
_PIECE = re.compile(
    rf"(?P<n>{ARABIC}|[일이삼사오육칠팔구십백]+|(?:열|스무|한|두|세|석|네|넉|다섯|여섯|일곱|여덟"
    rf"|아홉)+)\s*(?P<unit>시간|개월|초|주일?|년|달|박|분|일)"
)
_HALVES = {"반시간": "PT30M", "반년": "P6M", "반달": "P15D"}
_AFTERNOON = ("오후", "낮", "대낮", "한낮", "저녁", "밤", "한밤", "점심", "pm")
_MORNING = ("오전", "새벽", "아침", "am")


def find_times(text: str, now: datetime) -> list[Entity]:
    """Times of day, and moments counted from now (30분 뒤) as a local datetime."""
    counted = _moments(text, now)
    found = [moment for moment, _ in counted]
    for match in matches(_SPOKEN, text):
        value = _spoken(match)
        if value is not None:
            found.append(entity("time", text, match.span(), value))
    for pattern in (_DIGITAL, _ENGLISH):
        for match in matches(pattern, text):
            minute = int(match["minute"]) if "minute" in pattern.groupindex else 0
            part = match["after"] or (match["part"] if "part" in pattern.groupindex else None)
            hour = hour_of(int(match["hour"]), part, bare_afternoon=pattern is _ENGLISH)
            found.append(entity("time", text, match.span(), f"{hour:02d}:{minute:02d}"))
    found += [entity("time", text, match.span(), _NAMES[match["name"]]) for match in matches(_NAMED, text)]
    clock = [one for one in found if one.kind == "time"]
    return found + _counted_from(clock, counted, text, now) + _ranges(clock, text)


def _counted_from(
    clock: list[Entity], counted: list[tuple[Entity, timedelta]], text: str, now: datetime
) -> list[Entity]:
    """오후 2시에서 3시간 뒤: counted from the time that is named, not from now."""
    found = []
    for time in clock:
        for moment, length in counted:
            if time.end <= moment.start and _FROM.fullmatch(text[time.end : moment.start]):
                hour, minute = map(int, time.value.split(":"))
                base = now.replace(hour=hour, minute=minute, second=0, microsecond=0, tzinfo=None)
                value = (base + length).isoformat(timespec="minutes")
                found.append(entity("datetime", text, (time.start, moment.end), value))
    return found


def _ranges(clock: list[Entity], text: str) -> list[Entity]:
    """오후 2시부터 4시까지; a bare last hour is the first one after the beginning: 오전 9시부터 6시까지 ends 18:00."""
    found = []
    for first in clock:
        for last in clock:
            if first.end <= last.start and _FROM_TO.fullmatch(text[first.end : last.start]):
                value = f"{first.value}/{_after(first.value, last)}"
                found.append(entity("time_range", text, (first.start, last.end), value))
    return found


def _after(first: str, last: Entity) -> str:
    hour, minute = map(int, last.value.split(":"))
    bare = re.match(r"(?:1[0-2]|[1-9]|[한두세네다여일아열])", last.text)
    if not bare:
        return last.value
    begun, half_day = _minutes(first), 12 * 60
    gap = (hour * 60 + minute - begun) % half_day or half_day
    return "{:02d}:{:02d}".format(*divmod((begun + gap) % (24 * 60), 60))


def _minutes(clock: str) -> int:
    hour, minute = map(int, clock.split(":"))
    return hour * 60 + minute


def _spoken(match: re.Match[str]) -> str | None:
    number = read_number(match["hour"])
    if number is None or match.group() in ("한시",) or int(number) > 24:
        return None
    minute = 30 if match["half"] else int(read_number(match["minute"]) or 0) if match["minute"] else 0
    if minute > 59:
        return None
    total = hour_of(int(number), match["part"], bare_afternoon=not match["hour"].startswith("0")) * 60 + minute
    if match["before"]:
        total = (total // 60 * 60 - minute) % (24 * 60)
    return f"{total // 60:02d}:{total % 60:02d}"


def hour_of(hour: int, part: str | None, bare_afternoon: bool) -> int:
    """The hour of a 24-hour clock."""
    part = (part or "").lower().replace(".", "")
    if part in _MORNING:
        return 0 if hour == 12 else hour % 24
    if part in _AFTERNOON:
        if hour == 12:
            return 0 if part in ("밤", "한밤") else 12
        # 밤 1시 to 5시 lie after midnight.
        if part in ("밤", "한밤") and hour < 6:
            return hour
        return hour + 12 if hour < 12 else hour % 24
    if bare_afternoon and 1 <= hour <= 6:
        return hour + 12
    return hour % 24


def _moments(text: str, now: datetime) -> list[tuple[Entity, timedelta]]:
    """30분 뒤 as a moment, and how far it lies from where it is counted."""
    found = []
    for match in matches(_LATER, text):
        length = timedelta(seconds=float(_seconds(match["amount"])))
        if length.days > 36500:
            continue
        length = -length if match["way"] == "전" else length
        value = (now + length).replace(tzinfo=None).isoformat(timespec="minutes")
        found.append((entity("datetime", text, match.span(), value), length))
    return found


def _seconds(text: str) -> Decimal:
    total, last = Decimal(0), 0
    for match in matches(_PIECE, text):
        last = {"시간": 3600, "분": 60, "초": 1}.get(match["unit"], 0)
        total += (read_number(match["n"]) or 0) * last
    return total + (Decimal(last) / 2 if text.rstrip().endswith("반") else 0)


def find_durations(text: str, now: datetime) -> list[Entity]:
    """Lengths of time as ISO 8601: 두 시간 반 PT2H30M, 3박 4일 P4D, 보름 P15D, 일주일 P1W, 한 달 P1M.

    하루 두 시간 is two of them, for it is two hours a day; 이틀 세 시간 is one.
    """
    found = []
    for match in matches(_LENGTH, text):
        start, end = match.span()
        if match["first"] == "하루" and match["more"].strip():
            found.append(entity("duration", text, match.span("first"), "P1D"))
            start = match.end("first") + len(match["more"]) - len(match["more"].lstrip())
            shorter = _LENGTH.fullmatch(text, start, end)
        else:
            shorter = match
        value = _duration(shorter) if shorter else None
        if value is not None:
            found.append(entity("duration", text, (start, end), value))
    return found


def _duration(match: re.Match[str]) -> str | None:
    first = match["first"].replace(" ", "")
    if first in _HALVES:
        return _HALVES[first]
    in_words = first in DAY_WORDS
    amounts = {"D": Decimal(DAY_WORDS[first])} if in_words else {}
    for piece in matches(_PIECE, match["more"] if in_words else first + match["more"]):
        value = read_number(piece["n"])
        letter = _letter(piece["unit"])
        if value is None or letter in amounts or _counts_people(piece["n"], letter):
            return None
        amounts[letter] = value
    if not amounts or amounts.get("Y", 0) >= 1000:
        return None
    if match["half"] and not _add_half(amounts):
        return None
    # 3박 4일 says the days; nights alone last one day more.
    nights = amounts.pop("N", None)
    if nights is not None:
        amounts.setdefault("D", nights + 1)
    return _iso(amounts)


def _letter(unit: str) -> str:
    return "W" if unit == "주일" else _UNITS[unit][1]


def _counts_people(number: str, letter: str) -> bool:
    """세 분 are three people, 삼 분 and 3분 are minutes."""
    return letter == "m" and re.fullmatch(COUNTING, number) is not None


def _add_half(amounts: dict[str, Decimal]) -> bool:
    last = list(amounts)[-1]
    smaller = {"H": ("m", 30), "m": ("S", 30), "Y": ("M", 6), "M": ("D", 15), "D": ("H", 12)}
    if last not in smaller:
        return False
    letter, amount = smaller[last]
    if letter in amounts:
        return False
    amounts[letter] = Decimal(amount)
    return True


def _iso(amounts: dict[str, Decimal]) -> str:
    days = "".join(f"{plain(amounts[letter])}{letter}" for letter in "YMWD" if letter in amounts)
    clock = "".join(f"{plain(amounts[letter])}{letter.upper()}" for letter in "HmS" if letter in amounts)
    return f"P{days}T{clock}" if clock else f"P{days}"
