"""Mend what a machine can mend in a corpus. In: its folder. Out: what was mended. Rewords nothing; knows no models."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from chatbot.corpus import rawfile, rules
from chatbot.corpus.finding import Finding, finding, ordered
from chatbot.corpus.lines import Line, files, lines_of
from chatbot.corpus.write import write_text
from chatbot.errors import CorpusError

_MENDED_IN_LEXICON = frozenset({"encoding", "bom", "line-ending"})
_MENDED = _MENDED_IN_LEXICON | {"nfd", "trailing-space"}
_ITEM = re.compile(r"^(?P<indent>\s*)- \S")


def fix(root: Path) -> list[Finding]:
    """Save files as UTF-8 without BOM, in NFC, with LF and no trailing space, and delete exact duplicate lines.

    A duplicate goes where it is one line of a list or one pair; the first stays, and so do comments and order. What
    needs a decision (one utterance under two intents, one question under two entries) is left to people. Doing it
    twice changes nothing. Each file is replaced as a whole or not at all.

    Raises
    ------
    CorpusError
        when `root` is no folder or a file cannot be written.
    """
    if not root.is_dir():
        raise CorpusError(f"{root}: no such folder; set paths.corpus in config.yaml to the folder of your corpus")
    mended = [item for part, path in files(root) for item in _clean_file(part, path)]
    return ordered([*mended, *_drop_duplicates(root)])


def _clean_file(part: str, path: Path) -> list[Finding]:
    raw = path.read_bytes()
    try:
        text, _ = rawfile.decode(raw)
    except UnicodeDecodeError:
        return []  # `check` reports it: only its author knows what it said
    lexicon = part == "lexicon"
    clean = "\n".join(rawfile.lines(text)) if lexicon else rawfile.clean(text)
    if clean.encode() == raw:
        return []
    write_text(path, clean)
    codes = _MENDED_IN_LEXICON if lexicon else _MENDED
    return [
        finding(path, line, code, message.rsplit("; run:", 1)[0])
        for line, code, message in rawfile.faults(raw)
        if code in codes
    ]


def _drop_duplicates(root: Path) -> list[Finding]:
    lines, _ = lines_of(root)
    # Between two entries only a person can choose: the lines of one entry, and whole pairs, are safe to drop.
    safe = {(line.file, line.line): line for line in lines}
    drop: defaultdict[Path, list[Finding]] = defaultdict(list)
    for item in rules.duplicates(lines, near=False):
        line = safe[item.file, item.line]
        if line.part in ("intents", "phrases", "forms", "chat") or _in_one_entry(line, lines):
            drop[item.file].append(item)
    return [item for path, items in drop.items() for item in _drop(path, items)]


def _in_one_entry(line: Line, lines: list[Line]) -> bool:
    """Whether the same question stands earlier under the same knowledge id."""
    same = (line.part, line.owner, line.key, line.text)
    twins = [other for other in lines if (other.part, other.owner, other.key, other.text) == same]
    return line.part == "knowledge" and twins[0] is not line


def _drop(path: Path, items: list[Finding]) -> list[Finding]:
    """Delete the lines of `items` that hold nothing else."""
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    whole = [item for item in items if path.suffix == ".tsv" or _is_one_line_item(lines, item.line - 1)]
    gone = {item.line - 1 for item in whole}
    if gone:
        write_text(path, "\n".join(line for at, line in enumerate(lines) if at not in gone))
    return whole


def _is_one_line_item(lines: list[str], at: int) -> bool:
    """Whether a list item begins at this line and the next line is no continuation of it."""
    match = _ITEM.match(lines[at])
    if match is None:
        return False
    following = next((line for line in lines[at + 1 :] if line.strip()), "")
    depth = len(following) - len(following.lstrip())
    return depth <= len(match["indent"]) or following.lstrip().startswith("#")
