"""Read the rules of typing repair from TSV files under corpus/lexicon/. In: a folder. Out: `Rules`.

Knows nothing of how they are applied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chatbot.errors import CorpusError

RULE_FILES = ("slang.tsv", "spelling.tsv")
SLIPS = "slips.tsv"
OPENERS = "openers.tsv"
_PLACES = ("line", "word", "any", "start", "end")
_MEANT = {"tail": ("word", "end")}  # at the end of a word, with or without something before it


@dataclass(frozen=True, slots=True)
class Rules:
    """Replacements by place: the whole line, a whole word, anywhere in it, its start, its end after something.

    `openers` are words that hasty typing glues to the next one (오늘머해), with their spelling. `slips` are words
    with a key missed and what was meant.
    """

    line: Mapping[str, str] = field(default_factory=dict)
    word: Mapping[str, str] = field(default_factory=dict)
    any: Mapping[str, str] = field(default_factory=dict)
    start: Mapping[str, str] = field(default_factory=dict)
    end: Mapping[str, str] = field(default_factory=dict)
    openers: Mapping[str, str] = field(default_factory=dict)
    slips: Mapping[str, str] = field(default_factory=dict)


def read_rules(lexicon_dir: Path, slips: bool = True) -> Rules:
    """The rules in `lexicon_dir`; a file that is absent means no such rules. Raises CorpusError."""
    found: dict[str, dict[str, str]] = {place: {} for place in _PLACES}
    for name in RULE_FILES:
        path = lexicon_dir / name
        for number, line in _lines(path):
            cells = line.split("\t")
            if len(cells) < 3 or cells[2] not in (*_PLACES, *_MEANT) or not cells[0]:
                places = ", ".join((*_PLACES, *_MEANT))
                raise CorpusError(f"{path}:{number}: expected form<TAB>spelling<TAB>place, place: {places}")
            for place in _MEANT.get(cells[2], (cells[2],)):
                found[place][cells[0]] = cells[1]
    openers = dict(_opener(lexicon_dir / OPENERS, number, line) for number, line in _lines(lexicon_dir / OPENERS))
    return Rules(**found, openers=openers, slips=_read_slips(lexicon_dir / SLIPS) if slips else {})


def _opener(path: Path, number: int, line: str) -> tuple[str, str]:
    form, _, spelling = line.partition("\t")
    if not form or "\t" in spelling:
        raise CorpusError(f"{path}:{number}: expected word, or form<TAB>spelling")
    return form, spelling or form


def _read_slips(path: Path) -> dict[str, str]:
    """Slip to word, from lines of a word and its slips."""
    slips: dict[str, str] = {}
    for number, line in _lines(path):
        word, tab, found = line.partition("\t")
        if not word or not tab or "\t" in found:
            raise CorpusError(f"{path}:{number}: expected word<TAB>slips separated by spaces")
        slips |= dict.fromkeys(found.split(), word)
    return slips


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines of a table, without comments and empty ones."""
    if path.is_file():
        for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
            if line.strip() and not line.startswith("#"):
                yield number, line
