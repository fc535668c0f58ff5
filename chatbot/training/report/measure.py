"""Measure a version for its report. In: loaded models and a corpus. Out: a `Report`. Draws nothing, trains nothing.

Held-out lines are those that the training kept from the model and wrote down beside it; for an older version they are
split off anew by their text, less any that the model was taught all the same because the corpus has changed since.
"""

from __future__ import annotations

import json
import platform
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from chatbot.corpus import Corpus
from chatbot.intent.model import IntentModel
from chatbot.retrieval.retriever import Retriever
from chatbot.training import rows
from chatbot.training.material import read_held_out, read_material
from chatbot.training.pipeline import Progress
from chatbot.training.report.data import Taught, compare
from chatbot.training.report.finding import find
from chatbot.training.report.gate import read_gate
from chatbot.training.report.plane import plane_of
from chatbot.training.report.understanding import look_at_strangers, understand
from chatbot.training.report.values import Attention, Curve, Generation, Pace, Report
from chatbot.training.versions import Version
from chatbot.types import Response

if TYPE_CHECKING:
    from chatbot.seq2seq.generator import Generator

ASKED = 60  # utterances timed
REPLIES = 10  # attention maps drawn
TRIED = 48  # short examples that are answered to choose those from
SHORT = (5, 16)  # characters of such an example: what fits a small picture
LONGEST = 14  # subwords of a reply that is drawn

# An epoch's record as the trainings of the two networks leave it: key of the epoch, and the curves worth drawing.
CURVES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "intent": ("curves", "epoch", ("loss", "validation_loss", "validation_accuracy")),
    "responder": ("epochs", "number", ("loss", "held_out_perplexity")),
}


@dataclass(frozen=True)
class Subject:
    """The version to be measured, loaded: `reply` answers one utterance in a fresh conversation."""

    version: Version
    corpus: Corpus
    model: IntentModel
    retriever: Retriever
    generator: Generator | None
    preprocess: Callable[[str], str]
    reply: Callable[[str], Response]


def measure(
    subject: Subject,
    before: Taught | None,
    base: str,
    *,
    seed: int,
    share: float,
    progress: Progress = lambda done, total, what: None,
) -> Report:
    """Everything the page shows. `share` of each intent's lines is held out, as it was in training."""
    started = time.perf_counter()
    steps = iter(range(1, 7))

    def told() -> None:
        progress(next(steps), 6, "report")

    version, model, corpus = subject.version, subject.model, subject.corpus
    trained = subject.generator.knowledge.trained if subject.generator else {}
    now = Taught.of(corpus, subject.retriever.ids(), trained.get("pairs"))
    held, leaked = held_out(subject, share)
    material = read_material(corpus, subject.preprocess, share, seed)
    understanding, inside = understand(model, held, corpus.intents, leaked)
    told()
    strange = [subject.preprocess(line) for line in material.strangers]
    strangers = look_at_strangers(model, held, inside, strange) if strange else None
    told()
    plane = plane_of(model.memory.texts, model.memory.labels, model.memory.vectors, model.labels, seed)
    told()
    pace = time_replies(subject.reply, _asked(held, corpus, seed))
    told()
    finding = find(subject.retriever, rows.retrieval_rows(corpus, subject.preprocess))
    told()
    generation = _generation(subject, trained, seed)
    told()
    return Report(
        version=version.name,
        base=base,
        created=version.created,
        measured=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        seed=seed,
        share=share,
        seconds=time.perf_counter() - started,
        data=compare(now, before),
        curves=curves_of(version.manifest.get("stages", {})),
        understanding=understanding,
        strangers=strangers,
        finding=finding,
        generation=generation,
        plane=plane,
        pace=pace,
        gate=read_gate(version.path / "gate.json"),
    )


def held_out(subject: Subject, share: float) -> tuple[list[tuple[str, str]], int]:
    """(lines the model was not taught, how many of the split it was taught all the same)."""
    kept = read_held_out(subject.version.path / "intent")
    if kept is not None:
        return list(kept.items()), 0
    _, held = rows.split(rows.labelled(subject.corpus.intents, subject.preprocess), share)
    taught = set(subject.model.memory.texts)
    fresh = [(text, label) for text, label in held if text not in taught]
    return fresh, len(held) - len(fresh)


def curves_of(stages: Mapping[str, Any]) -> dict[str, tuple[Curve, ...]]:
    """The learning curves that the manifest keeps of each stage; several networks that vote have a curve each."""
    found = {}
    for stage, (key, number, names) in CURVES.items():
        epochs = stages.get(stage, {}).get("metrics", {}).get(key) or []
        starts = [place for place, epoch in enumerate(epochs) if place == 0 or epoch[number] == 1]
        runs = [epochs[start:end] for start, end in pairwise([*starts, len(epochs)])]
        if epochs:
            found[stage] = tuple(
                Curve(name, tuple(int(e[number]) for e in run), tuple(float(e[name]) for e in run))
                for name in names
                for run in runs
            )
    return found


def time_replies(reply: Callable[[str], Response], texts: Sequence[str]) -> tuple[Pace, ...]:
    """Milliseconds a reply, one at a time: all of them, then by who spoke."""
    spent: dict[str, list[float]] = {}
    for text in texts:
        response = reply(text)
        for name in ("all", str(response.source)):
            spent.setdefault(name, []).append(response.latency_ms)
    return tuple(
        Pace(name, len(times), float(np.percentile(times, 50)), float(np.percentile(times, 95)))
        for name, times in sorted(spent.items(), key=lambda item: -len(item[1]))
    )


def _asked(held: Sequence[tuple[str, str]], corpus: Corpus, seed: int) -> list[str]:
    """Half of what is timed are held-out lines, half questions on knowledge."""
    dice = random.Random(seed)
    own = [text for text, _ in held]
    known = [line for entry in corpus.knowledge for line in entry.questions]
    return dice.sample(own, min(ASKED // 2, len(own))) + dice.sample(known, min(ASKED // 2, len(known)))


def _generation(subject: Subject, trained: Mapping[str, Any], seed: int) -> Generation | None:
    """The figures of the training, and the surest of the replies to some short examples, each with its attention."""
    from chatbot.seq2seq.explain import attention_map

    generator = subject.generator
    if generator is None:
        return None
    low, high = SHORT
    fitting = sorted({e for i in subject.corpus.intents for e in i.examples if low <= len(e) <= high})
    asked = [subject.preprocess(text) for text in random.Random(seed).sample(fitting, min(TRIED, len(fitting)))]
    found = zip(asked, generator.reply(asked, n_best=1), strict=True)
    sure = sorted(((said[0], text) for text, said in found if said), key=lambda pair: -pair[0].probability)
    drawn = [(text, said.text, attention_map(generator, text, said.text)) for said, text in sure]
    kept = [one for one in drawn if len(one[2].reply) <= LONGEST][:REPLIES]
    figures = {name: float(value) for name, value in trained.items() if name in ("perplexity", "chrf", "pairs")}
    return Generation(
        figures,
        tuple(
            Attention(asked, said, one.question, one.reply, tuple(map(tuple, one.weights.tolist())))
            for asked, said, one in kept
        ),
    )


def as_text(report: Report) -> str:
    """The content of report.json."""
    return json.dumps(report.as_json(), ensure_ascii=False, separators=(",", ":")) + "\n"
