"""Personal data is masked, ordinary numbers are not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from chatbot.corpus import read_corpus
from chatbot.dialogue.privacy import findings, mask

GOLDEN = Path(__file__).parent.parent / "golden" / "privacy.tsv"
ROWS = [
    tuple(line.split("\t"))
    for line in GOLDEN.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def test_the_list_is_long_enough() -> None:
    assert len(ROWS) >= 120


@pytest.mark.parametrize(("text", "kept"), ROWS)
def test_masked(text: str, kept: str) -> None:
    assert mask(text) == kept


def test_masking_twice_changes_nothing() -> None:
    for text, _ in ROWS:
        assert mask(mask(text)) == mask(text)


def test_findings_say_what_and_where() -> None:
    text = "번호 010-1234-5678, 메일 a@b.kr"
    assert [(f.kind, text[f.start : f.end]) for f in findings(text)] == [
        ("전화번호", "010-1234-5678"),
        ("이메일", "a@b.kr"),
    ]


def test_nothing_in_the_corpus_is_personal(corpus_dir: Path) -> None:
    corpus = read_corpus(corpus_dir)
    lines = [line for intent in corpus.intents for line in (*intent.examples, *intent.replies)]
    lines += [text for pair in corpus.pairs for text in (pair.question, pair.answer)]
    lines += [text for entry in corpus.knowledge for text in (*entry.questions, entry.answer, entry.example)]
    # The regular expression that is explained finds the number that every textbook uses.
    assert [line for line in lines if mask(line) != line and "010-1234-5678" not in line] == []


def test_long_text_is_read_quickly() -> None:
    for text in (
        "1" * 20_000,
        "1-" * 10_000,
        "a" * 20_000,
        "가" * 20_000,
        "서울 " * 5_000,
        "a." * 10_000,
        "a@" * 9_000,
        "공 일 " * 5_000,
        "010 " * 5_000,
        "계좌 유효기간 카드 cvc " * 1_000,
        "비밀번호는 " * 4_000,
        "가 골뱅이 " * 3_000,
    ):
        began = time.perf_counter()
        mask(text)
        assert time.perf_counter() - began < 2.0, text[:6]
