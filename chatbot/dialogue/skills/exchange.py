"""Money into other money. In: "환율 1400원이면 100달러는 얼마". Out: 140,000원. Knows no rate that it is not told:
they change by the minute, and the bot asks nobody.
"""

from __future__ import annotations

import random
import re
from datetime import datetime
from fractions import Fraction

from chatbot.dialogue.skills.calculator import spoken
from chatbot.text.entities import find
from chatbot.text.josa import attach
from chatbot.types import Entity

_NAMES = {"USD": "달러", "EUR": "유로", "JPY": "엔", "CNY": "위안", "GBP": "파운드", "KRW": "원"}
_WON = r"(?:한국\s*돈|우리\s*돈|원화|한화|원)(?:으로|로)?(?:는|은)?\s*(?:환전하면\s*|바꾸면\s*|하면\s*|치면\s*)?"
_FOREIGN = r"달러|불|유로|엔|위안|파운드"
_TAIL = r"\s*(?:이야|야|예요|이에요|에요|인가요?|일까요?|일까|지|죠|임|되나요?|돼요?|정도야|쯤이야|쯤)?[?!.~\s]*$"
_ASKS = re.compile(
    rf"^\s*(?:은|는|이|가|면|이면|을|를)?\s*(?:{_WON})?(?:얼마|몇\s*(?:원|{_FOREIGN})){_TAIL}"
    rf"|^\s*(?:을|를)?\s*{_WON}(?:바꿔|환전|환산|계산|얼마|알려)"
)
_RATE_WORD = re.compile(r"환율")
_RATE_ASKED = re.compile(
    rf"환율\s*(?:이|은|좀|을)?\s*(?:지금\s*)?(?:얼마|몇|어떻게|알려|뭐야|말해)|(?:{_FOREIGN})\s*환율[?\s]*$"
)
# Yen are quoted by the hundred.
_LOT = {"JPY": 100}


class Exchange:
    """Changes money at a rate that the user tells; says kindly that it knows none otherwise."""

    def claims(self, text: str) -> bool:
        """Foreign money and a question for its worth in won, or for the rate."""
        return _changed(text) is not None

    def answer(self, text: str, now: datetime, rng: random.Random) -> str | None:
        """The amount in the other money; what is missing when no rate was told."""
        return _changed(text)


def _changed(text: str) -> str | None:
    # Any moment does: money does not hang on it.
    found = [one for one in find(text, datetime(2026, 1, 1)) if one.kind == "money" and "~" not in one.value]
    if not found:
        return _unknown("달러") if _RATE_ASKED.search(text) else None
    asked = found[-1]
    if not _ASKS.search(text[asked.end :]):
        return None
    rate = _rate(text, found)
    amount, code = _parts(asked)
    if rate is None:
        return None if code == "KRW" and not _RATE_WORD.search(text) else _unknown(_NAMES[code])
    worth, currency = rate
    if code not in ("KRW", currency):
        return None
    result, unit = (amount / worth, _NAMES[currency]) if code == "KRW" else (amount * worth, "원")
    short = round(result, 2)
    about = "" if short == result else "약 "
    quoted = "그 환율"
    if currency in _LOT and len(found) == 2:
        quoted = f"{_LOT[currency]}{_NAMES[currency]}에 {found[0].text}"
    return f"{quoted}이면 {attach(asked.text, '은/는')} {about}{attach(spoken(short)[0] + unit, '이에요/예요')}."


def _rate(text: str, found: list[Entity]) -> tuple[Fraction, str] | None:
    """How many won one piece of the foreign money is worth: 환율 1400원이면, 1달러에 1400원이면."""
    if len(found) == 3:
        (lot, currency), (won, code) = _parts(found[0]), _parts(found[1])
        between = text[found[0].end : found[1].start]
        if currency != "KRW" and code == "KRW" and lot and re.fullmatch(r"\s*(?:에|가|이|당|은|는|=)?\s*", between):
            return (won / lot, currency) if won else None
        return None
    if len(found) != 2 or not _RATE_WORD.search(text):
        return None
    won, code = _parts(found[0])
    other = _parts(found[1])[1]
    if other == "KRW":
        named = re.search(rf"몇\s*(?P<name>{_FOREIGN})", text)
        other = next((one for one, name in _NAMES.items() if named and name == named["name"]), "USD")
    return (won / _LOT.get(other, 1), other) if code == "KRW" and won else None


def _parts(one: Entity) -> tuple[Fraction, str]:
    number, _, code = one.value.partition(" ")
    return Fraction(number), code


def _unknown(name: str) -> str:
    example = "'환율 900원이면 1000엔은 얼마'" if name == "엔" else f"'환율 1400원이면 100{name}는 얼마'"
    return f"저는 지금 환율을 몰라요. {example}처럼 환율을 알려 주시면 바로 계산해 드릴게요."
