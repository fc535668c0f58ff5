"""How well knowledge is found. In: a retriever and the rows it was built from. Out: values. Draws nothing.

One question in `EVERY` (the ones that the gate asks too) is asked while its own row is out of
the index: what remains are the other questions of its entry, as with a person who asks in words nobody wrote down.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.retrieval.evaluate import DEPTH, Query, measures
from chatbot.retrieval.retriever import Retriever, Row
from chatbot.training.material import EVERY, asked_row
from chatbot.training.report.values import Finding, Miss

MISSES = 15


def find(retriever: Retriever, rows: Sequence[Row]) -> Finding | None:
    """Recall and misses; None when no row is there to be asked. The retriever forgets the asked rows (its files do
    not)."""
    there = set(retriever.ids())
    left = {row.answer for row in rows if row.id in there and not asked_row(row.id)}
    asked = [row for row in rows if row.id in there and asked_row(row.id) and row.answer in left]
    if not asked:
        return None
    retriever.remove({id_ for id_ in there if asked_row(id_)})
    ranked = retriever.search([row.text for row in asked], DEPTH)
    answers = [[hit.row.answer for hit in hits] for hits in ranked]
    figures = measures(answers, [Query(row.text, frozenset([row.answer])) for row in asked])
    misses = []
    for row, hits, found in zip(asked, ranked, answers, strict=True):
        place = found.index(row.answer) + 1 if row.answer in found else 0
        if place != 1:
            first = (hits[0].row.title or hits[0].row.text) if hits else ""
            misses.append(Miss(row.text, row.title, first, place))
    misses.sort(key=lambda miss: -(miss.place or DEPTH + 1))
    return Finding(
        questions=len(asked),
        every=EVERY,
        rows=len(there),
        recall_1=figures["recall@1"],
        recall_5=figures["recall@5"],
        mrr_10=figures["mrr@10"],
        misses=tuple(misses[:MISSES]),
    )
