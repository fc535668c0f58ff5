"""`chatbot review` from config: the store, the corpus, and what the classifier in use thinks of what people said."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from chatbot import config as configuration
from chatbot.app.opening import open_store
from chatbot.app.parts import PRETRAINED, SHIPPED, Parts
from chatbot.config import Loaded
from chatbot.seams import IntentClassifier
from chatbot.training.review import Ask, Reviewed, Show, review
from chatbot.training.versions import Versions
from chatbot.types import IntentScore, Utterance


def walk_review(loaded: Loaded, ask: Ask, show: Show, limit: int) -> Reviewed:
    """Ask a person about what the bot was unsure of; see `chatbot.training.review`. The classifier loads at need."""
    store = open_store(loaded)

    @cache
    def classifier() -> IntentClassifier:
        return _classifier(loaded)

    def guess(text: str) -> Sequence[IntentScore]:
        if not classifier.cache_info().currsize:
            show("(모델을 깨우는 중이에요…)")
        return classifier().classify([Utterance(text, text)])[0].ranked[:3]

    try:
        return review(store, loaded.corpus_dir, ask, show, guess, limit)
    finally:
        store.close()


def _classifier(loaded: Loaded) -> IntentClassifier:
    from chatbot.intent.model import IntentModel

    versions = Versions(loaded.models_dir)
    name = versions.current() or SHIPPED
    folder = PRETRAINED if name == SHIPPED else versions.open(name).path
    taught = folder / "corpus"
    corpus_dir = taught if taught.is_dir() else configuration.packaged("corpus")
    return IntentModel.load(folder / "intent", Parts.of(loaded, corpus_dir).words)
