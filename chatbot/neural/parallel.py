"""One training on several GPUs: each takes its share of every batch, gradients are averaged (Hugging Face accelerate).

In: a training function that is told its `Team`. Out: what the first process of it returns. On one device nothing is
started and accelerate is not imported. Knows nothing of models. A model asks for it like this:

    def train(network, rows, *, team: Team = ALONE, progress=None):
        model = team.prepare(network)            # gradients are averaged in backward()
        for batch in batches:                    # every process casts the same dice, so these are the same batches
            loss = loss_of(model, team.share(batch)) …
        score = team.first(lambda: validate(network))

    trained = in_parallel(train, (network, rows), {"progress": progress}, processes=processes_for(device))
"""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from importlib.util import find_spec
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

T = TypeVar("T")
M = TypeVar("M", bound=nn.Module)

log = logging.getLogger(__name__)

_LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"
_PATIENCE = timedelta(minutes=10)  # how long one process waits for another that died


@dataclass(frozen=True)
class Team:
    """The place of this process among `size` that train one model; alone, every method gives back what it gets."""

    rank: int = 0
    size: int = 1
    cpu: bool = False

    @cached_property
    def _accelerator(self) -> Any:
        from accelerate import Accelerator
        from accelerate.utils import InitProcessGroupKwargs

        return Accelerator(cpu=self.cpu, kwargs_handlers=[InitProcessGroupKwargs(timeout=_PATIENCE)])

    def device(self, alone: torch.device) -> torch.device:
        """The device of this process; `alone` where there is no other."""
        own: torch.device = self._accelerator.device if self.size > 1 else alone
        return own

    def prepare(self, model: M) -> M:
        """The model to call in training: it has the same weights everywhere and averages gradients."""
        prepared: M = self._accelerator.prepare(model) if self.size > 1 else model
        return prepared

    def share(self, batch: np.ndarray) -> np.ndarray:
        """This process's part of a batch of row numbers; of one that is too small, its first row."""
        return batch[self.rank :: self.size] if len(batch) > self.rank else batch[:1]

    def first(self, work: Callable[[], T]) -> T:
        """What `work` gives in the first process, in all of them: decisions must not differ by rounding."""
        if self.size == 1:
            return work()
        from accelerate.utils import broadcast_object_list

        return broadcast_object_list([work() if self.rank == 0 else None])[0]  # type: ignore[no-any-return]

    def mean(self, value: Tensor) -> Tensor:
        """The mean over all processes."""
        if self.size == 1:
            return value
        mean: Tensor = self._accelerator.reduce(value, reduction="mean")
        return mean

    def leave(self) -> None:
        """Wait for the others and forget them, so that another training can begin in this process."""
        from accelerate.state import AcceleratorState

        self._accelerator.end_training()
        AcceleratorState._reset_state(reset_partial_state=True)


ALONE = Team()


def processes_for(device: torch.device) -> int:
    """One for each GPU where there are several and accelerate is installed, else one."""
    count = torch.cuda.device_count() if device.type == "cuda" else 1
    if count > 1 and find_spec("accelerate") is None:
        log.warning("%d GPUs, but one is used: install the extra gpus (pip install 'korean-chatbot[gpus]')", count)
        return 1
    return max(count, 1)


def in_parallel(
    work: Callable[..., T], args: Sequence[Any], mine: Mapping[str, Any], processes: int, cpu: bool = False
) -> T:
    """``work(*args, team=…, **mine)`` here, as the first of `processes`; without `mine` in each of the others.

    Parameters
    ----------
    args
        what every process gets; it is pickled for the others, which begin as fresh interpreters.
    mine
        what this process alone has: a progress bar, a callback.
    cpu
        train on the CPU, each process with its own threads (tests do).
    """
    if processes == 1:
        return work(*args, team=ALONE, **mine)
    from accelerate.utils import patch_environment
    from torch.multiprocessing.spawn import start_processes

    meeting = {"master_addr": "127.0.0.1", "master_port": _free_port(), "world_size": processes}
    place = {"rank": 0, "local_rank": 0, "accelerate_mixed_precision": "no"}
    # Left to itself gloo asks for the address of the host's name, which is not always that of this machine.
    near = {"accelerate_use_cpu": "yes", "gloo_socket_ifname": _LOOPBACK} if cpu else {}
    with patch_environment(**meeting, **place, **near):
        others = start_processes(  # type: ignore[no-untyped-call]
            _other, (work, tuple(args), processes, cpu), nprocs=processes - 1, join=False, start_method="spawn"
        )
        team = Team(0, processes, cpu)
        try:
            result = work(*args, team=team, **mine)
            team.leave()
            others.join()
        finally:
            for process in others.processes:
                if process.is_alive():
                    process.terminate()
    return result


def _other(index: int, work: Callable[..., Any], args: tuple[Any, ...], processes: int, cpu: bool) -> None:
    """One of the other processes; `index` counts them from 0."""
    os.environ["RANK"] = os.environ["LOCAL_RANK"] = str(index + 1)
    team = Team(index + 1, processes, cpu)
    work(*args, team=team)
    team.leave()
    # All is said and done. An ordinary exit now and then aborts over a thread that gloo has left behind.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
