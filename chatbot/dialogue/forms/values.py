"""What a sentence tells a form: days, lengths, a subject. In: text and the present moment. Out: values as a reply says
them, and why one makes no sense (yesterday, 0시간, 30시간 a day).

Knows nothing of conversations.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from chatbot.dialogue.forms.declared import Form, Slot
from chatbot.dialogue.slips import Slips
from chatbot.seams import Analyzer
from chatbot.text import entities
from chatbot.types import Entity, Morpheme

MAX_TEXT_SLOT = 20
_TAIL = re.compile(
    r"(?:\s*(?:이?요|이에요|예요|입니다|이야|야|할래요?|할게요?|할\s*거야|공부할래요?|공부|하자|으로|로|을|를|은|는|좀))+[.!~]*$"
)
_FILLER = re.compile(r"^(?:음+|어+|그럼|그냥|나는?|저는?|일단)[,.]?\s+")
_UNTIL = re.compile(r"\s*까지")
# What belongs to a length and says nothing of its own: 두 시간씩, 한 시간 정도.
_ABOUT = re.compile(r"\s*(?:씩|정도|쯤|가량)(?:만)?(?![가-힣])")
_MINUS = re.compile(r"(?:^|(?<=\s))(?:[-−–]|마이너스\s*)$")
# 하루에 두 시간, 하루 두 시간: the length is the second one.
_EACH = re.compile(
    r"\s*(?:에|마다|당)(?:\s|$)|\s(?=\S+\s*씩)|\s*(?=(?:\d+|한|두|세|네|다섯|여섯|[0-9.]+)\s*(?:시간|분))"
)
_ALL_DAY = re.compile(r"\s*종일")
_BARE_NUMBER = re.compile(r"\s*(?:정도|쯤)?\s*(?:이?요|이에요|예요|이야)?[.!~]*$")
_HOURS = ("한", "두", "세", "네", "다섯", "여섯")
_USUAL: Mapping[str, Slips] = {
    "duration": Slips([f"{hours} 시간{half}" for hours in _HOURS for half in ("", " 반")]),
    "date": Slips([f"{day}요일" for day in "월화수목금토일"] + ["이번 주말", "다음 주 월요일", "다음 주말"]),
}
_DURATION_UNITS = (("D", "일"), ("H", "시간"), ("M", "분"))
_MINUTES = {"Y": 525_600, "W": 10_080, "D": 1_440}
# Sejong tags: what names something, what may stand between its parts, what says nothing.
_NOUNS = frozenset(["NNG", "NNP", "NNB", "NR", "SL", "SN", "SH", "XSN", "XR"])
_NOMINAL = _NOUNS | {"JC", "JKG", "XPN", "MM"}
_MARKS = frozenset(["SF", "SP", "SS", "SSO", "SSC", "SE", "SO", "SW"])
_NAMING = frozenset(["NNG", "NNP", "SL", "SH", "XSN", "XR"])
# Nouns that say when or how, behind which no subject stands, and particles of a place or an end: 카페에서, 시험까지.
_WHEN = frozenset([
    "오늘", "내일", "모레", "아침", "점심", "저녁", "밤", "새벽", "오전", "오후", "주말", "방학", "매일", "하루",
    "요즘", "이번", "다음", "주", "달", "날", "시간", "정도", "전", "후", "뒤", "동안", "혼자", "처음", "다시", "때",
    "씩", "아무",
])  # fmt: skip
_NOT_BEFORE = frozenset(["에서", "까지", "부터", "에게", "한테", "께"])


@dataclass(frozen=True, slots=True)
class Value:
    """One value: how a reply says it, its ISO form (a length may be negative), and where it stands."""

    kind: str
    spoken: str
    iso: str
    start: int
    end: int


def read_values(text: str, now: datetime) -> list[Value]:
    """The days, times and lengths of `text`, in order."""
    found = entities.find(text, now)
    each = [one for one in found if _is_each(one, text, found)]
    values = [_value(one, text) for one in found if one.kind != "impossible" and one not in each]
    if not each:
        return values
    daily = [replace(one, spoken=f"하루 {one.spoken}") if one.kind == "duration" else one for one in values]
    return [replace(one, start=min(one.start, each[0].start)) if one.kind == "duration" else one for one in daily]


def by_kind(values: list[Value]) -> dict[str, Value]:
    """The first value of each kind."""
    first: dict[str, Value] = {}
    for value in values:
        first.setdefault(value.kind, value)
    return first


def bare_number(text: str, slot: Slot, now: datetime) -> Value | None:
    """The length in "2" or "2요", where slot `slot` was asked for and has a unit."""
    found = entities.find(text, now) if slot.unit else []
    if len(found) != 1 or found[0].kind != "number" or found[0].start or not _BARE_NUMBER.match(text, found[0].end):
        return None
    return by_kind(read_values(f"{found[0].value}{slot.unit}", now)).get(slot.kind)


def meant_value(text: str, slot: Slot, now: datetime) -> Value | None:
    """The usual answer that a line is but for a slip of the finger: 핢 시간 → 한 시간."""
    usual = _USUAL.get(slot.kind)
    meant = usual.find(re.sub(r"(?:이?요|이에요|예요|으로|로)?[\s.!~]*$", "", text)) if usual else None
    return by_kind(read_values(_respaced(meant), now)).get(slot.kind) if meant else None


def _respaced(words: str) -> str:
    return re.sub(r"(?<=[한두세네반섯])(?=시간)|(?<=간)(?=반)", " ", words)


def fault_of(slot: Slot, value: Value, known: Mapping[str, str], now: datetime) -> str:
    """One of `FAULTS`, or "" for a value that makes sense beside what is `known`."""
    if slot.future and date.fromisoformat(value.iso.rpartition("/")[2]) < now.date():
        return "past"
    if not slot.least and not slot.most:
        return ""
    shortest, longest = (minutes(part) for part in (value.iso.partition("/")[0], value.iso.rpartition("/")[2]))
    if slot.least and shortest < minutes(slot.least):
        return "too_little"
    days = _days(known.get(slot.per, ""), now)
    return "too_much" if slot.most and longest > minutes(slot.most) * days else ""


def minutes(iso: str) -> float:
    """PT1H30M → 90, P1D → 1440, -PT1H → -60; a month counts as thirty days."""
    days, _, clock = iso.lstrip("-").removeprefix("P").partition("T")
    total = sum(float(n) * _MINUTES.get(unit, 43_200) for n, unit in re.findall(r"([\d.]+)([YMWD])", days))
    total += sum(float(n) * {"H": 60, "M": 1, "S": 1 / 60}[unit] for n, unit in re.findall(r"([\d.]+)([HMS])", clock))
    return -total if iso.startswith("-") else total


def _days(spoken: str, now: datetime) -> int:
    """How many days a known value covers: both ends of a span, or from today to a deadline."""
    value = by_kind(read_values(spoken, now)).get("date") if spoken else None
    if value is None:
        return 1
    first, _, last = value.iso.partition("/")
    if not last and not value.spoken.endswith("까지"):
        return 1
    begin = date.fromisoformat(first) if last else now.date()
    return max(1, (date.fromisoformat(last or first) - begin).days + 1)


def _is_each(one: Entity, text: str, found: list[Entity]) -> bool:
    several = sum(other.kind == "duration" for other in found) > 1
    return several and one.text in ("하루", "매일") and bool(_EACH.match(text, one.end))


def _value(one: Entity, text: str) -> Value:
    kind, start, end, iso = one.kind.removesuffix("_range"), one.start, one.end, one.value
    spoken = _spoken(one.kind, iso, one.text)
    until = _UNTIL.match(text, end) if kind == "date" else None
    if until is not None:
        end = until.end()
        spoken = spoken if "~" in spoken else f"{spoken}까지"
    minus = _MINUS.search(text[:start]) if kind == "duration" else None
    if minus is not None:
        start, iso, spoken = minus.start(), f"-{iso}", f"-{spoken}"
    about = _ABOUT.match(text, end) if kind == "duration" else None
    if about is not None:
        end = about.end()
    all_day = _ALL_DAY.match(text, end) if one.text == "하루" else None
    if all_day is not None:
        spoken, end = "하루 종일", all_day.end()
    return Value(kind, spoken, iso, start, end)


def _spoken(kind: str, value: str, text: str) -> str:
    """2026-11-23 → 11월 23일(월), PT1H30M → 1시간 30분; both days of a span; the rest (한두 시간) as it was said."""
    if kind == "date_range" and re.search(r"부터|에서|[~∼〜-]", text):
        return "~".join(_spoken("date", day, text) for day in value.split("/"))
    if "/" in value:
        return text
    if kind == "date":
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return text
        return f"{day.month}월 {day.day}일({'월화수목금토일'[day.weekday()]})"
    if kind == "duration":
        days, _, clock = value.removeprefix("P").partition("T")
        amounts = {unit: number for number, unit in re.findall(r"(\d+)([DHM])", clock)}
        amounts |= {unit: number for number, unit in re.findall(r"(\d+)(D)", days)}
        parts = [f"{amounts[unit]}{word}" for unit, word in _DURATION_UNITS if unit in amounts]
        return " ".join(parts) or text
    return text


class Subjects:
    """Reads short phrases: the answer to "which subject", or the subject inside a longer sentence."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer

    def bare(self, text: str, now: datetime) -> str:
        """A short phrase without the values, fillers and endings around it; "" when it is long or a question."""
        text = _without(text, read_values(text, now))
        text = _TAIL.sub("", _FILLER.sub("", text.strip(" .!~"))).strip()
        text = re.sub(r"^(?:에|동안|까지)\s*", "", text).strip()
        return text if re.search(r"[^\W\d_]", text) and len(text) <= MAX_TEXT_SLOT and "?" not in text else ""

    def inside(self, text: str, form: Form, now: datetime) -> str:
        """수학 in 내일 수학 두 시간 공부 계획 세워줘: the first nouns that speak neither of the form nor of when."""
        plain = _without(text, read_values(text, now))
        run: list[Morpheme] = []
        for morpheme in [*self._morphemes(plain), Morpheme("", "", len(plain), len(plain))]:
            if self._joins(run, morpheme, form):
                run.append(morpheme)
            elif run and morpheme.form not in _NOT_BEFORE:
                return _phrase(plain, run)
            else:
                run = []
        return ""

    def _joins(self, run: list[Morpheme], one: Morpheme, form: Form) -> bool:
        """Whether a morpheme goes on with the subject: a noun, or what stands inside one (과, 외우+기)."""
        if one.tag in _NAMING:
            return one.form not in form.about and one.form not in _WHEN
        return bool(run) and (
            one.tag in ("JC", "JKG", "SN", "ETN", "SW") or (one.tag == "VV" and run[-1].end < one.start)
        )

    def is_sentence(self, text: str) -> bool:
        """Whether something is said of something: 죽을 맛이야 is no subject to study, 영어 단어 외우기 is."""
        return any(tag in ("EF", "EC", "EP") for tag in self._tags(text))

    def is_name(self, text: str) -> bool:
        """Whether it is nouns and nothing else, as the answer to "which subject" is: 확률과 통계."""
        tags = self._tags(text)
        return bool(tags) and all(tag in _NOMINAL for tag in tags) and tags[-1] in _NOUNS

    def _tags(self, text: str) -> list[str]:
        return [morpheme.tag for morpheme in self._morphemes(text) if morpheme.tag not in _MARKS]

    def _morphemes(self, text: str) -> list[Morpheme]:
        return self._analyzer.analyze([text])[0]


def _phrase(text: str, run: list[Morpheme]) -> str:
    """The run as it stands in the text, without what may not end a name; 외우 without 기 is a verb."""
    ends = _NAMING | {"ETN", "SW", "SN"}
    while run and run[-1].tag not in ends:
        run.pop()
    phrase = text[run[0].start : run[-1].end] if run else ""
    return phrase if len(phrase) <= MAX_TEXT_SLOT else ""


def _without(text: str, values: list[Value]) -> str:
    for value in reversed(values):
        if value.kind in ("date", "time", "duration"):
            text = f"{text[: value.start]} {text[value.end :]}"
    return text
