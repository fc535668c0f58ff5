"""Write what 20,000 Korean morphemes mean into chatbot/pretrained/meanings/: python scripts/make_meanings.py

The vectors follow the similarities of Kiwi's language model; how much a morpheme counts follows from how often it
stands in this project's own lines. No other data is read. Takes about a minute; equal versions of Kiwi and NumPy give
equal files.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatbot.corpus import read_corpus
from chatbot.neural.lexical_teacher import SMOOTHING, morpheme_vectors, numbers_with_vectors
from chatbot.neural.meanings import FOLDER, Key, Meanings
from chatbot.text.jamo import to_compatibility
from chatbot.text.kiwi import KiwiAnalyzer
from chatbot.text.normalize import normalize
from chatbot.text.sejong import to_sejong

HERE = Path(__file__).resolve().parent
# Endings and particles say how something is said more than what.
FUNCTION_TAGS = ("E", "J")
FUNCTION_WEIGHT = 0.5


def own_lines(corpus: Path) -> list[str]:
    """What people say to the bot, as this project wrote it: examples, questions, everyday requests."""
    read = read_corpus(corpus)
    texts = [line for intent in read.intents for line in intent.examples]
    texts += [line for entry in read.knowledge for line in (entry.title, *entry.questions)]
    texts += [pair.question for pair in read.pairs]
    written = (HERE / "pretraining_groups.txt").read_text(encoding="utf-8").split("\n")
    texts += [line for line in written if line and line[0] != "#"]
    return [normalize(text) for text in texts]


def shares(texts: Iterable[str], kiwi: KiwiAnalyzer) -> dict[Key, float]:
    """In which share of the texts each morpheme stands."""
    counts, total = Counter[Key](), 0
    for morphemes in kiwi.analyze(list(texts)):
        counts.update({(m.form, m.tag) for m in morphemes})
        total += 1
    return {key: count / total for key, count in counts.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--corpus", type=Path, default=HERE.parent / "corpus")
    parser.add_argument("--morphemes", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--seed", type=int, default=13)
    options = parser.parse_args()
    analyzer = KiwiAnalyzer()
    kiwi = analyzer.kiwi
    numbers = numbers_with_vectors(kiwi, options.morphemes)
    share = shares(own_lines(options.corpus), analyzer)
    kept: dict[Key, NDArray[np.float32]] = {}
    for number, vector in zip(numbers, morpheme_vectors(kiwi, numbers, options.size, options.seed), strict=True):
        found = kiwi.morpheme(number)
        form = to_compatibility(found.form)
        key = form, to_sejong("kiwi", str(found.tag).partition("-")[0], form)
        weight = SMOOTHING / (SMOOTHING + share.get(key, 0.0)) * (FUNCTION_WEIGHT if key[1][0] in FUNCTION_TAGS else 1)
        if form:
            kept.setdefault(key, weight * vector)  # of two with one form and tag the more frequent one
    card = options.out / "README.md"
    files: dict[str, bytes | str] = {"README.md": card.read_text("utf-8")} if card.is_file() else {}
    Meanings.of(kept).save(options.out, files)
    size = sum(path.stat().st_size for path in options.out.iterdir())
    print(f"{options.out}: {len(kept)} morphemes, {options.size} numbers each, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
