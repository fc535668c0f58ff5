"""The bytes of one corpus file: encoding, Unicode form, line ends. In: bytes. Out: faults, or clean text.

Knows nothing of what the file says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

BOM = b"\xef\xbb\xbf"
# Tried in this order on bytes that are not UTF-8. UTF-16 only with its mark; cp949 holds all of EUC-KR.
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_TRAILING = re.compile(r"[ \t\u00a0\u3000]+$")
# What UTF-8 read as Latin-1 or a lossy conversion leaves behind: �, and the openings of Hangul syllables as ë, ì, í.
_BROKEN = re.compile("\ufffd|(?:[\u00ea-\u00ed][\u0080-\u00bf\u0152-\u02dc\u2013-\u2122]{2}){2}")


def decode(raw: bytes) -> tuple[str, str]:
    """(text without BOM, encoding's name): "utf-8", "utf-8-sig", "utf-16" or "cp949".

    Raises
    ------
    UnicodeDecodeError
        when the bytes are none of these; its `start` is the first byte that is not UTF-8.
    """
    if raw.startswith(BOM):
        return raw.decode("utf-8-sig"), "utf-8-sig"
    if raw.startswith(_UTF16_MARKS):
        return raw.decode("utf-16"), "utf-16"
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        try:
            text = raw.decode("cp949")
        except UnicodeDecodeError:
            raise error from None
        if not _reads_as_korean(text):
            raise
        return text, "cp949"


def _reads_as_korean(text: str) -> bool:
    """Whether most of what is not ASCII is Hangul; other bytes decode as cp949 too, but into rare hanja."""
    foreign = [character for character in text if character > "\x7f"]
    return sum("가" <= c <= "힣" or "ㄱ" <= c <= "ㅣ" for c in foreign) * 2 > len(foreign)


def faults(raw: bytes) -> Iterator[tuple[int, str, str]]:
    """(line, code, message) of every fault in the bytes; the mechanical ones say how to mend them."""
    try:
        text, encoding = decode(raw)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        yield line, "encoding", f"byte 0x{raw[error.start]:02x} is neither UTF-8 nor cp949; restore the file"
        return
    if encoding in ("cp949", "utf-16"):
        yield _first_foreign_line(raw), "encoding", f"saved as {encoding}; run: chatbot corpus check --fix"
    elif encoding == "utf-8-sig":
        yield 1, "bom", "opens with a byte order mark; run: chatbot corpus check --fix"
    if "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        yield line, "line-ending", "lines end in CR; run: chatbot corpus check --fix"
    for number, line_text in enumerate(lines(text), start=1):
        yield from ((number, code, message) for code, message in _line_faults(line_text))


def _first_foreign_line(raw: bytes) -> int:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return raw[: error.start].count(b"\n") + 1
    return 1


def _line_faults(line: str) -> Iterator[tuple[str, str]]:
    if not unicodedata.is_normalized("NFC", line):
        yield "nfd", f"not NFC: {unicodedata.normalize('NFC', line).strip()[:40]!r}; run: chatbot corpus check --fix"
    if _BROKEN.search(line):
        yield "broken-text", f"characters were lost in a conversion: {line.strip()[:40]!r}; write the line again"
    if _TRAILING.search(line):
        yield "trailing-space", "white space at the end of the line; run: chatbot corpus check --fix"


def lines(text: str) -> list[str]:
    """The lines, whatever ends them; only CR and LF do."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def clean(text: str) -> str:
    """NFC, LF, no white space at the end of a line, one LF at the end of the text. Doing it twice changes nothing."""
    stripped = [_TRAILING.sub("", line) for line in lines(unicodedata.normalize("NFC", text))]
    return "\n".join(stripped).rstrip("\n") + "\n" if any(stripped) else ""
