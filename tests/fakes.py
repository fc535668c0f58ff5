"""One small fake a seam: what the engine's tests put where a trained part would be. Each answers from a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chatbot.types import Candidate, IntentScore, IntentScores, Morpheme, Turn, Utterance


class SplitAnalyzer:
    """Analyzer seam: every eojeol is one noun."""

    name = "split"

    def analyze(self, texts: Sequence[str]) -> list[list[Morpheme]]:
        result = []
        for text in texts:
            morphemes, start = [], 0
            for word in text.split():
                start = text.index(word, start)
                morphemes.append(Morpheme(word, "NNG", start, start + len(word), "NNG"))
                start += len(word)
            result.append(morphemes)
        return result


class TableClassifier:
    """IntentClassifier seam: text -> ((intent, probability), …); anything else is unknown."""

    def __init__(self, table: Mapping[str, Sequence[tuple[str, float]]], threshold: float = 0.5) -> None:
        self._table = table
        self._threshold = threshold

    def classify(self, utterances: Sequence[Utterance]) -> list[IntentScores]:
        results = []
        for utterance in utterances:
            ranked = tuple(IntentScore(*row) for row in self._table.get(utterance.text, [("greeting", 0.05)]))
            accepted = ranked[0].probability >= self._threshold
            results.append(IntentScores(ranked, self._threshold, 0.1, 1.0, accepted))
        return results


class TableResponder:
    """Responder seam: text -> candidates; anything else is answered with none."""

    def __init__(self, table: Mapping[str, Sequence[Candidate]]) -> None:
        self._table = table
        self.asked: list[str] = []

    def propose(self, utterance: Utterance, history: Sequence[Turn]) -> list[Candidate]:
        self.asked.append(utterance.text)
        return list(self._table.get(utterance.text, ()))
