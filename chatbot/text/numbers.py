"""Korean and Arabic numerals. In: text such as 1억 2천만, 삼십이만 오천, 열다섯. Out: exact numbers. Knows no
units.
"""

from __future__ import annotations

import re
from decimal import Decimal

SINO_DIGITS = {digit: value for value, digit in enumerate("영일이삼사오육칠팔구")} | {"공": 0, "륙": 6}
_SMALL = {"십": 10, "백": 100, "천": 1000}
_BIG = {"만": 10**4, "억": 10**8, "조": 10**12, "경": 10**16}
_TENS = {"열": 10, "스물": 20, "서른": 30, "마흔": 40, "쉰": 50, "예순": 60, "일흔": 70, "여든": 80, "아흔": 90}
_ONES = {"하나": 1, "둘": 2, "셋": 3, "넷": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9}
# Forms before a counter: 한 개, 두 명, 석 달, 넉 잔, 스무 살.
_BEFORE_COUNTER = {"한": 1, "두": 2, "세": 3, "석": 3, "서": 3, "네": 4, "넉": 4, "너": 4, "닷": 5, "엿": 6}

_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SINO = "일이삼사오육칠팔구십백천만억조경"
_TENS_RE = "|".join(_TENS)
_ONES_RE = "|".join(_ONES)
_SHORT_RE = "|".join(_BEFORE_COUNTER)

# Regular expression sources; each matches what `read_number` may then refuse.
ARABIC = (
    rf"(?<![\d.,A-Za-z])(?:{_DIGITS})"
    rf"(?:(?:[십백천]?[만억조경]|[십백천])(?:\s?(?:{_DIGITS})(?:[십백천]?[만억조경]|[십백천])"
    rf"|[{_SINO}]*[십백천만억조경]"
    rf"|(?<=[만억조경])\s[{_SINO}]*[십백천만억조경]|\s?\d{{3,4}}(?![\d가-힣%]"
    rf"|\s*[십백천만억]))*(?:\s?\d{{3,4}}(?=\s*원))?)?"
)
SINO = rf"(?<![가-힣])[{_SINO}]+(?:(?<=[만억조경])\s[{_SINO}]+)*"
# 하나, 열다섯, 서른; and before a counter 한, 열두, 스무.
NATIVE = rf"(?<![가-힣])(?:(?:{_TENS_RE})(?:{_ONES_RE})?|{_ONES_RE})"
_LATER_ONES = "다섯|여섯|일곱|여덟|아홉"
COUNTING = rf"(?<![가-힣])(?:(?:{_TENS_RE})(?:{_LATER_ONES}|한|두|세|네)?|스무|{_LATER_ONES}|{_SHORT_RE})"

_TOKEN = re.compile(
    rf"(?P<digits>{_DIGITS})|(?P<sino>[영공일이삼사오육륙칠팔구])|(?P<small>[십백천])|(?P<big>[만억조경])"
)
_NATIVE_WORD = re.compile(rf"(?P<hundred>백)?(?P<tens>{_TENS_RE}|스무)?(?P<ones>{_ONES_RE}|{_SHORT_RE})?")


def read_number(text: str) -> Decimal | None:
    """The value of a numeral in digits, Korean or both ("3만 5천", "만오천", "열두"); None when it is none."""
    plain = re.sub(r"[\s,]", "", text)
    if not plain:
        return None
    native = _read_native(plain)
    return native if native is not None else _read_mixed(plain)


def _read_native(text: str) -> Decimal | None:
    match = _NATIVE_WORD.fullmatch(text)
    if match is None or not (match["tens"] or match["ones"]):
        return None
    ones = match["ones"] or ""
    tens = 20 if match["tens"] == "스무" else _TENS.get(match["tens"] or "", 0)
    return Decimal((100 if match["hundred"] else 0) + tens + _ONES.get(ones, _BEFORE_COUNTER.get(ones, 0)))


def _read_mixed(text: str) -> Decimal | None:
    """Sections below 만, each with its own 천, 백, 십; units must fall from left to right."""
    total, section = Decimal(0), Decimal(0)
    current: Decimal | None = None
    last_small, last_big = 10**4, 10**20
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        position = match.end()
        if match["digits"] or match["sino"]:
            if current is not None:
                return None
            current = Decimal(match["digits"]) if match["digits"] else Decimal(SINO_DIGITS[match["sino"]])
        elif match["small"]:
            unit = _SMALL[match["small"]]
            if unit >= last_small:
                return None
            section += (Decimal(1) if current is None else current) * unit
            current, last_small = None, unit
        else:
            unit = _BIG[match["big"]]
            if unit >= last_big:
                return None
            section += current or 0
            total += (section or Decimal(1)) * unit
            current, section, last_small, last_big = None, Decimal(0), 10**4, unit
    # 1억 5천 and 2억3천 leave their 만 unsaid.
    if last_big == _BIG["억"] and current is None and last_small == _SMALL["천"]:
        section *= _BIG["만"]
    return total + section + (current or 0)


def plain(value: Decimal) -> str:
    """A number without exponent and without trailing zeros: 1.50 → "1.5", 1E+3 → "1000"."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
