"""Names of units and counters. In: a unit as people write it. Out: its symbol. Knows no factors (skills/converter
does).
"""

from __future__ import annotations

import re
from functools import cache

# Symbol → names. Names that are also other words (돈, 말, 되, 도, 근) carry what must follow.
NAMES: dict[str, tuple[str, ...]] = {
    "km": ("킬로미터", "키로미터"),
    "m": ("미터",),
    "cm": ("센티미터", "센티", "센치미터", "센치"),
    "mm": ("밀리미터",),
    "mi": ("마일",),
    "ft": ("피트",),
    "in": ("인치",),
    "yd": ("야드",),
    "nmi": ("해리",),
    "kg": ("킬로그램", "킬로그람", "키로그램"),
    "k": ("킬로", "키로"),
    "g": ("그램", "그람"),
    "mg": ("밀리그램",),
    "t": ("톤",),
    "lb": ("파운드",),
    "oz": ("온스",),
    "근": ("근",),
    "돈": ("돈",),
    "L": ("리터",),
    "mL": ("밀리리터", "밀리", "시시"),
    "gal": ("갤런", "갤론"),
    "컵": ("컵",),
    "되": ("되",),
    "평": ("평",),
    "m²": ("제곱미터", "평방미터", "헤베"),
    "km²": ("제곱킬로미터",),
    "ha": ("헥타르",),
    "ac": ("에이커",),
    "bit": ("비트",),
    "B": ("바이트",),
    "KB": ("킬로바이트",),
    "MB": ("메가바이트", "메가"),
    "GB": ("기가바이트", "기가"),
    "TB": ("테라바이트", "테라"),
    "°": ("도",),
    "kcal": ("킬로칼로리", "칼로리"),
}
_SYMBOLS = (
    "km²", "km", "m²", "㎡", "cm", "mm", "mi", "ft", "in", "yd", "kg", "mg", "g", "lbs", "lb", "oz", "ml", "mL", "L",
    "ℓ", "l", "cc", "ha", "KB", "MB", "GB", "TB", "kB", "℃", "℉", "°C", "°F", "°", "m", "t", "B", "K", "k", "kcal",
)  # fmt: skip
_SAME = {"㎡": "m²", "lbs": "lb", "ml": "mL", "ℓ": "L", "l": "L", "cc": "mL", "kB": "KB", "℃": "°C", "℉": "°F"}
# What may stand behind a short name for it to be a unit.
_SHORT = r"(?=\s|$|[.,!?~)]|은|는|이(?!랑)|가|을|를|에|로|면|짜리|쯤|정도|만|씩|인|의|일까|야|임|지|죠|예)"
_SHORT_NAMES = {"근", "돈", "되", "평", "도", "컵", "톤", "시시", "밀리", "메가", "테라", "기가", "킬로", "키로"}

COUNTERS = (
    r"그릇|세트|박스|숟갈|스푼|포기|모금|학점|캔(?!버)|팩(?!트)|끼(?=\s|$|를|만|도|나|씩|니|[.,!?])|통(?=\s|$|을|만|이|[.,!?])"
    r"|벌(?=\s|$|을|만|[.,!?])|쌍(?=\s|$|이|을|[.,!?])|인분|페이지|켤레|송이|그루|마리|조각|과목|문제|문장|단어|글자|가지|바퀴|걸음|군데|자리|단계|사람|꼭지|방울"
    r"|봉지|상자|"
    r"개(?!월|인|발|념|봉|학|구|그|미|나리)|명(?!함|령|절|확|언|상|작)|권(?!리|한|장)|잔(?!소리|뜩|디|액|돈)"
    r"|병(?!원|아리|문안)|"
    r"장(?!난|마|소|르|점|래|기|애)|대(?!학|화|답|신|박|로|충|해|체|략|부|표|문|\s?\d|\s?[일이삼사오육칠팔구]?십|\s?[일이삼사오육칠팔구](?:\s|$|로))|번(?!호|역|째|개|식|갈|화)|살(?=\s"
    r"|$|[.,!?]|이|부|때|짜|차)|"
    r"판(?!단|매|사|정)|쪽(?!지|팔)|줄(?!넘|이|어|여)|곡(?=\s|$|[.,!?]|을|이|만|씩|정)|편(?!하|의|안|리|지|집|견)"
    r"|층(?!간)|점(?!심|수|검|점|원)|"
    r"배(?!고|우|워|터|송|경|운|열|치)|곳|회(?=\s|$|[.,!?]|를|가|만|씩|차)|보(?=면|는|를|가\s)|호선|밤(?=\s|$)"
)


@cache
def unit_pattern() -> str:
    """A regular expression source for every unit, longest first."""
    words = sorted((name for names in NAMES.values() for name in names), key=len, reverse=True)
    spelt = [word + _SHORT if word in _SHORT_NAMES else word for word in words]
    symbols = [re.escape(symbol) + r"(?![A-Za-z])" for symbol in _SYMBOLS]
    temperature = [r"도\s?[CF](?![A-Za-z])"]
    return "|".join([*temperature, *spelt, *symbols])


@cache
def _by_name() -> dict[str, str]:
    return {name: symbol for symbol, names in NAMES.items() for name in names} | _SAME


def symbol_of(unit: str) -> str:
    """The symbol of a unit however it was written: 킬로미터 → km, ㎡ → m², 도C → °C."""
    squeezed = re.sub(r"\s", "", unit)
    if squeezed.startswith("도") and len(squeezed) == 2:
        return f"°{squeezed[1]}"
    return _by_name().get(squeezed, squeezed)
