"""Skills answer what they claim, claim nothing else, and never fail on odd input."""

from __future__ import annotations

import contextlib
import random
import re
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from fakes import TableClassifier, TableResponder
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.dialogue.guards import SkillSpeaker
from chatbot.dialogue.reading import Reading
from chatbot.dialogue.skills import SKILLS
from chatbot.dialogue.skills.arithmetic import NotArithmetic, TooLarge, evaluate
from chatbot.dialogue.skills.choices import options
from chatbot.dialogue.skills.clock import of_something_else
from chatbot.dialogue.state import State
from chatbot.dialogue.written import WrittenSpeaker
from chatbot.types import Candidate, Source, Utterance

GOLDEN = Path(__file__).parent.parent / "golden" / "skills.tsv"
ROWS = [line.split("\t") for line in GOLDEN.read_text(encoding="utf-8").splitlines() if line[:2] != "# "]
NOW = datetime(2026, 11, 21, 14, 5)

# Intents whose skill is one of these; examples below them that lack what the skill needs (a sum, a date, options).
INTENTS = {"time_now", "date_query", "calculate", "unit_convert", "pick_one"}
LACKING = {
    "계산 좀 해줘", "계산기 되나요?", "식 하나만 풀어 줘", "덧셈 좀 부탁해요", "사칙연산 할 줄 알아?", "숫자 계산 "
    "맡겨도 돼요?",
    "디데이 계산해줘", "시험까지 D-며칠이야", "방학까지 남은 날 세 줄 수 있어요?", "전역일까지 며칠인지 알려 주세요",
    "단위 변환 좀 해줘", "평수 계산 좀 도와줘요", "둘 중에 하나만 골라 주세요", "제비뽑기 해줘", "결정 장애 왔어 "
    "네가 정해 줘",
    "랜덤으로 하나 뽑아줄래요?", "뭐가 좋을지 대신 골라 주시겠어요?", "사다리 타기 대신 좀 뽑아 줘", "셋 중에서 네 "
    "마음대로 골라",
    "아무거나 하나 찍어 줘", "선택지 줄 테니까 골라줘",
}  # fmt: skip
ORDINARY = [
    "시간이 없어", "3시간 잤어", "오늘 날짜 기억하기 싫다", "몇 시에 만날까", "몇 시간 잤어?", "몇 시까지 해?",
    "시간 좀 내줘",
    "지금 미국은 몇 시야", "요즘 며칠째 못 자고 있어", "며칠 전에 헤어졌어", "며칠 쉬고 싶다", "언제까지 이래야 해",
    "월요일 싫어",
    "010-1234-5678", "2026-11-23", "3-4일 걸려", "12/25", "1+1 행사 하더라", "2+2는 귀요미", "C++ 어려워", "두 "
    "배로 힘들어",
    "더하기 빼기도 헷갈려", "곱셈이 뭐야", "나누기 싫어", "하루에 몇 시간 자?", "1시간에 몇 분 쉬어?", "10km 뛰었어",
    "3kg 쪘어",
    "물 2리터 마셨어", "고르기 힘들어", "인생이 동전 던지기 같아", "왜 그럴까 왜 안 될까", "비가 올까 안 올까",
    "LSTM이랑 GRU 중에 뭐가 더 좋아?",
    "영화 하나 골라줘", "대학원 갈까 취업할까 고민이야", "오늘 10시간 공부함", "3월에 개강이야", "평균이 뭐야?",
    "제곱 오차가 뭐야", "로또 번호 어떻게 뽑아?", "로또 당첨됐으면 좋겠다", "5달러 주고 샀어", "500원은 얼마야",
    "환율이 무섭다", "시속 100km로 달렸어",
    "한국 vs 일본 누가 이겨", "파이썬 vs 자바", "LSTM vs GRU", "엄마 선물 뭐 사지", "친구랑 고기 뭐 먹지",
    "비 오는데 뭐 먹지", "점심 국밥 뭐 먹지", "편의점 라면 뭐 먹지", "삼겹살 소주 먹고 싶다", "치킨 피자",
    "지하철 막차 몇 시야?", "일몰 몇 시야", "일출 시간 알려줘", "오늘 수업은 몇 시야", "영화 몇 시지", "호불호가 갈려",
    "for문이랑 while문은 어떻게 골라 써요?",
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "expected"), ROWS)
def test_golden(text: str, name: str, expected: str) -> None:
    skill = SKILLS[name]
    assert skill.claims(text)
    reply = skill.answer(text, NOW, random.Random(1))
    assert reply
    if expected != "~":
        replies = {skill.answer(text, NOW, random.Random(seed)) for seed in range(12)}
        assert expected in replies


@pytest.mark.parametrize(("text", "name", "expected"), ROWS)
def test_only_one_claims(text: str, name: str, expected: str) -> None:
    assert [other for other, skill in SKILLS.items() if skill.claims(text)] == [name]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_talk_is_nobodys(text: str) -> None:
    assert [name for name, skill in SKILLS.items() if skill.claims(text)] == []


def intents(corpus_dir: Path) -> list[dict]:
    return [
        yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((corpus_dir / "intents").glob("*.yaml"))
    ]


def test_examples_of_the_skills_are_answered(corpus_dir: Path) -> None:
    asked = [
        (intent["skill"], text)
        for intent in intents(corpus_dir)
        if intent["intent"] in INTENTS
        for text in map(str, intent["examples"])
        if text not in LACKING
    ]
    missed = [(name, text) for name, text in asked if SKILLS[name].answer(text, NOW, random.Random(1)) is None]
    assert len(asked) > 120
    assert len(missed) <= 0.1 * len(asked), missed


def test_examples_of_other_intents_are_not_claimed(corpus_dir: Path) -> None:
    others = [str(text) for one in intents(corpus_dir) if one["intent"] not in INTENTS for text in one["examples"]]
    claimed = [(name, text) for text in others for name, skill in SKILLS.items() if skill.claims(text)]
    assert len(others) > 2000
    # A game that is named is played.
    assert [text for _, text in claimed if text != "가위바위보 하자"] == []


def test_knowledge_questions_are_not_drawn_lots_for(corpus_dir: Path) -> None:
    entries = [
        one for path in (corpus_dir / "knowledge").glob("*.yaml") for one in yaml.safe_load(path.read_text("utf-8"))
    ]
    questions = [str(question) for entry in entries for question in entry["questions"]]
    assert len(questions) > 2000
    assert [text for text in questions if SKILLS["pick_one"].claims(text)] == []


@pytest.mark.parametrize(
    "text", ["퇴사할까 말까", "이혼할까 말까", "수술할까 말까 골라줘", "휴학 vs 자퇴", "헤어질까 말까"]
)
def test_weighty_things_are_talked_over_not_drawn(text: str) -> None:
    replies = {str(SKILLS["pick_one"].answer(text, NOW, random.Random(seed))) for seed in range(30)}
    assert len(replies) == 3
    assert not [reply for reply in replies if "쪽을 고를" in reply or "한 표" in reply or "골랐어요" in reply]


def test_what_is_claimed_is_answered(corpus_dir: Path) -> None:
    texts = [str(text) for one in intents(corpus_dir) for text in one["examples"]]
    silent = [
        (name, text)
        for text in texts
        for name, skill in SKILLS.items()
        if skill.claims(text) and skill.answer(text, NOW, random.Random(1)) is None
    ]
    assert not silent


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from([row[0] for row in ROWS]), max_size=3).map(" ".join))
def test_any_text_gives_one_bounded_answer_or_none(text: str) -> None:
    for skill in SKILLS.values():
        skill.claims(text)
        reply = skill.answer(text, NOW, random.Random(1))
        assert reply is None or 0 < len(reply) < 300


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789+-*/%^!√p(). ", max_size=40))
def test_arithmetic_never_fails_otherwise(text: str) -> None:
    with contextlib.suppress(NotArithmetic, TooLarge, ZeroDivisionError):
        assert isinstance(evaluate(text), Fraction)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1+2*3", 7), ("(1+2)*3", 9), ("2^3^2", 512), ("-2^2", -4), ("10-4-3", 3), ("7%4", 3), ("√16+1", 5), ("3!", 6),
        ("50p*200", 100), ("0.1+0.2", Fraction(3, 10)), ("2^-1", Fraction(1, 2)), ("--3", 3),
    ],
)  # fmt: skip
def test_arithmetic(text: str, value: int | Fraction) -> None:
    assert evaluate(text) == value


@pytest.mark.parametrize("text", ["9^9^9^9", "1001!", "10^99999"])
def test_large_results_are_refused_at_once(text: str) -> None:
    with pytest.raises(TooLarge):
        evaluate(text)


def test_large_results_are_told_kindly() -> None:
    calculator = SKILLS["calculator"]
    assert "101자리" in str(calculator.answer("10의 100승은?", NOW, random.Random(1)))
    assert "너무 커서" in str(calculator.answer("9의 99999승은?", NOW, random.Random(1)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("짜장 짬뽕 골라줘", ["짜장", "짬뽕"]), ("산이랑 바다 중에 뭐가 나아?", ["산", "바다"]), ("치킨 vs 피자",
        ["치킨", "피자"]),
        ("빨강 파랑 노랑 중에 하나", ["빨강", "파랑", "노랑"]), ("A랑 B 중에 뭐", ["A", "B"]),
        ("짜장면 짬뽕 중에 골라줘", ["짜장면", "짬뽕"]),
        ("바다 산 중에 뭐", ["바다", "산"]),
        ("운동 아침에 할까 저녁에 할까", ["운동 아침에 하는 쪽", "저녁에 하는 쪽"]),
        ("아이패드 vs 종이 아직도 못 정함", ["아이패드", "종이"]), ("갈까 말까", ["가는 "
            "쪽", "안 가는 쪽"]),
        ("오늘 수학 할까 영어 할까", ["수학 하는 쪽", "영어 하는 쪽"]), ("먹을까 걸을까", ["먹는 쪽", "걷는 쪽"]),
        ("집에서 쉴까요 나가서 놀까요", ["집에서 쉬는 쪽", "나가서 노는 쪽"]), ("둘 중에 하나만 골라 주세요", []),
        ("왜 그럴까 뭘까", []),
    ],
)  # fmt: skip
def test_options(text: str, expected: list[str]) -> None:
    assert options(text) == expected


@pytest.mark.parametrize("text", ["10% 할인해서 9000원이면 원래 얼마야", "50000원에 10% 쿠폰 쓰면 얼마야"])
def test_no_sum_is_better_than_a_wrong_one(text: str) -> None:
    assert SKILLS["calculator"].answer(text, NOW, random.Random(1)) is None


def test_lotto_draws_six_different_numbers() -> None:
    for seed in range(200):
        reply = str(SKILLS["pick_one"].answer("로또 번호 뽑아줘", NOW, random.Random(seed)))
        drawn = [int(number) for number in re.findall(r"\d+", reply)]
        assert len(set(drawn)) == len(drawn) == 6
        assert all(1 <= number <= 45 for number in drawn)
        assert "재미로" in reply


def test_chance_is_fair_and_repeatable() -> None:
    pick = SKILLS["pick_one"]
    replies = [pick.answer("동전 던져줘", NOW, random.Random(seed)) for seed in range(400)]
    heads = sum("앞면" in str(reply) for reply in replies)
    assert 140 < heads < 260
    assert pick.answer("주사위 굴려줘", NOW, random.Random(5)) == pick.answer("주사위 굴려줘", NOW, random.Random(5))


@pytest.mark.parametrize(
    ("hour", "minute", "spoken"),
    [
        (0, 0, "밤 12시예요"),
        (2, 30, "새벽 2시 30분이에요"),
        (9, 5, "오전 9시 5분이에요"),
        (12, 0, "낮 12시예요"),
        (23, 59, "오후 11시 59분이에요"),
    ],
)
def test_clock_reads_the_moment_it_is_given(hour: int, minute: int, spoken: str) -> None:
    reply = SKILLS["clock"].answer("지금 몇 시야", NOW.replace(hour=hour, minute=minute), random.Random(1))
    assert spoken in str(reply)


def test_hour_passed_or_not() -> None:
    clock = SKILLS["clock"]
    assert "지났어요" in str(clock.answer("지금 열두 시 넘었어?", NOW, random.Random(1)))
    assert "30분 남았어요" in str(clock.answer("아홉 시 안 됐지?", NOW.replace(hour=20, minute=30), random.Random(1)))


@pytest.mark.parametrize(
    ("text", "said"),
    [("2시간 뒤는 몇 시야", "8시 37분"), ("30분 뒤 몇 시야?", "7시 7분"), ("지금 몇 시야", "6시 37분")],
)
def test_the_clock_counts_from_now(text: str, said: str) -> None:
    answer = SKILLS["clock"].answer(text, datetime(2026, 11, 21, 6, 37), random.Random(0))
    assert answer is not None and said in answer


@pytest.mark.parametrize(
    ("text", "source"),
    [("고백할까 말까", Source.RETRIEVAL), ("짜장면 먹을까 짬뽕 먹을까", Source.SKILL), ("2+3", Source.SKILL)],
)
def test_what_somebody_wrote_to_it_goes_before_chance_and_nothing_before_a_sum(text: str, source: Source) -> None:
    answers = {
        line: [Candidate("안 하면 계속 궁금할 거예요.", 1.0, Source.RETRIEVAL)] for line in ("고백할까 말까", "2+3")
    }
    speaker = SkillSpeaker(SKILLS, {}, WrittenSpeaker(TableResponder(answers)))
    reading = Reading(
        Utterance(text, text), State(), NOW, random.Random(0), TableClassifier({}), TableResponder({}), None
    )
    proposal = speaker(reading)
    assert proposal is not None and proposal.source is source


@pytest.mark.parametrize(
    "text",
    [
        "급식은 몇 시야?",
        "급식 몇시야",
        "별빛 카페 몇 시예요?",
        "새봄중학교 급식은 몇 시야?",
        "엄마 몇 시야",
        "지하철 막차 몇 시야?",
        "일출 시간 알려줘",
        "오늘 경기 몇 시야",
    ],
)
def test_the_hour_of_something_else_is_not_the_present_one(text: str) -> None:
    assert of_something_else(text)
    assert not SKILLS["clock"].claims(text)
    assert SKILLS["clock"].answer(text, NOW, random.Random(1)) is None


@pytest.mark.parametrize("text", ["지금은 몇 시야", "도담아 몇시야", "배고픈데 몇시야", "한국은 몇 시예요"])
def test_the_present_hour_is(text: str) -> None:
    assert not of_something_else(text)
    assert SKILLS["clock"].claims(text)
