"""A tiny taught model, shared by the intent tests."""

from __future__ import annotations

import pytest

from chatbot.intent.model import IntentModel
from chatbot.intent.train import TrainingReport

_WAYS = ("{} 알려 줘", "{} 알려주세요", "{} 어때", "{} 궁금해", "오늘 {} 말해 줘", "{}는 어떤가요", "지금 {} 좀")
_THINGS = {
    "weather": ("날씨", "기온", "비 소식", "미세먼지", "우산 필요한지"),
    "music": ("노래", "신나는 음악", "가요 순위", "재즈 한 곡", "발라드"),
    "food": ("점심 메뉴", "맛집", "저녁 반찬", "김치찌개 식당", "야식"),
}


def lines(thing_range: slice) -> list[tuple[str, str]]:
    return [
        (way.format(thing), label)
        for label, things in _THINGS.items()
        for thing in things
        for way in _WAYS[thing_range]
    ]


@pytest.fixture(scope="session")
def examples() -> list[tuple[str, str]]:
    return lines(slice(0, 5))


@pytest.fixture(scope="session")
def validation() -> list[tuple[str, str]]:
    return lines(slice(5, 7))


@pytest.fixture(scope="session")
def taught(examples: list[tuple[str, str]], validation: list[tuple[str, str]]) -> tuple[IntentModel, TrainingReport]:
    return IntentModel.train(
        examples, validation=validation, seed=3, epochs=6, embedding_size=17, hidden_size=13, augment=True
    )
