"""A classification head on the sentence encoder, and the loop that trains both. In: texts and label numbers.

Out: logits, vectors and attention. Knows nothing of thresholds, label names or files. Shapes: B batch, S source
length, D encoder output, C labels.
"""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from chatbot.errors import TrainingError
from chatbot.intent.augment import augment
from chatbot.neural.batching import length_buckets
from chatbot.neural.device import autocast, compiled, moved, seed_everything
from chatbot.neural.encoder import EncoderNetwork, collate
from chatbot.neural.morpheme_views import Key, MorphemeViews, drop_morphemes
from chatbot.neural.parallel import Team, in_parallel, processes_for
from chatbot.neural.views import Rows, Views

Progress = Callable[[int, int, str], None]
# What a network reads of an example: a text, or the text cut into morphemes, whichever its views are for.
Read = str | Sequence[Key]

_DROPPING = 1.4  # how much likelier than a text's letters its morphemes change: a dropped one breaks nothing


@dataclass(frozen=True, slots=True)
class Scored:
    """What a network says of texts: logits [B, C], unit vectors [B, D], attention weights a character (or none)."""

    logits: NDArray[np.float32]
    vectors: NDArray[np.float32]
    attention: tuple[NDArray[np.float32], ...] = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """How to train: epochs at most, rows a step, peak learning rate, and the regularisers."""

    epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 2e-3
    encoder_rate: float = 1.0  # learning rate of the encoder as a share of the head's; below 1 when pretrained
    weight_decay: float = 1e-2
    label_smoothing: float = 0.1
    average: float = 0.998  # decay a step of the averaged weights that are kept (Polyak & Juditsky 1992)
    patience: int = 5
    augment: float = 0.5  # chance that a text is changed in an epoch; 0 switches augmentation off
    clip: float = 1.0
    agreement: float = 0.0  # how much two passes under other dropout have to agree (R-Drop, Liang et al. 2021, eq. 4)


@dataclass(frozen=True, slots=True)
class Curve:
    """One epoch: mean training loss in nats, validation loss and accuracy of the averaged weights."""

    epoch: int
    loss: float
    validation_loss: float
    validation_accuracy: float


class IntentNetwork(nn.Module):
    """Sentence encoder, dropout, one linear layer."""

    def __init__(self, encoder: EncoderNetwork, n_labels: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(encoder.shape.dropout)
        self.head = nn.Linear(encoder.shape.output_size, n_labels)

    def forward(self, features: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(logits [B, C], vectors [B, D], attention weights [B, S]) of view features [B, S, F]."""
        vectors, weights = self.encoder(features, lengths)
        return self.head(self.dropout(vectors)), vectors, weights


@torch.inference_mode()
def score_rows(network: IntentNetwork, rows: Sequence[Rows], device: torch.device, batch_size: int = 128) -> Scored:
    """Logits, vectors and attention of view rows, in their order; eval mode, so deterministic."""
    if network.training:  # said only when needed: it goes through every module, and every message passes here
        network.eval()
    shape = network.encoder.shape
    logits = np.zeros((len(rows), network.head.out_features), dtype=np.float32)
    vectors = np.zeros((len(rows), shape.output_size), dtype=np.float32)
    attention: list[NDArray[np.float32]] = [np.zeros(0, np.float32)] * len(rows)
    for batch in length_buckets([len(row) for row in rows], batch_size):
        features, lengths = collate([rows[place] for place in batch], device)
        scores, hidden, weights = network(features, lengths)
        logits[batch] = scores.float().cpu().numpy()
        vectors[batch] = functional.normalize(hidden, dim=-1).float().cpu().numpy()
        for place, weight, size in zip(batch, weights.float().cpu().numpy(), lengths.tolist(), strict=True):
            attention[place] = weight[:size]
    return Scored(logits, vectors, tuple(attention))


def train_network(
    network: IntentNetwork,
    views: Views | MorphemeViews,
    examples: Sequence[tuple[Read, int]],
    validation: Sequence[tuple[Read, int]],
    schedule: Schedule,
    *,
    device: torch.device,
    seed: int,
    progress: Progress | None = None,
    processes: int | None = None,
) -> tuple[IntentNetwork, tuple[Curve, ...]]:
    """Train with AdamW, warm-up and cosine decay; keep the averaged weights of the best validation accuracy.

    Parameters
    ----------
    processes
        how many share the work; None: one for each GPU. Batches keep their size, each process takes its part of them.

    Raises
    ------
    TrainingError
        when there is nothing to train on or the loss stops being a number.
    """
    if not examples:
        raise TrainingError("intent: no training examples; write some under corpus/intents/")
    return in_parallel(
        _train,
        (network, views, examples, validation, schedule, device, seed),
        {"progress": progress},
        processes_for(device) if processes is None else processes,
        cpu=device.type == "cpu",
    )


def _train(
    network: IntentNetwork,
    views: Views | MorphemeViews,
    examples: Sequence[tuple[Read, int]],
    validation: Sequence[tuple[Read, int]],
    schedule: Schedule,
    device: torch.device,
    seed: int,
    *,
    team: Team,
    progress: Progress | None = None,
) -> tuple[IntentNetwork, tuple[Curve, ...]]:
    """`train_network` in one process of a team; every process ends with the same weights."""
    shuffle, dice = seed_everything(seed), random.Random(seed)
    torch.manual_seed(seed + team.rank)  # dropout differs between processes; order and augmentation do not
    device = team.device(device)
    network.to(device)
    averaged = copy.deepcopy(network)
    steps = schedule.epochs * math.ceil(len(examples) / schedule.batch_size)
    model = compiled(team.prepare(network), device, steps)
    optimizer = _optimizer(network, schedule)
    decay = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
    labels = torch.tensor([label for _, label in examples])
    held_rows, held_labels = _read(views, [text for text, _ in validation]), np.array([y for _, y in validation])
    vary = _varying(views, [text for text, _ in examples], schedule.augment)
    best, best_key, curves, step = copy.deepcopy(network.state_dict()), (-1.0, 0.0), [], 0
    for epoch in range(1, schedule.epochs + 1):
        rows = vary(dice)
        network.train()
        total = torch.zeros((), device=device)
        for batch in length_buckets([len(row) for row in rows], schedule.batch_size, generator=shuffle):
            own = team.share(batch)
            features, lengths = collate([rows[place] for place in own], device)
            targets = moved(labels[torch.from_numpy(own)], device)
            if schedule.agreement:
                features, lengths, targets = (torch.cat([part, part]) for part in (features, lengths, targets))
            with autocast(device):
                logits, _, _ = model(features, lengths)
            loss = functional.cross_entropy(logits.float(), targets, label_smoothing=schedule.label_smoothing)
            if schedule.agreement:
                loss = loss + schedule.agreement * _disagreement(logits.float())
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), schedule.clip)
            optimizer.step()
            decay.step()
            step += 1
            _average(averaged, network, min(schedule.average, (step + 1) / (step + 10)))
            total += loss.detach() * len(batch)
        mean = float(team.mean(total)) / len(examples)
        if not math.isfinite(mean):
            raise TrainingError(f"intent: the loss became {mean} in epoch {epoch}; lower intent.lstm.learning_rate")
        curve = team.first(partial(_validate, averaged, held_rows, held_labels, device, epoch, mean))
        curves.append(curve)
        if progress is not None:
            progress(epoch, schedule.epochs, f"loss {mean:.3f} accuracy {curve.validation_accuracy:.3f}")
        key = (round(curve.validation_accuracy, 4), -curve.validation_loss)
        if key > best_key or not validation:
            best, best_key, best_epoch = copy.deepcopy(averaged.state_dict()), key, epoch
        elif epoch - best_epoch >= schedule.patience:
            break
    network.load_state_dict(best)
    return network.eval(), tuple(curves)


def _disagreement(logits: Tensor) -> Tensor:
    """Half the symmetric divergence, in nats, between the first half of the rows and the second."""
    one, other = (part.log_softmax(dim=1) for part in logits.chunk(2))
    return 0.5 * ((one.exp() - other.exp()) * (one - other)).sum(dim=1).mean()


def _read(views: Any, texts: Sequence[Read]) -> list[Rows]:
    rows: list[Rows] = views.read(texts)  # whoever pairs views with texts pairs those that fit
    return rows


def _varying(
    views: Views | MorphemeViews, texts: Sequence[Read], chance: float
) -> Callable[[random.Random], list[Rows]]:
    """What each epoch reads: texts typed another way with `chance`; of morphemes some are dropped, more often."""
    if isinstance(views, MorphemeViews):
        rows, often = _read(views, texts), min(1.0, _DROPPING * chance)
        return lambda dice: [drop_morphemes(row, dice) if dice.random() < often else row for row in rows]
    return lambda dice: _read(views, [augment(str(text), dice, chance) for text in texts])


def _optimizer(network: IntentNetwork, schedule: Schedule) -> torch.optim.Optimizer:
    slow = list(network.encoder.parameters())
    groups = [
        {"params": slow, "lr": schedule.learning_rate * schedule.encoder_rate},
        {"params": list(network.head.parameters()), "lr": schedule.learning_rate},
    ]
    return torch.optim.AdamW(groups, weight_decay=schedule.weight_decay, fused=True)


def _rate(step: int, steps: int) -> float:
    """Linear warm-up over the first 5 % (at most 300 steps), then a cosine down to a twentieth."""
    warm = max(1, min(300, steps // 20))
    if step < warm:
        return (step + 1) / warm
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warm) / max(1, steps - warm))))


@torch.no_grad()
def _average(averaged: nn.Module, network: nn.Module, decay: float) -> None:
    torch._foreach_lerp_(list(averaged.parameters()), list(network.parameters()), 1 - decay)


def _validate(
    network: IntentNetwork,
    rows: Sequence[Rows],
    labels: NDArray[np.int64],
    device: torch.device,
    epoch: int,
    loss: float,
) -> Curve:
    if not len(labels):
        return Curve(epoch, loss, 0.0, 0.0)
    logits = torch.from_numpy(score_rows(network, rows, device).logits)
    targets = torch.from_numpy(labels)
    held = float(functional.cross_entropy(logits, targets))
    return Curve(epoch, loss, held, float((logits.argmax(dim=1) == targets).float().mean()))
