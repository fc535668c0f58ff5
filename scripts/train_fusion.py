"""Learn retrieval's shipped weights from permissive data (see lessons.py and lessons_named.py in chatbot/retrieval).
Deterministic on CPU.

    python scripts/train_fusion.py --grams                  first: the n-gram vectors, twice (about 25 minutes)
    python scripts/train_fusion.py            then: the fusion (about 5 minutes)

`--grams` trains once on everything (that one ships) and once without a fifth of the groups (kept in `--work`). The
fusion is learned on that fifth with the second one, so that it trusts the vectors as far as they deserve on questions
they never saw. Run the second step again whenever chatbot/pretrained/encoder changes.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from chatbot.corpus import read_corpus
from chatbot.neural.encoder import SentenceEncoder
from chatbot.retrieval import gram_training
from chatbot.retrieval.embed import Embedder
from chatbot.retrieval.evaluate import read_rows, shipped_encoder
from chatbot.retrieval.fuse import FILE, as_json, unlearned
from chatbot.retrieval.gram_encoder import GramEncoder
from chatbot.retrieval.learn import Case, learn, recall
from chatbot.retrieval.lessons import (
    Lesson,
    chatter_lesson,
    command_lesson,
    command_rows,
    material,
    noun_lesson,
    passage_lesson,
    reworded_lesson,
    small_talk_lesson,
    stranger_lesson,
    unseen,
    welfare_lessons,
)
from chatbot.retrieval.lessons_named import exchanged_lesson, named_lesson
from chatbot.retrieval.retriever import Retriever
from chatbot.seams import Analyzer
from chatbot.text.kiwi import KiwiAnalyzer

ROOT = Path(__file__).resolve().parent.parent
QUERIES = 1_200  # of each lesson
# Every lesson weighs one, whatever its size. Questions that people asked weigh more than those made by rule.
# Those that nothing answers say how to stay silent; the ranking does not see them.
WEIGHTS = {"named": 2.0, "welfare questions": 2.0, "welfare titles": 1.5, "strangers": 3.0, "chatter": 3.0}
FOLD = 0
SHIPPED = ROOT / "chatbot" / "pretrained" / "retrieval_fusion_grams"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--grams", action="store_true")
    parser.add_argument("--steps", type=int, default=1_800)
    parser.add_argument("--encoder", type=Path, help="a sentence encoder's folder in place of the shipped one")
    parser.add_argument("--work", type=Path, default=ROOT / "models" / ".fusion")
    parser.add_argument("--out", type=Path, default=ROOT / "chatbot" / "pretrained" / FILE)
    options = parser.parse_args()
    if options.grams:
        train_grams(options.shared, options.work, options.steps, options.seed)
        return 0
    embedder = SentenceEncoder.load(options.encoder) if options.encoder else shipped_encoder()
    print(f"encoder {embedder.fingerprint}")
    learned = train(embedder, GramEncoder.load(options.work / "grams"), KiwiAnalyzer(), options.shared, options.seed)
    learned["encoder"] = embedder.fingerprint
    options.out.write_text(json.dumps(learned, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def train_grams(shared: Path, work: Path, steps: int, seed: int) -> None:
    """The n-gram vectors that ship, and those of the fusion's lessons."""
    analyzer, corpus = KiwiAnalyzer(), read_corpus(ROOT / "corpus")
    for fold, folder, share in ((FOLD, work / "grams", 2 / 3), (None, SHIPPED, 1.0)):
        some = material(corpus, shared, analyzer, fold)
        encoder = gram_training.train(some, round(steps * share), seed, _say)
        card = {"README.md": (SHIPPED / "README.md").read_text(encoding="utf-8")} if fold is None else {}
        encoder.save(folder, {"seed": seed, "steps": round(steps * share)}, card)


def _say(step: int, steps: int, loss: float) -> None:
    print(f"{step}/{steps} loss {loss:.3f}", flush=True)


def train(
    embedder: Embedder, held_grams: GramEncoder, analyzer: Analyzer, shared: Path, seed: int
) -> dict[str, object]:
    """One embedder's weights."""
    found: dict[str, list[Case]] = {}
    for whole in lessons(shared, analyzer, seed):
        lesson = unseen(whole, FOLD)
        started = time.perf_counter()
        found[lesson.name] = cases(lesson, embedder, held_grams, analyzer, seed)
        seconds = time.perf_counter() - started
        print(f"{lesson.name:20s} {len(lesson.rows):6d} rows {len(found[lesson.name]):5d} queries {seconds:.0f} s")
    fusion = learn([case for some in found.values() for case in some], seed)
    for name, some in found.items():
        answerable = [case for case in some if case.relevant.any()]
        if answerable:
            print(
                f"{name:20s} R@1 {recall(answerable, fusion, 1):.3f} R@5 {recall(answerable, fusion, 5):.3f} (learned)"
            )
    print(f"threshold {fusion.threshold:.3f}")
    return as_json(fusion)


def lessons(shared: Path, analyzer: Analyzer, seed: int) -> Iterator[Lesson]:
    """All lessons."""
    corpus = read_corpus(ROOT / "corpus")
    yield from welfare_lessons(shared, seed)
    yield passage_lesson(corpus, shared, seed)
    yield named_lesson(corpus, shared, analyzer, seed)
    yield exchanged_lesson(corpus, shared, analyzer, seed, QUERIES * 5)
    yield command_lesson(shared, seed)
    yield small_talk_lesson(shared, seed)
    yield stranger_lesson(corpus, shared, seed, QUERIES // 2)
    chat = read_rows(shared / "ret_qp2chatbot" / "corpus.jsonl")
    yield chatter_lesson(shared, seed, QUERIES // 2)
    yield noun_lesson(chat, analyzer, seed, QUERIES // 2)
    yield reworded_lesson("chat reworded", chat, analyzer, seed, QUERIES)
    yield reworded_lesson("commands reworded", command_rows(shared), analyzer, seed, QUERIES)


def cases(lesson: Lesson, embedder: Embedder, grams: GramEncoder, analyzer: Analyzer, seed: int) -> list[Case]:
    """The features of a lesson's queries, in random order."""
    retriever = Retriever.build(lesson.rows, analyzer, embedder, fusion=unlearned(), grams=grams)
    queries = list(lesson.queries)
    random.Random(seed).shuffle(queries)
    chosen = queries[:QUERIES]
    proposals = retriever.propose([query.text for query in chosen])
    found: Sequence[Case] = [
        Case(some.features, np.array([answer in query.relevant for answer in some.answers], dtype=bool), some.answers)
        for query, some in zip(chosen, proposals, strict=True)
        if some.rows
    ]
    return [replace(case, weight=1000 * WEIGHTS.get(lesson.name, 1.0) / len(found)) for case in found]


if __name__ == "__main__":
    sys.exit(main())
