"""Exact arithmetic over a string of numbers and signs. In: "(4+6)*3^2". Out: a fraction. Knows no Korean.

Signs: + - * / % (remainder, between numbers) ^ (power) √ (square root, before) ! (factorial, behind) p (percent,
behind) and parentheses. A parser by precedence climbing; nothing is evaluated by Python.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction

# A result with more digits than this is told by its length; a power or factorial beyond the second bound is not
# computed.
MAX_DIGITS = 24
MAX_COMPUTED = 3000

_TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<sign>[-+*/%^√!p()]))")
_BINARY = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 4}
_NEGATION = 3


class NotArithmetic(ValueError):
    """The text is no expression."""


class TooLarge(ValueError):
    """The result has too many digits to be computed."""


def evaluate(text: str) -> Fraction:
    """The exact value of an expression; square roots are exact where they are whole and to 12 digits elsewhere.

    Raises
    ------
    NotArithmetic
        when the text is no expression of these signs.
    ZeroDivisionError
        when something is divided by zero.
    TooLarge
        when a power or factorial has more than `MAX_COMPUTED` digits.
    """
    parser = _Parser(_tokens(text))
    value = parser.expression(0)
    if parser.rest():
        raise NotArithmetic(text)
    return value


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise NotArithmetic(text)
        tokens.append(match["number"] or match["sign"])
        position = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def rest(self) -> bool:
        return self._at < len(self._tokens)

    def _peek(self) -> str:
        return self._tokens[self._at] if self.rest() else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise NotArithmetic("".join(self._tokens))
        self._at += 1
        return token

    def expression(self, lowest: int) -> Fraction:
        """A value and all the operators behind it that bind at least as tightly as `lowest`."""
        self._depth += 1
        if self._depth > 60:
            raise NotArithmetic("nested too deeply")
        left = self._value()
        while (sign := self._peek()) in _BINARY and _BINARY[sign] >= lowest:
            self._at += 1
            # Powers bind to the right, everything else to the left.
            right = self.expression(_BINARY[sign] + (sign != "^"))
            left = _apply(sign, left, right)
        self._depth -= 1
        return left

    def _value(self) -> Fraction:
        token = self._next()
        if token == "-":
            return -self.expression(_NEGATION)
        if token == "+":
            return self.expression(_NEGATION)
        if token == "√":
            return _root(self.expression(_BINARY["^"]))
        if token == "(":
            value = self.expression(0)
            if self._next() != ")":
                raise NotArithmetic("".join(self._tokens))
        elif token[0].isdigit():
            value = Fraction(token)
        else:
            raise NotArithmetic("".join(self._tokens))
        return self._behind(value)

    def _behind(self, value: Fraction) -> Fraction:
        while self._peek() in ("!", "p"):
            value = value / 100 if self._next() == "p" else _factorial(value)
        return value


def _apply(sign: str, left: Fraction, right: Fraction) -> Fraction:
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    if sign == "*":
        return left * right
    if sign == "^":
        return _power(left, right)
    if right == 0:
        raise ZeroDivisionError
    return left / right if sign == "/" else left % right


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1:
        if exponent == Fraction(1, 2):
            return _root(base)
        raise NotArithmetic("only whole powers")
    if base == 0 and exponent < 0:
        raise ZeroDivisionError
    size = max(abs(base.numerator), base.denominator)
    if size > 1 and math.log10(size) * abs(exponent) > MAX_COMPUTED:
        raise TooLarge
    return base ** int(exponent) if size > 1 else Fraction(int(base) ** int(exponent % 2 + 2))


def _factorial(value: Fraction) -> Fraction:
    if value.denominator != 1 or value < 0:
        raise NotArithmetic("factorials of whole numbers only")
    if value > 1000:
        raise TooLarge
    return Fraction(math.factorial(int(value)))


def _root(value: Fraction) -> Fraction:
    if value < 0:
        raise NotArithmetic("no root of a negative number")
    top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom)
    scale = 10**12
    return Fraction(math.isqrt(value.numerator * scale**2 // value.denominator), scale)
