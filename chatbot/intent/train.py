"""Teach an intent model: linear floor, network, fusion, familiarity, thresholds; report how good each part is.

In: labelled, preprocessed texts. Out: an `IntentModel` and a `TrainingReport`. Knows nothing of files but the folder
of a pretrained encoder. Shapes: B batch, C labels.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from chatbot.errors import TrainingError
from chatbot.intent.build import Numbered, build_first_scorer, build_linear, build_scorer, encoder_of
from chatbot.intent.calibrate import (
    Calibration,
    Quality,
    choose_margin,
    choose_threshold,
    error_of_perfect,
    quality,
    softmax,
)
from chatbot.intent.familiarity import Familiarity
from chatbot.intent.folds import can_fold, cross_fit
from chatbot.intent.fusion import Fusion
from chatbot.intent.leave_out import Measured, leave_out, remember
from chatbot.intent.linear import LinearModel
from chatbot.intent.model import IntentModel, Memory, corpus_hash
from chatbot.intent.network import Curve, Progress
from chatbot.intent.scorers import MorphemeScorer, Scorer
from chatbot.intent.settings import LARGE, Settings
from chatbot.intent.slips import Slips
from chatbot.intent.spacing import Spacing
from chatbot.neural.device import pick_device


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """How a training went; `floor` is a linear model over n-grams alone, taught the same lines.

    Figures are on the `tested` test lines, or, where that is 0, on the held-out lines that stopped and calibrated it.

    `ece_of_perfect` is the calibration error that perfect probabilities would show on so few lines.
    `false_accept` is the share of texts of left-out intents that the thresholds would let in (0 when none was left
    out). Losses are in nats, seconds are wall-clock.
    """

    classifier: str
    examples: int
    labels: int
    accuracy: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    ece: float
    threshold: float
    margin: float
    false_accept: float
    seconds: float
    device: str
    floor: Quality
    tested: int = 0
    ece_of_perfect: float = 0.0
    curves: tuple[Curve, ...] = ()
    note: str = ""


def train(
    examples: Sequence[tuple[str, str]],
    *,
    validation: Sequence[tuple[str, str]] | None = None,
    test: Sequence[tuple[str, str]] | None = None,
    settings: Settings,
    progress: Progress | None = None,
) -> tuple[IntentModel, TrainingReport]:
    """Teach a model and report on it.

    Parameters
    ----------
    examples, validation
        (preprocessed text, intent). Validation stops the training early and calibrates; without it the examples
        themselves do, held out in turn or a tenth of them (see `_teach`).
    test
        lines that only the figures come from: neither taught, nor stopped by, nor calibrated on.

    Raises
    ------
    TrainingError
        when a setting is unknown, or fewer than two intents have examples.
    """
    settings.check()
    kept = encoder_of(settings.encoder_folder).keeping() if settings.head_alone and settings.encoder_folder else None
    with kept or nullcontext():
        return _train(examples, validation, test, settings, progress)


def _train(
    examples: Sequence[tuple[str, str]],
    validation: Sequence[tuple[str, str]] | None,
    test: Sequence[tuple[str, str]] | None,
    settings: Settings,
    progress: Progress | None,
) -> tuple[IntentModel, TrainingReport]:
    started = time.perf_counter()
    labels = tuple(sorted({label for _, label in examples}))
    if len(labels) < 2:
        raise TrainingError(f"intent: {len(labels)} intents with examples; write at least two under corpus/intents/")
    number = {label: place for place, label in enumerate(labels)}
    rows = [(text, number[label]) for text, label in examples]
    held = None if validation is None else [(text, number[label]) for text, label in validation if label in number]
    device = pick_device(settings.device)
    words = settings.words
    if words is not None and settings.encoder == "scratch":
        words = replace(words, meanings=None)
    settings = replace(settings, words=words and words.remembering())
    taught = _teach(rows, held, len(labels), settings, device, progress)
    settings, linear, scorer = taught.settings, taught.linear, taught.scorer
    texts = [text for text, _ in taught.rows]
    truth = np.array([label for _, label in taught.asked], dtype=np.int64)
    fusion = Fusion.fit(taught.measured.parts, truth, settings.network_share)
    fused = fusion.scores(taught.measured.parts)
    calibration = Calibration.fit(fused, truth)
    probabilities = calibration.probabilities(fused)
    proxy = leave_out(*taught.apart, len(labels), settings, device) if settings.familiarity else None
    signs = taught.measured.signs(fused, calibration)
    familiarity = Familiarity.fit(signs, *(proxy.signs() if proxy else ()))
    correct = probabilities.argmax(axis=1) == truth
    unknown = proxy.unknown_probabilities() if proxy else np.zeros(0)
    threshold = _given(settings.threshold, choose_threshold(probabilities.max(axis=1), correct, unknown))
    margin = _given(settings.margin, choose_margin(probabilities, truth))
    model = IntentModel(
        labels=labels,
        classifier=settings.classifier,
        scorer=scorer.reading(words) if isinstance(scorer, MorphemeScorer) and words else scorer,
        linear=linear.reading(words),
        fusion=fusion,
        familiarity=familiarity,
        memory=taught.memory,
        threshold=threshold,
        margin=margin,
        corpus_hash=corpus_hash(examples),
        note=taught.note,
        spacing=Spacing.fit(texts, settings.seed),
        slips=Slips.fit(texts, settings.seed),
        calibration=calibration,
    )
    floor, floor_scales = _floor(taught, len(labels), settings)
    if test:
        truth = np.array([number.get(label, len(labels)) for _, label in test], dtype=np.int64)
        asked = [text for text, _ in test]
        probabilities = model.rate(asked)[0]
        whole = quality(_with_none(probabilities), truth)
        plain = quality(_with_none(softmax(floor_scales.scores([floor.scores(asked)]))), truth)
    else:
        whole = quality(probabilities, truth)
        known = np.array([label for _, label in taught.apart[1]], dtype=np.int64)
        scores = floor.scores([text for text, _ in taught.apart[1]])
        plain = quality(softmax(floor_scales.scores([scores])), known)
    report = TrainingReport(
        classifier=settings.classifier,
        examples=len(texts),
        labels=len(labels),
        accuracy=whole.accuracy,
        macro_precision=whole.macro_precision,
        macro_recall=whole.macro_recall,
        macro_f1=whole.macro_f1,
        ece=whole.ece,
        threshold=threshold,
        margin=margin,
        false_accept=proxy.false_accept(familiarity, threshold) if proxy else 0.0,
        seconds=round(time.perf_counter() - started, 1),
        device=str(device),
        floor=plain,
        tested=len(test or ()),
        ece_of_perfect=error_of_perfect(probabilities.max(axis=1)),
        curves=taught.curves,
        note=taught.note,
    )
    return model, report


@dataclass(frozen=True)
class _Taught:
    """The parts of a model, and what they say of examples that they were `asked` and had not been taught.

    `apart` are all the examples in two parts, for trainings that need some which were not taught.
    """

    rows: Numbered
    linear: LinearModel
    scorer: Scorer | None
    memory: Memory
    asked: Numbered
    measured: Measured
    apart: tuple[Numbered, Numbered]
    settings: Settings
    curves: tuple[Curve, ...] = ()
    note: str = ""


def _teach(
    rows: Numbered,
    held: Numbered | None,
    n_labels: int,
    settings: Settings,
    device: torch.device,
    progress: Progress | None,
) -> _Taught:
    """With `held` lines these stop and calibrate the training. Without any all examples teach, where that takes
    seconds, and several trainings without a part of them calibrate; elsewhere a tenth is held out.
    """
    several = settings.quick and settings.folds > 1 and len(rows) <= LARGE
    if held is None and several and can_fold(rows):
        asked, measured = cross_fit(rows, n_labels, settings, device, progress)
        linear = build_linear(rows, n_labels, settings)
        scorer, curves = build_scorer(rows, (), n_labels, settings, device, progress)
        memory = remember(rows, scorer, linear, settings.seed)
        apart = hold_out(rows, settings.seed)
        return _Taught(rows, linear, scorer, memory, asked, measured, apart, settings, curves)
    kept, held = hold_out(rows, settings.seed) if held is None else (rows, held)
    linear = build_linear(kept, n_labels, settings)
    scorer, curves, settings, note = build_first_scorer(kept, held, n_labels, settings, device, progress)
    memory = remember(kept, scorer, linear, settings.seed)
    measured = Measured.of([text for text, _ in held], scorer, linear, memory)
    return _Taught(kept, linear, scorer, memory, held, measured, (kept, held), settings, curves, note)


def _floor(taught: _Taught, n_labels: int, settings: Settings) -> tuple[LinearModel, Fusion]:
    """A linear model over n-grams alone, taught the same lines, with its temperature."""
    plain = replace(settings, words=None)
    kept, held = taught.apart
    first = build_linear(kept, n_labels, plain) if settings.words or len(kept) < len(taught.rows) else taught.linear
    truth = np.array([label for _, label in held], dtype=np.int64)
    scales = Fusion.fit([first.scores([text for text, _ in held])], truth)
    return build_linear(taught.rows, n_labels, plain) if len(kept) < len(taught.rows) else first, scales


def hold_out(rows: Numbered, seed: int, share: float = 0.1) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """(kept, held out): about `share` of each label's rows, none of a label with fewer than five.

    Chosen by the text, so that lines of other labels move none: what stops one training is not taught in the next.
    """
    by_label: dict[int, list[tuple[str, int]]] = {}
    for row in rows:
        by_label.setdefault(row[1], []).append(row)
    kept, held = [], []
    for label in sorted(by_label):
        own = sorted(by_label[label], key=lambda row: zlib.crc32(f"{seed} {row[0]}".encode()))
        count = max(1, round(share * len(own))) if len(own) >= 5 else 0
        held += own[:count]
        kept += own[count:]
    return kept, held


def _with_none(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """A last column for lines whose label has no examples: nothing can be right about them."""
    return np.pad(probabilities, ((0, 0), (0, 1)))


def _given(told: float | None, found: float) -> float:
    return found if told is None else told
