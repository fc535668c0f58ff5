"""What leans on the topic is asked in full; what does not is left to the others."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from fakes import TableClassifier, TableResponder

from chatbot.dialogue.context import ContextSpeaker, in_full
from chatbot.dialogue.followups import FollowUpSpeaker
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.speakers import RetrievalSpeaker
from chatbot.dialogue.state import State
from chatbot.text.kiwi import KiwiAnalyzer
from chatbot.types import Candidate, KnowledgeEntry, Source, Utterance

RATE = KnowledgeEntry(
    "rate", "학습률", ("학습률이 뭐야",), "걸음의 크기예요.", more="열 배씩 바꿔 봐요.", why="그래야 내려가요."
)
SMALL = KnowledgeEntry("small", "작은 학습률", ("학습률이 작으면",), "한참 걸려요.")
KNOWLEDGE = {"rate": RATE, "small": SMALL}


def found(entry: KnowledgeEntry, question: str, score: float = 0.9) -> list[Candidate]:
    return [Candidate(entry.answer, score, Source.RETRIEVAL, f"k:{entry.id}:0a", question)]


FOUND = {
    "학습률 너무 작으면?": found(SMALL, "학습률이 너무 작으면 어떻게 돼?"),
    "학습률은 언제 정해?": found(RATE, "학습률은 언제 정해요?"),
    "학습률 비싸?": found(RATE, "학습률이 뭐야?"),
    "학습률은 왜 줄여?": found(RATE, "학습률이 뭐야?"),
    "학습률 배고파": found(RATE, "학습률이 뭐야?"),
    "학습률 뭐 먹지?": found(SMALL, "학습률이 작으면 뭐 해?"),
    "뭐 먹지?": [Candidate("김치찌개 어때요?", 0.9, Source.RETRIEVAL, "c:food:0a", "뭐 먹지")],
}


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("그거 언제 써?", "드롭아웃 언제 써?"),
        ("그건 왜 생겨?", "드롭아웃은 왜 생겨?"),
        ("그게 뭐에 좋아?", "드롭아웃이 뭐에 좋아?"),
        ("그 방법을 누가 만들었어?", "드롭아웃을 누가 만들었어?"),
        ("근데 그거랑 규제랑 달라?", "드롭아웃이랑 규제랑 달라?"),
        ("그럼 너무 작으면?", "드롭아웃 너무 작으면?"),
        ("그럼너무작으면?", "드롭아웃 너무작으면?"),
        ("근데 배고파", ""),
        ("아 졸려", ""),
        ("언제 써?", ""),
        ("그럼 우리 집 강아지가 왜 그러는지 설명해 줄 수 있어?", ""),
    ],
)
def test_the_title_takes_the_place_of_what_leans_on_it(text: str, full: str) -> None:
    assert in_full(text, "드롭아웃") == full


def ask(text: str, age: int = 0, told: tuple[str, ...] = ()) -> Proposal | None:
    state = State(topic="rate", topic_at=3, count=3 + age, told=told)
    retrieval = RetrievalSpeaker(0.5, KNOWLEDGE)
    phrases = Phrases({"untold": ["{주제}: {남은}"], "untold_alone": ["{주제}"]}, "도담")
    speaker = ContextSpeaker(KNOWLEDGE, retrieval, FollowUpSpeaker(KNOWLEDGE, phrases), phrases, KiwiAnalyzer(None))
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    return speaker(
        Reading(
            Utterance(text, text), state, moment, random.Random(0), TableClassifier({}), TableResponder(FOUND), None
        )
    )


def test_another_entry_is_told_with_the_question_as_it_was_understood() -> None:
    proposal = ask("그럼 너무 작으면?")
    assert proposal is not None and proposal.reply == "한참 걸려요." and "'학습률 너무 작으면?'" in proposal.reason
    assert proposal.state.topic == "small"


def test_what_was_just_said_is_not_said_again_but_gone_on_from() -> None:
    proposal = ask("그건 언제 정해?")
    assert proposal is not None and proposal.reply == "열 배씩 바꿔 봐요."
    again = ask("그건 언제 정해?", told=("more",))
    assert again is not None and again.reply == "학습률: '그건 왜?'"


def test_why_is_answered_by_the_reason_of_the_topic() -> None:
    for text in ("그건 왜 줄여?", "그건 왜 이래?"):  # found as the entry itself; not found at all
        proposal = ask(text)
        assert proposal is not None and proposal.reply == "그래야 내려가요."


def test_a_question_that_names_nothing_is_asked_of_the_topic() -> None:
    proposal = ask("너무 작으면?")
    assert proposal is not None and proposal.reply == "한참 걸려요." and proposal.state.topic == "small"
    assert ask("너무 작으면?", age=1) is None


@pytest.mark.parametrize(
    ("text", "told", "reply"),
    [
        ("어떻게 바꿔?", (), "열 배씩 바꿔 봐요."),  # no question of the corpus, but the entry speaks of it
        ("왜 생겨?", (), "그래야 내려가요."),
        ("그건 어떻게 바꿔?", (), "열 배씩 바꿔 봐요."),
        ("그건 언제 막아?", (), "학습률: '더 알려줘', '그건 왜?'"),
        ("언제 막아?", (), "학습률: '더 알려줘', '그건 왜?'"),
        ("언제 막아?", ("more", "why"), "학습률"),
    ],
)
def test_what_no_question_asks_is_looked_for_in_the_topic(text: str, told: tuple[str, ...], reply: str) -> None:
    proposal = ask(text, told=told)
    assert proposal is not None and proposal.reply == reply and proposal.state.topic == "rate"


@pytest.mark.parametrize(
    ("text", "age"),
    [("그거 비싸?", 0), ("밥은 언제 먹어?", 0), ("뭐 먹지?", 0), ("그건 언제 정해?", 2), ("안녕", 0)],
)
def test_the_rest_is_left_to_the_others(text: str, age: int) -> None:
    assert ask(text, age) is None
