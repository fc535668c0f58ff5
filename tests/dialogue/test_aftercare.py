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

INTENTS = {"고마워": [("thanks", 0.9)], "배고파": [("hungry", 0.9)], "슬퍼": [("sad", 0.9)]}
SPEAKER = AftercareSpeaker(
    Phrases({"aftercare": ["109"], "aftercare_abuse_report": ["1366"], "aftercare_emergency": ["119"]}, "도담")
)


def turn(source: Source, intent: str) -> Turn:
    return Turn(Utterance("말", "말"), Response("말", "답", source, "까닭", intent=intent))


CRISIS, ABUSE = turn(Source.SAFETY, "crisis"), turn(Source.SAFETY, "abuse_report")
EMERGENCY = turn(Source.SAFETY, "emergency")
TALK, SWEARING = turn(Source.TEMPLATE, "thanks"), turn(Source.SAFETY, "profanity")


@pytest.mark.parametrize(
    ("before", "text", "says"),
    [
        ((CRISIS,), "고마워", "109"),
        ((ABUSE,), "슬퍼", "1366"),
        ((EMERGENCY,), "뭐라는지 모를 말", "119"),
        ((CRISIS, EMERGENCY), "고마워", "119"),
        ((CRISIS,), "뭐라는지 모를 말", "109"),
        ((CRISIS, TALK), "고마워", "109"),
        ((CRISIS, TALK, TALK), "고마워", None),
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
