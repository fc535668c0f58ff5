"""The generator keeps silent where a fact is wanted, and below its threshold."""

from __future__ import annotations

import pytest

from chatbot.dialogue.speakers import wants_a_fact


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("김치찌개 칼로리 알려줘", True),
        ("빛의 속도는 얼마야?", True),
        ("해리포터 작가가 누구야?", True),
        ("임진왜란은 언제 일어났어?", True),
        ("BTS 멤버가 몇 명이야?", True),
        ("드롭아웃이 뭐야?", True),
        ("어디로 놀러 갈까?", False),
        ("처음 보는 사람이랑 무슨 얘기하지", False),
        ("만난 지 얼마 안 됐는데 여행 가재", False),
        ("왜 내 마음을 몰라주지?", False),
        ("짝남 보고 싶다", False),
        ("무슨 말을 해야 할지 모르겠어", False),
    ],
)
def test_wants_a_fact(text: str, wanted: bool) -> None:
    assert wants_a_fact(text) is wanted
