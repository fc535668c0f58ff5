"""The linear parts of an intent model as tensors of a checkpoint, and back, those of earlier versions too.

In: parts, or tensors and the checkpoint's config. Out: the other. Knows nothing of networks, labels or files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chatbot.errors import CheckpointError
from chatbot.intent.linear import LinearModel, WordBlock, whole_numbers
from chatbot.intent.slips import Slips
from chatbot.intent.spacing import Spacing
from chatbot.intent.tfidf import Tfidf
from chatbot.neural import checkpoint
from chatbot.neural.meanings import FOLDER, Words

if TYPE_CHECKING:
    from torch import Tensor

Arrays = Mapping[str, NDArray[Any]]


def pack(linear: LinearModel, remembered: NDArray[np.float32], spacing: Spacing, slips: Slips) -> dict[str, Tensor]:
    """Everything but the network; weights are whole numbers with a scale each label."""
    import torch

    weights, scale = whole_numbers(linear.weights)
    arrays: dict[str, NDArray[Any]] = {
        "linear.terms": linear.tfidf.terms.view(np.int64).copy(),
        "linear.idf": linear.tfidf.idf,
        "linear.weights": weights,
        "linear.scale": scale,
        "linear.bias": linear.bias,
        "memory.vectors": remembered,
        "spacing.weights": spacing.weights,
        "slips.grams": slips.grams.view(np.int64).copy(),
        "slips.counts": slips.counts,
    }
    if linear.words is not None:
        whole, worth = whole_numbers(linear.words.weights)
        arrays |= {
            "words.terms": linear.words.tfidf.terms.view(np.int64).copy(),
            "words.idf": linear.words.tfidf.idf,
            "words.weights": whole,
            "words.scale": worth,
            "words.meanings": linear.words.meanings,
        }
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def linear(folder: Path, config: Mapping[str, Any], arrays: Arrays, words: Words | None) -> LinearModel:
    """The linear model; one that reads morphemes asks `words`, or a Kiwi of its own.

    Raises
    ------
    CheckpointError
        when it was taught with other word meanings.
    """
    tfidf = Tfidf(tuple(config["views"]), arrays["linear.terms"].view(np.uint64), arrays["linear.idf"])
    # Checkpoints of earlier versions keep the weights in half precision, without a scale.
    weights: NDArray[np.float32] = arrays["linear.weights"] * arrays.get("linear.scale", np.float32(1))
    return LinearModel(tfidf, weights, arrays["linear.bias"], _block(folder, config, arrays, words))


def spacing(arrays: Arrays, config: Mapping[str, Any]) -> Spacing:
    """Checkpoints of earlier versions put no spaces in."""
    return Spacing(arrays["spacing.weights"], config["spacing"]) if "spacing" in config else Spacing.none()


def slips(arrays: Arrays) -> Slips:
    """Checkpoints of earlier versions undo no slips."""
    if "slips.grams" not in arrays:
        return Slips.none()
    return Slips(arrays["slips.grams"].view(np.uint64), arrays["slips.counts"])


def _block(folder: Path, config: Mapping[str, Any], arrays: Arrays, given: Words | None) -> WordBlock | None:
    """The linear model's morphemes; checkpoints of earlier versions read none."""
    if not config.get("words"):
        return None
    words, wanted = given or Words.shipped(), config["words"]["meanings"]
    if wanted is None:
        words = replace(words, meanings=None)
    elif words.fingerprint != wanted:
        raise CheckpointError(
            f"{folder}: was taught with the word meanings {wanted}, not with those of {FOLDER} "
            f"({words.fingerprint or 'missing'}); {checkpoint.REMEDY}"
        )
    tfidf = Tfidf(("whole",), arrays["words.terms"].view(np.uint64), arrays["words.idf"])
    return WordBlock(words, tfidf, arrays["words.weights"] * arrays["words.scale"], arrays["words.meanings"])
