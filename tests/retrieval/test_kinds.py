"""What lines ask for: bits of everyday lines, and short questions that share only a noun with a stored statement."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.retrieval.evaluate import shipped_encoder
from chatbot.retrieval.kinds import (
    ASKS,
    CHOOSES,
    COUNT,
    HOW,
    MARK,
    READ,
    STOPS,
    TELLS,
    WANTS,
    WHAT,
    WHEN,
    WHERE,
    WHO,
    WHY,
    kinds,
)
from chatbot.retrieval.responder import RetrievalResponder
from chatbot.retrieval.retriever import Retriever, Row
from chatbot.text.kiwi import KiwiAnalyzer
from chatbot.types import Utterance

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "noun_questions.tsv"
LINES = [line.split("\t") for line in GOLDEN.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
# Asked in other words than the row has, these deserve its answer.
SAME = (
    ("도서관 어디에 있어?", "도서관이 어디야?"),
    ("몇 시에 문 열어?", "문 몇 시에 열어요?"),
    ("치킨 얼마야?", "치킨 얼마예요?"),
    ("왜 하늘은 파래?", "하늘은 왜 파란 거야?"),
    ("시험이 언제야?", "시험 언제예요?"),
    ("오늘 너무 피곤해", "오늘 진짜 피곤하다"),
)


@pytest.fixture(scope="module")
def kiwi() -> KiwiAnalyzer:
    return KiwiAnalyzer()


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("도서관 어디야", ASKS | WHERE),
        ("도서관 왔어", TELLS),
        ("몇 시에 열어?", MARK | ASKS | WHEN | COUNT),
        ("무슨 요일이야", ASKS | WHAT | WHEN),
        ("누가 왔어", ASKS | WHO),
        ("왜 그래", ASKS | WHY),
        ("어떻게 하지", ASKS | HOW),
        ("가도 될까요", ASKS),
        ("문 열어 줘", WANTS),
        ("친구가 사 줬어", TELLS),
        ("불 켜는 방법 알려 줘", ASKS | HOW),
        ("면접 잘 보는 법", HOW),
        ("여는 시간이 뭐야", ASKS | WHAT | WHEN),
        ("방법이 없어", TELLS),
        ("날씨 알려 주세요", ASKS),
        ("불 켜지 마", WANTS | STOPS),
        ("여기서 먹으면 안 돼", WANTS | STOPS),
        ("담배는 자제해 주세요", WANTS | STOPS),
        ("커피 마실까 차 마실까", ASKS | CHOOSES),
        ("커피 아니면 차 마실래", ASKS | CHOOSES),
        ("빨강이랑 파랑 중에 골라 줘", WANTS | CHOOSES),
        ("보일러가 안 켜졌어", TELLS),
        ("노인 일자리 사업", 0),
        ("", 0),
    ],
)
def test_bits_of_a_line(kiwi: KiwiAnalyzer, text: str, bits: int) -> None:
    assert kinds(text, kiwi.analyze([text])[0]) == READ | bits


@pytest.fixture(scope="module")
def responder(kiwi: KiwiAnalyzer) -> RetrievalResponder:
    rows = [Row(f"told:{at}", told, f"답 {at}") for at, (told, _) in enumerate(LINES)]
    rows += [Row(f"same:{at}", row, f"같은 답 {at}") for at, (row, _) in enumerate(SAME)]
    retriever = Retriever.build(rows, kiwi, shipped_encoder())
    return RetrievalResponder(retriever, retriever.threshold)


def test_a_short_question_is_not_answered_by_a_statement_about_its_noun(responder: RetrievalResponder) -> None:
    best = {asked: responder.propose(Utterance("", asked), [])[:1] for _, asked in LINES}
    wrong = {asked: found[0].question for asked, found in best.items() if found and found[0].id.startswith("told")}
    assert len(wrong) <= 2, wrong


def test_the_same_question_in_other_words_is_still_answered(responder: RetrievalResponder) -> None:
    best = [responder.propose(Utterance("", asked), [])[:1] for _, asked in SAME]
    assert [found[0].id if found else "" for found in best] == [f"same:{at}" for at in range(len(SAME))]
