"""Replies that take up what the user named: the tagger that ships, Kiwi, rules and meanings together."""

from __future__ import annotations

import random
from typing import Any

import pytest

from chatbot.app import PRETRAINED
from chatbot.dialogue.slots import SLOTS, NamedSlots
from chatbot.dialogue.templates import pick
from chatbot.intent.tagger import Tagger
from chatbot.neural.meanings import Words


@pytest.fixture(scope="module")
def words(kiwi: Any) -> Words:
    return Words.shipped(kiwi)


@pytest.fixture(scope="module")
def named(kiwi: Any, words: Words) -> NamedSlots:
    tagger = Tagger.load(PRETRAINED / "tagger")
    return NamedSlots(lambda: tagger, kiwi.kiwi, words)


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


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("내일 부산 날씨 어때", "내일"),
        ("주말에 비 온대?", "주말"),
        ("다음주 화요일 날씨", "다음 주 화요일"),
        ("낼 추워?", "내일"),
        ("담주에 비 와?", "다음 주"),
        ("어제 날씨 어땠어", None),
        ("날씨 어때", None),
    ],
)
def test_a_day_is_heard_and_spelt_in_full(named: NamedSlots, text: str, day: str | None) -> None:
    assert named(text, {"날"}).get("날") == day


@pytest.mark.parametrize(
    ("text", "food"),
    [
        ("떡볶이땡긴다", "떡볶이"),
        ("밤 열한 시인데 치즈 떡볶이 생각이 간절해요", "치즈 떡볶이"),
        ("누가 치킨 얘기를 해서 침 고였어", "치킨"),
        ("점심시간까지 한 시간이나 남았는데 벌써 배고프네요", None),
        ("냉장고를 열었는데 먹을 게 하나도 없어", None),
        ("배꼽시계가 울렸네", None),
    ],
)
def test_food_is_what_means_food(named: NamedSlots, text: str, food: str | None) -> None:
    assert named(text, {"음식"}).get("음식") == food


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("엄마랑 싸웠어", "엄마"),
        ("부모님 잔소리가 심해", "부모님"),
        ("사촌 동생이 내 컴퓨터를 망가뜨렸어", "사촌 동생"),
        ("우리형 진짜 싫어", "형"),
        ("엄마 친구가 자꾸 비교해", None),
        ("엄마 아빠가 또 싸워", None),
        ("집에 있기 싫어", None),
    ],
)
def test_one_of_the_family_is_heard(named: NamedSlots, text: str, who: str | None) -> None:
    assert named(text, {"가족"}).get("가족") == who


def test_what_was_told_in_full_is_taken_up_in_full(named: NamedSlots) -> None:
    replies = ["글쎄요.", "{장소} 날씨요?", "{날} 날씨요?", "{날} {장소:은/는} 어떨까요?"]
    dice = random.Random(1)
    said = {
        text: pick("weather", replies, named(text, {"장소", "날"}), (), dice, None)
        for text in ("내일 부산 날씨 어때?", "부산 날씨 어때?", "내일 날씨 어때?", "날씨 어때?")
    }
    assert [picked.text for picked in said.values() if picked] == [
        "내일 부산은 어떨까요?",
        "부산 날씨요?",
        "내일 날씨요?",
        "글쎄요.",
    ]


def test_nothing_is_looked_for_that_no_reply_asks_for(words: Words) -> None:
    def tagger() -> Tagger:
        raise AssertionError("read for nothing")

    assert NamedSlots(tagger, None, words)("부산 날씨 어때?", {"이름"}) == {}
    assert NamedSlots(lambda: None, None, words)("부산 날씨 어때?", {"장소"}) == {}
    assert NamedSlots(lambda: None, None, Words(words.analyzer))("치킨 먹고 싶어", SLOTS) == {}
