"""The responder taught by two processes at once learns what one process learns."""

from __future__ import annotations

import pytest
import torch

from chatbot.neural.parallel import Team
from chatbot.seq2seq.data import Encoded, collate
from chatbot.seq2seq.generator import SearchSettings
from chatbot.seq2seq.train import train_responder
from chatbot.types import ChatPair


def test_two_processes_teach_one_responder(pairs: tuple[ChatPair, ...]) -> None:
    told: list[str] = []
    generator, report = train_responder(
        pairs,
        held_out=pairs,
        vocab_size=600,
        embedding_size=17,
        hidden_size=29,
        dropout=0.0,
        word_dropout=0.0,
        augment=False,
        label_smoothing=0.0,
        epochs=25,
        batch_size=7,
        learning_rate=2e-2,
        patience=25,
        warm_up=5,
        settings=SearchSettings(strategy="greedy"),
        device="cpu",
        processes=2,
        progress=lambda done, total, message: told.append(message),
    )
    assert [line for line in told if "held-out" in line][-1].startswith(f"epoch {len(report.epochs)}/25")
    assert report.perplexity < 3 < report.epochs[0].held_out_perplexity
    # What was kept is what was measured: gradients of both processes went into these very weights.
    assert generator.perplexity([(pair.question, pair.answer) for pair in pairs]) == pytest.approx(
        report.perplexity, rel=0.2
    )


def test_the_parts_of_a_batch_make_it_up() -> None:
    rows = [Encoded((4, *range(5, 5 + n), 3), (2, *range(9, 9 + n), 3)) for n in (1, 4, 2, 5, 3)]
    batch = collate(rows)
    assert batch.shared(Team()) is batch
    for rank in (0, 1):
        own, alone = batch.shared(Team(rank, 2)), collate(rows[rank::2])
        for name in ("source", "lengths", "before", "after"):
            assert torch.equal(getattr(own, name), getattr(alone, name)), name
    assert len(collate(rows[:1]).shared(Team(1, 2)).lengths) == 1
