"""Make the version that ships, chatbot/pretrained/, again from corpus/ with the default settings.

    python scripts/make_pretrained.py [--stages intent,retrieval]

Teaches the named stages from nothing into chatbot/pretrained/<stage>/, each with its model card, and seals the
manifest. The encoder, which the others lean on, and the responder, which also learns from public chat pairs, have
scripts of their own; their weights are taken as they lie there. Run it whenever the corpus has changed, before a
release.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path

from chatbot import app, config, console
from chatbot.corpus import read_corpus
from chatbot.training.cards import SHIPPED
from chatbot.training.stages import STAGES, fingerprint
from chatbot.training.trainers import Trainers
from chatbot.training.versions import MANIFEST, write_manifest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stages", default="intent,retrieval", help="comma-separated; of " + ", ".join(STAGES))
    wanted = parser.parse_args().stages.split(",")
    root = Path(__file__).resolve().parent.parent
    loaded = config.load(root / "config.yaml")
    corpus = read_corpus(loaded.corpus_dir)
    parts = app.Parts.of(loaded, loaded.corpus_dir)
    recipe = app.recipe(loaded, parts, seed=None)
    old = app.PRETRAINED / MANIFEST
    stages = json.loads(old.read_text(encoding="utf-8"))["stages"] if old.is_file() else {}
    with console.progress() as progress, tempfile.TemporaryDirectory() as scratch:
        trainers = Trainers(
            corpus,
            recipe,
            parts.preprocess,
            parts.analyzer,
            parts.encoder,
            app.ENCODER,
            progress,
            words=parts.words,
            origin=SHIPPED,
        )
        for stage in STAGES:
            folder = app.PRETRAINED / stage
            values = {"fingerprint": fingerprint(stage, corpus, recipe), **stages.get(stage, {})}
            if stage in wanted:
                started = time.perf_counter()
                metrics = trainers.by_stage()[stage](Path(scratch) / stage, None)
                shutil.rmtree(folder, ignore_errors=True)
                shutil.copytree(Path(scratch) / stage, folder)
                seconds = round(time.perf_counter() - started, 1)
                values = {
                    "fingerprint": fingerprint(stage, corpus, recipe),
                    "seconds": seconds,
                    "metrics": dict(metrics),
                }
            elif folder.is_dir():
                values["fingerprint"] = fingerprint(stage, corpus, recipe)
            stages[stage] = values
    write_manifest(app.PRETRAINED, {"seed": recipe.seed, "stages": stages, "corpus": corpus.fingerprint()})
    console.table({stage: {"seconds": values.get("seconds")} for stage, values in stages.items()})


if __name__ == "__main__":
    main()
