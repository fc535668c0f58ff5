"""What a query and its candidates have in common, as numbers. In: traits and the views' scores. Out: features [C, F].

The second stage: the views of the index propose rows, here each proposed row is looked at closely. Every feature is a
similarity in about [0, 1] or a plain count brought there. Knows nothing of weights (see fuse.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatbot.retrieval.clash import COLUMNS as CLASHES
from chatbot.retrieval.clash import clashes
from chatbot.retrieval.gathered import Gathered
from chatbot.retrieval.kinds import ASKS, CHOOSES, MARK, QUESTIONED, READ, STOPS, TELLS, WANTS
from chatbot.retrieval.lexical import Overlap
from chatbot.retrieval.meanings import Meanings
from chatbot.retrieval.traits import Hashes, Traits

Floats = NDArray[np.float32]

_BITS = 18  # 2^18 counters of a kind of term: 1 MB, and a chat corpus has about as many different ones
_VIEWS = ("dense", "grams", "character", "short", "morpheme", "words", "jamo", "meaning")
_OVERLAPS = ("character", "short", "morpheme", "words", "jamo")
NAMES: tuple[str, ...] = (
    *_VIEWS, "blend", "blend_gap",
    *(f"{view}_{part}" for view in _OVERLAPS for part in ("query_share", "row_share")),
    "meaning_query_share", "meaning_row_share", "query_left", "row_left",
    "morpheme_bm25", "agreement", "length_ratio", "same", "head", "tail", "question_mark",
    "query_length", "row_length", "passage", "siblings", "query_strange",
    "asked_met", "asked_unmet", "told_instead", "asks_other", "both_ask", "both_want", "both_stop", "both_choose",
    "repaired", "gathered", *CLASHES,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """One query, its C candidates, what each says (`answers`), which are pieces of a document (`passage`), and what
    each view of the index says of them. `gathered` is what the rows of an answer say together, for answers with
    several rows; `repaired` the share of the query's letters that repair.py changed."""

    query: Traits
    rows: Sequence[Traits]
    answers: Sequence[str]
    passage: Sequence[bool]
    dense: Floats
    grams: Floats
    character: Overlap
    morpheme: Overlap
    gathered: Mapping[str, Gathered]
    repaired: float = 0.0


class Frequencies:
    """How many rows hold each term, in a fixed table of counters (two terms may share one)."""

    def __init__(self, counts: NDArray[np.int32] | None = None, rows: int = 0) -> None:
        self._counts = np.zeros(1 << _BITS, dtype=np.int32) if counts is None else counts
        self._rows = rows
        self._weights: Floats | None = None  # the idf of every counter, made when first asked for

    def add(self, rows: Sequence[Hashes]) -> None:
        """Count the distinct terms of new rows."""
        if rows:
            self._counts += np.bincount(_bucket(np.concatenate(rows)), minlength=1 << _BITS).astype(np.int32)
        self._rows += len(rows)
        self._weights = None

    def idf(self, terms: Hashes) -> Floats:
        """ln((N + 1) / (df + 1)) + 0.1, so that no term weighs nothing."""
        if self._weights is None:
            found = np.minimum(self._counts, self._rows)
            self._weights = (np.log((self._rows + 1) / (found + 1)) + 0.1).astype(np.float32)
        weights: Floats = self._weights[_bucket(terms)]
        return weights

    def unseen(self, terms: Hashes) -> float:
        """The share of the terms that no row holds."""
        return float(np.mean(self._counts[_bucket(terms)] == 0))

    def once_an_answer(self, gathered: Sequence[tuple[int, Gathered]]) -> Frequencies:
        """How many answers hold each term: those of several rows, given with how many they are, count once."""
        counts, rows = self._counts.copy(), self._rows - sum(several - 1 for several, _ in gathered)
        if gathered:
            words = _bucket(np.concatenate([some.words for _, some in gathered]))
            more = np.concatenate([some.counts for _, some in gathered]).astype(np.float64) - 1
            counts -= np.bincount(words, weights=more, minlength=1 << _BITS).astype(np.int32)
        return Frequencies(np.maximum(counts, 0), max(rows, 0))

    def save(self, path: Path) -> None:
        """Write the counters and, last, the number of rows."""
        np.save(path, np.append(self._counts, np.int32(self._rows)))

    @classmethod
    def load(cls, path: Path) -> Frequencies:
        """Read what `save` wrote."""
        values = np.load(path)
        return cls(values[:-1].copy(), int(values[-1]))


class Statistics:
    """What is rare among the rows: n-grams of jamo, short n-grams of characters, words."""

    FILES = ("jamo.npy", "short.npy", "words.npy")

    def __init__(self) -> None:
        self.jamo, self.short, self.words = Frequencies(), Frequencies(), Frequencies()

    def add(self, rows: Sequence[Traits]) -> None:
        """Count new rows."""
        self.jamo.add([row.jamo for row in rows])
        self.short.add([row.short for row in rows])
        self.words.add([row.words for row in rows])

    def save(self, folder: Path) -> None:
        """Write one file for each."""
        for name, part in zip(self.FILES, (self.jamo, self.short, self.words), strict=True):
            part.save(folder / name)

    @classmethod
    def load(cls, folder: Path) -> Statistics:
        """Read what `save` wrote."""
        found = cls()
        found.jamo, found.short, found.words = (Frequencies.load(folder / name) for name in cls.FILES)
        return found


def features(
    evidence: Evidence, statistics: Statistics, meanings: Meanings, answerwise: Frequencies | None = None
) -> Floats:
    """The features [C, F] of C candidates, columns as in `NAMES`; `answerwise` says how many answers hold a word."""
    query, rows = evidence.query, evidence.rows
    if not rows:
        return np.zeros((0, len(NAMES)), dtype=np.float32)
    overlaps = {
        "character": evidence.character,
        "short": _overlap(query.short, [row.short for row in rows], statistics.short),
        "morpheme": evidence.morpheme,
        "words": _overlap(query.words, [row.words for row in rows], statistics.words),
        "jamo": _overlap(query.jamo, [row.jamo for row in rows], statistics.jamo),
    }
    meaning = _meaning(query, rows, statistics.words, meanings)
    views = {"dense": evidence.dense, "grams": evidence.grams, **{n: o.cosine for n, o in overlaps.items()}}
    views["meaning"] = np.sqrt(meaning[0] * meaning[1])
    columns: list[Floats] = []
    ranks, standard = [], []
    for name in _VIEWS:
        view = views[name]
        ranks.append(_ranks(view))
        standard.append((view - view.mean()) / (view.std() + 1e-6))
        columns.append(view)
    blend = np.mean(standard, axis=0)
    columns += [blend, blend - blend.max(initial=0.0)]
    for name in _OVERLAPS:
        columns += [overlaps[name].query_share, overlaps[name].row_share]
    columns += list(meaning)
    columns.append(np.minimum(evidence.morpheme.bm25, 2.0))
    columns.append(np.mean([rank < 3 for rank in ranks], axis=0))
    said = Counter(evidence.answers)
    columns += [*_shape(query, rows), np.array(evidence.passage, dtype=np.float32)]
    columns.append(np.log(np.array([said[answer] for answer in evidence.answers], dtype=np.float32)))
    # Words that no row has: a slip of the finger, or a matter that nothing here is about.
    strange = statistics.words.unseen(query.words) if len(query.words) else 0.0
    columns.append(np.full(len(rows), strange, dtype=np.float32))
    columns += _kinds(query, rows, evidence.passage)
    columns.append(np.full(len(rows), evidence.repaired, dtype=np.float32))
    columns.append(_together(evidence, answerwise or statistics.words))
    weights = statistics.words.idf(query.content)
    columns += list(clashes(query, rows, evidence.answers, evidence.gathered, weights, meanings).T)
    matrix: Floats = np.stack(columns, axis=1).astype(np.float32)  # [C, F]
    return matrix


def _overlap(query: Hashes, rows: Sequence[Hashes], frequencies: Frequencies) -> Overlap:
    """How far the terms of a query and those of C rows overlap, by idf: [C] each."""
    own = frequencies.idf(query)
    terms = np.concatenate(rows)
    places = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    idf = frequencies.idf(terms)
    spot = np.minimum(np.searchsorted(query, terms), max(len(query) - 1, 0))
    shared = query[spot] == terms if len(query) else np.zeros(len(terms), dtype=bool)
    hits, where = idf[shared], places[shared]
    mass, square = (np.bincount(places, weights=some, minlength=len(rows)) for some in (idf, idf * idf))
    hit, hit_square = (np.bincount(where, weights=some, minlength=len(rows)) for some in (hits, hits * hits))
    norm = np.sqrt(np.maximum(square, 1e-9))
    cosine = (hit_square / (norm * max(float(np.sqrt((own**2).sum())), 1e-9))).astype(np.float32)
    query_share = (hit / max(float(own.sum()), 1e-9)).astype(np.float32)
    row_share = (hit / np.maximum(mass, 1e-9)).astype(np.float32)
    return Overlap(cosine, query_share, row_share, cosine)


def _together(evidence: Evidence, frequencies: Frequencies) -> Floats:
    """The cosine [C] of the query's words and all that the rows of a candidate's answer say, by 1 + ln count and idf
    among answers."""
    query = np.sort(evidence.query.content)
    said: dict[str | int, Gathered] = {}
    keys: list[str | int] = []
    for place, (answer, row) in enumerate(zip(evidence.answers, evidence.rows, strict=True)):
        several = evidence.gathered.get(answer)
        keys.append(place if several is None else answer)
        said[keys[-1]] = several or Gathered(row.content, np.ones(len(row.content), dtype=np.uint32))
    numbers = dict(zip(said, range(len(said)), strict=True))
    words = np.concatenate([some.words for some in said.values()])
    counts = np.concatenate([some.counts for some in said.values()])
    owners = np.repeat(np.arange(len(said)), [len(some.words) for some in said.values()])
    own, weights = frequencies.idf(query), (1 + np.log(counts)) * frequencies.idf(words)
    spot = np.minimum(np.searchsorted(query, words), max(len(query) - 1, 0))
    shared = query[spot] == words if len(query) else np.zeros(len(words), dtype=bool)
    asked, where = own[spot[shared]] if len(query) else own, owners[shared]
    same = np.bincount(where, weights=asked * weights[shared], minlength=len(said))
    length = np.sqrt(np.bincount(owners, weights=weights**2, minlength=len(said)))
    cosine = same / np.maximum(length * max(float(np.sqrt((own**2).sum())), 1e-9), 1e-9)
    return cosine[[numbers[key] for key in keys]].astype(np.float32)


def _meaning(
    query: Traits, rows: Sequence[Traits], frequencies: Frequencies, meanings: Meanings
) -> tuple[Floats, ...]:
    """Shares of the query's and of each row's idf mass that a word of the other side means [C] each, and the heaviest
    word of the query and of the row that finds no match [C] each, as a share of the heaviest word of all."""
    found = np.zeros((4, len(rows)), dtype=np.float32)
    flat = np.concatenate([row.content for row in rows])
    if not len(query.content) or not len(flat):
        return tuple(found)
    unique, first, at = np.unique(flat, return_index=True, return_inverse=True)
    numbers = np.concatenate([row.numbers for row in rows])[first]
    near = meanings.table(query.numbers.tolist(), numbers.tolist())  # [Q, U]
    near[query.content[:, None] == unique[None, :]] = 1.0
    mine, theirs = frequencies.idf(query.content), frequencies.idf(unique)
    heaviest = max(float(mine.max()), float(theirs.max()))
    sizes = np.array([len(row.content) for row in rows])
    there = sizes > 0
    starts = (np.cumsum(sizes) - sizes)[there]
    best = np.maximum.reduceat(near[:, at], starts, axis=1)  # [Q, C']
    found[0, there] = mine @ best / mine.sum()
    found[2] = mine.max() / heaviest
    found[2, there] = (mine[:, None] * (1.0 - best)).max(axis=0) / heaviest
    matched, weights = near.max(axis=0)[at], theirs[at]  # [N]
    found[1, there] = np.add.reduceat(weights * matched, starts) / np.add.reduceat(weights, starts)
    found[3, there] = np.maximum.reduceat(weights * (1.0 - matched), starts) / heaviest
    return tuple(found)


def _shape(query: Traits, rows: Sequence[Traits]) -> list[Floats]:
    """Length ratio, sameness, common head and tail (of at most 4 letters), question marks, log lengths."""
    own, back = query.letters, query.letters[::-1]
    lengths = np.array([len(row.letters) for row in rows], dtype=np.float32)
    table = np.empty((7, len(rows)), dtype=np.float32)
    table[0] = np.minimum(lengths, len(own)) / np.maximum(np.maximum(lengths, len(own)), 1)
    table[1] = [own == row.letters for row in rows]
    table[2] = [_common(own, row.letters) / 4 for row in rows]
    table[3] = [_common(back, row.letters[:-5:-1]) / 4 for row in rows]
    table[4] = [not (query.kinds ^ row.kinds) & MARK for row in rows]
    table[5] = np.log1p(len(own)) / 4
    table[6] = np.log1p(lengths) / 4
    return list(table)


def _kinds(query: Traits, rows: Sequence[Traits], passage: Sequence[bool]) -> list[Floats]:
    """Whether a row has a question word of the query's kind; has none of it; has none and is a statement (of a chat:
    those of a document are what is asked for); has one of another kind; asks, and wants something, as the query does
    or does not, says not to, offers a choice [C] each."""
    bits = np.array([row.kinds for row in rows], dtype=np.int64)
    asked = query.kinds & QUESTIONED
    met, unmet = (bits & asked) != 0, np.full(len(rows), asked != 0)
    read = (bits & READ) != 0
    unmet &= ~met & read
    other = (bits & QUESTIONED & ~query.kinds) != 0
    told = unmet & ((bits & TELLS) != 0) & ~np.array(passage)
    alike = ((((bits ^ query.kinds) & kind) == 0) | ~read for kind in (ASKS, WANTS, STOPS, CHOOSES))
    return [column.astype(np.float32) for column in (met, unmet, told, other & ~met, *alike)]


def _common(one: str, other: str) -> int:
    """Letters that both begin with, at most 4."""
    for count in range(4):
        if one[count : count + 1] != other[count : count + 1] or count == min(len(one), len(other)):
            return count
    return 4


def _ranks(scores: Floats) -> NDArray[np.int64]:
    """0 for the best; equal scores share the better rank."""
    ordered = np.sort(-scores)
    return np.searchsorted(ordered, -scores)


def _bucket(terms: Hashes) -> NDArray[np.int64]:
    return (terms >> np.uint32(32 - _BITS)).astype(np.int64)
