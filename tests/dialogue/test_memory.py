"""Names that people tell, and lines that tell none."""

from __future__ import annotations

import pytest

from chatbot.dialogue.memory import extract_name, introduces


@pytest.mark.parametrize(
    ("text", "name", "sure"),
    [
        ("내 이름은 민수야", "민수", True),
        ("내이름은민수야", "민수", True),
        ("아니 내 이름은 서 연이야", "서연", True),
        ("안녕 나는 준호야", "준호", True),
        ("안녕하세요 저는 김서연입니다", "김서연", True),
        ("나는 하늘이라고 해", "하늘", False),
        ("나는하늘이라고해", "하늘", False),
        ("민지라고불러줘", "민지", False),
        ("저는김서연이라고합니다", "김서연", False),
        ("안녕 나는 학생이야", "", False),
        ("내 이름은 비밀이야", "", False),
        ("내 이름은 뭐야?", "", False),
        ("내이름뭐라고했지", "", False),
        ("나는 바보야", "", False),
        ("수빈아라고 불러", "수빈", False),
        ("수빈아라고불러", "수빈", False),
        ("민지야라고 불러줘", "민지", False),
        ("윤아라고 불러줘", "윤아", False),
        ("김윤아라고 불러줘", "김윤아", False),
        ("이준아라고 불러줘", "이준", False),
        ("내 이름은 정윤아야", "정윤아", True),
        ("내 이름은 보라야", "보라", True),
        ("내 이름은 지아야", "지아", True),
        ("제 이름은 7번이에요", "", False),
        ("제 이름은 3입니다", "", False),
    ],
)
def test_the_name_in_an_introduction(text: str, name: str, sure: bool) -> None:
    assert (extract_name(text), introduces(text)) == (name, sure)
