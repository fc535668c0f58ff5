"""Turns as rows and rows as turns. Knows no connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from chatbot.types import Candidate, Response, Source, Turn, Utterance

# Characters that a reply's key and an intent's name may take; PostgreSQL refuses longer ones (schema.py).
_KEY, _NAME = 120, 100


def row_of(turn: Turn, clean: Callable[[str], str]) -> dict[str, Any]:
    """The columns of a turn but for its place in the session; `clean` is applied to all that anybody said."""
    said, response = turn.utterance, turn.response
    return {
        "utterance_id": said.id,
        "response_id": response.id or said.id,
        "raw": clean(said.raw),
        "text": clean(said.text),
        "reply": clean(response.reply),
        "source": str(response.source),
        "intent": response.intent[:_NAME],
        "confidence": response.confidence,
        "reason": clean(response.reason),
        "reply_key": response.said[:_KEY],
        "candidates": [[clean(c.text), round(c.score, 4), str(c.source), c.id] for c in response.candidates],
        "latency_ms": response.latency_ms,
    }


def turn_of(row: sa.Row[Any]) -> Turn:
    """The turn that a row of `turns` keeps."""
    utterance = Utterance(row.raw, row.text, row.session, row.utterance_id)
    response = Response(
        text=row.raw,
        reply=row.reply,
        source=Source(row.source),
        reason=row.reason,
        intent=row.intent,
        confidence=row.confidence,
        candidates=tuple(candidates_of(row.candidates)),
        latency_ms=row.latency_ms,
        id=row.response_id,
        said=row.reply_key,
    )
    return Turn(utterance, response)


def candidates_of(kept: list[list[Any]]) -> Iterator[Candidate]:
    """Candidates as `row_of` kept them."""
    for text, score, source, id_ in kept:
        yield Candidate(text, score, Source(source), id_)


def now() -> str:
    """The present moment as the tables keep it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
