"""Label-smoothed cross-entropy straight from the output table. In: vectors [N, E], the table, wanted ids. Out: a loss.

On a processor the output table costs more than the rest of the network. Here its scores [N, V] are written once, and
the backward pass turns them into their own gradient; log-softmax, its gradient and the smoothed targets are never
stored. Knows no model.
"""

from __future__ import annotations

import functools
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


def smoothed_loss(vectors: Tensor, table: Tensor, bias: Tensor, wanted: Tensor, smoothing: float) -> Tensor:
    """The mean over N of -(1 - ε) ln p(wanted) - ε mean_v ln p(v) (Szegedy et al. 2016, section 7), with p the softmax
    of vectors · tableᵀ + bias; `wanted` [N], `table` [V, E], `bias` [V]."""
    if vectors.is_cuda:  # there half precision multiplies and memory is wide
        logits = functional.linear(vectors, table, bias).float()
        return functional.cross_entropy(logits, wanted, label_smoothing=smoothing)
    loss: Tensor = _Smoothed.apply(vectors, table, bias, wanted, smoothing)  # type: ignore[no-untyped-call]
    return loss


class _Smoothed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, vectors: Tensor, table: Tensor, bias: Tensor, wanted: Tensor, smoothing: float) -> Tensor:
        low, short = vectors.to(_quick()), table.to(_quick())
        logits = (low @ short.t()).to(vectors.dtype).add_(bias)  # [N, V]
        score = logits.gather(1, wanted[:, None])[:, 0] * (1 - smoothing) + logits.mean(1) * smoothing
        top = logits.amax(1)
        shares = logits.sub_(top[:, None]).exp_()
        total = shares.sum(1)
        ctx.save_for_backward(low, short, wanted, shares, total)
        ctx.smoothing = smoothing
        return (top + total.log() - score).mean()

    @staticmethod
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor | None, ...]:
        low, short, wanted, shares, total = ctx.saved_tensors
        smoothing, count, size = ctx.smoothing, len(wanted), len(short)
        # d loss / d logit = (p - (1 - ε) [wanted] - ε / V) / N; the shares themselves are no longer needed.
        error = shares.mul_((1 / total)[:, None]).sub_(smoothing / size)
        error[torch.arange(count), wanted] -= 1 - smoothing
        scale = above[0] / count
        little, wide = error.to(low.dtype), error.dtype
        return (little @ short).to(wide) * scale, (little.t() @ low).to(wide) * scale, error.sum(0) * scale, None, None


@functools.cache
def _quick() -> torch.dtype:
    """What this processor multiplies fastest; bfloat16 keeps eight bits, as on a GPU."""
    has = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return torch.bfloat16 if has is not None and has() else torch.float32
