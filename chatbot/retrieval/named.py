"""What a line names: places, people, products, things, numbers. In: a text with its morphemes. Out: runs of letters.

A run is what stands together without a particle in one spaced word (강남구립도서관, 갤럭시S24, 3월): analyzers cut
names that they do not know into odd pieces, the letters stay. Knows nothing of rows or of what a run costs (clash.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatbot.types import Morpheme

NAME, NOUN, NUMBER, OTHER = range(4)
_NAMES = frozenset(("NNP", "SL", "SH"))
# What may stand in a run: also pieces that an analyzer takes an unknown name for (다/MAG + 온/NNG + 카페/NNG).
_WITHIN = frozenset(("NNP", "NNG", "NNB", "NR", "SL", "SH", "SN", "XPN", "XR", "XSN", "MAG", "MM", "IC"))
# Such pieces begin a run only when a noun follows them without a space.
_LOOSE = frozenset(("XPN", "MAG", "MM", "IC", "NNB"))
_ASKING = frozenset(("몇", "무슨", "어느", "어떤", "뭔", "왜", "얼마", "얼마나", "며칠"))


@dataclass(frozen=True, slots=True)
class Run:
    """Letters in lower case without spaces, whether they hold a name or a number, and the places of their words."""

    letters: str
    kind: int
    places: tuple[int, ...]


def kind_of(morpheme: Morpheme) -> int:
    """`NAME`, `NOUN`, `NUMBER` or `OTHER`."""
    if morpheme.tag in _NAMES:
        return NAME
    return {"NNG": NOUN, "SN": NUMBER, "NR": NUMBER}.get(morpheme.tag, OTHER)


def runs(text: str, morphemes: Sequence[Morpheme], places: Mapping[int, int]) -> tuple[Run, ...]:
    """The runs of a line; `places` says where the words of meaning stand among its words, by morpheme."""
    found: list[Run] = []
    begin = 0
    while begin < len(morphemes):
        end = begin
        while end < len(morphemes) and _joins(morphemes, begin, end):
            end += 1
        if run := _run(text, morphemes, begin, end, places):
            found.append(run)
        begin = max(end, begin + 1)
    return tuple(found)


def _joins(morphemes: Sequence[Morpheme], begin: int, at: int) -> bool:
    this = morphemes[at]
    touches = at == begin or morphemes[at - 1].end == this.start
    return touches and this.tag in _WITHIN and this.form not in _ASKING


def _run(text: str, morphemes: Sequence[Morpheme], begin: int, end: int, places: Mapping[int, int]) -> Run | None:
    some = morphemes[begin:end]
    if all(morpheme.tag in _LOOSE for morpheme in some):
        return None
    kinds = {kind_of(morpheme) for morpheme in some}
    kind = next(kind for kind in (NAME, NUMBER, NOUN, OTHER) if kind in kinds)
    within = tuple(dict.fromkeys(places[at] for at in range(begin, end) if at in places))
    letters = text[some[0].start : some[-1].end].lower()
    return Run(letters, kind, within) if within else None
