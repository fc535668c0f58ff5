"""Pretraining on a toy mixture: groups come together, same-group texts are no negatives, the teacher is followed."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from chatbot.neural.device import seed_everything
from chatbot.neural.encoder import EncoderNetwork, EncoderShape, SentenceEncoder
from chatbot.neural.pretrain import Labelled, Mixture, PretrainSchedule, Taught, contrast, follow, mimic, pretrain
from chatbot.neural.views import Views

GROUPS = [
    ["날씨 알려 줘", "오늘 비 와", "기온이 몇 도야"],
    ["노래 틀어", "음악 재생해", "재즈 듣자"],
    ["배고파", "밥 먹자"],
]
TEXTS = [text for group in GROUPS for text in group]
CPU = torch.device("cpu")


def same(text: str, dice: random.Random) -> str:
    return text


@pytest.fixture
def views() -> Views:
    return Views.of(TEXTS, ngram_buckets=97, jamo_buckets=53)


@pytest.fixture
def network(views: Views) -> EncoderNetwork:
    seed_everything(3)
    return EncoderNetwork(
        EncoderShape(views.table_size, embedding_size=13, hidden_size=7, output_size=11, dropout=0.0, view_dropout=0.0)
    )


def test_groups_come_together(network: EncoderNetwork, views: Views) -> None:
    mixture = Mixture(GROUPS, TEXTS, {"mood": Labelled(TEXTS, np.arange(len(TEXTS)) % 2, 2)}, None)
    schedule = PretrainSchedule(steps=80, batch_size=10, learning_rate=4e-2, average=0.9)
    trained = pretrain(network, views, mixture, schedule, same, device=CPU, seed=5)
    vectors = SentenceEncoder(trained, views).encode(TEXTS)
    cosines = vectors @ vectors.T
    number = np.repeat(np.arange(3), [len(group) for group in GROUPS])
    inside = (number[:, None] == number) & ~np.eye(len(TEXTS), dtype=bool)
    assert cosines[inside].mean() > cosines[number[:, None] != number].mean() + 0.3


def test_same_group_is_no_negative() -> None:
    rows = torch.nn.functional.normalize(torch.randn(4, 7), dim=-1)
    apart = contrast(rows, rows, torch.tensor([0, 1, 2, 3]), 0.05)
    merged = contrast(rows, rows, torch.tensor([0, 0, 0, 0]), 0.05)
    assert float(merged) == pytest.approx(0, abs=1e-6) and float(apart) > float(merged)


def test_following_a_teacher_exactly_costs_nothing() -> None:
    rows = torch.nn.functional.normalize(torch.randn(5, 7), dim=-1)
    assert float(follow(rows, rows, rows)) == pytest.approx(0, abs=1e-6)


def test_mimic_moves_mean_embeddings_to_the_teacher(network: EncoderNetwork, views: Views) -> None:
    dice = np.random.default_rng(3)
    vectors = dice.normal(size=(len(TEXTS), 5)).astype(np.float32)
    taught = Taught(TEXTS, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    losses: list[float] = []
    mimic(
        network, views, taught, same, epochs=40, batch_size=3, learning_rate=0.05, device=CPU, seed=5,
        told=lambda done, total, what: losses.append(float(what.split()[1])),
    )  # fmt: skip
    assert losses[-1] < 0.5 * losses[0]
    assert not network.table.weight[0].any()
