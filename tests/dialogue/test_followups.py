"""What leans on the last explanation: told in parts, once more, or in short."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fakes import TableClassifier, TableResponder

from chatbot.dialogue.followups import FollowUpSpeaker, kind_of
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.state import Choice, FormState, State
from chatbot.types import KnowledgeEntry, Response, Source, Turn, Utterance

ENTRY = KnowledgeEntry(
    "drop", "드롭아웃", ("드롭아웃이 뭐야?",), "뉴런을 꺼요. 예측 땐 켜요.", more="더.", example="예.", why="까닭."
)
OCCASIONS = ("no_topic", "nothing_said", "nothing_to_shorten", "why_chat")
PHRASES = Phrases(
    {
        **{name: [f"<{name}>"] for name in OCCASIONS},
        "summary": ["<짧게 {요약}>"],
        "no_more_examples": ["<예 없음 {남은}>"],
        "no_more_alone": ["<끝>"],
    },
    "도담",
)
SPEAKER = FollowUpSpeaker({"drop": ENTRY}, PHRASES)


def turn(reply: str, source: Source = Source.RETRIEVAL) -> Turn:
    return Turn(Utterance("앞말", "앞말"), Response("앞말", reply, source, ""))


def say(text: str, state: State, intent: str = "greeting") -> Proposal | None:
    rng, now = random.Random(1), datetime(2026, 11, 21, tzinfo=UTC)
    classifier = TableClassifier({text: [(intent, 0.9 if intent != "greeting" else 0.05)]})
    return SPEAKER(Reading(Utterance(text, text), state, now, rng, classifier, TableResponder({}), None))


TOLD = replace(State("s"), topic="drop", topic_at=1, count=1, turns=(turn(ENTRY.answer),))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("좀만 더", "more"),
        ("조금만 더 알려줘", "more"),
        ("좀 더 자세히", "more"),
        ("좀 더 구체적으로 말해줘", "more"),
        ("다른 예는?", "example"),
        ("또 다른 예", "example"),
        ("예시 하나 더 줘", "example"),
        ("요약해줘", "summary"),
        ("한 줄로", "summary"),
        ("세 줄 요약", "summary"),
        ("짧게 말해줘", "summary"),
        ("핵심만 알려주세요", "summary"),
        ("방금 뭐라 했어", "again"),
        ("뭐라고?", "again"),
        ("머라고요", "again"),
        ("아까 말한 거 다시 설명해줘", "again"),
        ("못 들었어 다시", "again"),
        ("좀만 더 자고 싶다", ""),
        ("다른 예약은?", ""),
        ("요약을 잘하는 법", ""),
        ("뭐라고 답장할까", ""),
        ("다시 만나고 싶어", ""),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert kind_of(text) == kind


def test_an_example_that_was_told_is_all_there_is() -> None:
    first = say("예를 들면?", TOLD)
    assert first is not None and first.reply == "예."
    again = say("다른 예는?", replace(TOLD, told=("example",)))
    assert again is not None and again.reply == "<예 없음 '더 알려줘', '그건 왜?'>"
    over = say("다른 예는?", replace(TOLD, told=("more", "example", "why")))
    assert over is not None and over.reply == "<끝>"


def test_in_short_is_the_first_sentence() -> None:
    short = say("한 줄로", TOLD)
    assert short is not None and short.reply == "<짧게 뉴런을 꺼요.>"
    nothing = say("요약해줘", State("s"))
    assert nothing is not None and nothing.reply == "<nothing_to_shorten>"


def test_again_is_the_last_reply_and_a_while_ago_what_was_explained() -> None:
    later = replace(TOLD, turns=(*TOLD.turns, turn("푹 쉬어요.", Source.TEMPLATE)), count=2)
    for line, reply in (("뭐라고?", "푹 쉬어요."), ("아까 말한 거 다시 설명해줘", ENTRY.answer)):
        proposal = say(line, later)
        assert proposal is not None and proposal.reply == reply
    heard = say("화면이 넘어가서 못 읽었어요", later, intent="repeat_please")
    assert heard is not None and heard.reply == "푹 쉬어요."
    assert say("화면이 넘어가서 못 읽었어요", later) is None


def test_what_was_asked_stays_open_when_it_is_said_again() -> None:
    choices = (Choice("하나", "1", Source.TEMPLATE),)
    form = FormState("plan", {}, "과목")
    state = replace(TOLD, choices=choices, form=form, quiz=3, quiz_at=1)
    proposal = say("뭐라고?", state)
    assert proposal is not None and proposal.choices == choices
    assert proposal.state.quiz_at == 2 and proposal.state.form == form and proposal.state.form is not form
