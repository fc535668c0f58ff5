"""Measure how quick the bot is on this machine: start, prompt, replies, memory, teaching. Prints a Markdown table.

    python scripts/bench.py [--replies N] [--skip-training]

Targets are those of the README's table (two slow cores). Nothing here is a test: times drift from day to day.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pexpect

ROOT = Path(__file__).resolve().parent.parent
CHATBOT = [sys.executable, "-m", "chatbot"]


def seconds(command: list[str], runs: int) -> float:
    """Median wall time of a command."""
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def prompt_seconds() -> float:
    """Until the prompt of `chatbot chat` can be typed at, on a pseudo-terminal."""
    started = time.perf_counter()
    child = pexpect.spawn(CHATBOT[0], [*CHATBOT[1:], "chat", "--session", "bench"], cwd=str(ROOT), timeout=60)
    child.expect(r"\x1b\[\?2004h")  # prompt_toolkit is ready for a line
    taken = time.perf_counter() - started
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
    return taken


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def replies(count: int) -> dict[str, str]:
    """Latency of whole replies by whether the generator was asked, and the memory of the process after them."""
    import psutil

    from chatbot import app, config
    from chatbot.corpus import read_corpus

    loaded = config.load(ROOT / "config.yaml")
    started = time.perf_counter()
    bot = app.build_bot(loaded, remember=False)
    _ = bot.brain
    load = time.perf_counter() - started
    corpus = read_corpus(loaded.corpus_dir)
    lines = [example for intent in corpus.intents for example in intent.examples]
    lines += [question for entry in corpus.knowledge for question in entry.questions]
    lines += [pair.question for pair in corpus.pairs]
    step = max(1, len(lines) // count)
    written, generated = [], []
    for number, line in enumerate(lines[::step]):
        begun = time.perf_counter()
        response = bot.reply(line + (" 근데 말이야" if number % 3 == 0 else ""), session=f"bench-{number}")
        taken = (time.perf_counter() - begun) * 1000
        asked = any(str(candidate.source) == "seq2seq" for candidate in response.candidates)
        (generated if asked else written).append(taken)
    memory = psutil.Process(os.getpid()).memory_info().rss / 2**20
    rows = {"models loaded, s": f"{load:.1f}", "resident memory, MiB (target 1200)": f"{memory:.0f}"}
    for name, taken, target in (("without", written, 60), ("with", generated, 400)):
        if taken:
            p50, p95 = statistics.median(taken), percentile(taken, 0.95)
            rows[f"reply {name} generation, ms p50 / p95 (target p95 {target})"] = (
                f"{p50:.0f} / {p95:.0f} ({len(taken)} replies)"
            )
    return rows


def training_seconds() -> float:
    """Intent and retrieval taught from the shipped corpus, from nothing."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CHATBOT__PATHS__MODELS": folder}
        started = time.perf_counter()
        for part in ("intent", "retrieval"):
            command = [*CHATBOT, "train", part, "--again", "--no-report"]
            subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment)
        return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replies", type=int, default=300)
    parser.add_argument("--skip-training", action="store_true")
    arguments = parser.parse_args()
    rows = {
        "chatbot --help, s (target 0.4)": f"{seconds([*CHATBOT, '--help'], 5):.2f}",
        "prompt appears, s (target 1.0)": f"{prompt_seconds():.2f}",
        **replies(arguments.replies),
    }
    if not arguments.skip_training:
        rows["intent and retrieval taught, s (target 90)"] = f"{training_seconds():.0f}"
    print(
        f"{datetime.date.today()} · {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n"
    )
    print("| what | measured |\n| --- | --- |")
    for name, value in rows.items():
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
