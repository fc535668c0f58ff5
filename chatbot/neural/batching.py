"""Rows of unequal length to padded batches with masks. In: integer rows. Out: tensors and the order to visit them in.

Knows nothing of vocabularies or networks. Shapes: B batch, S source length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor


def pad(rows: Sequence[Sequence[int]], value: int = 0, length: int | None = None) -> Tensor:
    """int64 [B, S]: rows filled up with `value`, at least one column wide; rows longer than `length` are cut."""
    width = max(1, max((len(row) for row in rows), default=1)) if length is None else length
    out = torch.full((len(rows), width), value, dtype=torch.int64)
    for place, row in enumerate(rows):
        kept = min(len(row), width)
        if kept:
            out[place, :kept] = torch.as_tensor(row[:kept], dtype=torch.int64)
    return out  # [B, S]


def mask_of(lengths: Tensor, width: int | None = None) -> Tensor:
    """bool [B, S]: true at the first `lengths[b]` places of each row."""
    size = int(lengths.max()) if width is None else width
    return torch.arange(size, device=lengths.device)[None, :] < lengths[:, None]  # [B, S]


def reverse_padded(values: Tensor, lengths: Tensor) -> Tensor:
    """Each row of [B, S, …] backwards within its own length; padding stays where it is."""
    places = torch.arange(values.shape[1], device=values.device)[None, :]  # [1, S]
    turned = torch.where(places < lengths[:, None], lengths[:, None] - 1 - places, places)  # [B, S]
    shape = (*turned.shape, *([1] * (values.dim() - 2)))
    return values.gather(1, turned.view(shape).expand_as(values))  # [B, S, …]


def length_buckets(
    lengths: Sequence[int] | np.ndarray, batch_size: int, *, generator: torch.Generator | None = None, spread: int = 50
) -> Iterator[np.ndarray]:
    """Row numbers, batch by batch, rows of similar length together so that little is padding.

    With a generator the order is random: rows are shuffled, sorted by length inside groups of `spread` batches, and
    the batches shuffled again. Without one, batches come in ascending length.
    """
    sizes = np.asarray(lengths)
    if generator is None:
        order = np.argsort(sizes, kind="stable")
        yield from (order[at : at + batch_size] for at in range(0, len(order), batch_size))
        return
    order = torch.randperm(len(sizes), generator=generator).numpy()
    batches = []
    for at in range(0, len(order), batch_size * spread):
        group = order[at : at + batch_size * spread]
        group = group[np.argsort(sizes[group], kind="stable")]
        batches += [group[place : place + batch_size] for place in range(0, len(group), batch_size)]
    for place in torch.randperm(len(batches), generator=generator).tolist():
        yield batches[place]
