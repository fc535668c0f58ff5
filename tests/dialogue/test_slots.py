"""Replies that take up what the user named: the tagger that ships and Kiwi together."""

from __future__ import annotations

from typing import Any

import pytest

from chatbot.app import PRETRAINED
from chatbot.dialogue.slots import NamedSlots
from chatbot.intent.tagger import Tagger


@pytest.fixture(scope="module")
def named(kiwi: Any) -> NamedSlots:
    tagger = Tagger.load(PRETRAINED / "tagger")
    return NamedSlots(lambda: tagger, kiwi.kiwi)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("부산 날씨 어때?", "부산"),
        ("내일 서울에 비 와?", "서울"),
        ("다음 달에 일본 가기로 했어", "일본"),
        ("오늘 날씨 어때?", None),
        ("우산 챙겨야 하나", None),
        ("여행 가고 싶다", None),
        ("훌쩍 떠나고 싶네", None),
    ],
)
def test_a_place_is_heard_without_its_particle(named: NamedSlots, text: str, place: str | None) -> None:
    assert named(text, {"장소", "이름"}).get("장소") == place


def test_nothing_is_looked_for_that_no_reply_asks_for() -> None:
    def tagger() -> Tagger:
        raise AssertionError("read for nothing")

    assert NamedSlots(tagger, None)("부산 날씨 어때?", {"이름"}) == {}
    assert NamedSlots(lambda: None, None)("부산 날씨 어때?", {"장소"}) == {}
