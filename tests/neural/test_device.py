"""Devices: what is compiled and moved, and what stays as it is."""

from __future__ import annotations

import torch
from torch import nn

from chatbot.neural.device import WORTH_COMPILING, compiled, moved

CPU = torch.device("cpu")


def test_nothing_is_compiled_where_it_does_not_pay() -> None:
    plain = nn.Linear(3, 2)
    assert compiled(plain, CPU, 100 * WORTH_COMPILING) is plain
    assert compiled(plain, torch.device("cuda"), WORTH_COMPILING - 1) is plain


def test_on_the_cpu_tensors_stay_where_they_are() -> None:
    values = torch.arange(5)
    assert moved(values, CPU) is values and moved(values, None) is values
