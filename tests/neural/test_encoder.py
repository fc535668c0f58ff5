"""The views and the encoder: padding changes nothing, saving changes nothing, spaces hardly matter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatbot.errors import CheckpointError
from chatbot.neural import checkpoint
from chatbot.neural.device import seed_everything
from chatbot.neural.encoder import EncoderNetwork, EncoderShape, SentenceEncoder, collate
from chatbot.neural.subword_view import SubwordView
from chatbot.neural.views import FEATURES, Views, words_of

TEXTS = ["내일 아침에 깨워 줘", "안녕", "오늘 날씨가 어때요?", "ㅋㅋㅋ 뭐래", "", "BERT가 뭐야"]


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    seed_everything(7)
    views = Views.of(TEXTS, ngram_buckets=53, jamo_buckets=31)
    shape = EncoderShape(views.table_size, embedding_size=11, hidden_size=7, output_size=13, layers=2)
    return SentenceEncoder(EncoderNetwork(shape), views)


def test_views_number_every_character(encoder: SentenceEncoder) -> None:
    rows = encoder.views.read(TEXTS)
    assert [len(row) for row in rows] == [max(1, len("".join(text.split()))) for text in TEXTS]
    assert all(row.shape[1] == FEATURES and row.max() < encoder.views.table_size for row in rows)


def test_views_of_a_text_do_not_depend_on_its_batch(encoder: SentenceEncoder) -> None:
    together = encoder.views.read(TEXTS)
    assert all(np.array_equal(encoder.views.read([t])[0], row) for t, row in zip(TEXTS, together, strict=True))


def test_without_spaces_only_the_marks_change(encoder: SentenceEncoder) -> None:
    spaced, joined = encoder.views.read(["내일 아침에 깨워 줘", "내일아침에깨워줘"])
    assert np.array_equal(np.delete(spaced, 4, axis=1), np.delete(joined, 4, axis=1))


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40))
def test_any_unicode_has_views(encoder: SentenceEncoder, text: str) -> None:
    (row,) = encoder.views.read([text])
    assert 1 <= len(row) <= encoder.views.max_length and row.max() < encoder.views.table_size


def test_a_padded_batch_equals_one_at_a_time(encoder: SentenceEncoder) -> None:
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_attention_is_a_distribution_over_real_positions(encoder: SentenceEncoder) -> None:
    features, lengths = collate(encoder.views.read(TEXTS))
    _, weights = encoder.network(features, lengths)
    np.testing.assert_allclose(weights.sum(dim=1).detach(), 1, atol=1e-5)
    assert all(not weights[place, length:].any() for place, length in enumerate(lengths))


def test_save_then_load_gives_equal_vectors(encoder: SentenceEncoder, tmp_path: Path) -> None:
    encoder.save(tmp_path / "e", half=False)
    loaded = SentenceEncoder.load(tmp_path / "e")
    np.testing.assert_array_equal(loaded.encode(TEXTS), encoder.encode(TEXTS))
    assert loaded.fingerprint == encoder.fingerprint and loaded.dim == 13


def test_half_precision_keeps_the_fingerprint(encoder: SentenceEncoder, tmp_path: Path) -> None:
    encoder.save(tmp_path / "e")
    loaded = SentenceEncoder.load(tmp_path / "e")
    assert loaded.fingerprint == encoder.fingerprint
    np.testing.assert_allclose(loaded.encode(TEXTS), encoder.encode(TEXTS), atol=5e-3)


def test_another_kind_and_other_shapes_are_refused(encoder: SentenceEncoder, tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "x", {"a": torch.zeros(2)}, {"kind": "something", "format": 1})
    with pytest.raises(CheckpointError, match="sentence-encoder"):
        SentenceEncoder.load(tmp_path / "x")
    encoder.save(tmp_path / "e")
    tensors, config = checkpoint.load(tmp_path / "e")
    config["shape"]["hidden_size"] = 5
    checkpoint.save(tmp_path / "y", tensors, config, {"vocabulary.txt": "\n".join(encoder.views.characters)})
    with pytest.raises(CheckpointError, match=r"weights\.safetensors"):
        SentenceEncoder.load(tmp_path / "y")


def test_words_follow_positions() -> None:
    assert words_of("내일 아침에 깨워", 5) == [("내일", 0, 2), ("아침에", 2, 5)]


def test_parts_of_words_are_features_only_where_asked_for() -> None:
    plain, worded = Views.of(TEXTS), Views.of(TEXTS, word_buckets=97)
    spaced, joined = worded.read(["알람 맞춰 줘", "알람맞춰줘"])
    assert plain.read(["알람"])[0].shape[1] == FEATURES and worded.features == spaced.shape[1] == FEATURES + 3
    assert worded.table_size == plain.table_size + 97 and spaced.max() < worded.table_size
    (alone,) = worded.read(["알람"])
    np.testing.assert_array_equal(alone[:, FEATURES:], spaced[:2, FEATURES:])  # a word is itself wherever it stands
    assert (spaced[2:, FEATURES + 2] != joined[2:, FEATURES + 2]).all()
    assert Views.from_config(worded.characters, worded.as_config()) == worded


@pytest.fixture(scope="module")
def subwords() -> SubwordView:
    more = ["날씨 알려 줘", "아침 날씨", "날씨가 좋다", "봄날씨", "겨울날씨야"]
    return SubwordView.train([*TEXTS, *more] * 5, 320, 7)


def test_each_character_has_the_subword_it_stands_in(subwords: SubwordView) -> None:
    views = Views.of(TEXTS, ngram_buckets=53, jamo_buckets=31, subwords=subwords)
    spaced, joined = views.read(["아침 날씨", "아침날씨"])
    assert spaced.shape == (4, FEATURES + 1) and spaced[:, -1].min() >= views.table_size - subwords.size
    assert spaced[2, -1] == spaced[3, -1]  # 날씨 is one piece
    assert spaced[2, -1] == joined[2, -1]  # whether a space stands before it or not
    again = Views.from_config(views.characters, views.as_config(), SubwordView.of_model(subwords.model))
    np.testing.assert_array_equal(again.read(TEXTS)[2], views.read(TEXTS)[2])


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=30))
@example("뛟▁ \ud800날씨\0")
def test_any_unicode_has_one_subword_a_character(subwords: SubwordView, text: str) -> None:
    views = Views.of(TEXTS, ngram_buckets=53, jamo_buckets=31, subwords=subwords)
    together = views.read(["안녕", text, "날씨"])
    assert all(np.array_equal(views.read([t])[0], row) for t, row in zip(["안녕", text], together, strict=False))
    assert max(row.max() for row in together) < views.table_size
