"""Turn the bytes of a Korean page into text. In: bytes and the Content-Type header. Out: text and the charset used.

Order of belief: byte order mark, header, ``<meta>``, detection. A declared charset that does not fit the bytes is not
believed, and a page that mixes UTF-8 with CP949 is read line by line. Knows nothing of HTML beyond ``<meta charset>``.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

# Labels that mean "code page 949" on Korean pages: EUC-KR pages carry syllables (똠, 뷁) that only CP949 has.
_KOREAN_LABELS = {"euc-kr", "euckr", "ks_c_5601-1987", "ksc5601", "ks_c_5601", "ms949", "cp949", "uhc", "korean"}

_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_\-:]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_\-:]+)", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_\-:]+)", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

# A <meta> is looked for this far into the page, in bytes; browsers look 1,024 far, Korean portals put scripts before.
META_WINDOW = 8192


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page's text, the charset that read it and how many characters could not be read."""

    text: str
    charset: str
    broken: int = 0


def decode(body: bytes, content_type: str = "") -> Decoded:
    """The text of a page; never fails, at worst with U+FFFD where nothing fits (counted in `broken`)."""
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return _lenient(body, charset)
    for charset in _declared(body, content_type):
        text = _strict(body, charset)
        if text is not None:
            return Decoded(text, charset)
    for charset in ("utf-8", "cp949"):
        text = _strict(body, charset)
        if text is not None:
            return Decoded(text, charset)
    return _mixed(body)


def _declared(body: bytes, content_type: str) -> list[str]:
    """Charsets named by the header and by the page, each once, Korean labels as cp949, unknown ones left out."""
    labels = []
    header = _HEADER.search(content_type)
    if header:
        labels.append(header.group(1))
    for pattern in (_XML, _META):
        found = pattern.search(body[:META_WINDOW])
        if found:
            labels.append(found.group(1).decode("ascii"))
    charsets = []
    for label in labels:
        name = "cp949" if label.lower() in _KOREAN_LABELS else label.lower()
        # Latin-1 reads any bytes, so it proves nothing; servers send it by default for Korean pages.
        if name not in ("iso-8859-1", "latin-1", "latin1", "windows-1252", "us-ascii", "ascii") and _known(name):
            charsets.append(name)
    return list(dict.fromkeys(charsets))


def _known(charset: str) -> bool:
    try:
        return codecs.lookup(charset)._is_text_encoding
    except LookupError:
        return False


def _strict(body: bytes, charset: str) -> str | None:
    try:
        return body.decode(charset)
    except (UnicodeError, LookupError):
        return None


def _lenient(body: bytes, charset: str) -> Decoded:
    text = body.decode(charset, errors="replace")
    return Decoded(text, charset, text.count("�"))


def _mixed(body: bytes) -> Decoded:
    """Bytes no single charset reads: the best of line by line, of UTF-8, of CP949 and of what detection says."""
    lines = [_line(line) for line in body.splitlines(keepends=True)]
    joined = "".join(lines)
    tries = [Decoded(joined, "mixed", joined.count("�")), _lenient(body, "utf-8"), _lenient(body, "cp949")]
    detected = _detect(body)
    if detected is not None:
        tries.append(detected)
    return min(tries, key=lambda tried: tried.broken)


def _line(line: bytes) -> str:
    """One line, read by the charset that leaves fewer characters broken."""
    for charset in ("utf-8", "cp949"):
        text = _strict(line, charset)
        if text is not None:
            return text
    tried = [line.decode(charset, errors="replace") for charset in ("utf-8", "cp949")]
    return min(tried, key=lambda text: text.count("�"))


def _detect(body: bytes) -> Decoded | None:
    from charset_normalizer import from_bytes

    best = from_bytes(body[:200_000]).best()
    if best is None or best.encoding in ("ascii", "latin_1", "cp1252"):
        return None
    return _lenient(body, best.encoding)
