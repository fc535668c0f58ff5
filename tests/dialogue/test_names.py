"""The name that the bot calls the user by: asked for anew, put right, forgotten."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from fakes import TableClassifier, TableResponder

from chatbot.dialogue.names import ASKED, NameSpeaker
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.state import State
from chatbot.seams import Analyzer
from chatbot.types import Response, Source, Turn, Utterance


@pytest.fixture
def speaker(corpus_dir: Path, kiwi: Analyzer) -> NameSpeaker:
    return NameSpeaker(Phrases.load(corpus_dir / "phrases.yaml", "도담", corpus_dir / "phrases.yaml"), kiwi)


def say(speaker: NameSpeaker, text: str, name: str = "", said: str = "", intent: str = "") -> Proposal | None:
    """What is said to `text` by somebody called `name`, after a reply with these marks."""
    last = Turn(Utterance("앞말", "앞말"), Response("앞말", "네.", Source.SKILL, "", intent=intent, said=said))
    state = replace(State("s"), name=name, turns=(last,), count=1)
    rng, now = random.Random(1), datetime(2026, 11, 21, tzinfo=UTC)
    return speaker(Reading(Utterance(text, text), state, now, rng, TableClassifier({}), TableResponder({}), None))


@pytest.mark.parametrize(
    "text",
    [
        "이름 바꿀래",
        "이름바꿔줘",
        "내 이름 바꾸고 싶어요",
        "이름 좀 바꿔도 돼?",
        "이름 바꿔 줄 수 있어?",
        "이룸 바꿀래",
        "다른 이름으로 불러줘",
    ],
)
def test_a_new_name_is_asked_for(speaker: NameSpeaker, text: str) -> None:
    proposal = say(speaker, text, "철수")
    assert proposal is not None and proposal.said == ASKED and proposal.state.name == "철수"


@pytest.mark.parametrize(
    ("text", "name"),
    [("영희", "영희"), ("민수로", "민수"), ("지현이라고 해 주세요", "지현"), ("음... 하늘", "하늘"), ("Tom", "Tom")],
)
def test_the_next_line_is_the_name(speaker: NameSpeaker, text: str, name: str) -> None:
    proposal = say(speaker, text, "철수", said=ASKED)
    assert proposal is not None and proposal.state.name == name and name in proposal.reply


@pytest.mark.parametrize("text", ["아냐 됐어", "그냥 그대로 둬", "안 바꿀래"])
def test_or_none_after_all(speaker: NameSpeaker, text: str) -> None:
    proposal = say(speaker, text, "철수", said=ASKED)
    assert proposal is not None and proposal.state.name == "철수" and "그대로" in proposal.reply


@pytest.mark.parametrize("text", ["배고파", "오늘 몇 시야?", "고마워", "그건 왜 물어봐"])
def test_other_talk_is_no_name(speaker: NameSpeaker, text: str) -> None:
    assert say(speaker, text, "철수", said=ASKED) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("철수 아니고 영수야", "영수"),
        ("철수 말고 영수라고 불러", "영수"),
        ("철수가 아니라 영수예요", "영수"),
        ("이름을 하늘로 바꿔줘", "하늘"),
        ("내 이름은 보라로 해줘", "보라"),
    ],
)
def test_a_name_is_put_right(speaker: NameSpeaker, text: str, name: str) -> None:
    proposal = say(speaker, text, "철수")
    assert proposal is not None and proposal.state.name == name


def test_a_bare_correction_counts_right_after_a_name(speaker: NameSpeaker) -> None:
    right = say(speaker, "아니 영수야", "철수", intent="tell_name")
    assert right is not None and right.state.name == "영수"
    assert say(speaker, "아니 영수야", "철수") is None
    assert say(speaker, "아니 배고파", "철수", intent="tell_name") is None


@pytest.mark.parametrize(
    "text", ["이름 잊어줘", "내 이름 지워줘", "제 이름은 기억하지 마세요", "내 이름 이제 잊어버려"]
)
def test_a_name_is_forgotten(speaker: NameSpeaker, text: str) -> None:
    proposal = say(speaker, text, "철수")
    assert proposal is not None and proposal.state.name == "" and "철수" not in proposal.reply
    assert say(speaker, text) is not None  # and nothing is made up where none was known


@pytest.mark.parametrize(
    "text",
    [
        "네 이름 바꿔줘",
        "강아지 이름 지어줘",
        "내 이름 잊어버렸어?",
        "파일 이름 바꾸는 법",
        "과적합 말고 과소적합",
        "이름이 뭐야",
    ],
)
def test_what_is_about_other_names_passes(speaker: NameSpeaker, text: str) -> None:
    assert say(speaker, text, "철수") is None


def test_every_occasion_is_written(corpus_dir: Path) -> None:
    written = yaml.safe_load((corpus_dir / "phrases.yaml").read_text(encoding="utf-8"))
    assert {"name_asked", "name_changed", "name_kept", "name_forgotten", "name_unknown"} <= written.keys()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("난 민지!", "민지"),
        ("나 서연", "서연"),
        ("저는 김민수", "김민수"),
        ("안녕 난 유나", "유나"),
        ("나는수빈이", "수빈"),
        ("저 도윤이라고 해요", "도윤"),
    ],
)
def test_a_name_and_nothing_else(speaker: NameSpeaker, text: str, name: str) -> None:
    proposal = say(speaker, text)
    assert proposal is not None and proposal.state.name == name and name in proposal.reply


@pytest.mark.parametrize(
    "text", ["난 바보!", "난 서울", "나 채식", "난 행복", "나 학생이야", "난 배고파", "나는 자바", "난 인간"]
)
def test_what_somebody_is_is_no_name(speaker: NameSpeaker, text: str) -> None:
    assert say(speaker, text) is None


def test_a_number_is_asked_about_and_the_next_line_is_the_name(speaker: NameSpeaker) -> None:
    proposal = say(speaker, "제 이름은 7번이에요", "민지")
    assert proposal is not None and proposal.said == ASKED and proposal.state.name == "민지"
