"""Compare the morphological analyzers: speed, load time, memory, and what retrieval and intents gain from each.

Prints a Markdown table. Retrieval is TF-IDF over content morphemes on ParaKQC's dev queries, intents a linear
classifier over all morphemes on the small-talk dev set. Each analyzer runs in a process of its own, so that its memory
can be told. Times are CPU time of the whole process (JVM threads included), which shared machines do not blur.

    python scripts/bench_analyzers.py [--data ../shared/data] [--only kiwi okt] [--sentences 2000] [--seed 13]
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

for _name, _value in (("OMP_NUM_THREADS", "1"), ("OMP_WAIT_POLICY", "PASSIVE")):
    os.environ.setdefault(_name, _value)
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from chatbot.app import ANALYZERS  # noqa: E402  (the checkout need not be installed)
from chatbot.errors import ChatbotError  # noqa: E402
from chatbot.seams import Analyzer  # noqa: E402
from chatbot.text.morphemes import content_morphemes  # noqa: E402
from chatbot.text.normalize import normalize  # noqa: E402
from chatbot.types import Morpheme  # noqa: E402

_HEADER = (
    "| analyzer | load, CPU s | sentences a CPU s | memory MB | ParaKQC R@1 | ParaKQC MRR@10 | small-talk accuracy |"
)


def main() -> int:
    options = _options()
    if options.child:
        print(json.dumps(measure(options.child, options.data, options.sentences, options.seed)))
        return 0
    print(
        f"Seed {options.seed}, {_machine()}, {date.today().isoformat()}; speed over {options.sentences} sentences.\n"
    )
    print(_HEADER)
    print("| --- " * 7 + "|")
    for name in options.only or [*ANALYZERS, "whitespace"]:
        print(_row(name, options), flush=True)
    return 0


def measure(name: str, data: Path, sentences: int, seed: int) -> dict[str, float]:
    """Every figure of one analyzer; "whitespace" is the floor that splits at spaces."""
    before = _resident_megabytes()
    started = time.process_time()
    analyzer = Whitespace() if name == "whitespace" else ANALYZERS[name](_dictionary())
    analyzer.analyze(["안녕하세요, 처음 뵙겠습니다."])
    load = time.process_time() - started
    corpus, queries = (_rows(data / "ret_parakqc" / f"{part}.jsonl") for part in ("corpus", "queries_dev"))
    texts = [normalize(row["text"]) for row in queries]
    timed = random.Random(seed).sample(texts, min(sentences, len(texts)))
    started = time.process_time()
    for text in timed:
        analyzer.analyze([text])
    speed = len(timed) / (time.process_time() - started)
    memory = _resident_megabytes() - before
    recall, rank = _retrieval(analyzer, corpus, queries)
    return {
        "load": load,
        "speed": speed,
        "memory": memory,
        "recall": recall,
        "mrr": rank,
        "accuracy": _intents(analyzer, data / "intent_smalltalk", seed),
    }


class Whitespace:
    """The floor: words between spaces, no analysis."""

    name = "whitespace"

    def analyze(self, texts: Sequence[str]) -> list[list[Morpheme]]:
        return [[Morpheme(word, "NNG", 0, 0) for word in text.split()] for text in texts]


def _retrieval(analyzer: Analyzer, corpus: list[Any], queries: list[Any]) -> tuple[float, float]:
    """(recall@1, MRR@10) of cosine similarity between TF-IDF vectors of content morphemes."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer=lambda terms: terms, sublinear_tf=True)
    documents = vectorizer.fit_transform(_terms(analyzer, corpus))
    scores = (vectorizer.transform(_terms(analyzer, queries)) @ documents.T).toarray()  # [B, documents]
    ids = [row["doc_id"] for row in corpus]
    best = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    ranks = [
        next((rank for rank, at in enumerate(row, start=1) if ids[at] in query["relevant"]), 0)
        for row, query in zip(best, queries, strict=True)
    ]
    return sum(rank == 1 for rank in ranks) / len(ranks), sum(1 / rank for rank in ranks if rank) / len(ranks)


def _terms(analyzer: Analyzer, rows: list[Any]) -> list[list[str]]:
    return [content_morphemes(found) for found in analyzer.analyze([normalize(row["text"]) for row in rows])]


def _intents(analyzer: Analyzer, folder: Path, seed: int) -> float:
    """Dev accuracy of a linear classifier over morphemes one by one and in pairs (endings count in small talk)."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    def words(morphemes: list[Morpheme]) -> list[str]:
        forms = [f"{m.form}/{m.tag}" for m in morphemes]
        return forms + [f"{a} {b}" for a, b in itertools.pairwise(forms)]

    train, dev = (_rows(folder / f"{part}.jsonl") for part in ("train", "dev"))
    model = make_pipeline(
        TfidfVectorizer(analyzer=lambda terms: terms, sublinear_tf=True), LinearSVC(random_state=seed)
    )
    model.fit(
        [words(m) for m in analyzer.analyze([normalize(r["text"]) for r in train])], [r["intent"] for r in train]
    )
    inputs = [words(m) for m in analyzer.analyze([normalize(r["text"]) for r in dev])]
    return float(model.score(inputs, [r["intent"] for r in dev]))


def _row(name: str, options: argparse.Namespace) -> str:
    command = [sys.executable, __file__, "--child", name, "--data", str(options.data)]
    command += ["--sentences", str(options.sentences), "--seed", str(options.seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"| {name} | failed: {done.stderr.strip().splitlines()[-1]} |"
    got = json.loads(done.stdout.splitlines()[-1])
    cells = (f"{got['load']:.1f}", f"{got['speed']:,.0f}", f"{got['memory']:.0f}")
    quality = (f"{got[key]:.3f}" for key in ("recall", "mrr", "accuracy"))
    return f"| {' | '.join((name, *cells, *quality))} |"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder of the public data")
    parser.add_argument("--only", nargs="*", choices=[*ANALYZERS, "whitespace"], help="analyzers to compare")
    parser.add_argument("--sentences", type=int, default=2000, help="how many sentences the speed is taken over")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.data.is_dir():
        parser.error(f"{options.data}: no such folder; name the public data with --data")
    return options


def _rows(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _dictionary() -> Path:
    return ROOT / "corpus" / "lexicon" / "user_dictionary.tsv"


def _resident_megabytes() -> float:
    """Resident memory of this process, JVM included (Linux)."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ChatbotError as error:
        sys.exit(str(error))
