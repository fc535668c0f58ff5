"""Torn between two intents the bot asks which: before what is merely found, never about feelings."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from fakes import TableResponder

from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.speakers import ClarifySpeaker, TemplateSpeaker, TornSpeaker
from chatbot.dialogue.state import State
from chatbot.types import Candidate, Intent, IntentScore, IntentScores, Source, Utterance

INTENTS = (
    Intent("movie_recommend", "", ("영화 추천해 줘",), ("이 영화 어때요?",)),
    Intent("reserve_request", "", ("영화 예매해 줘",), ("어떤 영화로 예약할까요?",)),
    Intent("sad", "", ("슬퍼",), ("속상했겠어요.",)),
    Intent("sick", "", ("아파",), ("푹 쉬어요.",)),
    Intent("affirm", "", ("그래",), ("좋아요!",)),
    Intent("weather", "", ("비 와?",), ("{장소} 하늘이 궁금해요.",)),
)


def asked(first: str, second: str, *, gap: float = 0.03, found: float = 0.0, known: float = 0.9) -> Proposal | None:
    """What is proposed where two intents share 0.87 of the probability, `gap` apart."""
    ranked = (IntentScore(first, 0.435 + gap / 2), IntentScore(second, 0.435 - gap / 2), IntentScore("x", 0.01))
    scores = IntentScores(ranked, threshold=0.65, margin=0.3, known=known, familiar=known > 0.2)

    class Classifier:
        def classify(self, utterances: object) -> list[IntentScores]:
            return [scores]

    text = "영화 부탁해"
    written = TableResponder({text: [Candidate("이 영화 어때요?", found, Source.RETRIEVAL, "c:chat:1", "영화 볼까")]})
    phrases = Phrases({"clarify": ["어느 쪽이에요?"], "clarify_one": ["{보기}?"]}, "도담")
    clarify = ClarifySpeaker(phrases, TemplateSpeaker(INTENTS, None, "도담"), INTENTS, {}, 3)
    now = datetime(2026, 11, 21, tzinfo=UTC)
    reading = Reading(Utterance(text, text), State("s"), now, random.Random(1), Classifier(), written, None)
    return TornSpeaker(clarify)(reading)


def test_the_two_are_offered() -> None:
    proposal = asked("movie_recommend", "reserve_request", found=0.7)
    assert proposal is not None and proposal.source is Source.CLARIFY
    assert [choice.label for choice in proposal.choices] == ["영화 추천해 줘", "영화 예매해 줘"]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("sad", "sick", {}),  # who is low wants no menu
        ("movie_recommend", "sad", {}),
        ("movie_recommend", "affirm", {}),  # a nod is no request
        ("movie_recommend", "reserve_request", {"gap": 0.4}),  # the first is meant, or neither
        ("movie_recommend", "reserve_request", {"found": 0.9}),  # something written answers more surely
        ("movie_recommend", "reserve_request", {"known": 0.1}),
        ("movie_recommend", "reserve_request", {"known": 0.4}),  # it hardly looks like either
        ("movie_recommend", "weather", {}),  # nothing could be said if the second were chosen
    ],
)
def test_nobody_is_asked_for_nothing(first: str, second: str, told: dict[str, float]) -> None:
    assert asked(first, second, **told) is None  # type: ignore[arg-type]
