"""What the user named that a reply can take up: 내일 부산 날씨 → 날 내일, 장소 부산. In: text. Out: slot → word.

| slot | what | who says so |
| --- | --- | --- |
| 장소 | a place | the tagger, and Kiwi that it is a proper noun |
| 날 | a day or some days, not before today | the rules of `text/entities` |
| 음식 | something to eat | what the noun means |
| 가족 | somebody of the family | a list |

The tagger's other slots are not asked: on everyday lines it takes most of them for something else (docs/log.md). Only
slots that a reply asks for are looked for. Knows nothing of intents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from chatbot.text import entities
from chatbot.types import Entity, Morpheme

if TYPE_CHECKING:
    from chatbot.neural.meanings import Words

PLACE, DAY, FOOD, FAMILY = "장소", "날", "음식", "가족"
SLOTS = (PLACE, DAY, FOOD, FAMILY)

_TAGGED = "place_name"  # what the tagger calls a place
_NOUNS = ("NNG", "NNP")
# A noun is food when it means about what these do: mean cosine to the three nearest. Of 3,841 nouns of this corpus 22
# reach FOOD_FROM, all of them dishes or what they are made of; 경기 and 점심 stay below 0.42.
_DISHES = ("치킨", "라면", "떡볶이", "김치찌개", "피자", "삼겹살", "냉면", "햄버거")
_COMPARED, FOOD_FROM = 3, 0.5
# Part of a dish's name before it: 김치 in 김치 볶음밥.
INGREDIENT_FROM = 0.42
_FAMILY = frozenset({
    "엄마", "아빠", "어머니", "아버지", "어머님", "아버님", "부모님", "할머니", "할아버지", "외할머니", "외할아버지",
    "언니", "오빠", "누나", "형", "동생", "여동생", "남동생", "남편", "아내", "와이프", "딸", "아들", "이모", "고모",
    "삼촌", "외삼촌", "사촌", "사촌 동생", "사촌 언니", "사촌 오빠", "사촌 누나", "사촌 형", "조카", "시어머니",
    "시아버지", "장모님", "장인어른",
})  # fmt: skip
_FRIEND = "친구"  # 엄마 친구 is nobody of the family
# Days as they are typed, and as they are spelt.
_DAYS = (
    (re.compile(r"낼"), "내일"),
    (re.compile(r"담(?=\s*[주달])"), "다음"),
    (re.compile(r"(?<=[음번])(?=[주달])"), " "),
)
# Days are compared with each other only, so that any moment serves.
_TODAY = datetime(2024, 1, 1, 9)


class Tagger(Protocol):
    """chatbot/intent/tagger.py."""

    def tag(self, texts: Sequence[str]) -> list[list[Entity]]: ...


@dataclass(frozen=True)
class NamedSlots:
    """`tagger` is called for at first need: it takes a moment to read. None where there is none.

    `words` cuts text into morphemes and knows what they mean; where it does not know, no food is heard. `kiwi` tells a
    proper noun whatever analyzer cuts.
    """

    tagger: Callable[[], Tagger | None]
    kiwi: Any
    words: Words

    def __call__(self, text: str, wanted: Collection[str]) -> Mapping[str, str]:
        """The slots of `wanted` that `text` names, each by its first name."""
        looks = {PLACE: self._place, DAY: _day, FOOD: self._food, FAMILY: self._family}
        found = {slot: next(looks[slot](text), "") for slot in SLOTS if slot in wanted}
        return {slot: word for slot, word in found.items() if word}

    def _place(self, text: str) -> Iterator[str]:
        tagger = self.tagger()
        for entity in tagger.tag([text])[0] if tagger else ():
            name = self._name(entity.text) if entity.kind == _TAGGED else ""
            if name:
                yield name

    def _name(self, words: str) -> str:
        """The proper noun that `words` begin with, if a particle at most follows: 서울에 → 서울."""
        tokens = self.kiwi.tokenize(words)
        tags = [token.tag for token in tokens]
        if not tags or tags[0] != "NNP" or any(not tag.startswith("J") for tag in tags[1:]):
            return ""
        return words[: tokens[0].start + tokens[0].len]

    def _food(self, text: str) -> Iterator[str]:
        """A dish, with what is in it where that stands before: 김치 볶음밥."""
        for run in self._nouns(text):
            likeness = [self._like_food(noun) for noun in run]
            for end, like in enumerate(likeness):
                if like >= FOOD_FROM and max(likeness[end + 1 : end + 2], default=0.0) < INGREDIENT_FROM:
                    begin = end
                    while begin and likeness[begin - 1] >= INGREDIENT_FROM:
                        begin -= 1
                    yield text[run[begin].start : run[end].end]

    def _like_food(self, noun: Morpheme) -> float:
        if self.words.meanings is None:
            return 0.0
        cosines = self._dishes @ self.words.meanings.encode([[(noun.form, noun.tag)]])[0]
        return float(np.sort(cosines)[-_COMPARED:].mean())

    @cached_property
    def _dishes(self) -> Any:
        assert self.words.meanings is not None
        return self.words.meanings.encode([[(dish, "NNG")] for dish in _DISHES])

    def _family(self, text: str) -> Iterator[str]:
        for run in self._nouns(text):
            for end in range(len(run), 0, -1):
                who, after = text[run[0].start : run[end - 1].end], run[end].form if end < len(run) else ""
                if who in _FAMILY and after not in (*_FAMILY, _FRIEND):
                    yield who

    def _nouns(self, text: str) -> Iterator[Sequence[Morpheme]]:
        """Nouns that stand side by side, 님 behind them included."""
        for noun, run in groupby(self.words.analyzer.analyze([text])[0], _is_noun):
            if noun:
                yield list(run)


def _is_noun(one: Morpheme) -> bool:
    return one.tag in _NOUNS or (one.tag, one.form) == ("XSN", "님")


def _day(text: str) -> Iterator[str]:
    today = _TODAY.date().isoformat()
    for entity in entities.find(text, _TODAY):
        if entity.kind in ("date", "date_range") and entity.value.rpartition("/")[2] >= today:
            day = entity.text
            for typed, spelt in _DAYS:
                day = typed.sub(spelt, day)
            yield day
