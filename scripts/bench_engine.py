"""Measure the whole Telegram path with real models: `chatbot telegram` against a local Bot API server. Prints a table.

    python scripts/bench_engine.py [--chats N] [--seconds S] [--soak TURNS] [--generator] [--processes N] [--cores 0,1]

The bot runs as its own process, as users start it; the Bot API server and the people run in another (this one). All of
them share the cores named. Two measurements: *throughput*, where every person writes again as soon as they have their
answer, and *waiting*, where they take a breath between, as people do (the pause is chosen so that N people write about
as many messages a second as the target asks for). The time of an answer runs from the moment the message happened to
the moment the server had the answer, queues and all. Without `--generator` replies are found or written ones alone.
Targets are those of the README's table. Not a test: times drift from day to day, and other work on the machine counts.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import os
import platform
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from adapters.bot_api import TOKEN, BotAPI, message  # noqa: E402

TARGET_P95, TARGET_RATE, TARGET_GROWTH = 1.5, 100, 5.0
# Turns before memory is first read: caches, connections and analyzers have grown to their size by then.
WARM_TURNS = 2000
# Telegram never uses the number of an update twice, and the bot drops what it has seen: one counter for every crowd.
_numbers = itertools.count(1)


@dataclass
class Crowd:
    """People who each write, wait for the answer, take `breath` seconds, and write again."""

    api: BotAPI
    lines: list[str]
    breath: float = 0.0
    limit: int = 10**9
    seed: int = 13
    taken: list[float] = field(default_factory=list)
    _asked: dict[int, float] = field(default_factory=dict)
    _written: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self.done = threading.Event()
        self.stopped = False
        self.api.on_sent = self._answered

    def start(self, chats: int) -> None:
        """Everybody begins, spread over one breath."""
        for chat in range(1, chats + 1):
            self._later(chat, self._dice.uniform(0, self.breath))

    def _later(self, chat: int, seconds: float) -> None:
        loop = self.api._loop
        loop.call_soon_threadsafe(lambda: loop.call_later(seconds, self._write, chat))

    def _write(self, chat: int) -> None:
        if self.stopped or self._written >= self.limit:
            return
        self._written += 1
        self._asked[chat] = time.perf_counter()
        self.api.bring(message(next(_numbers), self._dice.choice(self.lines), chat=chat))

    def _answered(self, values: dict[str, Any]) -> None:
        chat = int(values["chat_id"])
        asked = self._asked.pop(chat, None)
        if asked is None:
            return
        self.taken.append(time.perf_counter() - asked)
        if len(self.taken) >= self.limit:
            self.done.set()
        self._later(chat, self._dice.expovariate(1 / self.breath) if self.breath else 0.0)


def lines(corpus: Path) -> list[str]:
    """What the people write: lines of the corpus, a third of them with a tail that none of them has."""
    from chatbot.corpus import read_corpus

    read = read_corpus(corpus)
    texts = [example for intent in read.intents for example in intent.examples]
    texts += [question for entry in read.knowledge for question in entry.questions]
    texts += [pair.question for pair in read.pairs]
    return [text + (" 근데 말이야" if number % 3 == 0 else "") for number, text in enumerate(texts)]


def start_bot(api: BotAPI, data: str, generator: bool, processes: int, profile: str) -> subprocess.Popen[bytes]:
    """`chatbot telegram`, waiting for the server's updates."""
    values = {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "CHATBOT__PATHS__DATA": data,
        "CHATBOT__TELEGRAM__API_URL": api.url,
        "CHATBOT__TELEGRAM__SENDS_PER_SECOND": "0",
        "CHATBOT__TELEGRAM__MESSAGES_PER_MINUTE": "1000000",
        "CHATBOT__TELEGRAM__QUEUE_SIZE": "10000",
        "CHATBOT__TELEGRAM__PROCESSES": str(processes),
        "CHATBOT__RESPONDER__KIND": "seq2seq" if generator else "'off'",
    }
    command = [sys.executable, "-m", "chatbot", "telegram"]
    if profile:
        command = [*profile.split(), "--", *command]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **values})
    while "getUpdates" not in api.methods():
        if process.poll() is not None:
            raise SystemExit("the bot did not start")
        time.sleep(0.1)
    return process


def family(process: psutil.Process) -> list[psutil.Process]:
    """The process and those that it started."""
    return [process, *process.children(recursive=True)]


def processor_seconds(process: psutil.Process) -> float:
    """What the process and those that it started have used."""
    return sum(sum(each.cpu_times()[:2]) for each in family(process))


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def talk(api: BotAPI, texts: list[str], chats: int, seconds: float, breath: float) -> tuple[float, list[float]]:
    """(answers a second, seconds of each answer) once everybody is at it."""
    crowd = Crowd(api, texts, breath)
    crowd.start(chats)
    time.sleep(max(3.0, 2 * breath))
    crowd.taken.clear()
    started = time.perf_counter()
    time.sleep(seconds)
    taken, wall = list(crowd.taken), time.perf_counter() - started
    crowd.stopped = True
    while crowd._asked and time.perf_counter() - started < seconds + 30:
        time.sleep(0.1)
    return len(taken) / wall, taken


def soak(api: BotAPI, texts: list[str], chats: int, turns: int, process: psutil.Process) -> dict[str, str]:
    """Memory after a warm-up and at the end of `turns` turns."""
    crowd = Crowd(api, texts, limit=turns)
    crowd.start(chats)
    marks: list[tuple[int, float]] = []
    started = time.perf_counter()
    while not crowd.done.wait(1.0):
        marks.append((len(crowd.taken), sum(each.memory_info().rss for each in family(process)) / 2**20))
        if time.perf_counter() - started > turns:
            raise SystemExit(f"only {len(crowd.taken)} of {turns} answers came")
        api.calls.clear()
        api.sent.clear()
    warm = [rss for count, rss in marks if WARM_TURNS <= count < WARM_TURNS + 1000] or [marks[0][1]]
    last = [rss for count, rss in marks if count > turns - 1000] or [marks[-1][1]]
    before, after = statistics.median(warm), statistics.median(last)
    growth = 100 * (after - before) / before
    wall = time.perf_counter() - started
    return {
        f"soak of {turns} turns, answers a second": f"{turns / wall:.0f}",
        "resident memory after the warm-up → at the end, MiB": f"{before:.0f} → {after:.0f}",
        f"growth, % (target {TARGET_GROWTH:.0f})": f"{growth:+.1f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chats", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each measurement takes")
    parser.add_argument("--soak", type=int, default=0, metavar="TURNS", help="also measure memory over so many turns")
    parser.add_argument("--generator", action="store_true", help="let the generator answer, too")
    parser.add_argument("--processes", type=int, default=1, help="processes of the bot that answer")
    parser.add_argument("--cores", default="0,1", help="cores that everything shares, or 'all'")
    parser.add_argument(
        "--profile", default="", metavar="COMMAND", help="put before the bot: 'py-spy record -o out.svg'"
    )
    arguments = parser.parse_args()
    if arguments.cores != "all" and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(core) for core in arguments.cores.split(",")} & os.sched_getaffinity(0))
    texts = lines(ROOT / "corpus")
    rows: dict[str, str] = {}
    api = BotAPI()
    with tempfile.TemporaryDirectory() as data:
        process = start_bot(api, data, arguments.generator, arguments.processes, arguments.profile)
        try:
            bot = psutil.Process(process.pid)
            before = processor_seconds(bot)
            rate, taken = talk(api, texts, arguments.chats, arguments.seconds, 0.0)
            rows["processor time of the bot an answer, ms"] = (
                f"{1000 * (processor_seconds(bot) - before) / len(api.sent):.1f}"
            )
            name = (
                f"{arguments.chats} people without a pause: answers a second (target {TARGET_RATE}); seconds p50 / p95"
            )
            rows[name] = f"{rate:.0f}; {statistics.median(taken):.2f} / {percentile(taken, 0.95):.2f}"
            breath = arguments.chats / (0.8 * rate)
            offered, taken = talk(api, texts, arguments.chats, arguments.seconds, breath)
            name = f"{arguments.chats} people who pause {breath:.1f} s, {offered:.0f} messages a second"
            rows[f"{name}: seconds p50 / p95 (target p95 {TARGET_P95})"] = (
                f"{statistics.median(taken):.2f} / {percentile(taken, 0.95):.2f}"
            )
            if arguments.soak:
                rows |= soak(api, texts, arguments.chats, arguments.soak, bot)
        finally:
            process.send_signal(signal.SIGTERM)
            ended = process.wait(60)
    api.close()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"{datetime.date.today()} · {platform.machine()}, {cores} cores, Python {platform.python_version()}", end="")
    print(f", {arguments.processes} answering", end="")
    print(f", load {os.getloadavg()[0]:.1f}; the bot ended with {ended}\n" if hasattr(os, "getloadavg") else "\n")
    print("| what | measured |\n| --- | --- |")
    for name, value in rows.items():
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
