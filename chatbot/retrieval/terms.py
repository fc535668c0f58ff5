"""Which morphemes of a text say what it is about. In: morphemes. Out: words for the inverted index.

Knows nothing of weights. Words carry a class, so that 배/명사 and 배/동사 stay apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.seams import Analyzer
from chatbot.types import Morpheme

# Sejong tags of content: nouns, numerals, pronouns, verbs, adjectives, determiners, adverbs, roots, Latin, digits.
_CLASSES = {
    "NNG": "N", "NNP": "N", "NNB": "N", "NR": "N", "NP": "P", "XR": "N", "SL": "L", "SH": "L", "SN": "D",
    "VV": "V", "VA": "V", "MM": "M", "MAG": "M", "MAJ": "M", "IC": "I",
}  # fmt: skip


def content_words(analyzer: Analyzer, texts: Sequence[str]) -> list[list[str]]:
    """The content words of each text, in order."""
    return [[word for morpheme in morphemes if (word := _word(morpheme))] for morphemes in analyzer.analyze(texts)]


def _word(morpheme: Morpheme) -> str:
    group = _CLASSES.get(morpheme.tag.split("-")[0], "")
    return f"{morpheme.form.lower()}/{group}" if group else ""
