"""Whether a line is nouns and nothing else ("확률 분포"), or names nothing at all ("어떻게 막아?"). In: morphemes or a
text. Out: yes or no.

Nouns name a matter without saying anything of it: they may be taken for an intent only in wordings it was taught. A
question without any leans on what was said before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chatbot.seams import Analyzer
from chatbot.types import Morpheme

# Sejong tags: nouns, foreign words, numbers, and what is attached to nouns.
_NOUNS = frozenset({"NNG", "NNP", "NNB", "SL", "SN", "XPN", "XSN"})
# What names something by itself; of the pronouns only those that ask.
_NAMING = frozenset({"NNG", "NNP", "NR", "SN", "SL", "SH", "XR", "NNB", "MM", "IC"})
_ASKING = frozenset({"뭐", "무엇", "누구", "어디", "언제", "얼마"})
# Nouns that say what is done with a thing, whatever it is: 언제 사용해?, 어떻게 해결해?
_DONE_WITH = frozenset({
    "사용", "이용", "활용", "적용", "설정", "계산", "구현", "방지", "해결", "예방", "확인", "선택", "조절", "발생",
    "설치", "구분", "구별", "정의", "측정", "필요", "중요", "위험", "복잡", "가능", "비슷",
})  # fmt: skip


def only_nouns(tags: Collection[str]) -> bool:
    """Whether words of these tags name something and say nothing of it."""
    return bool(tags) and set(tags) <= _NOUNS


def leans(morphemes: Sequence[Morpheme]) -> bool:
    """Whether a line says or asks something of what it does not name: 어떻게 막아?, 너무 크면?, 언제 사용해?"""
    says = any(one.tag[:2] in ("VV", "VA", "XS") for one in morphemes)
    verbal = {one for one, after in pairwise(morphemes) if after.tag in ("XSV", "XSA") and one.form in _DONE_WITH}
    return says and not any(
        (one.tag in _NAMING and one not in verbal) or (one.tag == "NP" and one.form not in _ASKING)
        for one in morphemes
    )


@dataclass(frozen=True)
class NounsAlone:
    """Two words or more, all of them nouns; one word is often a call or a mood (안녕, 우울)."""

    analyzer: Analyzer

    def __call__(self, text: str) -> bool:
        return " " in text.strip() and only_nouns({morpheme.tag for morpheme in self.analyzer.analyze([text])[0]})
