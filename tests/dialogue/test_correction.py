"""What the user thinks of the last reply, typed: thumbs and right answers."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fakes import TableClassifier, TableResponder

from chatbot.dialogue.correction import CorrectionSpeaker, judged, thumb
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.state import State
from chatbot.types import Response, Source, Turn, Utterance

OCCASIONS = ("corrected", "corrected_nothing", "nothing_said", "liked", "disliked")
SPEAKER = CorrectionSpeaker(Phrases({name: [f"<{name}>"] for name in OCCASIONS}, "도담"))


@pytest.mark.parametrize(
    ("raw", "verdict"),
    [
        ("👍", "liked"),
        ("👍🏻", "liked"),
        ("👍👍", "liked"),
        ("좋아요 👍", "liked"),
        ("정말 고마워요👍ㅎㅎ", "liked"),
        ("오 좋은 답변이네 👍", "liked"),
        ("👎", "disliked"),
        ("👎 별로야", "disliked"),
        ("이건 아니다 👎", "disliked"),
        ("나 오늘 시험 붙었어 👍", ""),
        ("오늘 기분 좋아 👍", ""),
        ("👍👎", ""),
        ("👍?", ""),
        ("좋아요", ""),
    ],
)
def test_a_thumb_with_at_most_a_word_of_praise_or_complaint(raw: str, verdict: str) -> None:
    assert thumb(raw) == verdict


def turn(text: str, intent: str = "", source: Source = Source.TEMPLATE) -> Turn:
    return Turn(Utterance(text, text, id=text), Response(text, "답", source, "", intent=intent, id=text))


def say(text: str, *turns: Turn, quiz: int = 0) -> Proposal | None:
    state = replace(State("s"), turns=turns, count=len(turns), quiz=quiz, quiz_at=len(turns))
    rng, now = random.Random(1), datetime(2026, 11, 21, tzinfo=UTC)
    reading = Reading(
        Utterance(text, text.replace("👍", "").replace("👎", "").strip()),
        state,
        now,
        rng,
        TableClassifier({}),
        TableResponder({}),
        None,
    )
    return SPEAKER(reading)


def test_what_is_judged_is_the_reply_before_all_judging() -> None:
    turns = (turn("안녕"), turn("👎", "disliked"), turn("정답은 하이", "correction"))
    found = judged(replace(State("s"), turns=turns))
    assert found is not None and found.utterance.text == "안녕"
    told = say("정답은 반가워", turn("안녕"), turn("👎", "disliked"))
    assert told is not None and told.candidates[0].question == "안녕" and told.candidates[0].text == "반가워"


def test_nothing_is_filed_against_nothing() -> None:
    first = say("정답은 강아지야")
    assert first is not None and first.reply == "<corrected_nothing>" and first.intent == ""
    thumbed = say("👎")
    assert thumbed is not None and thumbed.reply == "<nothing_said>" and thumbed.intent == ""


def test_an_answer_to_a_quiz_and_a_question_are_no_corrections() -> None:
    assert say("정답은 KNN", turn("퀴즈 내줘"), quiz=3) is None
    assert say("정답은 뭐야?", turn("안녕")) is None


def test_a_thumb_under_a_help_line_is_left_to_those_who_stay_with_the_user() -> None:
    assert say("👎", turn("죽고 싶어", "crisis", Source.SAFETY)) is None
