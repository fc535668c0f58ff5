"""Told not to, the bot does nothing; told not to forget, it does."""

from __future__ import annotations

import pytest

from chatbot.dialogue.prohibition import told_not_to


@pytest.mark.parametrize(
    "text",
    [
        "공부 계획 세우지 마",
        "알람 맞추지 마",
        "예약하지 마",
        "계산하지 마",
        "3+5 계산하지 마세요",
        "계획 세우지 말아줘",
        "알람 맞추지 말라고!",
        "계획 안 세워도 돼",
        "예약은 하지 않아도 돼요",
        "알람 맞추지마ㅋㅋ",
        "계획 짜지 말고 그냥 놀자",
        "주사위 굴리지 말자",
        "공부 계획 세우지마요",
    ],
)
def test_told_not_to(text: str) -> None:
    assert told_not_to(text)


@pytest.mark.parametrize(
    "text",
    [
        "알람 맞추는 거 잊지 마",
        "계획 세우는 거 까먹지 마",
        "7시에 맞추지 말고 8시에 맞춰줘",
        "지우지 말고 계획 하나 추가해줘",
        "공부 계획 세워줘",
        "계획 안 세워도 돼?",
        "알람 말고 지금 몇 시인지만 알려줘",
        "3 더하기 5",
        "엄마 지금 몇 시야",
        "잊어버리지 말고 알려줘",
        "계획 세워주면 안 돼?",
        "취소한 계획 말고 새로 하나 짜줘",
        "오늘 며칠인지 마저 알려줘",
        "암산이 안 되네 56 나누기 7 좀",
        "뭐든 안 고르면 안 되니까 골라줘",
    ],
)
def test_not_told_not_to(text: str) -> None:
    assert not told_not_to(text)
