"""Personal data masked before anything is stored or logged. In: a text. Out: the text with [전화번호] and its like."""

from __future__ import annotations

import re

_CITY = (
    r"(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|제주"
    r"|[충전경][남북]|(?:충청|전라|경상)[남북])"
)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("[이메일]", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)),
    ("[주민등록번호]", re.compile(r"(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\s*[-–]?\s*[1-8]\d{6}(?!\d)")),
    ("[카드번호]", re.compile(r"(?<!\d)\d{4}(?:[-\s.]?\d{4}){2}[-\s.]?\d{3,4}(?!\d)")),
    (
        "[전화번호]",
        re.compile(r"(?<![\d.])(?:\+82[-\s]?|0)(?:1[016789]|2|[3-6]\d|70)[-\s.)]{0,2}\d{3,4}[-\s.]?\d{4}(?!\d)"),
    ),
    ("[계좌번호]", re.compile(r"(?<!\d)\d{2,6}-\d{2,6}-\d{4,8}(?:-\d{1,3})?(?!\d)")),
    (
        "[주소]",
        re.compile(
            rf"{_CITY}(?:특별시|광역시|특별자치시|특별자치도|도|시)?\s+[가-힣]{{1,5}}(?:시|군|구)(?:\s+[가-힣]{{1,5}}(?:구|읍|면))?"
            r"\s+[가-힣0-9]{1,10}(?:로|길|동|리|가)(?:\s*\d+(?:-\d+)?(?:번지|번길|호|동|층)?)+"
        ),
    ),
)
# ISO dates and times of day look like account numbers and are none.
_DATE = re.compile(r"(?:19|20)\d{2}-\d{1,2}-\d{1,2}")


def mask(text: str) -> str:
    """`text` with every piece of personal data replaced by what it was."""
    kept: list[str] = []

    def hide(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\x01{len(kept) - 1}\x02"

    masked = _DATE.sub(hide, text)
    for label, pattern in _PATTERNS:
        masked = pattern.sub(label, masked)
    return re.sub(r"\x01(\d+)\x02", lambda match: kept[int(match[1])], masked)
