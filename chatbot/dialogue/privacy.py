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
# Digits as they are read aloud, and letters that look like them.
_WIDE = re.compile("[！-～]")
_READ = "[공영일이삼사오육륙칠팔구]"
_DIGIT = "[0-9oOlIㅇ공영일이삼사오육륙칠팔구]"
_ZERO, _ONE = "[0oOㅇ공영]", "[1lI일]"
# What stands between the parts of a number that somebody reads aloud: 공일공에 …, 공일공 다시 ….
_PART = r"(?:\s*(?:에|다시|하이픈|[-–._/~,·•:|=*ㅡㅣ])\s*|\s*)"
# Second to fourth digit of a number that begins with a zero: mobile, Seoul, the provinces, internet.
_AREA = r"(?:1[016789]|2|[3-6]\d|70|50\d)"
_AREA_READ = rf"(?:{_ONE}\s?(?:{_ZERO}|[16789일육륙칠팔구])|[2이]|[3-6삼사오육륙]\s?[1-5일이삼사오]|[7칠]\s?{_ZERO})"
_LOCAL = r"(?<![A-Za-z0-9_.+-])[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}"
_AT = r"\s?(?:@|골뱅이|앳|[\[({<]\s?(?:at|a|골뱅이)\s?[\])}>])\s?"
_DOT = r"\s?(?:\.|닷|쩜|점|[\[({<]\s?(?:dot|점)\s?[\])}>]|(?<=\s)dot(?=\s))\s?"
_HOST = r"(?:네이버|한메일|다음|지메일|쥐메일|구글|카카오|네이트|핫메일|야후|아웃룩|아이클라우드)(?:메일)?"
_TOP = r"(?:com|net|org|kr|co|ac|컴|넷|케이알|씨오)(?![A-Za-z])"
_IS = r"(?:이?야|예요|이에요|에요|입니다|임|이고|이거든|이라고|라고|인데)"
_SECRET = (
    r"(?:비밀\s?번호|비번|패스워드|패쓰워드|암호|password|passwd|passcode|(?<![A-Za-z])(?:pwd?|pin)(?![A-Za-z])|핀\s?번호"
    r"|(?:현관|도어락|공동현관|금고)\s?번호)"
)
_SAYS = r"(?:[은는이가도을를:=\s'\"“‘]|(?<=\s)(?:바로|원래|그냥|내|다|이걸로|이거)(?=\s)){1,6}"
_CARD = r"\d{4}(?:[-\s.]?\d{4}){3}"
_MONEY_MATTER = r"(?:계좌|은행|뱅크|통장|입금|송금|이체)"
# In order: what stands earlier is looked for first, and no two findings overlap. The part named "before" tells what
# follows and stays.
_PATTERNS: tuple[tuple[str, str], ...] = (
    # What looks like personal data and is none: dates, the public lines with an exchange of 15xx to 18xx, and the
    # number under which a business is registered, where no account is spoken of.
    ("", r"(?<!\d)(?:19|20)\d{2}-\d{1,2}-\d{1,2}(?!\d)"),
    ("", r"(?<![\d-])1[5-8]\d{2}-\d{4}(?![\d-])"),
    ("계좌번호", rf"(?P<before>{_MONEY_MATTER}[^\d\n]{{0,12}})\d{{3}}-\d{{2}}-\d{{5}}(?![\d-])"),
    ("", r"(?<![\d-])\d{3}-\d{2}-\d{5}(?![\d-])"),
    ("이메일", rf"{_LOCAL}\s?(?:@|골뱅이)\s?[A-Za-z0-9-]{{1,63}}(?:\.[A-Za-z0-9-]{{1,30}}){{0,3}}\.[A-Za-z]{{2,10}}"),
    ("이메일", rf"{_LOCAL}{_AT}[A-Za-z0-9-]{{2,30}}{_DOT}[A-Za-z]{{2,10}}(?:{_DOT}[A-Za-z]{{2,4}})?(?![A-Za-z])"),
    ("이메일", rf"{_LOCAL} at [A-Za-z0-9-]{{2,30}} dot [A-Za-z]{{2,10}}(?: dot [A-Za-z]{{2,4}})?(?![A-Za-z])"),
    ("이메일", rf"{_LOCAL}{_AT}(?:{_HOST}|[A-Za-z0-9-]{{2,30}}(?={_DOT}{_TOP}))(?:{_DOT}{_TOP}){{0,2}}"),
    ("이메일", rf"(?<![가-힣])[가-힣]{{1,12}}{_AT}(?:{_HOST}|[A-Za-z0-9-]{{2,30}})(?:{_DOT}{_TOP}){{1,2}}"),
    (
        "주민등록번호",
        r"(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\s*[-–]\s*|\s)?[1-8](?:\d{6}|[*●xX]{6})(?!\d)",
    ),
    ("주민등록번호", r"(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-[1-8](?![\d-])"),
    ("주민등록번호", r"(?P<before>(?:주민|뒷\s?자리)[^\d\n]{0,10})[1-8]\d{6}(?![\d명원개회])"),
    ("면허번호", r"(?<!\d)\d{2}([-\s])\d{2}\1\d{6}\1\d{2}(?!\d)"),
    ("면허번호", rf"{_CITY}\s?\d{{2}}-\d{{6}}-\d{{2}}(?!\d)"),
    ("면허번호", r"(?P<before>면허(?:증)?\s?(?:번호)?[는은이:\s]{0,3})\d{2}[-\s]?\d{2}[-\s]?\d{6}[-\s]?\d{2}(?!\d)"),
    (
        "카드정보",
        rf"(?P<before>(?<!\d){_CARD}[^\d\n]{{0,20}})(?:0[1-9]|1[0-2])\s?[/.월-]\s?\d{{2,4}}년?(?:[\s,]+\d{{3}}(?!\d))?",
    ),
    (
        "카드정보",
        r"(?P<before>(?i:cvc|cvv|cid)\s?2?\s?(?:번호|코드)?[는은이가:=\s]{0,3}|카드\s?(?:뒷면\s?)?(?:보안\s?코드|뒤\s?세\s?자리)"
        r"[는은이가:=\s]{0,3}|씨브이씨[는은이가:=\s]{0,3})\d{3,4}(?!\d)",
    ),
    (
        "카드정보",
        r"(?P<before>(?:(?:카드|(?i:cvc|cvv)|\d{4}-\d{4}-\d{4}-\d{4})[^\n]{0,40}?)(?:유효\s?기간|만료일?|유효일)[은는이가:=\s]{0,3})"
        r"\d{1,4}\s?[/.년월-]\s?\d{2,4}(?:년|월)?",
    ),
    (
        "카드정보",
        r"(?P<before>(?:유효\s?기간|만료일?)[은는이가:=\s]{0,3})\d{2}\s?/\s?\d{2}(?!\d)(?=[^\n]{0,30}(?i:cvc|cvv|카드))",
    ),
    ("카드번호", rf"(?<!\d)(?:{_CARD}|3[47]\d{{2}}[-\s]?\d{{6}}[-\s]?\d{{5}})(?!\d)"),
    ("전화번호", rf"(?<![\d.])(?:\+82[-\s]?\(?0?\)?|\(?0){_AREA}(?:\)\s?|[-\s.]{{0,2}})\d{{3,4}}[-\s.]?\d{{4}}(?!\d)"),
    (
        "전화번호",
        rf"(?<![\d.공영일이삼사오육륙칠팔구])(?![01 ]{{10,}}(?!\d)){_ZERO}\s?{_AREA_READ}{_PART}"
        rf"(?:{_DIGIT}\s?){{2,3}}{_DIGIT}{_PART}(?:{_DIGIT}\s?){{3}}{_DIGIT}(?!\d)",
    ),
    ("번호", rf"(?!(.)\1{{3}})(?<![가-힣])(?:{_READ}(?:[\s-]|다시|에){{0,2}}){{11,}}{_READ}(?![가-힣]{{2}})"),
    ("계좌번호", r"(?<![\d-])\d{2,6}-\d{2,6}-\d{4,8}(?:-\d{1,3})?(?![\d-])"),
    ("계좌번호", rf"(?P<before>{_MONEY_MATTER}(?:번호)?[는은이가:\s]{{0,3}})\d{{10,14}}(?!\d)"),
    ("계좌번호", r"(?P<before>계좌[^\d\n]{0,10})\d{2,6}\s\d{2,6}\s\d{4,8}(?!\d)"),
    (
        "여권번호",
        r"(?P<before>여권\s?(?:번호)?[는은이가:\s]{0,3})[A-Za-z][\s-]?(?:\d{4}\s?\d{4}|\d{3}[A-Za-z]\d{4})(?![A-Za-z0-9])",
    ),
    ("여권번호", r"(?<![A-Za-z0-9])[MSRGD](?:\d{8}|\d{3}[A-Z]\d{4})(?![A-Za-z0-9])"),
    (
        "차량번호",
        r"(?<!\d)\d{2,3}\s?[가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주하허호배아바사자]\s?\d{4}(?!\d)",
    ),
    # A word with a digit; a word or a number alone where it is said to be the password: 비번은 qwerty야.
    (
        "비밀번호",
        rf"(?P<before>(?i:{_SECRET}){_SAYS}(?:비밀번호|비번)?\s?)(?!(?i:sha|md5|aes|rsa|utf)-?\d)(?=[\x21-\x7e]*\d)[\x21-\x7e]{{4,40}}{_IS}?",
    ),
    ("비밀번호", rf"(?P<before>(?i:{_SECRET}){_SAYS})[\x21-\x7e]{{4,40}}(?={_IS})"),
    (
        "비밀번호",
        rf"(?P<before>(?i:{_SECRET})(?:은|는|이|가)\s?['\"“‘]?)[가-힣]{{1,8}}\d{{2,8}}(?=['\"”’]|{_IS}|\s|$)",
    ),
    ("비밀번호", rf"(?P<before>(?i:{_SECRET})(?:은|는|이|가)\s?){_READ}{{4,8}}(?={_IS}|$)"),
    (
        "비밀번호",
        r"(?<![\x21-\x7e])(?=[\x21-\x7e]*\d)[\x21-\x7e]{4,40}(?=(?:이|가|로|을|를)?\s?(?:내|제|우리\s?집?)\s?(?:비밀번호|비번)(?:야|이야|예요|이에요|임|$))",
    ),
    ("비밀번호", r"(?P<before>카드\s?(?:비밀번호|비번)\s?(?:앞\s?)?(?:두|2)\s?자리[는은이:\s]{0,3})\d{2}(?!\d)"),
    ("IP주소", r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])"),
    ("주소", rf"{_CITY}\s+(?:{_DISTRICT}\s+)?(?:[가-힣]{{1,5}}(?:구|읍|면)\s+)?{_STREET}{_HOUSE}"),
    ("주소", rf"(?<![가-힣])[가-힣]{{1,4}}(?:시|군|구)\s+(?:[가-힣]{{1,5}}(?:구|읍|면)\s+)?{_STREET}{_HOUSE}"),
    (
        "주소",
        r"(?<![가-힣])[가-힣0-9]{1,10}(?:대로|로|길)\s?\d{1,4}(?:번?길\s?\d{1,4})?(?:-\d{1,4})?(?:번지)?"
        r"(?=에?서?\s?(?:살아|살고|산다|삽니다|사는|거주)|이?\s?(?:우리|내|저희)\s?집)",
    ),
    ("주소", r"(?<![가-힣])[가-힣]{1,4}동\s\d{1,4}-\d{1,4}(?=번지|에\s?(?:살|사는|있)|이?야|예요|이에요|$)(?:번지)?"),
    ("주소", r"(?:[가-힣]{2,12}(?:아파트|빌라|오피스텔|맨션)\s?)?(?<!\d)\d{1,4}동\s?\d{1,4}호"),
    ("주소", r"[가-힣]{2,12}(?:아파트|빌라|오피스텔|맨션|하이츠|캐슬|자이)\s?\d{2,4}호"),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
# Without one of these no pattern holds: most of what people say is read once.
_MAY_HOLD = re.compile(rf"[0-9@]|골뱅이|앳|\(a\)|(?i:\bat\b|{_SECRET})|{_READ}(?:[\s-]?{_READ}){{3}}")


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
    if not _MAY_HOLD.search(text):
        return
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
    return _WIDE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
