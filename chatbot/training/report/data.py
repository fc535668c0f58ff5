"""What a version was taught with and how that differs from the version before. In: two taught states. Out: values.

Knows nothing of models: a taught state is the corpus a version speaks with and the ids of its rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatbot.corpus import Corpus
from chatbot.training.report.values import Count, Data, IntentChange

CHANGES = 20  # intents listed at most, the most changed first
LINES = 4  # new lines shown of a changed intent


@dataclass(frozen=True, slots=True)
class Taught:
    """What one version was taught: its examples by intent, its knowledge, the ids of the rows it can find, and how
    many pairs its generator learnt (None where that is not known)."""

    examples: Mapping[str, frozenset[str]]
    replies: int
    knowledge: int
    questions: int
    rows: Sequence[str]
    pairs: int | None

    @classmethod
    def of(cls, corpus: Corpus, rows: Sequence[str], pairs: int | None) -> Taught:
        """From the corpus that lies beside a version's models."""
        return cls(
            examples={intent.name: frozenset(intent.examples) for intent in corpus.intents},
            replies=sum(len(intent.replies) for intent in corpus.intents),
            knowledge=len(corpus.knowledge),
            questions=sum(len(entry.questions) for entry in corpus.knowledge),
            rows=rows,
            pairs=pairs,
        )

    def counts(self) -> dict[str, int]:
        """How many of each thing there are."""
        chat = sum(row.startswith("c:") for row in self.rows)
        knowledge = sum(row.startswith("k:") for row in self.rows)
        found = {
            "intents": len(self.examples),
            "examples": sum(len(lines) for lines in self.examples.values()),
            "replies": self.replies,
            "knowledge": self.knowledge,
            "questions": self.questions,
            "chat": chat,
            "passages": len(self.rows) - chat - knowledge,
        }
        return found if self.pairs is None else {**found, "pairs": self.pairs}


def compare(now: Taught, before: Taught | None) -> Data:
    """The counts of `now` beside those of `before`, and the intents whose examples changed."""
    old = before.counts() if before else {}
    counts = tuple(Count(name, value, old.get(name)) for name, value in now.counts().items())
    examples = {name: len(lines) for name, lines in now.examples.items()}
    return Data(counts, _changes(now.examples, before.examples) if before else (), examples)


def _changes(now: Mapping[str, frozenset[str]], before: Mapping[str, frozenset[str]]) -> tuple[IntentChange, ...]:
    changes = []
    for name in sorted(now.keys() | before.keys()):
        new, old = now.get(name, frozenset()), before.get(name, frozenset())
        added, removed = sorted(new - old), len(old - new)
        if added or removed:
            kind = "gone" if not new else "changed" if old else "new"
            changes.append(IntentChange(name, kind, len(added), removed, tuple(added[:LINES])))
    return tuple(sorted(changes, key=lambda change: -(change.added + change.removed))[:CHANGES])
