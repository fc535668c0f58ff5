"""Which turns a person should look at: the question to the database, and its rows as `ReviewItem`s."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chatbot.store.protocol import ReviewItem
from chatbot.store.schema import choices, feedback, turns

# Below this confidence an answer is worth a look in `chatbot review`.
UNSURE_BELOW = 0.6


def for_review(connection: sa.Connection, limit: int) -> list[ReviewItem]:
    """Unreviewed turns that somebody corrected, disliked or chose an answer for, or that the bot did not understand,
    asked back about in vain or was unsure of."""
    return [
        ReviewItem(r.id, r.kind, r.text, r.reply, r.source, r.intent, r.confidence, r.reason, r.answer or "")
        for r in connection.execute(_query(limit))
    ]


def _query(limit: int) -> sa.Select[Any]:
    corrected = (
        sa.select(sa.func.max(feedback.c.correction))
        .where(feedback.c.response_id == turns.c.response_id, feedback.c.correction != "")
        .scalar_subquery()
    )
    value = (
        sa.select(sa.func.sum(feedback.c.value)).where(feedback.c.response_id == turns.c.response_id).scalar_subquery()
    )
    chosen = (
        sa.select(sa.func.max(choices.c.chosen)).where(choices.c.response_id == turns.c.response_id).scalar_subquery()
    )
    unsure = sa.and_(turns.c.confidence < UNSURE_BELOW, turns.c.source.in_(["template", "retrieval", "seq2seq"]))
    kind = sa.case(
        (corrected.is_not(None), "corrected"),
        (value < 0, "disliked"),
        (chosen.is_not(None), "chosen"),
        (turns.c.source == "fallback", "fallback"),
        (turns.c.source == "clarify", "unclear"),
        (unsure, "unsure"),
        else_="",
    )
    order = sa.case(
        {"corrected": 0, "disliked": 1, "chosen": 2, "fallback": 3, "unclear": 4, "unsure": 5}, value=kind, else_=9
    )
    columns = [turns.c[n] for n in ("id", "text", "reply", "source", "intent", "confidence", "reason")]
    answer = sa.func.coalesce(corrected, chosen).label("answer")
    wanted = sa.and_(turns.c.reviewed.is_(None), kind != "", turns.c.text != "")
    return sa.select(*columns, kind.label("kind"), answer).where(wanted).order_by(order, turns.c.id).limit(limit)
