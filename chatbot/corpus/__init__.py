"""What lies in corpus/: read, checked, imported, counted. Knows nothing of models."""

from chatbot.corpus.read import Corpus, read_corpus

__all__ = ["Corpus", "read_corpus"]
