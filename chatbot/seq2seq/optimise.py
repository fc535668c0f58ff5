"""One step of learning: the loss, the update, the schedule, the average that is kept. Knows no text and no files."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from chatbot.neural.device import autocast
from chatbot.seq2seq.data import Batch, Encoded, batches
from chatbot.seq2seq.loss import smoothed_loss
from chatbot.seq2seq.model import Seq2Seq
from chatbot.seq2seq.search import BOS, PAD

# Weights that a checkpoint starts from were averaged over this share of the past (Polyak and Juditsky 1992).
AVERAGE = 0.998
CLIP = 1.0


class Course:
    """The optimizer with its schedule, and the running average of the weights that is what gets kept."""

    def __init__(self, model: Seq2Seq, rate: float, decay: float, warm_up: int, total: int) -> None:
        self.model, self.rate, self.total, self.done = model, rate, total, 0
        # A short training (a user's 500 pairs) must not spend itself on warming up.
        self.warm_up = max(1, min(warm_up, total // 10))
        grouped = [p for p in model.parameters() if p.dim() > 1], [p for p in model.parameters() if p.dim() <= 1]
        self.optimizer = torch.optim.AdamW(
            [{"params": grouped[0], "weight_decay": decay}, {"params": grouped[1], "weight_decay": 0.0}],
            lr=rate,
            betas=(0.9, 0.98),
            fused=True,
        )
        self.average = copy.deepcopy(model).eval()

    def step(self, loss: Tensor) -> None:
        """One update; the rate rises for `warm_up` steps and then falls in a line to a fiftieth."""
        self.done += 1
        rising, falling = self.done / self.warm_up, (self.total - self.done) / max(1, self.total - self.warm_up)
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * min(1.0, rising, max(0.02, falling))
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self.optimizer.step()
        # The average forgets its start quickly, then slows down to AVERAGE.
        share = 1 - min(AVERAGE, (self.done + 1) / (self.done + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.model.parameters()), share)


def loss_of(
    model: Seq2Seq,
    batch: Batch,
    smoothing: float,
    mixing: float,
    read: Callable[..., tuple[Tensor, Tensor]] | None = None,
) -> Tensor:
    """Label-smoothed cross-entropy a target subword and the coverage loss; `read` may be a compiled `model.read`.

    Multiplying in bf16 where there is a GPU; logits are scored in float32; bf16 needs no loss scaling.
    """
    with autocast(batch.source.device):
        before = batch.before
        if mixing > 0:
            with torch.no_grad():
                guessed = model(batch.source, batch.lengths, before)[0].argmax(-1)  # [B, T]
            swap = torch.rand(before.shape, device=before.device) < mixing
            swap &= (before != PAD) & (before != BOS)
            before = torch.where(swap, guessed.roll(1, dims=1), before)
        outputs, coverage = (read or model.read)(batch.source, batch.lengths, before)  # [B, T, E]
        there = batch.after != PAD
        words = model.embedding
        loss = smoothed_loss(outputs[there], words.table.weight, words.bias, batch.after[there], smoothing)
    total: Tensor = loss + coverage
    return total


def mean_loss(model: Seq2Seq, rows: Sequence[Encoded], batch_size: int) -> float:
    """Cross-entropy a target subword in nats, the end mark counted, no smoothing."""
    total, count = 0.0, 0
    with torch.inference_mode():
        for batch in (b.to(model.device) for b in batches(rows, batch_size)):
            logits, _ = model(batch.source, batch.lengths, batch.before)
            total += float(
                functional.cross_entropy(
                    logits.float().flatten(0, 1), batch.after.flatten(), ignore_index=PAD, reduction="sum"
                )
            )
            count += batch.tokens
    return total / max(1, count)
