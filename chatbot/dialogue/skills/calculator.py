"""Sums. In: an utterance with a sum in signs or in Korean. Out: the sum with its result, exact where that is short.

Knows how to say numbers; `sums` reads the Korean, `arithmetic` computes.
"""

from __future__ import annotations

import random
import re
from datetime import datetime
from fractions import Fraction

from chatbot.dialogue.skills.arithmetic import MAX_DIGITS, NotArithmetic, TooLarge, evaluate
from chatbot.dialogue.skills.sums import Sum, read
from chatbot.text.josa import attach

# Decimals that are shown when a result does not end.
PLACES = 4

# Digits with dashes or slashes that are no sums: 010-1234-5678, 2026-11-23, 12/25, 3-4일, 1:1.
_NO_SUM = re.compile(
    r"\d{2,4}-\d{3,4}-\d{4}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|(?<!\d)\d{1,2}-\d{1,2}\s?[가-힣]|^\s*\d{1,2}/\d{1,2}\s*$"
    r"|\d-\d+\s*$"
)


class Calculator:
    """Works out one sum."""

    def claims(self, text: str) -> bool:
        """The text is a sum, with nothing around it but asking for the result."""
        if _NO_SUM.search(text) and "=" not in text:
            return False
        found = read(text)
        return found is not None and not found.strange and _worked_out(found) is not None

    def answer(self, text: str, now: datetime, rng: random.Random) -> str | None:
        """The result; a kind word when something is divided by zero; None when no sum was found."""
        found = read(text)
        return _worked_out(found) if found else None


def _worked_out(found: Sum) -> str | None:
    try:
        value = evaluate(found.expression)
    except ZeroDivisionError:
        return "0으로는 나눌 수 없어요. 나누는 수를 바꿔서 다시 물어봐 주세요."
    except TooLarge:
        return "결과가 너무 커서 여기에 다 못 적어요. 조금 더 작은 수로 물어봐 주세요."
    except NotArithmetic:
        return None
    if found.believed:
        return _judged(found, value)
    return _told(found, value)


def _told(found: Sum, value: Fraction) -> str:
    result, about = spoken(value)
    if not result:
        digits = len(str(abs(value.numerator // value.denominator)))
        return f"{_left(found.shown)} 무려 {digits}자리 수예요. 앞머리는 {_head(value)}…로 시작해요."
    # Fractions in, a fraction out.
    if value.denominator not in (1, 2, 4, 5, 10) and re.search(r"\d/\d", found.shown):
        result, about = f"{value.numerator}/{value.denominator}", ""
    elif re.search(r"\d/\d", found.shown) and value.denominator > 1:
        fraction = f"{value.denominator}분의 {value.numerator}"
        return f"{_left(found.shown)} {fraction}, 소수로는 {attach(result, '이에요/예요')}."
    return f"{_left(found.shown)} {about}{attach(result + found.unit, '이에요/예요')}."


def _judged(found: Sum, value: Fraction) -> str | None:
    result, about = spoken(value)
    if not result:
        return None
    if value == Fraction(found.believed):
        return f"네, 맞아요. {_left(found.shown)} {about}{attach(result + found.unit, '이에요/예요')}."
    return f"조금 달라요. {_left(found.shown)} {about}{attach(result + found.unit, '이에요/예요')}."


def _left(shown: str) -> str:
    """3 + 5는, (4 + 6) × 3은; a left side that ends in a sign is followed by =."""
    return attach(shown, "은/는") if shown[-1].isalnum() or shown[-1] == "%" else f"{shown} ="


def spoken(value: Fraction) -> tuple[str, str]:
    """(the number, "약 " if it is rounded); an empty number when it has too many digits."""
    if len(str(abs(value.numerator // value.denominator))) > MAX_DIGITS:
        return "", ""
    if value.denominator == 1:
        return f"{value.numerator:,}", ""
    rounded = round(value, PLACES)
    exact = _decimal(value)
    if exact is not None:
        return exact, ""
    if rounded == 0:
        return f"{float(value):.3g}", "약 "
    return _decimal(rounded) or str(rounded), "약 "


def _decimal(value: Fraction, places: int = 10) -> str | None:
    """The decimal form, if it ends within `places`."""
    scaled = value * 10**places
    if scaled.denominator != 1:
        return None
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(scaled.numerator), 10**places)
    return f"{sign}{whole:,}.{rest:0{places}d}".rstrip("0").rstrip(".")


def _head(value: Fraction) -> str:
    return str(abs(value.numerator // value.denominator))[:6]
