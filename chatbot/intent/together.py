"""A classifier that many threads ask at once, each about its own utterance. Knows nothing of what classifies."""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.neural.together import Crowd, Together
from chatbot.seams import IntentClassifier
from chatbot.types import IntentScores, Utterance


class TogetherClassifier:
    """Utterances that come one by one from several threads are classified in batches."""

    def __init__(self, classifier: IntentClassifier, crowd: Crowd | None = None) -> None:
        self._classifier = classifier
        self._one = Together(classifier.classify, crowd)

    def classify(self, utterances: Sequence[Utterance]) -> list[IntentScores]:
        """See `IntentClassifier`."""
        if len(utterances) == 1:
            return [self._one(utterances[0])]
        return self._classifier.classify(utterances)
