"""Units into other units. In: an amount with its unit and another unit. Out: the same amount in the other.

Factors are exact by definition (international yard and pound 1959, SI) except the traditional Korean ones, which are
those of everyday trade. A unit without an amount counts once. Knows no currencies: their rates change.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from chatbot.dialogue.skills import speed
from chatbot.dialogue.skills.calculator import spoken
from chatbot.text.entities import find
from chatbot.text.entities.units import symbol_of, unit_pattern
from chatbot.text.josa import attach

# Symbol → (what it measures, factor to that measure's base unit).
_FACTORS: dict[str, tuple[str, Fraction]] = {
    symbol: (kind, Fraction(factor))
    for kind, units in {
        "length": {
            "km": "1000", "m": "1", "cm": "0.01", "mm": "0.001", "mi": "1609.344", "ft": "0.3048", "in": "0.0254",
            "yd": "0.9144", "nmi": "1852", "보": "0.7",
        },
        "mass": {
            "kg": "1000", "g": "1", "mg": "0.001", "t": "1000000", "lb": "453.59237", "oz": "28.349523125",
            "근": "600", "돈": "3.75",
        },
        # 1컵 is the Korean measuring cup of 200 mL, 1되 about 1.8 L.
        "volume": {"L": "1000", "mL": "1", "gal": "3785.411784", "컵": "200", "되": "1800", "미국컵": "236.5882365"},
        # 1평 = (20/11 m)².
        "area": {"m²": "1", "km²": "1000000", "ha": "10000", "ac": "4046.8564224", "평": "400/121"},
        "size": {"bit": "1/8", "B": "1", "KB": "1024", "MB": "1048576", "GB": "1073741824", "TB": "1099511627776"},
        "time": {"초": "1", "분": "60", "시간": "3600", "일": "86400", "주": "604800"},
    }.items()
    for symbol, factor in units.items()
}  # fmt: skip
_NAMES = {
    "km": "km", "mi": "마일", "ft": "피트", "in": "인치", "yd": "야드", "nmi": "해리", "lb": "파운드", "oz": "온스",
    "gal": "갤런", "bit": "비트", "B": "바이트", "ac": "에이커", "ha": "헥타르", "t": "톤", "미국컵": "컵",
}  # fmt: skip
_TIME = {
    "며칠": "일",
    "초": "초",
    "분": "분",
    "시간": "시간",
    "시간으로": "시간",
    "일": "일",
    "주": "주",
    "주일": "주",
}
_ASKS = re.compile(
    r"몇|며칠|얼마|바꾸|바꿔|바꿀|변환|환산|하면|으로\s*(?:치면|따지면)|로\s*(?:치면|따지면)|얼만|어떻게\s*(?:되"
    r"|돼)|알려|그램으로|로\s*$|로는"
)
_TARGET = re.compile(rf"(?P<ask>몇\s*)?(?P<unit>{unit_pattern()}|시간|초|분|일(?=로)|주(?=로|일))")
_TIME_TARGET = re.compile(
    r"몇\s*(?P<unit>시간|초|분(?!의|들)|일(?!까)|주일?)|(?P<days>며칠)|(?P<to>초|분|시간|일|주)(?:으로"
    r"|로)\s*(?:바꾸|바꿔|환산|하면|치면|$)"
)
# An amount that something else happens in: 하루에 몇 시간 자, 1시간에 몇 분 쉬어, 두 시간 동안.
_FRAME = re.compile(r"^\s*(?:에|동안|마다|씩|당|내내|만에|전|뒤|후|안에|정도|말고|아니고|아니라|대신)")
_HEAT = re.compile(r"(?P<scale>섭씨|화씨|절대\s*온도|켈빈|°?\s?[CFKcfk](?![A-Za-z]))")
_SCALES = {"섭씨": "C", "화씨": "F", "켈빈": "K", "절대온도": "K"}
_SCALE_NAMES = {"C": "섭씨", "F": "화씨", "K": "절대 온도"}
_PIECE = re.compile(r"(\d+(?:\.\d+)?)([YMWDHS])|T")
_STEPS = re.compile(r"(?P<n>만|천|\d[\d,]*)\s?보(?=면|는|를|이면|\s|$)")


@dataclass(frozen=True, slots=True)
class _Amount:
    """What is to be converted: in base units, how the user wrote it, where it ends."""

    kind: str
    base: Fraction
    symbol: str
    text: str
    end: int


class Converter:
    """Turns one amount into another unit."""

    def claims(self, text: str) -> bool:
        """An amount, another unit of the same kind, and a question for it."""
        return _convert(text, datetime(2026, 1, 1), sure=True) is not None

    def answer(self, text: str, now: datetime, rng: random.Random) -> str | None:
        """The amount in the other unit; None when a unit is missing or the two measure different things."""
        return _convert(text, now, sure=False)


def _convert(text: str, now: datetime, sure: bool) -> str | None:
    if not _ASKS.search(text):
        return None
    other = _temperature(text, now) or speed.converted(text)
    if other:
        return other
    ends = _ends(text, now)
    if ends:
        return _open(text, *ends)
    amount = _amount(text, now)
    if amount is None:
        return None if sure else _rate(text)
    if sure and _FRAME.match(text[amount.end :]):
        return None
    if amount.kind == "time":
        return None if _FRAME.match(text[amount.end :]) else _time(text, amount)
    target = _target(text, amount, sure)
    return _said(amount, target) if target else None


def _ends(text: str, now: datetime) -> tuple[_Amount, _Amount] | None:
    """Both ends of an amount that is left open: 한두 시간, 2~3마일."""
    for one in find(text, now):
        if one.kind == "duration" and "/" in one.value:
            low, high = (_length(part, one.text, one.end) for part in one.value.split("/"))
        elif one.kind == "quantity" and re.search(r"~\d", one.value):
            number, _, symbol = one.value.partition(" ")
            low, high = (_quantity(f"{part} {symbol}", one.text, one.end, text) for part in number.split("~"))
        else:
            continue
        if low and high:
            return low, high
    return None


def _open(text: str, low: _Amount, high: _Amount) -> str | None:
    """한두 시간은 몇 분이야 → 60~120분."""
    if _FRAME.match(text[high.end :]):
        return None
    if high.kind == "time":
        asked = [match["unit"] or match["days"] or match["to"] for match in _TIME_TARGET.finditer(text[high.end :])]
        symbol = _TIME[asked[0]] if asked else None
    else:
        symbol = _target(text, high, sure=True)
    if symbol is None:
        return None
    factor = _FACTORS[symbol][1]
    (first, about), (last, _) = _rounded(low.base / factor), _rounded(high.base / factor)
    result = f"{first}~{last}{_NAMES.get(symbol, symbol)}"
    return f"{attach(high.text, '은/는')} {about}{attach(result, '이에요/예요')}."


def _amount(text: str, now: datetime) -> _Amount | None:
    """The first amount; 5피트 9인치 is one."""
    steps = _STEPS.search(text)
    if steps:
        count = {"만": 10000, "천": 1000}.get(steps["n"]) or int(steps["n"].replace(",", ""))
        return _Amount("length", count * _FACTORS["보"][1], "보", steps.group().strip(), steps.end())
    found = [one for one in find(text, now) if one.kind in ("quantity", "duration")]
    total: _Amount | None = None
    for one in found:
        piece = (
            _quantity(one.value, one.text, one.end, text)
            if one.kind == "quantity"
            else _length(one.value, one.text, one.end)
        )
        if piece is None:
            continue
        if total is None:
            total = piece
        elif piece.kind == total.kind and not text[total.end : one.start].strip():
            whole = f"{total.text} {piece.text}"
            total = _Amount(total.kind, total.base + piece.base, total.symbol, whole, piece.end)
        else:
            break
    return total


def _quantity(value: str, text: str, end: int, whole: str) -> _Amount | None:
    number, _, symbol = value.partition(" ")
    symbol = _kilo(symbol, whole)
    if symbol == "컵" and re.search(r"미국|레시피|US", whole):
        symbol = "미국컵"
    if symbol not in _FACTORS or "~" in number:
        return None
    kind, factor = _FACTORS[symbol]
    return _Amount(kind, Fraction(number) * factor, symbol, text, end)


def _kilo(symbol: str, text: str) -> str:
    """킬로 is kg beside masses and km beside lengths."""
    if symbol != "k":
        return symbol
    return "km" if re.search(r"미터|마일|피트|야드|해리|거리|\bm\b|시속", text) else "kg"


def _length(value: str, text: str, end: int) -> _Amount | None:
    """An ISO duration without months and years, in seconds; an open one (한두 시간) is not converted."""
    if "/" in value:
        return None
    seconds, clock = Fraction(0), False
    for match in _PIECE.finditer(value):
        if match.group() == "T":
            clock = True
            continue
        amount, letter = match.groups()
        factor = {"W": 604800, "D": 86400, "H": 3600, "S": 1}.get(letter, 60 if clock else 0)
        if not factor:
            return None
        seconds += Fraction(amount) * factor
    return _Amount("time", seconds, "", text, end) if seconds else None


def _target(text: str, amount: _Amount, sure: bool) -> str | None:
    """The unit that is asked for: behind 몇, or before (으)로."""
    start = text.find(amount.text)
    rest = text[:start] + " " * len(amount.text) + text[amount.end :] if start >= 0 else text[amount.end :]
    best: tuple[int, str] | None = None
    for match in _TARGET.finditer(rest):
        symbol = _kilo(symbol_of(match["unit"]), "미터" if amount.kind == "length" else "")
        if symbol == amount.symbol or _FACTORS.get(symbol, ("",))[0] != amount.kind:
            continue
        following = rest[match.end() :]
        rank = 2 if match["ask"] else 1 if re.match(r"\s*(?:으로|로)", following) else 0
        if sure and rank == 0:
            continue
        if best is None or rank > best[0]:
            best = (rank, symbol)
    return best[1] if best else None


def _said(amount: _Amount, symbol: str) -> str:
    number, about = _rounded(amount.base / _FACTORS[symbol][1])
    result = f"{number}{_NAMES.get(symbol, symbol)}"
    reply = f"{attach(amount.text, '은/는')} {about}{attach(result, '이에요/예요')}."
    if amount.symbol == "보":
        return f"{reply} 한 걸음을 70cm로 셌어요."
    if "컵" in (amount.symbol, symbol):
        return f"{reply} 한 컵을 200mL로 셌어요."
    return reply


def _rounded(value: Fraction) -> tuple[str, str]:
    """Two decimals are enough for units, three digits when the number is small."""
    short = round(value, 2) if abs(value) >= 1 else Fraction(f"{float(value):.3g}")
    return spoken(short)[0], "" if short == value else "약 "


def _time(text: str, amount: _Amount) -> str | None:
    asked = [
        _TIME[match["unit"] or match["days"] or match["to"]] for match in _TIME_TARGET.finditer(text[amount.end :])
    ]
    # 3박 4일이 며칠이야 is for the calendar.
    if not asked or ("박" in amount.text and asked == ["일"]):
        return None
    parts, left = [], amount.base
    for unit in asked[:-1]:
        factor = _FACTORS[unit][1]
        count = left // factor
        left -= count * factor
        parts.append(f"{count:,}{unit}")
    number, about = _rounded(left / _FACTORS[asked[-1]][1])
    parts.append(f"{number}{asked[-1]}")
    result = " ".join(part for part in parts if len(parts) == 1 or not part.startswith("0"))
    if result == amount.text.replace(" ", ""):
        return None
    return f"{attach(amount.text, '은/는')} {about}{attach(result, '이에요/예요')}."


def _rate(text: str) -> str | None:
    """인치를 센티미터로: no amount, so one."""
    units = [(match, symbol_of(match["unit"])) for match in _TARGET.finditer(text)]
    units = [(match, symbol) for match, symbol in units if symbol in _FACTORS]
    if len(units) < 2:
        return None
    (first, source), (_, target) = units[0], units[1]
    if source == target or _FACTORS[source][0] != _FACTORS[target][0]:
        return None
    kind, factor = _FACTORS[source]
    return _said(_Amount(kind, factor, source, f"1{first['unit'].strip()}", first.end()), target)


def _temperature(text: str, now: datetime) -> str | None:
    if not re.search(r"섭씨|화씨|온도|℃|℉|°|켈빈|\d\s*[KCF]\b", text):
        return None
    found = find(text, now)
    amounts = [one for one in found if one.kind in ("quantity", "number") and "~" not in one.value]
    if not amounts:
        return None
    number = Fraction(amounts[0].value.split()[0])
    scales = [_scale(match["scale"]) for match in _HEAT.finditer(text)]
    target_match = re.search(
        r"(섭씨|화씨|절대\s*온도|켈빈|℃|℉|°C|°F)\s*(?:온도)?\s*(?:으로|로|는|몇)", text[amounts[0].start :]
    )
    target = _scale(target_match[1]) if target_match else None
    source = next((scale for scale in scales if scale != target), None)
    if source is None and target is not None:
        source = "F" if target == "C" else "C"
    if target is None and source is not None:
        target = "C" if source != "C" else "F"
    if source is None or target is None:
        return None
    celsius = {"C": number, "F": (number - 32) * Fraction(5, 9), "K": number - Fraction("273.15")}[source]
    value = {"C": celsius, "F": celsius * Fraction(9, 5) + 32, "K": celsius + Fraction("273.15")}[target]
    shown, about = _degrees(value)
    given = spoken(number)[0]
    return f"{_SCALE_NAMES[source]} {given}도는 {_SCALE_NAMES[target]}로 {about}{shown}도예요."


def _scale(word: str) -> str:
    squeezed = re.sub(r"\s", "", word).replace("℃", "C").replace("℉", "F").lstrip("°")
    return _SCALES.get(squeezed, squeezed.upper())


def _degrees(value: Fraction) -> tuple[str, str]:
    """One decimal is what thermometers show."""
    short = round(value, 2) if (value * 100).denominator == 1 else round(value, 1)
    return spoken(short)[0], "" if short == value else "약 "
