"""Teach the slot tagger that ships: python scripts/train_tagger.py --data ../shared/data/intent_massive

Reads MASSIVE ko-KR (FitzGerald et al. 2022, CC BY 4.0) and writes chatbot/pretrained/tagger/.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import json
from pathlib import Path

import torch

from chatbot.intent.tagger import Annotated, parse, train_tagger

ROOT = Path(__file__).resolve().parent.parent
CARD = """# Slot tagger

A BiLSTM over characters that marks the slots of an utterance (chatbot/intent/tagger.py). Trained on the training part
of MASSIVE 1.1 ko-KR (FitzGerald et al. 2022, Amazon, CC BY 4.0): {rows} utterances, {slots} slots.
Span F1 (slot and both ends right) on the {held} utterances of its dev part: {f1:.3f}.

Made with `python scripts/train_tagger.py --epochs {epochs} --seed {seed}`.
"""


def read(path: Path) -> list[Annotated]:
    with path.open(encoding="utf-8") as file:
        return [parse(json.loads(line)["annot_utt"]) for line in file]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "intent_massive")
    parser.add_argument("--out", type=Path, default=ROOT / "chatbot" / "pretrained" / "tagger")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=13)
    options = parser.parse_args()
    torch.set_num_threads(1)
    train, dev = read(options.data / "train.jsonl"), read(options.data / "dev.jsonl")
    tagger = train_tagger(
        train,
        dev,
        epochs=options.epochs,
        seed=options.seed,
        progress=lambda done, total, what: print(f"{done}/{total} {what}", flush=True),
    )
    f1 = tagger.f1(dev)
    card = CARD.format(
        rows=len(train), slots=len(tagger.slots), held=len(dev), f1=f1, epochs=options.epochs, seed=options.seed
    )
    tagger.save(options.out, {"README.md": card})
    print(f"{options.out}: span F1 {f1:.4f} on {len(dev)} dev utterances")


if __name__ == "__main__":
    main()
