"""What stands in a version, and how two differ: corpus lines, intents, figures, the gate. Knows no screen.

In: versions, and the corpus folder whose words the shipped one speaks. Out: frozen values that turn into JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chatbot.corpus import read_corpus
from chatbot.errors import CorpusError
from chatbot.retrieval.rows import RowStore
from chatbot.training import gate as gates
from chatbot.training.gate import Gate, read_gate
from chatbot.training.pipeline import words_of
from chatbot.training.versions import Version

# Figures of a stage that say how good it is; the manifest keeps the rest.
FIGURES = (
    "accuracy",
    "macro_precision",
    "macro_recall",
    "macro_f1",
    "ece",
    "perplexity",
    "chrf",
    "rows",
    "added",
    "removed",
)


@dataclass(frozen=True, slots=True)
class Summary:
    """One version: its stages (fingerprint, seconds, figures), corpus hash, size in bytes, and its gate."""

    name: str
    created: str
    current: bool
    base: str
    corpus: str
    seed: int | None
    bytes: int
    intents: int
    stages: Mapping[str, Mapping[str, Any]]
    gate: Gate | None

    def as_json(self) -> dict[str, Any]:
        values = asdict(self)
        return {**values, "gate": self.gate.as_json() if self.gate else None}


@dataclass(frozen=True, slots=True)
class Difference:
    """What `new` has and lacks against `old`. `figures` are stage.name -> (old, new), of those that differ."""

    old: str
    new: str
    intents_added: tuple[str, ...]
    intents_removed: tuple[str, ...]
    lines_added: tuple[str, ...]
    lines_removed: tuple[str, ...]
    figures: Mapping[str, tuple[Any, Any]]
    stages: tuple[str, ...]
    verdicts: tuple[str, str]
    gate: Gate | None

    def as_json(self) -> dict[str, Any]:
        values = asdict(self)
        return {**values, "gate": self.gate.as_json() if self.gate else None}


def figures(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """The figures among a stage's metrics that are worth a line."""
    return {name: metrics[name] for name in FIGURES if metrics.get(name) is not None}


def summary(version: Version, current: bool, words: Path) -> Summary:
    """What stands in `version`; `words` are those of the version that ships."""
    stages = version.manifest.get("stages", {})
    return Summary(
        name=version.name,
        created=version.created,
        current=current,
        base=str(version.manifest.get("base", "")),
        corpus=str(version.manifest.get("corpus", "")),
        seed=version.manifest.get("seed"),
        bytes=sum(path.stat().st_size for path in version.path.rglob("*") if path.is_file()),
        intents=len(_intents(words_of(version, words))),
        stages={
            stage: {
                "fingerprint": values.get("fingerprint", ""),
                "seconds": values.get("seconds"),
                **figures(values.get("metrics", {})),
            }
            for stage, values in stages.items()
        },
        gate=read_gate(version.path / gates.FILE),
    )


def difference(old: Version, new: Version, words: Path) -> Difference:
    """How `new` differs from `old`."""
    first, second = summary(old, False, words), summary(new, False, words)
    intents = [set(_intents(words_of(version, words))) for version in (old, new)]
    lines = [_lines(version, words_of(version, words)) for version in (old, new)]
    named = {
        f"{stage}.{name}": (first.stages.get(stage, {}).get(name), second.stages.get(stage, {}).get(name))
        for stage in {**first.stages, **second.stages}
        for name in FIGURES
    }
    marks = [{stage: values["fingerprint"] for stage, values in one.stages.items()} for one in (first, second)]
    return Difference(
        old=old.name,
        new=new.name,
        intents_added=tuple(sorted(intents[1] - intents[0])),
        intents_removed=tuple(sorted(intents[0] - intents[1])),
        lines_added=tuple(sorted(lines[1] - lines[0])),
        lines_removed=tuple(sorted(lines[0] - lines[1])),
        figures={name: pair for name, pair in named.items() if pair[0] != pair[1]},
        stages=tuple(stage for stage in {**marks[0], **marks[1]} if marks[0].get(stage) != marks[1].get(stage)),
        verdicts=(_verdict(old), _verdict(new)),
        gate=second.gate,
    )


def _verdict(version: Version) -> str:
    return str(version.manifest.get("gate", {}).get("verdict", ""))


def _intents(words: Path) -> list[str]:
    try:
        return [intent.name for intent in read_corpus(words).intents]
    except CorpusError:
        return []


def _lines(version: Version, words: Path) -> set[str]:
    """Every line the version was taught: examples and replies by intent, knowledge and chat by the index's rows."""
    try:
        corpus = read_corpus(words)
    except CorpusError:
        return set()
    lines = {f"{intent.name}: {line}" for intent in corpus.intents for line in intent.examples}
    lines |= {f"{intent.name} ↩ {line}" for intent in corpus.intents for line in intent.replies}
    lines |= {f"{entry.id} ↩ {entry.answer}" for entry in corpus.knowledge}
    return lines | _rows(version.path / "retrieval" / "rows.sqlite")


def _rows(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    store = RowStore.open(path)
    rows = store.get(list(store.numbers(store.ids()).values())).values()
    lines = {f"{row.title or row.kind}: {row.text}" for row in rows}
    store.close()
    return lines
