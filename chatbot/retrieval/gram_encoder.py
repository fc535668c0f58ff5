"""Learned vectors of n-grams: a text's vector is the sum of its n-grams', bent once. In: texts. Out: unit vectors.

x = Σ table[g] / √n over the n hashed character and jamo n-grams g of the text (fastText, Bojanowski et al. 2017),
then x + W tanh(x) + b, then unit length. Trained by gram_training.py so that paraphrases come close. One text takes a
fraction of a millisecond in plain NumPy. Knows nothing of indexes.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatbot.errors import CheckpointError
from chatbot.retrieval.grams import character_terms, jamo_terms

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]

KIND = "gram-encoder"
BITS = 15  # 2^15 rows in the table: 4 MB at 128 bytes each
DIM = 128
_BATCH = 256
_JAMO_SALT = np.uint64(0x5BD1E995)  # keeps jamo n-grams and character n-grams apart
_MULTIPLIER = np.uint64(0xD6E8FEB86659FD93)


def gram_ids(texts: Sequence[str]) -> tuple[Ids, Ids]:
    """Table rows of all n-grams of all texts [N], and where each text's begin [B]."""
    characters, at = character_terms(texts, (1, 2, 3))
    jamo, jamo_at = jamo_terms(texts, (3, 4, 5))
    terms = np.concatenate([characters, jamo ^ _JAMO_SALT])
    places = np.concatenate([at, jamo_at])
    order = np.argsort(places, kind="stable")
    ids = ((terms[order] * _MULTIPLIER) >> np.uint64(64 - BITS)).astype(np.int64)
    return ids, np.searchsorted(places[order], np.arange(len(texts))).astype(np.int64)


class GramEncoder:
    """The table as 8-bit integers with a scale a row, and the bend."""

    def __init__(self, table: NDArray[np.int8], scale: Floats, weight: Floats, bias: Floats, fingerprint: str) -> None:
        self._table = table
        self._scale = scale
        self._weight = weight
        self._bias = bias
        self.fingerprint = fingerprint

    @property
    def dim(self) -> int:
        return int(self._table.shape[1])

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit rows [B, dim]; a text without any letter gives a zero row."""
        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        for begin in range(0, len(texts), _BATCH):
            some = texts[begin : begin + _BATCH]
            out[begin : begin + len(some)] = self._encode(some)
        return out

    def _encode(self, texts: Sequence[str]) -> Floats:
        ids, starts = gram_ids(texts)
        sizes = np.diff(np.append(starts, len(ids)))
        summed = np.zeros((len(texts), self.dim), dtype=np.float32)
        there = sizes > 0
        if there.any():
            rows = self._table[ids].astype(np.float32) * self._scale[ids, None]  # [N, D]
            summed[there] = np.add.reduceat(rows, starts[there]) / np.sqrt(sizes[there, None])
        bent = summed + np.tanh(summed) @ self._weight.T + self._bias
        bent[~there] = 0.0
        unit: Floats = (bent / np.maximum(np.linalg.norm(bent, axis=1, keepdims=True), 1e-9)).astype(np.float32)
        return unit

    def save(self, folder: Path, notes: Mapping[str, object], files: Mapping[str, str] | None = None) -> None:
        """Write a checkpoint folder; `notes` (seed, steps) go into its config.json, `files` (model card) beside it."""
        import torch

        from chatbot.neural import checkpoint

        arrays = {"table": self._table, "scale": self._scale, "weight": self._weight, "bias": self._bias}
        tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
        checkpoint.save(folder, tensors, {"kind": KIND, "fingerprint": self.fingerprint, **notes}, files)

    @classmethod
    def load(cls, folder: Path) -> GramEncoder:
        """Read what `save` wrote.

        Raises
        ------
        CheckpointError
            when it is missing, damaged or something else.
        """
        from chatbot.neural import checkpoint

        tensors, config = checkpoint.load(folder)
        if config.get("kind") != KIND:
            raise CheckpointError(f"{folder}: not a {KIND}; reinstall korean-chatbot or run scripts/train_fusion.py")
        arrays = {name: np.asarray(tensor) for name, tensor in tensors.items()}
        return cls(
            arrays["table"].astype(np.int8),
            arrays["scale"].astype(np.float32),
            arrays["weight"].astype(np.float32),
            arrays["bias"].astype(np.float32),
            str(config["fingerprint"]),
        )


@functools.cache
def shipped_grams() -> GramEncoder:
    """The weights that ship with the package, read once."""
    return GramEncoder.load(Path(__file__).resolve().parent.parent / "pretrained" / "retrieval_fusion_grams")
