"""Measure the retrieval index at 10^4, 10^5 and 10^6 rows, one core; or how it stays silent when nothing answers.

    python scripts/bench_retrieval.py [--rows 10000 100000 1000000] [--queries 200] [--embedder hashed|encoder]
    python scripts/bench_retrieval.py --ood [--queries 200]

Rows are spliced from real lines (the project's corpus, and ../shared/data where it is). Each size is built in one
process and asked in another, so that the memory printed is that of a bot that only talks. `--ood` asks
the welfare and ParaKQC indexes dev queries of their own and lines of ood_far: the share of the latter that falls back
where nine of ten of the former are answered, and at the shipped threshold. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatbot.corpus import read_corpus
from chatbot.retrieval.embed import Embedder, HashedNgramEmbedder
from chatbot.retrieval.evaluate import read_queries, read_rows, shipped_encoder
from chatbot.retrieval.retriever import BLOCK, Retriever, Row
from chatbot.text.kiwi import KiwiAnalyzer

ROOT = Path(__file__).resolve().parent.parent
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
DEPTH = 10  # neighbours compared with the exact ones


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--embedder", choices=("hashed", "encoder"), default="hashed")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--ood", action="store_true")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--step", choices=("build", "ask"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step is not None:
        run = build if options.step == "build" else ask
        print(json.dumps(run(options.folder, options.rows[0], options.queries, options.embedder, options.seed)))
        return 0
    if options.ood:
        silence(options.shared, options.queries, options.seed)
        return 0
    heads = ("rows", "index", "build s", "of it not Kiwi", "bytes a row", "load s", "p50 ms", "p95 ms", "p95 CPU ms")
    print("| " + " | ".join((*heads, "recall@10 of exact", "right row first", "resident MB (build peak)")) + " |")
    print("|" + " --- |" * (len(heads) + 3))
    for count in options.rows:
        with tempfile.TemporaryDirectory(prefix="chatbot-bench-") as folder:
            made, asked = (_child(step, Path(folder), count, options) for step in ("build", "ask"))
        print(
            f"| {count:,} | {asked['kind']} | {made['seconds']:.0f} | {made['without_kiwi']:.0f} "
            f"| {made['bytes'] / count:.0f} | {asked['load']:.1f} | {asked['p50']:.1f} "
            f"| {asked['p95']:.1f} | {asked['cpu95']:.1f} "
            f"| {asked['recall']:.3f} | {asked['first']:.3f} | {asked['megabytes']:.0f} ({made['megabytes']:.0f}) |",
            flush=True,
        )
    return 0


def _child(step: str, folder: Path, count: int, options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, "--step", step, "--folder", str(folder), "--rows", str(count)]
    command += ["--queries", str(options.queries), "--embedder", options.embedder, "--seed", str(options.seed)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **ONE_CORE})
    return json.loads(done.stdout)


def build(folder: Path, count: int, queries: int, embedder: str, seed: int) -> dict[str, float]:
    """Build and save the index; beside it the exact neighbours of the queries."""
    analyzer, chosen = TimedKiwi(), _embedder(embedder)
    retriever = Retriever(analyzer, chosen)
    joint = retriever.embedder
    wanted = questions(count, queries, seed)
    (folder / "questions.json").write_text(json.dumps(wanted, ensure_ascii=False), encoding="utf-8")
    asked = joint.encode([text for text, _ in wanted])
    best = np.full((queries, DEPTH), -np.inf, dtype=np.float32)
    seconds = 0.0
    for rows in blocks(count, seed):
        began = time.perf_counter()
        retriever.add(rows)
        seconds += time.perf_counter() - began
        for start in range(0, len(rows), 5_000):  # outside the clock: what an exact search would find
            scores = asked @ joint.encode([row.text for row in rows[start : start + 5_000]]).T
            best = np.sort(np.concatenate([best, scores], axis=1), axis=1)[:, -DEPTH:]
    began = time.perf_counter()
    retriever.save(folder / "index")
    seconds += time.perf_counter() - began
    np.save(folder / "exact.npy", best[:, ::-1])
    size = sum(path.stat().st_size for path in (folder / "index").rglob("*") if path.is_file())
    return {"seconds": seconds, "without_kiwi": seconds - analyzer.seconds, "bytes": size, "megabytes": _peak()}


def ask(folder: Path, count: int, queries: int, embedder: str, seed: int) -> dict[str, float | str]:
    """Load the index and ask one question at a time."""
    import faiss

    faiss.omp_set_num_threads(1)
    analyzer, chosen = KiwiAnalyzer(), _embedder(embedder)
    analyzer.analyze(["가"])
    began = time.perf_counter()
    retriever = Retriever.load(folder / "index", analyzer, chosen)
    loaded = time.perf_counter() - began
    asked = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    retriever.search([text for text, _ in asked[:5]])
    times, busy, right = [], [], 0
    for text, row_id in asked:
        began, worked = time.perf_counter(), time.process_time()
        hits = retriever.search([text], 5)[0]
        times.append((time.perf_counter() - began) * 1000)
        busy.append((time.process_time() - worked) * 1000)
        right += bool(hits) and hits[0].id == row_id
    megabytes = _peak()
    exact = np.load(folder / "exact.npy")
    found = retriever.nearest([text for text, _ in asked], DEPTH)
    # A neighbour counts when its true cosine reaches that of the exact tenth one; ties are as good as one another.
    recall = np.mean([np.mean(row >= limit[-1] - 1e-4) for row, limit in zip(found, exact, strict=True)])
    return {
        "kind": retriever.kind, "load": loaded, "p50": float(np.percentile(times, 50)),
        "p95": float(np.percentile(times, 95)),
        "cpu95": float(np.percentile(busy, 95)), "recall": float(recall), "first": right / len(asked),
        "megabytes": megabytes,
    }  # fmt: skip


def silence(shared: Path, count: int, seed: int) -> None:
    """Fallback rates on ood_far for each index."""
    analyzer, generator = KiwiAnalyzer(), random.Random(seed)
    lines = (shared / "ood_far" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    strange = generator.sample([json.loads(line)["text"] for line in lines], count)
    print(
        "| index | threshold at 0.9 answered | fallback there | shipped threshold | answered there | fallback there |"
    )
    print("|" + " --- |" * 6)
    for name, file in (("ret_welfare", "bank.jsonl"), ("ret_parakqc", "corpus.jsonl")):
        retriever = Retriever.build(read_rows(shared / name / file), analyzer, shipped_encoder())
        asked = generator.sample(read_queries(shared / name / "queries_dev.jsonl"), count)
        known, unknown = (_chances(retriever, texts) for texts in ([query.text for query in asked], strange))
        limit, shipped = float(np.quantile(known, 0.1)), retriever.threshold
        print(
            f"| {name} | {limit:.3f} | {np.mean(unknown < limit):.3f} | {shipped:.3f} "
            f"| {np.mean(known >= shipped):.3f} | {np.mean(unknown < shipped):.3f} |",
            flush=True,
        )


def _chances(retriever: Retriever, texts: Sequence[str]) -> NDArray[np.float64]:
    """The probability of the best answer of each text."""
    return np.array([hits[0].score if hits else 0.0 for hits in retriever.search(texts, 1)])


class TimedKiwi(KiwiAnalyzer):
    """Kiwi that counts its own seconds."""

    seconds = 0.0

    def analyze(self, texts):
        began = time.perf_counter()
        result = super().analyze(texts)
        self.seconds += time.perf_counter() - began
        return result


def blocks(count: int, seed: int) -> Iterator[list[Row]]:
    """`count` rows, a block at a time: the head of one real line and the tail of another."""
    lines, generator = _lines(), random.Random(seed)
    for begin in range(0, count, BLOCK):
        numbers = range(begin, min(begin + BLOCK, count))
        yield [Row(f"r{number}", _splice(lines, generator), f"답 {number}") for number in numbers]


def questions(count: int, queries: int, seed: int) -> list[tuple[str, str]]:
    """Rows asked for with a word dropped, and the id of each."""
    generator = random.Random(seed + 1)
    wanted = set(generator.sample(range(count), queries))
    asked: list[tuple[str, str]] = []
    for rows in blocks(count, seed):
        for row in rows:
            if int(row.id[1:]) in wanted:
                words = row.text.split()
                gone = generator.randrange(len(words)) if len(words) > 2 else -1
                asked.append((" ".join(word for at, word in enumerate(words) if at != gone), row.id))
    return asked


def _splice(lines: list[list[str]], generator: random.Random) -> str:
    head, tail = generator.choice(lines), generator.choice(lines)
    cut = generator.randint(1, len(head))
    return " ".join([*head[:cut], *tail[len(tail) // 2 :]])


def _lines() -> list[list[str]]:
    corpus = read_corpus(ROOT / "corpus")
    texts = [question for entry in corpus.knowledge for question in entry.questions]
    texts += [example for intent in corpus.intents for example in intent.examples]
    texts += [pair.question for pair in corpus.pairs]
    shared = ROOT.parent / "shared" / "data" / "ret_qp2chatbot" / "corpus.jsonl"
    if shared.is_file():
        texts += [row.text for row in read_rows(shared)]
    return [text.split() for text in dict.fromkeys(texts)]


def _embedder(name: str) -> Embedder:
    return HashedNgramEmbedder() if name == "hashed" else shipped_encoder()


def _peak() -> float:
    """The highest resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
