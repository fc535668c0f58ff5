"""Sums told in Korean. In: "144를 12로 나누면", "38000원에서 15% 할인". Out: an expression for `arithmetic`, with its
unit.

Knows no arithmetic of its own, only which words mean which sign.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from chatbot.text.numbers import ARABIC, COUNTING, NATIVE, SINO, plain, read_number


@dataclass(frozen=True, slots=True)
class Sum:
    """An expression, how to show it, the unit of its result, and what the speaker believed it to be (if they said)."""

    expression: str
    shown: str
    unit: str = ""
    believed: str = ""
    # Words that were not understood: a sum inside other talk is no question.
    strange: str = ""


_N = r"(?P<{}>-?\d+(?:\.\d+)?)"
_UNIT = r"\s*(?P<unit{}>원|개|명|점|살|시간|분|달러|킬로|kg|km|권|장|마리|쪽|페이지|g|cm|m)?"


def _n(name: str, unit: str = "") -> str:
    return _N.format(name) + _UNIT.format(unit or name)


# Numerals that are words elsewhere are read as numbers only beside these.
_SUMMING = re.compile(
    r"더하|더한|더해|빼|뺀|곱하|곱한|곱해|나누|나눈|나눠|[엔nN]\s?빵|더치페이|제곱|승|루트|팩토리얼|퍼센트|프로|%|합|평균|플러스|마이너스"
    r"|[-+*/×÷=^!√]|분의|남|할인|반으로|일하면|x|짜리|씩|배(?:[는은면가]|하면|\s*얼마)|[\d이삼사오육칠팔구]할|부가세"
)
# What is bought by the piece. 명 is not: 3만 원 3명이면 may be a share.
_BOUGHT = "개|권|장|마리|잔|병|그릇|인분|송이|박스|상자|세트|켤레|벌|캔|팩|봉지|자루|판|조각|줄|곡"
_NUMERAL = re.compile(
    rf"(?P<arabic>{ARABIC})|(?P<native>{NATIVE}(?=이서|[이가을를은는에로와과]|\s|$|[?])|{COUNTING}(?=\s*(?:명|사람"
    rf"|배|{_BOUGHT})))"
    rf"|(?P<sino>(?<![\d.]){SINO}(?=\s|$|[?!.]|[이가을를은는의에로과와]|더하|빼|곱하|나누|제곱|승|원|개|명|퍼|프"
    rf"|분의|이랑|랑|하고|에서|으로|부터|까지))"
)
_SIGN = re.compile(r"(더하기|빼기|곱하기|나누기)")
_FRACTION = re.compile(r"(\d+)\s*분의\s*(\d+)")
# 3할 5푼 is 35%; 이할 때 is a verb.
_TENTHS = re.compile(
    r"(?<![\d.가-힣])(?P<n>[1-9이삼사오육칠팔구])\s?할(?:\s?(?P<m>[1-9일이삼사오육칠팔구])\s?푼)?"
    r"(?=\s|$|[은는이을를만로의?]|정도|더|할인)(?!\s*(?:때|수|거|것|게|사람|일))"
)
_PERCENT = rf"(?<![\d.]){_N.format('p')}\s*(?:%|퍼센트|프로)\s*(?:를|을|만큼|가|이)?\s*(?:더\s*|또\s*)?"
_TAX = r"(?:부가(?:가치)?세|세금|이자|봉사료|팁|수수료)\s*(?:로|를|을|가|이)?\s*"
_FROM = rf"\s*(?:에서|에다가?|에|의|이|가|은|는|을|를|인데|짜리를?|보다)?\s*(?:{_TAX})?"
_UP = (
    r"(?:더하|더한|더해|더\s*내|올리|올려|올린|올라|오르|오른|올랐|인상|추가|붙"
    r"|얹|늘|증가|높|가산|비싸|포함|별도|커지|합)"
)
_OFF = r"(?:할인|세일|깎)"
_DOWN = r"(?:빼|뺀|내리|내려|내린|내렸|인하|줄|감소|떨어|하락|삭감|공제|떼|낮추|싸)"
# 10% 할인해서 9000원이면 원래 얼마 asks the other way round.
_FORWARD = r"(?!.*(?:원래|원가|정가|전\s*(?:가격|값|금액)|전에는))"
# Of money among people: each pays the same.
_SHARE = r"(?:똑같이\s*|같이\s*)?(?:나(?:누|눠서?\s*(?:내|갖|가지|먹)|눠|눈)|[엔nN]\s?(?:빵|분의)|더치)"
_PARTICLE = r"(?:은|는|이|가|을|를|에|에다|에서|에다가|하고|이랑|랑|와|과)?\s*"


def _by(pattern: str, expression: str, shown: str) -> tuple[re.Pattern[str], str, str]:
    return re.compile(pattern), expression, shown


# Whole sentences first: what follows 나누면, 빼면, 할인 is told in words and not in signs.
_SENTENCES = (
    _by(rf"{_n('a')}\s*(?:을|를)?\s*{_n('b')}\s*(?:으로|로)\s*나눈?\s*나머지|{_N.format('c')}\s*(?:나누기"
        rf"|/)\s*{_N.format('d')}\s*의?\s*나머지", "a%b", "a ÷ b의 나머지"),
    _by(rf"{_PERCENT}{_OFF}[^\d%]{{0,10}}?{_n('a')}{_FORWARD}", "a*(100-p)/100", "a에서 p% 할인"),
    _by(rf"{_n('a')}{_FROM}{_PERCENT}{_OFF}{_FORWARD}", "a*(100-p)/100", "a에서 p% 할인"),
    _by(rf"{_n('a')}{_FROM}{_PERCENT}{_UP}{_FORWARD}", "a*(100+p)/100", "a에 p%를 더한 값"),
    _by(rf"{_n('a')}{_FROM}{_PERCENT}{_DOWN}{_FORWARD}", "a*(100-p)/100", "a에서 p%를 뺀 값"),
    _by(rf"{_PERCENT}{_UP}[^\d%]{{0,10}}?{_n('a')}{_FORWARD}", "a*(100+p)/100", "a에 p%를 더한 값"),
    _by(rf"{_PERCENT}{_DOWN}[^\d%]{{0,10}}?{_n('a')}{_FORWARD}", "a*(100-p)/100", "a에서 p%를 뺀 값"),
    _by(rf"(?!.*(?:%|퍼센트|프로)){_n('a')}\s*에\s*부가(?:가치)?세\s*(?:를|까지)?\s*{_UP}", "a*110/100",
        "a에 부가세 10%를 더한 값"),
    _by(rf"{_n('a')}\s*(?:의|(?:에서|에|중에?)(?=\s*\d[\d.]*\s*(?:%|퍼센트|프로)(?:는|은|가|이|면|이면|이야|야)?\s*"
        rf"(?:얼마|몇|뭐|계산|알려|$|[?!.])))\s*{_N.format('p')}\s*(?:%|퍼센트|프로)", "a*p/100", "a의 p%"),
    _by(rf"{_n('a')}\s*(?:짜리를?|하는|씩)?\s*(?:[가-힣]+\s+)?(?P<b>\d+)\s*(?:{_BOUGHT})\s*(?:를|을)?\s*"
        r"(?:사|살|산|면|이면|주문|시키|시킨|먹|구매|값은)", "a*b", "a × b"),
    _by(rf"{_n('a')}\s*씩\s*{_n('b')}\s*(?:을|를)?\s*(?:이?면|내|모으|모아|걷|받|저축)", "a*b", "a × b"),
    _by(rf"{_n('a')}\s*(?:의|을|를)?\s*{_N.format('b')}\s*배(?:는|은|면|이면|가|하면|로\s*하면)?\s*(?:얼마|몇|뭐|$|[?])",
        "a*b", "a의 b배"),
    _by(rf"{_n('a')}\s*(?:의)\s*(?:절반|반)(?![가-힣])", "a/2", "a의 절반"),
    _by(rf"{_n('a')}\s*(?:을|를)?\s*(?:절반|반)으로\s*나누", "a/2", "a ÷ 2"),
    _by(rf"{_n('a')}\s*(?:의)\s*{_N.format('b')}\s*(?:승|제곱)", "a^b", "a의 b제곱"),
    _by(rf"{_n('a')}\s*(?:을|를|나누기)?\s*{_n('b')}\s*(?:으로|로)\s*나(?:누|눠|눈)", "a/b", "a ÷ b"),
    _by(rf"{_n('b')}\s*(?:이서?|명이서?|사람이서?)\s*{_n('a')}\s*(?:을|를)?\s*{_SHARE}", "a/b", "a ÷ b"),
    _by(rf"{_n('a')}\s*(?:을|를)?\s*{_N.format('b')}\s*(?:이서?|(?:명|사람)(?:이서?)?)\s*{_SHARE}", "a/b", "a ÷ b"),
    _by(rf"{_n('a')}\s*에서\s*{_n('b')}\s*(?:을|를)?\s*(?:쓰|내|빼|주|사|뺀|썼|냈)", "a-b", "a - b"),
    _by(rf"{_n('a')}\s*(?:에|에다|에다가|하고|이랑|랑|와|과)\s*{_n('b')}\s*(?:을|를)?\s*(?:더하|더한|더해|합)", "a+b",
        "a + b"),
    _by(rf"{_n('a')}\s*(?:와|과|이랑|랑|하고)\s*{_n('b')}\s*의\s*합", "a+b", "a + b"),
    _by(rf"{_n('a')}\s*(?:에|에다|하고|이랑|랑|와|과)\s*{_n('b')}\s*(?:을|를)?\s*(?:곱하|곱한|곱해|의\s*곱)", "a*b",
        "a × b"),
    _by(rf"(?:시급|일당|하루|한\s*개에?)\s*{_n('a')}\s*(?:으로|로|에|짜리)?\s*{_n('b')}\s*(?:을"
        rf"|를)?\s*(?:동안\s*)?(?:일하|하면|사면|벌)", "a*b", "a × b"),
)  # fmt: skip
_ALL = re.compile(r"(?P<a>\d+)\s*(?:부터|에서|~)\s*(?P<b>\d+)\s*까지\s*(?:다\s*|모두\s*|전부\s*)?(?:더|합)")
_MANY = re.compile(r"더하|더한|더해|합(?:치|하|은|이|계|$)|모두\s*얼마|총합")
_WORDS = (
    (re.compile(r"더하기|플러스|\+"), "+"),
    (re.compile(r"빼기|마이너스|[−–]"), "-"),
    (re.compile(r"곱하기|[×✕·∙*]|(?<=\d)\s*[xX]\s*(?=[\d(])"), "*"),
    (re.compile(r"나누기|[÷]"), "/"),
    (re.compile(r"세\s*제곱|³"), "^3"),
    (re.compile(r"제곱근\s*(?=\d)|루트\s*"), "√"),
    (re.compile(r"(?<=\d)\s*(?:의\s*)?제곱|²"), "^2"),
    (re.compile(r"(?<=\d)\s*(?:의\s*)?팩토리얼"), "!"),
    (re.compile(r"(?<=\d)\s*(?:퍼센트|%)\s*(?:의)\s*(?=\d)"), "p*"),
    (re.compile(r"(?<=\d)\s*(?:퍼센트|%)(?!\s*\d)"), "p"),
    (re.compile(r"괄호\s*열고|괄호\s*시작"), "("),
    (re.compile(r"괄호\s*닫고|괄호\s*끝"), ")"),
    (re.compile(r"\*\*"), "^"),
)
_EXPRESSION = re.compile(r"[-(√]*\s*\d[\d.]*(?:\s*[-+*/%^√!p()]|\s*(?<=[-+*/%^√(])\s*\d[\d.]*)*")
# The rest of the word that a sentence pattern ends in: 나누|면.
_WORD_REST = re.compile(r"[가-힣]*")
_COUNTER = re.compile(r"(?<=\d)\s*(원|개|명|점|살)(?=\s|$|[-+*/)]|[은는이가을를에])")
# 셋이서 … 한 사람당 counts the same people twice.
_SHARERS = re.compile(r"\d+\s*(?:이서|명이서|사람이서|사람당|명당|인당|사람|명)")
# What people say around a sum when they ask for it.
_ASKING = re.compile(
    r"얼마\S*|몇\s*[개명점]?씩\S*|몇\S*|뭐\S*|계산\S*|[해내]\s*(?:줘|주\S*|봐\S*)|줘\S*|주세\S*|좀|답\S*|결과\S*|알려\S*|정답\S*"
    r"|구해\S*|맞\S*|하면|되\S*|돼\S*|나와\S*|나오\S*|"
    r"이\s*식|그럼|그러면|혹시|암산\S*|안\s*되네|도담\S*|구구단|궁금\S*|더라|였\S*|이야|이에요|예요|야|죠|지|요|은"
    r"|는|이|가|을|를|의|=|[?!.,~ㅋㅎㅠㅜ\s]|빨리|"
    r"셋이서|한\s*사람당|한\s*명당|남\S*|할인\S*|일하면|받\S*|쓰면|나누면|더하면|곱하면|빼면|이거|모두|다|총"
    r"|\d+\s*단에서|만\s*원에서|부가(?:가치)?세|월급\S*|연봉\S*|가격\S*"
)


def read(text: str) -> Sum | None:
    """The sum that a text tells, or None."""
    text = unicodedata.normalize("NFKC", text.replace("²", "^2").replace("³", "^3")).strip()
    if not _SUMMING.search(text):
        return None
    text = _FRACTION.sub(r"(\2/\1)", _with_digits(_SIGN.sub(r" \1 ", _TENTHS.sub(_in_percent, text))))
    for reader in (_whole_range, _average, _sentence, _signs, _listed):
        found = reader(text)
        if found is not None:
            # A number that the sum leaves out means that it was read wrongly: no answer is better than that one.
            left = _SHARERS.sub("", found.strange).replace(found.believed.replace(".", ""), "")
            return None if re.search(r"\d", left) else found
    return None


def _in_percent(match: re.Match[str]) -> str:
    """3할 5푼 → 35%."""
    tenths, hundredths = (int(read_number(match[name] or "") or 0) for name in ("n", "m"))
    return f"{tenths * 10 + hundredths}%"


def _with_digits(text: str) -> str:
    """Every numeral in digits: 백이십삼 → 123, 3만 5천 → 35000, 셋이서 → 3이서."""

    def digits(match: re.Match[str]) -> str:
        value = read_number(match.group())
        return match.group() if value is None else plain(value)

    return _NUMERAL.sub(digits, text)


def _whole_range(text: str) -> Sum | None:
    match = _ALL.search(text)
    if match is None:
        return None
    first, last = int(match["a"]), int(match["b"])
    if not first < last <= 10**9:
        return None
    return Sum(f"({first}+{last})*{last - first + 1}/2", f"{first}부터 {last}까지의 합")


def _average(text: str) -> Sum | None:
    numbers = re.findall(r"(?<![\d.])\d+(?:\.\d+)?", text)
    if "평균" not in text or len(numbers) < 2:
        return None
    unit = "점" if re.search(r"\d\s*점", text) else ""
    return Sum(f"({'+'.join(numbers)})/{len(numbers)}", f"{', '.join(numbers)}의 평균", unit)


def _sentence(text: str) -> Sum | None:
    for pattern, expression, shown in _SENTENCES:
        match = pattern.search(text)
        if match is None:
            continue
        values = {name: value for name, value in match.groupdict().items() if value and not name.startswith("unit")}
        if "c" in values:
            values = {"a": values["c"], "b": values["d"]}
        unit = (match.groupdict().get("unita") or "") if expression not in ("a^b", "a%b") else ""
        rest = _ASKING.sub("", text[: match.start()] + " " + _WORD_REST.sub("", text[match.end() :], count=1))
        return Sum(_put(expression, values), _put(shown, _grouped(values)), unit, _believed(text), rest.strip())
    return None


def _put(form: str, values: dict[str, str]) -> str:
    return re.sub(r"[abp](?![a-z])", lambda match: values.get(match.group(), match.group()), form)


def _grouped(values: dict[str, str]) -> dict[str, str]:
    return {name: f"{Decimal(value):,}" for name, value in values.items()}


def _believed(text: str) -> str:
    """0.1이랑 0.2 더하면 0.3 맞아? → 0.3."""
    match = re.search(r"(-?\d+(?:\.\d+)?)\s*(?:이|가|인\s*거|인\s*게)?\s*맞(?:아|나|지|죠|니|는)", text)
    return match[1] if match else ""


def _signs(text: str) -> Sum | None:
    """Signs and their Korean names: 3 더하기 5, (4+6)*3, 루트 81."""
    unit = next(iter(_COUNTER.findall(text)), "")
    text = _COUNTER.sub("", text)
    for pattern, sign in _WORDS:
        text = pattern.sub(sign, text)
    text = re.sub(rf"(?<=[\d)!])\s*{_PARTICLE}(?=[-+*/^!])", "", text)
    best = max((match.group() for match in _EXPRESSION.finditer(text)), key=len, default="").strip()
    best = _balanced(best.rstrip("-+*/^√( %"))
    if not re.search(r"[-+*/%^√!p]", best.lstrip("-")) or not re.search(r"\d", best):
        return None
    rest = _ASKING.sub("", text.replace(best, " ", 1))
    return Sum(best, _shown(best), unit, _believed(text.replace(best, " ", 1)), rest.strip())


def _balanced(expression: str) -> str:
    """Without parentheses that lack their partner at the end."""
    while expression.count(")") > expression.count("(") and expression.endswith(")"):
        expression = expression[:-1].rstrip()
    return expression + ")" * max(0, expression.count("(") - expression.count(")"))


def _shown(expression: str) -> str:
    """(4+6)*3 → (4 + 6) × 3."""
    text = re.sub(r"\s+", "", expression)
    text = re.sub(r"(?<=[\d)!p])([-+*/%])", r" \1 ", text)
    for sign, shown in (("*", "×"), ("/", "÷"), ("p", "%")):
        text = text.replace(sign, shown)
    text = re.sub(r"\((\d+) ÷ (\d+)\)", r"\1/\2", text)
    text = re.sub(r"\^2(?!\d)", "²", re.sub(r"\^3(?!\d)", "³", text))
    return re.sub(r"(?<![\d.])\d{5,}", lambda match: f"{int(match.group()):,}", text)


def _listed(text: str) -> Sum | None:
    """이거 더하면 얼마 1200 3400 560: numbers side by side."""
    numbers = re.findall(r"(?<![\d.])\d+(?:\.\d+)?", text)
    # A percentage is a part of something and no summand.
    if len(numbers) < 2 or re.search(r"%|퍼센트|프로(?![가-힣])", text):
        return None
    if _MANY.search(text):
        rest = _MANY.sub("", _ASKING.sub("", re.sub(r"(?<![\d.])\d+(?:\.\d+)?", " ", text)))
        return Sum("+".join(numbers), _shown("+".join(numbers)), strange=rest.strip())
    return None
