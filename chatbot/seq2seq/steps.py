"""Run searches over one decoder, side by side. In: source ids and searches. Out: what each search found.

A search is a Python generator: it yields the rows and subwords that it wants to go on with and is sent the scores of
what may come next. The wishes of all searches make one batch, so a beam and samples cost hardly more than the longer
of them: a step over a few rows costs as much as one over many. Knows nothing of how a search chooses.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor
from torch.nn import functional

from chatbot.seq2seq.model import Seq2Seq


@dataclass(frozen=True, slots=True)
class Step:
    """Go on from these rows of the last step (at first: of the source) with the subword that each said last."""

    rows: Sequence[int]
    last: Sequence[int]


Found = TypeVar("Found")
# Is sent the log probabilities [N, V] of the next subword for the N rows of its step, to write on as it likes.
Search = Generator[Step, Tensor, Found]


@torch.inference_mode()
def together(model: Seq2Seq, source: Tensor, lengths: Tensor, searches: Sequence[Search[Found]]) -> list[Found]:
    """What each search returns, over the rows of `source` [B, S] with their lengths [B]."""
    memory, state = model.encode(source, lengths)
    found: dict[int, Found] = {}
    # The number of a search, what it wants, and where the rows of its last step begin in the batch.
    wishes = [(number, next(search), 0) for number, search in enumerate(searches)]
    while wishes:
        rows = torch.tensor([begin + row for _, step, begin in wishes for row in step.rows], device=source.device)
        last = torch.tensor([[word] for _, step, _ in wishes for word in step.last], device=source.device)  # [N, 1]
        memory = memory.pick(rows)
        logits, _, state, _ = model.decode(last, state.pick(rows), memory)
        scores = functional.log_softmax(logits[:, -1].float(), dim=-1)  # [N, V]
        going, begin = [], 0
        for number, step, _ in wishes:
            end = begin + len(step.rows)
            try:
                going.append((number, searches[number].send(scores[begin:end]), begin))
            except StopIteration as done:
                found[number] = done.value
            begin = end
        wishes = going
    return [found[number] for number in range(len(searches))]
