"""What the gate asks: held-out examples, lines nobody taught, paraphrases, golden dialogues, the safety list.

In: the corpus that is taught, and the data files beside this module (material/, not for teaching). Out: a `Material`.
Knows no models and no versions.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatbot.corpus import Corpus
from chatbot.dialogue.stories import Story, read_stories
from chatbot.errors import CorpusError
from chatbot.text.noise import apply_noise
from chatbot.training.rows import labelled, split

FOLDER = Path(__file__).resolve().parent / "material"
# Where people keep golden dialogues of their own, inside the corpus folder.
STORIES = "stories"
# The held-out part of the examples, kept beside the model that was not taught with it.
HELD_OUT = "held_out.json"
# Noisy copies are made of this many held-out lines at most.
NOISY = 300
# One question row in this many is asked while it is not in the index.
EVERY = 32

Preprocess = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Material:
    """Lines as people type them. `held_out` holds (line, intent), `paraphrases` (line, the corpus line it means)."""

    held_out: tuple[tuple[str, str], ...]
    strangers: tuple[str, ...]
    paraphrases: tuple[tuple[str, str], ...]
    stories: tuple[Story, ...]
    safety: tuple[tuple[str, str], ...]
    seed: int = 13

    def noisy(self, noise: str) -> list[tuple[str, str, str]]:
        """(noisy copy, intent, the clean line) of up to `NOISY` held-out lines; a line's slips are always the same."""
        chosen = sorted(self.held_out, key=lambda line: _hash(line[0]))[:NOISY]
        return [(_slip(text, noise, self.seed), label, text) for text, label in chosen]


def _slip(text: str, noise: str, seed: int) -> str:
    return apply_noise(text, noise, random.Random(f"{seed}/{noise}/{text}"))


def read_material(corpus: Corpus, preprocess: Preprocess, share: float, seed: int) -> Material:
    """Everything the gate asks of a bot that was taught from `corpus` with `share` of its examples held out.

    Raises
    ------
    CorpusError
        when a golden dialogue of the corpus is malformed (names file and line).
    """
    typed = {preprocess(line): line for intent in corpus.intents for line in intent.examples}
    _, held = split(labelled(corpus.intents, preprocess), share)
    taught = set(typed)
    return Material(
        held_out=tuple((typed[text], label) for text, label in held if text in typed),
        strangers=tuple(line for line in _lines(FOLDER / "out_of_domain.txt") if preprocess(line) not in taught),
        paraphrases=tuple(_pair(line) for line in _lines(FOLDER / "paraphrases.tsv")),
        stories=tuple(read_golden(corpus)),
        safety=tuple((text, kind) for kind, text in map(_pair, _lines(FOLDER / "safety.tsv"))),
        seed=seed,
    )


def read_golden(corpus: Corpus) -> list[Story]:
    """The golden dialogues beside a corpus. Raises `CorpusError` when one is malformed (names file and line)."""
    folder = corpus.root / STORIES
    try:
        return read_stories(folder)
    except CorpusError as error:
        raise CorpusError(f"{folder}/{error}; see {folder / 'README.md'} for the form") from error


def write_held_out(folder: Path, held: Sequence[tuple[str, str]]) -> None:
    """Keep what a model was not taught with, (preprocessed line, intent) each."""
    (folder / HELD_OUT).write_text(json.dumps([list(line) for line in held], ensure_ascii=False) + "\n", "utf-8")


def read_held_out(folder: Path) -> dict[str, str] | None:
    """Line -> intent of what the model of `folder` was not taught with; None where it was not kept."""
    try:
        return {str(text): str(label) for text, label in json.loads((folder / HELD_OUT).read_text(encoding="utf-8"))}
    except (OSError, ValueError, TypeError):
        return None


def asked_row(id_: str) -> bool:
    """Whether a knowledge row is asked while it is not in the index: chosen by its content, so the same everywhere."""
    return id_.startswith("k:") and int(id_.rsplit(":", 1)[1], 16) % EVERY == 0


def _lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _pair(line: str) -> tuple[str, str]:
    first, _, second = line.partition("\t")
    return first, second


def _hash(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))
