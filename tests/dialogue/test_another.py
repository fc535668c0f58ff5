"""What asks for another of the same, and what stands on its own."""

from datetime import UTC, datetime

import pytest

from chatbot.dialogue.another import asks_another, other_value, with_other


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


@pytest.mark.parametrize(
    ("question", "said", "full"),
    [
        ("오늘 며칠이야", "내일은?", "내일 며칠이야"),
        ("오늘 무슨 요일이야", "그럼 어제는요?", "어제 무슨 요일이야"),
        ("며칠이야?", "모레는?", "모레 며칠이야?"),
        ("크리스마스까지 며칠 남았어?", "설날은?", "설날까지 며칠 남았어?"),
        ("10마일은 몇 킬로야?", "20마일은?", "20마일은 몇 킬로야?"),
        ("3시간은 몇 분이야", "5시간은?", "5시간은 몇 분이야"),
        ("지금 몇 시야", "내일은?", ""),
        ("10마일은 몇 킬로야?", "내일은?", ""),
        ("오늘 며칠이야", "내일 뭐 해?", ""),
    ],
)
def test_the_same_of_another_day_or_amount(question: str, said: str, full: str) -> None:
    now = datetime(2026, 11, 21, 15, tzinfo=UTC)
    value = other_value(said, now)
    assert (with_other(question, value, now) if value is not None else "") == full
