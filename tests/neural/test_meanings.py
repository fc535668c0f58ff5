"""What words mean as vectors: near words lie near, other texts do not matter, a folder gives the same vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chatbot.errors import CheckpointError
from chatbot.neural import checkpoint
from chatbot.neural.meanings import Meanings, Words
from chatbot.text.kiwi import KiwiAnalyzer

TEXTS = ["내일 비 와?", "", "🙂", "모레 눈 내려?", "적금 이자 계산해 줘", "내일비와?"]


@pytest.fixture(scope="module")
def words(kiwi: KiwiAnalyzer) -> Words:
    return Words.shipped(kiwi)


@pytest.fixture(scope="module")
def meanings(words: Words) -> Meanings:
    assert words.meanings is not None
    return words.meanings


def test_like_texts_lie_nearer_than_unlike_ones(words: Words, meanings: Meanings) -> None:
    tomorrow, _, _, day_after, bank, unspaced = meanings.encode(words.keys(TEXTS))
    assert tomorrow @ day_after > tomorrow @ bank + 0.3
    assert tomorrow @ unspaced > 0.9


def test_rows_are_unit_and_do_not_depend_on_their_batch(words: Words, meanings: Meanings) -> None:
    keys = words.keys(TEXTS)
    rows = meanings.encode(keys)
    assert rows.shape == (6, meanings.dim) and rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), [1, 0, 0, 1, 1, 1], atol=1e-5)
    np.testing.assert_array_equal(rows, np.concatenate([meanings.encode([text]) for text in keys]))
    assert meanings.encode([]).shape == (0, meanings.dim)


def test_eight_bits_keep_directions_and_a_folder_keeps_all(tmp_path: Path) -> None:
    dice = np.random.default_rng(5)
    vectors = {(form, "NNG"): dice.normal(size=7).astype(np.float32) for form in ("날씨", "점심", "노래")}
    meanings = Meanings.of(vectors)
    rows = meanings.encode([[key] for key in vectors])
    wanted = np.stack([vector / np.linalg.norm(vector) for vector in vectors.values()])
    np.testing.assert_allclose(rows, wanted, atol=0.02)
    meanings.save(tmp_path / "meanings")
    loaded = Meanings.load(tmp_path / "meanings")
    assert loaded.fingerprint == meanings.fingerprint and len(loaded) == 3
    np.testing.assert_array_equal(loaded.encode([list(vectors)]), meanings.encode([list(vectors)]))


def test_a_list_of_another_length_is_refused(tmp_path: Path) -> None:
    Meanings.of({("날씨", "NNG"): np.ones(3, np.float32)}).save(tmp_path / "meanings")
    tensors, config = checkpoint.load(tmp_path / "meanings")
    checkpoint.save(tmp_path / "meanings", tensors, config, {"morphemes.txt": "날씨\tNNG\n점심\tNNG\n"})
    with pytest.raises(CheckpointError, match="2 morphemes, the weights have 1"):
        Meanings.load(tmp_path / "meanings")


def test_remembering_words_cut_texts_the_same_way(words: Words) -> None:
    remembering = words.remembering()
    for texts in (TEXTS[:3], [TEXTS[4], TEXTS[0], TEXTS[4]], []):
        assert remembering.keys(texts) == words.keys(texts)
    assert remembering.fingerprint == words.fingerprint
