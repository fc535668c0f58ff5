"""How insulting a text is, by the character n-grams it is made of. In: a text. Out: a probability. Knows no rules.

A linear model over hashed n-grams weighed by their log-count ratios (Wang and Manning 2012, "Baselines and Bigrams",
eq. 3), over a list of bad words, and over the hostility that n-grams carry in comments labelled with emotions.
Numpy alone; fitted by `safety_training`.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chatbot.errors import CheckpointError
from chatbot.text.jamo import decompose
from chatbot.text.normalize import normalize

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

# Buckets of each view: 2**16 for jamo n-grams, 2**16 for syllable n-grams; twice as many gained nothing.
BUCKETS = 1 << 16
# Longest n-gram in characters: of jamo, of syllables (chosen on three splits of tox_curse's training rows).
LONGEST = (5, 3)
VIEWS = len(LONGEST)
# Number of features beside the n-grams: a bad word, one hidden among signs, how many (to 3), hostility.
DENSE = 4
# What is read of a text; longer ones are judged by their beginning.
_MAX_LENGTH = 400
_LONGEST_WORD = 8
WORDS = "words.txt"
KIND = "safety"


def pretrained_folder() -> Path:
    """Where the classifier lies that ships with the package."""
    return Path(__file__).resolve().parent.parent / "pretrained" / "safety"


@dataclass(frozen=True, eq=False)
class SafetyClassifier:
    """Fitted weights.

    `ratios`, `weights` and `hostility` have the shape [VIEWS, BUCKETS], `dense` [DENSE]. `threshold` is the
    probability from which the live bot believes it; ordinary lines stay below (scripts/train_safety.py).
    """

    ratios: np.ndarray
    weights: np.ndarray
    hostility: np.ndarray
    dense: np.ndarray
    bias: float
    threshold: float
    words: AbstractSet[str]

    def probability(self, text: str) -> float:
        """How likely a reader calls the text insulting, in [0, 1]."""
        plain = canonical(text)
        score = self.bias
        rows = buckets(plain)
        for view, row in enumerate(rows):
            norm = math.sqrt(float(np.square(self.ratios[view, row]).sum()))
            score += float(self.weights[view, row].sum()) / norm if norm else 0.0
        score += float(self.dense @ dense_features(plain, rows, self.words, self.hostility))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))

    def save(self, folder: Path, **facts: object) -> None:
        """Write a checkpoint folder; `facts` (figures, sources) go into its config.

        Raises
        ------
        CheckpointError
            when the disk refuses.
        """
        import torch

        from chatbot.neural import checkpoint

        tensors = {
            name: torch.from_numpy(np.asarray(getattr(self, name), dtype=np.float32))
            for name in ("ratios", "weights", "hostility", "dense")
        }
        config = {**facts, "kind": KIND, "buckets": BUCKETS, "longest": list(LONGEST)}
        config |= {"bias": self.bias, "threshold": self.threshold}
        checkpoint.save(folder, tensors, config, {WORDS: "\n".join(sorted(self.words)) + "\n"}, half=True)

    @classmethod
    def load(cls, folder: Path) -> SafetyClassifier:
        """Read what `save` wrote.

        Raises
        ------
        CheckpointError
            when a file is missing, changed, or of another shape.
        """
        from chatbot.neural import checkpoint

        tensors, config = checkpoint.load(folder)
        checkpoint.agree(folder, config, kind=KIND, buckets=BUCKETS, longest=list(LONGEST))
        words = checkpoint.read_verified(folder).get(WORDS, b"").decode("utf-8").split()
        shapes = dict.fromkeys(("ratios", "weights", "hostility"), (VIEWS, BUCKETS)) | {"dense": (DENSE,)}
        for name, shape in shapes.items():
            if name not in tensors or tuple(tensors[name].shape) != shape:
                raise CheckpointError(f"{folder}: {name} is not of shape {shape}; {checkpoint.REMEDY}")
        arrays = {name: tensors[name].numpy() for name in shapes}
        return cls(**arrays, bias=config["bias"], threshold=config["threshold"], words=frozenset(words))


def canonical(text: str) -> str:
    """The text as the features see it: normalised, small letters, bounded."""
    return normalize(text, _MAX_LENGTH).lower()


def buckets(plain: str) -> tuple[np.ndarray, ...]:
    """The buckets of the different n-grams of each view; n-grams do not cross words, whose borders are spaces."""
    views = (decompose(plain), plain)
    return tuple(
        np.fromiter({_bucket(gram) for gram in _grams(text, longest)}, dtype=np.int64)
        for text, longest in zip(views, LONGEST, strict=True)
    )


def dense_features(
    plain: str, rows: tuple[np.ndarray, ...], words: AbstractSet[str], hostility: np.ndarray
) -> np.ndarray:
    """The features beside the n-grams, float64 [DENSE]; scaled so that one penalty suits all."""
    found = _found(plain, words)
    hidden = found or _found("".join(c for c in plain if c.isalpha()), words)
    return np.array([0.5 * (found > 0), 0.5 * (hidden > 0), 0.5 * min(3, found), 0.3 * hostile(rows, hostility)])


def hostile(rows: tuple[np.ndarray, ...], hostility: np.ndarray) -> float:
    """The mean hostility of the n-grams: their weights over the root of their number."""
    return sum(float(hostility[view, row].sum()) / math.sqrt(len(row)) for view, row in enumerate(rows) if len(row))


def _grams(text: str, longest: int) -> Iterator[str]:
    for word in text.split():
        padded = f" {word} "
        for size in range(1, longest + 1):
            for at in range(len(padded) - size + 1):
                yield padded[at : at + size]


@lru_cache(maxsize=1 << 16)
def _bucket(gram: str) -> int:
    return zlib.crc32(gram.encode("utf-8", "surrogatepass")) % BUCKETS


def _found(text: str, words: AbstractSet[str]) -> int:
    """How many different words of the list stand in the text."""
    pieces = {text[at : at + size] for size in range(2, _LONGEST_WORD + 1) for at in range(len(text) - size + 1)}
    return len(pieces & words)
