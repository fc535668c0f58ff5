"""The intent model on a toy task: it learns, explains, survives its checkpoint and repeats under a seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chatbot.errors import CheckpointError, TrainingError
from chatbot.intent.model import IntentModel
from chatbot.intent.train import TrainingReport
from chatbot.types import Utterance


def say(text: str) -> Utterance:
    return Utterance(raw=text, text=text)


def test_learns_and_reports(taught: tuple[IntentModel, TrainingReport]) -> None:
    model, report = taught
    assert report.accuracy > 0.9
    assert report.floor.accuracy > 0.5
    assert report.labels == 3 and len(report.curves) >= 1
    (scores,) = model.classify([say("내일 날씨 좀 알려 줘")])
    assert scores.best.intent == "weather"
    assert sum(score.probability for score in scores.ranked) == pytest.approx(1)


def test_explains_itself(taught: tuple[IntentModel, TrainingReport]) -> None:
    (scores,) = taught[0].classify([say("신나는 음악 틀어 줘")])
    assert len(scores.nearest) == 3 and all(-1.001 <= near <= 1.001 for _, _, near in scores.nearest)
    assert {word for word, _ in scores.weights} == {"신나는", "음악", "틀어", "줘"}
    assert sum(share for _, share in scores.weights) == pytest.approx(1, abs=1e-3)


def test_empty_utterances_have_no_scores(taught: tuple[IntentModel, TrainingReport]) -> None:
    first, second, third = taught[0].classify([say(""), say("노래 어때"), say("")])
    assert not first.ranked and not first.accepted and not third.ranked
    assert second.best.intent == "music"


def test_a_batch_equals_one_at_a_time(taught: tuple[IntentModel, TrainingReport]) -> None:
    texts = ["날씨", "점심 메뉴 알려 주세요 지금 당장", "ㅋㅋ", "재즈 한 곡"]
    together = taught[0].judge(texts).probabilities
    alone = np.concatenate([taught[0].judge([text]).probabilities for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize("classifier", ["lstm", "linear"])
def test_save_then_load_gives_equal_scores(
    taught: tuple[IntentModel, TrainingReport], examples: list[tuple[str, str]], tmp_path: Path, classifier: str
) -> None:
    model = taught[0]
    if classifier == "linear":
        model, _ = IntentModel.train(examples, classifier="linear")
    model.save(tmp_path / "intent")
    loaded = IntentModel.load(tmp_path / "intent")
    utterances = [say("맛집 궁금해"), say("비 소식 말해 줘")]
    assert loaded.classify(utterances) == model.classify(utterances)


def test_training_repeats_under_a_seed(examples: list[tuple[str, str]]) -> None:
    models = [IntentModel.train(examples, seed=5, epochs=2, embedding_size=7, hidden_size=5)[0] for _ in range(2)]
    first, second = (model.judge(["날씨 어때", "야식"]).probabilities for model in models)
    np.testing.assert_array_equal(first, second)


def test_wrong_settings_say_what_is_allowed(examples: list[tuple[str, str]]) -> None:
    with pytest.raises(TrainingError, match="lstm, kobert, linear"):
        IntentModel.train(examples, classifier="forest")
    with pytest.raises(TrainingError, match="at least two"):
        IntentModel.train([("안녕", "greeting")])
    with pytest.raises(TrainingError, match="folder of an encoder"):
        IntentModel.train(examples, encoder="pretrained")


def test_a_damaged_checkpoint_is_refused(taught: tuple[IntentModel, TrainingReport], tmp_path: Path) -> None:
    taught[0].save(tmp_path / "intent")
    (tmp_path / "intent" / "labels.json").write_text('["weather"]')
    with pytest.raises(CheckpointError, match=r"labels\.json"):
        IntentModel.load(tmp_path / "intent")
    with pytest.raises(CheckpointError, match="no checkpoint"):
        IntentModel.load(tmp_path / "nowhere")


def test_a_committee_votes_and_survives_its_checkpoint(examples: list[tuple[str, str]], tmp_path: Path) -> None:
    model, report = IntentModel.train(examples, members=2, epochs=3, embedding_size=8, hidden_size=6)
    assert len(report.curves) == 6 and model.memory.vectors.shape[1] == 2 * 12
    np.testing.assert_allclose(np.linalg.norm(model.memory.vectors, axis=1), 1, atol=1e-2)
    model.save(tmp_path / "intent")
    loaded = IntentModel.load(tmp_path / "intent")
    said = model.scorer.score(["오늘 날씨 어때"])  # type: ignore[union-attr]
    again = loaded.scorer.score(["오늘 날씨 어때"])  # type: ignore[union-attr]
    np.testing.assert_allclose(said.logits, again.logits, atol=1e-5)
    assert said.attention[0].sum() == pytest.approx(1, abs=1e-3)


def test_test_lines_give_the_figures_and_nothing_else(examples: list[tuple[str, str]]) -> None:
    test = [("오늘 날씨", "weather"), ("재즈", "sports")]
    model, report = IntentModel.train(examples, classifier="linear", test=test)
    plain, own = IntentModel.train(examples, classifier="linear")
    assert report.tested == 2 and report.accuracy == 0.5 and report.floor.accuracy == 0.5
    assert own.tested == 0
    np.testing.assert_array_equal(model.judge(["재즈"]).probabilities, plain.judge(["재즈"]).probabilities)
