"""The study planner, driven through the engine: slots, corrections, other talk in between, giving up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes import TableClassifier, TableResponder

from chatbot.dialogue import policy, speakers
from chatbot.dialogue.engine import Engine
from chatbot.dialogue.forms import FormSpeaker, read_forms
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.state import State
from chatbot.errors import CorpusError
from chatbot.seams import Analyzer
from chatbot.types import Candidate, Response, Source, SpeechLevel, Utterance

INTENTS = {
    "계획 세워줘": [("study_plan_add", 0.9)],
    "내일 두 시간 공부 계획 세워줘": [("study_plan_add", 0.9)],
    "내 계획 뭐였지": [("study_plan_show", 0.9)],
    "계획 지워줘": [("study_plan_cancel", 0.9)],
    "확률과 통계": [("math_struggle", 0.9)],
    "수학 너무 어려워": [("math_struggle", 0.9)],
    "배고파": [("hungry", 0.9)],
    "수학요": [("math_struggle", 0.9)],
}


class Talk:
    def __init__(self, folder: Path, analyzer: Analyzer) -> None:
        phrases = Phrases({"fallback": ["<fallback>"], "fallback_again": ["<again>"]}, "도담")
        retrieval = TableResponder({"드롭아웃이 뭐야?": [Candidate("뉴런을 꺼요.", 0.9, Source.RETRIEVAL)]})
        self.engine = Engine(
            speakers=policy.in_order(
                {
                    "form": FormSpeaker(read_forms(folder), analyzer),
                    "retrieval": speakers.RetrievalSpeaker(0.5, {}),
                    "fallback": speakers.FallbackSpeaker(phrases),
                }
            ),
            classifier=TableClassifier(INTENTS),
            retriever=retrieval,
            generator=None,
            polish=lambda reply, level: reply,
            level=SpeechLevel.HAEYO,
            clock=lambda: datetime(2026, 11, 21, 15, 0, tzinfo=UTC),  # a Saturday
            history_turns=4,
        )
        self.state = State("s")

    def say(self, text: str) -> Response:
        response, self.state = self.engine.respond(Utterance(text, text, "s"), self.state)
        return response


@pytest.fixture
def talk(corpus_dir: Path, kiwi: Analyzer) -> Talk:
    return Talk(corpus_dir / "forms", kiwi)


def test_slot_after_slot_to_a_plan_that_can_be_shown_and_deleted(talk: Talk) -> None:
    for line in ("계획 세워줘", "선형대수요", "모레", "한 시간 반"):
        response = talk.say(line)
        assert response.source is Source.SKILL
    assert talk.state.form is None
    assert talk.state.plans == ({"과목": "선형대수", "날짜": "11월 23일(월)", "시간": "1시간 30분"},)
    assert "11월 23일(월) · 선형대수 · 1시간 30분" in talk.say("내 계획 뭐였지").reply
    talk.say("계획 지워줘")
    assert talk.state.plans == ()
    assert "아직" in talk.say("내 계획 뭐였지").reply


def test_what_was_told_at_once_is_not_asked_again(talk: Talk) -> None:
    talk.say("내일 두 시간 공부 계획 세워줘")
    assert "과목" in talk.state.form.asked
    talk.say("통계")
    assert talk.state.plans[0] == {"날짜": "11월 22일(일)", "시간": "2시간", "과목": "통계"}


@pytest.mark.parametrize("line", ["아니 모레로", "모레로 바꿔줘", "모레"])
def test_a_date_is_corrected_while_another_slot_is_asked(talk: Talk, line: str) -> None:
    for said in ("계획 세워줘", "통계", "내일"):
        talk.say(said)
    assert "바꿨어요" in talk.say(line).reply
    talk.say("두 시간")
    assert talk.state.plans[0]["날짜"] == "11월 23일(월)"


@pytest.mark.parametrize(
    ("day", "length", "plan"),
    [
        ("11월 28일부터 3일까지", "한두 시간", {"날짜": "11월 28일(토)~12월 3일(목)", "시간": "한두 시간"}),
        ("이번 달 말까지", "반나절", {"날짜": "11월 30일(월)까지", "시간": "반나절"}),
    ],
)
def test_spans_and_open_lengths_are_kept_as_they_were_meant(
    talk: Talk, day: str, length: str, plan: dict[str, str]
) -> None:
    for said in ("계획 세워줘", "통계", day, length):
        talk.say(said)
    assert talk.state.plans == ({"과목": "통계", **plan},)


def test_an_impossible_day_is_explained_and_asked_again(talk: Talk) -> None:
    for said in ("계획 세워줘", "통계"):
        talk.say(said)
    assert "2월 30일은 없는 날이에요" in talk.say("2월 30일").reply
    assert talk.state.form is not None and "날짜" not in talk.state.form.slots


def test_a_finished_plan_is_corrected_right_after(talk: Talk) -> None:
    for said in ("계획 세워줘", "통계", "내일", "두 시간"):
        talk.say(said)
    assert "바꿨어요" in talk.say("아니 세 시간").reply
    assert talk.state.plans[0]["시간"] == "3시간"


def test_other_talk_passes_in_between_and_the_form_goes_on(talk: Talk) -> None:
    talk.say("계획 세워줘")
    assert talk.say("드롭아웃이 뭐야?").reply == "뉴런을 꺼요."
    assert talk.state.form is not None and talk.state.form.paused
    assert "돌아갈게요" in talk.say("통계").reply
    talk.say("내일")
    talk.say("30분")
    assert len(talk.state.plans) == 1


def test_a_value_for_another_slot_is_taken_and_the_question_stays(talk: Talk) -> None:
    talk.say("계획 세워줘")
    talk.say("두 시간")
    assert talk.state.form is not None and talk.state.form.slots == {"시간": "2시간"}
    assert talk.state.form.asked == "과목"


def test_a_sentence_that_mentions_a_day_changes_nothing(talk: Talk) -> None:
    for said in ("계획 세워줘", "통계", "내일"):
        talk.say(said)
    talk.say("오늘은 여기까지 이야기하고 쉬고 싶네")
    assert talk.state.form is not None and talk.state.form.slots["날짜"] == "11월 22일(일)"


def test_what_cannot_be_read_is_asked_again_with_an_example(talk: Talk) -> None:
    talk.say("계획 세워줘")
    talk.say("통계")
    assert "모레" in talk.say("글쎄 음").reply
    assert talk.state.form.asked == "날짜"


@pytest.mark.parametrize("line", ["됐어", "그만할래", "취소", "안 할래", "나중에 할게"])
def test_giving_up(talk: Talk, line: str) -> None:
    talk.say("계획 세워줘")
    talk.say(line)
    assert talk.state.form is None and talk.state.plans == ()


def test_a_form_that_lacks_something_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("form: a\nstart: b\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"a\.yaml.*needed: form, start"):
        read_forms(tmp_path)


def test_a_bare_name_is_the_subject_even_where_it_sounds_like_an_intent(talk: Talk) -> None:
    talk.say("계획 세워줘")
    assert talk.say("수학 너무 어려워").source is Source.FALLBACK
    talk.say("확률과 통계")
    assert talk.state.form is not None and talk.state.form.slots == {"과목": "확률과 통계"}


@pytest.mark.parametrize("line", ["죽고 샢어", "집에 갔어", "글쎄 모르겠네"])
def test_a_sentence_is_no_subject(talk: Talk, line: str) -> None:
    talk.say("계획 세워줘")
    assert talk.say(line).intent == "study_plan" and talk.state.form is not None
    assert talk.state.form.slots == {}


def test_the_open_form_is_shown_dropped_and_opened_again_by_its_own_intents(talk: Talk) -> None:
    for line in ("계획 세워줘", "통계"):
        talk.say(line)
    assert "돌아갈게요" in talk.say("내 계획 뭐였지").reply  # nothing is finished yet
    assert "돌아갈게요" in talk.say("계획 세워줘").reply and talk.state.form.slots == {"과목": "통계"}
    assert "접어" in talk.say("계획 지워줘").reply and talk.state.form is None


def test_a_correction_without_a_space(talk: Talk) -> None:
    for line in ("계획 세워줘", "통계", "내일", "세 시간", "아니두시간으로"):
        talk.say(line)
    assert talk.state.plans[0]["시간"] == "2시간"


def test_short_talk_in_between_is_no_answer_and_a_waiting_form_does_not_insist(talk: Talk) -> None:
    talk.say("계획 세워줘")
    assert talk.say("배고파").source is Source.FALLBACK  # nobody here knows it, but the form does not take it
    assert talk.say("비가 주룩주룩 왔어").source is Source.FALLBACK
    assert "수학" in talk.say("수학요").reply
