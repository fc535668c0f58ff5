"""Faults of replies, as data that a Korean reader can review: tests/golden/responder_faults.tsv."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.seq2seq.codec import level_of
from chatbot.seq2seq.rules import faults, is_looping, read_rules
from chatbot.types import SpeechLevel

GOLDEN = Path(__file__).parent.parent / "golden" / "responder_faults.tsv"
ROWS = [
    line.split("\t") for line in GOLDEN.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
]


def is_insult(text: str) -> bool:
    return "바보" in text


@pytest.mark.parametrize(("question", "reply", "fault"), ROWS, ids=[f"{r[0]}/{r[1]}" for r in ROWS])
def test_faults(question: str, reply: str, fault: str) -> None:
    found = faults(question, reply, insults=is_insult)
    assert found == () if fault == "-" else fault in found


def test_what_was_said_lately_is_not_said_again() -> None:
    assert faults("안녕", "반가워요!", recent=("반가워요!",)) == ("repeated",)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("반가워요!", SpeechLevel.HAEYO),
        ("그렇죠.", SpeechLevel.HAEYO),
        ("감사합니다.", SpeechLevel.HAPSYO),
        ("어디 가십니까?", SpeechLevel.HAPSYO),
        ("나도 좋아", SpeechLevel.HAE),
        ("뭐 해?", SpeechLevel.HAE),
        ("네", SpeechLevel.HAEYO),
    ],
)
def test_level_of(text: str, level: SpeechLevel) -> None:
    assert level_of(text) is level


def test_rules_are_read_and_say_why() -> None:
    for name in ("persona.tsv", "manners.tsv"):
        assert len(read_rules(name)) >= 10
        assert all(rule.reason for rule in read_rules(name))


def test_a_level_that_was_asked_for_is_kept() -> None:
    assert faults("힘들어", "푹 쉬세요.", level=SpeechLevel.HAEYO) == ()
    for reply in ("푹 쉬어.", "위로해 드립니다.", "정리되길."):
        assert faults("힘들어", reply, level=SpeechLevel.HAEYO) == ("another speech level",)


@pytest.mark.parametrize("text", ["", "네", "ㅠㅠㅠㅠㅠㅠ", "정말 정말 좋아요", "!!!!!!"])
def test_plain_text_does_not_loop(text: str) -> None:
    assert not is_looping(text)
