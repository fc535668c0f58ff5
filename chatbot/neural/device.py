"""Where tensors live and how dice are cast. In: a name from the configuration. Out: a torch device, seeded generators.

Knows nothing of models.
"""

from __future__ import annotations

import random
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from typing import TypeVar, cast

import numpy as np
import torch
from torch import Tensor, nn

from chatbot.errors import ConfigError

DEVICES = ("auto", "cpu", "cuda")
# Steps from which the minute or so of compiling comes back; an estimate, for no GPU was at hand to measure it.
WORTH_COMPILING = 2000
_TRITON = (7, 0)  # the least compute capability that Triton writes code for

M = TypeVar("M", bound=nn.Module)


def pick_device(name: str = "auto") -> torch.device:
    """The device of config key ``device``: "auto" takes a GPU where there is one.

    Raises
    ------
    ConfigError
        when the name is unknown, or "cuda" is asked for and no GPU answers.
    """
    if name not in DEVICES:
        raise ConfigError(f"device: {name!r} is unknown; allowed: {', '.join(DEVICES)}")
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise ConfigError("device: cuda: no GPU answers; set device: auto, or install a CUDA build of torch")
    return torch.device("cuda")


def seed_everything(seed: int) -> torch.Generator:
    """Seed Python, NumPy and torch; returns a CPU generator of the same seed for shuffling."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    return torch.Generator().manual_seed(seed)


def autocast(device: torch.device) -> AbstractContextManager[object]:
    """bfloat16 where the GPU has it; plain float32 on the CPU, so that CPU runs repeat exactly."""
    if device.type == "cuda" and torch.cuda.is_bf16_supported():
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return nullcontext()


def compiled(model: M, device: torch.device, steps: int) -> M:
    """What to call in a training of so many steps: torch.compile's `model` where that pays, on a GPU; else itself.

    Both share their weights. Widths differ from batch to batch, so the code is made for any.
    """
    pays = device.type == "cuda" and steps >= WORTH_COMPILING and find_spec("triton") is not None
    if not pays or torch.cuda.get_device_capability(device) < _TRITON:
        return model
    return cast(M, torch.compile(model, dynamic=True))


def moved(values: Tensor, device: torch.device | None) -> Tensor:
    """The tensor on the device; to a GPU out of pinned memory, so that the copy overlaps with the step before it."""
    if device is None or device.type == "cpu":
        return values
    return values.pin_memory().to(device, non_blocking=True)
