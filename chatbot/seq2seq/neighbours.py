"""The answers that people gave to like questions. In: taught pairs, then a question. Out: voices with weights.

The generator does not say them: they lean its next subwords towards what people went on with (`Hint`) and they vote on
what it made (rerank.py). Knows no tensors and no model.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import threading
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from chatbot.seq2seq.grams import hashed
from chatbot.seq2seq.likeness import FILE as VECTORS
from chatbot.seq2seq.likeness import Likeness, shipped_embedder
from chatbot.seq2seq.search import BOS, EOS

FILE, PLAIN_FILE = "memory.jsonl.gz", "memory.jsonl"  # the second in checkpoints of earlier releases
# Neighbours that speak, and how fast their weight falls with the distance to the nearest: on chat_pairs dev the answer
# of the nearest question alone gets chrF 10.9, the best of 40 neighbours' answers by their own vote 11.4, and 13.4
# with learned vectors beside the n-grams.
SPEAKING = 40
FALL = 0.14
LEARNED = 1.2  # what the cosine of learned vectors counts beside that of the n-grams
_SIZES, _PIECES = (1, 2, 3, 4), (2, 3)  # letters of an n-gram: to find neighbours, to see what two questions share
_BITS = 18  # 2^18 counters for about 60,000 different n-grams
_NO_LETTER = re.compile(r"[\W_]+")
# How many subwords back a hint looks at most, as longer matches are rare among 40 answers.
REACH = 3


@dataclass(frozen=True, slots=True)
class Voice:
    """An answer to a like question: its share among the neighbours of what was asked, how like `question` is, both in
    (0, 1]."""

    answer: str
    weight: float
    nearness: float
    question: str = ""


class Neighbours:
    """Taught pairs, found by TF-IDF over character n-grams of their questions and, where there is `likeness`, by
    learned vectors; the table is made at first use."""

    def __init__(self, pairs: Sequence[tuple[str, str]], likeness: Likeness | None = None) -> None:
        self.pairs = tuple(dict.fromkeys(pairs))
        if likeness is not None and len(likeness.rows) != len(self.pairs):
            raise ValueError(f"{len(self.pairs)} pairs, but vectors of {len(likeness.rows)} questions")
        self.likeness = likeness
        self._lock = threading.Lock()
        self._table: Any = None
        self._rarity: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.pairs)

    def joined(self, pairs: Sequence[tuple[str, str]]) -> Neighbours:
        """With further pairs, and with learned vectors; those that are there are not made again."""
        embedder = shipped_embedder()
        new = list(dict.fromkeys(pair for pair in pairs if pair not in set(self.pairs)))
        before = self.likeness if self.likeness and self.likeness.fingerprint == embedder.fingerprint else None
        if not self.pairs and not new:
            return self
        questions = [question for question, _ in (new if before is not None else [*self.pairs, *new])]
        return Neighbours([*self.pairs, *new], Likeness.of(questions, embedder, before))

    def without(self, hidden: Set[tuple[str, str]]) -> Neighbours:
        """Without some pairs."""
        kept = [place for place, pair in enumerate(self.pairs) if pair not in hidden]
        like = self.likeness
        if like is not None:
            like = replace(like, rows=like.rows[kept], scale=like.scale[kept])
        return Neighbours([self.pairs[place] for place in kept], like)

    def voices(self, texts: Sequence[str], count: int = SPEAKING) -> list[list[Voice]]:
        """Up to `count` voices for each text, nearest first, weights summing to one; none where nothing is shared."""
        if not self.pairs or not texts:
            return [[] for _ in texts]
        known, idf = self._ready()
        shared = (_weighed(_counts(texts), idf) @ known).toarray()  # [B, N]
        embedder = shipped_embedder() if self.likeness is not None else None
        if self.likeness is not None and embedder is not None and embedder.fingerprint == self.likeness.fingerprint:
            near = np.maximum(self.likeness.cosines(texts, embedder), 0.0)
            shared = np.where(shared > 0, (shared + LEARNED * near) / (1 + LEARNED), 0.0)
        return [self._voices(row, count) for row in shared]

    def _voices(self, row: np.ndarray, count: int) -> list[Voice]:
        best = np.argsort(-row, kind="stable")[:count]
        best = best[row[best] > 0]
        weights = np.exp((row[best] - row.max(initial=0.0)) / FALL)
        shares = weights / max(weights.sum(), 1e-9)
        pairs = [self.pairs[at] for at in best]
        return [
            Voice(answer, float(share), float(row[at]), question)
            for (question, answer), share, at in zip(pairs, shares, best, strict=True)
        ]

    def pieces(self, texts: Sequence[str]) -> list[dict[int, float]]:
        """The 2- and 3-grams of each text's letters, its first and last marked, with how rare they are among the
        questions: ln (N + 1) / (n + 1)."""
        counts = _counts([_bare(text) for text in texts], _PIECES)
        rare = self._rare()
        columns = np.split(counts.indices, counts.indptr[1:-1])
        return [dict(zip(row.tolist(), rare[row].tolist(), strict=True)) for row in columns]

    def _rare(self) -> np.ndarray:
        with self._lock:
            if self._rarity is None:
                counts = _counts([_bare(question) for question, _ in self.pairs], _PIECES)
                found = np.bincount(counts.indices, minlength=1 << _BITS)
                self._rarity = np.log((len(self.pairs) + 1) / (found + 1)).astype(np.float32)
            return self._rarity

    def _ready(self) -> tuple[Any, np.ndarray]:
        """(weights of the n-grams of all questions [G, N], weight of each n-gram [G])."""
        with self._lock:
            if self._table is None:
                counts = _counts([question for question, _ in self.pairs])
                found = np.bincount(counts.indices, minlength=1 << _BITS)
                # An n-gram that no question has says nothing about which one is near.
                idf = np.where(found > 0, np.log((len(self.pairs) + 1) / (found + 1)) + 1, 0.0).astype(np.float32)
                self._table = _weighed(counts, idf).T.tocsr(), idf
            known, idf = self._table
            return known, idf

    def as_lines(self) -> str:
        """The pairs as JSON lines; `from_lines` reads them."""
        return "".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in self.pairs)

    def as_files(self) -> dict[str, bytes]:
        """What `from_folder` reads."""
        files = {FILE: gzip.compress(self.as_lines().encode(), mtime=0)}
        if self.likeness is not None:
            files[VECTORS] = self.likeness.to_bytes()
        return files

    @classmethod
    def from_folder(cls, folder: Path) -> Neighbours:
        """Read the memory of a checkpoint; checkpoints of before there was one remember nothing.

        Raises
        ------
        ValueError
            when a file is damaged or the files do not agree.
        """
        plain, packed, vectors = folder / PLAIN_FILE, folder / FILE, folder / VECTORS
        lines = gzip.decompress(packed.read_bytes()).decode() if packed.is_file() else ""
        if not packed.is_file() and plain.is_file():
            lines = plain.read_text(encoding="utf-8")
        return cls.from_lines(lines, Likeness.from_bytes(vectors.read_bytes()) if vectors.is_file() else None)

    @classmethod
    def from_lines(cls, text: str, likeness: Likeness | None = None) -> Neighbours:
        """Read what `as_lines` wrote.

        Raises
        ------
        ValueError
            when a line is not a pair, or the vectors are of other pairs.
        """
        pairs = []
        for line in text.splitlines():
            question, answer = json.loads(line)
            pairs.append((str(question), str(answer)))
        return cls(pairs, likeness)


def _bare(text: str) -> str:
    """The letters and digits alone, in small letters, between marks for the start and the end."""
    return f"^{_NO_LETTER.sub('', text.lower())}$"


def _counts(texts: Sequence[str], sizes: Sequence[int] = _SIZES) -> Any:
    """How often each hashed n-gram of so many characters stands in each text: a sparse matrix [B, G]."""
    from scipy.sparse import csr_array

    rows, columns = [], []
    for places, hashes in hashed([" ".join(text.lower().split()) for text in texts], sizes):
        rows.append(places)
        columns.append((hashes >> np.uint64(64 - _BITS)).astype(np.int64))
    at = np.concatenate(rows), np.concatenate(columns)
    counts = csr_array((np.ones(len(at[0]), dtype=np.float32), at), shape=(len(texts), 1 << _BITS))
    counts.sum_duplicates()
    return counts


def _weighed(counts: Any, idf: np.ndarray) -> Any:
    """Rows of unit length: (1 + ln count) * idf."""
    weights = counts.copy()
    weights.data = (1 + np.log(weights.data)) * idf[weights.indices]
    owners = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    lengths = np.sqrt(np.bincount(owners, weights=weights.data**2, minlength=weights.shape[0]))
    weights.data = (weights.data / np.maximum(lengths, 1e-9)[owners]).astype(np.float32)
    return weights


class Hint:
    """What people went on with: P(next | prefix) over the neighbours' answers, longest match first.

    The nearest-neighbour half of Khandelwal et al. 2020, "Generalization through Memorization", eq. 3, with equal
    last subwords in the place of equal hidden states.
    """

    def __init__(self, answers: Sequence[tuple[Sequence[int], float]]) -> None:
        self._after: dict[tuple[int, ...], dict[int, float]] = {}
        for ids, weight in answers:
            whole = (BOS, *ids, EOS)
            for at in range(1, len(whole)):
                for reach in range(1, min(REACH, at) + 1):
                    shares = self._after.setdefault(whole[at - reach : at], {})
                    shares[whole[at]] = shares.get(whole[at], 0.0) + weight

    def after(self, prefix: Sequence[int]) -> Mapping[int, float]:
        """Shares of the next ids, summing to one; empty where nobody said the last subword."""
        said = (BOS, *prefix)
        for reach in range(min(REACH, len(said)), 0, -1):
            found = self._after.get(said[-reach:])
            if found:
                total = math.fsum(found.values())
                return {word: weight / total for word, weight in found.items()}
        return {}
