"""Tuning tries what the space allows, starts from the settings in use, keeps its results and goes on from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from chatbot import config
from chatbot.app.tune import as_keys, write_keys
from chatbot.errors import ConfigError, TrainingError
from chatbot.intent.settings import Settings
from chatbot.intent.tune import Choice, Range, space_of, tune
from chatbot.training.trainers import intent_settings

Rows = list[tuple[str, str]]

# One epoch range small enough for a test; everything else as it ships.
SMALL = {"epochs": Range(1, 2), "learning_rate": Range(1e-3, 4e-3, log=True), "dropout": Range(0.1, 0.6)}


def test_results_are_kept_and_gone_on_from(
    tmp_path: Path, examples: Rows, validation: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatbot.intent.tune.SPACE", {"lstm": SMALL, "scratch": {"hidden_size": Choice((7, 11))}})
    start = Settings(seed=3, epochs=2, embedding_size=13, hidden_size=11, patience=1)
    told: list[tuple[int, float, dict[str, object]]] = []
    storage = tmp_path / "data" / "tune.db"

    def tell(number: int, score: float, chosen: dict[str, object]) -> None:
        told.append((number, score, chosen))

    first = tune(examples, validation, start, storage, trials=2, told=tell)
    assert [number for number, _, _ in told] == [0, 1] and told[0][2] == {}
    assert first.trials == 2 and first.start == pytest.approx(told[0][1])
    assert first.macro_f1 == pytest.approx(max(score for _, score, _ in told))
    chosen = told[1][2]
    assert {"learning_rate", "dropout"} <= set(chosen) <= {*SMALL, "hidden_size"}
    assert 1e-3 <= chosen["learning_rate"] <= 4e-3 and 0.1 <= chosen["dropout"] <= 0.6

    second = tune(examples, validation, start, storage, trials=1, told=tell)
    assert second.trials == 3 and [number for number, _, _ in told] == [0, 1, 2], "goes on where it stopped"
    assert second.start == first.start and second.macro_f1 >= first.macro_f1

    changed = replace(start, dropout=0.05)
    third = tune(examples, validation, changed, storage, trials=1, told=tell)
    assert told[-1][2] == {}, "other settings to start from are tried first"
    assert third.trials == 4 and third.start == pytest.approx(told[-1][1])

    other = tune(examples[:-1], validation, start, storage, trials=1)
    assert other.trials == 1, "other lines are another study"


def test_no_trial_begins_after_the_time(tmp_path: Path, examples: Rows, validation: Rows) -> None:
    start = Settings(classifier="lstm", epochs=1, embedding_size=7, hidden_size=5)
    found = tune(examples, validation, start, tmp_path / "tune.db", trials=50, seconds=0.001)
    assert found.trials == 1 and found.best == {}


def test_what_cannot_be_tuned_is_told() -> None:
    with pytest.raises(TrainingError, match="linear has nothing to tune; allowed: lstm, kobert"):
        space_of(Settings(classifier="linear"))
    assert "hidden_size" in space_of(Settings(encoder="scratch"))
    assert "hidden_size" not in space_of(Settings(encoder="pretrained")), "the shipped encoder keeps its sizes"
    assert space_of(Settings(encoder="pretrained"))["fine_tune"] == Choice((True,)), "a head alone has no sizes at all"


@pytest.mark.parametrize("classifier", ["lstm", "kobert"])
def test_every_tuned_setting_is_a_key_that_training_reads(classifier: str) -> None:
    """A setting that was found reaches training through config.yaml under the name that is printed."""
    space = space_of(Settings(classifier=classifier, encoder="scratch"))
    values = {name: one.values[0] if isinstance(one, Choice) else one.low for name, one in space.items()}
    tree: dict[str, dict] = {}
    for key, value in as_keys(values).items():
        branch = tree
        *sections, name = key.split(".")
        for section in sections:
            branch = branch.setdefault(section, {})
        branch[name] = value
    settings = intent_settings(config.Config.model_validate(tree).intent.model_dump())
    assert {name: settings[name] for name in values} == pytest.approx(values)


def test_the_config_teaches_with_the_defaults_of_the_settings() -> None:
    told, own = intent_settings(config.Config().intent.model_dump()), Settings(encoder="pretrained", fallback=True)
    assert {name: getattr(own, name) for name in told} == told


def test_writing_keeps_comments(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "config.yaml"
    before = (root / "config.yaml").read_text(encoding="utf-8")
    path.write_text(before, encoding="utf-8")
    diff = write_keys(config.load(path), {"intent.lstm.dropout": 0.25, "intent.augment": False})
    changed = [line for line in diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert len(changed) == 4, "two lines and no other"
    after = config.load(path).config
    assert after.intent.lstm.dropout == 0.25 and after.intent.augment is False
    assert YAML().load(path)["intent"]["lstm"].ca.items.keys() == YAML().load(before)["intent"]["lstm"].ca.items.keys()
    with pytest.raises(ConfigError, match="dropout"):
        write_keys(config.load(path), {"intent.lstm.dropout": 7})
    assert config.load(path).config == after and [p.name for p in tmp_path.iterdir()] == ["config.yaml"]
