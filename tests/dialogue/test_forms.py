"""The study planner, driven through the engine: slots, corrections, other talk in between, giving up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
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
    "영어 계획 지워줘": [("study_plan_cancel", 0.9)],
}


class Talk:
    def __init__(
        self, folder: Path, analyzer: Analyzer, intents: Mapping[str, Sequence[tuple[str, float]]] = INTENTS
    ) -> None:
        occasions = ("fallback", "fallback_again", "fallback_answer", "fallback_question")
        phrases = Phrases({occasion: [f"<{occasion}>"] for occasion in occasions}, "도담")
        retrieval = TableResponder({"드롭아웃이 뭐야?": [Candidate("뉴런을 꺼요.", 0.9, Source.RETRIEVAL)]})
        self.engine = Engine(
            speakers=policy.in_order(
                {
                    "form": FormSpeaker(read_forms(folder), analyzer),
                    "retrieval": speakers.RetrievalSpeaker(0.5, {}),
                    "fallback": speakers.FallbackSpeaker(phrases),
                }
            ),
            classifier=TableClassifier(intents),
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
    for line in ("글쎄 음", "음 글쎄", "잘 모르겠어요"):
        assert "모레" in talk.say(line).reply
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


def made(talk: Talk, *lines: str) -> None:
    for line in lines:
        talk.say(line)


@pytest.mark.parametrize(
    ("line", "slot", "value"),
    [
        ("내일 말고 모레", "날짜", "11월 23일(월)"),
        ("내일말고모레로해줘", "날짜", "11월 23일(월)"),
        ("아니 그게 아니라 모레", "날짜", "11월 23일(월)"),
        ("잠깐, 모레까지로", "날짜", "11월 23일(월)까지"),
        ("아니 수학으로", "과목", "수학"),
        ("통계 말고 수학", "과목", "수학"),
        ("통계가 아니라 수학이에요", "과목", "수학"),
        ("아 과목을 생물로 바꿔줘", "과목", "생물"),
        ("과목은 생물로 할래", "과목", "생물"),
        ("생물로 하자", "과목", "생물"),
    ],
)
def test_a_correction_while_the_form_is_open(talk: Talk, line: str, slot: str, value: str) -> None:
    made(talk, "계획 세워줘", "통계", "내일")
    assert "바꿨어요" in talk.say(line).reply
    assert talk.state.form is not None and talk.state.form.slots[slot] == value
    assert talk.state.form.asked == "시간"


@pytest.mark.parametrize(
    ("line", "slot", "value"),
    [
        ("2시간 말고 3시간", "시간", "3시간"),
        ("시간은 한 시간으로 해줘", "시간", "1시간"),
        ("아 시간 잘못 말했어 한 시간 반이야", "시간", "1시간 30분"),
        ("내일 말고 모레까지", "날짜", "11월 23일(월)까지"),
        ("아니 수학으로", "과목", "수학"),
        ("과목을 생물로 바꿔줘", "과목", "생물"),
        ("3시간", "시간", "3시간"),
    ],
)
def test_a_correction_right_after_the_form_was_finished(talk: Talk, line: str, slot: str, value: str) -> None:
    made(talk, "계획 세워줘", "통계", "내일", "두 시간")
    assert talk.say(line).said == "study_plan/changed"
    assert [plan[slot] for plan in talk.state.plans] == [value]


@pytest.mark.parametrize("line", ["아니 배고파", "내일 봐", "아니라고", "시간이 없네", "과목은 뭐가 좋을까?"])
def test_what_corrects_nothing_changes_nothing(talk: Talk, line: str) -> None:
    made(talk, "계획 세워줘", "통계", "내일", "두 시간")
    talk.say(line)
    assert talk.state.plans == ({"과목": "통계", "날짜": "11월 22일(일)", "시간": "2시간"},)


def test_a_slot_is_asked_for_again(talk: Talk) -> None:
    made(talk, "계획 세워줘", "통계", "내일")
    assert talk.say("날짜 바꿀래").said == "study_plan/asked" and talk.state.form.asked == "날짜"
    made(talk, "모레", "두 시간")
    assert talk.say("과목 바꿔줘").said == "study_plan/asked-과목"
    talk.say("수학이요")
    assert talk.state.plans == ({"과목": "수학", "날짜": "11월 23일(월)", "시간": "2시간"},)


@pytest.mark.parametrize(
    ("day", "length", "refused", "words"),
    [
        ("어제", "", "날짜", "지난"),
        ("지난주 금요일", "", "날짜", "지난"),
        ("내일", "0시간", "시간", "0시간보다"),
        ("내일", "-1시간", "시간", "0시간보다"),
        ("내일", "마이너스 두 시간", "시간", "0시간보다"),
        ("내일", "30시간", "시간", "24시간"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_and_asked_again(
    talk: Talk, day: str, length: str, refused: str, words: str
) -> None:
    made(talk, "계획 세워줘", "통계")
    reply = talk.say(day).reply
    reply = talk.say(length).reply if length else reply
    assert words in reply
    assert talk.state.form is not None and talk.state.form.asked == refused
    assert refused not in talk.state.form.slots


def test_what_is_too_much_for_a_day_is_not_for_five(talk: Talk) -> None:
    made(talk, "계획 세워줘", "통계", "12월 1일부터 12월 5일까지", "30시간")
    assert talk.state.plans[0]["시간"] == "30시간"


def test_a_deadline_reads_as_one(talk: Talk) -> None:
    made(talk, "계획 세워줘", "통계", "내일까지")
    assert "까지에" not in talk.say("2시간").reply
    assert talk.state.plans[0]["날짜"] == "11월 22일(일)까지"


@pytest.mark.parametrize(("said", "length"), [("2", "2시간"), ("3요", "3시간"), ("핢 시간", "1시간")])
def test_a_bare_number_and_a_slip_of_the_finger_are_heard(talk: Talk, said: str, length: str) -> None:
    made(talk, "계획 세워줘", "통계", "내일", said)
    assert talk.state.plans[0]["시간"] == length


@pytest.mark.parametrize(
    "line",
    [
        "됐어 안 할래",
        "안 할래요",
        "그만할래",
        "다음에 할게",
        "아니야 됐어",
        "하기 싫어졌어",
        "마음이 바뀌었어",
        "그냥 취소해줘",
    ],
)
def test_giving_up_in_other_words(talk: Talk, line: str) -> None:
    made(talk, "계획 세워줘", "통계")
    assert talk.say(line).said == "study_plan/cancelled"
    assert talk.state.form is None and talk.state.plans == ()


@pytest.mark.parametrize(
    "line", ["아까 하던 거 계속", "아까 하던 거 마저 하자", "계획 이어서", "하던 거 마저 할래", "계속하자"]
)
def test_going_on_after_other_talk(talk: Talk, line: str) -> None:
    made(talk, "계획 세워줘", "통계", "드롭아웃이 뭐야?")
    assert "돌아갈게요" in talk.say(line).reply
    assert talk.state.form is not None and not talk.state.form.paused


def test_going_on_with_what_is_not_open_any_more(talk: Talk) -> None:
    assert talk.say("아까 하던 거 계속").source is Source.FALLBACK
    made(talk, "계획 세워줘", "됐어")
    assert talk.say("아까 하던 거 계속").said == "study_plan/lost"
    made(talk, "계획 세워줘", "통계", "내일", "두 시간")
    assert "통계" in talk.say("아까 하던 거 계속").reply


def three_plans(talk: Talk) -> None:
    for subject, day in (("수학", "내일"), ("영어", "모레"), ("역사", "12월 3일")):
        made(talk, "계획 세워줘", subject, day, "두 시간")


def left(talk: Talk) -> list[str]:
    return [plan["과목"] for plan in talk.state.plans]


@pytest.mark.parametrize(
    ("line", "stay"),
    [
        ("영어 계획 지워줘", ["수학", "역사"]),
        ("영어는 빼줘", ["수학", "역사"]),
        ("내일 거 삭제해줘", ["영어", "역사"]),
        ("두 번째 계획 지워줘", ["수학", "역사"]),
        ("마지막 계획 취소해줘", ["수학", "영어"]),
        ("수학이랑 역사 계획 지워줘", ["영어"]),
        ("취소할래", ["수학", "영어"]),
    ],
)
def test_only_what_is_named_is_deleted(talk: Talk, line: str, stay: list[str]) -> None:
    three_plans(talk)
    reply = talk.say(line).reply
    assert left(talk) == stay
    assert all(subject in reply for subject in {"수학", "영어", "역사"} - set(stay))


def test_all_are_deleted_only_when_all_are_meant(talk: Talk) -> None:
    three_plans(talk)
    assert talk.say("계획 지워줘").said == "study_plan/which"
    assert left(talk) == ["수학", "영어", "역사"]
    talk.say("영어")
    assert left(talk) == ["수학", "역사"]
    talk.say("계획 지워줘")
    assert "그대로" in talk.say("아니 됐어").reply and left(talk) == ["수학", "역사"]
    talk.say("계획 지워줘")
    talk.say("둘 다")
    assert left(talk) == []


@pytest.mark.parametrize(
    ("line", "plan"),
    [
        ("내일 수학 두 시간 공부 계획 세워줘", ("수학", "11월 22일(일)", "2시간")),
        ("모레 영어 1시간 공부할래 계획 짜줘", ("영어", "11월 23일(월)", "1시간")),
        ("확률과 통계 내일 2시간 계획 짜줘", ("확률과 통계", "11월 22일(일)", "2시간")),
        ("모레 영어 단어 외우기 30분 계획에 추가해줘", ("영어 단어 외우기", "11월 23일(월)", "30분")),
        ("카페에서 내일 수학 두 시간 할래 계획 세워줘", ("수학", "11월 22일(일)", "2시간")),
        ("내일까지 한국사 시험 공부 하루에 세 시간 잡아줘", ("한국사", "11월 22일(일)까지", "하루 3시간")),
        ("모레까지 하루에 두시간씩 파이썬 공부 계획", ("파이썬", "11월 23일(월)까지", "하루 2시간")),
        ("내일 영어 한 시간 정도 공부 계획 세워줘", ("영어", "11월 22일(일)", "1시간")),
    ],
)
def test_a_plan_in_one_sentence(corpus_dir: Path, kiwi: Analyzer, line: str, plan: tuple[str, str, str]) -> None:
    talk = Talk(corpus_dir / "forms", kiwi, {line: [("study_plan_add", 0.9)]})
    assert talk.say(line).said == "study_plan/done"
    assert tuple(talk.state.plans[0][name] for name in ("과목", "날짜", "시간")) == plan


@pytest.mark.parametrize("line", ["아무때나", "아무 때나 괜찮아요", "언제든 상관없어", "알아서 해줘", "네가 정해"])
def test_where_any_value_would_do_the_usual_one_is_taken_and_said(talk: Talk, line: str) -> None:
    made(talk, "계획 세워줘", "통계")
    assert "11월 21일(토)" in talk.say(line).reply
    talk.say("아무거나")
    assert talk.state.plans == ({"과목": "통계", "날짜": "11월 21일(토)", "시간": "1시간"},)


def test_a_line_that_speaks_of_no_plan_opens_none(corpus_dir: Path, kiwi: Analyzer) -> None:
    line = "핑계 좀 만들어줘"
    assert Talk(corpus_dir / "forms", kiwi, {line: [("study_plan_add", 0.8)]}).say(line).source is Source.FALLBACK


def test_what_was_just_shown_is_changed(talk: Talk) -> None:
    made(talk, "계획 세워줘", "통계", "내일", "두 시간", "내 계획 뭐였지", "두 시간 말고 한 시간으로")
    assert talk.state.plans[0]["시간"] == "1시간"


def test_anything_is_no_subject(talk: Talk) -> None:
    made(talk, "계획 세워줘", "아무거나")
    assert talk.state.form is not None and not talk.state.form.slots and talk.state.form.asked == "과목"


@pytest.mark.parametrize(
    "line", ["시험까지 공부 스케줄 만들어줘", "내일 공부할 거 계획 세워줄래?", "취소한 계획 말고 새로 하나 짜줘"]
)
def test_a_sentence_without_a_subject_is_asked_for_one(corpus_dir: Path, kiwi: Analyzer, line: str) -> None:
    talk = Talk(corpus_dir / "forms", kiwi, {line: [("study_plan_add", 0.9)]})
    talk.say(line)
    assert talk.state.form is not None and talk.state.form.asked == "과목"


def test_a_form_older_than_the_code_takes_what_it_lacks_from_the_shipped_one(corpus_dir: Path, tmp_path: Path) -> None:
    shipped = (corpus_dir / "forms" / "study_plan.yaml").read_text(encoding="utf-8")
    older = yaml.safe_load(shipped)
    del older["which"], older["slots"][1]["future"]
    older["done"] = ["다 됐어요."]
    (tmp_path / "study_plan.yaml").write_text(yaml.safe_dump(older, allow_unicode=True), encoding="utf-8")
    with pytest.raises(CorpusError, match="which"):
        read_forms(tmp_path)
    form = read_forms(tmp_path, corpus_dir / "forms")[0]
    assert form.phrases["done"] == ("다 됐어요.",) and form.phrases["which"] and form.slot("날짜").future


def test_the_rest_is_deleted_after_one(talk: Talk) -> None:
    three_plans(talk)
    talk.say("영어 계획 지워줘")
    talk.say("남은 것도 취소해줘")
    assert left(talk) == []


def test_a_few_turns_later_what_is_named_is_still_changed(talk: Talk) -> None:
    three_plans(talk)
    talk.say("드롭아웃이 뭐야?")
    talk.say("영어 말고 국어로 바꿔줘")
    assert left(talk) == ["수학", "국어", "역사"]
    assert talk.say("화학 말고 물리로 바꿔줘").said == "study_plan/no_such"
    assert left(talk) == ["수학", "국어", "역사"]


def test_a_repeat_and_a_question_leave_the_form_as_it_was(talk: Talk) -> None:
    made(talk, "계획 세워줘", "통계")
    for line in ("다시 말해줘", "뭐라고?", "내일은 뭐 하지?"):
        assert talk.say(line).source is Source.FALLBACK  # those who would know are not here
        assert talk.state.form is not None and talk.state.form.slots == {"과목": "통계"}


def test_begun_again_after_it_was_dropped(talk: Talk) -> None:
    made(talk, "계획 세워줘", "통계", "됐어")
    assert talk.say("다시 세울래").said == "study_plan/asked"


@pytest.mark.parametrize(
    "line", ["과목은 역시 수학이 최고야", "시간은 금이야", "시간은 두 시간이면 충분해", "날짜는 상관없어"]
)
def test_talk_that_begins_like_a_slot_changes_nothing_later(talk: Talk, line: str) -> None:
    three_plans(talk)
    made(talk, "배고파", line)
    assert left(talk) == ["수학", "영어", "역사"]
    assert {plan["시간"] for plan in talk.state.plans} == {"2시간"}
