"""Several processes train one model: the same weights everywhere, a falling loss; one process starts nothing."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from chatbot.neural.parallel import ALONE, Team, in_parallel, processes_for

ROWS, SIZE = 23, 5


def fit(rows: Tensor, wanted: Tensor, *, team: Team, told: list[int] | None = None) -> tuple[list[float], Tensor]:
    """Losses, and the weights of every process one after another."""
    torch.manual_seed(team.rank)  # weights differ until the team prepares the model
    network = nn.Linear(SIZE, 1)
    model = team.prepare(network)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    losses = []
    for _ in range(12):
        total = torch.zeros(())
        for at in range(0, ROWS, 7):
            own = team.share(np.arange(at, min(at + 7, ROWS)))
            loss = functional.mse_loss(model(rows[own])[:, 0], wanted[own])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach()
        losses.append(float(team.mean(total)))
    if told is not None:
        told.append(team.rank)
    last = team.first(lambda: losses[-1] if team.rank == 0 else -1.0)
    weights = torch.cat([parameter.detach().flatten() for parameter in network.parameters()])
    everyone = torch.zeros(team.size, len(weights))
    everyone[team.rank] = weights
    return [*losses, last], team.mean(everyone) * team.size


def task() -> tuple[Tensor, Tensor]:
    dice = torch.Generator().manual_seed(3)
    rows = torch.randn(ROWS, SIZE, generator=dice)
    return rows, rows @ torch.tensor([1.0, -2.0, 0.5, 0.0, 1.5]) + 0.3


def test_two_processes_end_with_the_same_weights_and_a_lower_loss() -> None:
    told: list[int] = []
    losses, weights = in_parallel(fit, task(), {"told": told}, processes=2, cpu=True)
    assert told == [0]  # what is this process's own stays here
    assert losses[-2] < 0.1 * losses[0] and losses[-1] == losses[-2]
    assert weights.shape == (2, SIZE + 1)
    torch.testing.assert_close(weights[0], weights[1], rtol=0, atol=0)
    assert not torch.distributed.is_initialized()  # a second training may begin here


def test_alone_gives_back_what_it_gets() -> None:
    network, batch = nn.Linear(2, 3), np.arange(5)
    assert ALONE.prepare(network) is network and ALONE.share(batch) is not None
    np.testing.assert_array_equal(ALONE.share(batch), batch)
    assert ALONE.device(torch.device("cpu")).type == "cpu" and ALONE.first(lambda: 7) == 7


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_shares_make_the_whole(size: int) -> None:
    parts = [Team(rank, size).share(np.arange(11)) for rank in range(size)]
    assert sorted(np.concatenate(parts).tolist()) == list(range(11))
    assert [len(Team(rank, size).share(np.arange(1))) for rank in range(size)] == [1] * size


def test_one_device_imports_no_accelerate() -> None:
    assert processes_for(torch.device("cpu")) == 1
    program = (
        "import sys, chatbot.intent.network as n; from chatbot.neural.parallel import in_parallel;"
        "assert in_parallel(lambda x, team: x + team.size, (1,), {}, 1) == 2; assert 'accelerate' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
