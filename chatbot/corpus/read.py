"""Read the text files of corpus/ into frozen values. In: a folder. Out: a `Corpus`. Knows nothing of models.

Every mistake is a `CorpusError` that opens with ``file:line:`` and says what is allowed there.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chatbot.errors import CorpusError
from chatbot.types import ChatPair, Dialogue, Intent, KnowledgeEntry

# The C parser is several times faster than the one in Python.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What YAML refuses to read.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")
INTENT_KEYS = ("intent", "description", "contrasts", "examples", "replies", "skill")
KNOWLEDGE_KEYS = ("id", "title", "questions", "answer", "more", "example", "why", "related", "source")


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything people wrote for the bot. `root` is the folder it was read from."""

    root: Path
    intents: tuple[Intent, ...]
    pairs: tuple[ChatPair, ...]
    knowledge: tuple[KnowledgeEntry, ...]
    dialogues: tuple[Dialogue, ...]

    def fingerprint(self, *parts: str) -> str:
        """A hash of the content of `parts` ("intents", "pairs", "knowledge", "dialogues"; all when none is named)."""
        digest = hashlib.sha256()
        for part in parts or ("intents", "pairs", "knowledge", "dialogues"):
            digest.update(part.encode())
            for item in getattr(self, part):
                digest.update(_content(item).encode())
        return digest.hexdigest()[:16]


def _content(item: Intent | ChatPair | KnowledgeEntry | Dialogue) -> str:
    """The item as text without where it stands, so that moving a line changes nothing."""
    fields = [name for name in item.__dataclass_fields__ if name != "origin"]
    return repr([getattr(item, name) for name in fields])


def read_corpus(root: Path) -> Corpus:
    """Read and validate the folder.

    Raises
    ------
    CorpusError
        when the folder is missing or holds no intent, or a file is broken (names file, line and what is allowed).
    """
    if not root.is_dir():
        raise CorpusError(f"{root}: no such folder; set paths.corpus in config.yaml to the folder of your corpus")
    intents = tuple(read_intent(path) for path in sorted((root / "intents").glob("*.y*ml")))
    if not intents:
        raise CorpusError(f"{root / 'intents'}: no intent files (*.yaml); at least one intent is needed")
    _unique([(intent.name, f"{root / 'intents'}") for intent in intents], "intent")
    knowledge = tuple(entry for path in sorted((root / "knowledge").glob("*.y*ml")) for entry in read_knowledge(path))
    _unique([(entry.id, entry.origin) for entry in knowledge], "knowledge id")
    pairs = tuple(pair for path in sorted((root / "chat").glob("*.tsv")) for pair in read_pairs(path))
    dialogues = tuple(item for path in sorted((root / "dialogues").glob("*.txt")) for item in read_dialogues(path))
    return Corpus(root, intents, pairs, knowledge, dialogues)


def _unique(named: list[tuple[str, str]], what: str) -> None:
    seen: dict[str, str] = {}
    for name, origin in named:
        if name in seen:
            raise CorpusError(f"{origin}: {what} {name!r} stands already in {seen[name]}; each may stand once")
        seen[name] = origin


def read_text(path: Path) -> str:
    """The file as text (UTF-8, with or without BOM)."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CorpusError(f"{path}:1: cannot be read: {error.strerror}; look at its permissions") from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise CorpusError(
            f"{path}:{line}: not UTF-8 (perhaps cp949); run: chatbot corpus check --fix, or save it as UTF-8"
        ) from error


def compose_yaml(path: Path) -> yaml.Node:
    """The file as YAML nodes, which know their lines. Raises `CorpusError` when it is no YAML, or empty."""
    try:
        node = yaml.compose(read_text(path), Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise CorpusError(f"{path}:{line}: not YAML: {error.problem}; quote text that holds ': ' or ' #'") from error
    except yaml.reader.ReaderError as error:
        text = read_text(path)
        found = _UNPRINTABLE.search(text)
        line = text.count("\n", 0, found.start()) + 1 if found else 1
        what = f"the character U+{ord(found[0]):04X}, which nobody can see" if found else str(error.reason)
        raise CorpusError(f"{path}:{line}: holds {what}; delete it") from error
    if node is None:
        raise CorpusError(f"{path}:1: the file is empty; see corpus/README.md for its form")
    return node


def fields_of(node: yaml.Node, path: Path, allowed: tuple[str, ...]) -> dict[str, tuple[Any, int]]:
    """Key -> (value as str or list of (str, line), line). Refuses unknown keys and values that are no text."""
    if not isinstance(node, yaml.MappingNode):
        raise CorpusError(f"{path}:{node.start_mark.line + 1}: expected keys ({', '.join(allowed)})")
    result: dict[str, tuple[Any, int]] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key not in allowed:
            close = difflib.get_close_matches(key, allowed, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise CorpusError(f"{path}:{line}: {key}: unknown key (allowed: {', '.join(allowed)}){hint}")
        if key in result:
            raise CorpusError(f"{path}:{line}: {key} stands twice; each key may stand once")
        result[key] = (_value(value_node, path), line)
    return result


def _value(node: yaml.Node, path: Path) -> str | list[tuple[str, int]]:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value).strip()
    if isinstance(node, yaml.SequenceNode):
        items = []
        for child in node.value:
            if not isinstance(child, yaml.ScalarNode):
                raise CorpusError(
                    f"{path}:{child.start_mark.line + 1}: expected one line of text; quote text that holds ': '"
                )
            items.append((str(child.value).strip(), child.start_mark.line + 1))
        return items
    raise CorpusError(f"{path}:{node.start_mark.line + 1}: expected text or a list of texts")


def _text(fields: dict[str, tuple[Any, int]], key: str, path: Path, line: int, required: bool = True) -> str:
    value, at = fields.get(key, ("", line))
    if not isinstance(value, str):
        raise CorpusError(f"{path}:{at}: {key} must be one text, not a list")
    if required and not value:
        raise CorpusError(f"{path}:{at}: {key} is missing or empty")
    return value


def _texts(fields: dict[str, tuple[Any, int]], key: str, path: Path, line: int, least: int) -> tuple[str, ...]:
    value, at = fields.get(key, ([], line))
    if isinstance(value, str):
        raise CorpusError(f"{path}:{at}: {key} must be a list (lines that start with '- ')")
    for text, where in value:
        if not text:
            raise CorpusError(f"{path}:{where}: {key} holds an empty line")
    if len(value) < least:
        raise CorpusError(f"{path}:{at}: {key} holds {len(value)} lines; at least {least} needed")
    return tuple(text for text, _ in value)


def read_intent(path: Path) -> Intent:
    """One file of corpus/intents/."""
    fields = fields_of(compose_yaml(path), path, INTENT_KEYS)
    return Intent(
        name=_text(fields, "intent", path, 1),
        description=_text(fields, "description", path, 1, required=False),
        examples=_texts(fields, "examples", path, 1, least=2),
        replies=_texts(fields, "replies", path, 1, least=1),
        skill=_text(fields, "skill", path, 1, required=False) or None,
        contrasts=_texts(fields, "contrasts", path, 1, least=0),
    )


def read_knowledge(path: Path) -> Iterator[KnowledgeEntry]:
    """The entries of one file of corpus/knowledge/."""
    node = compose_yaml(path)
    if not isinstance(node, yaml.SequenceNode):
        raise CorpusError(f"{path}:1: expected a list of entries (lines that start with '- id:')")
    for child in node.value:
        line = child.start_mark.line + 1
        fields = fields_of(child, path, KNOWLEDGE_KEYS)
        optional = {
            key: _text(fields, key, path, line, required=False) for key in ("more", "example", "why", "source")
        }
        yield KnowledgeEntry(
            id=_text(fields, "id", path, line),
            title=_text(fields, "title", path, line),
            questions=_texts(fields, "questions", path, line, least=1),
            answer=_text(fields, "answer", path, line),
            related=_texts(fields, "related", path, line, least=0),
            origin=f"{path}:{line}",
            **optional,
        )


def read_pairs(path: Path) -> Iterator[ChatPair]:
    """The pairs of one file of corpus/chat/: ``question<TAB>answer``, ``#`` opens a comment line."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != 2 or not all(cells):
            raise CorpusError(
                f"{path}:{number}: expected question<TAB>answer, found {len(cells)} cells: {line[:60]!r}"
            )
        yield ChatPair(cells[0], cells[1], f"{path}:{number}")


def read_dialogues(path: Path) -> Iterator[Dialogue]:
    """The conversations of one file of corpus/dialogues/: ``Q:`` and ``A:`` lines in turn, blank line between."""
    title, turns, question, start = "", [], "", 0
    lines = [*enumerate(read_text(path).split("\n"), start=1), (0, "")]
    for number, line in lines:
        text = line.strip()
        if text.startswith("#"):
            title = text.lstrip("# ").strip()
        elif text.startswith("Q:") and not question:
            question, start = text[2:].strip(), start or number
        elif text.startswith("A:") and question:
            turns.append((question, text[2:].strip()))
            question = ""
        elif text:
            raise CorpusError(f"{path}:{number}: expected Q: and A: lines in turn, found {text[:40]!r}")
        elif turns or question:
            if question:
                raise CorpusError(f"{path}:{start}: the last Q: has no A:")
            yield Dialogue(title, tuple(turns), f"{path}:{start}")
            title, turns, start = "", [], 0
