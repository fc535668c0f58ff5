"""Morphemes and their meanings in the linear model: a checkpoint keeps them, foreign meanings are refused."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chatbot.errors import CheckpointError, TrainingError
from chatbot.intent.linear import LinearModel
from chatbot.intent.model import IntentModel
from chatbot.intent.scorers import MorphemeScorer, NetworkScorer
from chatbot.neural import checkpoint
from chatbot.neural.meanings import Meanings, Words
from chatbot.neural.morpheme_views import MorphemeViews, drop_morphemes
from chatbot.text.kiwi import KiwiAnalyzer
from chatbot.types import Utterance

TEXTS = ["내일 비 와?", "오늘 눈 오나", "노래 틀어 줘", "재즈 듣고 싶어", "점심 추천해 줘", "배고픈데 뭐 먹지"]
LABELS = [0, 0, 1, 1, 2, 2]


@pytest.fixture(scope="module")
def words(kiwi: KiwiAnalyzer) -> Words:
    return Words.shipped(kiwi)


@pytest.fixture(scope="module")
def model(words: Words, examples: list[tuple[str, str]]) -> IntentModel:
    return IntentModel.train(examples, classifier="linear", encoder="pretrained", words=words)[0]


def test_words_nobody_taught_are_understood_by_their_meaning(words: Words) -> None:
    told = LinearModel.train(TEXTS, LABELS, 3, words=words)
    asked = ["태풍", "발라드", "김치찌개"]
    assert told.scores(asked).argmax(axis=1).tolist() == [0, 1, 2]
    plain = LinearModel.train(TEXTS, LABELS, 3, words=replace(words, meanings=None))
    assert np.ptp(plain.scores(asked), axis=0).max() < 1e-6  # nothing of theirs stands in the lines above


def test_a_word_is_one_whatever_its_ending(words: Words) -> None:
    block = LinearModel.train(TEXTS, LABELS, 3, words=replace(words, meanings=None)).words
    assert block is not None
    (scores,) = block.scores(["들을래"])  # 듣/VV: no syllable of 듣고 stands here
    assert scores[1] > 0 > max(scores[0], scores[2])


def test_rounding_barely_moves_scores_and_rounding_again_does_not(words: Words) -> None:
    model = LinearModel.train(TEXTS, LABELS, 3, words=words)
    once = model.rounded()
    np.testing.assert_allclose(once.scores(TEXTS), model.scores(TEXTS), atol=0.02)
    np.testing.assert_array_equal(once.rounded().scores(TEXTS), once.scores(TEXTS))


def test_scores_do_not_depend_on_the_batch(words: Words) -> None:
    model = LinearModel.train(TEXTS, LABELS, 3, words=words)
    many = TEXTS * 20  # long batches take another way than short ones
    np.testing.assert_allclose(model.scores(many)[:6], model.scores(TEXTS), atol=1e-5)


@pytest.mark.parametrize("encoder", ["pretrained", "scratch"])
def test_a_checkpoint_keeps_them(words: Words, examples: list[tuple[str, str]], tmp_path: Path, encoder: str) -> None:
    model, _ = IntentModel.train(
        examples, classifier="linear", encoder=encoder, words=words, familiarity=False, encoder_folder=Path("none")
    )
    model.save(tmp_path / "intent")
    loaded = IntentModel.load(tmp_path / "intent", words)
    texts = ["우산 필요해?", "신나는 거 틀어 줘"]
    np.testing.assert_array_equal(loaded.judge(texts).probabilities, model.judge(texts).probabilities)
    block = loaded.linear.words
    assert block is not None and (block.words.meanings is None) == (encoder == "scratch")
    assert len(block.meanings) == (0 if encoder == "scratch" else 128)


def test_other_meanings_than_it_was_taught_with_are_refused(
    model: IntentModel, kiwi: KiwiAnalyzer, tmp_path: Path
) -> None:
    model.save(tmp_path / "intent")
    other = Meanings.of({("날씨", "NNG"): np.ones(128, np.float32)})
    for words in (Words(kiwi, other), Words(kiwi)):
        with pytest.raises(CheckpointError, match="was taught with the word meanings"):
            IntentModel.load(tmp_path / "intent", words)


def test_without_words_nothing_reads_morphemes(examples: list[tuple[str, str]]) -> None:
    plain, report = IntentModel.train(examples, classifier="linear", encoder="pretrained")
    assert plain.linear.words is None
    assert report.floor.accuracy == report.accuracy


def test_a_checkpoint_of_an_earlier_version_loads(model: IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path / "intent")
    tensors, config = checkpoint.load(tmp_path / "intent")
    files = checkpoint.read_verified(tmp_path / "intent")
    kept = {name: files[name] for name in ("labels.json", "examples.json")}
    del config["words"]
    older = {name: tensor for name, tensor in tensors.items() if not name.startswith("words.")}
    checkpoint.save(tmp_path / "intent", older, config, kept, half=True)
    assert IntentModel.load(tmp_path / "intent").linear.words is None


def test_a_network_from_scratch_reads_morphemes_and_says_which_words_it_weighed(
    words: Words, examples: list[tuple[str, str]], tmp_path: Path
) -> None:
    told, _ = IntentModel.train(examples, words=words, seed=3, epochs=3, embedding_size=17, hidden_size=13)
    assert isinstance(told.scorer, MorphemeScorer)
    (said,) = told.classify([Utterance("신나는 음악 틀어 줘", "신나는 음악 틀어 줘")])
    assert {word for word, _ in said.weights} == {"신나는", "음악", "틀어", "줘"}
    assert sum(share for _, share in said.weights) == pytest.approx(1, abs=1e-3)
    asked = ["내일 우산 챙겨야 할까", "저녁 뭐 먹지", "?", "ㅋㅋ"]
    told.save(tmp_path / "intent")
    loaded = IntentModel.load(tmp_path / "intent", words)
    np.testing.assert_allclose(loaded.rate(asked)[0], told.rate(asked)[0], atol=1e-4)
    alone = np.concatenate([told.rate([text])[0] for text in asked])
    np.testing.assert_allclose(alone, told.rate(asked)[0], atol=1e-4)


def test_morphemes_left_out_leave_some() -> None:
    (rows,) = MorphemeViews().read([[("비", "NNG"), ("오", "VV"), ("어", "EF")]])
    dropped = [drop_morphemes(rows, random.Random(seed), 0.7) for seed in range(50)]
    assert {len(row) for row in dropped} == {1, 2, 3}
    assert all((row[:, None] == rows[None]).all(axis=2).any(axis=1).all() for row in dropped)
    assert MorphemeViews().read([[]])[0].shape == rows[:1].shape


def test_a_network_that_reads_subwords_keeps_them(
    words: Words, examples: list[tuple[str, str]], tmp_path: Path
) -> None:
    told, _ = IntentModel.train(
        examples, words=words, seed=3, epochs=2, embedding_size=17, hidden_size=13, subwords=500, familiarity=False
    )
    assert isinstance(told.scorer, NetworkScorer) and told.scorer.views.subwords is not None
    told.save(tmp_path / "intent")
    loaded = IntentModel.load(tmp_path / "intent", words)
    asked = ["내일 우산 챙겨야 할까", "저녁뭐먹지", "뛟?", ""]
    np.testing.assert_allclose(loaded.rate(asked)[0], told.rate(asked)[0], atol=1e-4)


def test_too_few_subwords_name_the_key(examples: list[tuple[str, str]]) -> None:
    with pytest.raises(TrainingError, match=r"intent\.lstm\.subwords: 270"):
        IntentModel.train(examples, subwords=270, familiarity=False)
