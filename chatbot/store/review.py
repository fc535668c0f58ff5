"""Which turns a person should look at: the question to the database, and its rows as `ReviewItem`s."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chatbot.store.protocol import Chosen, ReviewItem
from chatbot.store.rows import candidates_of
from chatbot.store.schema import choices, feedback, turns

# Below this confidence an answer is worth a look in `chatbot review`.
UNSURE_BELOW = 0.6


def for_review(connection: sa.Connection, limit: int) -> list[ReviewItem]:
    """Unreviewed turns that somebody corrected, disliked or chose an answer for, or that the bot did not understand,
    asked back about in vain or was unsure of."""
    return [_item(row) for row in connection.execute(_query(limit))]


def _item(r: sa.Row[Any]) -> ReviewItem:
    answer = r.corrected or r.label or ""
    chosen = Chosen(r.label, r.chosen_reply, r.chosen_source, r.chosen_id) if r.kind == "chosen" else None
    found = tuple(candidates_of(r.candidates))
    return ReviewItem(r.id, r.kind, r.text, r.reply, r.source, r.intent, r.confidence, r.reason, answer, chosen, found)


def _query(limit: int) -> sa.Select[Any]:
    corrected = (
        sa.select(feedback.c.correction)
        .where(feedback.c.response_id == turns.c.response_id, feedback.c.correction != "")
        .order_by(feedback.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    value = (
        sa.select(sa.func.sum(feedback.c.value)).where(feedback.c.response_id == turns.c.response_id).scalar_subquery()
    )
    # The last one told counts, of corrections as of choices.
    every = choices.alias()
    last = sa.select(sa.func.max(every.c.id)).where(every.c.response_id == turns.c.response_id).scalar_subquery()
    unsure = sa.and_(turns.c.confidence < UNSURE_BELOW, turns.c.source.in_(["template", "retrieval", "seq2seq"]))
    kind = sa.case(
        (corrected.is_not(None), "corrected"),
        (value < 0, "disliked"),
        (choices.c.id.is_not(None), "chosen"),
        (turns.c.source == "fallback", "fallback"),
        (turns.c.source == "clarify", "unclear"),
        (unsure, "unsure"),
        else_="",
    )
    order = sa.case(
        {"corrected": 0, "disliked": 1, "chosen": 2, "fallback": 3, "unclear": 4, "unsure": 5}, value=kind, else_=9
    )
    names = ("id", "text", "reply", "source", "intent", "confidence", "reason", "candidates")
    picked = {"label": "chosen", "chosen_reply": "reply", "chosen_source": "source", "chosen_id": "target"}
    wanted = sa.and_(turns.c.reviewed.is_(None), kind != "", turns.c.text != "")
    return (
        sa.select(*(turns.c[name] for name in names), kind.label("kind"), corrected.label("corrected"))
        .add_columns(*(choices.c[column].label(name) for name, column in picked.items()))
        .select_from(turns.outerjoin(choices, choices.c.id == last))
        .where(wanted)
        .order_by(order, turns.c.id)
        .limit(limit)
    )
