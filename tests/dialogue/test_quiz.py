"""Quizzes on a subject, asked through the engine with the questions of the corpus."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from fakes import TableClassifier, TableResponder

from chatbot.dialogue import policy, speakers
from chatbot.dialogue.engine import Engine
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.quiz import Quiz, QuizSpeaker, read_quizzes
from chatbot.dialogue.state import State
from chatbot.types import Response, SpeechLevel, Utterance

ASKED = [
    "파이썬 퀴즈 내줘", "python 문제 내줘", "퀴즈 내줘", "하나 더 내줘", "다른 문제 내줘", "머신러닝 퀴즈",
    "html 퀴즈 내줘", "역사 퀴즈 내줘", "자연어처리 퀴즈 풀래",
]  # fmt: skip


class Talk:
    def __init__(self, corpus: Path, quizzes: list[Quiz] | None = None) -> None:
        phrases = Phrases(yaml.safe_load((corpus / "phrases.yaml").read_text(encoding="utf-8")), "도담")
        self.quizzes = quizzes or read_quizzes(corpus / "quizzes.yaml")
        self.engine = Engine(
            speakers=policy.in_order(
                {"quiz": QuizSpeaker(self.quizzes, phrases), "fallback": speakers.FallbackSpeaker(phrases)}
            ),
            classifier=TableClassifier({text: [("quiz_request", 0.9)] for text in ASKED}),
            retriever=TableResponder({}),
            generator=None,
            polish=lambda reply, level: reply,
            level=SpeechLevel.HAEYO,
            clock=lambda: datetime(2026, 11, 21, 15, 0, tzinfo=UTC),
            history_turns=4,
        )
        self.state = State("s")

    def say(self, text: str) -> Response:
        response, self.state = self.engine.respond(Utterance(text, text, "s"), self.state)
        return response

    def ask(self, text: str) -> Quiz:
        reply = self.say(text).reply
        return next(quiz for quiz in self.quizzes if quiz.question == reply)


@pytest.fixture
def talk(corpus_dir: Path) -> Talk:
    return Talk(corpus_dir)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("파이썬 퀴즈 내줘", "파이썬"),
        ("python 문제 내줘", "파이썬"),
        ("머신러닝 퀴즈", "머신러닝"),
        ("자연어처리 퀴즈 풀래", "자연어 처리"),
    ],
)
def test_a_subject_can_be_chosen(talk: Talk, text: str, subject: str) -> None:
    asked = [talk.ask(text) for _ in range(4)]
    assert {quiz.subject[0] for quiz in asked} == {subject}
    assert len({quiz.question for quiz in asked}) == 4


def test_one_more_keeps_to_the_subject_and_a_plain_wish_does_not(talk: Talk) -> None:
    talk.ask("파이썬 퀴즈 내줘")
    talk.say("정답 알려줘")
    assert {talk.ask("하나 더 내줘").subject[0] for _ in range(3)} == {"파이썬"}
    assert len({talk.ask("퀴즈 내줘").subject[0] for _ in range(12)}) > 2


def test_letters_inside_a_word_are_no_subject(talk: Talk) -> None:
    assert len({talk.ask("html 퀴즈 내줘").subject[0] for _ in range(12)}) > 2


def test_a_subject_without_questions_is_said_and_another_asked(talk: Talk) -> None:
    reply = talk.say("역사 퀴즈 내줘").reply
    assert reply.startswith("역사") and any(reply.endswith(quiz.question) for quiz in talk.quizzes)
    assert "quiz_answer" in talk.say("정답 알려줘").reason


def test_hints_come_one_by_one_and_keep_the_question_open(corpus_dir: Path) -> None:
    talk = Talk(
        corpus_dir, [quiz for quiz in read_quizzes(corpus_dir / "quizzes.yaml") if quiz.answers[0] == "과적합"]
    )
    talk.ask("퀴즈 내줘")
    assert "ㄱㅈㅎ" in talk.say("힌트").reply
    assert "다 드렸어요" in talk.say("힌트 하나 더 줘").reply
    assert "다 드렸어요" in talk.say("너무 어려워").reply
    assert "quiz_wrong" in talk.say("정답은 사과").reason
    assert "quiz_right" in talk.say("정답은 과적합").reason


def test_a_question_left_for_a_while_is_still_answered_when_asked_for(talk: Talk) -> None:
    quiz = talk.ask("퀴즈 내줘")
    assert "quiz" not in talk.say("오늘은 날씨가 정말 좋아서 산책을 다녀왔어").reason
    assert quiz.answers[0] in talk.say("정답 알려줘").reply
    assert "quiz" not in talk.say("정답 알려줘").reason


def test_every_question_takes_its_own_answers(corpus_dir: Path) -> None:
    quizzes = read_quizzes(corpus_dir / "quizzes.yaml")
    assert len(quizzes) >= 40
    for quiz in quizzes:
        assert quiz.subject
        for answer in quiz.answers:
            talk = Talk(corpus_dir, [quiz])
            talk.ask("퀴즈 내줘")
            assert "quiz_right" in talk.say(f"{answer}이요").reason


def test_an_answer_of_one_letter_must_stand_alone(corpus_dir: Path) -> None:
    talk = Talk(corpus_dir, [quiz for quiz in read_quizzes(corpus_dir / "quizzes.yaml") if "간" in quiz.answers])
    talk.ask("퀴즈 내줘")
    assert "quiz_wrong" in talk.say("시간").reason
    assert "quiz_right" in talk.say("간!").reason


def test_no_more_is_offered_on_a_question_without_a_topic(corpus_dir: Path) -> None:
    bare = [quiz for quiz in read_quizzes(corpus_dir / "quizzes.yaml") if not quiz.topic]
    assert bare
    for number in range(8):
        talk = Talk(corpus_dir, bare)
        talk.state = State(f"s{number}")
        talk.ask("퀴즈 내줘")
        assert "더 알려줘" not in talk.say("정답 알려줘").reply


@pytest.mark.parametrize(
    "line", ["다시", "다시 한번만", "문제 다시 말해줘", "문제가 뭐였지?", "뭐라고?", "한 번만 더 말해 주세요"]
)
def test_the_question_is_read_out_again_and_stays_open(talk: Talk, line: str) -> None:
    quiz = talk.ask("퀴즈 내줘")
    again = talk.say(line).reply
    assert again.endswith(quiz.question) and again != quiz.question
    assert quiz.answers[0] in talk.say(quiz.answers[0]).reply and not talk.state.quiz
