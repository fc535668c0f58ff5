"""Teaching from config: corpus in, a new version in use. The heavy parts load when something is taught."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chatbot import config as configuration
from chatbot.app.opening import open_store
from chatbot.app.parts import ENCODER, PRETRAINED, Parts, preprocessor
from chatbot.config import Loaded
from chatbot.corpus import read_corpus
from chatbot.errors import ModelError
from chatbot.training.versions import Versions, read_version

# Lines waiting for review that are counted.
REVIEWED_AT_ONCE = 50

if TYPE_CHECKING:
    from chatbot.crawlers.records import Article
    from chatbot.retrieval.passages import AddReport
    from chatbot.training.pipeline import Progress, Run
    from chatbot.training.stages import Recipe, Step


def train(
    loaded: Loaded,
    part: str,
    *,
    dry_run: bool,
    again: bool,
    force: bool,
    seed: int | None,
    wait: bool,
    progress: Progress,
    told: Callable[[Step], None],
) -> Run:
    """Teach `part` ("intent", "retrieval", "responder" or "all") from the corpus in use; see training.pipeline.

    Raises
    ------
    CorpusError
        at once, before anything is taught, when a file of the corpus or a golden dialogue is malformed.
    TrainingError
        as `training.pipeline.teach` does.
    """
    from chatbot.app.examine import examiner, remembered
    from chatbot.training.material import read_golden
    from chatbot.training.pipeline import Teaching, teach
    from chatbot.training.stages import STAGES
    from chatbot.training.trainers import Trainers

    corpus = read_corpus(loaded.corpus_dir)
    read_golden(corpus)
    parts = Parts.of(loaded, loaded.corpus_dir)
    how = recipe(loaded, parts, seed)
    log = loaded.config.training.log
    preprocess = remembered(loaded, corpus, parts)
    trainers = Trainers(corpus, how, preprocess, parts.analyzer, parts.encoder, ENCODER, progress, log, parts.words)
    work = Teaching(
        corpus=corpus,
        recipe=how,
        versions=Versions(loaded.models_dir),
        shipped=read_version(PRETRAINED, verify=False),
        words=configuration.packaged("corpus"),
        trainers=trainers.by_stage(),
        examine=examiner(loaded, corpus, parts, how, preprocess),
    )
    wanted = tuple(stage for stage in STAGES if part in ("all", stage))
    run = teach(work, wanted=wanted, again=again, force=force, dry_run=dry_run, wait=wait, told=told)
    return replace(run, notes=(*run.notes, *_unreviewed(loaded)))


def _unreviewed(loaded: Loaded) -> list[str]:
    """That people told the bot something which nobody has taken into the corpus yet (`chatbot review` does)."""
    if not loaded.config.store.url and not (loaded.data_dir / "chatbot.db").is_file():
        return []
    store = open_store(loaded)
    waiting = len(store.for_review(REVIEWED_AT_ONCE))
    store.close()
    count = f"{waiting}개 넘게" if waiting == REVIEWED_AT_ONCE else f"{waiting}개"
    return [f"살펴볼 말이 {count} 기다려요. 말뭉치에 넣으려면: chatbot review"] if waiting else []


def recipe(loaded: Loaded, parts: Parts, seed: int | None) -> Recipe:
    """How the config says to teach; `seed` overrides its own."""
    from chatbot.training.stages import Recipe

    config = loaded.config
    return Recipe(
        settings={
            "intent": {**config.intent.model_dump(), "meanings": parts.words.fingerprint},
            "retrieval": {"flat_limit": config.retrieval.flat_limit},
            "responder": {**config.responder.seq2seq.model_dump(), "vocab_size": config.text.subword_vocab_size},
        },
        seed=config.training.seed if seed is None else seed,
        held_out=config.training.held_out,
        preprocess=parts.preprocess.fingerprint,
        analyzer=parts.analyzer.name,
        encoder=parts.encoder.fingerprint,
        device=config.device,
    )


def add_documents(loaded: Loaded, paths: Sequence[Path], progress: Progress) -> AddReport:
    """Put text, Markdown or crawled files (or folders of them) into what the bot can find, and use it at once. The
    report names files that could not be read.

    Raises
    ------
    CorpusError
        when a path is missing or of another kind, or no file can be read.
    """
    from chatbot.retrieval.passages import add_files
    from chatbot.retrieval.retriever import Retriever
    from chatbot.text.kiwi import KiwiAnalyzer
    from chatbot.training.pipeline import amend

    parts = Parts.of(loaded, loaded.corpus_dir)
    kiwi = parts.analyzer if isinstance(parts.analyzer, KiwiAnalyzer) else KiwiAnalyzer()
    reports: list[AddReport] = []

    def change(folder: Path) -> None:
        retriever = Retriever.load(folder, parts.analyzer, parts.encoder, loaded.config.retrieval.flat_limit)
        reports.append(add_files(paths, retriever, kiwi.split_sentences, progress))
        retriever.save(folder)

    versions, shipped = Versions(loaded.models_dir), read_version(PRETRAINED, verify=False)
    amend(versions, shipped, configuration.packaged("corpus"), "retrieval", change, "documents added")
    return reports[0]


def index_articles(loaded: Loaded, articles: Sequence[Article], progress: Progress) -> int:
    """Put crawled articles into what the bot can find; returns how many passages they made."""
    from chatbot.crawlers.records import to_line

    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "articles.jsonl"
        file.write_bytes(b"".join(to_line(article) for article in articles))
        return add_documents(loaded, [file], progress).passages


def remove_articles(loaded: Loaded, addresses: Sequence[str]) -> int:
    """Take crawled articles out of what the bot can find; returns how many passages went."""
    from chatbot.retrieval.passages import remove_sources
    from chatbot.retrieval.retriever import Retriever
    from chatbot.training.pipeline import amend

    parts = Parts.of(loaded, loaded.corpus_dir)
    gone: list[int] = []

    def change(folder: Path) -> None:
        retriever = Retriever.load(folder, parts.analyzer, parts.encoder, loaded.config.retrieval.flat_limit)
        gone.append(remove_sources(addresses, retriever))
        retriever.save(folder)

    versions, shipped = Versions(loaded.models_dir), read_version(PRETRAINED, verify=False)
    amend(versions, shipped, configuration.packaged("corpus"), "retrieval", change, "articles removed")
    return gone[0]


def explain_reply(loaded: Loaded, question: str, picture: Path | None) -> str:
    """The attention of the generator's reply to `question` as lines for a terminal; with `picture`, drawn as PNG too.

    Raises
    ------
    ModelError
        when the version in use has no generator.
    """
    from chatbot.corpus.fonts import korean_font
    from chatbot.seq2seq.explain import attention_map, draw_map, terminal_map
    from chatbot.seq2seq.generator import Generator

    versions = Versions(loaded.models_dir)
    name = versions.current()
    folder = (versions.open(name).path if name else PRETRAINED) / "responder"
    if not folder.is_dir():
        raise ModelError(f"{folder}: this version has no generator; run: chatbot train responder")
    words = preprocessor(loaded.config, loaded.corpus_dir / "lexicon")(question)
    drawn = attention_map(Generator.load(folder, device=loaded.config.device), words)
    if picture is not None:
        draw_map(drawn, picture, korean_font())
    return terminal_map(drawn, shutil.get_terminal_size().columns)
