"""Which of the offered choices a line names."""

from __future__ import annotations

import pytest

from chatbot.dialogue.choosing import picked
from chatbot.dialogue.state import Choice
from chatbot.types import Source

OFFERED = tuple(Choice(label, f"{label}요", Source.RETRIEVAL) for label in ("단어 임베딩", "임베딩 층", "문장 벡터"))


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("1", 0), ("2번", 1), ("두번째", 1), ("두 번째 거요", 1), ("셋째", 2), ("3번으로 할게", 2),
        ("첫번째거 알려줘", 0), ("위에거", 0), ("맨 위", 0), ("윗거요", 0), ("마지막 거", 2), ("맨 아래요", 2),
        ("가운데 거", 1), ("밑에꺼", 2),
        ("단어 임베딩", 0), ("단어", 0), ("층?", None), ("임베딩층", 1), ("벡터요", None), ("문장", 2),
        ("임베딩", None), ("5", None), ("둘 다", None), ("둘 다 아니야", None),
        ("나 오늘 피곤해", None), ("이번 주말에", None),
    ],
)  # fmt: skip
def test_a_choice_is_named_by_number_place_or_words(line: str, place: int | None) -> None:
    assert picked(line, OFFERED) == (None if place is None else OFFERED[place])


def test_of_two_the_former_and_the_latter_and_of_one_a_yes() -> None:
    assert picked("전자", OFFERED[:2]) == OFFERED[0] and picked("후자로 할래", OFFERED[:2]) == OFFERED[1]
    assert picked("응", OFFERED[:1]) == OFFERED[0] and picked("응", OFFERED) is None
