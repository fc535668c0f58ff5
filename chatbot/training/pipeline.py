"""Teach: corpus in, a new version out, promoted when it is complete and not worse. Knows no config and no screen.

    read corpus ─► plan by fingerprints ─► copy what is unchanged, train what changed ─► seal ─► promote

A version is built beside the others and renamed when whole, so a kill at any moment leaves the bot that was in use.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from chatbot.corpus import Corpus
from chatbot.errors import TrainingError
from chatbot.training.stages import STAGES, Recipe, StageName, Step, plan
from chatbot.training.versions import Version, Versions

# (done, of how many, what) as long work goes on.
Progress = Callable[[int, int, str], None]

# What of the corpus folder a version keeps, so that the bot speaks with the words it was taught with.
SNAPSHOT = ("intents", "knowledge", "lexicon", "forms", "phrases.yaml", "quizzes.yaml")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one stage produced: its figures, and how long it took in seconds."""

    stage: StageName
    trained: bool
    seconds: float
    metrics: Mapping[str, Any]


# Trains one stage into a folder; `base` is the folder of the same stage in the version in use, if there is one.
Train = Callable[[Path, Path | None], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: the version (None when nothing had to be done), its steps and outcomes."""

    version: Version | None
    steps: Sequence[Step]
    outcomes: Sequence[Outcome]


def teach(
    corpus: Corpus,
    recipe: Recipe,
    versions: Versions,
    shipped: Version,
    trainers: Mapping[StageName, Train],
    *,
    wanted: tuple[StageName, ...] = STAGES,
    forced: bool = False,
    dry_run: bool = False,
    wait: bool = True,
    told: Callable[[Step], None] = lambda step: None,
) -> Run:
    """Run what has to run and put the result into use.

    Raises
    ------
    TrainingError
        when another training holds the lock and `wait` is false, or a stage fails.
    """
    with _only_one(versions.root, wait):
        base = _base(versions, shipped)
        steps = plan(corpus, recipe, base.manifest.get("stages", {}), wanted, forced)
        for step in steps:
            told(step)
        unchanged = not any(step.train for step in steps) and _same_words(corpus.root, base)
        if dry_run or unchanged:
            return Run(None, steps, ())
        versions.clear_unfinished()
        name, folder = versions.new()
        outcomes = [_run(step, folder, base, trainers) for step in steps]
        snapshot(corpus.root, folder / "corpus")
        stages = {
            step.stage: {"fingerprint": step.fingerprint, "seconds": outcome.seconds, "metrics": dict(outcome.metrics)}
            for step, outcome in zip(steps, outcomes, strict=True)
        }
        values = {
            "seed": recipe.seed,
            "stages": stages,
            "corpus": corpus.fingerprint(),
            "recipe": asdict(recipe),
            "base": base.name,
        }
        version = versions.finish(name, values)
        versions.promote(name, "taught")
        return Run(version, steps, outcomes)


def amend(
    versions: Versions, shipped: Version, words: Path, stage: StageName, change: Callable[[Path], None], why: str
) -> Version:
    """A new version that differs from the one in use in one stage alone, put into use at once.

    `change` is given the stage's folder in the new version and alters it; `words` is the corpus folder whose words a
    version speaks that keeps none of its own (the shipped one).
    """
    with _only_one(versions.root, wait=True):
        base = _base(versions, shipped)
        versions.clear_unfinished()
        name, folder = versions.new()
        for part in STAGES:
            if (base.path / part).is_dir():
                shutil.copytree(base.path / part, folder / part)
        taught = base.path / "corpus"
        snapshot(taught if taught.is_dir() else words, folder / "corpus")
        change(folder / stage)
        values = {key: value for key, value in base.manifest.items() if key not in ("created", "files")}
        version = versions.finish(name, {**values, "base": base.name})
        versions.promote(name, why)
        return version


@contextlib.contextmanager
def _only_one(root: Path, wait: bool) -> Iterator[None]:
    """Two trainings at once would race for the pointer: the second waits, or leaves."""
    root.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(root / ".lock", timeout=-1 if wait else 0):
            yield
    except Timeout as error:
        raise TrainingError(f"{root}: another training is running; wait for it, or leave out --no-wait") from error


def _base(versions: Versions, shipped: Version) -> Version:
    current = versions.current()
    return versions.open(current) if current in versions.names() and current else shipped


def _run(step: Step, folder: Path, base: Version, trainers: Mapping[StageName, Train]) -> Outcome:
    old = base.path / step.stage
    target = folder / step.stage
    if step.train:
        started = time.perf_counter()
        metrics = trainers[step.stage](target, old if old.is_dir() else None)
        return Outcome(step.stage, True, round(time.perf_counter() - started, 1), metrics)
    if old.is_dir():
        shutil.copytree(old, target)
    known = base.manifest.get("stages", {}).get(step.stage, {})
    return Outcome(step.stage, False, 0.0, known.get("metrics", {}))


def snapshot(source: Path, target: Path) -> None:
    """Copy the parts of a corpus folder that the bot speaks with."""
    target.mkdir(parents=True, exist_ok=True)
    for name in SNAPSHOT:
        part = source / name
        if part.is_dir():
            shutil.copytree(part, target / name)
        elif part.is_file():
            shutil.copy2(part, target / name)


def _same_words(root: Path, base: Version) -> bool:
    """Whether the words the bot speaks with are those of `base` (the shipped version speaks the shipped corpus)."""
    taught = base.path / "corpus"
    return _bytes(root) == _bytes(taught if taught.is_dir() else root)


def _bytes(root: Path) -> dict[str, bytes]:
    files = [
        path for name in SNAPSHOT for path in ([root / name] if (root / name).is_file() else (root / name).rglob("*"))
    ]
    return {str(path.relative_to(root)): path.read_bytes() for path in files if path.is_file()}
