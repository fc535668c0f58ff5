"""How like taught questions are to what is asked, by learned vectors. In: questions. Out: cosines, and bytes to keep.

The vectors are retrieval's (the shipped sentence encoder beside the n-gram encoder), turned to their main axes and
kept in one byte a number, as a responder must stay small. Knows no answers.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatbot.retrieval.embed import Embedder, JointEmbedder

Floats = NDArray[np.float32]

FILE = "likeness.npz"
AXES = 64  # of 384; all of them find no better neighbours


@dataclass(frozen=True, slots=True)
class Likeness:
    """Unit vectors of N questions in few numbers: `axes` [D, K], `rows` [N, K], `scale` [N]; `fingerprint` names the
    encoders they come from."""

    axes: Floats
    rows: NDArray[np.int8]
    scale: Floats
    fingerprint: str

    @classmethod
    def of(cls, questions: Sequence[str], embedder: Embedder, before: Likeness | None = None) -> Likeness:
        """The vectors of new questions behind those of `before`, whose axes hold."""
        vectors = embedder.encode(questions)
        axes = _main_axes(vectors) if before is None else before.axes
        turned = _turned(vectors, axes)
        scale = _short(np.maximum(np.abs(turned).max(axis=1, initial=0.0), 1e-6) / 127)
        rows = np.clip(np.round(turned / scale[:, None]), -127, 127).astype(np.int8)
        if before is not None:
            rows, scale = np.concatenate([before.rows, rows]), np.concatenate([before.scale, scale])
        return cls(axes, rows, scale, embedder.fingerprint)

    def cosines(self, texts: Sequence[str], embedder: Embedder) -> Floats:
        """How like each text is to each question [B, N]."""
        near: Floats = (_turned(embedder.encode(texts), self.axes) @ self.rows.T.astype(np.float32)) * self.scale
        return near

    def to_bytes(self) -> bytes:
        """What `from_bytes` reads."""
        out = io.BytesIO()
        np.savez(
            out, axes=self.axes.astype(np.float16), rows=self.rows, scale=self.scale.astype(np.float16),
            fingerprint=np.array(self.fingerprint),
        )  # fmt: skip
        return out.getvalue()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Likeness:
        """Read what `to_bytes` wrote.

        Raises
        ------
        ValueError
            when it is something else.
        """
        try:
            kept = np.load(io.BytesIO(raw), allow_pickle=False)
            axes, scale = kept["axes"].astype(np.float32), kept["scale"].astype(np.float32)
            return cls(axes, kept["rows"], scale, str(kept["fingerprint"]))
        except (KeyError, OSError, ValueError) as error:
            raise ValueError(f"{FILE}: not the vectors of questions ({error})") from error


def _main_axes(vectors: Floats) -> Floats:
    """The axes [D, K] along which the vectors [N, D] spread most."""
    _, axes = np.linalg.eigh(vectors.T @ vectors)
    return _short(np.ascontiguousarray(axes[:, ::-1][:, :AXES]))


def _short(values: Floats) -> Floats:
    """Rounded as the file keeps them, so that a loaded memory finds the same neighbours."""
    return values.astype(np.float16).astype(np.float32)


def _turned(vectors: Floats, axes: Floats) -> Floats:
    turned = vectors @ axes
    unit: Floats = turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-9)
    return unit


@functools.cache
def shipped_embedder() -> Embedder:
    """The encoders that ship with the package, read once."""
    from chatbot.retrieval.evaluate import default_embedder
    from chatbot.retrieval.gram_encoder import shipped_grams

    return JointEmbedder(default_embedder(), shipped_grams())
