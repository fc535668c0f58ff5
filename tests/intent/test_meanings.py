"""Word meanings beside the n-grams: with pretrained alone, kept by a checkpoint, refused where they are foreign."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chatbot.errors import CheckpointError
from chatbot.intent.linear import LinearModel
from chatbot.intent.model import IntentModel
from chatbot.neural import checkpoint
from chatbot.neural.meanings import SentenceMeanings, shipped_meanings
from chatbot.text.kiwi import KiwiAnalyzer

TEXTS = ["내일 비 와?", "오늘 눈 오나", "노래 틀어 줘", "재즈 듣고 싶어", "점심 추천해 줘", "배고픈데 뭐 먹지"]
LABELS = [0, 0, 1, 1, 2, 2]


@pytest.fixture(scope="module")
def meanings(kiwi: KiwiAnalyzer) -> SentenceMeanings:
    found = shipped_meanings(kiwi)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def model(meanings: SentenceMeanings, examples: list[tuple[str, str]]) -> IntentModel:
    return IntentModel.train(examples, classifier="linear", encoder="pretrained", meanings=meanings)[0]


def test_words_nobody_taught_are_understood_by_their_meaning(meanings: SentenceMeanings) -> None:
    told = LinearModel.train(TEXTS, LABELS, 3, meaning=meanings)
    asked = ["태풍", "발라드", "김치찌개"]
    assert told.scores(asked).argmax(axis=1).tolist() == [0, 1, 2]
    plain = LinearModel.train(TEXTS, LABELS, 3)
    assert np.ptp(plain.scores(asked), axis=0).max() < 1e-6  # no n-gram of theirs stands in the lines above


def test_rounding_barely_moves_scores_and_rounding_again_does_not(meanings: SentenceMeanings) -> None:
    model = LinearModel.train(TEXTS, LABELS, 3, meaning=meanings)
    once = model.rounded()
    np.testing.assert_allclose(once.scores(TEXTS), model.scores(TEXTS), atol=0.02)
    np.testing.assert_array_equal(once.rounded().scores(TEXTS), once.scores(TEXTS))


def test_scores_do_not_depend_on_the_batch(meanings: SentenceMeanings) -> None:
    model = LinearModel.train(TEXTS, LABELS, 3, meaning=meanings)
    many = TEXTS * 20  # long batches take another way than short ones
    np.testing.assert_allclose(model.scores(many)[:6], model.scores(TEXTS), atol=1e-5)


def test_a_checkpoint_keeps_them(model: IntentModel, meanings: SentenceMeanings, tmp_path: Path) -> None:
    model.save(tmp_path / "intent")
    loaded = IntentModel.load(tmp_path / "intent", meanings)
    texts = ["우산 필요해?", "신나는 거 틀어 줘"]
    np.testing.assert_array_equal(loaded.judge(texts).probabilities, model.judge(texts).probabilities)
    assert loaded.linear.meanings is not None and loaded.linear.meanings.meaning is meanings


def test_other_meanings_than_it_was_taught_with_are_refused(
    model: IntentModel, kiwi: KiwiAnalyzer, tmp_path: Path
) -> None:
    model.save(tmp_path / "intent")
    other = SentenceMeanings.of({("날씨", "NNG"): np.ones(128, np.float32)}, kiwi)
    with pytest.raises(CheckpointError, match="was taught with the word meanings"):
        IntentModel.load(tmp_path / "intent", other)


def test_from_scratch_nothing_pretrained_is_used(examples: list[tuple[str, str]], meanings: SentenceMeanings) -> None:
    scratch, report = IntentModel.train(examples, classifier="linear", encoder="scratch", meanings=meanings)
    assert scratch.linear.meanings is None
    assert report.floor.accuracy == report.accuracy


def test_a_checkpoint_of_an_earlier_version_loads(model: IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path / "intent")
    tensors, config = checkpoint.load(tmp_path / "intent")
    files = checkpoint.read_verified(tmp_path / "intent")
    kept = {name: files[name] for name in ("labels.json", "examples.json")}
    del config["meanings"], tensors["linear.meanings"]
    checkpoint.save(tmp_path / "intent", tensors, config, kept, half=True)
    assert IntentModel.load(tmp_path / "intent").linear.meanings is None
