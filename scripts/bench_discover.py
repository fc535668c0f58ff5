"""How well groups of unknown utterances are found: lines of eight intents and 20 strays, grouped without their labels.

    python scripts/bench_discover.py --lines ../shared/data/intent_massive/train.jsonl [--draws 3] [--json OUT]

In: JSON lines with `text` and `intent`, of a training part (nothing here may be chosen on a test part). Out: by the
number of principal components, the adjusted Rand index (Hubert & Arabie 1985; a text in no group counts as a group of
its own), mean, least and most of the draws, and the groups found.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
from pathlib import Path

import numpy as np
from sklearn.metrics import adjusted_rand_score

from chatbot.retrieval.embed import JointEmbedder
from chatbot.retrieval.evaluate import default_embedder
from chatbot.retrieval.gram_encoder import shipped_grams
from chatbot.training.discover import discover

INTENTS, STRAYS = 8, 20
SIZES = (8, 25)  # lines of an intent
DIMENSIONS = (4, 6, 8, 12, 16, 512)


def draw(lines: dict[str, list[str]], seed: int) -> tuple[list[str], list[int]]:
    """(texts, number of the intent of each; every stray has a number of its own)."""
    dice = random.Random(seed)
    names = dice.sample(sorted(name for name in lines if len(lines[name]) >= SIZES[0]), INTENTS)
    texts, labels = [], []
    for number, name in enumerate(names):
        own = dice.sample(lines[name], min(len(lines[name]), dice.randint(*SIZES)))
        texts += own
        labels += [number] * len(own)
    others = sorted(set(lines) - set(names))
    for number in range(STRAYS):
        texts.append(dice.choice(lines[dice.choice(others)]))
        labels.append(INTENTS + number)
    return texts, labels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    lines: dict[str, list[str]] = {}
    for row in map(json.loads, options.lines.read_text(encoding="utf-8").splitlines()):
        lines.setdefault(row["intent"], []).append(row["text"])
    embedder = JointEmbedder(default_embedder(), shipped_grams())
    figures = []
    for dimensions in DIMENSIONS:
        scores, groups, methods = [], [], []
        for seed in range(1, options.draws + 1):
            texts, labels = draw(lines, seed)
            vectors = embedder.encode(texts)
            found = discover(texts, vectors, [text.split() for text in texts], dimensions=dimensions)
            guess = -1 - np.arange(len(texts))
            for number, group in enumerate(found.groups):
                guess[list(group.places)] = number
            scores.append(adjusted_rand_score(labels, guess))
            groups.append(len(found.groups))
            methods.append(found.method)
        row = {
            "components": dimensions,
            "adjusted_rand": round(statistics.fmean(scores), 3),
            "least": round(min(scores), 3),
            "most": round(max(scores), 3),
            "groups": groups,
            "methods": methods,
        }
        figures.append(row)
        print(json.dumps(row, ensure_ascii=False), flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
