"""Learning, keeping and going on: 32 pairs by heart, equal outputs after loading, broken folders named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chatbot.errors import CheckpointError, TrainingError
from chatbot.seq2seq.generator import Generator, SearchSettings
from chatbot.seq2seq.rerank import Weights
from chatbot.seq2seq.train import ResponderReport, train_responder
from chatbot.types import ChatPair

TINY = {"vocab_size": 600, "embedding_size": 11, "hidden_size": 13, "epochs": 2, "device": "cpu"}
QUICK = SearchSettings(votes=6, beam_size=2)


def test_32_pairs_are_learnt_by_heart(
    overfitted: tuple[Generator, ResponderReport], pairs: tuple[ChatPair, ...]
) -> None:
    generator, report = overfitted
    assert report.perplexity < 1.2
    replies = generator.reply([p.question for p in pairs], settings=SearchSettings(strategy="greedy"))
    right = sum(reply[0].text == p.answer for reply, p in zip(replies, pairs, strict=True))
    assert right >= 30
    # The fixture never hid a question, so P(reply) alone means nothing here.
    plain = SearchSettings(votes=0, beam_size=3, weights=Weights(information=0.0, length=0.0))
    beams = generator.reply([p.question for p in pairs], settings=plain)
    assert sum(reply[0].text == p.answer for reply, p in zip(beams, pairs, strict=True)) >= 30


def test_load_gives_equal_replies(
    overfitted: tuple[Generator, ResponderReport], tmp_path: Path, pairs: tuple[ChatPair, ...]
) -> None:
    generator, _ = overfitted
    generator.save(tmp_path / "responder")
    loaded = Generator.load(tmp_path / "responder", "cpu")
    questions = [p.question for p in pairs[:5]]
    assert loaded.reply(questions, settings=QUICK) == generator.reply(questions, settings=QUICK)
    assert loaded.threshold == generator.threshold
    generator.save(tmp_path / "half", half=True)
    halved = Generator.load(tmp_path / "half", "cpu").reply(questions, settings=SearchSettings(strategy="greedy"))
    assert [r[0].text for r in halved] == [
        r[0].text for r in generator.reply(questions, settings=SearchSettings(strategy="greedy"))
    ]


def test_one_seed_gives_one_model(pairs: tuple[ChatPair, ...]) -> None:
    first, _ = train_responder(pairs, seed=3, settings=QUICK, **TINY)
    second, _ = train_responder(pairs, seed=3, settings=QUICK, **TINY)
    assert first.reply(["배고파"], settings=QUICK) == second.reply(["배고파"], settings=QUICK)


def test_training_goes_on_from_a_checkpoint(
    overfitted: tuple[Generator, ResponderReport], tmp_path: Path, pairs: tuple[ChatPair, ...]
) -> None:
    generator, _ = overfitted
    generator.save(tmp_path / "base")
    mine = [ChatPair("우리 강아지 귀엽지", "이름이 뭐예요?"), ChatPair("기타 배우는 중이야", "요즘 무슨 곡을 쳐요?")]
    taught = [*mine * 4, *pairs]
    further, report = train_responder(
        taught,
        held_out=taught,
        start_from=tmp_path / "base",
        epochs=30,
        further_epochs=30,
        patience=30,
        batch_size=8,
        learning_rate=1.5e-2,
        dropout=0.0,
        word_dropout=0.0,
        label_smoothing=0.0,
        settings=QUICK,
        device="cpu",
    )
    assert report.weights == sum(p.numel() for p in generator.model.parameters())
    assert further.codec.subwords.fingerprint == generator.codec.subwords.fingerprint
    asked = [*mine, *pairs[:6]]
    replies = further.reply([p.question for p in asked], settings=SearchSettings(strategy="greedy"))
    assert sum(r[0].text == p.answer for r, p in zip(replies, asked, strict=True)) >= 7
    assert further.knowledge.trained["continued"]


@pytest.mark.parametrize(
    "choice",
    [
        {"cell": "lstm", "attention": "additive"},
        {"input_feeding": True, "attention": "multiplicative"},
        {"coverage": True, "scheduled_sampling": 0.5},
        {"style_tokens": False, "history_turns": 2},
    ],
    ids=str,
)
def test_every_option_trains(choice: dict[str, object], pairs: tuple[ChatPair, ...]) -> None:
    generator, report = train_responder(pairs, settings=QUICK, **TINY, **choice)
    assert report.epochs[-1].loss < report.epochs[0].loss
    assert report.tokens_per_second > 0
    assert generator.reply(["배고파"], settings=QUICK)[0]


def test_progress_and_report(pairs: tuple[ChatPair, ...]) -> None:
    told: list[tuple[int, int, str]] = []
    _, report = train_responder(pairs, progress=lambda *args: told.append(args), settings=QUICK, **TINY)
    assert told[-1][0] == told[-1][1]
    assert "epoch 2/2" in told[-1][2]
    assert report.as_json()["taught"] + report.held_out == len(pairs)


def test_too_few_pairs_is_an_error_that_says_where_to_write() -> None:
    with pytest.raises(TrainingError, match="corpus/chat"):
        train_responder([ChatPair("안녕", "반가워요!")], **TINY)


@pytest.mark.parametrize("name", ["weights.safetensors", "config.json", "subwords.model", "stock.json"])
def test_a_broken_folder_names_the_file(
    overfitted: tuple[Generator, ResponderReport], tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "responder"
    overfitted[0].save(folder)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointError, match=name):
        Generator.load(folder, "cpu")
    shutil.rmtree(folder)
    with pytest.raises(CheckpointError, match="responder"):
        Generator.load(folder, "cpu")


def test_a_foreign_checkpoint_is_refused(tmp_path: Path) -> None:
    import torch

    from chatbot.neural import checkpoint

    checkpoint.save(tmp_path / "other", {"w": torch.zeros(3)}, {"kind": "intent"})
    with pytest.raises(CheckpointError, match="other"):
        Generator.load(tmp_path / "other", "cpu")
