"""Choose the morphemes that carry meaning. In: Morphemes under Sejong tags; out: strings. Knows no analyzer."""

from __future__ import annotations

from collections.abc import Iterable

from chatbot.types import Morpheme

# Nouns, verbs and adjectives, negative copula, roots, adverbs, determiners, interjections, foreign words, numbers.
# Endings and particles are left out: content morphemes beat all morphemes by two points with every analyzer on
# commands (measured on ParaKQC, ../shared/design/facts.md).
CONTENT_TAGS = frozenset(
    {"NNG", "NNP", "NNB", "NP", "NR", "VV", "VA", "VCN", "XR", "MAG", "MM", "IC", "SL", "SH", "SN"}
)


def content_morphemes(morphemes: Iterable[Morpheme]) -> list[str]:
    """Forms of the content morphemes in order; predicates as their stem (먹), Latin words in small letters."""
    return [m.form.lower() if m.tag == "SL" else m.form for m in morphemes if m.tag in CONTENT_TAGS]
