"""Write into corpus files, keeping comments and order. In: a corpus folder and what is new. Out: a unified diff.

Lines are inserted into the text as it stands, so that nothing else in the file moves; the result is read back before
it takes the file's place. Knows nothing of where the new lines come from.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import yaml

from chatbot.corpus.read import compose_yaml, read_intent, read_knowledge, read_pairs, read_text
from chatbot.errors import CorpusError
from chatbot.types import ChatPair, Intent, KnowledgeEntry

_NAME = re.compile(r"[\w-]+")
_SPACE = re.compile(r"\s+")


def add_examples(root: Path, intent: str, lines: Sequence[str]) -> str:
    """Append examples to an intent; lines it holds already are left out. Returns the diff, empty when nothing is new.

    Raises
    ------
    CorpusError
        when there is no such intent, its examples are no block list, or a line stands under another intent.
    """
    known = {read_intent(path).name: path for path in sorted((root / "intents").glob("*.y*ml"))}
    if intent not in known:
        close = difflib.get_close_matches(intent, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else f" (there are: {', '.join(known)})"
        raise CorpusError(f"{root / 'intents'}: no intent is called {intent!r}{hint}")
    new = [line for line in dict.fromkeys(map(one_line, lines)) if line]
    for name, path in known.items():
        twice = set(new) & set(read_intent(path).examples)
        if name == intent:
            new = [line for line in new if line not in twice]
        elif twice:
            raise CorpusError(f"{path}: {min(twice)!r} stands under {name} already; one utterance, one intent")
    return insert_examples(known[intent], new)


def insert_examples(path: Path, lines: Sequence[str]) -> str:
    """Append examples to one intent's file as they are, without a look at the other intents. Returns the diff."""
    return _insert(path, compose_yaml(path), "examples", lines, read_intent) if lines else ""


def add_intent(root: Path, intent: Intent) -> str:
    """Write a new file intents/<name>.yaml. Returns the diff.

    Raises
    ------
    CorpusError
        when the name is no word, the intent exists, or it lacks examples or replies.
    """
    path = root / "intents" / f"{_word(intent.name, 'an intent')}.yaml"
    if path.exists():
        raise CorpusError(f"{path}: exists already; use add_examples for more examples")
    return _replace(path, "", intent_yaml(intent), read_intent)


def add_knowledge(root: Path, file: str, entries: Iterable[KnowledgeEntry]) -> str:
    """Append entries to knowledge/<file>.yaml, which is made when it is missing. Returns the diff.

    Raises
    ------
    CorpusError
        when an id stands in the corpus already or an entry lacks its title, questions or answer.
    """
    taken = {
        old.id: old.origin for path in sorted((root / "knowledge").glob("*.y*ml")) for old in read_knowledge(path)
    }
    path = root / "knowledge" / f"{_word(file, 'a file')}.yaml"
    before = read_text(path) if path.exists() else ""
    after = before if before.endswith("\n") or not before else before + "\n"
    for entry in entries:
        if entry.id in taken:
            raise CorpusError(f"{path}: knowledge id {entry.id!r} stands already in {taken[entry.id]}")
        taken[entry.id] = f"{path}, among the new ones"
        after += knowledge_yaml(entry)
    return _replace(path, before, after, lambda written: list(read_knowledge(written)))


def add_questions(root: Path, entry: str, lines: Sequence[str]) -> str:
    """Append questions to the knowledge entry of that id; those it holds are left out. Returns the diff.

    Raises
    ------
    CorpusError
        when there is no such entry, or its questions are no block list.
    """
    for path in sorted((root / "knowledge").glob("*.y*ml")):
        for place, known in enumerate(read_knowledge(path)):
            if known.id != entry:
                continue
            new = [line for line in dict.fromkeys(map(one_line, lines)) if line and line not in known.questions]
            entries = compose_yaml(path)
            assert isinstance(entries, yaml.SequenceNode)  # read_knowledge has read the file
            return _insert(path, entries.value[place], "questions", new, lambda one: list(read_knowledge(one)))
    raise CorpusError(f"{root / 'knowledge'}: no entry has the id {entry!r}")


def add_pairs(root: Path, topic: str, pairs: Iterable[ChatPair]) -> str:
    """Append pairs to chat/<topic>.tsv, which is made when it is missing; pairs it holds are left out.

    Returns the diff. Raises `CorpusError` when the topic is no word or a side of a pair is empty.
    """
    path = root / "chat" / f"{_word(topic, 'a topic')}.tsv"
    before = read_text(path) if path.exists() else ""
    held = {(pair.question, pair.answer) for pair in read_pairs(path)} if before else set()
    after = before if before.endswith("\n") or not before else before + "\n"
    for pair in pairs:
        question, answer = one_line(pair.question), one_line(pair.answer)
        # A question that opens with # would be read as a comment.
        question = f" {question}" if question.startswith("#") else question
        if (question.strip(), answer) not in held:
            held.add((question.strip(), answer))
            after += f"{question}\t{answer}\n"
    return _replace(path, before, after, lambda written: list(read_pairs(written)))


def one_line(text: str) -> str:
    """NFC, one line, single spaces, no tabs: what one line of a corpus file may hold."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def scalar(text: str) -> str:
    """The text as a YAML scalar on one line, in quotes only where it must be."""
    try:
        plain = yaml.safe_load(f"- {text}\n") == [text]
    except yaml.YAMLError:
        plain = False
    return text if plain else json.dumps(text, ensure_ascii=False)


def intent_yaml(intent: Intent) -> str:
    """The text of an intent's file."""
    lines = [f"intent: {scalar(intent.name)}"]
    lines += [f"description: {scalar(one_line(intent.description))}"] if intent.description else []
    lines += [f"skill: {scalar(intent.skill)}"] if intent.skill else []
    lines += [f"contrasts: [{', '.join(map(scalar, intent.contrasts))}]"] if intent.contrasts else []
    lines += ["examples:", *_items(intent.examples, 2), "replies:", *_items(intent.replies, 2)]
    return "\n".join(lines) + "\n"


def knowledge_yaml(entry: KnowledgeEntry) -> str:
    """The text of one entry of a knowledge file."""
    lines = [f"- id: {scalar(entry.id)}", f"  title: {scalar(one_line(entry.title))}", "  questions:"]
    lines += _items(entry.questions, 4)
    for name in ("answer", "more", "example", "why"):
        value = one_line(getattr(entry, name))
        lines += [f"  {name}: {scalar(value)}"] if value else []
    lines += [f"  related: [{', '.join(map(scalar, entry.related))}]"] if entry.related else []
    lines += [f"  source: {scalar(one_line(entry.source))}"] if entry.source else []
    return "\n".join(lines) + "\n"


def write_text(path: Path, text: str) -> None:
    """Put `text` at `path` as a whole or not at all: a sibling is written, synced and renamed over it."""
    target = path.resolve()
    sibling = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with sibling.open("w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            shutil.copymode(target, sibling)
        sibling.replace(target)
    except OSError as error:
        raise CorpusError(f"{path}: cannot be written: {error.strerror}; look at space and permissions") from error
    finally:
        if sibling.parent.is_dir():
            sibling.unlink(missing_ok=True)


def _insert(path: Path, node: yaml.Node, name: str, items: Sequence[str], read: Callable[[Path], object]) -> str:
    """`items` behind the last one of the block list `name` of a mapping in a file; `read` proves the file."""
    assert isinstance(node, yaml.MappingNode)
    value = next(value for key, value in node.value if key.value == name)
    if not isinstance(value, yaml.SequenceNode) or value.flow_style:
        line = value.start_mark.line + 1
        raise CorpusError(f"{path}:{line}: {name} stands in brackets; write it as lines that start with '- '")
    before = read_text(path)
    lines = before.splitlines(keepends=True)
    last = value.value[-1].end_mark
    at = last.line + 1 if last.column else last.line
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    lines[at:at] = [f"{item}\n" for item in _items(items, value.start_mark.column)]
    return _replace(path, before, "".join(lines), read)


def _items(texts: Sequence[str], indent: int) -> list[str]:
    return [f"{' ' * indent}- {scalar(one_line(text))}" for text in texts]


def _replace(path: Path, before: str, after: str, read: Callable[[Path], object]) -> str:
    """Write `after` when it can be read as a corpus file; its difference from `before`."""
    if after == before:
        return ""
    trial = path.with_name(f".{path.name}.{os.getpid()}.trial")
    write_text(trial, after)
    try:
        read(trial)
    except CorpusError as error:
        raise CorpusError(str(error).replace(str(trial), str(path))) from error
    finally:
        trial.unlink(missing_ok=True)
    write_text(path, after)
    names = ("/dev/null" if not before else f"a/{path.name}", f"b/{path.name}")
    return "".join(difflib.unified_diff(before.splitlines(True), after.splitlines(True), *names))


def _word(name: str, what: str) -> str:
    if not _NAME.fullmatch(name):
        raise CorpusError(f"{name!r} cannot name {what}; allowed are letters, digits, _ and -")
    return name
