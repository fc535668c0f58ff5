"""Where tensors live and how dice are cast. In: a name from the configuration. Out: a torch device, seeded generators.

Knows nothing of models.
"""

from __future__ import annotations

import random
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch

from chatbot.errors import ConfigError

DEVICES = ("auto", "cpu", "cuda")


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
