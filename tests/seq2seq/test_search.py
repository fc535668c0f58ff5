"""Greedy, beam and sampling over an untrained model: limits hold whatever the weights."""

from __future__ import annotations

import time

import pytest
import torch

from chatbot.seq2seq import search
from chatbot.seq2seq.model import Seq2Seq, Shape
from chatbot.seq2seq.search import BOS, EOS, PAD, UNK, Limits, repeats
from chatbot.seq2seq.steps import Found, Search, together

V = 23
LENGTHS = torch.tensor([5, 3, 2, 1])


@pytest.fixture(scope="module", params=["gru", "lstm"])
def model(request: pytest.FixtureRequest) -> Seq2Seq:
    torch.manual_seed(11)
    built = Seq2Seq(Shape(V, 7, 13, request.param, "additive", request.param == "lstm")).eval()
    with torch.no_grad():  # sharper than fresh weights, so that ties do not decide
        built.embedding.bias.normal_(std=1.0)
        built.decoder.output.weight.mul_(8)
    return built


@pytest.fixture(scope="module")
def source() -> torch.Tensor:
    torch.manual_seed(13)
    return torch.randint(4, V, (4, 5)).masked_fill(torch.arange(5) >= LENGTHS.unsqueeze(1), 0)


def run(model: Seq2Seq, source: torch.Tensor, one: Search[Found]) -> Found:
    return together(model, source, LENGTHS, [one])[0]


def test_searches_side_by_side_find_what_each_finds_alone(model: Seq2Seq, source: torch.Tensor) -> None:
    short, long = Limits(max_length=4), Limits(max_length=9)
    made = [
        lambda: search.beam(4, long, size=3),
        lambda: search.sample(4, short, n=5, seed=3),
        lambda: search.beam(4, short, size=2),
    ]
    found = together(model, source, LENGTHS, [make() for make in made])
    for beside, make in zip(found, made, strict=True):
        alone = run(model, source, make())
        assert [[path.ids for path in row] for row in beside] == [[path.ids for path in row] for row in alone]


@pytest.mark.parametrize("block", [0, 1, 2, 3])
def test_beam_of_one_equals_greedy(model: Seq2Seq, source: torch.Tensor, block: int) -> None:
    limits = Limits(min_length=1, max_length=9, block_ngram=block)
    one = [paths[0] for paths in run(model, source, search.beam(4, limits, size=1))]
    for a, b in zip(one, run(model, source, search.greedy(4, limits)), strict=True):
        assert a.ids == b.ids
        assert a.complete == b.complete
        assert a.log_probability == pytest.approx(b.log_probability, abs=1e-3)


def test_batched_beam_equals_one_at_a_time(model: Seq2Seq, source: torch.Tensor) -> None:
    limits = Limits(min_length=1, max_length=8)
    batched = run(model, source, search.beam(4, limits, size=3))
    for row, length in enumerate(LENGTHS.tolist()):
        one = together(model, source[row : row + 1, :length], LENGTHS[row : row + 1], [search.beam(1, limits, size=3)])
        alone = one[0][0]
        assert [p.ids for p in batched[row]] == [p.ids for p in alone]


def test_beam_is_sorted_and_at_least_as_likely_as_greedy(model: Seq2Seq, source: torch.Tensor) -> None:
    limits = Limits(min_length=1, max_length=6, block_ngram=0)
    found = run(model, source, search.beam(4, limits, size=V, alpha=0.0))
    for paths, path in zip(found, run(model, source, search.greedy(4, limits)), strict=True):
        ended = [p.log_probability for p in paths if p.complete]
        assert ended == sorted(ended, reverse=True)
        assert len({p.ids for p in paths}) == len(paths)
        if path.complete:
            assert ended[0] >= path.log_probability - 1e-4


def test_log_probability_is_that_of_teacher_forcing(model: Seq2Seq, source: torch.Tensor) -> None:
    limits = Limits(min_length=0, max_length=6, block_ngram=0, banned=())
    for row, path in enumerate(run(model, source, search.greedy(4, limits))):
        if not path.complete:
            continue
        target = torch.tensor([[BOS, *path.ids]])
        logits, _ = model(source[row : row + 1], LENGTHS[row : row + 1], target)
        wanted = torch.tensor([*path.ids, EOS])
        total = logits[0].log_softmax(-1).gather(-1, wanted.unsqueeze(-1)).sum()
        assert path.log_probability == pytest.approx(total.item(), abs=1e-3)


@pytest.mark.parametrize("how", ["greedy", "beam", "sample"])
def test_limits_hold(model: Seq2Seq, source: torch.Tensor, how: str) -> None:
    limits = Limits(min_length=3, max_length=7, block_ngram=2, banned=(PAD, UNK, BOS, 9))
    if how == "greedy":
        paths = run(model, source, search.greedy(4, limits))
    elif how == "beam":
        paths = [p for row in run(model, source, search.beam(4, limits, size=4)) for p in row]
    else:
        paths = [p for row in run(model, source, search.sample(4, limits, n=8)) for p in row]
    assert paths
    for path in paths:
        assert 3 <= len(path.ids) <= 7
        assert not set(path.ids) & {PAD, UNK, BOS, EOS, 9}
        pairs = list(zip(path.ids, path.ids[1:], strict=False))
        assert len(pairs) == len(set(pairs))


def test_sampling_repeats_under_a_seed_and_follows_top_p(model: Seq2Seq, source: torch.Tensor) -> None:
    limits = Limits(max_length=6)
    first = run(model, source, search.sample(4, limits, n=5, seed=3))
    assert first == run(model, source, search.sample(4, limits, n=5, seed=3))
    assert first != run(model, source, search.sample(4, limits, n=5, seed=4))
    narrow = run(model, source, search.sample(4, limits, n=2, top_p=1e-6))
    greedy = run(model, source, search.greedy(4, limits))
    assert [row[0].ids for row in narrow] == [path.ids for path in greedy]


def test_time_limit_ends_the_search(model: Seq2Seq, source: torch.Tensor) -> None:
    limits = Limits(min_length=5000, max_length=5000, block_ngram=0, seconds=0.05)
    begun = time.monotonic()
    found = run(model, source, search.beam(4, limits, size=2))
    found += [[p] for p in run(model, source, search.greedy(4, limits))]
    assert time.monotonic() - begun < 5  # far below what 5,000 steps would take
    assert all(not path.complete for row in found for path in row)


@pytest.mark.parametrize(
    ("ids", "n", "blocked"),
    [([], 3, []), ([5, 6, 5], 2, [6]), ([5, 6, 7, 5, 6], 3, [7]), ([5, 6, 5], 1, [5, 6]), ([5, 5], 0, [])],
)
def test_repeats(ids: list[int], n: int, blocked: list[int]) -> None:
    assert repeats(ids, n) == blocked


@pytest.mark.parametrize(
    ("ids", "allowed"),
    [([], False), ([5], False), ([5, 6], True), ([5, 6, 7, 8], True), ([4] * 5, False), ([5, 1, 6], False),
     ([5, 6, 5, 6], False), ([5, 6, 7, 5], True)],
)  # fmt: skip
def test_limits_allow_what_a_search_could_make(ids: list[int], allowed: bool) -> None:
    assert Limits(min_length=2, max_length=4, block_ngram=2).allow(ids) is allowed
