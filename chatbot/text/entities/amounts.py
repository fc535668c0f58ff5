"""Money, percentages, quantities with units, ordinals and bare numbers. In: text whose days and times are hidden.

Values: money "15000 KRW", percent "15 %", quantity "10 mi" or "3 개", ordinal "3", number "32.5" or "1/3".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from chatbot.text.entities.spans import entity, hide, matches
from chatbot.text.entities.units import COUNTERS, symbol_of, unit_pattern
from chatbot.text.numbers import ARABIC, COUNTING, NATIVE, SINO, plain, read_number
from chatbot.types import Entity

_N = rf"(?:{ARABIC}|{SINO})"
_CURRENCIES = {
    "원": "KRW", "달러": "USD", "불": "USD", "유로": "EUR", "엔": "JPY", "위안": "CNY", "₩": "KRW", "$": "USD",
    "€": "EUR", "¥": "JPY", "£": "GBP", "센트": "USD",
}  # fmt: skip
_WON_NOT = "래|인|하|소|리|장|칙|본|고|주|산|작|룸|두|피|격|숭|문|어|서|자|생|형|료|시|단|더|님|심|점"
_MONEY = re.compile(
    rf"(?P<n>{_N})\s*(?P<unit>원(?!{_WON_NOT})|달러|불(?=\s|$|[.,!?]|을|이|짜)|유로(?!운)|엔(?=\s|$|[.,!?]|을|이|짜"
    rf"|은)|위안|센트(?!럴))"
    rf"|(?P<sign>[$₩€¥£])\s?(?P<n2>{ARABIC})"
)
_PERCENT = re.compile(
    rf"(?P<n>{_N})\s*(?P<unit>%|퍼센트|퍼(?=\s|$)|프로(?![가-힣])|프로(?=를|가|는|의|도|만|로|쯤|정|이|야|나|할|세))"
)
_TENTHS = re.compile(
    r"(?P<n>(?<![\d.])\d|(?<![가-힣])[이삼사오육칠팔구])할(?=\s|$|[.,!?]|[이은의을로쯤]|정도|대|\d"
    r"|[일이삼사오육칠팔구]푼)"
    r"(?!\s*(?:때|수|거|것|만|사람|게|지|일))(?:\s?(?P<m>\d|[일이삼사오육칠팔구])푼)?"
)
_FRACTION = re.compile(
    rf"(?P<bottom>{_N})\s?분의\s?(?P<top>{_N}|일|이|삼)|(?<![\d/])(?P<a>\d+)\s?/\s?(?P<b>\d+)(?![\d/])"
)
_HALF = re.compile(r"(?<![가-힣])절반")
_ORDINAL = re.compile(
    rf"(?P<n>(?<![가-힣])첫|{COUNTING}|{_N})\s?번\s?째|(?P<first>(?<![가-힣])(?:첫|둘|셋|넷|다섯|여섯|일곱|여덟"
    rf"|아홉|열))째(?!려)"
    rf"|(?<![가-힣])제\s?(?P<n3>{ARABIC})|(?P<n2>{_N})\s?(?:등(?!산|교|록|급|장|골|심|을\s*돌)|위(?=\s|$|[.,!?]"
    rf"|[를가는야로의]|까지)|학년|단원|주차|회차)"
)
_UNITS = re.compile(
    rf"(?P<minus>영하\s*|마이너스\s*|(?<![\d\w)])-)?(?P<n>{ARABIC}|{SINO}|{COUNTING})\s*(?P<unit>{unit_pattern()})"
)
# 반 근, 반 컵; 한 근 반.
_HALF_UNIT = re.compile(rf"(?<![가-힣])반\s?(?P<unit>{unit_pattern()})")
_AND_HALF = re.compile(r"\s?반(?=\s|$|[.,!?은이을만도]|으로|정도|쯤)")
_COUNTED = re.compile(rf"(?P<n>{ARABIC}|{SINO}|{COUNTING})\s*(?P<unit>{COUNTERS})")
# A particle, the end of the word, or what follows a number in arithmetic.
_AFTER = (
    r"(?=\s|$|[^\w]|은|는|이(?!\w{2})|가|을|를|에|의|로|으로|과|와|랑|이랑|하고|도|만|까지|부터|보다|씩|더|빼"
    r"|곱|나누|인|이야|이에요|예요|야)"
)
_NUMBER = re.compile(
    rf"(?P<minus>마이너스\s*|(?<![\d\w)])-)?(?:(?P<arabic>{ARABIC})(?![A-Za-z\d]|년생)|(?P<sino>{SINO}){_AFTER}"
    rf"|(?P<native>{NATIVE}){_AFTER})"
)
# Numerals that are words of everyday speech when they stand alone.
_NOT_NUMBERS = frozenset(
    [
        "만일",
        "이만",
        "오만",
        "천만",
        "조이",
        "만이",
        "천이",
        "백이",
        "조만",
        "만사",
        "천사",
        "백사",
        "일조",
        "이조",
        "천일",
        "백일",
    ]
)


def find_amounts(text: str, now: datetime) -> list[Entity]:
    """Everything counted, the more explicit reading first; the parts of `text` that are hidden are not read."""
    found: list[Entity] = []
    hidden = text
    for rule in (_money, _percent, _fractions, _ordinals, _quantities, _numbers):
        new = list(rule(hidden))
        found += new
        hidden = hide(hidden, new)
    return found


def _money(text: str) -> Iterator[Entity]:
    for match in matches(_MONEY, text):
        value = read_number(match["n"] or match["n2"])
        unit = match["unit"] or match["sign"]
        if value is None:
            continue
        if unit == "센트":
            value /= 100
        # 2엔, 3불: small amounts are hardly ever money, but 2 + 엔 (에는) and 불 (fire) are.
        if unit in ("엔", "불") and value < 10:
            continue
        yield entity("money", text, match.span(), f"{plain(value)} {_CURRENCIES[unit]}")


def _percent(text: str) -> Iterator[Entity]:
    for match in matches(_PERCENT, text):
        value = read_number(match["n"])
        if value is not None:
            yield entity("percent", text, match.span(), f"{plain(value)} %")
    for match in matches(_TENTHS, text):
        tenths, hundredths = read_number(match["n"]), read_number(match["m"] or "")
        yield entity(
            "percent", text, match.span(), f"{plain((tenths or Decimal(0)) * 10 + (hundredths or Decimal(0)))} %"
        )


def _fractions(text: str) -> Iterator[Entity]:
    for match in matches(_FRACTION, text):
        bottom, top = read_number(match["bottom"] or match["b"]), read_number(match["top"] or match["a"])
        if bottom and top is not None:
            yield entity("number", text, match.span(), f"{plain(top)}/{plain(bottom)}")
    yield from (entity("number", text, match.span(), "1/2") for match in matches(_HALF, text))


def _ordinals(text: str) -> Iterator[Entity]:
    for match in matches(_ORDINAL, text):
        word = match["n"] or match["first"] or match["n2"] or match["n3"]
        value = 1 if word == "첫" else read_number(word)
        if value is not None:
            yield entity("ordinal", text, match.span(), plain(Decimal(value)))


def _quantities(text: str) -> Iterator[Entity]:
    for match in matches(_UNITS, text):
        value = read_number(match["n"])
        # 일도 아니야: 도 is "even" behind a word of one syllable.
        if value is not None and not re.fullmatch(r"[일이삼사오육칠팔구]도", match.group()):
            sign = "-" if match["minus"] else ""
            half = _AND_HALF.match(text, match.end())
            value += Decimal("0.5") if half else 0
            span = match.start(), half.end() if half else match.end()
            yield entity("quantity", text, span, f"{sign}{plain(value)} {symbol_of(match['unit'])}")
    for match in matches(_HALF_UNIT, text):
        # 반도 is a peninsula, and half a degree is 0.5도.
        if match["unit"] != "도":
            yield entity("quantity", text, match.span(), f"0.5 {symbol_of(match['unit'])}")
    text = hide(text, [entity("quantity", text, match.span(), "") for match in matches(_UNITS, text)])
    for match in matches(_COUNTED, text):
        value = read_number(match["n"])
        # 한번 해 봐: "try it once" counts nothing; 이 사람, 이 과목: "this".
        if value is not None and match.group() != "한번" and not re.match(r"이\s", match.group()):
            yield entity("quantity", text, match.span(), f"{plain(value)} {match['unit']}")


def _numbers(text: str) -> Iterator[Entity]:
    for match in matches(_NUMBER, text):
        word = match["arabic"] or match["sino"] or match["native"]
        if match["sino"] and (len(word) < 2 or word in _NOT_NUMBERS) and not match["minus"]:
            continue
        if match["native"] and word in ("열", "쉰") and not match["minus"]:
            continue
        # 하나도 모르겠어 says "nothing".
        if word == "하나" and text[match.end() : match.end() + 1] == "도":
            continue
        # GPT-3 and word-2: a name, no number.
        if re.search(r"[A-Za-z]-?$", text[: match.start()]):
            continue
        value = read_number(word)
        if value is not None:
            sign = "-" if match["minus"] else ""
            yield entity("number", text, match.span(), f"{sign}{plain(value)}")
