"""Measure the safety classifier. In: JSONL files of {text, toxic}. Out: precision, recall, macro-F1 and a floor."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from chatbot.dialogue.safety_classifier import SafetyClassifier, pretrained_folder
from chatbot.dialogue.safety_training import fit, no_hostility
from chatbot.errors import CorpusError

# Share of the rows held out when no test file is named.
_HELD_OUT = 0.2
Row = tuple[str, int]


def evaluate_safety(train: Path, test: Path | None = None, seed: int = 13) -> dict[str, object]:
    """Fit on `train` and measure on `test`, or on a fifth of `train` set apart (each class alike, by `seed`).

    The bad words and the hostility of n-grams come from the checkpoint that ships with the package; neither has seen
    the rows. `floor` is the same measure of a list of bad words alone.

    Raises
    ------
    CorpusError
        when a line is no {"text": string, "toxic": 0 or 1}.
    CheckpointError
        when the shipped checkpoint is damaged.
    """
    rows = read_rows(train)
    fitted, held = (rows, read_rows(test)) if test is not None else split(rows, seed)
    shipped = SafetyClassifier.load(pretrained_folder()) if pretrained_folder().is_dir() else None
    words = shipped.words if shipped else frozenset()
    hostility = shipped.hostility if shipped else no_hostility()
    classifier = fit([text for text, _ in fitted], [label for _, label in fitted], words, hostility)
    labels = [label for _, label in held]
    guesses = [int(classifier.probability(text) >= 0.5) for text, _ in held]
    by_list = [int(any(word in text for word in words)) for text, _ in held]
    return {**measure(labels, guesses), "train": len(fitted), "test": len(held), "floor": measure(labels, by_list)}


def measure(labels: Sequence[int], guesses: Sequence[int]) -> dict[str, object]:
    """Precision, recall and F1 of both classes, their macro mean and accuracy."""
    truth, guess = np.asarray(labels), np.asarray(guesses)
    classes = {}
    for name, value in (("clean", 0), ("toxic", 1)):
        right = int(((truth == value) & (guess == value)).sum())
        precision = right / max(1, int((guess == value).sum()))
        recall = right / max(1, int((truth == value).sum()))
        f1 = 2 * precision * recall / (precision + recall) if right else 0.0
        classes[name] = {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}
    return {
        "precision": classes["toxic"]["precision"],
        "recall": classes["toxic"]["recall"],
        "macro_f1": round((classes["clean"]["f1"] + classes["toxic"]["f1"]) / 2, 4),
        "accuracy": round(float((truth == guess).mean()), 4),
        "classes": classes,
    }


def split(rows: Sequence[Row], seed: int) -> tuple[list[Row], list[Row]]:
    """(fitted, held out), each class in the same share."""
    rng = random.Random(seed)
    fitted: list[Row] = []
    held: list[Row] = []
    for value in (0, 1):
        of_class = [row for row in rows if row[1] == value]
        rng.shuffle(of_class)
        cut = round(len(of_class) * _HELD_OUT)
        held += of_class[:cut]
        fitted += of_class[cut:]
    return fitted, held


def read_rows(path: Path) -> list[Row]:
    """The labelled texts of a JSONL file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: cannot be read: {error}") from error
    return [_row(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _row(path: Path, number: int, line: str) -> Row:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise CorpusError(f"{path}:{number}: not a line of JSON: {error}") from error
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or row.get("toxic") not in (0, 1):
        raise CorpusError(f'{path}:{number}: expected {{"text": string, "toxic": 0 or 1}}')
    return row["text"], int(row["toxic"])
