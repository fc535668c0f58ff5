"""Padding, masks and buckets over small unequal sizes."""

from __future__ import annotations

import numpy as np
import torch

from chatbot.neural.batching import length_buckets, mask_of, pad, reverse_padded


def test_pad_fills_and_cuts() -> None:
    assert pad([[1, 2, 3], [], [4]], value=9).tolist() == [[1, 2, 3], [9, 9, 9], [4, 9, 9]]
    assert pad([[1, 2, 3]], length=2).tolist() == [[1, 2]]
    assert pad([[]]).shape == (1, 1)


def test_mask_follows_lengths() -> None:
    assert mask_of(torch.tensor([2, 0, 3])).int().tolist() == [[1, 1, 0], [0, 0, 0], [1, 1, 1]]


def test_reverse_leaves_padding_in_place() -> None:
    values = torch.tensor([[[1], [2], [3]], [[4], [5], [0]]])
    assert reverse_padded(values, torch.tensor([3, 2])).squeeze(-1).tolist() == [[3, 2, 1], [5, 4, 0]]


def test_buckets_hold_every_row_once_and_repeat_under_a_seed() -> None:
    lengths = np.random.default_rng(3).integers(1, 40, 101)
    first = list(length_buckets(lengths, 7, generator=torch.Generator().manual_seed(5), spread=3))
    again = list(length_buckets(lengths, 7, generator=torch.Generator().manual_seed(5), spread=3))
    assert sorted(np.concatenate(first).tolist()) == list(range(101))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    ascending = np.concatenate(list(length_buckets(lengths, 7)))
    assert np.all(np.diff(lengths[ascending]) >= 0)
