"""Chat lines that the user said to the letter, spaces and marks aside. In: an utterance. Out: candidates.

Implements the `Responder` seam beside `RetrievalResponder`: no model is asked, so that it costs next to nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

import numpy as np

from chatbot.retrieval.rows import Row, RowStore
from chatbot.text.normalize import unmarked
from chatbot.types import Candidate, Source, Turn, Utterance

KIND = "chat"


class VerbatimResponder:
    """Proposes the answers of the chat rows whose question is the utterance.

    Questions in `others` are left to somebody else (an intent whose replies vary). Sixteen bytes a row are kept.
    """

    def __init__(self, rows: RowStore, others: Collection[str] = ()) -> None:
        left = {unmarked(other) for other in others}
        keyed = sorted(
            (_key(squeezed), number) for number, text in rows.texts(KIND) if (squeezed := unmarked(text)) not in left
        )
        self._rows = rows
        self._keys = np.array([key for key, _ in keyed], dtype=np.uint64)
        self._numbers = np.array([number for _, number in keyed], dtype=np.int64)

    def propose(self, utterance: Utterance, history: Sequence[Turn]) -> list[Candidate]:
        """The candidates, each sure (1.0); when the utterance asks ("밥 먹었어?"), those first that ask too."""
        wanted = unmarked(utterance.text)
        first, last = np.searchsorted(self._keys, np.uint64(_key(wanted)) + np.array([0, 1], dtype=np.uint64))
        numbers = self._numbers[first:last].tolist()
        found = self._rows.get(numbers)
        same = [found[number] for number in numbers if unmarked(found[number].text) == wanted]
        asks = "?" in utterance.text
        return [_candidate(row) for row in sorted(same, key=lambda row: ("?" in row.text) != asks)]


def _candidate(row: Row) -> Candidate:
    return Candidate(row.answer, 1.0, Source.RETRIEVAL, row.id, row.text)


def _key(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=7).digest(), "big")
