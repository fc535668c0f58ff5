"""Whether somebody typed nouns and nothing else: "확률 분포". In: a text. Out: yes or no.

Nouns name a matter without saying anything of it: they may be taken for an intent only in wordings it was taught.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatbot.seams import Analyzer

# Sejong tags: nouns, foreign words, numbers, and what is attached to nouns.
_NOUNS = frozenset({"NNG", "NNP", "NNB", "SL", "SN", "XPN", "XSN"})


@dataclass(frozen=True)
class NounsAlone:
    """Two words or more, all of them nouns; one word is often a call or a mood (안녕, 우울)."""

    analyzer: Analyzer

    def __call__(self, text: str) -> bool:
        if " " not in text.strip():
            return False
        tags = {morpheme.tag for morpheme in self.analyzer.analyze([text])[0]}
        return bool(tags) and tags <= _NOUNS
