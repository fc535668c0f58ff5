"""After a crisis the bot stays serious for two turns, and answers what has nothing to do with it."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from fakes import TableClassifier, TableResponder

from chatbot.dialogue.aftercare import AftercareSpeaker
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Reading
from chatbot.dialogue.state import State
from chatbot.types import Response, Source, Turn, Utterance

INTENTS = {
    "학교 가기 싫어": [("study_unwilling", 0.9)],
    "고마워": [("thanks", 0.9)],
    "배고파": [("hungry", 0.9)],
    "슬퍼": [("sad", 0.9)],
}
SPEAKER = AftercareSpeaker(
    Phrases(
        {
            "aftercare": ["109"],
            "aftercare_abuse_report": ["1366"],
            "aftercare_emergency": ["119"],
            "aftercare_bullying": ["117"],
            "aftercare_leaving": ["109, 112"],
            "aftercare_concern": ["112"],
            "aftercare_fine": ["다행"],
        },
        "도담",
    )
)


def turn(source: Source, intent: str) -> Turn:
    return Turn(Utterance("말", "말"), Response("말", "답", source, "까닭", intent=intent))


CRISIS, ABUSE = turn(Source.SAFETY, "crisis"), turn(Source.SAFETY, "abuse_report")
CONCERN = turn(Source.SAFETY, "concern")
EMERGENCY, BULLYING = turn(Source.SAFETY, "emergency"), turn(Source.SAFETY, "bullying")
TALK, SWEARING = turn(Source.TEMPLATE, "thanks"), turn(Source.SAFETY, "profanity")


@pytest.mark.parametrize(
    ("before", "text", "says"),
    [
        ((CRISIS,), "고마워", "109"),
        ((ABUSE,), "슬퍼", "1366"),
        ((BULLYING,), "고마워", "117"),
        ((BULLYING,), "학교 가기 싫어", "117"),
        ((CRISIS,), "학교 가기 싫어", None),
        ((CONCERN,), "그냥 인사야", "다행"),
        ((CONCERN,), "아니 그런 거 아니야", "다행"),
        ((CONCERN,), "뭐라는지 모를 말", "112"),
        ((CONCERN,), "어디에 신고해야 합니까?", None),  # may have been none: a plain question is answered as ever
        ((CONCERN, TALK), "강아지를 키워 볼까 해", None),
        ((CONCERN, TALK), "슬퍼", "112"),
        ((CONCERN, TALK), "너무 힘들어", "112"),
        ((CONCERN, TALK, TALK), "고마워", None),
        ((CRISIS,), "장난이야", "109"),
        ((EMERGENCY,), "뭐라는지 모를 말", "119"),
        ((CRISIS, EMERGENCY), "고마워", "119"),
        ((CRISIS,), "뭐라는지 모를 말", "109"),
        ((CRISIS, TALK), "고마워", "109"),
        ((CRISIS, TALK, TALK), "고마워", "109"),
        ((CRISIS, TALK, TALK, TALK, TALK), "고마워", None),
        ((CRISIS,), "배고파", None),
        ((SWEARING,), "고마워", None),
        ((), "고마워", None),
    ],
)
def test_who_speaks_after_a_crisis(before: tuple[Turn, ...], text: str, says: str | None) -> None:
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    reading = Reading(
        Utterance(text, text),
        State(turns=before),
        moment,
        random.Random(0),
        TableClassifier(INTENTS),
        TableResponder({}),
        None,
    )
    proposal = SPEAKER(reading)
    assert (proposal and proposal.reply) == says
    assert proposal is None or (proposal.source, proposal.intent) == (Source.SAFETY, "aftercare")


def after(said: str, text: str) -> str | None:
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    before = Turn(Utterance(said, said), Response(said, "답", Source.FALLBACK, "까닭"))
    now = Utterance(text, text)
    reading = Reading(
        now, State(turns=(before,)), moment, random.Random(0), TableClassifier(INTENTS), TableResponder({}), None
    )
    proposal = SPEAKER(reading)
    return proposal and proposal.intent


@pytest.mark.parametrize("said", ["이제 지쳤어", "살아서 뭐하나 싶다", "더는 못 버티겠어", "사는 게 의미 없어"])
@pytest.mark.parametrize("text", ["먼저 갈게", "나 먼저 간다", "이제 갈게요", "잘 있어", "그동안 고마웠어"])
def test_a_goodbye_after_words_of_despair_is_asked_about(said: str, text: str) -> None:
    assert after(said, text) == "concern"


@pytest.mark.parametrize(
    ("said", "text"), [("오늘 재밌었어", "먼저 갈게"), ("이제 지쳤어", "먼저 자러 갈게"), ("이제 지쳤어", "배고파")]
)
def test_an_ordinary_goodbye_is_one(said: str, text: str) -> None:
    assert after(said, text) is None
