"""Answers that somebody already wrote. In: an utterance. Out: candidates. Implements the `Responder` seam.

Knows nothing of how rows are found, and does not decide whether to speak: the policy does, by the scores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from chatbot.neural.together import Together
from chatbot.retrieval.passages import label, quote
from chatbot.retrieval.retriever import Hit, Retriever
from chatbot.retrieval.rows import PASSAGE_KIND
from chatbot.types import Candidate, Source, Turn, Utterance


class RetrievalResponder:
    """Proposes the answers of the best rows, each answer once.

    `threshold` is the least probability at which a candidate is proposed at all (0 proposes everything found).
    """

    def __init__(
        self,
        retriever: Retriever,
        threshold: float = 0.0,
        top_k: int = 5,
        stale_days: int = 30,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._search: Together[str, list[Hit]] = Together(lambda texts: retriever.search(texts, top_k))
        self._threshold = threshold
        self._stale_days = stale_days
        self._today = today

    def propose(self, utterance: Utterance, history: Sequence[Turn]) -> list[Candidate]:
        """Up to `top_k` candidates, best first; `id` is the row's id and `question` the matched question (of a
        passage, its title and how the matched sentence begins).

        A passage answers with its closest sentences, its source and its date.
        """
        if utterance.empty:
            return []
        hits = self._search(utterance.text)
        likely = [hit for hit in hits if hit.row.answer and hit.score >= self._threshold]
        return [self._candidate(hit, utterance.text) for hit in likely]

    def _candidate(self, hit: Hit, text: str) -> Candidate:
        row = hit.row
        if row.kind == PASSAGE_KIND:
            answer, question = quote(row, text, self._today(), self._stale_days), label(row, text)
        else:
            answer, question = row.answer, row.text
        return Candidate(answer, hit.score, Source.RETRIEVAL, hit.id, question, dict(hit.views))
