"""Teach: corpus in, a new version out, put into use when the gate lets it pass. Knows no config and no screen.

    read corpus ─► plan by fingerprints ─► copy what is unchanged, train what changed ─► exam ─► seal ─► promote

A version is built beside the others and renamed when whole, so a kill at any moment leaves the bot that was in use;
the stages that were finished by then are taken over by the next run.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from chatbot.corpus import Corpus
from chatbot.errors import CheckpointError, TrainingError
from chatbot.training import gate as gates
from chatbot.training.gate import Gate
from chatbot.training.room import disk_errors_named, enough_room
from chatbot.training.stages import STAGES, Recipe, StageName, Step, plan
from chatbot.training.versions import PROGRESS, Version, Versions, write_atomic

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
# Examines what was built: (version in use, candidate's name, its folder, what changed) -> what the gate says.
Examine = Callable[[Version, str, Path, Sequence[str]], Gate]


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: the version (None when nothing had to be done), its steps and outcomes, what the gate said.

    `promoted` tells whether the version is in use now; `notes` what a person should know (a rollback that was needed).
    """

    version: Version | None
    steps: Sequence[Step]
    outcomes: Sequence[Outcome] = ()
    gate: Gate | None = None
    promoted: bool = False
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Teaching:
    """What every run works with. `words` is the corpus folder whose words the shipped version speaks."""

    corpus: Corpus
    recipe: Recipe
    versions: Versions
    shipped: Version
    words: Path
    trainers: Mapping[StageName, Train]
    examine: Examine


def teach(
    work: Teaching,
    *,
    wanted: tuple[StageName, ...] = STAGES,
    again: bool = False,
    force: bool = False,
    dry_run: bool = False,
    wait: bool = True,
    told: Callable[[Step], None] = lambda step: None,
) -> Run:
    """Run what has to run, examine the result and put it into use if the gate (or `force`) says so.

    Raises
    ------
    TrainingError
        when another training holds the lock and `wait` is false, a stage fails, or the disk is full.
    """
    versions, corpus = work.versions, work.corpus
    with _only_one(versions.root, wait), disk_errors_named(versions.root):
        base, notes = _base(versions, work.shipped, repair=not dry_run)
        left = versions.unfinished()
        if left is not None and left[2].get("base") != base.name:
            left = None
        done = left[2].get("stages", {}) if left else {}
        steps = plan(corpus, work.recipe, base.manifest.get("stages", {}), wanted, again, done)
        for step in steps:
            told(step)
        changed = _changed(work, steps, base)
        if dry_run or not changed:
            return Run(None, steps, notes=notes)
        ready = None if again else _ready(work, steps, base)
        if ready is not None:
            gate = replace(work.examine(base, ready.name, ready.path, changed), forced=force)
            return _decide(work, steps, (), gate, _noted(versions, ready, gate), notes)
        versions.clear_unfinished(but=left[0] if left else "")
        enough_room(versions.root, base.path)
        name, folder = left[:2] if left else versions.new()
        outcomes = _build(work, steps, base, folder, done)
        gate = replace(work.examine(base, name, folder, changed), forced=force)
        _write_gate(folder, gate)
        version = versions.finish(name, {**_values(work, steps, outcomes, base), "gate": gate.summary()})
        return _decide(work, steps, outcomes, gate, version, notes)


def amend(
    versions: Versions, shipped: Version, words: Path, stage: StageName, change: Callable[[Path], None], why: str
) -> Version:
    """A new version that differs from the one in use in one stage alone, put into use at once.

    `change` is given the stage's folder in the new version and alters it; `words` is the corpus folder whose words a
    version speaks that keeps none of its own (the shipped one).
    """
    with _only_one(versions.root, wait=True), disk_errors_named(versions.root):
        base, _ = _base(versions, shipped, repair=True)
        versions.clear_unfinished()
        enough_room(versions.root, base.path)
        name, folder = versions.new()
        for part in STAGES:
            if (base.path / part).is_dir():
                shutil.copytree(base.path / part, folder / part)
        snapshot(words_of(base, words), folder / "corpus")
        change(folder / stage)
        values = {key: value for key, value in base.manifest.items() if key not in ("created", "files", "gate")}
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


def _base(versions: Versions, shipped: Version, repair: bool) -> tuple[Version, list[str]]:
    """The version in use. One that was tampered with is left for the sound one before it, with a note."""
    current = versions.current()
    if current not in versions.names() or current is None:
        return shipped, []
    try:
        return versions.open(current), []
    except CheckpointError as error:
        if not repair:
            raise
        name = versions.rollback("its checksum differs")
        note = f"{error}; back to {name}"
        return (versions.open(name) if name in versions.names() else shipped), [note]


def _changed(work: Teaching, steps: Sequence[Step], base: Version) -> tuple[str, ...]:
    """The stages that will differ from `base`, and "words" when the bot will speak with others."""
    stages = [step.stage for step in steps if step.train or step.kept]
    return (*stages, *([] if _same_words(work.corpus.root, words_of(base, work.words)) else ["words"]))


def _ready(work: Teaching, steps: Sequence[Step], base: Version) -> Version | None:
    """A complete version that an earlier run made of the same (the gate refused it, or a kill came before its use)."""
    marks = {step.stage: step.fingerprint for step in steps}
    for name in reversed(work.versions.names()):
        try:
            version = work.versions.open(name)
        except CheckpointError:
            continue
        stages = version.manifest.get("stages", {})
        same = all(stages.get(stage, {}).get("fingerprint") == mark for stage, mark in marks.items())
        same &= version.manifest.get("base") == base.name and "gate" in version.manifest
        if same and _same_words(work.corpus.root, words_of(version, work.words)):
            return version
    return None


def _build(
    work: Teaching, steps: Sequence[Step], base: Version, folder: Path, done: Mapping[str, Any]
) -> list[Outcome]:
    """Fill the building folder stage by stage; what is finished is written down, so that a kill loses one stage."""
    kept: dict[str, Any] = {step.stage: done[step.stage] for step in steps if step.kept}
    for path in folder.iterdir():
        if path.is_dir() and path.name not in kept:
            shutil.rmtree(path)
    outcomes = []
    for step in steps:
        outcome = _run(step, folder, base, work.trainers, kept)
        outcomes.append(outcome)
        kept[step.stage] = _entry(step, outcome)
        progress = {"base": base.name, "stages": kept}
        write_atomic(folder / PROGRESS, json.dumps(progress, ensure_ascii=False, default=str) + "\n")
    snapshot(work.corpus.root, folder / "corpus")
    return outcomes


def _run(
    step: Step, folder: Path, base: Version, trainers: Mapping[StageName, Train], kept: Mapping[str, Any]
) -> Outcome:
    old = base.path / step.stage
    target = folder / step.stage
    if step.kept:
        return Outcome(step.stage, False, kept[step.stage]["seconds"], kept[step.stage]["metrics"])
    if step.train:
        started = time.perf_counter()
        metrics = trainers[step.stage](target, old if old.is_dir() else None)
        return Outcome(step.stage, True, round(time.perf_counter() - started, 1), metrics)
    if old.is_dir():
        shutil.copytree(old, target)
    known = base.manifest.get("stages", {}).get(step.stage, {})
    return Outcome(step.stage, False, 0.0, known.get("metrics", {}))


def _entry(step: Step, outcome: Outcome) -> dict[str, Any]:
    return {"fingerprint": step.fingerprint, "seconds": outcome.seconds, "metrics": dict(outcome.metrics)}


def _values(work: Teaching, steps: Sequence[Step], outcomes: Sequence[Outcome], base: Version) -> dict[str, Any]:
    """What the manifest says of a version."""
    return {
        "seed": work.recipe.seed,
        "stages": {step.stage: _entry(step, outcome) for step, outcome in zip(steps, outcomes, strict=True)},
        "corpus": work.corpus.fingerprint(),
        "recipe": asdict(work.recipe),
        "base": base.name,
    }


def _write_gate(folder: Path, gate: Gate) -> None:
    write_atomic(folder / gates.FILE, json.dumps(gate.as_json(), ensure_ascii=False, indent=1) + "\n")


def _noted(versions: Versions, version: Version, gate: Gate) -> Version:
    """The complete version with what the gate says of it now."""
    _write_gate(version.path, gate)
    return versions.note(version.name, {"gate": gate.summary()})


def _decide(
    work: Teaching, steps: Sequence[Step], outcomes: Sequence[Outcome], gate: Gate, version: Version, notes: list[str]
) -> Run:
    """Promote, or leave the version where it is."""
    if gate.verdict != "refused":
        failed = ", ".join(check.name for check in gate.failed)
        work.versions.promote(version.name, f"forced, though worse in: {failed}" if failed else "taught")
    return Run(version, steps, outcomes, gate, gate.verdict != "refused", notes)


def snapshot(source: Path, target: Path) -> None:
    """Copy the parts of a corpus folder that the bot speaks with."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in SNAPSHOT:
        part = source / name
        if part.is_dir():
            shutil.copytree(part, target / name)
        elif part.is_file():
            shutil.copy2(part, target / name)


def words_of(version: Version, shipped: Path) -> Path:
    """The corpus folder whose words a version speaks; one that keeps none speaks those that ship."""
    taught = version.path / "corpus"
    return taught if taught.is_dir() else shipped


def _same_words(root: Path, words: Path) -> bool:
    return root.resolve() == words.resolve() or _bytes(root) == _bytes(words)


def _bytes(root: Path) -> dict[str, bytes]:
    files = [
        path for name in SNAPSHOT for path in ([root / name] if (root / name).is_file() else (root / name).rglob("*"))
    ]
    return {str(path.relative_to(root)): path.read_bytes() for path in files if path.is_file()}
