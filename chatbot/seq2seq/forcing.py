"""How likely given replies are under a model (teacher forcing). In: source and target ids. Out: log probabilities."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import torch
from torch import Tensor

from chatbot.seq2seq.attention import Memory
from chatbot.seq2seq.data import pad_rows
from chatbot.seq2seq.decoder import DecoderState
from chatbot.seq2seq.model import Seq2Seq
from chatbot.seq2seq.search import BOS, EOS, PAD

# Targets that are scored in one go.
TOGETHER = 24


def log_probabilities(
    model: Seq2Seq,
    source: Tensor,
    lengths: Tensor,
    targets: Sequence[Sequence[int]],
    owners: Sequence[int] | None = None,
    deadline: float = math.inf,
) -> list[float]:
    """log P of each target (without bos and eos) followed by the end mark, given its row of `source` [B, S]: row
    `owners[i]` for target i, by default one row each. Not a number for targets whose batch the deadline (of
    `time.monotonic`) kept from beginning."""
    memory, state = model.encode(source, lengths)
    belongs = torch.tensor(owners if owners is not None else range(len(targets)), device=model.device)
    order = sorted(range(len(targets)), key=lambda at: len(targets[at]))
    found = [math.nan] * len(targets)
    for start in range(0, len(order), TOGETHER):  # like lengths together: padding costs as much as words
        if time.monotonic() > deadline:
            break
        part = order[start : start + TOGETHER]
        rows = belongs[part]
        logs = _forced(model, [targets[at] for at in part], memory.pick(rows), state.pick(rows))
        for at, log in zip(part, logs, strict=True):
            found[at] = log
    return found


def _forced(model: Seq2Seq, targets: Sequence[Sequence[int]], memory: Memory, state: DecoderState) -> list[float]:
    before, _ = pad_rows([[BOS, *ids] for ids in targets])
    after, _ = pad_rows([[*ids, EOS] for ids in targets])
    before, after = before.to(model.device), after.to(model.device)
    outputs, _, _, _ = model.decoder(model.embedding(before), state, memory)  # [B, T, E]
    counted = after != PAD
    # Padding is left out before the output table, which costs more than all the rest.
    logits = model.embedding.logits(outputs[counted])  # [N, V]
    picked = logits.gather(-1, after[counted].unsqueeze(-1)).squeeze(-1) - logits.logsumexp(-1)  # [N]
    sums = torch.zeros(after.shape, device=picked.device).masked_scatter(counted, picked).sum(-1)
    total: list[float] = sums.tolist()
    return total
