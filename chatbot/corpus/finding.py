"""What is wrong at one place of the corpus. Knows nothing of how it is found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning"]

# Every code, the gravest first, with what it means for the user (한국어). The order is the order of a report.
CODES: dict[str, tuple[Severity, str]] = {
    "encoding": ("error", "UTF-8이 아님"),
    "format": ("error", "형식이 틀림"),
    "broken-text": ("error", "깨진 글자"),
    "same-name": ("error", "이름이 겹침"),
    "unknown-name": ("error", "없는 이름을 가리킴"),
    "two-intents": ("error", "같은 말이 두 의도에 있음"),
    "leak": ("error", "시험 자료가 학습 자료에 있음"),
    "template": ("error", "틀(템플릿)이 깨짐"),
    "profanity": ("error", "답에 욕설이 있음"),
    "nfd": ("error", "자모가 풀어진 글자(NFD)"),
    "duplicate": ("error", "똑같은 줄"),
    "bom": ("warning", "BOM으로 시작함"),
    "line-ending": ("warning", "줄 끝이 CRLF임"),
    "trailing-space": ("warning", "줄 끝에 빈칸이 있음"),
    "tiny": ("warning", "예문이나 답이 너무 적음"),
    "unbalanced": ("warning", "의도마다 예문 수가 크게 다름"),
    "user-profanity": ("warning", "사용자 문장에 욕설이 있음"),
    "golden-leak": ("warning", "황금 대화가 거의 학습 자료 그대로임"),
    "speech-level": ("warning", "말투가 섞임"),
    "near-duplicate": ("warning", "거의 같은 줄"),
}
_RANK = {code: rank for rank, code in enumerate(CODES)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: file, line (1-based), severity, code (a key of `CODES`) and a sentence that names the remedy."""

    file: Path
    line: int
    severity: Severity
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.code}: {self.message}"


def finding(file: Path, line: int, code: str, message: str) -> Finding:
    """A finding whose severity is that of its code."""
    return Finding(file, line, CODES[code][0], code, message)


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest first; within a code by file and line."""
    return sorted(set(findings), key=lambda f: (_RANK[f.code], str(f.file), f.line, f.message))
