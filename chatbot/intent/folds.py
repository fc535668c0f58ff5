"""What a model says of its own examples while they are not among them: several trainings, each without a part of them.

In: numbered examples and settings. Out: the held-out examples with what was `Measured` of them. A model that all the
examples taught can so be calibrated on all of them (cross-fitting, Chernozhukov et al. 2018). Knows nothing of fusion,
thresholds or label names.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence

import torch

from chatbot.intent.build import Numbered, build_linear, build_scorer
from chatbot.intent.leave_out import Measured, remember
from chatbot.intent.network import Progress
from chatbot.intent.settings import Settings

# Labels with fewer examples are always taught: without one of them nothing could be said of them.
_FEWEST = 5


def can_fold(rows: Numbered) -> bool:
    """Whether any label has examples enough to do without some of them."""
    return max(Counter(label for _, label in rows).values(), default=0) >= _FEWEST


def cross_fit(
    rows: Numbered,
    n_labels: int,
    settings: Settings,
    device: torch.device,
    progress: Progress | None = None,
) -> tuple[list[tuple[str, int]], Measured]:
    """The examples in the order of the folds, and what trainings without each fold say of its examples.

    Labels with hardly any examples have none among them; one at least must have more (`can_fold`).
    """
    held_of = _folds(rows, settings.folds, settings.seed)
    asked, measured = list[tuple[str, int]](), list[Measured]()
    for fold in range(settings.folds):
        held = [row for row, own in zip(rows, held_of, strict=True) if own == fold]
        if not held:
            continue
        taught = [row for row, own in zip(rows, held_of, strict=True) if own != fold]
        linear = build_linear(taught, n_labels, settings)
        scorer, _ = build_scorer(taught, (), n_labels, settings, device, None)
        memory = remember(taught, scorer, linear, settings.seed)
        measured.append(Measured.of([text for text, _ in held], scorer, linear, memory))
        asked += held
        if progress is not None:
            progress(fold + 1, settings.folds, f"fold {fold + 1} of {settings.folds}")
    return asked, Measured.joined(measured)


def _folds(rows: Numbered, count: int, seed: int) -> Sequence[int]:
    """The fold of each example, -1 for none: every label's examples are spread over all of them.

    Chosen by the text, so that a new line moves hardly any other.
    """
    places: dict[int, list[int]] = {}
    for place, (_, label) in enumerate(rows):
        places.setdefault(label, []).append(place)
    folds = [-1] * len(rows)
    for own in places.values():
        if len(own) >= _FEWEST:
            own.sort(key=lambda place: zlib.crc32(f"{seed} {rows[place][0]}".encode("utf-8", "surrogatepass")))
            for turn, place in enumerate(own):
                folds[place] = turn % count
    return folds
