"""Speeds into other speeds. In: "시속 100km는 초속 몇 m". Out: 약 27.78m. Knows no distances and no lengths of
time.
"""

from __future__ import annotations

import re
from fractions import Fraction

from chatbot.dialogue.skills.calculator import spoken
from chatbot.text.josa import attach
from chatbot.text.numbers import ARABIC, SINO, read_number

_PER = {"시속": 3600, "분속": 60, "초속": 1}
_METRES = {
    "km": "1000", "킬로미터": "1000", "킬로": "1000", "키로": "1000", "미터": "1", "m": "1", "마일": "1609.344",
    "mi": "1609.344", "노트": "1852",
}  # fmt: skip
# What the unit is when only the frame is told: 초속으로 얼마야.
_USUAL = {"시속": "km", "분속": "m", "초속": "m"}
_SIGNS = {
    "km/h": ("시속", "km"),
    "kph": ("시속", "km"),
    "m/s": ("초속", "m"),
    "mph": ("시속", "마일"),
    "노트": ("시속", "노트"),
}
_UNIT = "킬로미터|킬로|키로|km|미터|m|마일|mi"
_SIGN = r"km\s?/\s?h|kph|m\s?/\s?s|mph|노트"
_GIVEN = re.compile(
    rf"(?:(?P<per>시속|분속|초속)\s*(?P<n>{ARABIC}|{SINO})\s*(?P<unit>{_UNIT})(?![A-Za-z/])"
    rf"|(?P<n2>{ARABIC})\s?(?P<sign>{_SIGN}))"
)
_WANTED = re.compile(
    rf"(?P<per>시속|분속|초속)\s*(?:으로|로)?\s*(?:몇\s*)?(?P<unit>{_UNIT})?|(?P<sign>{_SIGN})"
    rf"|(?:몇\s*)?(?P<bare>{_UNIT})(?:\s*(?:로|으로|야|이야|예요|$|[?]))"
)


def converted(text: str) -> str | None:
    """The speed in the other frame or unit; None when one of both is missing."""
    given = _GIVEN.search(text)
    if given is None:
        return None
    rest = text[: given.start()] + " " + text[given.end() :]
    wanted = _WANTED.search(rest)
    value = read_number(given["n"] or given["n2"])
    if wanted is None or value is None:
        return None
    per, unit = _frame(given["per"], given["unit"], given["sign"])
    to_per, to_unit = _frame(wanted["per"] or per, wanted["unit"] or wanted["bare"] or "", wanted["sign"])
    if (per, _METRES[unit]) == (to_per, _METRES[to_unit]):
        return None
    speed = Fraction(value) * Fraction(_METRES[unit]) / _PER[per]
    result = speed * _PER[to_per] / Fraction(_METRES[to_unit])
    short = round(result, 2)
    about = "" if short == result else "약 "
    told = f"{to_per} {about}{attach(spoken(short)[0] + to_unit, '이에요/예요')}."
    return f"{attach(given.group().strip(), '은/는')} {told}"


def _frame(per: str | None, unit: str, sign: str | None) -> tuple[str, str]:
    if sign:
        return _SIGNS[re.sub(r"\s", "", sign)]
    frame = per or "시속"
    return frame, unit or _USUAL[frame]
