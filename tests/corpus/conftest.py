"""A small sound corpus to break in one place at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

THANKS = """# Comments stay.
intent: thanks
description: 고맙다는 말
contrasts: [bye]  # near it
examples:
  - 고마워
  - 덕분에 숙제 끝냈어요
  - 알려줘서 고맙다
  - 감사합니다 선생님
  - ㄱㅅㄱㅅ
  - 진짜 큰 도움 됐어
  - 땡큐
  - 신세 많이 졌네
  - 들어줘서 고마운 마음이야
  - 와 살았다
replies:
  - 도움이 됐다니 저도 좋네요!
  - "{이름:은/는} 언제든 환영이에요."
"""
BYE = """intent: bye
examples:
  - 잘 있어
  - 이만 갈게요
  - 내일 또 올게
  - 나 잔다
  - 오늘은 여기까지 하자
  - ㅂㅂ
  - 다음에 봐요
  - 슬슬 나가 볼게
  - 안녕히 계세요
  - 바이바이
replies:
  - 조심히 가요. 또 이야기해요!
  - 다음에 또 봐요.
"""
DROPOUT = """- id: dropout
  title: 드롭아웃
  questions:
    - 드롭아웃이 뭐야?
    - dropout은 왜 쓰는 거예요?
  answer: 학습할 때 뉴런 일부를 무작위로 꺼서 특정 뉴런에 기대지 않게 하는 방법이에요.
  source: 직접 작성
"""
CHAT = """# 하루 이야기
라면 물을 너무 많이 부었어\t한강 라면이 됐네요. 스프 남은 거 있어요?
우산을 놓고 왔어\t하필 오늘요?
"""
DIALOGUE = "# 시험 전날\nQ: 내일 시험이야\nA: 마음이 급하겠어요.\nQ: 3단원이 어려워\nA: 거기부터 같이 봐요.\n"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder in which `check` finds nothing."""
    root = tmp_path / "corpus"
    files = {
        "intents/thanks.yaml": THANKS,
        "intents/bye.yaml": BYE,
        "knowledge/basics.yaml": DROPOUT,
        "chat/day.tsv": CHAT,
        "dialogues/exam.txt": DIALOGUE,
        "phrases.yaml": "fallback:\n  - 그건 아직 잘 몰라요.\n",
        "quizzes.yaml": "- question: 뉴런을 끄는 방법은 뭘까요?\n  answers: [드롭아웃]\n  topic: dropout\n",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
