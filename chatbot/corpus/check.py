"""The corpus doctor. In: the folder of a corpus. Out: findings, the gravest first. Changes nothing; knows no models.

What it looks for stands in `finding.CODES`; the rules over single lines stand in `rules`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from chatbot.corpus import rawfile, rules
from chatbot.corpus.duplicates import share_of_near_duplicates
from chatbot.corpus.finding import Finding, finding, ordered
from chatbot.corpus.heldout import held_out_lines
from chatbot.corpus.lines import Line, files, lines_of, located
from chatbot.corpus.profanity import Profanity
from chatbot.errors import CorpusError

__all__ = ["Finding", "check", "has_errors", "near_duplicate_share"]

# Only these faults of the bytes matter in a lexicon: its patterns and jamo tables may hold any character on purpose.
_LEXICON_CODES = frozenset({"encoding", "bom", "line-ending"})


def check(root: Path, held_out: Sequence[Path] = ()) -> list[Finding]:
    """Every fault of the corpus under `root`.

    `held_out` are files a model is measured on (.jsonl with "text" or "q", .tsv or .csv by their first column, .txt);
    a line of theirs that the corpus teaches is a leak. Files that cannot be parsed are findings, and the rest of the
    corpus is still looked at. Of golden dialogues beside the corpus (``tests/golden/dialogues``) those are named
    that hardly say anything but what is taught.

    Raises
    ------
    CorpusError
        when `root` is no folder, or a file of `held_out` cannot be read.
    """
    if not root.is_dir():
        raise CorpusError(f"{root}: no such folder; set paths.corpus in config.yaml to the folder of your corpus")
    findings = [fault for part, path in files(root) for fault in _byte_faults(part, path)]
    lines, broken = lines_of(root)
    unreadable = {(fault.file, fault.line) for fault in findings if fault.code == "encoding"}
    findings += [
        finding(item.file, item.line, "format", item.message)
        for item in broken
        if (item.file, item.line) not in unreadable
    ]
    findings += _whole(root, lines, held_out)
    return ordered(findings)


def has_errors(findings: Sequence[Finding]) -> bool:
    """Whether one of them is an error rather than a warning."""
    return any(item.severity == "error" for item in findings)


def near_duplicate_share(root: Path) -> tuple[int, int]:
    """(lines that hardly differ from another of their kind, all lines); the kinds are parts and who speaks."""
    kinds: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for line in lines_of(root)[0]:
        if line.role != "name" and line.part not in ("phrases", "quizzes", "forms"):
            kinds[line.part, line.role].append(line.text)
    alike = sum(round(share_of_near_duplicates(texts) * len(texts)) for texts in kinds.values())
    return alike, sum(map(len, kinds.values()))


def _byte_faults(part: str, path: Path) -> Iterator[Finding]:
    try:
        raw = path.read_bytes()
    except OSError:
        return  # the reader says why
    for line, code, message in rawfile.faults(raw):
        if part != "lexicon" or code in _LEXICON_CODES:
            yield finding(path, line, code, message)


def _whole(root: Path, lines: Sequence[Line], held_out: Sequence[Path]) -> Iterator[Finding]:
    if not any(line.part == "intents" for line in lines):
        yield finding(
            root / "intents", 1, "format", "no intent can be read here; at least one intents/*.yaml is needed"
        )
    yield from rules.names(lines)
    yield from rules.two_intents(lines)
    yield from rules.duplicates(lines)
    yield from rules.sizes(lines)
    yield from rules.templates(lines)
    yield from rules.speech_levels(lines)
    try:
        yield from rules.profanity(lines, Profanity.load(root / "lexicon"))
    except CorpusError as error:
        fault = located(error, root / "lexicon")
        yield finding(fault.file, fault.line, "format", fault.message)
    yield from rules.leaks(lines, [item for path in held_out for item in held_out_lines(path)])
    for path in sorted((root.parent / "tests" / "golden" / "dialogues").glob("*.txt")):
        yield from rules.remembered(lines, path, list(held_out_lines(path)))
