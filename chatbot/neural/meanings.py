"""Morphemes, and what they mean: a text's meaning is the weighted mean of pretrained morpheme vectors.

In: preprocessed texts, and Kiwi to cut them into morphemes. Out: keys (form, tag), float32 unit rows [B, T]. The
vectors follow the similarities of Kiwi's language model (`lexical_teacher.py`); forms and tags are their keys, so that
another version of Kiwi still finds its words. Knows nothing of networks or labels. Shapes: B batch, M morphemes, T
meaning.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from chatbot.errors import CheckpointError
from chatbot.neural import checkpoint
from chatbot.seams import Analyzer
from chatbot.text.kiwi import KiwiAnalyzer
from chatbot.types import Morpheme

KIND, FORMAT = "meanings", 1
MORPHEMES = "morphemes.txt"
FOLDER = Path(__file__).resolve().parent.parent / "pretrained" / "meanings"

# A morpheme as an analyzer gives it: form and Sejong tag.
Key = tuple[str, str]


class Meanings:
    """Unit vectors of texts. Deterministic; threads may share one.

    `table` [M, T] holds whole numbers, `scale` [M] what one of them is worth in each row: length is weight, so that
    what stands in every second sentence counts little.
    """

    def __init__(self, keys: Sequence[Key], table: NDArray[np.int8], scale: NDArray[np.float32]) -> None:
        self._keys = tuple(keys)
        self._table = table
        self._scale = scale
        self._place = {key: place for place, key in enumerate(self._keys)}
        self.fingerprint = _fingerprint(self._keys, table, scale)

    @classmethod
    def of(cls, vectors: Mapping[Key, NDArray[np.float32]]) -> Meanings:
        """Vectors in eight bits a number, a scale each."""
        wide = np.stack(list(vectors.values()))
        scale = np.maximum(np.abs(wide).max(axis=1) / 127, 1e-6).astype(np.float16).astype(np.float32)
        table = np.clip(np.rint(wide / scale[:, None]), -127, 127).astype(np.int8)
        return cls(tuple(vectors), table, scale)

    @property
    def dim(self) -> int:
        """T, the size of a vector."""
        return int(self._table.shape[1])

    def __len__(self) -> int:
        return len(self._keys)

    def encode(self, texts: Sequence[Sequence[Key]]) -> NDArray[np.float32]:
        """Unit rows [B, T] of texts cut into morphemes; a text without any known word is a zero row."""
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, keys in zip(rows, texts, strict=True):
            places = [self._place[key] for key in keys if key in self._place]
            if places:
                row += self._scale[places] @ self._table[places].astype(np.float32)
        unit: NDArray[np.float32] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return unit

    def save(self, folder: Path, files: Mapping[str, bytes | str] | None = None) -> None:
        """Write a checkpoint folder."""
        tensors = {"table": torch.from_numpy(self._table), "scale": torch.from_numpy(self._scale)}
        config = {"kind": KIND, "format": FORMAT, "size": self.dim, "morphemes": len(self._keys)}
        listed = "".join(f"{form}\t{tag}\n" for form, tag in self._keys)
        checkpoint.save(folder, tensors, config, {MORPHEMES: listed, **(files or {})}, half=True)

    @classmethod
    def load(cls, folder: Path) -> Meanings:
        """The meanings of a folder.

        Raises
        ------
        CheckpointError
            when the folder is missing, damaged, of another kind, or its parts do not agree.
        """
        tensors, config = checkpoint.load(folder)
        checkpoint.agree(folder, config, kind=KIND, format=FORMAT)
        listed = checkpoint.read_verified(folder)[MORPHEMES].decode("utf-8")
        keys = [(form, tag) for form, _, tag in (line.partition("\t") for line in listed.split("\n")[:-1])]
        table, scale = tensors["table"].numpy(), tensors["scale"].numpy()
        if not len(keys) == len(table) == len(scale):
            raise CheckpointError(
                f"{folder / MORPHEMES}: {len(keys)} morphemes, the weights have {len(table)}; {checkpoint.REMEDY}"
            )
        return cls(keys, table, scale)


@dataclass(frozen=True)
class Words:
    """How texts are cut into morphemes, and what those mean (none where nothing pretrained is to be used)."""

    analyzer: Analyzer
    meanings: Meanings | None = None

    @classmethod
    def shipped(cls, analyzer: Analyzer | None = None) -> Words:
        """The meanings that ship, where they are installed, and `analyzer`, or a Kiwi of its own."""
        installed = (FOLDER / checkpoint.CONFIG).is_file()
        return cls(analyzer or KiwiAnalyzer(), Meanings.load(FOLDER) if installed else None)

    def keys(self, texts: Sequence[str]) -> list[list[Key]]:
        """The morphemes of each text."""
        return [[(m.form, m.tag) for m in morphemes] for morphemes in self.analyzer.analyze(texts)]

    @property
    def fingerprint(self) -> str | None:
        """Changes whenever the meanings would; none without any."""
        return self.meanings.fingerprint if self.meanings else None

    def remembering(self) -> Words:
        """The same words, but each text is cut once: a training asks for its lines again and again."""
        return replace(self, analyzer=_Remembering(self.analyzer))


class _Remembering:
    """An analyzer that keeps what it said."""

    def __init__(self, analyzer: Analyzer) -> None:
        self.name = analyzer.name
        self._analyzer = analyzer
        self._said: dict[str, list[Morpheme]] = {}

    def analyze(self, texts: Sequence[str]) -> list[list[Morpheme]]:
        """See `Analyzer`."""
        new = [text for text in dict.fromkeys(texts) if text not in self._said]
        self._said.update(zip(new, self._analyzer.analyze(new), strict=True))
        return [self._said[text] for text in texts]


def _fingerprint(keys: Sequence[Key], table: NDArray[np.int8], scale: NDArray[np.float32]) -> str:
    """Changes whenever the vectors would; an intent checkpoint keeps it, so that foreign meanings are noticed."""
    digest = hashlib.sha256(repr(keys).encode())
    digest.update(table.tobytes() + scale.astype(np.float16).tobytes())
    return digest.hexdigest()[:16]
