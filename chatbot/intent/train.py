"""Teach an intent model: linear floor, network, fusion, familiarity, thresholds; report how good each part is.

In: labelled, preprocessed texts. Out: an `IntentModel` and a `TrainingReport`. Knows nothing of files but the folder
of a pretrained encoder. Shapes: B batch, C labels.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from chatbot.errors import ModelError, TrainingError
from chatbot.intent.calibrate import Quality, choose_margin, choose_threshold, quality, softmax
from chatbot.intent.familiarity import Familiarity, Signs, signs_of
from chatbot.intent.fusion import Fusion
from chatbot.intent.linear import ROBUST_VIEWS, LinearModel
from chatbot.intent.model import IntentModel, Memory, corpus_hash, nearest, parts_of
from chatbot.intent.network import Curve, IntentNetwork, Progress, Schedule, train_network
from chatbot.intent.scorers import NetworkScorer, Scorer
from chatbot.neural.device import pick_device, seed_everything
from chatbot.neural.encoder import EncoderNetwork, EncoderShape, SentenceEncoder
from chatbot.neural.views import Views

CLASSIFIERS = ("lstm", "kobert", "linear")
ENCODERS = ("pretrained", "scratch")

Numbered = Sequence[tuple[str, int]]

_SEEN = 260_000  # texts a training shows at most, repeats included, before the bounds below (docs/log.md)
_EPOCHS = (4, 30)
_LARGE = 30_000  # above so many examples steps are larger and the network has one layer, for time's sake
_REMEMBERED = 6000  # training lines kept for distances at most
_PROXY_INTENTS = 8  # fewer intents than this, and none is left out to learn what unknown looks like
_PROXY_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """How a training went. Figures are on held-out lines; `floor` is the linear model of the same run alone.

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
    curves: tuple[Curve, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything `train` may be told, flat. None lets the data decide.

    With `fallback` an LSTM is taught in place of a KoBERT that cannot be loaded, and the model's note says so.
    """

    classifier: str = "lstm"
    encoder: str = "scratch"
    encoder_folder: Path | None = None
    seed: int = 13
    augment: bool = True
    device: str = "auto"
    threshold: float | None = None
    margin: float | None = None
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float = 2e-3
    patience: int = 5
    embedding_size: int = 96
    hidden_size: int = 128
    dropout: float = 0.4
    view_dropout: float = 0.3
    layers: int | None = None
    familiarity: bool = True
    kobert_model: str = "skt/kobert-base-v1"
    kobert_frozen: bool = False
    kobert_freeze_layers: int = 0
    kobert_epochs: int = 5
    kobert_batch_size: int = 32
    kobert_accumulate: int = 1
    kobert_learning_rate: float = 5e-5
    kobert_layer_decay: float = 0.95
    fallback: bool = False

    def check(self) -> None:
        """Raises TrainingError on a classifier or encoder that does not exist."""
        if self.classifier not in CLASSIFIERS:
            raise TrainingError(f"intent.classifier: {self.classifier!r}; allowed: {', '.join(CLASSIFIERS)}")
        if self.encoder not in ENCODERS:
            raise TrainingError(f"intent.encoder: {self.encoder!r}; allowed: {', '.join(ENCODERS)}")
        if self.encoder == "pretrained" and self.classifier == "lstm" and self.encoder_folder is None:
            raise TrainingError("intent.encoder: pretrained needs the folder of an encoder; none was given")


def train(
    examples: Sequence[tuple[str, str]],
    *,
    validation: Sequence[tuple[str, str]] | None = None,
    settings: Settings,
    progress: Progress | None = None,
) -> tuple[IntentModel, TrainingReport]:
    """Teach a model and report on it.

    Parameters
    ----------
    examples, validation
        (preprocessed text, intent). Without validation a tenth of the examples is held out.

    Raises
    ------
    TrainingError
        when a setting is unknown, or fewer than two intents have examples.
    """
    settings.check()
    started = time.perf_counter()
    labels = tuple(sorted({label for _, label in examples}))
    if len(labels) < 2:
        raise TrainingError(f"intent: {len(labels)} intents with examples; write at least two under corpus/intents/")
    number = {label: place for place, label in enumerate(labels)}
    rows = [(text, number[label]) for text, label in examples]
    if validation is None:
        rows, held = hold_out(rows, settings.seed)
    else:
        held = [(text, number[label]) for text, label in validation if label in number]
    device = pick_device(settings.device)
    linear = _linear(rows, len(labels), settings)
    scorer, curves, settings, note = _first_scorer(rows, held, len(labels), settings, device, progress)
    truth = np.array([label for _, label in held], dtype=np.int64)
    measured = _Measured.of([text for text, _ in held], rows, scorer, linear, settings.seed)
    fusion = Fusion.fit(measured.parts, truth)
    fused = fusion.scores(measured.parts)
    probabilities = softmax(fused)
    proxy = _proxy(rows, held, len(labels), settings, device) if settings.familiarity else None
    familiarity = Familiarity.fit(measured.signs(fused), *(proxy.signs() if proxy else ()))
    correct = probabilities.argmax(axis=1) == truth
    unknown = proxy.unknown_probabilities() if proxy else np.zeros(0)
    threshold = _given(settings.threshold, choose_threshold(probabilities.max(axis=1), correct, unknown))
    margin = _given(settings.margin, choose_margin(probabilities, truth))
    model = IntentModel(
        labels=labels,
        classifier=settings.classifier,
        scorer=scorer,
        linear=linear,
        fusion=fusion,
        familiarity=familiarity,
        memory=measured.memory,
        threshold=threshold,
        margin=margin,
        corpus_hash=corpus_hash(examples),
        note=note,
    )
    whole = quality(probabilities, truth)
    floor = quality(softmax(Fusion.fit([measured.linear], truth).scores([measured.linear])), truth)
    report = TrainingReport(
        classifier=settings.classifier,
        examples=len(rows),
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
        floor=floor,
        curves=curves,
        note=note,
    )
    return model, report


def hold_out(rows: Numbered, seed: int, share: float = 0.1) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """(kept, held out): about `share` of each label's rows, none of a label with fewer than five."""
    by_label: dict[int, list[tuple[str, int]]] = {}
    for row in rows:
        by_label.setdefault(row[1], []).append(row)
    kept, held = [], []
    dice = random.Random(seed)
    for label in sorted(by_label):
        own = by_label[label]
        dice.shuffle(own)
        count = max(1, round(share * len(own))) if len(own) >= 5 else 0
        held += own[:count]
        kept += own[count:]
    return kept, held


@dataclass(frozen=True)
class _Measured:
    """What the parts say of held-out texts, before they are fused."""

    parts: list[NDArray[np.float32]]
    linear: NDArray[np.float32]
    neighbour: NDArray[np.float32]
    coverage: NDArray[np.float32]
    memory: Memory

    @classmethod
    def of(
        cls, texts: Sequence[str], rows: Numbered, scorer: Scorer | None, linear: LinearModel, seed: int
    ) -> _Measured:
        memory = _remember(rows, scorer, linear, seed)
        scored = scorer.score(texts) if scorer else None
        scores = linear.scores(texts)
        vectors = scored.vectors if scored else linear.vectors(texts)
        return cls(
            parts=parts_of(scored, scores),
            linear=scores,
            neighbour=nearest(memory.similarities(vectors)),
            coverage=linear.tfidf.coverage(texts),
            memory=memory,
        )

    def signs(self, fused: NDArray[np.float64]) -> Signs:
        return signs_of(softmax(fused), fused, self.neighbour, self.linear, self.coverage)


@dataclass(frozen=True)
class _Proxy:
    """A short training without some intents, and what it says of held-out texts with and without an intent."""

    known: Signs
    unknown: Signs

    def signs(self) -> tuple[Signs, Signs]:
        return self.known, self.unknown

    def unknown_probabilities(self) -> NDArray[np.float64]:
        """Best probability of each text whose intent was left out (the first sign is its logarithm)."""
        result: NDArray[np.float64] = np.exp(self.unknown[:, 0])
        return result

    def false_accept(self, familiarity: Familiarity, threshold: float) -> float:
        """The share of left-out texts that both thresholds let in."""
        own = Familiarity.fit(self.known, self.known, self.unknown)
        scaled = replace(familiarity, mean=own.mean, spread=own.spread)
        accepted = (scaled.known(self.unknown) >= familiarity.threshold) & (self.unknown_probabilities() >= threshold)
        return float(accepted.mean())


def _proxy(rows: Numbered, held: Numbered, n_labels: int, settings: Settings, device: torch.device) -> _Proxy | None:
    """Leave intents out, train shortly, and look at the held-out texts of both kinds."""
    if n_labels < _PROXY_INTENTS or len(held) < 50:
        return None
    out = set(random.Random(settings.seed).sample(range(n_labels), max(2, round(n_labels * _PROXY_SHARE))))
    inside = [row for row in rows if row[1] not in out]
    renumber = {label: place for place, label in enumerate(sorted({label for _, label in inside}))}
    if len(renumber) < 2:
        return None
    inside = [(text, renumber[label]) for text, label in inside]
    known = [(text, renumber[label]) for text, label in held if label in renumber]
    unknown = [text for text, label in held if label in out] + [text for text, label in rows if label in out]
    unknown = random.Random(settings.seed).sample(unknown, min(len(unknown), 1500))
    # A second fine-tuning of a transformer would cost minutes: its signs are learnt from a short LSTM instead.
    light = replace(settings, classifier="lstm", encoder="scratch") if settings.classifier == "kobert" else settings
    short = replace(light, epochs=max(3, (settings.epochs or epochs_for(len(rows))) // 4))
    linear = _linear(inside, len(renumber), settings)
    scorer, _ = _scorer(inside, known, len(renumber), short, device, None)
    seen = _Measured.of([text for text, _ in known], inside, scorer, linear, settings.seed)
    strange = _Measured.of(unknown, inside, scorer, linear, settings.seed)
    fusion = Fusion.fit(seen.parts, np.array([label for _, label in known], dtype=np.int64))
    return _Proxy(seen.signs(fusion.scores(seen.parts)), strange.signs(fusion.scores(strange.parts)))


def epochs_for(count: int) -> int:
    """Epochs at most for so many examples: small sets need many, large ones few."""
    return int(np.clip(_SEEN // max(count, 1), *_EPOCHS))


def _linear(rows: Numbered, n_labels: int, settings: Settings) -> LinearModel:
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    min_count = 2 if len(rows) > _LARGE else 1
    model = LinearModel.train(texts, labels, n_labels, views=ROBUST_VIEWS, min_count=min_count, seed=settings.seed)
    return model.rounded()


def _first_scorer(
    rows: Numbered,
    held: Numbered,
    n_labels: int,
    settings: Settings,
    device: torch.device,
    progress: Progress | None,
) -> tuple[Scorer | None, tuple[Curve, ...], Settings, str]:
    """`_scorer`, or the LSTM's where KoBERT is out of reach and that is allowed; with settings and note to match."""
    try:
        return *_scorer(rows, held, n_labels, settings, device, progress), settings, ""
    except ModelError as error:
        if settings.classifier != "kobert" or not settings.fallback or isinstance(error, TrainingError):
            raise
        encoder = "pretrained" if settings.encoder_folder is not None else "scratch"
        instead = replace(settings, classifier="lstm", encoder=encoder)
        note = f"KoBERT could not be loaded, so the LSTM was taught instead: {error}"
        return *_scorer(rows, held, n_labels, instead, device, progress), instead, note


def _kobert(
    rows: Numbered,
    held: Numbered,
    n_labels: int,
    settings: Settings,
    device: torch.device,
    progress: Progress | None,
) -> tuple[Scorer, tuple[Curve, ...]]:
    from chatbot.intent.kobert import FineTuning, fine_tune

    plan = FineTuning(
        epochs=settings.kobert_epochs,
        batch_size=settings.kobert_batch_size,
        accumulate=settings.kobert_accumulate,
        learning_rate=settings.kobert_learning_rate,
        layer_decay=settings.kobert_layer_decay,
        frozen=settings.kobert_frozen,
        freeze_layers=settings.kobert_freeze_layers,
    )
    scorer, curves = fine_tune(
        settings.kobert_model, rows, held, n_labels, plan, device=device, seed=settings.seed, progress=progress
    )
    scorer.network.half().float()  # as below
    return scorer, curves


def _scorer(
    rows: Numbered,
    held: Numbered,
    n_labels: int,
    settings: Settings,
    device: torch.device,
    progress: Progress | None,
) -> tuple[Scorer | None, tuple[Curve, ...]]:
    if settings.classifier == "linear":
        return None, ()
    if settings.classifier == "kobert":
        return _kobert(rows, held, n_labels, settings, device, progress)
    seed_everything(settings.seed)
    encoder, views = _encoder([text for text, _ in rows], settings)
    schedule = Schedule(
        epochs=settings.epochs or epochs_for(len(rows)),
        batch_size=settings.batch_size or (64 if len(rows) <= _LARGE else 128),
        learning_rate=settings.learning_rate,
        encoder_rate=0.5 if settings.encoder == "pretrained" else 1.0,
        patience=settings.patience,
        augment=0.5 if settings.augment else 0.0,
    )
    network, curves = train_network(
        IntentNetwork(encoder, n_labels), views, rows, held, schedule, device=device, seed=settings.seed,
        progress=progress,
    )  # fmt: skip
    # Half precision is what a checkpoint keeps: round now, so that calibration sees the weights that talk later.
    network.half().float()
    return NetworkScorer(network, views, device), curves


def _encoder(texts: Sequence[str], settings: Settings) -> tuple[EncoderNetwork, Views]:
    if settings.encoder == "pretrained" and settings.encoder_folder is not None:
        loaded = SentenceEncoder.load(settings.encoder_folder)
        return loaded.network.train(), loaded.views
    views = Views.of(texts)
    shape = EncoderShape(
        views.table_size,
        embedding_size=settings.embedding_size,
        hidden_size=settings.hidden_size,
        output_size=2 * settings.hidden_size,
        layers=settings.layers or (2 if len(texts) <= _LARGE else 1),
        dropout=settings.dropout,
        view_dropout=settings.view_dropout,
    )
    return EncoderNetwork(shape), views


def _remember(rows: Numbered, scorer: Scorer | None, linear: LinearModel, seed: int) -> Memory:
    """Lines kept with their vectors: all of a small set, an even sample of a large one."""
    kept = list(rows)
    if len(kept) > _REMEMBERED:
        kept = random.Random(seed).sample(kept, _REMEMBERED)
    texts = tuple(text for text, _ in kept)
    vectors = scorer.score(texts).vectors if scorer else linear.vectors(texts)
    return Memory(texts, tuple(label for _, label in kept), vectors.astype(np.float16).astype(np.float32))


def _given(told: float | None, found: float) -> float:
    return found if told is None else told
