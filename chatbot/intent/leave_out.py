"""What unknown texts look like, learnt without any: leave intents out of a short training and watch their texts.

In: numbered examples and settings. Out: `Signs` of known and of left-out texts. Knows nothing of label names or files.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from chatbot.intent.build import Numbered, build_linear, build_scorer
from chatbot.intent.calibrate import Calibration
from chatbot.intent.familiarity import Familiarity, Signs, signs_of
from chatbot.intent.fusion import Fusion
from chatbot.intent.linear import LinearModel, unit
from chatbot.intent.model import Memory, nearest, parts_of
from chatbot.intent.scorers import Scorer
from chatbot.intent.settings import Settings, epochs_for

_REMEMBERED = 6000  # training lines kept for distances at most
_PROXY_INTENTS = 8  # fewer intents than this, and none is left out to learn what unknown looks like
_PROXY_SHARE = 0.25


@dataclass(frozen=True)
class Measured:
    """What the parts say of texts they were not taught, before they are fused."""

    parts: list[NDArray[np.float32]]
    linear: NDArray[np.float32]
    neighbour: NDArray[np.float32]
    coverage: NDArray[np.float32]

    @classmethod
    def of(cls, texts: Sequence[str], scorer: Scorer | None, linear: LinearModel, memory: Memory) -> Measured:
        found = linear.tfidf.find(texts)
        scored, scores = scorer.score(texts) if scorer else None, linear.scores(texts, found)
        vectors = scored.vectors if scored else unit(scores)
        return cls(
            parts_of(scored, scores), scores, nearest(memory.similarities(vectors)), linear.tfidf.coverage(found)
        )

    @classmethod
    def joined(cls, measured: Sequence[Measured]) -> Measured:
        """Those of several sets of texts, one after another."""
        return cls(
            [np.concatenate(parts) for parts in zip(*(one.parts for one in measured), strict=True)],
            np.concatenate([one.linear for one in measured]),
            np.concatenate([one.neighbour for one in measured]),
            np.concatenate([one.coverage for one in measured]),
        )

    def signs(self, fused: NDArray[np.float64], calibration: Calibration) -> Signs:
        return signs_of(calibration.probabilities(fused), fused, self.neighbour, self.linear, self.coverage)


@dataclass(frozen=True)
class Proxy:
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


def leave_out(rows: Numbered, held: Numbered, n_labels: int, settings: Settings, device: torch.device) -> Proxy | None:
    """Leave intents out, train shortly, and look at the held-out texts of both kinds.

    Where a training takes seconds, that is done twice, with other intents.
    """
    if n_labels < _PROXY_INTENTS or len(held) < 50:
        return None
    order = _order(rows, settings.seed)
    size = max(2, round(n_labels * _PROXY_SHARE))
    turns = [set(order[at : at + size]) for at in (0, size)[: 2 if settings.quick else 1]]
    proxies = [proxy for out in turns if (proxy := _without(out, rows, held, settings, device)) is not None]
    if not proxies:
        return None
    return Proxy(np.concatenate([one.known for one in proxies]), np.concatenate([one.unknown for one in proxies]))


def _without(out: set[int], rows: Numbered, held: Numbered, settings: Settings, device: torch.device) -> Proxy | None:
    """What a short training without some intents says."""
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
    whole = settings.epochs or epochs_for(len(rows), settings.encoder)
    least = 3 if light.encoder == "pretrained" else 6
    short = replace(light, members=1, epochs=min(whole, max(least, whole // 2)))
    linear = build_linear(inside, len(renumber), settings)
    scorer, _ = build_scorer(inside, known, len(renumber), short, device, None)
    memory = remember(inside, scorer, linear, settings.seed)
    seen = Measured.of([text for text, _ in known], scorer, linear, memory)
    strange = Measured.of(unknown, scorer, linear, memory)
    truth = np.array([label for _, label in known], dtype=np.int64)
    fusion = Fusion.fit(seen.parts, truth, light.network_share)
    fused = fusion.scores(seen.parts)
    calibration = Calibration.fit(fused, truth)
    return Proxy(seen.signs(fused, calibration), strange.signs(fusion.scores(strange.parts), calibration))


def _order(rows: Numbered, seed: int) -> list[int]:
    """The intents, shuffled by what is written in them: with one intent more nearly the same are left out together, so
    that the thresholds stay where they were."""
    first: dict[int, str] = {}
    for text, label in rows:
        first[label] = min(first.get(label, text), text)
    return sorted(first, key=lambda label: zlib.crc32(f"{seed} {first[label]}".encode("utf-8", "surrogatepass")))


def remember(rows: Numbered, scorer: Scorer | None, linear: LinearModel, seed: int) -> Memory:
    """Lines kept with their vectors: all of a small set, an even sample of a large one."""
    kept = list(rows)
    if len(kept) > _REMEMBERED:
        kept = random.Random(seed).sample(kept, _REMEMBERED)
    texts = tuple(text for text, _ in kept)
    vectors = scorer.score(texts).vectors if scorer else linear.vectors(texts)
    return Memory(texts, tuple(label for _, label in kept), vectors.astype(np.float16).astype(np.float32))
