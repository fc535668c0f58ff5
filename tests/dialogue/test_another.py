"""What asks for another of the same, and what stands on its own."""

import pytest

from chatbot.dialogue.another import asks_another


@pytest.mark.parametrize(
    "text",
    [
        "하나 더",
        "하나만 더 해줘",
        "한 개만 더!",
        "한 곡 더",
        "또 해줘",
        "또 없어?",
        "더 없어?",
        "다른 거",
        "다른 건 없어?",
        "딴 거 없나",
        "다른 거 추천해줘",
        "다른 걸로 골라줘",
        "딴 거 말해줘요",
        "또 다른 거 있어?",
        "하나 더 주세요ㅋㅋ",
    ],
)
def test_another_of_the_same_is_heard(text: str) -> None:
    assert asks_another(text)


@pytest.mark.parametrize(
    "text",
    [
        "또",
        "더 알려줘",
        "다른 노래 추천해줘",
        "다른 사람 만나고 싶어",
        "하나 더 사야 하나",
        "또 울었어",
        "더 없어 보이네",
        "딴 거 하느라 못 했어",
        "한 번 더 해 보려고",
        "예를 들면",
        "추천해줘",
    ],
)
def test_what_says_more_stands_on_its_own(text: str) -> None:
    assert not asks_another(text)
