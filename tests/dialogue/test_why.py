"""/why speaks Korean: labels for the names of the code, other people's words untouched."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatbot.corpus import read_corpus
from chatbot.dialogue.why import LABELS, explain, labels_of
from chatbot.types import Candidate, Intent, IntentScore, IntentScores, Response, Source

INTENTS = (
    Intent("tell_name", "사용자가 자기 이름을 알려 준다.", ("난 민수야",), ("네.",)),
    Intent("greeting", "", ("안녕",), ("네.",)),
)
SCORES = IntentScores(
    (IntentScore("tell_name", 0.9), IntentScore("greeting", 0.05), IntentScore("other", 0.01)),
    0.6,
    0.3,
    nearest=(("난 민수야", "tell_name", 0.8), ("난 민수야", "tell_name", 0.8)),
    weights=(("민수", 0.7),),
)


def why(reason: str, source: Source = Source.TEMPLATE, **more: object) -> list[str]:
    return explain(Response("물음", "답", source, reason, confidence=0.9, **more), labels_of(INTENTS))  # type: ignore[arg-type]


def test_intents_are_called_by_their_description_or_their_first_example() -> None:
    assert labels_of(INTENTS) == {"tell_name": "‘자기 이름을 알려 준다’", "greeting": "‘안녕’ 같은 말"}
    lines = why("의도 tell_name, 확률 0.90 (기준 0.60, 차이 0.30); 답 tell_name/d6a58824, 고르게 뽑음", scores=SCORES)
    assert lines == [
        "출처: 의도에 맞춘 답, 확신 0.90",
        "까닭: 의도 ‘자기 이름을 알려 준다’, 확률 0.90 (기준 0.60, 차이 0.30); 고르게 뽑음",
        "의도: ‘자기 이름을 알려 준다’ 0.90 · ‘안녕’ 같은 말 0.05 · other 0.01 (기준 0.60, 차이 0.30, 낯익음 1.00)",
        "닮은 예문: 난 민수야 (‘자기 이름을 알려 준다’, 0.80)",
        "눈여겨본 말: 민수 70%",
    ]


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("안전 규칙 (crisis)", "안전 규칙 (위기)"),
        ("기능 pick_one: 말이 이 기능을 가리킴", "기능 고르기: 말이 이 기능을 가리킴"),
        ("양식 study_plan: 과목 들음", "양식 공부 계획: 과목 들음"),
        ("'why not'에 들어맞을 확률 0.50 (기준 0.37)", "'why not'에 들어맞을 확률 0.50 (기준 0.37)"),
        ("'softmax' 이야기에 이어지는 물음 (more)", "'softmax' 이야기에 이어지는 물음 (더 알려 주기)"),
    ],
)
def test_reasons_have_labels_for_names_and_leave_quotes_alone(reason: str, shown: str) -> None:
    assert why(reason)[1] == f"까닭: {shown}"


def test_candidates_name_their_source_in_korean() -> None:
    lines = why("까닭", candidates=(Candidate("답이에요.", 0.4, Source.SEQ2SEQ),))
    assert lines[-1] == "후보: 답이에요. (만들어 낸 답, 0.40)"


def test_every_intent_skill_and_kind_of_the_corpus_has_a_label(corpus_dir: Path) -> None:
    intents = read_corpus(corpus_dir).intents
    assert not [name for name, label in labels_of(intents).items() if re.search("[a-z]", label)]
    kinds = re.findall(r"^(\w+):", (corpus_dir / "lexicon" / "safety_replies.yaml").read_text(), re.MULTILINE)
    assert [name for name in {*kinds, *(i.skill for i in intents if i.skill)} if name not in LABELS] == []
