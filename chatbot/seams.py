"""The protocols between stages, one a seam: plain values in, plain values out. Knows no implementation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from chatbot.types import Candidate, IntentScores, Morpheme, Turn, Utterance


class Analyzer(Protocol):
    """Morphological analysis."""

    name: str

    def analyze(self, texts: Sequence[str]) -> list[list[Morpheme]]:
        """Morphemes of each text, in order, spans inside the text."""
        ...


class IntentClassifier(Protocol):
    """Understanding."""

    def classify(self, utterances: Sequence[Utterance]) -> list[IntentScores]:
        """Calibrated scores of each utterance, best first."""
        ...


class Responder(Protocol):
    """Answering: whoever can propose replies to an utterance."""

    def propose(self, utterance: Utterance, history: Sequence[Turn]) -> list[Candidate]:
        """Candidates, best first; empty when there is nothing to say."""
        ...


class VectorIndex(Protocol):
    """Nearest vectors under stable integer ids. Vectors are float32 rows of unit length."""

    def add(self, ids: Sequence[int], vectors: np.ndarray) -> None: ...

    def remove(self, ids: Sequence[int]) -> int: ...

    def search(self, vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """(scores, ids), both [B, k], best first; missing places hold id -1."""
        ...

    def save(self, path: Path) -> None: ...


class ConversationStore(Protocol):
    """Memory on disk."""

    def append(self, turn: Turn) -> int:
        """Keep one turn durably; returns its row id."""
        ...

    def history(self, session: str, limit: int) -> list[Turn]:
        """The last `limit` turns of a session, oldest first."""
        ...

    def forget(self, session: str) -> int:
        """Delete every row of a session for good; returns how many turns went."""
        ...
