"""Answers to like questions: found, weighed, and leaning the generator without taking its place."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from chatbot.seq2seq.generator import Generator, SearchSettings
from chatbot.seq2seq.neighbours import Hint, Neighbours
from chatbot.seq2seq.search import EOS

from .conftest import PAIRS


def test_the_nearest_question_speaks_loudest() -> None:
    memory = Neighbours([(pair.question, pair.answer) for pair in PAIRS])
    (voices,) = memory.voices(["오늘 날씨 정말 좋다"])
    assert voices[0].answer == "산책하기 좋은 날이네요."
    assert sum(voice.weight for voice in voices) == pytest.approx(1.0)
    assert all(left.weight >= right.weight for left, right in itertools.pairwise(voices))


def test_strangers_and_an_empty_memory_have_no_voice() -> None:
    assert Neighbours([("안녕", "반가워요!")]).voices(["qwx"]) == [[]]
    assert Neighbours(()).voices(["안녕", ""]) == [[], []]


def test_a_question_is_found_whatever_stands_beside_it_in_the_batch() -> None:
    memory = Neighbours([(pair.question, pair.answer) for pair in PAIRS])
    texts = ["비가 온다", "\0", "", "비가\0온다", "👍 커피 마시고 싶다"]
    assert memory.voices(texts) == [memory.voices([text])[0] for text in texts]


def test_memory_survives_its_file() -> None:
    memory = Neighbours([('따옴표 "와" 줄\n바꿈', "답"), ("안녕", "네")])
    assert Neighbours.from_lines(memory.as_lines()).pairs == memory.pairs


def test_a_hint_follows_the_longest_match_and_sums_to_one() -> None:
    hint = Hint([((7, 8, 9), 0.75), ((5, 8, 6), 0.25)])
    assert hint.after(()) == pytest.approx({7: 0.75, 5: 0.25})
    assert hint.after((7, 8)) == pytest.approx({9: 1.0})
    assert hint.after((4, 8)) == pytest.approx({9: 0.75, 6: 0.25})
    assert hint.after((7, 8, 9)) == pytest.approx({EOS: 1.0})
    assert hint.after((4,)) == {}


def test_trust_leans_replies_towards_like_answers(overfitted) -> None:
    generator, _ = overfitted
    (alone,) = generator.reply(["배고프고 졸려"], settings=SearchSettings(trust=0.0, votes=0))
    (leaning,) = generator.reply(["배고프고 졸려"], settings=SearchSettings(trust=0.9, votes=0))
    people = max(h.evidence["people"] for h in leaning)
    assert people >= max(h.evidence["people"] for h in alone)
    assert {h.text for h in leaning} != {h.text for h in alone}


def test_the_checkpoint_keeps_the_memory(overfitted, tmp_path: Path) -> None:
    generator, _ = overfitted
    generator.save(tmp_path / "responder")
    assert Generator.load(tmp_path / "responder", "cpu").knowledge.memory.pairs == generator.knowledge.memory.pairs
