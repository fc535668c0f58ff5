"""Read the user dictionary: words that analyzers should keep whole. In: a TSV file; out: entries.

One word a line: form, Sejong tag, optional score (Kiwi's log probability, 0 is strong). ``#`` opens a comment.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chatbot.errors import CorpusError

# What a word of one's own can be. Endings and particles belong to the analyzers.
ALLOWED_TAGS = ("NNG", "NNP", "NNB", "NR", "NP", "MAG", "MM", "IC", "SL", "VV", "VA", "XR")


@dataclass(frozen=True, slots=True)
class DictionaryEntry:
    """One word: `form`, its Sejong `tag` and how strongly it is preferred (`score`, a log probability)."""

    form: str
    tag: str
    score: float = 0.0


def read_user_dictionary(path: Path) -> list[DictionaryEntry]:
    """Every entry of the file in order. Raises CorpusError with file and line for whatever is wrong."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}); it is a TSV of form, tag, score") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8; save it as UTF-8") from error
    numbered = enumerate(lines, start=1)
    return [_entry(line, f"{path}:{n}") for n, line in numbered if line.strip() and not line.startswith("#")]


def _entry(line: str, where: str) -> DictionaryEntry:
    form, *rest = (cell.strip() for cell in line.split("\t"))
    tag = rest[0] if rest else ""
    if not form or tag not in ALLOWED_TAGS or len(rest) > 2:
        raise CorpusError(f"{where}: expected form<TAB>tag[<TAB>score], tag one of {', '.join(ALLOWED_TAGS)}")
    try:
        score = float(rest[1]) if len(rest) == 2 and rest[1] else 0.0
    except ValueError as error:
        raise CorpusError(f"{where}: score {rest[1]!r} is not a number") from error
    return DictionaryEntry(form, tag, score)
