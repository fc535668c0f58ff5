"""Read the dates that Korean pages print. In: a text that holds a date. Out: an aware datetime, or None.

Korea's time zone holds where none is said. Relative times (3시간 전) need `now`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

KST = timezone(timedelta(hours=9), "KST")

_ISO = re.compile(
    r"(?<!\d)((?:19|20)\d\d)-?(\d\d)-?(\d\d)[T ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?"
)
# 2025년 5월 15일 (목) 오후 8:00 · 2025.05.15. 20:00:52 · 25/05/15
_KOREAN = re.compile(
    r"(?<!\d)((?:19|20)?\d\d)\s*(?:년|[.\-/])\s*(\d{1,2})\s*(?:월|[.\-/])\s*(\d{1,2})\s*(?:일|\.)?(?!\d)"
    r"(?:\s*[(\[]?[월화수목금토일](?:요일)?[)\]]?)?"
    r"(?:\s*[,|T]?\s*(오전|오후|AM|PM|am|pm)?\s*(\d{1,2})\s*(?:시|:)\s*(\d{1,2})?\s*(?:분|:)?\s*(\d{1,2})?)?"
)
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(\d\d)?(\d\d)?(\d\d)?(?!\d)")
_AGO = re.compile(r"(\d{1,3})\s*(초|분|시간|일|주|개월|년)\s*전")
_RFC = re.compile(
    r"[A-Z][a-z]{2},?\s+\d{1,2}\s+[A-Z][a-z]{2}\s+\d{4}\s+\d\d:\d\d(?::\d\d)?(?:\s+(?:[+-]\d{4}|[A-Z]{1,4}))?"
)
_UNITS = {"초": 1, "분": 60, "시간": 3600, "일": 86400, "주": 7 * 86400, "개월": 30 * 86400, "년": 365 * 86400}


def parse_date(text: str, now: datetime | None = None) -> datetime | None:
    """The first date in a text, with time zone; None when there is none or it is no day of the calendar."""
    text = text.strip()[:400]
    for read in (_iso, _rfc, _korean, _compact):
        date = read(text)
        if date is not None:
            return date
    return _ago(text, now) if now is not None else None


def _iso(text: str) -> datetime | None:
    match = _ISO.search(text)
    if not match:
        return None
    *numbers, zone = match.groups()
    return _build([int(number or 0) for number in numbers], _zone(zone))


def _zone(text: str | None) -> timezone:
    if not text:
        return KST
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset) if offset < timedelta(hours=24) else KST


def _rfc(text: str) -> datetime | None:
    match = _RFC.search(text)
    if not match:
        return None
    try:
        date = parsedate_to_datetime(match.group())
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=KST)


def _korean(text: str) -> datetime | None:
    for match in _KOREAN.finditer(text):
        year, month, day, half, hour, minute, second = match.groups()
        full = int(year) if len(year) == 4 else 2000 + int(year)
        at = int(hour or 0)
        if half in ("오후", "PM", "pm") and at < 12:
            at += 12
        elif half in ("오전", "AM", "am") and at == 12:
            at = 0
        date = _build([full, int(month), int(day), at, int(minute or 0), int(second or 0)], KST)
        if date is not None:
            return date
    return None


def _compact(text: str) -> datetime | None:
    match = _COMPACT.search(text)
    return _build([int(number or 0) for number in match.groups()], KST) if match else None


def _ago(text: str, now: datetime) -> datetime | None:
    match = _AGO.search(text)
    return now - timedelta(seconds=int(match.group(1)) * _UNITS[match.group(2)]) if match else None


def _build(numbers: list[int], zone: timezone) -> datetime | None:
    year, month, day, hour, minute, second = numbers
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
