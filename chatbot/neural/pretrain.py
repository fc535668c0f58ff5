"""Pretrain the sentence encoder on several tasks at once. In: groups of paraphrases, labelled texts, teacher vectors.

Three losses share one encoder: paraphrases and noisy copies lie close (InfoNCE, van den Oord et al. 2018, eq. 4, with
texts of the same group masked), cosines follow a lexical teacher (relational distillation, Park et al. 2019), and
linear heads read labels off the vector. Knows nothing of files. Shapes: B batch, D vector, T teacher, C classes.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from chatbot.neural.batching import length_buckets
from chatbot.neural.device import autocast, seed_everything
from chatbot.neural.encoder import EncoderNetwork, collate
from chatbot.neural.views import Views

Noise = Callable[[str, random.Random], str]
Told = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Labelled:
    """One classification task: texts, and targets [N] of class numbers or [N, C] of several labels at once."""

    texts: Sequence[str]
    targets: NDArray[np.int64] | NDArray[np.float32]
    classes: int


@dataclass(frozen=True, slots=True)
class Taught:
    """Texts with unit teacher vectors [N, T]."""

    texts: Sequence[str]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Mixture:
    """What to learn from. `groups` are texts that mean the same; `alone` are texts whose only paraphrase is noise."""

    groups: Sequence[Sequence[str]]
    alone: Sequence[str]
    labelled: Mapping[str, Labelled]
    taught: Taught | None


@dataclass(frozen=True, slots=True)
class PretrainSchedule:
    """Steps, texts a step, peak learning rate; `temperature` of InfoNCE; `seconds` ends the run early (0: never)."""

    steps: int = 12000
    batch_size: int = 96
    learning_rate: float = 1.5e-3
    temperature: float = 0.05
    weight_decay: float = 1e-2
    average: float = 0.999
    seconds: float = 0.0


class PretrainHeads(nn.Module):
    """The parts that are thrown away afterwards: one linear head a task, one towards the teacher."""

    def __init__(self, size: int, classes: Mapping[str, int], teacher_size: int) -> None:
        super().__init__()
        self.classes = nn.ModuleDict({name: nn.Linear(size, count) for name, count in classes.items()})
        self.teacher = nn.Linear(size, max(teacher_size, 1))


def contrast(first: Tensor, second: Tensor, groups: Tensor, temperature: float) -> Tensor:
    """Symmetric InfoNCE of unit rows [B, D]; other texts of the same group are no negatives."""
    cosines = first @ second.T / temperature  # [B, B]
    same = groups[:, None] == groups[None, :]
    same.fill_diagonal_(False)
    cosines = cosines.masked_fill(same, torch.finfo(cosines.dtype).min)
    target = torch.arange(len(first), device=first.device)
    return (functional.cross_entropy(cosines, target) + functional.cross_entropy(cosines.T, target)) / 2


def follow(vectors: Tensor, guess: Tensor, teacher: Tensor) -> Tensor:
    """Distance to the teacher: its vectors by cosine (after a linear head), its pairwise cosines by square."""
    direct = 1 - functional.cosine_similarity(guess, teacher, dim=-1).mean()
    unit = functional.normalize(vectors, dim=-1)
    relations = functional.mse_loss(unit @ unit.T, teacher @ teacher.T)
    return direct + 10 * relations


def mimic(
    encoder: EncoderNetwork,
    views: Views,
    taught: Taught,
    noise: Noise,
    *,
    epochs: int = 6,
    batch_size: int = 512,
    learning_rate: float = 5e-3,
    device: torch.device,
    seed: int,
    told: Told = lambda step, steps, what: None,
) -> None:
    """Teach the embedding table alone that a text's mean embedding points where its teacher vector does.

    After Pinter et al. 2017, with n-grams in place of a character LSTM: it costs a hundredth of the recurrent training
    and gives it words to start from. The table is scaled afterwards to a spread that recurrent layers start well with.
    """
    shuffle, dice = seed_everything(seed), random.Random(seed)
    head = nn.Linear(encoder.shape.embedding_size, taught.vectors.shape[1], bias=False).to(device)
    table = encoder.table.to(device)
    optimizer = torch.optim.AdamW([*table.parameters(), *head.parameters()], lr=learning_rate, fused=True)
    for epoch in range(1, epochs + 1):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate * (1 - (epoch - 1) / epochs)
        rows = views.read([noise(text, dice) for text in taught.texts])
        total = 0.0
        for batch in length_buckets([len(row) for row in rows], batch_size, generator=shuffle):
            features, lengths = collate([rows[place] for place in batch], device)
            kept = features * (torch.rand(features.shape, device=device) >= 0.2)
            guess = head(table(kept.flatten(1)) / lengths.unsqueeze(-1).sqrt())
            teacher = torch.from_numpy(taught.vectors[batch]).to(device)
            loss = 1 - functional.cosine_similarity(guess, teacher, dim=-1).mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += float(loss.detach()) * len(batch)
        told(epoch, epochs, f"mimic {total / len(rows):.3f}")
    with torch.no_grad():
        used = table.weight[1:]
        used.mul_(0.1 / used.std())


def pretrain(
    encoder: EncoderNetwork,
    views: Views,
    mixture: Mixture,
    schedule: PretrainSchedule,
    noise: Noise,
    *,
    device: torch.device,
    seed: int,
    told: Told = lambda step, steps, what: None,
) -> EncoderNetwork:
    """The averaged encoder after the schedule; each step draws one task."""
    seed_everything(seed)
    dice = random.Random(seed)
    counts = {name: task.classes for name, task in mixture.labelled.items()}
    heads = PretrainHeads(
        encoder.shape.output_size, counts, mixture.taught.vectors.shape[1] if mixture.taught else 0
    ).to(device)
    encoder.to(device).train()
    averaged = [tensor.detach().clone() for tensor in encoder.parameters()]
    optimizer = torch.optim.AdamW(
        [*encoder.parameters(), *heads.parameters()],
        lr=schedule.learning_rate,
        weight_decay=schedule.weight_decay,
        fused=True,
    )
    tasks = _tasks(mixture)
    began, sums, seen = time.monotonic(), dict.fromkeys(tasks, 0.0), dict.fromkeys(tasks, 1e-9)
    step = 0
    while step < schedule.steps:
        spent = (time.monotonic() - began) / schedule.seconds if schedule.seconds else 0.0
        done = max(step / schedule.steps, spent)
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = schedule.learning_rate * _rate(step, done)
        name = dice.choices(list(tasks), weights=list(tasks.values()))[0]

        def encode(texts: Sequence[str]) -> Tensor:
            features, lengths = collate(views.read(texts), device)
            with autocast(device):
                vectors: Tensor = encoder(features, lengths)[0]
            return vectors.float()

        loss = _loss(name, mixture, schedule, encode, heads, noise, dice, device)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        optimizer.step()
        step += 1
        with torch.no_grad():
            decay = min(schedule.average, (step + 1) / (step + 10))
            torch._foreach_lerp_(averaged, list(encoder.parameters()), 1 - decay)
        sums[name] += float(loss.detach())
        seen[name] += 1
        if step % 100 == 0:
            told(step, schedule.steps, " ".join(f"{key} {sums[key] / seen[key]:.3f}" for key in tasks))
            sums, seen = dict.fromkeys(tasks, 0.0), dict.fromkeys(tasks, 1e-9)
    with torch.no_grad():
        for tensor, mean in zip(encoder.parameters(), averaged, strict=True):
            tensor.copy_(mean)
    return encoder.eval()


def _tasks(mixture: Mixture) -> dict[str, float]:
    """Share of the steps that each task gets."""
    shares = {"groups": 0.35, "alone": 0.1}
    if mixture.taught:
        shares["taught"] = 0.4
    return shares | {name: 0.15 / len(mixture.labelled) for name in mixture.labelled}


def _loss(
    name: str,
    mixture: Mixture,
    schedule: PretrainSchedule,
    encode: Callable[[Sequence[str]], Tensor],
    heads: PretrainHeads,
    noise: Noise,
    dice: random.Random,
    device: torch.device,
) -> Tensor:
    size = schedule.batch_size
    if name in ("groups", "alone"):
        pairs, numbers = _pairs(mixture, name, size // 2, noise, dice)
        unit = functional.normalize(encode([text for pair in zip(*pairs, strict=True) for text in pair]), dim=-1)
        half = len(numbers)
        return contrast(unit[:half], unit[half:], torch.tensor(numbers, device=device), schedule.temperature)
    if name == "taught" and mixture.taught is not None:
        places = [dice.randrange(len(mixture.taught.texts)) for _ in range(size)]
        vectors = encode([noise(mixture.taught.texts[place], dice) for place in places])
        teacher = torch.from_numpy(mixture.taught.vectors[places]).to(device)
        return follow(vectors, heads.teacher(vectors), teacher)
    task = mixture.labelled[name]
    places = [dice.randrange(len(task.texts)) for _ in range(size)]
    logits = heads.classes[name](encode([noise(task.texts[place], dice) for place in places]))
    targets = torch.from_numpy(task.targets[places]).to(device)
    if targets.is_floating_point():
        return functional.binary_cross_entropy_with_logits(logits, targets) * math.log2(task.classes)
    return functional.cross_entropy(logits, targets, label_smoothing=0.05)


def _pairs(
    mixture: Mixture, name: str, count: int, noise: Noise, dice: random.Random
) -> tuple[list[tuple[str, str]], list[int]]:
    """Pairs that mean the same, and the number of the group each comes from."""
    pairs: list[tuple[str, str]] = []
    numbers: list[int] = []
    for turn in range(count):
        if name == "alone":
            text = dice.choice(mixture.alone)
            # A text and two noisy copies of it; the number only says that no two pairs belong together.
            pairs.append((text, noise(noise(text, dice), dice)))
            numbers.append(turn)
            continue
        number = dice.randrange(len(mixture.groups))
        first, second = dice.sample(list(mixture.groups[number]), 2)
        pairs.append((noise(first, dice), noise(second, dice)))
        numbers.append(number)
    return pairs, numbers


def _rate(step: int, done: float) -> float:
    """Linear warm-up over 300 steps, then a cosine over what is left, in steps or in time."""
    return min(1.0, (step + 1) / 300) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
