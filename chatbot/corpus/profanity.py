"""Words that must not stand in a reply. In: a lexicon folder. Out: the profane word of a text. Knows nothing of files.

Patterns come from safety_rules.tsv (kinds profanity and hate) and safety_profanity.tsv (first column: a word) of the
corpus, less the expressions of safety_allowed.tsv; a corpus without them is held against a short list of our own.
"""

from __future__ import annotations

import re
from pathlib import Path

from chatbot.corpus.read import read_text
from chatbot.errors import CorpusError

# Unmistakable ones only: each is also the start of its inflected forms, and no part of an ordinary word.
_BASIC = (
    r"씨발|씨빨|시발(?![점역지])|ㅅㅂ|ㅆㅂ|병신|븅신|ㅂㅅ|개새끼|개색기|미친놈|미친년|좆|존나|졸라게|지랄|ㅈㄹ"
    r"|엠창|니애미|썅|쌍놈|쌍년|닥쳐"
)
_KINDS = ("profanity", "hate")
_JUNK = re.compile(r"[^가-힣ㄱ-ㅎㅏ-ㅣA-Za-z ]+")


class Profanity:
    """The compiled patterns of one corpus."""

    def __init__(self, patterns: tuple[str, ...] = (), allowed: tuple[str, ...] = ()) -> None:
        self._bad = re.compile("|".join((_BASIC, *(f"(?:{pattern})" for pattern in patterns))))
        self._allowed = re.compile("|".join(f"(?:{pattern})" for pattern in allowed) or r"(?!)")

    @classmethod
    def load(cls, lexicon: Path) -> Profanity:
        """Read what there is. Raises `CorpusError` when a pattern is no regular expression (names file and line)."""
        patterns = []
        for number, line in _entries(lexicon / "safety_rules.tsv"):
            kind, _, pattern = line.partition("\t")
            if kind in _KINDS:
                patterns.append(_compiled(pattern, lexicon / "safety_rules.tsv", number))
        for _, line in _entries(lexicon / "safety_profanity.tsv"):
            patterns.append(re.escape(line.split("\t")[0]))
        path = lexicon / "safety_allowed.tsv"
        return cls(tuple(patterns), tuple(_compiled(line, path, number) for number, line in _entries(path)))

    def found_in(self, text: str) -> str:
        """The first profane word, or an empty string."""
        words = _JUNK.sub("", text)
        match = self._bad.search(self._allowed.sub(" ", words))
        return str(match[0]).strip() if match else ""


def _entries(path: Path) -> list[tuple[int, str]]:
    if not path.is_file():
        return []
    lines = enumerate(read_text(path).split("\n"), start=1)
    return [(number, line) for number, line in lines if line.strip() and not line.startswith("#")]


def _compiled(pattern: str, path: Path, number: int) -> str:
    """The pattern itself, once it is known to compile."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise CorpusError(f"{path}:{number}: {pattern[:40]!r} is no regular expression: {error}") from error
    return pattern
