"""Measure intent classification on files: train on one, stop early and calibrate on another, test on a third.

In: paths and the name of a classifier. Out: the figures of the `chatbot evaluate intent` contract, the linear floor of
the same run under ``floor``. Knows nothing of the shipped corpus or configuration.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from chatbot.errors import ModelError
from chatbot.intent.calibrate import Quality, auroc, fpr_at, quality, softmax
from chatbot.intent.compare import COMPARISONS, ComparisonModel
from chatbot.intent.fusion import Fusion
from chatbot.intent.linear import LinearModel
from chatbot.intent.model import IntentModel
from chatbot.intent.network import Progress
from chatbot.intent.rows import Row, few, read_labelled, read_texts
from chatbot.intent.settings import CLASSIFIERS, ENCODERS
from chatbot.intent.tfidf import FLOOR_VIEWS
from chatbot.neural.meanings import Words
from chatbot.text.noise import NOISES, apply_noise

_TIMED = 200  # utterances asked one at a time for the latency figures

Floats = NDArray[np.float64]
Figures = dict[str, Any]


class Measurable(Protocol):
    """What this file asks of a trained classifier."""

    @property
    def labels(self) -> tuple[str, ...]: ...

    def rate(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """(probabilities [B, C], how far each text looks known [B], higher is more known)."""
        ...


def evaluate_intent(
    train: Path,
    dev: Path,
    test: Path,
    label_key: str = "label",
    ood: Path | None = None,
    classifier: str = "lstm",
    encoder: str = "scratch",
    shots: int | None = None,
    draws: int = 1,
    noise: str = "none",
    seed: int = 13,
    progress: Progress | None = None,
    encoder_folder: Path | None = None,
    **options: Any,
) -> Figures:
    """The figures of the contract; with several draws each is a mean, and its spread stands under ``spread``.

    Of a model that fuses several, ``alone`` has the accuracy of each by itself.

    Parameters
    ----------
    shots
        rows of each label that are trained on; None takes all. Draw `i` uses seed ``seed + i``.
    noise
        what happens to the test texts (and to no others): "none", "nospace", "jamo". Several names, set off by commas,
        measure one and the same model: the first as always, accuracy and gaps of the others under their names.
    options
        further fields of `chatbot.intent.settings.Settings`.

    Raises
    ------
    CorpusError, ModelError
        when a file is wrong, or a name is unknown (lists what is allowed).
    """
    noises = noise.split(",")
    _check(classifier, encoder, noises)
    rows, held, asked = (read_labelled(path, label_key) for path in (train, dev, test))
    strangers = read_texts(ood) if ood else []
    asked_as = {name: _noisy(asked, name, seed) for name in noises}
    pretrained = {"encoder_folder": encoder_folder or _shipped(), "words": _words()}
    settings = {"encoder": encoder, **pretrained, **options}
    runs = []
    for draw in range(draws):
        drawn = few(rows, shots, seed + draw) if shots else rows
        # With few examples a full dev split would be most of what is known: take fewer than are trained on.
        stopping = few(held, max(1, shots // 2), seed + draw) if shots else held
        teach = _teacher(classifier, stopping, seed + draw, settings, progress)
        figures = _measure(teach, drawn, asked_as, strangers)
        figures["floor"] = _measure(partial(_Floor.train, held=stopping, seed=seed), drawn, asked_as, strangers)
        runs.append(figures)
    result = _merge(runs)
    result.update(classifier=classifier, encoder=encoder, noise=noise, seed=seed, draws=draws, shots=shots)
    return result


def _teacher(
    classifier: str, held: Sequence[Row], seed: int, settings: dict[str, Any], progress: Progress | None
) -> Callable[[Sequence[Row]], Measurable]:
    if classifier in COMPARISONS:
        return lambda rows: ComparisonModel.train(rows, held, classifier, seed)
    return lambda rows: IntentModel.train(
        rows, validation=held, classifier=classifier, seed=seed, progress=progress, **settings
    )[0]


def _noisy(asked: Sequence[Row], noise: str, seed: int) -> list[Row]:
    dice = random.Random(seed)
    return [(apply_noise(text, noise, dice), label) for text, label in asked]


def _measure(
    teach: Callable[[Sequence[Row]], Measurable],
    rows: Sequence[Row],
    asked_as: Mapping[str, Sequence[Row]],
    strangers: Sequence[str],
) -> Figures:
    started = time.perf_counter()
    model = teach(rows)
    seconds = time.perf_counter() - started
    first, *others = asked_as
    whole, known, alone = _quality(model, asked_as[first])
    figures: Figures = {"accuracy": whole.accuracy, "macro_f1": whole.macro_f1, "ece": whole.ece}
    if strangers:
        outside = model.rate(strangers)[1]
        figures |= {"auroc": auroc(known, outside), "fpr95": fpr_at(known, outside)}
    figures |= {"train_seconds": seconds, **_latency(model, [text for text, _ in asked_as[first]])}
    if alone:
        figures["alone"] = alone
    for name in others:
        under, _, _ = _quality(model, asked_as[name])
        figures[name] = {"accuracy": under.accuracy, "macro_f1": under.macro_f1, "ece": under.ece}
    return figures


def _quality(model: Measurable, asked: Sequence[Row]) -> tuple[Quality, Floats, dict[str, float]]:
    """How good the model is, how known each text looks, and the accuracy of each part that its fusion weighs."""
    number = {label: place for place, label in enumerate(model.labels)}
    # A label that training never saw can only be missed: it counts as wrong, under a number of its own.
    truth = np.array([number.get(label, len(number)) for _, label in asked], dtype=np.int64)
    texts, alone = [text for text, _ in asked], dict[str, float]()
    if isinstance(model, IntentModel):
        judged = model.judge(texts)
        probabilities, known = judged.probabilities, judged.known
        alone = {name: float((scores.argmax(axis=1) == truth).mean()) for name, scores in judged.parts.items()}
    else:
        probabilities, known = model.rate(texts)
    return quality(np.pad(probabilities, ((0, 0), (0, 1))), truth), known, alone


def _latency(model: Measurable, texts: Sequence[str]) -> Figures:
    """Milliseconds an utterance, asked one at a time of one core; the first few only warm up."""
    import torch

    times, threads = [], torch.get_num_threads()
    torch.set_num_threads(1)
    for text in [*texts[:10], *texts[:_TIMED]]:
        started = time.perf_counter()
        model.rate([text])
        times.append((time.perf_counter() - started) * 1000)
    torch.set_num_threads(threads)
    return {"ms_p50": float(np.percentile(times[10:], 50)), "ms_p95": float(np.percentile(times[10:], 95))}


class _Floor:
    """The linear floor alone: word n-grams, one SVM, one temperature; knows a text by its probability."""

    def __init__(self, labels: tuple[str, ...], linear: LinearModel, fusion: Fusion) -> None:
        self.labels = labels
        self._linear = linear
        self._fusion = fusion

    @classmethod
    def train(cls, rows: Sequence[Row], held: Sequence[Row], seed: int) -> _Floor:
        labels = tuple(sorted({label for _, label in rows}))
        number = {label: place for place, label in enumerate(labels)}
        texts, wanted = [text for text, _ in rows], [number[label] for _, label in rows]
        linear = LinearModel.train(texts, wanted, len(labels), views=FLOOR_VIEWS, seed=seed)
        known = [(text, number[label]) for text, label in held if label in number]
        scores = linear.scores([text for text, _ in known])
        return cls(labels, linear, Fusion.fit([scores], np.array([label for _, label in known], dtype=np.int64)))

    def rate(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        probabilities = softmax(self._fusion.scores([self._linear.scores(texts)]))
        return probabilities, probabilities.max(axis=1)


def _merge(runs: Sequence[Figures]) -> Figures:
    """Means over draws; ``spread`` (standard deviation) beside them when there are several."""
    merged: Figures = {}
    for key, value in runs[0].items():
        if isinstance(value, dict):
            merged[key] = _merge([run[key] for run in runs])
        else:
            merged[key] = round(statistics.fmean(run[key] for run in runs), 5)
    if len(runs) > 1:
        merged["spread"] = {
            key: round(statistics.stdev(run[key] for run in runs), 5)
            for key, value in runs[0].items()
            if not isinstance(value, dict)
        }
    return merged


def _check(classifier: str, encoder: str, noises: Sequence[str]) -> None:
    for what, name, allowed in (
        ("--classifier", classifier, (*CLASSIFIERS, *COMPARISONS)),
        ("--encoder", encoder, ENCODERS),
        *(("--noise", noise, NOISES) for noise in noises),
    ):
        if name not in allowed:
            raise ModelError(f"{what} {name!r} is unknown; allowed: {', '.join(allowed)}")


@cache
def _words() -> Words:
    """One Kiwi for all measurements of a process: it takes seconds to load."""
    return Words.shipped()


def _shipped() -> Path:
    return Path(__file__).resolve().parent.parent / "pretrained" / "encoder"
