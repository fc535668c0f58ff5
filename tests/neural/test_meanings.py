"""What words mean as vectors: near words lie near, other texts do not matter, a folder gives the same vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chatbot.errors import CheckpointError
from chatbot.neural import checkpoint
from chatbot.neural.meanings import Remembered, SentenceMeanings, shipped_meanings
from chatbot.text.kiwi import KiwiAnalyzer

TEXTS = ["내일 비 와?", "", "🙂", "모레 눈 내려?", "적금 이자 계산해 줘", "내일비와?"]


@pytest.fixture(scope="module")
def shipped(kiwi: KiwiAnalyzer) -> SentenceMeanings:
    meanings = shipped_meanings(kiwi)
    assert meanings is not None
    return meanings


def test_like_texts_lie_nearer_than_unlike_ones(shipped: SentenceMeanings) -> None:
    tomorrow, _, _, day_after, bank, unspaced = shipped.encode(TEXTS)
    assert tomorrow @ day_after > tomorrow @ bank + 0.3
    assert tomorrow @ unspaced > 0.9


def test_rows_are_unit_and_do_not_depend_on_their_batch(shipped: SentenceMeanings) -> None:
    rows = shipped.encode(TEXTS)
    assert rows.shape == (6, shipped.dim) and rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), [1, 0, 0, 1, 1, 1], atol=1e-5)
    np.testing.assert_array_equal(rows, np.concatenate([shipped.encode([text]) for text in TEXTS]))
    assert shipped.encode([]).shape == (0, shipped.dim)


def test_eight_bits_keep_directions_and_a_folder_keeps_all(kiwi: KiwiAnalyzer, tmp_path: Path) -> None:
    dice = np.random.default_rng(5)
    words = {(form, "NNG"): dice.normal(size=7).astype(np.float32) for form in ("날씨", "점심", "노래")}
    meanings = SentenceMeanings.of(words, kiwi)
    rows = meanings.encode(["날씨", "점심", "노래"])
    wanted = np.stack([vector / np.linalg.norm(vector) for vector in words.values()])
    np.testing.assert_allclose(rows, wanted, atol=0.02)
    meanings.save(tmp_path / "meanings")
    loaded = SentenceMeanings.load(tmp_path / "meanings", kiwi)
    assert loaded.fingerprint == meanings.fingerprint and len(loaded) == 3
    np.testing.assert_array_equal(loaded.encode(["점심 노래"]), meanings.encode(["점심 노래"]))


def test_a_list_of_another_length_is_refused(kiwi: KiwiAnalyzer, tmp_path: Path) -> None:
    meanings = SentenceMeanings.of({("날씨", "NNG"): np.ones(3, np.float32)}, kiwi)
    meanings.save(tmp_path / "meanings")
    tensors, config = checkpoint.load(tmp_path / "meanings")
    checkpoint.save(tmp_path / "meanings", tensors, config, {"morphemes.txt": "날씨\tNNG\n점심\tNNG\n"})
    with pytest.raises(CheckpointError, match="2 morphemes, the weights have 1"):
        SentenceMeanings.load(tmp_path / "meanings", kiwi)


def test_remembered_meanings_are_the_same(shipped: SentenceMeanings) -> None:
    remembered = Remembered(shipped)
    for texts in (TEXTS[:3], [TEXTS[4], TEXTS[0], TEXTS[4]]):
        np.testing.assert_array_equal(remembered.encode(texts), shipped.encode(texts))
    assert remembered.encode([]).shape == (0, shipped.dim)
