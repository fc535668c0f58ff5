"""Measure the responder: target tokens a second in training, milliseconds a reply. Prints Markdown tables.

    python scripts/bench_responder.py                          # as configured, two threads
    python scripts/bench_responder.py --threads 1 --device cpu
    python scripts/bench_responder.py --data ../shared/data/chat_pairs/train.jsonl
    python scripts/bench_responder.py --check 2000 --data …    # empty and looping replies to noisy questions instead

Run it on a quiet machine. Training speed is the best of its rounds, so that a busy neighbour counts little; beside the
time on the wall stands the time of the processor, which a neighbour hardly changes.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import random
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from chatbot import config
from chatbot.corpus import read_corpus
from chatbot.types import ChatPair


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help='JSON lines with "q" and "a"; by default the corpus')
    parser.add_argument("--responder", type=Path, help="a trained responder to time; by default the packaged one")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--check", type=int, default=0, help="replies to look through for empty and looping ones")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to train for each row")
    arguments = parser.parse_args()

    import torch

    torch.set_num_threads(arguments.threads)
    pairs = load_pairs(arguments.data)
    print(f"{datetime.date.today()} · {platform.processor() or platform.machine()} · torch {torch.__version__}")
    print(f"{arguments.threads} threads · device {arguments.device} · {len(pairs)} pairs · seed 13\n")
    folder = arguments.responder or Path(config.__file__).parent / "pretrained" / "responder"
    if arguments.check:
        check_replies(folder, arguments.device, pairs, arguments.check)
        return
    print("| training | weights | target tokens/s | a CPU second |\n| --- | --- | --- | --- |")
    variants = (
        ("gru, multiplicative", {}),
        ("lstm, multiplicative", {"cell": "lstm"}),
        ("gru, additive", {"attention": "additive"}),
        ("gru, input feeding", {"input_feeding": True}),
    )
    for name, choice in variants:
        weights, speed, own = training_speed(pairs, arguments.device, arguments.seconds, **choice)
        print(f"| {name} | {weights / 1e6:.1f} M | {speed:,.0f} | {own:,.0f} |", flush=True)
    if folder.is_dir():
        print()
        reply_times(folder, arguments.device, pairs)


def load_pairs(path: Path | None) -> list[ChatPair]:
    """The pairs of a file, else those of the corpus in use."""
    if path is None:
        return list(read_corpus(config.load().corpus_dir).pairs)
    from chatbot.seq2seq.evaluate import read_pairs

    return read_pairs(path)


def training_speed(pairs: list[ChatPair], device: str, seconds: float, **choice: object) -> tuple[int, float, float]:
    """(weights, target tokens a second, the same of processor time), the best of rounds of ten batches, with the
    configured sizes."""
    from chatbot.neural.device import pick_device, seed_everything
    from chatbot.seq2seq.codec import SYMBOLS, Codec
    from chatbot.seq2seq.data import batches, encode, examples_of
    from chatbot.seq2seq.model import Seq2Seq, Shape
    from chatbot.seq2seq.optimise import Course, loss_of
    from chatbot.text.subwords import Subwords

    loaded, place = config.load().config, pick_device(device)
    settings = loaded.responder.seq2seq
    seed_everything(13)
    lines = [line for pair in pairs for line in (pair.question, pair.answer)]
    codec = Codec(Subwords.train(lines, loaded.text.subword_vocab_size, 13, SYMBOLS))
    sizes = {"embedding_size": settings.embedding_size, "hidden_size": settings.hidden_size}
    shape = Shape(len(codec.subwords), **{**sizes, "cell": "gru", "attention": "multiplicative", **choice})
    model = Seq2Seq(shape, settings.dropout).to(place).train()
    course = Course(model, settings.learning_rate, 0.01, 100, 10**6)
    rows, best, own, started = encode(examples_of(pairs, (), 0), codec), 0.0, 0.0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        ready = batches(rows, settings.batch_size, random.Random(13), word_dropout=0.1)
        for _ in range(8):
            begun, spent, tokens = time.perf_counter(), time.process_time(), 0
            for batch in (b for b, _ in zip(ready, range(10), strict=False)):
                course.step(loss_of(model, batch.to(place), settings.label_smoothing, 0.0))
                tokens += batch.tokens
            if tokens:
                best = max(best, tokens / (time.perf_counter() - begun))
                own = max(own, tokens / (time.process_time() - spent))
    return sum(p.numel() for p in model.parameters()), best, own


def reply_times(folder: Path, device: str, pairs: list[ChatPair]) -> None:
    """Milliseconds for one reply and for ten at once."""
    import numpy as np

    from chatbot.seq2seq.generator import Generator

    begun = time.perf_counter()
    generator = Generator.load(folder, device)
    loading = time.perf_counter() - begun
    questions = [pair.question for pair in random.Random(13).sample(pairs, min(100, len(pairs)))]
    generator.reply(questions[:2])
    print("| talking | p50 ms | p95 ms | p50 CPU ms | p95 CPU ms |\n| --- | --- | --- | --- | --- |")
    for size in (1, 10):
        times, spent = [], []
        for start in range(0, len(questions) - size + 1, size):
            begun, before = time.perf_counter(), time.process_time()
            generator.reply(questions[start : start + size])
            times.append((time.perf_counter() - begun) * 1000)
            spent.append((time.process_time() - before) * 1000)
        figures = " | ".join(f"{value:.0f}" for kind in (times, spent) for value in np.percentile(kind, (50, 95)))
        print(f"| {'one reply' if size == 1 else 'ten at once'} | {figures} |")
    print(f"\nLoading {folder}: {loading:.2f} s")


def check_replies(folder: Path, device: str, pairs: list[ChatPair], count: int) -> None:
    """How many of `count` first replies are empty or go round; questions plain, without spaces, with slips in turn."""
    from chatbot.seq2seq.generator import Generator
    from chatbot.seq2seq.rules import is_looping
    from chatbot.text.noise import NOISES, apply_noise

    generator, dice = Generator.load(folder, device), random.Random(13)
    asked = [dice.choice(pairs).question for _ in range(count)]
    asked = [apply_noise(question, NOISES[at % 3], dice) for at, question in enumerate(asked)]
    empty, looping, faulty = [], [], 0
    for start in range(0, len(asked), 20):
        part = asked[start : start + 20]
        for question, found in zip(part, generator.reply(part, n_best=1), strict=True):
            if not found or not found[0].text.strip():
                empty.append(question)
            elif is_looping(found[0].text):
                looping.append(f"{question} → {found[0].text}")
            faulty += bool(found) and bool(found[0].faults)
    print(f"{count} replies: {len(empty)} empty, {len(looping)} looping, {faulty} with a fault (never said)")
    for line in [*empty, *looping][:20]:
        print(f"- {line}")


if __name__ == "__main__":
    main()
