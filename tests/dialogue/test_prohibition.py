"""Told not to, the bot does nothing; told not to forget, it does."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path

import pytest
from fakes import TableClassifier, TableResponder

from chatbot.dialogue.forms import FormSpeaker, read_forms
from chatbot.dialogue.guards import SkillSpeaker
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.prohibition import ProhibitionSpeaker, told_not_to
from chatbot.dialogue.reading import Reading
from chatbot.dialogue.skills import SKILLS
from chatbot.dialogue.state import FormState, State
from chatbot.seams import Analyzer
from chatbot.types import Utterance


def read(text: str, intent: str, state: State | None = None) -> Reading:
    """What is read of a sentence that a classifier takes for `intent`."""
    classifier, now = TableClassifier({text: [(intent, 0.9)]}), datetime(2026, 11, 21, 14, 5)
    return Reading(
        Utterance(text, text, "s"), state or State("s"), now, random.Random(1), classifier, TableResponder({}), None
    )


@pytest.mark.parametrize(
    "text",
    [
        "공부 계획 세우지 마",
        "알람 맞추지 마",
        "예약하지 마",
        "계산하지 마",
        "3+5 계산하지 마세요",
        "계획 세우지 말아줘",
        "알람 맞추지 말라고!",
        "계획 안 세워도 돼",
        "예약은 하지 않아도 돼요",
        "알람 맞추지마ㅋㅋ",
        "계획 짜지 말고 그냥 놀자",
        "주사위 굴리지 말자",
        "공부 계획 세우지마요",
    ],
)
def test_told_not_to(text: str) -> None:
    assert told_not_to(text)


@pytest.mark.parametrize(
    "text",
    [
        "알람 맞추는 거 잊지 마",
        "계획 세우는 거 까먹지 마",
        "7시에 맞추지 말고 8시에 맞춰줘",
        "지우지 말고 계획 하나 추가해줘",
        "공부 계획 세워줘",
        "계획 안 세워도 돼?",
        "알람 말고 지금 몇 시인지만 알려줘",
        "3 더하기 5",
        "엄마 지금 몇 시야",
        "잊어버리지 말고 알려줘",
        "계획 세워주면 안 돼?",
        "취소한 계획 말고 새로 하나 짜줘",
        "오늘 며칠인지 마저 알려줘",
        "암산이 안 되네 56 나누기 7 좀",
        "뭐든 안 고르면 안 되니까 골라줘",
    ],
)
def test_not_told_not_to(text: str) -> None:
    assert not told_not_to(text)


@pytest.mark.parametrize(("text", "starts"), [("공부 계획 세우지 마", False), ("공부 계획 세워줘", True)])
def test_no_form_is_opened(text: str, starts: bool, corpus_dir: Path, kiwi: Analyzer) -> None:
    form = FormSpeaker(read_forms(corpus_dir / "forms"), kiwi)
    assert (form(read(text, "study_plan_add")) is not None) is starts


def test_a_running_form_is_dropped(corpus_dir: Path, kiwi: Analyzer) -> None:
    form = FormSpeaker(read_forms(corpus_dir / "forms"), kiwi)
    state = State("s", form=FormState("study_plan", {}, asked="과목"))
    proposal = form(read("계획 세우지 마", "study_plan_add", state))
    assert proposal is not None
    assert proposal.state.form is None


@pytest.mark.parametrize(("text", "worked_out"), [("3+5 계산하지 마", False), ("3+5 계산해줘", True)])
def test_no_skill_is_used(text: str, worked_out: bool) -> None:
    skill = SkillSpeaker(SKILLS, {"calculate": "calculator"})
    assert (skill(read(text, "calculate")) is not None) is worked_out


def test_the_bot_agrees_only_about_its_own_tasks(corpus_dir: Path) -> None:
    phrases = Phrases.load(corpus_dir / "phrases.yaml", "도담", corpus_dir / "phrases.yaml")
    speaker = ProhibitionSpeaker(phrases)
    agreed = speaker(read("알람 맞추지 마", "reminder_request"))
    assert agreed is not None
    assert agreed.reply in phrases.wordings["told_not_to"]
    assert speaker(read("울지 마", "sad")) is None
