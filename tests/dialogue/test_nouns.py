"""Nouns alone, and what says something."""

import pytest

from chatbot.dialogue.nouns import NounsAlone
from chatbot.text.kiwi import KiwiAnalyzer


@pytest.fixture(scope="module")
def nouns_alone() -> NounsAlone:
    return NounsAlone(KiwiAnalyzer())


@pytest.mark.parametrize("text", ["확률 분포", "검색 점수", "토큰 개수", "검증 방법", "BERT 모델 구조"])
def test_nouns_alone(nouns_alone: NounsAlone, text: str) -> None:
    assert nouns_alone(text)


@pytest.mark.parametrize(
    "text", ["우울", "확률이 어려워", "시험 망했어", "점심 추천해 줘", "오늘 너무 피곤", "노래 하나만", ""]
)
def test_what_says_something(nouns_alone: NounsAlone, text: str) -> None:
    assert not nouns_alone(text)
