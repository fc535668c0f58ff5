"""What the bot did not understand, from config: heard in the store or a file, grouped, suggested, made into intents.

Heavy parts load when something is grouped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chatbot.app.parts import PRETRAINED, SHIPPED, Parts
from chatbot.config import Loaded
from chatbot.corpus import read_corpus
from chatbot.errors import CorpusError
from chatbot.training.versions import Versions

if TYPE_CHECKING:
    from chatbot.training.discover import Discovery, Group
    from chatbot.training.suggest import Suggestion
    from chatbot.types import Morpheme

LIMIT = 3000  # turns read at most: what a laptop groups within seconds
BACKGROUND = 1200  # lines of the corpus that the words of a group are set against

NOUNS = frozenset({"NNG", "NNP", "SL"})
STEMS = frozenset({"VV", "VA"})
TELLING = NOUNS | STEMS | {"XR", "MAG"}


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing people said, and the turns they said it in (none when it comes from a file)."""

    text: str
    turns: tuple[int, ...] = ()


def heard(loaded: Loaded, file: Path | None = None) -> list[Heard]:
    """What the bot did not understand, was unsure of or was disliked for; or the lines of `file`.

    Lines that the corpus has already are left out, and each is told once.

    Raises
    ------
    CorpusError
        when the file is missing or holds something else than lines.
    """
    from chatbot.app.opening import open_store
    from chatbot.corpus.heldout import held_out_lines

    said: list[tuple[str, tuple[int, ...]]]
    if file is not None:
        if not file.is_file():
            raise CorpusError(f"{file}: no such file; it holds what people said, one utterance a line")
        said = [(line.text, ()) for line in held_out_lines(file)]
    else:
        store = open_store(loaded)
        said = [(item.text, (item.turn_id,)) for item in store.for_review(LIMIT)]
        store.close()
    parts = _parts(loaded)
    known = {parts.preprocess(line) for line in _lines(loaded)}
    found: dict[str, tuple[str, tuple[int, ...]]] = {}
    for text, turns in said[:LIMIT]:
        read = parts.preprocess(text)
        if read and read not in known and any(letter.isalpha() for letter in read):
            first, before = found.get(read, (text, ()))
            found[read] = (first, before + turns)
    return [Heard(text, turns) for text, turns in found.values()]


def discover(loaded: Loaded, said: Sequence[Heard], smallest: int) -> Discovery:
    """Groups of what was said, named by their words."""
    from chatbot.training.discover import discover as group

    parts = _parts(loaded)
    texts = [one.text for one in said]
    known = _lines(loaded)
    background = known[:: max(1, len(known) // BACKGROUND)]
    words = [_words(morphemes) for morphemes in parts.analyzer.analyze(texts)]
    behind = [_words(morphemes) for morphemes in parts.analyzer.analyze(background)]
    vectors = _vectors(parts, texts)
    return group(texts, vectors, words, behind, smallest=smallest, seed=loaded.config.training.seed)


def suggest(loaded: Loaded, said: Sequence[Heard], count: int) -> list[Suggestion]:
    """What a person should label next, the most useful first."""
    from chatbot.intent.model import IntentModel
    from chatbot.training.suggest import suggest as choose

    versions = Versions(loaded.models_dir)
    name = versions.current() or SHIPPED
    folder = PRETRAINED if name == SHIPPED else versions.open(name, verify=False).path
    parts = _parts(loaded)
    model = IntentModel.load(folder / "intent", parts.words)
    read = [parts.preprocess(one.text) for one in said]
    if not read:
        return []
    probabilities, _ = model.rate(read)
    return choose([one.text for one in said], probabilities, model.labels, _vectors(parts, read), count)


def first_reply(loaded: Loaded, group: Group) -> str:
    """A reply to begin with, which asks on about what the group speaks of; people write better ones into the file."""
    nouns = {
        morpheme.form
        for morphemes in _parts(loaded).analyzer.analyze(group.texts)
        for morpheme in morphemes
        if morpheme.tag in NOUNS
    }
    about = next((word for word, _ in group.words if word in nouns), "")
    return f"{about} 이야기네요. 조금 더 들려주실래요?" if about else "조금 더 자세히 들려주실래요?"


def write_group(
    loaded: Loaded, said: Sequence[Heard], group: Group, name: str, replies: Sequence[str], *, dry_run: bool
) -> str:
    """Write the group into the corpus as intent `name`; the diff. With `dry_run` nothing is written.

    Raises
    ------
    CorpusError
        when the name is no word, or a line stands under another intent.
    """
    from chatbot.app.opening import open_store
    from chatbot.corpus.preview import preview
    from chatbot.training.accept import write_group as write

    spoken = tuple(replies) or (first_reply(loaded, group),)
    if dry_run:
        return preview(loaded.corpus_dir, lambda root: write(root, group, name, spoken))
    diff = write(loaded.corpus_dir, group, name, spoken)
    turns = [turn for place in group.places for turn in said[place].turns]
    if turns:
        store = open_store(loaded)
        store.mark_reviewed(turns, "discovered")
        store.close()
    return diff


@cache
def _parts(loaded: Loaded) -> Parts:
    return Parts.of(loaded, loaded.corpus_dir)


def _vectors(parts: Parts, texts: Sequence[str]) -> np.ndarray:
    """The dense view of retrieval: the sentence encoder beside the learned n-grams."""
    from chatbot.retrieval.embed import JointEmbedder
    from chatbot.retrieval.gram_encoder import shipped_grams

    return JointEmbedder(parts.encoder, shipped_grams()).encode([parts.preprocess(text) for text in texts])


def _lines(loaded: Loaded) -> list[str]:
    return [line for intent in read_corpus(loaded.corpus_dir).intents for line in intent.examples]


def _words(morphemes: Sequence[Morpheme]) -> list[str]:
    """What tells of a text: nouns, roots, adverbs, predicates as the dictionary writes them (먹다)."""
    return [m.form + ("다" if m.tag in STEMS else "") for m in morphemes if m.tag in TELLING]
