"""Every line of text in corpus/ with where it stands. In: a folder. Out: `Line`s and what could not be parsed.

Unlike `read`, which stops at the first mistake, this goes on with the next file. Knows nothing of what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from chatbot.corpus.read import compose_yaml, read_dialogues, read_intent, read_knowledge, read_pairs, read_text
from chatbot.errors import CorpusError

_PLACE = re.compile(r"^(?P<file>.*?):(?P<line>\d+): (?P<message>.*)$", re.DOTALL)


PATTERNS = (
    ("intents", "intents/*.y*ml"),
    ("knowledge", "knowledge/*.y*ml"),
    ("chat", "chat/*.tsv"),
    ("dialogues", "dialogues/*.txt"),
    ("phrases", "phrases.yaml"),
    ("quizzes", "quizzes.yaml"),
    ("forms", "forms/*.y*ml"),
    ("lexicon", "lexicon/*"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One text of the corpus.

    `part` is the folder ("intents", "knowledge", "chat", "dialogues") or the file ("phrases", "quizzes", "forms");
    `role` is "user", "bot" or "name" (labels, ids); `key` is the YAML key or the column it stands under; `owner` is
    the intent, the knowledge id, the conversation's or the pair's place.
    """

    file: Path
    line: int
    part: str
    role: str
    key: str
    owner: str
    text: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A file or entry that could not be parsed."""

    file: Path
    line: int
    message: str


# Forms hold a list of mappings of lists; nothing goes deeper.
MAX_DEPTH = 6
USER_KEYS = frozenset({"examples", "questions", "answers"})
# What a form says on its occasions, each a list.
FORM_PHRASES = (
    "done", "changed", "resume", "cancelled", "dropped", "nothing", "shown", "which", "kept", "no_such", "complete",
    "lost", "lost_in_danger",
)  # fmt: skip
NAME_KEYS = frozenset(
    {"intent", "description", "contrasts", "skill", "id", "title", "related", "source", "topic"}
    | {"form", "start", "cancel", "show", "name", "kind", "about", "future", "min", "max", "per", "unit", "default"}
)


def files(root: Path) -> list[tuple[str, Path]]:
    """(part, path) of every file of the corpus, in a fixed order; crawled text is left out."""
    found = [(part, path) for part, pattern in PATTERNS for path in sorted(root.glob(pattern))]
    return [(part, path) for part, path in found if path.is_file()]


def lines_of(root: Path) -> tuple[list[Line], list[Broken]]:
    """All lines of the folder's files that can be parsed, and what cannot."""
    lines: list[Line] = []
    broken: list[Broken] = []
    for part, path in files(root):
        if part == "lexicon":
            continue
        try:
            if part in VALIDATE:
                VALIDATE[part](path)
            lines.extend(READ.get(part, _yaml_lines)(part, path))
        except CorpusError as error:
            broken.append(located(error, path))
    return lines, broken


def located(error: CorpusError, path: Path) -> Broken:
    """The error's own ``file:line:`` taken apart; line 1 of `path` when it names none."""
    match = _PLACE.match(str(error))
    if match:
        return Broken(Path(match["file"]), int(match["line"]), match["message"])
    return Broken(path, 1, str(error).removeprefix(f"{path}: "))


def _quizzes(path: Path) -> None:
    """A list of entries with a question and answers."""
    node = compose_yaml(path)
    if not isinstance(node, yaml.SequenceNode):
        raise CorpusError(f"{path}:1: expected a list of entries (lines that start with '- question:')")
    for child in node.value:
        _require(path, child, ("question",), ("answers",))


def _phrases(path: Path) -> None:
    """Occasions, each with a list of wordings."""
    node = compose_yaml(path)
    occasions = tuple(str(key.value) for key, _ in node.value) if isinstance(node, yaml.MappingNode) else ("fallback",)
    _require(path, node, (), occasions)


def _form(path: Path) -> None:
    """The keys of a form, and of each of its slots."""
    node = compose_yaml(path)
    _require(path, node, ("form", "start", "cancel", "show", "item", "brief"), ("slots", "about", *FORM_PHRASES))
    assert isinstance(node, yaml.MappingNode)
    for slot in next(value for key, value in node.value if key.value == "slots").value:
        _require(path, slot, ("name", "kind"), ("prompts", "invalid"))


def _require(path: Path, node: yaml.Node, texts: tuple[str, ...], lists: tuple[str, ...]) -> None:
    """Refuse a node that lacks one of these keys, or has it in another form."""
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise CorpusError(f"{path}:{line}: expected keys ({', '.join((*texts, *lists))})")
    values = {str(key.value): value for key, value in node.value}
    for name in (*texts, *lists):
        if name not in values:
            raise CorpusError(f"{path}:{line}: {name} is missing (needed: {', '.join((*texts, *lists))})")
        kind = yaml.ScalarNode if name in texts else yaml.SequenceNode
        if not isinstance(values[name], kind) or not values[name].value:
            form = "one text" if name in texts else "a list (lines that start with '- ')"
            raise CorpusError(f"{path}:{values[name].start_mark.line + 1}: {name} must be {form}")


VALIDATE: dict[str, Callable[[Path], object]] = {
    "intents": read_intent,
    "knowledge": lambda path: list(read_knowledge(path)),
    "quizzes": _quizzes,
    "phrases": _phrases,
    "forms": _form,
}


def _yaml_lines(part: str, path: Path) -> Iterator[Line]:
    """Every scalar under the file's keys."""
    node = compose_yaml(path)
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _entry_lines(part, path, child)
    else:
        yield from _entry_lines(part, path, node)


def _entry_lines(part: str, path: Path, node: yaml.Node) -> Iterator[Line]:
    if not isinstance(node, yaml.MappingNode):
        line = node.start_mark.line + 1
        raise CorpusError(f"{path}:{line}: expected keys with values, found one text")
    fields = {str(key.value): value for key, value in node.value}
    owner_node = next((fields[name] for name in ("intent", "id", "form", "question") if name in fields), None)
    owner = owner_node.value if isinstance(owner_node, yaml.ScalarNode) else path.stem
    for name, value in fields.items():
        yield from _value_lines(part, path, name, owner, value)


def _value_lines(part: str, path: Path, name: str, owner: str, node: yaml.Node, depth: int = 0) -> Iterator[Line]:
    if depth > MAX_DEPTH:
        raise CorpusError(f"{path}:{node.start_mark.line + 1}: lists in lists in lists, or an alias of itself")
    if isinstance(node, yaml.ScalarNode):
        role = "name" if name in NAME_KEYS else "user" if name in USER_KEYS else "bot"
        yield Line(path, node.start_mark.line + 1, part, role, name, owner, str(node.value).strip())
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _value_lines(part, path, name, owner, child, depth + 1)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _value_lines(part, path, str(key.value), owner, value, depth + 1)


def _pair_lines(part: str, path: Path) -> Iterator[Line]:
    for pair in read_pairs(path):
        number = int(pair.origin.rsplit(":", 1)[1])
        yield Line(path, number, part, "user", "question", pair.origin, pair.question)
        yield Line(path, number, part, "bot", "answer", pair.origin, pair.answer)


def _dialogue_lines(part: str, path: Path) -> Iterator[Line]:
    list(read_dialogues(path))  # the form: Q and A in turn
    owner = f"{path}:1"
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            owner = f"{path}:{number}"
        else:
            role, key = ("user", "question") if text.startswith("Q:") else ("bot", "answer")
            yield Line(path, number, part, role, key, owner, text[2:].strip())


READ: dict[str, Callable[[str, Path], Iterator[Line]]] = {"chat": _pair_lines, "dialogues": _dialogue_lines}
