"""What each stage of teaching needs, told by content: equal fingerprints give equal results. Knows no config object.

A stage whose fingerprint stands in the version in use is copied from there instead of being trained again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from chatbot.corpus import Corpus

StageName = Literal["intent", "retrieval", "responder"]
STAGES: tuple[StageName, ...] = ("intent", "retrieval", "responder")

# Raised by hand when the code of a stage changes what it would produce from the same corpus.
CODE_VERSIONS: Mapping[StageName, int] = {"intent": 2, "retrieval": 1, "responder": 1}

# The parts of the corpus that a stage reads; of the intents their examples alone.
READS: Mapping[StageName, tuple[str, ...]] = {
    "retrieval": ("knowledge", "pairs"),
    "responder": ("pairs", "dialogues"),
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to teach: flat settings of each stage, the seed, the share held out, what the text went through."""

    settings: Mapping[StageName, Mapping[str, Any]]
    seed: int
    held_out: float
    preprocess: str
    analyzer: str
    encoder: str
    device: str = "auto"
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of one run: `train` says whether it runs, `why` in a sentence what for.

    `kept`: an interrupted run has taught it already.
    """

    stage: StageName
    fingerprint: str
    train: bool
    why: str
    kept: bool = False


def fingerprint(stage: StageName, corpus: Corpus, recipe: Recipe) -> str:
    """A hash of everything that decides what `stage` produces."""
    parts: dict[str, Any] = {
        "corpus": corpus.fingerprint(*READS[stage]) if stage in READS else _examples(corpus),
        "code": CODE_VERSIONS[stage],
        "settings": dict(recipe.settings[stage]),
        "preprocess": recipe.preprocess,
        "seed": recipe.seed,
    }
    if stage == "intent":
        parts |= {"encoder": recipe.encoder, "held_out": recipe.held_out}
    if stage == "retrieval":
        parts |= {"encoder": recipe.encoder, "analyzer": recipe.analyzer}
    if stage == "responder":
        parts |= {"held_out": recipe.held_out}
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _examples(corpus: Corpus) -> str:
    """A hash of what the classifier is taught with; a reply may be reworded without teaching anything."""
    lines = sorted((intent.name, intent.examples) for intent in corpus.intents)
    return hashlib.sha256(repr(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def plan(
    corpus: Corpus,
    recipe: Recipe,
    base: Mapping[str, Any],
    wanted: tuple[StageName, ...],
    again: bool,
    done: Mapping[str, Any] | None = None,
) -> list[Step]:
    """What has to run: a stage that was asked for and whose fingerprint differs from `base` (a manifest's stages).

    `done` are the stages that an interrupted run has finished, in the same form.
    """
    steps = []
    for stage in STAGES:
        mark = fingerprint(stage, corpus, recipe)
        known = base.get(stage, {}).get("fingerprint")
        if stage not in wanted:
            steps.append(Step(stage, str(known or mark), False, "not asked for"))
        elif known == mark and not again:
            steps.append(Step(stage, mark, False, "unchanged"))
        elif (done or {}).get(stage, {}).get("fingerprint") == mark and not again:
            steps.append(Step(stage, mark, False, "taught before the interruption", kept=True))
        elif known is None:
            steps.append(Step(stage, mark, True, "never taught"))
        else:
            steps.append(
                Step(stage, mark, True, "asked for again" if known == mark else "its corpus or settings changed")
            )
    return steps
