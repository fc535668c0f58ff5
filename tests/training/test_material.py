"""What the gate asks stays the same while the corpus grows, and was never taught."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.corpus import Corpus, read_corpus
from chatbot.text.normalize import normalize
from chatbot.training.material import EVERY, NOISY, Material, asked_row, read_held_out, read_material, write_held_out
from chatbot.training.rows import retrieval_rows
from chatbot.types import Intent

SHARE = 0.15


@pytest.fixture(scope="module")
def corpus(corpus_dir: Path) -> Corpus:
    return read_corpus(corpus_dir)


@pytest.fixture(scope="module")
def material(corpus: Corpus) -> Material:
    return read_material(corpus, normalize, SHARE, 13)


def test_strangers_and_paraphrases_are_not_taught(corpus: Corpus, material: Material) -> None:
    taught = {normalize(line) for intent in corpus.intents for line in intent.examples}
    taught |= {normalize(pair.question) for pair in corpus.pairs}
    assert len(material.strangers) >= 150 and not taught & {normalize(line) for line in material.strangers}
    assert len(material.paraphrases) >= 60 and not taught & {normalize(line) for line, _ in material.paraphrases}
    questions = {pair.question for pair in corpus.pairs}
    assert [original for _, original in material.paraphrases if original not in questions] == []


def test_a_new_intent_moves_no_other_line(corpus: Corpus, material: Material) -> None:
    more = Intent("library", "", tuple(f"도서관 {n}층 열었어?" for n in range(20)), ("네.",))
    grown = read_material(replace(corpus, intents=(*corpus.intents, more)), normalize, SHARE, 13)
    assert set(material.held_out) <= set(grown.held_out)
    assert {label for _, label in set(grown.held_out) - set(material.held_out)} == {"library"}
    assert 0.1 < len(material.held_out) / sum(len(intent.examples) for intent in corpus.intents) < 0.2


def test_noisy_copies_are_always_the_same(material: Material) -> None:
    assert material.noisy("jamo") == material.noisy("jamo")
    assert len(material.noisy("nospace")) == min(NOISY, len(material.held_out))
    assert all(" " not in noisy for noisy, _, _ in material.noisy("nospace"))
    assert sum(noisy != clean for noisy, _, clean in material.noisy("jamo")) > NOISY / 3


def test_about_one_question_in_so_many_is_asked(corpus: Corpus) -> None:
    rows = [row.id for row in retrieval_rows(corpus, normalize) if row.id.startswith("k:")]
    assert 0.5 / EVERY < sum(map(asked_row, rows)) / len(rows) < 2 / EVERY
    assert not asked_row("c:chat:00000000")


def test_held_out_lines_are_kept_beside_the_model(tmp_path: Path) -> None:
    assert read_held_out(tmp_path) is None
    write_held_out(tmp_path, [("고마워", "thanks"), ("안녕", "greeting")])
    assert read_held_out(tmp_path) == {"고마워": "thanks", "안녕": "greeting"}
