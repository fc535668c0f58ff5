"""The answers that people gave to like questions. In: taught pairs, then a question. Out: voices with weights.

The generator does not say them: they lean its next subwords towards what people went on with (`Hint`) and they vote on
what it made (rerank.py). Knows no tensors and no model.
"""

from __future__ import annotations

import json
import math
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chatbot.seq2seq.search import BOS, EOS

FILE = "memory.jsonl"
# Neighbours that speak, and how fast their weight falls with the distance to the nearest: the answer of the nearest
# question alone gets chrF 11.1 on chat_pairs dev, the best of 40 neighbours' answers by their own vote 11.8.
SPEAKING = 40
FALL = 0.15
# How many subwords back a hint looks at most, as longer matches are rare among 40 answers.
REACH = 3


@dataclass(frozen=True, slots=True)
class Voice:
    """An answer to a like question: its share among the neighbours of that question, and how like that one is, both
    in (0, 1]."""

    answer: str
    weight: float
    nearness: float


class Neighbours:
    """Taught pairs, found by TF-IDF over character n-grams of their questions; the table is made at first use."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self.pairs = tuple(dict.fromkeys(pairs))
        self._lock = threading.Lock()
        self._table: Any = None

    def __len__(self) -> int:
        return len(self.pairs)

    def voices(self, texts: Sequence[str], count: int = SPEAKING) -> list[list[Voice]]:
        """Up to `count` voices for each text, nearest first, weights summing to one; none where nothing is shared."""
        if not self.pairs or not texts:
            return [[] for _ in texts]
        vectorizer, known = self._ready()
        shared = (vectorizer.transform(texts) @ known.T).toarray()  # [B, N]
        return [self._voices(row, count) for row in shared]

    def _voices(self, row: np.ndarray, count: int) -> list[Voice]:
        best = np.argsort(-row, kind="stable")[:count]
        best = best[row[best] > 0]
        weights = np.exp((row[best] - row.max(initial=0.0)) / FALL)
        shares = weights / max(weights.sum(), 1e-9)
        return [Voice(self.pairs[at][1], float(w), float(row[at])) for at, w in zip(best, shares, strict=True)]

    def _ready(self) -> tuple[Any, Any]:
        with self._lock:
            if self._table is None:
                from sklearn.feature_extraction.text import TfidfVectorizer

                vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, dtype=np.float32)
                self._table = vectorizer, vectorizer.fit_transform([question for question, _ in self.pairs])
            vectorizer, known = self._table
            return vectorizer, known

    def as_lines(self) -> str:
        """The pairs as JSON lines; `from_lines` reads them."""
        return "".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in self.pairs)

    @classmethod
    def from_lines(cls, text: str) -> Neighbours:
        """Read what `as_lines` wrote.

        Raises
        ------
        ValueError
            when a line is not a pair.
        """
        pairs = []
        for line in text.splitlines():
            question, answer = json.loads(line)
            pairs.append((str(question), str(answer)))
        return cls(pairs)


class Hint:
    """What people went on with: P(next | prefix) over the neighbours' answers, longest match first.

    The nearest-neighbour half of Khandelwal et al. 2020, "Generalization through Memorization", eq. 3, with equal
    last subwords in the place of equal hidden states.
    """

    def __init__(self, answers: Sequence[tuple[Sequence[int], float]]) -> None:
        self._after: dict[tuple[int, ...], dict[int, float]] = defaultdict(lambda: defaultdict(float))
        for ids, weight in answers:
            whole = (BOS, *ids, EOS)
            for at in range(1, len(whole)):
                for reach in range(1, min(REACH, at) + 1):
                    self._after[whole[at - reach : at]][whole[at]] += weight

    def after(self, prefix: Sequence[int]) -> Mapping[int, float]:
        """Shares of the next ids, summing to one; empty where nobody said the last subword."""
        said = (BOS, *prefix)
        for reach in range(min(REACH, len(said)), 0, -1):
            found = self._after.get(said[-reach:])
            if found:
                total = math.fsum(found.values())
                return {word: weight / total for word, weight in found.items()}
        return {}
