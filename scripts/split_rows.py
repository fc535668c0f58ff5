"""Cut a labelled training file into parts, so that the lines that stop a training never measure it.

    python scripts/split_rows.py TRAIN.jsonl --label-key intent --dev 0.1 --out FOLDER/massive
    python scripts/split_rows.py TRAIN.jsonl --dev 2500 --test 5000 --out FOLDER/3i4k

Writes FOLDER/massive_train.jsonl, …_dev.jsonl and, with --test, …_test.jsonl. A share takes about that much of every
label; whole numbers count different texts, and every row of a text goes where the text goes. Reads JSON lines, or a
table with a header (NSMC).
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from pathlib import Path

Row = dict[str, str]


def read(path: Path, label_key: str) -> list[Row]:
    """Text and label of every row that has a text."""
    lines = path.read_text(encoding="utf-8").split("\n")
    if path.suffix in (".txt", ".tsv"):
        header = lines[0].split("\t")
        records = [dict(zip(header, line.split("\t"), strict=True)) for line in lines[1:] if line]
        records = [{"text": record["document"], label_key: record[label_key]} for record in records]
    else:
        records = [json.loads(line) for line in lines if line.strip()]
    return [{"text": r["text"], label_key: r[label_key]} for r in records if r["text"].strip()]


def carve(rows: list[Row], label_key: str, share: float, seed: int) -> dict[str, list[Row]]:
    """About `share` of every label into dev, at least one row, none of a label with fewer than five."""
    by_label: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_label[row[label_key]].append(row)
    dice, kept, held = random.Random(seed), list[Row](), list[Row]()
    for label in sorted(by_label):
        own = by_label[label]
        dice.shuffle(own)
        count = max(1, round(share * len(own))) if len(own) >= 5 else 0
        held += own[:count]
        kept += own[count:]
    dice.shuffle(kept)
    dice.shuffle(held)
    return {"train": kept, "dev": held}


def part(rows: list[Row], dev: int, test: int, seed: int) -> dict[str, list[Row]]:
    """So many different texts into test and dev, one row each; all rows of the others into train."""
    by_text: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_text[row["text"].strip()].append(row)
    texts = sorted(by_text)
    random.Random(seed).shuffle(texts)
    return {
        "test": [by_text[text][0] for text in texts[:test]],
        "dev": [by_text[text][0] for text in texts[test : test + dev]],
        "train": [row for text in texts[test + dev :] for row in by_text[text]],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--label-key", default="label")
    parser.add_argument("--dev", type=float, required=True, help="below 1 a share of each label, else texts")
    parser.add_argument("--test", type=int, default=0, help="a number of texts")
    parser.add_argument("--out", type=Path, required=True, help="folder and first part of the names")
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    if options.test and options.dev < 1:
        parser.error("--test needs a whole number of texts for --dev too")
    rows = read(options.file, options.label_key)
    parts = (
        carve(rows, options.label_key, options.dev, options.seed)
        if options.dev < 1
        else part(rows, int(options.dev), options.test, options.seed)
    )
    options.out.parent.mkdir(parents=True, exist_ok=True)
    for name, own in parts.items():
        if own:
            path = options.out.with_name(f"{options.out.name}_{name}.jsonl")
            path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in own), encoding="utf-8")
            print(f"{path}: {len(own)} rows")


if __name__ == "__main__":
    main()
