"""Measure what the repair of typing gains and costs: spaces put right, intents recognised, milliseconds.

Prints a Markdown table. Questions of ParaKQC's dev set are well spaced; each is spoilt (no spaces, every syllable
apart, spaces in wrong places) and mended. The share of eojeols right is F1 against the question as written. Intents:
a linear classifier over Kiwi's morphemes, taught on clean small talk, asked with spoilt dev sentences. The time is
that of one utterance through the whole preprocessing, CPU time of the process.

    python scripts/bench_typing.py [--data ../shared/data] [--lines 1000] [--seed 13]
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import random
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

for _name, _value in (("OMP_NUM_THREADS", "1"), ("OMP_WAIT_POLICY", "PASSIVE")):
    os.environ.setdefault(_name, _value)
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from chatbot.text.kiwi import KiwiAnalyzer  # noqa: E402  (the checkout need not be installed)
from chatbot.text.noise import nospace  # noqa: E402
from chatbot.text.preprocess import Preprocessor  # noqa: E402
from chatbot.text.spacing import Spacing  # noqa: E402
from chatbot.text.typing_repair import TypingRepair  # noqa: E402

_MISPLACED = 0.15  # chance of a space inside a word, and twice that of a lost one: a phone held in one hand


def main() -> int:
    options = _options()
    lexicon = ROOT / "corpus" / "lexicon"
    kiwi = KiwiAnalyzer(lexicon / "user_dictionary.tsv")
    plain = Preprocessor()
    mended = Preprocessor(repair=TypingRepair.load(lexicon), spacing=Spacing.load(lexicon, kiwi))
    mended("오 늘 날 씨")  # Kiwi is read at first use
    questions = [plain(row["text"]) for row in _rows(options.data / "ret_parakqc" / "queries_dev.jsonl")]
    questions = random.Random(options.seed).sample(questions, min(options.lines, len(questions)))
    train, dev = (_rows(options.data / "intent_smalltalk" / f"{part}.jsonl") for part in ("train", "dev"))
    classify = _taught(kiwi, train, mended)
    print(f"Seed {options.seed}, {len(questions)} questions, {len(dev)} sentences of small talk, {_machine()}.\n")
    print("| typed | eojeol F1, as typed → mended | lines changed | intents, as typed → mended | ms p50 | ms p95 |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, spoil in SPOILT.items():
        rng = random.Random(options.seed)
        typed = [spoil(question, rng) for question in questions]
        repaired, spent = _timed(mended, typed)
        changed = sum(a != b for a, b in zip(typed, repaired, strict=True)) / len(typed)
        said = [(spoil(plain(row["text"]), rng), row["intent"]) for row in dev]
        before, after = (_accuracy(classify, said, through) for through in (plain, mended))
        spaces = f"{_eojeol_f1(questions, typed):.3f} → {_eojeol_f1(questions, repaired):.3f}"
        times = f"{spent[len(spent) // 2]:.2f} | {spent[int(len(spent) * 0.95)]:.2f}"
        print(f"| {name} | {spaces} | {changed:.3f} | {before:.3f} → {after:.3f} | {times} |", flush=True)
    return 0


def _apart(text: str, _: random.Random) -> str:
    return " ".join(nospace(text))


def _misplaced(text: str, rng: random.Random) -> str:
    kept: list[str] = []
    for one, following in itertools.pairwise(f"{text} "):
        if one != " " or rng.random() >= 2 * _MISPLACED:
            kept.append(one)
        if one.isalpha() and following.isalpha() and rng.random() < _MISPLACED:
            kept.append(" ")
    return "".join(kept)


SPOILT: dict[str, Callable[[str, random.Random], str]] = {
    "as written": lambda text, _: text,
    "no spaces": lambda text, _: nospace(text),
    "syllables apart": _apart,
    "spaces misplaced": _misplaced,
}


def _taught(kiwi: KiwiAnalyzer, rows: list[Any], through: Preprocessor) -> Callable[[list[str]], list[str]]:
    """A linear classifier over morphemes one by one and in pairs, taught on clean rows."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    def words(text: str) -> list[str]:
        forms = [f"{m.form}/{m.tag}" for m in kiwi.analyze([text])[0]]
        return forms + [f"{a} {b}" for a, b in itertools.pairwise(forms)]

    model = make_pipeline(TfidfVectorizer(analyzer=words, sublinear_tf=True), LinearSVC(random_state=0))
    model.fit([through(row["text"]) for row in rows], [row["intent"] for row in rows])
    return lambda texts: list(model.predict(texts))


def _accuracy(classify: Callable[[list[str]], list[str]], said: list[tuple[str, str]], through: Preprocessor) -> float:
    found = classify([through(text) for text, _ in said])
    return sum(a == b for a, (_, b) in zip(found, said, strict=True)) / len(said)


def _timed(mended: Preprocessor, typed: list[str]) -> tuple[list[str], list[float]]:
    """The texts mended, and the milliseconds that each took, in rising order."""
    repaired, spent = [], []
    for text in typed:
        started = time.process_time()
        repaired.append(mended(text))
        spent.append((time.process_time() - started) * 1000)
    return repaired, sorted(spent)


def _eojeol_f1(written: list[str], typed: list[str]) -> float:
    """F1 of eojeols, each told by the places where it starts and ends in the text without spaces."""
    right = found = wanted = 0
    for one, other in zip(written, typed, strict=True):
        ours, theirs = _eojeols(one), _eojeols(other)
        right, wanted, found = right + len(ours & theirs), wanted + len(ours), found + len(theirs)
    return 2 * right / (wanted + found)


def _eojeols(text: str) -> set[tuple[int, str]]:
    words = text.split()
    starts = itertools.accumulate(map(len, words[:-1]), initial=0)
    return set(zip(starts, words, strict=True))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder of the public data")
    parser.add_argument("--lines", type=int, default=1000, help="questions to spoil and mend")
    parser.add_argument("--seed", type=int, default=13)
    options = parser.parse_args()
    if not options.data.is_dir():
        parser.error(f"{options.data}: no such folder; name the public data with --data")
    return options


def _rows(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _machine() -> str:
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return f"{system}, {date.today().isoformat()}"


if __name__ == "__main__":
    sys.exit(main())
