"""Learned vectors beside n-grams: like questions in other words are found, and the memory survives its files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chatbot.seq2seq.likeness import Likeness, shipped_embedder
from chatbot.seq2seq.neighbours import PLAIN_FILE, Neighbours

from .conftest import PAIRS

ROWS = [(pair.question, pair.answer) for pair in PAIRS]


@pytest.fixture(scope="module")
def memory() -> Neighbours:
    return Neighbours(()).joined(ROWS)


def test_vectors_keep_the_cosines_that_the_encoders_give(memory: Neighbours) -> None:
    embedder = shipped_embedder()
    known, asked = (embedder.encode(texts) for texts in ([q for q, _ in ROWS], ["배가 고프네", "시험에 붙었어"]))
    assert memory.likeness is not None
    near = memory.likeness.cosines(["배가 고프네", "시험에 붙었어"], embedder)
    assert np.abs(near - asked @ known.T).mean() < 0.2
    assert near.argmax(axis=1).tolist() == (asked @ known.T).argmax(axis=1).tolist()


def test_other_words_of_the_same_meaning_count_more_with_vectors(memory: Neighbours) -> None:
    answer = dict(ROWS)["합격했어"]
    shares = [
        sum(voice.weight for voice in found.voices(["시험에 붙었어"])[0] if voice.answer == answer)
        for found in (Neighbours(ROWS), memory)
    ]
    assert shares[1] > shares[0]


def test_pairs_join_and_leave_with_their_vectors(memory: Neighbours) -> None:
    less = memory.without({ROWS[0], ROWS[5]})
    assert less.pairs == tuple(row for row in memory.pairs if row not in (ROWS[0], ROWS[5]))
    more = less.joined([ROWS[0], ("새 질문이야", "새 답이에요.")])
    assert more.pairs == (*less.pairs, ROWS[0], ("새 질문이야", "새 답이에요."))
    assert more.likeness is not None and less.likeness is not None
    assert np.array_equal(more.likeness.rows[: len(less)], less.likeness.rows)
    assert more.voices(["새 질문이야"])[0][0].answer == "새 답이에요."


def test_memory_survives_its_files(memory: Neighbours, tmp_path: Path) -> None:
    for name, raw in memory.as_files().items():
        (tmp_path / name).write_bytes(raw)
    again = Neighbours.from_folder(tmp_path)
    assert again.pairs == memory.pairs
    assert again.voices(["배가 고프네"]) == memory.voices(["배가 고프네"])


def test_a_memory_of_before_there_were_vectors_still_speaks(tmp_path: Path) -> None:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
    (tmp_path / PLAIN_FILE).write_text(lines, encoding="utf-8")
    old = Neighbours.from_folder(tmp_path)
    assert old.likeness is None and old.voices([ROWS[3][0]])[0][0].answer == ROWS[3][1]


def test_vectors_of_other_encoders_or_other_pairs_are_not_used(memory: Neighbours) -> None:
    like = memory.likeness
    assert like is not None
    foreign = Neighbours(memory.pairs, Likeness(like.axes, like.rows, like.scale, "another"))
    assert foreign.voices(["배가 고프네"]) == Neighbours(memory.pairs).voices(["배가 고프네"])
    with pytest.raises(ValueError, match="vectors of"):
        Neighbours(memory.pairs[1:], like)
    with pytest.raises(ValueError, match="not the vectors"):
        Likeness.from_bytes(b"damaged")
