"""Teach the gram encoder that paraphrases lie close. In: groups of like texts, lines, (question, answer) pairs.

Out: a `GramEncoder`. In-batch contrastive loss in both directions (van den Oord et al. 2018, eq. 4; temperature 0.07),
texts of one group are never each other's negatives. Noise and rewording make further pairs. Deterministic under the
seed on one thread. Knows nothing of files.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chatbot.retrieval.gram_encoder import BITS, DIM, GramEncoder, gram_ids
from chatbot.retrieval.rewording import reword
from chatbot.text.noise import jamo_noise, nospace
from chatbot.types import Morpheme

BATCH = 256
TEMPERATURE = 0.07
RATE = 2e-3
_WARM_UP = 100
_MAIN_SHARE = 0.6  # share of a batch drawn from one source: like texts make the harder negatives


@dataclass(frozen=True, slots=True)
class Material:
    """What to learn from: groups of like texts by source, lines with their morphemes, (question, answer) pairs."""

    groups: Mapping[str, Sequence[tuple[str, Sequence[str]]]]
    lines: Sequence[tuple[str, Sequence[Morpheme]]]
    pairs: Sequence[tuple[str, str]]


# Chance of each source in a batch: chat first, as the bot mostly chats; sizes of the groups play no part.
MIX = {
    "chat": 0.25,
    "welfare": 0.2,
    "knowledge": 0.1,
    "small talk": 0.05,
    "commands": 0.08,
    "lines": 0.24,
    "pairs": 0.08,
}


def train(
    material: Material, steps: int, seed: int, progress: Callable[[int, int, float], None] | None = None
) -> GramEncoder:
    """Train from scratch; `progress` hears (step, steps, mean loss)."""
    import torch
    from torch.nn import functional

    torch.manual_seed(seed)
    generator = random.Random(seed)
    table = torch.nn.EmbeddingBag(1 << BITS, DIM, mode="sum", sparse=True)
    torch.nn.init.normal_(table.weight, std=0.1)
    bend = torch.nn.Linear(DIM, DIM)
    optimisers = (
        torch.optim.SparseAdam(list(table.parameters()), lr=RATE),
        torch.optim.Adam(bend.parameters(), lr=RATE),
    )

    def vectors(texts: Sequence[str]) -> torch.Tensor:
        ids, starts = gram_ids(texts)
        sizes = torch.from_numpy(np.maximum(np.diff(np.append(starts, len(ids))), 1))
        summed = table(torch.from_numpy(ids), torch.from_numpy(starts)) / sizes.sqrt()[:, None]
        return functional.normalize(summed + bend(torch.tanh(summed)), dim=1)  # [B, D]

    total = 0.0
    for step in range(1, steps + 1):
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = RATE * min(1.0, step / _WARM_UP) * (1.0 - step / (steps + 1))
        left, right, labels = _draw(material, generator)
        scores = vectors(left) @ vectors(right).T / TEMPERATURE  # [B, B]
        codes = np.unique(labels, return_inverse=True)[1]
        alike = torch.from_numpy((codes[:, None] == codes) & ~np.eye(BATCH, dtype=bool))
        scores = scores.masked_fill(alike, -1e9)
        target = torch.arange(BATCH)
        loss = (functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)) / 2
        for optimiser in optimisers:
            optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for optimiser in optimisers:
            optimiser.step()  # type: ignore[no-untyped-call]
        total += float(loss.detach())
        if progress is not None and step % 100 == 0:
            progress(step, steps, total / 100)
            total = 0.0
    return _frozen(table.weight.detach().numpy(), bend.weight.detach().numpy(), bend.bias.detach().numpy())


def _frozen(table: Any, weight: Any, bias: Any) -> GramEncoder:
    """The trained arrays with the table in 8 bits."""
    scale = np.maximum(np.abs(table).max(axis=1), 1e-9) / 127
    small = np.round(table / scale[:, None]).astype(np.int8)
    digest = hashlib.sha256(small.tobytes() + weight.tobytes() + bias.tobytes()).hexdigest()[:12]
    return GramEncoder(
        small, scale.astype(np.float32), weight.astype(np.float32), bias.astype(np.float32), f"grams-{digest}"
    )


def _draw(material: Material, generator: random.Random) -> tuple[list[str], list[str], list[str]]:
    """A batch: two texts that belong together, and the name of what they belong to."""
    names = [name for name in MIX if name in ("lines", "pairs") or material.groups.get(name)]
    chances = [MIX[name] for name in names]
    main = generator.choices(names, chances)[0]
    left, right, labels = [], [], []
    for _ in range(BATCH):
        name = main if generator.random() < _MAIN_SHARE else generator.choices(names, chances)[0]
        if name == "lines":
            text, morphemes = generator.choice(material.lines)
            one, other, label = reword(text, morphemes, generator), text, text
        elif name == "pairs":
            one, other = generator.choice(material.pairs)
            label = other
        else:
            label, texts = generator.choice(material.groups[name])
            one, other = generator.sample(texts, 2)
        left.append(_noisy(one, generator))
        right.append(_noisy(other, generator) if generator.random() < 0.5 else other)
        labels.append(label)
    return left, right, labels


def _noisy(text: str, generator: random.Random) -> str:
    dice = generator.random()
    if dice < 0.08:
        return nospace(text)
    return jamo_noise(text, generator) if dice < 0.25 else text
