"""Answers that somebody already wrote. In: an utterance. Out: candidates. Implements the `Responder` seam.

Knows nothing of how rows are found, and does not decide whether to speak: the policy does, by the scores.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.retrieval.retriever import Hit, Retriever
from chatbot.types import Candidate, Source, Turn, Utterance


class RetrievalResponder:
    """Proposes the answers of the best rows, each answer once.

    `threshold` is the least probability at which a candidate is proposed at all (0 proposes everything found).
    """

    def __init__(self, retriever: Retriever, threshold: float = 0.0, top_k: int = 5) -> None:
        self._retriever = retriever
        self._threshold = threshold
        self._top_k = top_k

    def propose(self, utterance: Utterance, history: Sequence[Turn]) -> list[Candidate]:
        """Up to `top_k` candidates, best first; `id` is the row's id and `question` the matched question."""
        if utterance.empty:
            return []
        (hits,) = self._retriever.search([utterance.text], self._top_k)
        return [_candidate(hit) for hit in hits if hit.row.answer and hit.score >= self._threshold]


def _candidate(hit: Hit) -> Candidate:
    return Candidate(hit.row.answer, hit.score, Source.RETRIEVAL, hit.id, hit.row.text, dict(hit.views))
