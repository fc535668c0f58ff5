"""The passes over the pairs. In: a model, what to teach it, a plan. Out: its best weights and how each pass went.

Runs in one process or in several that share every batch (neural/parallel.py). Knows no files and no calibration.
"""

from __future__ import annotations

import copy
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor, nn

from chatbot.errors import TrainingError
from chatbot.neural.parallel import ALONE, Team
from chatbot.seq2seq.codec import Codec
from chatbot.seq2seq.data import Example, batches, encode, reworded
from chatbot.seq2seq.model import Seq2Seq
from chatbot.seq2seq.optimise import Course, loss_of, mean_loss

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass: training loss a target subword (label smoothing counted), held-out perplexity, seconds, speed."""

    number: int
    loss: float
    held_out_perplexity: float
    seconds: float
    tokens_per_second: float


@dataclass(frozen=True, slots=True)
class Plan:
    """How to learn; `train.train_responder` says what each part means."""

    epochs: int
    batch_size: int
    learning_rate: float
    warm_up: int
    weight_decay: float
    label_smoothing: float
    scheduled_sampling: float
    word_dropout: float
    blank: float
    augment: bool
    patience: int
    keep: str
    seed: int
    compile_model: bool = False


@dataclass(frozen=True, slots=True)
class Learnt:
    """The passes, the number of the one whose weights were kept, and its held-out loss."""

    epochs: tuple[Epoch, ...]
    best: int
    loss: float


class _Reading(nn.Module):
    """`Seq2Seq.read` as a call, which is what averages gradients between processes."""

    def __init__(self, model: Seq2Seq) -> None:
        super().__init__()
        self.model = model
        if not model.shape.coverage:  # the others would wait for its gradient
            model.decoder.attention.coverage.requires_grad_(False)

    def forward(self, source: Tensor, lengths: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        return self.model.read(source, lengths, before)


def learn(
    model: Seq2Seq,
    codec: Codec,
    taught: Sequence[Example],
    held_out: Sequence[Example],
    plan: Plan,
    place: torch.device,
    *,
    team: Team = ALONE,
    progress: Progress | None = None,
) -> Learnt:
    """Teach `model` in place; every process of a team ends with the same weights.

    Raises
    ------
    TrainingError
        when the loss stops being a number.
    """
    place = team.device(place)
    model.to(place)
    if team.size > 1:
        torch.manual_seed(plan.seed + team.rank)  # dropout differs between processes; order and wording do not
    rows, held = encode(taught, codec), encode(held_out, codec)
    course = Course(
        model,
        plan.learning_rate,
        plan.weight_decay,
        plan.warm_up,
        plan.epochs * math.ceil(len(rows) / plan.batch_size),
    )
    rng = random.Random(plan.seed)
    read: Callable[..., tuple[Tensor, Tensor]] = model.read if team.size == 1 else team.prepare(_Reading(model))
    read = torch.compile(read) if plan.compile_model else read
    best_loss, best_epoch, best_weights = math.inf, 0, copy.deepcopy(course.average.state_dict())
    history: list[Epoch] = []
    for number in range(1, plan.epochs + 1):
        begun, loss_sum, tokens, told = time.monotonic(), 0.0, 0, time.monotonic()
        model.train()
        mixing = plan.scheduled_sampling * (number - 1) / max(1, plan.epochs - 1)
        if plan.augment and number > 1:
            rows = encode([replace(e, question=reworded(e.question, rng)) for e in taught], codec)
        keep = int(codec.style_tokens)
        for batch in batches(rows, plan.batch_size, rng, word_dropout=plan.word_dropout, blank=plan.blank, keep=keep):
            own = batch.shared(team).to(place)
            loss = loss_of(model, own, plan.label_smoothing, mixing, read)
            course.step(loss)
            loss_sum, tokens = loss_sum + float(loss.detach()) * batch.tokens, tokens + batch.tokens
            if progress is not None and time.monotonic() - told > 1:
                told = time.monotonic()
                progress(course.done, course.total, f"epoch {number}/{plan.epochs} loss {loss_sum / tokens:.3f}")
        mean = float(team.mean(torch.tensor(loss_sum / tokens, device=place)))
        if not math.isfinite(mean):
            raise TrainingError(f"responder: the loss is {mean} in epoch {number}; lower learning_rate")
        seconds = time.monotonic() - begun
        held_loss = team.first(partial(mean_loss, course.average, held, plan.batch_size)) if held else mean
        history.append(Epoch(number, mean, perplexity(held_loss), seconds, tokens / max(seconds, 1e-9)))
        if progress is not None:
            said = f"epoch {number}/{plan.epochs} held-out perplexity {perplexity(held_loss):.1f}"
            progress(course.done, course.total, said)
        if held_loss < best_loss or plan.keep == "last":
            best_loss, best_epoch = held_loss, number
            best_weights = copy.deepcopy(course.average.state_dict())
        elif number - best_epoch >= plan.patience:
            break
    model.load_state_dict(best_weights)
    return Learnt(tuple(history), best_epoch, best_loss)


def perplexity(loss: float) -> float:
    """exp of a loss in nats, bounded."""
    return math.exp(min(loss, 50.0))
