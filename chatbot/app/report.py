"""The report of a version from config: report.html and report.json in its folder. Heavy parts load when asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from chatbot import config as configuration
from chatbot.app.build import brain_of
from chatbot.app.parts import PRETRAINED, SHIPPED, Parts
from chatbot.config import Loaded
from chatbot.corpus import read_corpus
from chatbot.errors import VectorIndexError
from chatbot.store import MemoryStore
from chatbot.training.report.data import Taught
from chatbot.training.versions import REPORTS, Version, Versions, read_version, write_atomic
from chatbot.types import Response

if TYPE_CHECKING:
    from chatbot.training.pipeline import Progress
    from chatbot.training.report.measure import Subject


def write(
    version_path: Path,
    loaded: Loaded,
    *,
    language: str = "ko",
    out: Path | None = None,
    progress: Progress = lambda done, total, what: None,
) -> Path:
    """Measure the version in a folder and write its report there (or into `out`); the path of the page.

    Raises
    ------
    MissingExtraError
        when the extra ``report`` is not installed.
    ModelError
        when the version is damaged.
    """
    from chatbot.training.report.measure import as_text, measure
    from chatbot.training.report.page import render, require

    require()
    version = read_version(version_path, verify=False)
    values = loaded.config.training
    recipe = version.manifest.get("recipe", {})
    base = str(version.manifest.get("base", ""))
    report = measure(
        _subject(loaded, version),
        _before(loaded, base),
        base,
        seed=int(recipe.get("seed", values.seed)),
        share=float(recipe.get("held_out", values.held_out)),
        progress=progress,
    )
    page = render(report, language)
    folder = out or version_path
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in zip(REPORTS, (page, as_text(report)), strict=True):
        write_atomic(folder / name, text)
    return folder / REPORTS[0]


def version_folder(loaded: Loaded, name: str | None) -> tuple[Path, Path]:
    """(folder of version `name`, folder its report goes to); without a name, of the version in use.

    The shipped weights are left as they are: their report goes to ``models/pretrained/``.

    Raises
    ------
    ModelError
        when there is no such version.
    """
    versions = Versions(loaded.models_dir)
    chosen = name or versions.current() or SHIPPED
    if chosen == SHIPPED:
        return PRETRAINED, loaded.models_dir / SHIPPED
    folder = versions.open(chosen, verify=False).path
    return folder, folder


def _subject(loaded: Loaded, version: Version) -> Subject:
    from chatbot.dialogue.state import State
    from chatbot.intent.model import IntentModel
    from chatbot.retrieval.retriever import Retriever
    from chatbot.seq2seq.generator import Generator
    from chatbot.training.report.measure import Subject

    root = _corpus_folder(version)
    parts = Parts.of(loaded, root)
    brain = brain_of(loaded, version, MemoryStore())

    def reply(text: str) -> Response:
        return brain.engine.respond(brain.read(text, "report", ""), State("report"))[0]

    responder = version.path / "responder"
    return Subject(
        version=version,
        corpus=read_corpus(root),
        model=IntentModel.load(version.path / "intent", parts.words),
        retriever=Retriever.load(version.path / "retrieval", parts.analyzer, parts.encoder),
        generator=Generator.load(responder, device=loaded.config.device) if responder.is_dir() else None,
        preprocess=parts.preprocess,
        reply=reply,
    )


def _before(loaded: Loaded, base: str) -> Taught | None:
    """What the version before was taught; None when it is gone, or there was none."""
    folder = PRETRAINED if base == SHIPPED else loaded.models_dir / base
    if not base or not (folder / "manifest.json").is_file():
        return None
    version = read_version(folder, verify=False)
    return Taught.of(read_corpus(_corpus_folder(version)), _row_ids(folder), _pairs(folder))


def _corpus_folder(version: Version) -> Path:
    """The words a version speaks; the shipped one speaks the packaged corpus."""
    taught = version.path / "corpus"
    return taught if taught.is_dir() else configuration.packaged("corpus")


def _row_ids(folder: Path) -> list[str]:
    from chatbot.retrieval.rows import RowStore

    try:
        store = RowStore.open(folder / "retrieval" / "rows.sqlite")
    except VectorIndexError:
        return []
    ids = store.ids()
    store.close()
    return ids


def _pairs(folder: Path) -> int | None:
    """How many pairs taught the generator, as its checkpoint says."""
    try:
        trained = json.loads((folder / "responder" / "config.json").read_text(encoding="utf-8"))["trained"]
        return int(trained["pairs"])
    except (OSError, ValueError, KeyError):
        return None
