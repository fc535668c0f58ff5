"""What a query names and a candidate does not. In: traits of both. Out: features [C, 6].

"강남 도서관은 9시에 엽니다" is near "서초 도서관은 몇 시에 열어?" by letters, vectors and meaning (one district is
near another), yet it answers another question. Here what a query names counts as covered only where it stands in the
row itself or in what all rows of its answer say together, and it clashes where the row has another name in its place.
How much that costs is learned (fuse.py). Knows nothing of weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from chatbot.retrieval.gathered import Gathered
from chatbot.retrieval.meanings import UNKNOWN, Meanings
from chatbot.retrieval.named import NAME, NOUN, NUMBER
from chatbot.retrieval.traits import Traits

Floats = NDArray[np.float32]

COLUMNS = ("name_left", "name_clash", "noun_left", "noun_clash", "number_left", "number_clash")
# How alike two names count of which Kiwi's model lacks one: it gives 0.3 to 0.7 to two that it knows to be places.
UNHEARD = 0.5


def clashes(
    query: Traits,
    rows: Sequence[Traits],
    answers: Sequence[str],
    gathered: Mapping[str, Gathered],
    weights: Floats,
    meanings: Meanings,
) -> Floats:
    """For names, nouns and numbers of the query [C, 2 each]: the heaviest that a candidate does not have, and the same
    times how like it is to one of the candidate's that the query does not have.

    `weights` are those of the query's words of meaning, `gathered` holds what the rows of an answer say together.
    """
    table = np.zeros((len(rows), len(COLUMNS)), dtype=np.float32)
    if not query.runs:
        return table
    heaviest = max(float(weights.max()), 1e-9)
    said = _said(query, rows, answers, gathered)  # [C, Q]
    near = _near(query, rows, meanings)  # [C, Q]
    for run in query.runs:
        if run.kind not in (NAME, NOUN, NUMBER):
            continue
        at = list(run.places)
        if run.kind == NUMBER:  # 6학년 is not covered by 4학년 and 6시
            covered = [float(_stands(run.letters, row.letters)) for row in rows]
        else:
            share, begun = said[:, at].mean(axis=1).tolist(), said[:, at[0]].tolist()  # [C] each
            covered = [
                every if every == 1.0 else _written(run.letters, row.letters, every if head else 0.0)
                for every, head, row in zip(share, begun, rows, strict=True)
            ]
        left = (1.0 - np.array(covered, dtype=np.float32)) * (float(weights[at].max()) / heaviest)
        alike = (near[:, at] * ~said[:, at]).max(axis=1)
        # 달빛도서관 where the row has another 도서관: nouns joined without a space are a name there.
        named = ~said[:, at[0]] & said[:, at[-1]] if run.kind == NOUN else np.zeros(len(rows), dtype=bool)
        for kind, some in ((run.kind, ~named), (NAME, named)):
            column = 2 * (NAME, NOUN, NUMBER).index(kind)
            table[:, column] = np.maximum(table[:, column], left * some)
            table[:, column + 1] = np.maximum(table[:, column + 1], left * alike * some)
    return table


def _said(
    query: Traits, rows: Sequence[Traits], answers: Sequence[str], gathered: Mapping[str, Gathered]
) -> NDArray[np.bool_]:
    """Which of the query's words of meaning stand in each row or in another row of its answer [C, Q]."""
    parts, owners = [row.content for row in rows], list(range(len(rows)))
    sharing: dict[str, list[int]] = {}
    for at, answer in enumerate(answers):
        sharing.setdefault(answer, []).append(at)
    for answer, some in gathered.items():
        for at in sharing.get(answer, ()):
            parts.append(some.words)
            owners.append(at)
    flat, whose = np.concatenate(parts), np.repeat(owners, [len(part) for part in parts])
    said = np.zeros((len(rows), len(query.content)), dtype=bool)
    for at, word in enumerate(query.content.tolist()):
        said[whose[flat == word], at] = True
    return said


def _near(query: Traits, rows: Sequence[Traits], meanings: Meanings) -> Floats:
    """How like each of the query's words is to the likest word of its kind in each row that the query lacks [C, Q]."""
    near = np.zeros((len(rows), len(query.content)), dtype=np.float32)
    first = 0
    begins = [0] * len(rows)
    for kind in (NAME, NOUN, NUMBER):
        count = query.named[kind]
        sizes = np.array([row.named[kind] for row in rows])
        if count and sizes.any():
            mine = slice(first, first + count)
            there = np.flatnonzero(sizes).tolist()
            parts = [slice(begins[at], begins[at] + sizes[at]) for at in there]
            flat = np.concatenate([rows[at].content[part] for at, part in zip(there, parts, strict=True)])
            numbers = np.concatenate([rows[at].numbers[part] for at, part in zip(there, parts, strict=True)])
            unique, one, back = np.unique(flat, return_index=True, return_inverse=True)
            alike = _alike(query.numbers[mine], numbers[one], kind, meanings)  # [Q', U]
            alike[:, np.isin(unique, query.content)] = 0.0  # the query names it too: it is no other in place of one
            starts = np.cumsum(sizes[there]) - sizes[there]
            near[there, mine] = np.maximum.reduceat(alike[:, back], starts, axis=1).T
        first += count
        begins = [begin + size for begin, size in zip(begins, sizes.tolist(), strict=True)]
    return near


def _alike(mine: NDArray[np.int32], theirs: NDArray[np.int32], kind: int, meanings: Meanings) -> Floats:
    if kind == NUMBER:
        return np.ones((len(mine), len(theirs)), dtype=np.float32)
    alike: Floats = meanings.table(mine.tolist(), theirs.tolist())
    if kind == NAME:
        alike[(mine == UNKNOWN)[:, None] | (theirs == UNKNOWN)[None, :]] = UNHEARD
    return alike


def _stands(number: str, letters: str) -> bool:
    """Whether a number stands in a row, and not as the end of a longer one."""
    at = letters.find(number)
    while at > 0 and letters[at - 1].isdigit() and number[0].isdigit():
        at = letters.find(number, at + 1)
    return at >= 0


def _written(run: str, letters: str, said: float) -> float:
    """How much of a run a row covers: the share of its words that are said, or of its pairs of letters that stand
    there. What a Korean name is known by comes first: nothing of 달빛도서관 is covered by 한빛도서관."""
    if len(run) < 2:
        return said
    if run in letters:
        return 1.0
    pairs = [run[at : at + 2] in letters for at in range(len(run) - 1)]
    return max(said, sum(pairs) / len(pairs)) if pairs[0] or said else 0.0
