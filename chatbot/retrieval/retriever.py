"""Find the rows that answer a text. In: rows, then texts. Out: hits with calibrated probabilities, best first.

Three views propose (dense vectors in FAISS, content morphemes with BM25, space-free character n-grams), features.py
looks at each proposed row, fuse.py weighs. The dense vector is the given encoder's beside the learned n-gram one.
Knows nothing of dialogue: the responder turns hits into candidates.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatbot.errors import VectorIndexError
from chatbot.retrieval.embed import Embedder, JointEmbedder
from chatbot.retrieval.features import NAMES, Evidence, Frequencies, Statistics, features
from chatbot.retrieval.files import REMEDY, atomic_folder, read_manifest, write_manifest
from chatbot.retrieval.fuse import Fusion, load_fusion
from chatbot.retrieval.gram_encoder import shipped_grams
from chatbot.retrieval.grams import character_terms, word_terms
from chatbot.retrieval.index import FLAT_LIMIT, FaissIndex
from chatbot.retrieval.lexical import Postings
from chatbot.retrieval.meanings import Meanings
from chatbot.retrieval.repair import repair
from chatbot.retrieval.rows import PASSAGE_KIND, Row, RowStore
from chatbot.retrieval.traits import Traits, traits
from chatbot.seams import Analyzer
from chatbot.text.morphemes import content_morphemes

__all__ = ["Hit", "Retriever", "Row"]

logger = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]
Numbers = NDArray[np.int64]

PROPOSED = 32  # rows each view proposes; 50 gave the same R@1 on chit-chat and commands, 0.6 points more on welfare
BATCH = 2_000  # rows taken through analyzer and embedder at once
BLOCK = 50_000  # rows added at once: bounds the memory of a build
SHOWN = (
    *("dense", "grams", "character", "morpheme", "words", "meaning", "jamo", "agreement"),
    *("name_left", "noun_left", "number_left"),
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A found row. `score` is the calibrated probability that it answers; `views` what each view says of it."""

    id: str
    score: float
    row: Row
    views: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposals:
    """The candidates of one query: their numbers [C], rows and features [C, F]."""

    numbers: Numbers
    rows: tuple[Row, ...]
    features: NDArray[np.float32]

    @property
    def answers(self) -> tuple[str, ...]:
        """What each candidate says [C]; a row without an answer stands for itself."""
        return tuple(row.answer or row.id for row in self.rows)


class Retriever:
    """Rows with their three views and the learned fusion."""

    def __init__(
        self,
        analyzer: Analyzer,
        embedder: Embedder,
        flat_limit: int = FLAT_LIMIT,
        fusion: Fusion | None = None,
        grams: Embedder | None = None,
    ) -> None:
        self._analyzer = analyzer
        self._embedder = JointEmbedder(embedder, grams or shipped_grams())
        self._fusion = fusion or load_fusion()
        self._vectors = FaissIndex(self._embedder.dim, self._embedder.fingerprint, flat_limit)
        self._characters = Postings()
        self._morphemes = Postings()
        self._statistics = Statistics()
        self._meanings = Meanings(analyzer)
        self._rows = RowStore()
        self._answerwise: Frequencies | None = None  # made when first asked for
        self._next = 0

    def __len__(self) -> int:
        return len(self._rows)

    def ids(self) -> list[str]:
        """The id of every row."""
        return self._rows.ids()

    @property
    def rows(self) -> RowStore:
        """What can be found, by number; to be read, not changed."""
        return self._rows

    @property
    def kind(self) -> str:
        """How vectors are searched: "flat" (exactly) or "pq-scan"."""
        return self._vectors.kind

    @property
    def embedder(self) -> JointEmbedder:
        """The dense view: the encoder's vector beside the n-grams'."""
        return self._embedder

    @property
    def threshold(self) -> float:
        """The probability from which an answer is worth speaking, learned with the fusion."""
        return self._fusion.threshold

    @classmethod
    def build(
        cls,
        rows: Sequence[Row],
        analyzer: Analyzer,
        embedder: Embedder,
        flat_limit: int = FLAT_LIMIT,
        fusion: Fusion | None = None,
        progress: Progress | None = None,
        grams: Embedder | None = None,
    ) -> Retriever:
        """A retriever over the rows.

        Raises
        ------
        VectorIndexError
            when two rows have one id.
        """
        retriever = cls(analyzer, embedder, flat_limit, fusion, grams)
        retriever.add(rows, progress)
        return retriever

    def add(self, rows: Sequence[Row], progress: Progress | None = None) -> None:
        """Add rows; a row whose id is there already is replaced.

        Raises
        ------
        VectorIndexError
            when two of the rows have one id.
        """
        ids = [row.id for row in rows]
        if len(set(ids)) < len(ids):
            twice = Counter(ids).most_common(1)[0][0]
            raise VectorIndexError(f"row id {twice!r} is given twice; each row needs an id of its own")
        self.remove(ids)
        for begin in range(0, len(rows), BLOCK):
            self._append(rows[begin : begin + BLOCK], begin, len(rows), progress)

    def _append(self, rows: Sequence[Row], done: int, total: int, progress: Progress | None) -> None:
        texts = [row.text for row in rows]
        first = self._next
        vectors = np.zeros((len(rows), self._embedder.dim), dtype=np.float32)
        content: list[list[str]] = []
        seen: list[Traits] = []
        for begin in range(0, len(texts), BATCH):
            some = texts[begin : begin + BATCH]
            vectors[begin : begin + len(some)] = self._embedder.encode(some)
            read = self._analyzer.analyze(some)
            content += [content_morphemes(morphemes) for morphemes in read]
            seen += traits(some, read, self._meanings)
            if progress is not None:
                progress(done + begin + len(some), total, "retrieval")
        self._statistics.add(seen)
        self._vectors.add(range(first, first + len(rows)), vectors)
        self._characters.add(first, len(rows), *character_terms(texts))
        self._morphemes.add(first, len(rows), *word_terms(content))
        self._rows.add(first, rows, seen)
        self._answerwise = None
        self._next += len(rows)

    def remove(self, ids: Iterable[str]) -> int:
        """Remove rows by id; returns how many were there."""
        numbers = sorted(self._rows.numbers(list(ids)).values()) if len(self) else []
        if not numbers:
            return 0
        self._vectors.remove(numbers)
        self._characters.remove(np.array(numbers, dtype=np.int64))
        self._morphemes.remove(np.array(numbers, dtype=np.int64))
        self._rows.remove(numbers)
        self._answerwise = None
        return len(numbers)

    def search(self, texts: Sequence[str], k: int = 5) -> list[list[Hit]]:
        """Up to k hits for each text, best first, one an answer: of the rows that say the same, the nearest.

        Texts come through the same `preprocess` as the rows. A row without an answer stands for itself.
        """
        return [self._hits(proposals, k) for proposals in self.propose(texts)]

    def _hits(self, proposals: Proposals, k: int) -> list[Hit]:
        rows, table = proposals.rows, proposals.features
        if not rows:
            return []
        answers, chances = self._fusion.weigh(table, proposals.answers)
        columns = [NAMES.index(name) for name in SHOWN]
        return [
            Hit(rows[at].id, float(chance), rows[at], dict(zip(SHOWN, table[at, columns].tolist(), strict=True)))
            for at, chance in zip(answers.rows[:k], chances[:k], strict=True)
        ]

    def propose(self, texts: Sequence[str]) -> list[Proposals]:
        """The candidates of each text with their features, in no order; what the fusion is learned from."""
        if not len(texts) or not self._next:
            return [Proposals(np.zeros(0, np.int64), (), np.zeros((0, len(NAMES)), np.float32)) for _ in texts]
        texts, shares = zip(*(repair(text, self._characters.frequencies) for text in texts), strict=True)
        vectors = self._embedder.encode(texts)
        _, nearest = self._vectors.search(vectors, PROPOSED)
        read = self._analyzer.analyze(texts)
        return [
            self._propose(text, seen, content_morphemes(some), vector, near[near >= 0], share)
            for text, seen, vector, near, some, share in zip(
                texts, traits(texts, read, self._meanings), vectors, nearest, read, shares, strict=True
            )
        ]

    def nearest(self, texts: Sequence[str], k: int) -> NDArray[np.float32]:
        """True cosines [B, k] of the rows that the vector index alone finds; for measuring its recall."""
        queries = self._embedder.encode(texts)
        _, found = self._vectors.search(queries, k)
        cosines = np.full(found.shape, -1.0, dtype=np.float32)
        for place, numbers in enumerate(found):
            rows = self._rows.get(numbers.tolist())
            there = [at for at, number in enumerate(numbers.tolist()) if number in rows]
            if there:
                true = self._embedder.encode([rows[int(numbers[at])].text for at in there])
                cosines[place, there] = true @ queries[place]
        return cosines

    def _propose(
        self,
        text: str,
        query: Traits,
        words: Sequence[str],
        vector: NDArray[np.float32],
        near: Numbers,
        repaired: float,
    ) -> Proposals:
        letters = self._characters.ask(character_terms([text])[0])
        content = self._morphemes.ask(word_terms([words])[0])
        lexical = [self._characters.top(letters, PROPOSED), self._morphemes.top(content, PROPOSED, bm25=True)]
        found = self._rows.read(np.unique(np.concatenate([near, *lexical])).tolist())
        numbers = np.array(list(found), dtype=np.int64)
        rows = tuple(found[number][0] for number in numbers.tolist())
        answers = [row.answer or row.id for row in rows]
        dense, grams = self._embedder.cosines(self._vectors.vectors(numbers.tolist()), vector)
        evidence = Evidence(
            query=query,
            rows=[seen for _, seen in found.values()],
            answers=answers,
            passage=[row.kind == PASSAGE_KIND for row in rows],
            dense=dense,
            grams=grams,
            character=self._characters.overlap(letters, numbers),
            morpheme=self._morphemes.overlap(content, numbers),
            gathered=self._rows.gathered(list(dict.fromkeys(answers))),
            repaired=repaired,
        )
        if self._answerwise is None:
            self._answerwise = self._statistics.words.once_an_answer(self._rows.all_gathered())
        return Proposals(numbers, rows, features(evidence, self._statistics, self._meanings, self._answerwise))

    def save(self, folder: Path) -> None:
        """Write everything into a folder, in place of an older one, in one step."""
        with atomic_folder(folder) as draft:
            self._vectors.save(draft / "vectors")
            self._characters.save(draft / "characters")
            self._morphemes.save(draft / "morphemes")
            self._statistics.save(draft)
            self._rows.save(draft / "rows.sqlite")
            values = {
                "kind": "retriever",
                "rows": len(self),
                "next": self._next,
                "encoder": self._embedder.fingerprint,
                "analyzer": self._analyzer.name,
                "meanings": self._meanings.version,
                "threshold": self.threshold,
            }
            write_manifest(draft, values)

    @classmethod
    def load(
        cls,
        folder: Path,
        analyzer: Analyzer,
        embedder: Embedder,
        flat_limit: int = FLAT_LIMIT,
        fusion: Fusion | None = None,
        grams: Embedder | None = None,
    ) -> Retriever:
        """Open a saved retriever; large parts stay on disk, memory-mapped.

        Raises
        ------
        VectorIndexError
            when files are missing or damaged, or it was built with another encoder or analyzer.
        """
        values = read_manifest(folder, "retriever")
        missing = {"encoder", "analyzer", "meanings", "next"} - values.keys()
        if missing:
            raise VectorIndexError(f"{folder}: saved by another release (no {', '.join(sorted(missing))}); {REMEDY}")
        retriever = cls(analyzer, embedder, flat_limit, fusion, grams)
        for name, used in (("encoder", retriever._embedder.fingerprint), ("analyzer", analyzer.name)):
            if values[name] != used:
                raise VectorIndexError(f"{folder}: built with {name} {values[name]}, the bot uses {used}; {REMEDY}")
        if values["meanings"] != retriever._meanings.version:
            logger.warning(
                "%s: read with %s, the bot has %s; until `chatbot train retrieval` words are near themselves alone",
                folder, values["meanings"], retriever._meanings.version,
            )  # fmt: skip
            retriever._meanings = Meanings(None)
        retriever._rows.close()
        retriever._vectors = FaissIndex.load(folder / "vectors", retriever._embedder.fingerprint, flat_limit)
        retriever._characters = Postings.load(folder / "characters")
        retriever._morphemes = Postings.load(folder / "morphemes")
        retriever._statistics = Statistics.load(folder)
        retriever._rows = RowStore.open(folder / "rows.sqlite")
        retriever._next = int(values["next"])
        logger.info("%s: %d rows, vectors searched by %s", folder, len(retriever), retriever.kind)
        return retriever
