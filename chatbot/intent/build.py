"""Build and teach the parts of an intent model: the linear floor, and the LSTM or KoBERT beside it.

In: numbered, preprocessed examples and `Settings`. Out: a `LinearModel`, a `Scorer` with its curves. Knows nothing of
fusion, thresholds or label names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from chatbot.errors import ModelError, TrainingError
from chatbot.intent.head import HeadScorer
from chatbot.intent.linear import ROBUST_VIEWS, LinearModel
from chatbot.intent.network import Curve, IntentNetwork, Progress, Read, Schedule, train_network
from chatbot.intent.scorers import MorphemeScorer, NetworkScorer, Scorer
from chatbot.intent.settings import (
    LARGE,
    SMALL,
    Settings,
    agreement_for,
    batch_size_for,
    epochs_for,
    layers_for,
    members_for,
)
from chatbot.neural.device import seed_everything
from chatbot.neural.encoder import FOLDER, EncoderNetwork, EncoderShape, SentenceEncoder, shipped
from chatbot.neural.meanings import Words
from chatbot.neural.morpheme_views import MorphemeViews
from chatbot.neural.subword_view import SubwordView
from chatbot.neural.views import Views

Numbered = Sequence[tuple[str, int]]

_WORD_BUCKETS = 16384


def build_linear(rows: Numbered, n_labels: int, settings: Settings) -> LinearModel:
    """The linear model, in the precision that a checkpoint keeps."""
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    min_count = 2 if len(rows) > SMALL else 1  # terms of one text alone are noise, and most of the size, of many texts
    model = LinearModel.train(
        texts, labels, n_labels, views=ROBUST_VIEWS, cost=1.0, min_count=min_count, seed=settings.seed,
        words=settings.words,
    )  # fmt: skip
    return model.rounded()


def build_first_scorer(
    rows: Numbered,
    held: Numbered,
    n_labels: int,
    settings: Settings,
    device: torch.device,
    progress: Progress | None,
) -> tuple[Scorer | None, tuple[Curve, ...], Settings, str]:
    """`build_scorer`, or the LSTM's where KoBERT is out of reach and that is allowed; settings and note to match."""
    try:
        return *build_scorer(rows, held, n_labels, settings, device, progress), settings, ""
    except ModelError as error:
        if settings.classifier != "kobert" or not settings.fallback or isinstance(error, TrainingError):
            raise
        encoder = "pretrained" if settings.encoder_folder is not None else "scratch"
        instead = replace(settings, classifier="lstm", encoder=encoder)
        note = f"KoBERT could not be loaded, so the LSTM was taught instead: {error}"
        return *build_scorer(rows, held, n_labels, instead, device, progress), instead, note


def build_scorer(
    rows: Numbered,
    held: Numbered,
    n_labels: int,
    settings: Settings,
    device: torch.device,
    progress: Progress | None,
) -> tuple[Scorer | None, tuple[Curve, ...]]:
    """The network that the settings name, trained, with its curves; none for the linear classifier."""
    if settings.classifier == "linear":
        return None, ()
    if settings.classifier == "kobert":
        return _kobert(rows, held, n_labels, settings, device, progress)
    if settings.head_alone and settings.encoder_folder is not None:
        return HeadScorer.train(encoder_of(settings.encoder_folder), rows, n_labels, settings.seed), ()
    letters = settings.encoder == "pretrained" or settings.subwords > 0 or len(rows) > LARGE
    if settings.words is not None and not letters:
        cut, held_cut = _cut(rows, settings.words), _cut(held, settings.words)
        networks, curves = _committee(MorphemeViews(), cut, held_cut, n_labels, settings, device, progress)
        return MorphemeScorer(networks, MorphemeViews(), settings.words, device), curves
    views = _views([text for text, _ in rows], settings)
    networks, curves = _committee(views, rows, held, n_labels, settings, device, progress)
    return NetworkScorer(networks, views, device), curves


def _committee(
    views: Views | MorphemeViews,
    rows: Sequence[tuple[Read, int]],
    held: Sequence[tuple[Read, int]],
    n_labels: int,
    settings: Settings,
    device: torch.device,
    progress: Progress | None,
) -> tuple[list[IntentNetwork], tuple[Curve, ...]]:
    """The networks that vote, each taught from its own dice."""
    schedule = Schedule(
        epochs=settings.epochs or epochs_for(len(rows), settings.encoder),
        batch_size=settings.batch_size or batch_size_for(len(rows)),
        learning_rate=settings.learning_rate,
        encoder_rate=0.5 if settings.encoder == "pretrained" else 1.0,
        patience=settings.patience,
        augment=0.5 if settings.augment else 0.0,
        agreement=agreement_for(len(rows), settings.encoder),
    )
    networks, curves = list[IntentNetwork](), list[Curve]()
    for member in range(settings.members or members_for(len(rows), settings.encoder)):
        seed = settings.seed + 1000 * member
        seed_everything(seed)
        network, curve = train_network(
            IntentNetwork(_encoder(views, len(rows), settings), n_labels), views, rows, held, schedule, device=device,
            seed=seed, progress=progress,
        )  # fmt: skip
        # Half precision is what a checkpoint keeps: round now, so that calibration sees the weights that talk later.
        network.half().float()
        networks.append(network)
        curves += curve
    return networks, tuple(curves)


def _cut(rows: Numbered, words: Words) -> list[tuple[Read, int]]:
    """The rows, cut into morphemes."""
    return list(zip(words.keys([text for text, _ in rows]), [label for _, label in rows], strict=True))


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


def encoder_of(folder: Path) -> SentenceEncoder:
    """The encoder of a folder; the one that ships is loaded once for everybody."""
    return shipped() if folder.resolve() == FOLDER else SentenceEncoder.load(folder)


def _views(texts: Sequence[str], settings: Settings) -> Views:
    if settings.encoder == "pretrained" and settings.encoder_folder is not None:
        return SentenceEncoder.load(settings.encoder_folder).views
    return Views.of(texts, word_buckets=_WORD_BUCKETS, subwords=_subwords(texts, settings))


def _subwords(texts: Sequence[str], settings: Settings) -> SubwordView | None:
    if not settings.subwords:
        return None
    try:
        return SubwordView.train(texts, settings.subwords, settings.seed)
    except TrainingError as error:
        raise TrainingError(
            f"intent.lstm.subwords: {settings.subwords} cannot hold the letters of {len(texts)} examples; raise it "
            "(a few thousand), or set 0 for none"
        ) from error


def _encoder(views: Views | MorphemeViews, count: int, settings: Settings) -> EncoderNetwork:
    if settings.encoder == "pretrained" and settings.encoder_folder is not None:
        loaded = SentenceEncoder.load(settings.encoder_folder)
        shape = replace(loaded.network.shape, dropout=settings.dropout, view_dropout=settings.view_dropout)
        network = EncoderNetwork(shape)
        network.load_state_dict(loaded.network.state_dict())
        return network
    shape = EncoderShape(
        views.table_size,
        embedding_size=settings.embedding_size,
        hidden_size=settings.hidden_size,
        output_size=2 * settings.hidden_size,
        layers=settings.layers or (1 if isinstance(views, MorphemeViews) else layers_for(count)),
        dropout=settings.dropout,
        view_dropout=settings.view_dropout,
    )
    return EncoderNetwork(shape)
