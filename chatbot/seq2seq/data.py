"""Pairs and dialogues to padded batches of like length. In: chat pairs. Out: tensors. Knows no model and no loss."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from chatbot.neural.batching import pad
from chatbot.neural.parallel import Team
from chatbot.seq2seq.codec import Codec, level_of
from chatbot.seq2seq.search import PAD, UNK
from chatbot.types import ChatPair, Dialogue

# Rows are sorted by length within blocks of this many batches: like lengths meet, and the order still changes.
BLOCK = 50
# The dice of `reworded`: a word goes below the first, spaces go between the first and the second.
LEAVE_OUT_WORD, LEAVE_OUT_SPACES, LEAVE_OUT_MARK = 0.15, 0.4, 0.15


@dataclass(frozen=True, slots=True)
class Example:
    """One thing to learn: what was said, after which turns, and the answer."""

    question: str
    answer: str
    history: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example as ids: `source` as `Codec.source` gives it, `target` between bos and eos."""

    source: tuple[int, ...]
    target: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """`source` [B, S], `lengths` [B], `before` [B, T] (bos and the words), `after` [B, T] (the words and eos)."""

    source: Tensor
    lengths: Tensor
    before: Tensor
    after: Tensor

    @property
    def tokens(self) -> int:
        """Target subwords to predict, padding left out."""
        return int((self.after != PAD).sum())

    def shared(self, team: Team) -> Batch:
        """This process's part of the batch, without the padding that only the others need."""
        if team.size == 1:
            return self
        own = torch.from_numpy(team.share(np.arange(len(self.lengths))))
        lengths, after = self.lengths[own], self.after[own]
        longest = int((after != PAD).sum(-1).max())
        return Batch(self.source[own, : int(lengths.max())], lengths, self.before[own, :longest], after[:, :longest])

    def to(self, device: torch.device) -> Batch:
        return Batch(*(t.to(device, non_blocking=True) for t in (self.source, self.lengths, self.before, self.after)))


def examples_of(pairs: Sequence[ChatPair], dialogues: Sequence[Dialogue], history_turns: int) -> list[Example]:
    """Every pair, and every turn of every dialogue after the turns before it; doubles once, order kept."""
    found = [Example(pair.question, pair.answer) for pair in pairs]
    for dialogue in dialogues:
        for i, (said, answered) in enumerate(dialogue.turns):
            # Without its history a later turn would teach an answer to something that nobody said.
            if i == 0 or history_turns:
                found.append(Example(said, answered, dialogue.turns[max(0, i - history_turns) : i]))
    return list(dict.fromkeys(found))


def reworded(question: str, rng: random.Random) -> str:
    """The question as somebody else might type it: a word left out, spaces left out, no mark at the end.

    Every pass over the pairs sees other wordings, so that the encoder learns words and not lines.
    """
    words, dice = question.split(), rng.random()
    if dice < LEAVE_OUT_WORD and len(words) > 2:
        words.pop(rng.randrange(len(words)))
    joined = words[:1]
    for word in words[1:]:
        glued = LEAVE_OUT_WORD <= dice < LEAVE_OUT_SPACES and rng.random() < 0.5
        joined += [word] if glued else [" ", word]
    text = "".join(joined)
    return (text.rstrip("?.!~") if rng.random() < LEAVE_OUT_MARK else text) or question


def encode(examples: Sequence[Example], codec: Codec) -> list[Encoded]:
    """The ids of every example; the speech level asked for is the one that its answer has."""
    return [
        Encoded(
            tuple(codec.source(e.question, e.history, level_of(e.answer))),
            tuple(codec.target(e.answer)),
        )
        for e in examples
    ]


def split_by_answer(examples: Sequence[Example], share: float, seed: int) -> tuple[list[Example], list[Example]]:
    """(taught, held out): rows with one answer stay together, so that nothing held out was learnt by heart."""
    held = [_draw(f"{seed}\t{e.answer}") < share for e in examples]
    taught = [e for e, out in zip(examples, held, strict=True) if not out]
    return taught, [e for e, out in zip(examples, held, strict=True) if out]


def _draw(text: str) -> float:
    """A number in [0, 1) that depends on nothing but `text`."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def pad_rows(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """(ids [B, S] filled up with pad, lengths [B])."""
    return pad(rows, PAD), torch.tensor([len(row) for row in rows])


def collate(rows: Sequence[Encoded]) -> Batch:
    """One batch of `rows`."""
    source, lengths = pad_rows([row.source for row in rows])
    before, _ = pad_rows([row.target[:-1] for row in rows])
    after, _ = pad_rows([row.target[1:] for row in rows])
    return Batch(source, lengths, before, after)


def batches(
    rows: Sequence[Encoded],
    size: int,
    rng: random.Random | None = None,
    *,
    word_dropout: float = 0.0,
    blank: float = 0.0,
    keep: int = 1,
) -> Iterator[Batch]:
    """Batches of `size` rows of like length; shuffled by `rng`, in order of length without one.

    Parameters
    ----------
    word_dropout
        the chance that a subword of the source is hidden (becomes unk), against learning questions by heart.
    blank
        the chance that a whole question is hidden. What the model then says is P(reply), which reranking by mutual
        information divides by; one model serves for both.
    keep
        ids at the start of a source that are never hidden (the speech level).
    """
    rows = list(rows)
    if rng is not None:
        rng.shuffle(rows)
    step = size * BLOCK if rng is not None else max(1, len(rows))
    groups = []
    for start in range(0, len(rows), step):
        block = sorted(rows[start : start + step], key=lambda row: (len(row.target), len(row.source)))
        groups += [block[i : i + size] for i in range(0, len(block), size)]
    if rng is not None:
        rng.shuffle(groups)
    for group in groups:
        if rng is not None and (word_dropout or blank):
            group = [Encoded(_hide(row.source, rng, word_dropout, blank, keep), row.target) for row in group]
        yield collate(group)


def _hide(
    source: tuple[int, ...], rng: random.Random, word_dropout: float, blank: float, keep: int
) -> tuple[int, ...]:
    head, body, end = source[:keep], source[keep:-1], source[-1:]
    if blank and rng.random() < blank:
        return head + end
    return head + tuple(UNK if rng.random() < word_dropout else word for word in body) + end
