"""Put a new version and the one in use to the gate's exam. In: config, corpus, what was taught. Out: a function."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from chatbot import config as configuration
from chatbot.app.build import brain_of
from chatbot.app.parts import PRETRAINED, Parts
from chatbot.config import Loaded
from chatbot.corpus import Corpus, read_corpus
from chatbot.store import MemoryStore
from chatbot.training.versions import Version, read_version

if TYPE_CHECKING:
    from chatbot.dialogue.state import State
    from chatbot.training.exam import Examinee, Talk
    from chatbot.training.gate import Gate
    from chatbot.training.memo import Remembered
    from chatbot.training.pipeline import Examine
    from chatbot.training.stages import Recipe
    from chatbot.types import Response

PACKAGE = Path(__file__).resolve().parent.parent
# Where models/ keeps what versions said in earlier exams.
MEMO = ".exam"


def remembered(loaded: Loaded, corpus: Corpus, parts: Parts) -> Remembered:
    """The way from typed text to what models read, which has read the whole corpus already."""
    from chatbot.training.memo import Memo, Remembered

    memo, section = Memo(loaded.models_dir / MEMO), f"read-{_name(parts.preprocess.fingerprint)}"
    examples = [line for intent in corpus.intents for line in intent.examples]
    questions = [line for entry in corpus.knowledge for line in (entry.title, *entry.questions)]
    said = [question for dialogue in corpus.dialogues for question, _ in dialogue.turns]
    lines = [*examples, *questions, *said, *(pair.question for pair in corpus.pairs)]
    return Remembered(parts.preprocess, memo, section, lines)


def examiner(
    loaded: Loaded, corpus: Corpus, parts: Parts, recipe: Recipe, preprocess: Callable[[str], str]
) -> Examine:
    """The exam for versions taught from `corpus`; `parts` and `preprocess` are those of its lexicon."""

    def examine(base: Version, name: str, folder: Path, changed: Sequence[str]) -> Gate:
        from chatbot.training.exam import content
        from chatbot.training.exam import examine as ask
        from chatbot.training.gate import Gate
        from chatbot.training.material import read_material
        from chatbot.training.pipeline import words_of

        started = time.perf_counter()
        words = words_of(base, configuration.packaged("corpus"))
        same = content([words / "lexicon"]) == content([corpus.root / "lexicon"])
        others = parts if same else Parts.of(loaded, words)
        before = _examinee(loaded, base, words, others, preprocess if same else others.preprocess)
        after = _examinee(loaded, Version(name, folder, {}), folder / "corpus", parts, preprocess)
        material = read_material(corpus, preprocess, recipe.held_out, recipe.seed)
        checks, notes = ask(before, after, corpus, material, changed)
        seconds = round(time.perf_counter() - started, 1)
        return Gate(base.name, name, checks, seconds=seconds, seed=recipe.seed, notes=notes)

    return examine


def figures_of_shipped(loaded: Loaded) -> dict[str, float]:
    """What the version that ships gets in the gate's exam on its own corpus: share right by check."""
    from chatbot.training.exam import examine as ask
    from chatbot.training.material import read_material

    words = configuration.packaged("corpus")
    corpus, parts, values = read_corpus(words), Parts.of(loaded, words), loaded.config.training
    preprocess = remembered(loaded, corpus, parts)
    material = read_material(corpus, preprocess, values.held_out, values.seed)
    shipped = _examinee(loaded, read_version(PRETRAINED, verify=False), words, parts, preprocess)
    checks, _ = ask(shipped, shipped, corpus, material, ("intent", "retrieval"))
    return {check.name: check.after for check in checks if check.unit == "share" and check.after is not None}


def _examinee(
    loaded: Loaded, version: Version, words: Path, parts: Parts, preprocess: Callable[[str], str]
) -> Examinee:
    from chatbot.intent.model import IntentModel
    from chatbot.retrieval.retriever import Retriever
    from chatbot.training.exam import Examinee
    from chatbot.training.memo import Memo

    def talk() -> Talk:
        brain = brain_of(loaded, version, MemoryStore(), parts=parts)

        def answer(line: str, state: State) -> tuple[Response, State]:
            return brain.engine.respond(brain.read(line, state.session, "exam"), state)

        return answer

    return Examinee(
        name=version.name,
        folder=version.path,
        words=words,
        preprocess=preprocess,
        load_intent=lambda folder: IntentModel.load(folder, parts.words),
        load_retriever=lambda folder: Retriever.load(
            folder, parts.analyzer, parts.encoder, loaded.config.retrieval.flat_limit
        ),
        load_talk=talk,
        load_safety=lambda: parts.safety,
        settings=loaded.config.model_dump_json() + _code(),
        memo=Memo(loaded.models_dir / MEMO),
    )


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _code() -> str:
    """A hash of the package's code: another program may answer otherwise."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
