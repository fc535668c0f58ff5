"""Teach the bot again from its corpus, or make the weights that ship again from the corpus and public data sets.

    python scripts/retrain.py                              the same as `chatbot train all`, with the same options
    python scripts/retrain.py --public ../shared/data      every default weight, from nothing, in this checkout
    python scripts/retrain.py --public FOLDER --dry-run    what would run, and what is missing in FOLDER

With `--public` the stages below run one after the other, each a script of its own; a stage whose sets are not all
there is left out, and its weights stay as they are. `--out FOLDER` works on a copy of the checkout and leaves this one
alone: take FOLDER/chatbot/pretrained from it. `--trial` runs every stage for seconds: it shows that the sets can be
read and that all stages fit together, its weights are worth nothing, and so it needs `--out`. On two cores all of it
takes about three hours, most of it for the encoder, the n-gram vectors and the responder.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("chatbot", "corpus", "scripts", "tests/golden", "config.yaml", "pyproject.toml")


@dataclass(frozen=True)
class Stage:
    """A script with its options ({data} is the folder of the sets), the sets it reads, options of a trial."""

    name: str
    command: str
    sets: tuple[str, ...] = ()
    trial: str = ""


STAGES = (
    Stage(
        "encoder",
        "pretrain_encoder.py --data {data}",
        (
            *("chat_pairs/train.jsonl", "intent_smalltalk/train.jsonl", "ret_welfare/bank.jsonl"),
            *("ret_qp2chatbot/corpus.jsonl", "sent_nsmc/ratings_train.txt", "tox_curse/train.jsonl"),
            *("kote/val.tsv", "kote/test.tsv", "xpersona_ko/Ko_persona_split_valid_human_annotated.json"),
            "xpersona_ko/Ko_persona_split_test_human_annotated.json",
        ),
        "--minutes 0.2 --steps 20",
    ),
    Stage("meanings", "make_meanings.py"),
    Stage(
        "tagger",
        "train_tagger.py --data {data}/intent_massive",
        ("intent_massive/train.jsonl", "intent_massive/dev.jsonl"),
        "--epochs 1",
    ),
    Stage(
        "grams",
        "train_fusion.py --grams --shared {data}",
        (
            *("chat_pairs/train.jsonl", "intent_smalltalk/train.jsonl", "intent_massive/train.jsonl"),
            *("ret_welfare/bank.jsonl", "ret_qp2chatbot/corpus.jsonl"),
        ),
        "--steps 30",
    ),
    Stage(
        "fusion",
        "train_fusion.py --shared {data}",
        (
            *("chat_pairs/train.jsonl", "intent_smalltalk/train.jsonl", "intent_massive/train.jsonl"),
            *("ret_welfare/bank.jsonl", "ret_qp2chatbot/corpus.jsonl"),
        ),
    ),
    Stage(
        "responder",
        "pretrain_responder.py --pairs {data}/chat_pairs/train.jsonl --out chatbot/pretrained/responder",
        ("chat_pairs/train.jsonl",),
        "--epochs 1 --sharpen 1",
    ),
    Stage(
        "safety",
        "train_safety.py --data {data}",
        (
            *("tox_curse/train.jsonl", "kote/val.tsv", "kote/test.tsv", "badwords/korean-bad-words.md"),
            "chat_pairs/train.jsonl",
        ),
    ),
    Stage("intent and retrieval", "make_pretrained.py"),  # the last: it seals the manifest
)


def main() -> int:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape, allow_abbrev=False)
    parser.add_argument("--public", type=Path, help="folder of the public sets; ../shared/data has this layout")
    parser.add_argument("--dry-run", action="store_true", help="say what would run and what is missing, and stop")
    parser.add_argument("--stages", help="comma-separated; of " + ", ".join(stage.name for stage in STAGES))
    parser.add_argument("--out", type=Path, help="work on a copy of the checkout in this folder")
    parser.add_argument("--trial", action="store_true", help="every stage for seconds, to see that it runs")
    options, others = parser.parse_known_args()
    if options.public is None:
        from chatbot.__main__ import main as chatbot

        sys.argv[1:] = ["train", "all", *sys.argv[1:]]
        chatbot()
        return 0
    if others:
        parser.error(f"unknown with --public: {' '.join(others)}")
    if options.trial and options.out is None and not options.dry_run:
        parser.error("--trial makes weights that are worth nothing; give it a folder of its own with --out")
    wanted = options.stages.split(",") if options.stages else [stage.name for stage in STAGES]
    if unknown := set(wanted) - {stage.name for stage in STAGES}:
        parser.error(f"no such stage: {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in STAGES)}")
    return retrain([stage for stage in STAGES if stage.name in wanted], options)


def retrain(stages: Sequence[Stage], options: argparse.Namespace) -> int:
    """Run the stages; returns 1 when one was left out or failed."""
    data = options.public.resolve()
    missing = {stage.name: [one for one in stage.sets if not (data / one).is_file()] for stage in stages}
    for stage in stages:
        lacks = ", ".join(missing[stage.name])
        print(f"{stage.name}: " + (f"left out, {data} lacks {lacks}" if lacks else " ".join(_command(stage, options))))
    if options.dry_run:
        return int(any(missing.values()))
    place = _copied(options.out) if options.out is not None else ROOT
    for stage in stages:
        if missing[stage.name]:
            continue
        started = time.monotonic()
        print(f"== {stage.name}", flush=True)
        environment = {**os.environ, "PYTHONPATH": str(place)}
        done = subprocess.run([sys.executable, *_command(stage, options)], cwd=place, env=environment, check=False)
        print(f"== {stage.name}: {time.monotonic() - started:.0f} s", flush=True)
        if done.returncode:
            print(f"{stage.name} ended with {done.returncode}; mend it, then go on with --stages", file=sys.stderr)
            return 1
    return int(any(missing.values()))


def _command(stage: Stage, options: argparse.Namespace) -> list[str]:
    script, *words = f"{stage.command} {stage.trial if options.trial else ''}".split()
    return [f"scripts/{script}", *(word.replace("{data}", str(options.public.resolve())) for word in words)]


def _copied(folder: Path) -> Path:
    """The folder with a copy of what the stages read and write; one that was made earlier is gone on with."""
    folder = folder.resolve()
    if (folder / "scripts" / "retrain.py").is_file():
        return folder
    if folder.exists() and any(folder.iterdir()):
        raise SystemExit(f"{folder}: holds something else; --out wants a new folder, or one of an earlier run")
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)
    return folder


if __name__ == "__main__":
    sys.exit(main())
