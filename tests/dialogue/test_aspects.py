"""One side of a topic: told where it is written, owned up to where it is not. And hints to a quiz."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fakes import TableClassifier, TableResponder

from chatbot.dialogue.aspects import AspectSpeaker, asked_aspect, asked_life
from chatbot.dialogue.hints import hints_to
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.speakers import RetrievalSpeaker
from chatbot.dialogue.state import State
from chatbot.types import Candidate, KnowledgeEntry, Source, Utterance

TREE = KnowledgeEntry(
    "tree",
    "결정 트리",
    ("결정 트리가 뭐야?",),
    "질문으로 나눠요.",
    more="단점은 외우기 쉬운 거예요. 그래서 잘라요.",
    why="쉬워요.",
)
KING = KnowledgeEntry("king", "세종", ("세종이 누구야?",), "세종은 조선의 임금이에요.", more="1397년에 태어났어요.")
KNOWLEDGE = {"tree": TREE, "king": KING}
PHRASES = Phrases(
    {
        "aspect_unknown": ["<{주제} {무엇} {남은}>"],
        "aspect_unknown_alone": ["<{주제} {무엇} 없음>"],
        "aspect_of_what": ["<{무엇}?>"],
        "person_unknown": ["<누구>"],
        "person_untold": ["<{주제} 모름>"],
    },
    "도담",
)


def say(text: str, topic: str = "", told: tuple[str, ...] = (), ago: int = 0) -> Proposal | None:
    found = Candidate("보기 쉬워요.", 0.9, Source.RETRIEVAL, "k:tree:1", "결정 트리 장점이 뭐야?")
    retrieval = RetrievalSpeaker(0.5, KNOWLEDGE)
    state = replace(State("s"), topic=topic, told=told, topic_at=1, count=1 + ago)
    rng, now = random.Random(1), datetime(2026, 11, 21, tzinfo=UTC)
    responder = TableResponder({"결정 트리 장점": [found]})
    speaker = AspectSpeaker(KNOWLEDGE, retrieval, PHRASES)
    return speaker(Reading(Utterance(text, text), state, now, rng, TableClassifier({}), responder, None))


@pytest.mark.parametrize(
    ("text", "aspect"),
    [
        ("단점은?", "단점"),
        ("단점은 뭐야", "단점"),
        ("그럼 장점은요?", "장점"),
        ("그거 단점이 뭐예요?", "단점"),
        ("좋은 점은 없어?", "좋은 점"),
        ("장단점 알려줘", "장단점"),
        ("한계도 있어?", "한계"),
        ("드롭아웃 단점은?", ""),
        ("내 단점은 게으름이야", ""),
        ("역사 공부할래", ""),
    ],
)
def test_a_side_that_is_asked_for_and_nothing_else(text: str, aspect: str) -> None:
    assert asked_aspect(text) == aspect


@pytest.mark.parametrize(
    "text", ["그 사람 언제 태어났어?", "그분은 언제 돌아가셨어", "걔 몇 살이야", "그 왕은 무슨 업적이 있어?"]
)
def test_the_life_of_somebody_who_is_not_named(text: str) -> None:
    assert asked_life(text)


@pytest.mark.parametrize("text", ["그 사람이 좋아", "걔가 나를 싫어해", "그 사람 언제 결혼해?", "나 언제 태어났게"])
def test_talk_of_somebody_is_no_question_of_a_life(text: str) -> None:
    assert not asked_life(text)


@pytest.mark.parametrize(
    ("text", "topic", "reply"),
    [
        ("단점은?", "tree", "단점은 외우기 쉬운 거예요."),
        ("장점은?", "tree", "보기 쉬워요."),
        ("역사는?", "tree", "<결정 트리 역사 '더 알려줘', '그건 왜?'>"),
        ("단점은?", "", "<단점?>"),
        ("그 사람 언제 태어났어?", "king", "1397년에 태어났어요."),
        ("그 사람 언제 죽었어?", "king", "<세종 모름>"),
        ("그 사람 언제 태어났어?", "tree", "<누구>"),
        ("그 사람 언제 태어났어?", "", "<누구>"),
    ],
)
def test_what_is_written_or_that_nothing_is(text: str, topic: str, reply: str) -> None:
    proposal = say(text, topic)
    assert proposal is not None and proposal.reply == reply


def test_all_told_and_long_ago() -> None:
    alone = say("용도는?", "tree", told=("more", "why"))
    assert alone is not None and alone.reply == "<결정 트리 용도 없음>"
    late = say("단점은?", "tree", ago=5)
    assert late is not None and late.reply == "<단점?>"


@pytest.mark.parametrize(
    ("answer", "hints"),
    [
        ("과적합", ["세 글자이고 초성은 ㄱㅈㅎ이에요.", "첫 글자는 '과'예요."]),
        ("LSTM", ["알파벳 네 글자예요.", "'L'로 시작해요."]),
        ("1024", ["네 자리 숫자예요.", "짝수예요."]),
        ("1/4", ["분수로 답하면 돼요.", "분모는 4예요."]),
        ("간", ["한 글자이고 초성은 ㄱ이에요."]),
    ],
)
def test_hints_grow_clearer_and_never_tell_all(answer: str, hints: list[str]) -> None:
    assert hints_to(answer) == hints


def test_a_hint_is_news() -> None:
    assert hints_to("LSTM", "알파벳 네 글자예요.") == ["'L'로 시작해요."]
    assert hints_to("드롭아웃", "힌트는 '드'로 시작하는 네 글자예요.") == ["네 글자이고 초성은 ㄷㄹㅇㅇ이에요."]
