"""Morphemes to integer features, one row a morpheme: the word, its form, its tag, its edges and the word before it.

In: texts cut into morphemes. Out: integer arrays that index one embedding table, as those of `views.py` do, but much
shorter, and with the edges and tags that an analyzer knows. Knows nothing of tensors, networks or analyzers. Shapes: S
morphemes (at least 1), F features a morpheme.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np

from chatbot.neural.views import Rows

# A morpheme as an analyzer gives it: form and Sejong tag.
Key = tuple[str, str]

_NONE, _UNKNOWN = 0, 1  # row 0 is padding; row 1 stands for a text without morphemes
_SPECIAL = 2
FEATURES = 7
_START = ("^", "^")


@dataclass(frozen=True, slots=True)
class MorphemeViews:
    """How morphemes become rows of an embedding table of hashed features; texts are cut after `max_length` of them."""

    buckets: int = 24576
    max_length: int = 80

    @property
    def table_size(self) -> int:
        """Rows of the embedding table, padding included."""
        return _SPECIAL + self.buckets

    def read(self, texts: Sequence[Sequence[Key]]) -> list[Rows]:
        """One int32 array [S, F] a text; 0 where a feature does not apply."""
        rows = []
        for keys in texts:
            keys = keys[: self.max_length]
            features = np.zeros((max(1, len(keys)), FEATURES), dtype=np.int32)
            features[0, 0] = _UNKNOWN
            for place, (before, key) in enumerate(zip([_START, *keys[:-1]], keys, strict=False)):
                features[place] = self._features(before, key)
            rows.append(features)
        return rows

    def as_config(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"buckets": self.buckets, "max_length": self.max_length}

    def _features(self, before: Key, key: Key) -> list[int]:
        return [_NONE if term is None else _SPECIAL + term % self.buckets for term in _terms(before, key)]


def drop_morphemes(rows: Rows, dice: random.Random, share: float = 0.12) -> Rows:
    """The rows without some of them, never without all: what stands in every line of an intent is not leant on."""
    kept = [place for place in range(len(rows)) if dice.random() >= share]
    return rows[kept] if kept else rows


@lru_cache(maxsize=1 << 16)
def _terms(before: Key, key: Key) -> tuple[int | None, ...]:
    """Hashes of the features of a morpheme."""
    form, tag = key
    return (
        _hash("word", form, tag),
        _hash("form", form),
        _hash("tag", tag),
        _hash("pair", *before, form, tag),
        _hash("first", form[:1], tag[:1]),
        _hash("last", form[-1:]),
        _hash("begin", form[:2]) if len(form) > 1 else None,
    )


def _hash(*parts: str) -> int:
    return int.from_bytes(blake2b("\t".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
