"""Learn retrieval's shipped weights from permissive data (see chatbot/retrieval/lessons.py). Deterministic on CPU.

    python scripts/train_fusion.py --grams                  first: the n-gram vectors, twice (about 25 minutes)
    python scripts/train_fusion.py [--embedder hashed|encoder|both]     then: the fusion (about 3 minutes each)

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
from chatbot.retrieval import gram_training
from chatbot.retrieval.embed import Embedder, HashedNgramEmbedder
from chatbot.retrieval.evaluate import read_rows, shipped_encoder
from chatbot.retrieval.fuse import FILE, as_json
from chatbot.retrieval.gram_encoder import GramEncoder
from chatbot.retrieval.learn import Case, first, learn, recall
from chatbot.retrieval.lessons import (
    Lesson,
    chat_lesson,
    command_lesson,
    command_rows,
    knowledge_lesson,
    material,
    reworded_lesson,
    small_talk_lesson,
    unseen,
    welfare_lessons,
)
from chatbot.retrieval.retriever import Retriever
from chatbot.seams import Analyzer
from chatbot.text.kiwi import KiwiAnalyzer

ROOT = Path(__file__).resolve().parent.parent
QUERIES = 1_200  # of each lesson; every lesson then weighs the same
HELD = 1 / 3
FOLD = 0
SHIPPED = ROOT / "chatbot" / "pretrained" / "retrieval_fusion_grams"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--embedder", choices=("hashed", "encoder", "both"), default="both")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--grams", action="store_true")
    parser.add_argument("--steps", type=int, default=1_800)
    parser.add_argument("--work", type=Path, default=ROOT / "models" / ".fusion")
    parser.add_argument("--out", type=Path, default=ROOT / "chatbot" / "pretrained" / FILE)
    options = parser.parse_args()
    if options.grams:
        train_grams(options.shared, options.work, options.steps, options.seed)
        return 0
    held = GramEncoder.load(options.work / "grams")
    values = json.loads(options.out.read_text(encoding="utf-8")) if options.out.exists() else {}
    analyzer = KiwiAnalyzer()
    for name in ("hashed", "encoder") if options.embedder == "both" else (options.embedder,):
        embedder = HashedNgramEmbedder() if name == "hashed" else shipped_encoder()
        print(f"# {name}: {embedder.fingerprint}")
        learned = train(embedder, held, analyzer, options.shared, options.seed)
        values[name] = {**learned, "fingerprint": embedder.fingerprint}
        options.out.write_text(json.dumps(values, ensure_ascii=False) + "\n", encoding="utf-8")
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
    learned: list[Case] = []
    held: dict[str, list[Case]] = {}
    for whole in lessons(shared, analyzer, seed):
        lesson = unseen(whole, FOLD)
        started = time.perf_counter()
        found = cases(lesson, embedder, held_grams, analyzer, seed)
        seconds = time.perf_counter() - started
        cut = round(len(found) * HELD)
        held[lesson.name] = found[:cut]
        learned += found[cut:]
        print(f"{lesson.name:20s} {len(lesson.rows):6d} rows {len(found):5d} queries {seconds:.0f} s")
    kept = [case for some in held.values() for case in some]
    fusion = learn(learned, kept, seed)
    for name, some in held.items():
        answerable = [case for case in some if case.relevant.any()]
        print(f"{name:20s} R@1 {recall(answerable, fusion, 1):.3f} R@5 {recall(answerable, fusion, 5):.3f}")
    chances = np.array([first(case, fusion) for case in kept])
    print(f"Brier {np.mean((chances[:, 0] - chances[:, 1]) ** 2):.4f}, threshold {fusion.threshold:.3f}")
    return as_json(fusion)


def lessons(shared: Path, analyzer: Analyzer, seed: int) -> Iterator[Lesson]:
    """All lessons."""
    yield knowledge_lesson(read_corpus(ROOT / "corpus"), seed)
    yield chat_lesson(shared, seed)
    yield from welfare_lessons(shared, seed)
    yield command_lesson(shared, seed)
    yield small_talk_lesson(shared, seed)
    chat = read_rows(shared / "ret_qp2chatbot" / "corpus.jsonl")
    yield reworded_lesson("chat reworded", chat, analyzer, seed, QUERIES)
    yield reworded_lesson("commands reworded", command_rows(shared), analyzer, seed, QUERIES)


def cases(lesson: Lesson, embedder: Embedder, grams: GramEncoder, analyzer: Analyzer, seed: int) -> list[Case]:
    """The features of a lesson's queries, in random order."""
    retriever = Retriever.build(lesson.rows, analyzer, embedder, grams=grams)
    queries = list(lesson.queries)
    random.Random(seed).shuffle(queries)
    chosen = queries[:QUERIES]
    proposals = retriever.propose([query.text for query in chosen])
    found: Sequence[Case] = [
        Case(some.features, np.array([answer in query.relevant for answer in some.answers], dtype=bool), some.answers)
        for query, some in zip(chosen, proposals, strict=True)
        if some.rows
    ]
    return [replace(case, weight=1000 / len(found)) for case in found]


if __name__ == "__main__":
    sys.exit(main())
