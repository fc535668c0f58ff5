"""A document that answers goes before skills and intents; what is unsure or of another matter waits its turn."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from chatbot.dialogue.documents import MISSING, SURE, SURE_WHEN_NAMED, DocumentSpeaker, Matters
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.speakers import RetrievalSpeaker
from chatbot.dialogue.state import State
from chatbot.text.kiwi import KiwiAnalyzer
from chatbot.types import Candidate, Source, Utterance
from tests.fakes import TableClassifier, TableResponder

LUNCH = "급식은 낮 12시 10분에 시작합니다."


@pytest.fixture(scope="module")
def matters() -> Matters:
    return Matters(KiwiAnalyzer())


def _found(score: float = 0.95, missing: float = 0.0, id_: str = "p:doc:0001:0") -> Candidate:
    return Candidate(LUNCH, score, Source.RETRIEVAL, id_, "학교 안내", {"name_left": 0.0, "noun_left": missing})


def _say(matters: Matters, text: str, *found: Candidate, there: bool = True) -> Proposal | None:
    speaker = DocumentSpeaker(RetrievalSpeaker(0.3, {}), matters, there, ["급식 메뉴 알려 줘"])
    reading = Reading(
        Utterance(text, text),
        State("s"),
        datetime(2026, 11, 21, 15, 0, tzinfo=UTC),
        random.Random(1),
        TableClassifier({}, threshold=0.6),
        TableResponder({text: list(found)}),
        None,
    )
    return speaker(reading)


def test_a_sure_document_speaks(matters: Matters) -> None:
    proposal = _say(matters, "급식은 몇 시야?", _found())
    assert proposal is not None and proposal.reply == LUNCH and proposal.source is Source.RETRIEVAL


@pytest.mark.parametrize(
    "found",
    [
        _found(score=SURE_WHEN_NAMED - 0.01),
        _found(score=SURE - 0.01, missing=0.1),
        _found(missing=MISSING + 0.01),
        _found(id_="k:entry:1"),
        _found(id_="c:chat:1"),
    ],
    ids=("unsure", "unsure and not of all", "another matter", "knowledge", "chat"),
)
def test_what_is_not_a_sure_document_waits(matters: Matters, found: Candidate) -> None:
    assert _say(matters, "급식은 몇 시야?", found) is None


def test_only_the_best_candidate_counts(matters: Matters) -> None:
    assert _say(matters, "급식은 몇 시야?", _found(0.97, id_="c:chat:1"), _found(0.95)) is None
    assert _say(matters, "급식은 몇 시야?") is None


@pytest.mark.parametrize("text", ["지금 몇 시야?", "내일 무슨 요일이야?", "안녕", "급식 메뉴 알려 줘!"])
def test_moments_greetings_and_taught_lines_are_left_to_others(matters: Matters, text: str) -> None:
    assert _say(matters, text, _found()) is None


def test_without_documents_nothing_is_searched(matters: Matters) -> None:
    assert _say(matters, "급식은 몇 시야?", _found(), there=False) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("급식은 몇 시야?", ["급식"]), ("서초 도서관 언제 열어", ["서초", "도서관"]), ("지금 몇 시야", []), ("", [])],
)
def test_matters_are_names_and_nouns_beside_moments(matters: Matters, text: str, expected: list[str]) -> None:
    assert list(matters(text)) == expected
