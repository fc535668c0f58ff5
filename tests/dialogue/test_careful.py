"""Nobody is treated by what was generated or found by likeness."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes import TableClassifier, TableResponder

from chatbot.dialogue.careful import Careful
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.safety import Safety
from chatbot.dialogue.state import State
from chatbot.types import Source, Utterance

TREATS = "소독하고 약 바르면 금방 나아요."


@pytest.fixture(scope="module")
def safety(corpus_dir: Path) -> Safety:
    return Safety.load(corpus_dir / "lexicon")


def answer(safety: Safety, text: str, said: str, source: Source, intent: str = "") -> Proposal | None:
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    reading = Reading(
        Utterance(text, text),
        State(),
        moment,
        random.Random(0),
        TableClassifier({}),
        TableResponder({}),
        None,
    )
    speaker = Careful(lambda at: Proposal(said, source, "까닭", at.state, intent), safety.on_ailment)
    return speaker(reading)


AILMENTS = [
    "손가락 베였어", "새끼손가락 다쳤어", "무릎이 까졌어요", "발목 삐끗했어", "뜨거운 물에 데었어", "두드러기 났어",
    "벌에 쏘였어", "개한테 물렸어", "배가 살살 아파", "허리가 너무 아파요", "생리통 너무 심해", "감기 걸렸어",
    "목이 부었어", "넘어져서 피나", "코피 났어", "눈이 빨개졌어", "열나", "잇몸에서 피나", "장염 걸린 것 같아",
    "종이에 손 베였어 ㅠㅠ",
]  # fmt: skip
WELL = [
    "마음이 아파", "배고파", "머리 잘랐어", "손이 예뻐", "눈이 와", "발 넓은 친구야", "속상해", "배 타고 싶어",
    "다리 건너는 중",
    "허리띠 샀어", "목표를 세웠어", "열심히 했어", "쥐 잡기 게임", "코드가 안 돌아가", "열나게 공부했어",
]  # fmt: skip


@pytest.mark.parametrize("text", AILMENTS)
@pytest.mark.parametrize("source", [Source.SEQ2SEQ, Source.RETRIEVAL, Source.FALLBACK])
def test_first_aid_gives_way_to_the_careful_answer(safety: Safety, text: str, source: Source) -> None:
    proposal = answer(safety, text, TREATS, source)
    assert proposal is not None and proposal.source is Source.SAFETY and proposal.intent == "medical"
    assert "119" in proposal.reply and "소독" not in proposal.reply


@pytest.mark.parametrize("text", WELL)
def test_whoever_is_well_is_answered_as_ever(safety: Safety, text: str) -> None:
    proposal = answer(safety, text, TREATS, Source.SEQ2SEQ)
    assert proposal is not None and proposal.reply == TREATS


@pytest.mark.parametrize(
    ("said", "source", "intent"),
    [
        ("얼음찜질하고, 걷기 힘들면 병원에 꼭 가요.", Source.RETRIEVAL, ""),
        ("오늘은 쉬는 게 먼저예요.", Source.TEMPLATE, "sick"),
    ],
)
def test_a_reply_that_comforts_or_sends_to_a_doctor_stays(
    safety: Safety, said: str, source: Source, intent: str
) -> None:
    proposal = answer(safety, "발목 삐었어", said, source, intent)
    assert proposal is not None and proposal.reply == said


def test_a_silent_speaker_stays_silent(safety: Safety) -> None:
    reading = Reading(
        Utterance("손가락 베였어", "손가락 베였어"),
        State(),
        datetime(2026, 11, 21, tzinfo=UTC),
        random.Random(0),
        TableClassifier({}),
        TableResponder({}),
        None,
    )
    assert Careful(lambda _: None, safety.on_ailment)(reading) is None
