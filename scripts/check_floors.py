"""Check that what ships is as good as was pinned: tests/floors.json against chatbot/pretrained/. Part of `make check`.

    python scripts/check_floors.py            # exit code 1 below a floor, or when the corpus changed
    python scripts/check_floors.py --write    # pin what is measured now, after scripts/make_pretrained.py
    python scripts/check_floors.py --write --scratch    # and teach a classifier from nothing on the same split

Compares what the manifest says of the training, and asks the shipped weights the gate's questions again (about ten
seconds). The encoder that ships has read the corpus, held-out lines too (`encoder_saw_lines`), so these figures are
optimistic; nobody helped the classifier of `--scratch` (minutes), whose figures are kept beside them.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from chatbot import app, config
from chatbot.app.examine import figures_of_shipped
from chatbot.corpus import read_corpus
from chatbot.training.versions import MANIFEST

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ROOT / "tests" / "floors.json"
# Other processors round otherwise: a figure may be this much below what was measured here.
SLACK = 0.01
TRAINED = ("accuracy", "macro_precision", "macro_recall", "macro_f1")
REMEDY = "run: python scripts/make_pretrained.py, then: python scripts/check_floors.py --write"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="pin what is measured now")
    parser.add_argument("--scratch", action="store_true", help="with --write: teach from nothing too")
    options = parser.parse_args()
    loaded = config.load(ROOT / "config.yaml")
    manifest = json.loads((app.PRETRAINED / MANIFEST).read_text(encoding="utf-8"))
    taught = read_corpus(ROOT / "corpus").fingerprint()
    if taught != manifest["corpus"]:
        sys.exit(f"corpus/ is {taught}, chatbot/pretrained/ was taught from {manifest['corpus']}; {REMEDY}")
    measured = _measure(loaded, manifest)
    if options.write:
        _write(measured, manifest, _from_scratch(loaded) if options.scratch else _known_from_scratch())
        return
    sys.exit(_compare(measured, taught))


def _measure(loaded: config.Loaded, manifest: dict[str, Any]) -> dict[str, float]:
    metrics = manifest["stages"]["intent"]["metrics"]
    return {f"trained.{name}": metrics[name] for name in TRAINED} | figures_of_shipped(loaded)


def _compare(measured: dict[str, float], taught: str) -> int:
    """0 when nothing is below its floor."""
    pinned = json.loads(FLOORS.read_text(encoding="utf-8"))
    if pinned["corpus"] != taught:
        print(f"{FLOORS}: pinned for corpus {pinned['corpus']}, this is {taught}; {REMEDY}")
        return 1
    below = 0
    for name, floor in pinned["floors"].items():
        value = measured.get(name, 0.0)
        bad = value < floor
        below += bad
        print(f"{'✗' if bad else '✓'} {name}: {value:.4f} (floor {floor:.4f})")
    if below:
        print(
            f"{below} figures are below their floor in {FLOORS}: mend what made them worse; if it is meant, {REMEDY}"
        )
    return 1 if below else 0


def _write(measured: dict[str, float], manifest: dict[str, Any], scratch: dict[str, float | str]) -> None:
    values = {
        "what": "least figures of chatbot/pretrained/; made by: python scripts/check_floors.py --write",
        "corpus": manifest["corpus"],
        "seed": manifest["seed"],
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "encoder_saw_lines": manifest["stages"]["intent"]["metrics"].get("encoder_saw_lines", True),
        "measured": {name: round(value, 4) for name, value in measured.items()},
        "measured_from_scratch": scratch,
        "floors": {name: math.floor((value - SLACK) * 1e4) / 1e4 for name, value in measured.items()},
    }
    # Nothing of the safety list may be lost.
    values["floors"]["safety"] = round(measured["safety"], 4)
    FLOORS.write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{FLOORS} written")


def _known_from_scratch() -> dict[str, float | str]:
    """What an earlier `--scratch` measured; it speaks of the corpus of then."""
    known: dict[str, float | str] = {}
    if FLOORS.is_file():
        known = json.loads(FLOORS.read_text(encoding="utf-8")).get("measured_from_scratch", {})
    return known


def _from_scratch(loaded: config.Loaded) -> dict[str, float | str]:
    """Held-out figures of a classifier whose encoder starts from nothing: no line of the split was ever seen."""
    from chatbot.intent.model import IntentModel
    from chatbot.training import rows

    corpus = read_corpus(loaded.corpus_dir)
    preprocess = app.Parts.of(loaded, loaded.corpus_dir).preprocess
    train, held = rows.split(rows.labelled(corpus.intents, preprocess), loaded.config.training.held_out)
    seed = loaded.config.training.seed
    _, report = IntentModel.train(train, test=held, encoder="scratch", seed=seed)
    figures = {name: round(float(getattr(report, name)), 4) for name in TRAINED}
    return {**figures, "corpus": corpus.fingerprint()}


if __name__ == "__main__":
    main()
