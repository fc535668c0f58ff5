"""Learning curves land beside the model in the form that training.log names."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from chatbot.training.curves import require, write_curves

EPOCHS = [{"epoch": 1, "loss": 2.5, "accuracy": 0.25}, {"epoch": 2, "loss": 1.5, "accuracy": 0.5}]


def test_none_writes_nothing(tmp_path: Path) -> None:
    assert write_curves("none", tmp_path, EPOCHS) is None
    assert write_curves("csv", tmp_path, []) is None
    assert list(tmp_path.iterdir()) == []


def test_csv_has_a_row_an_epoch(tmp_path: Path) -> None:
    path = write_curves("csv", tmp_path, EPOCHS)
    assert path is not None
    with path.open(encoding="utf-8", newline="") as file:
        assert [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)] == EPOCHS


def test_tensorboard_reads_them_back(tmp_path: Path) -> None:
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    require("tensorboard")
    path = write_curves("tensorboard", tmp_path, EPOCHS)
    read = events.EventAccumulator(str(path))
    read.Reload()
    assert [(event.step, event.value) for event in read.Scalars("loss")] == [(1, 2.5), (2, 1.5)]


@pytest.mark.slow
def test_training_log_reaches_both_networks(tmp_path: Path) -> None:
    """Both trainings keep a record of every epoch, in the folder that the version seals."""
    from fakes import SplitAnalyzer

    from chatbot.config import Config
    from chatbot.corpus import Corpus
    from chatbot.retrieval.embed import HashedNgramEmbedder
    from chatbot.training.stages import Recipe
    from chatbot.training.trainers import Trainers
    from chatbot.types import ChatPair, Intent

    intents = tuple(
        Intent(
            name, "", tuple(f"{word} {way}" for word in words for way in ("알려 줘", "어때", "좋아", "뭐야")), ("네",)
        )
        for name, words in {"weather": ("날씨", "기온"), "music": ("노래", "음악")}.items()
    )
    pairs = tuple(ChatPair(f"{word} 좋아", f"저도 {word} 좋아요.") for word in "가나다라마바사아자차카타")
    config = Config.model_validate(
        {
            "intent": {"encoder": "scratch", "lstm": {"epochs": 2, "hidden_size": 7, "embedding_size": 5}},
            "responder": {"seq2seq": {"epochs": 2, "hidden_size": 13, "embedding_size": 11, "patience": 5}},
        }
    )
    responder = {**config.responder.seq2seq.model_dump(), "vocab_size": 320}
    recipe = Recipe(
        {"intent": config.intent.model_dump(), "retrieval": {}, "responder": responder}, 3, 0.25, "", "", "", "cpu"
    )
    corpus = Corpus(tmp_path, intents, pairs, (), ())
    trainers = Trainers(
        corpus, recipe, str.strip, SplitAnalyzer(), HashedNgramEmbedder(32), tmp_path, lambda *_: None, "csv"
    )
    for stage, train in (("intent", trainers.intent), ("responder", trainers.responder)):
        metrics = train(tmp_path / stage, None)
        with (tmp_path / stage / "curves.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        epochs = metrics["curves" if stage == "intent" else "epochs"]
        assert len(rows) == len(epochs) >= 2
        assert [float(row["loss"]) for row in rows] == [epoch["loss"] for epoch in epochs]
