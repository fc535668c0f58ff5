"""A head on the shipped encoder, taught on all examples and calibrated by trainings without a part of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chatbot.errors import CheckpointError
from chatbot.intent.folds import can_fold, cross_fit
from chatbot.intent.head import HeadScorer
from chatbot.intent.model import IntentModel
from chatbot.intent.settings import Settings
from chatbot.intent.train import TrainingReport
from chatbot.neural import checkpoint
from chatbot.neural.device import pick_device
from chatbot.neural.encoder import FOLDER, SentenceEncoder, shipped

ASKED = ["내일 우산 챙겨야 할까", "저녁 뭐 먹지", "아무 노래나 틀어 줘", "ㅋㅋ"]


@pytest.fixture(scope="module")
def headed(examples: list[tuple[str, str]], validation: list[tuple[str, str]]) -> tuple[IntentModel, TrainingReport]:
    return IntentModel.train(examples, test=validation, encoder="pretrained", encoder_folder=FOLDER, familiarity=False)


def test_every_example_teaches_and_the_figures_come_from_others(
    headed: tuple[IntentModel, TrainingReport], examples: list[tuple[str, str]]
) -> None:
    model, report = headed
    assert isinstance(model.scorer, HeadScorer) and model.scorer.encoder is shipped()
    assert report.examples == len(examples) == len(model.memory.texts)
    assert report.accuracy > 0.8 and report.tested > 0


def test_a_checkpoint_keeps_the_head_and_names_its_encoder(
    headed: tuple[IntentModel, TrainingReport], tmp_path: Path
) -> None:
    model, _ = headed
    model.save(tmp_path / "intent")
    loaded = IntentModel.load(tmp_path / "intent")
    np.testing.assert_allclose(loaded.rate(ASKED)[0], model.rate(ASKED)[0], atol=1e-5)
    assert (tmp_path / "intent" / checkpoint.WEIGHTS).stat().st_size < FOLDER.joinpath(
        checkpoint.WEIGHTS
    ).stat().st_size
    tensors, config = checkpoint.load(tmp_path / "intent")
    config["scorer"]["encoder"] = "another"
    files = {name: text for name, text in checkpoint.read_verified(tmp_path / "intent").items() if name[0] in "le"}
    checkpoint.save(tmp_path / "other", tensors, config, files, half=True)
    with pytest.raises(CheckpointError, match="taught on encoder another"):
        IntentModel.load(tmp_path / "other")


def test_words_that_the_encoder_weighed_are_told(headed: tuple[IntentModel, TrainingReport]) -> None:
    (judged,) = headed[0].judge(ASKED[:1]).attention
    assert len(judged) == len(ASKED[0].replace(" ", "")) and judged.sum() == pytest.approx(1, abs=1e-4)


def test_each_example_is_asked_once_by_a_training_without_it(examples: list[tuple[str, str]]) -> None:
    number = {"weather": 0, "music": 1, "food": 2, "rare": 3}
    rows = [(text, number[label]) for text, label in [*examples, ("심심해", "rare"), ("지루해", "rare")]]
    asked, measured = cross_fit(rows, 4, Settings(classifier="linear", folds=3), pick_device("cpu"))
    assert sorted(asked) == sorted(row for row in rows if row[1] != 3)  # a label of two lines keeps both
    assert [len(part) for part in (*measured.parts, measured.neighbour, measured.coverage)] == [len(asked)] * 3
    assert can_fold(rows) and not can_fold(rows[-2:])


def test_few_texts_are_remembered_and_all_while_a_training_asks() -> None:
    encoder = SentenceEncoder(shipped().network, shipped().views)
    texts = [f"{number}번째 말" for number in range(200)]
    plain = encoder.encode(texts)
    one_by_one = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(one_by_one, plain, atol=1e-5)
    assert 0 < len(encoder._said) < len(texts)
    np.testing.assert_array_equal(encoder.encode([texts[-1], texts[-1]]), one_by_one[[-1, -1]])
    with encoder.keeping():
        kept = encoder.encode(texts)
        assert len(encoder._said) >= len(texts)
        np.testing.assert_array_equal(encoder.encode(texts), kept)
    assert len(encoder._said) < len(texts)
