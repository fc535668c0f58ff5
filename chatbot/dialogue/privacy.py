"""Personal data masked before anything is stored or logged. In: a text. Out: the text with [전화번호] and its like.

Patterns over characters; knows nothing of names, which no pattern can tell from words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of personal data: what it is ("전화번호"), and where it stands in the text (code points)."""

    kind: str
    start: int
    end: int


_CITY = (
    r"(?:(?:서울|부산|대구|인천|광주|대전|울산|세종)(?:특별시|광역시|특별자치시|시)?"
    r"|(?:경기|강원|제주)(?:도|특별자치도)?|(?:충청|전라|경상)[남북]도?|[충전경][남북]|전북특별자치도)"
)
_DISTRICT = r"[가-힣]{1,5}(?:시|군|구)"
_STREET = r"[가-힣0-9]{1,10}(?:로|길|동|리|가|읍|면)"
_HOUSE = (
    r"\s?\d{1,5}(?:-\d{1,4})?(?:번지|번길|길)?(?:\s?\d{1,4}(?:-\d{1,4})?(?!\d|동|호|층))?"
    r"(?:[,\s]*\d{1,4}(?:동|호|층))*"
)
_DIGIT = "[공영일이삼사오육륙칠팔구]"
# In order: what stands earlier is looked for first, and no two findings overlap.
_PATTERNS: tuple[tuple[str, str], ...] = (
    # What looks like personal data and is none: dates, and the public lines with an exchange of 15xx to 18xx.
    ("", r"(?<!\d)(?:19|20)\d{2}-\d{1,2}-\d{1,2}(?!\d)"),
    ("", r"(?<![\d-])1[5-8]\d{2}-\d{4}(?![\d-])"),
    (
        "이메일",
        r"(?<![A-Za-z0-9_.+-])[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}\s?(?:@|골뱅이)\s?[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,30}){0,3}\.[A-Za-z]{2,10}",
    ),
    (
        "주민등록번호",
        r"(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\s*[-–]\s*|\s)?[1-8](?:\d{6}|[*●xX]{6})(?!\d)",
    ),
    ("면허번호", r"(?<!\d)\d{2}-\d{2}-\d{6}-\d{2}(?!\d)"),
    ("카드번호", r"(?<!\d)(?:\d{4}(?:[-\s.]?\d{4}){3}|3[47]\d{2}[-\s]?\d{6}[-\s]?\d{5})(?!\d)"),
    (
        "전화번호",
        r"(?<![\d.])(?:\+82[-\s]?\(?0?\)?|\(?0)(?:1[016789]|2|[3-6]\d|70|50\d)(?:\)\s?|[-\s.]{0,2})\d{3,4}[-\s.]?\d{4}(?!\d)",
    ),
    ("전화번호", rf"공\s?일\s?공[-\s]*{_DIGIT}{{4}}[-\s]*{_DIGIT}{{4}}"),
    ("계좌번호", r"(?<![\d-])\d{2,6}-\d{2,6}-\d{4,8}(?:-\d{1,3})?(?![\d-])"),
    ("계좌번호", r"(?:(?<=계좌)|(?<=계좌번호)|(?<=은행)|(?<=뱅크))(?P<before>[는은:\s]{0,3})\d{10,14}(?!\d)"),
    ("여권번호", r"(?<=여권)(?P<before>(?:번호)?[는은:\s]{0,3})[A-Z](?:\d{8}|\d{3}[A-Z]\d{4})(?![A-Za-z0-9])"),
    (
        "차량번호",
        r"(?<!\d)\d{2,3}\s?[가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주하허호배아바사자]\s?\d{4}(?!\d)",
    ),
    (
        "비밀번호",
        r"(?:(?<=비밀번호)|(?<=비번)|(?<=패스워드))(?P<before>[는은:=\s]{1,3})(?=[\x21-\x7e]*\d)[\x21-\x7e]{4,40}(?:이?야|예요|이에요)?",
    ),
    ("IP주소", r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])"),
    ("주소", rf"{_CITY}\s+(?:{_DISTRICT}\s+)?(?:[가-힣]{{1,5}}(?:구|읍|면)\s+)?{_STREET}{_HOUSE}"),
    ("주소", rf"(?<![가-힣])[가-힣]{{1,4}}(?:시|군|구)\s+(?:[가-힣]{{1,5}}(?:구|읍|면)\s+)?{_STREET}{_HOUSE}"),
    ("주소", r"(?:[가-힣]{2,12}(?:아파트|빌라|오피스텔|맨션)\s?)?(?<!\d)\d{1,4}동\s?\d{1,4}호"),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)


def mask(text: str) -> str:
    """`text` with every piece of personal data replaced by what it was; doing it twice changes nothing."""
    parts: list[str] = []
    at = 0
    for finding in findings(text):
        parts += [text[at : finding.start], f"[{finding.kind}]"]
        at = finding.end
    return "".join(parts) + text[at:]


def findings(text: str) -> list[Finding]:
    """Every piece of personal data in `text`, in order, none overlapping."""
    taken = bytearray(len(text))
    found = [finding for finding in _all(_narrow(text)) if _take(finding, taken)]
    return sorted((finding for finding in found if finding.kind), key=lambda finding: finding.start)


def _all(text: str) -> Iterator[Finding]:
    for kind, pattern in _COMPILED:
        for match in pattern.finditer(text):
            start = match.end("before") if "before" in pattern.groupindex else match.start()
            yield Finding(kind, start, match.end())


def _take(finding: Finding, taken: bytearray) -> bool:
    """Claim the span; False where something found earlier stands."""
    if any(taken[finding.start : finding.end]):
        return False
    taken[finding.start : finding.end] = b"\x01" * (finding.end - finding.start)
    return True


def _narrow(text: str) -> str:
    """Full-width digits and signs in ordinary width, each in its place."""
    if text.isascii():
        return text
    return "".join(_half(character) for character in text)


def _half(character: str) -> str:
    if "！" <= character <= "～":
        return unicodedata.normalize("NFKC", character)
    return character
