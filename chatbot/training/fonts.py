"""The Korean font of the reports' pictures; it lives beside the corpus, whose pictures need it too."""

from chatbot.corpus.fonts import FONT, korean_font

__all__ = ["FONT", "korean_font"]
