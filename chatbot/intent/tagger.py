"""Which words of an utterance fill which slot: a BiLSTM tagger over characters, with rule-based entities as a feature.

In: preprocessed texts; for training, texts annotated as ``[date : 금요일] 깨워 줘``. Out: `Entity` values with spans.
Knows nothing of intents or templates. Shapes: B batch, S characters that are not space, E embedding, T tags.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from chatbot.errors import CheckpointError, CorpusError, TrainingError
from chatbot.neural import checkpoint
from chatbot.neural.batching import length_buckets, mask_of, pad
from chatbot.neural.device import seed_everything
from chatbot.neural.encoder import VOCABULARY, collate, load_weights
from chatbot.neural.layers import BiLSTM
from chatbot.neural.views import Views
from chatbot.text import entities
from chatbot.types import Entity

KIND, FORMAT = "tagger", 1
SLOTS = "slots.json"
OUTSIDE = 0  # tag numbers: 0 outside, 2n + 1 where slot n begins, 2n + 2 where it goes on

_ANNOTATED = re.compile(r"\[\s*(\w+)\s*:\s*([^\]]*?)\s*\]")
_RULE_KINDS = (
    "",
    "date",
    "date_range",
    "time",
    "datetime",
    "duration",
    "number",
    "money",
    "percent",
    "quantity",
    "ordinal",
    "other",
)
# Rules only mark which characters look like a date or a number, so that any fixed moment serves.
_ANY_MOMENT = datetime(2024, 1, 1, 9)

Span = tuple[str, int, int]  # slot, first position, one after its last


@dataclass(frozen=True, slots=True)
class Annotated:
    """One text with its slots; positions count the characters that are not space."""

    text: str
    spans: tuple[Span, ...]


def parse(annotated: str) -> Annotated:
    """Read ``[date : 금요일] 깨워 줘``.

    Raises
    ------
    CorpusError
        when a bracket is left open.
    """
    pieces, spans, at, place = [], [], 0, 0
    for match in _ANNOTATED.finditer(annotated):
        before = annotated[at : match.start()]
        place += _count(before)
        size = _count(match[2])
        if size:
            spans.append((match[1], place, place + size))
        pieces += [before, match[2]]
        place, at = place + size, match.end()
    text = " ".join("".join([*pieces, annotated[at:]]).split())
    if "[" in text and " : " in text:
        raise CorpusError(f"{annotated!r}: a bracket is not closed; expected [slot : words]")
    return Annotated(text, tuple(spans))


class TaggerNetwork(nn.Module):
    """View embeddings plus the rule's guess, a BiLSTM, one linear layer a character."""

    def __init__(
        self, table_size: int, n_tags: int, embedding_size: int = 64, hidden_size: int = 96, dropout: float = 0.3
    ) -> None:
        super().__init__()
        self.sizes = {
            "table_size": table_size,
            "n_tags": n_tags,
            "embedding_size": embedding_size,
            "hidden_size": hidden_size,
            "dropout": dropout,
        }
        self.table = nn.EmbeddingBag(table_size, embedding_size, mode="sum", padding_idx=0)
        self.rules = nn.Embedding(len(_RULE_KINDS), embedding_size)
        nn.init.normal_(self.table.weight, std=0.05)
        with torch.no_grad():
            self.table.weight[0].zero_()
        self.dropout = nn.Dropout(dropout)
        self.recurrent = BiLSTM(embedding_size, hidden_size)
        self.head = nn.Linear(2 * hidden_size, n_tags)

    def forward(self, features: Tensor, rules: Tensor, lengths: Tensor) -> Tensor:
        """Logits [B, S, T] of view features [B, S, F] and rule kinds [B, S]."""
        batch, width, count = features.shape
        embedded = self.table(features.reshape(batch * width, count)).view(batch, width, -1)
        states, _ = self.recurrent(self.dropout(embedded + self.rules(rules)), lengths)
        logits: Tensor = self.head(self.dropout(states))
        return logits


class Tagger:
    """A trained tagger: texts in, entities out."""

    def __init__(self, network: TaggerNetwork, views: Views, slots: Sequence[str]) -> None:
        self._network = network.eval()
        self._views = views
        self.slots = tuple(slots)

    def tag(self, texts: Sequence[str]) -> list[list[Entity]]:
        """The entities of each text, in order; `value` is the text itself."""
        return [
            [_entity(text, slot, start, end) for slot, start, end in spans]
            for text, spans in zip(texts, self.spans(texts), strict=True)
        ]

    @torch.inference_mode()
    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        """(slot, first position, one after its last) of each text."""
        self._network.eval()
        rows, rules = self._views.read(texts), [rule_kinds(text, self._views.max_length) for text in texts]
        found: list[list[Span]] = [[] for _ in texts]
        for batch in length_buckets([len(row) for row in rows], 64):
            features, lengths = collate([rows[place] for place in batch])
            logits = self._network(features, pad([rules[place] for place in batch], length=features.shape[1]), lengths)
            for place, tags, size in zip(batch, logits.argmax(dim=-1).tolist(), lengths.tolist(), strict=True):
                found[place] = self._read(tags[: size if texts[place].strip() else 0])
        return found

    def _read(self, tags: Sequence[int]) -> list[Span]:
        """Spans of a row of tags; a slot that goes on without a beginning begins there."""
        spans: list[Span] = []
        for place, tag in enumerate(tags):
            if tag == OUTSIDE:
                continue
            slot = self.slots[(tag - 1) // 2]
            if tag % 2 == 0 and spans and spans[-1][0] == slot and spans[-1][2] == place:
                spans[-1] = (slot, spans[-1][1], place + 1)
            else:
                spans.append((slot, place, place + 1))
        return spans

    def f1(self, examples: Sequence[Annotated]) -> float:
        """Micro F1 over whole spans, slot and both ends right."""
        hits = guessed = real = 0
        for example, spans in zip(examples, self.spans([example.text for example in examples]), strict=True):
            hits += len(set(spans) & set(example.spans))
            guessed, real = guessed + len(spans), real + len(example.spans)
        return 2 * hits / max(1, guessed + real)

    def save(self, folder: Path, files: dict[str, bytes | str] | None = None) -> None:
        """Write the tagger as a checkpoint folder."""
        config = {"kind": KIND, "format": FORMAT, "sizes": self._network.sizes, "views": self._views.as_config()}
        own: dict[str, bytes | str] = {
            VOCABULARY: "\n".join(self._views.characters) + "\n",
            SLOTS: json.dumps(self.slots) + "\n",
        }
        checkpoint.save(folder, self._network.state_dict(), config, own | (files or {}), half=True)

    @classmethod
    def load(cls, folder: Path) -> Tagger:
        """The tagger of a folder.

        Raises
        ------
        CheckpointError
            when it is missing, damaged, of another kind, or its parts do not agree.
        """
        tensors, config = checkpoint.load(folder)
        checkpoint.agree(folder, config, kind=KIND, format=FORMAT)
        files = checkpoint.read_verified(folder)
        slots = json.loads(files[SLOTS])
        if config["sizes"]["n_tags"] != 2 * len(slots) + 1:
            raise CheckpointError(f"{folder / SLOTS}: {len(slots)} slots do not fit the weights; {checkpoint.REMEDY}")
        network = TaggerNetwork(**config["sizes"])
        load_weights(network, tensors, folder)
        views = Views.from_config(files[VOCABULARY].decode("utf-8").replace("\n", ""), config["views"])
        return cls(network, views, slots)


def train_tagger(
    examples: Sequence[Annotated],
    validation: Sequence[Annotated],
    *,
    epochs: int = 15,
    batch_size: int = 64,
    learning_rate: float = 3e-3,
    seed: int = 13,
    progress: Callable[[int, int, str], None] | None = None,
    **sizes: Any,
) -> Tagger:
    """Train with AdamW and a cosine; the epoch with the best span F1 on `validation` is kept.

    Raises
    ------
    TrainingError
        when no example has a slot.
    """
    slots = sorted({slot for example in examples for slot, _, _ in example.spans})
    if not slots:
        raise TrainingError("tagger: no example has a slot; write some as [slot : words]")
    shuffle = seed_everything(seed)
    views = Views.of([example.text for example in examples], ngram_buckets=12288, jamo_buckets=4096)
    network = TaggerNetwork(views.table_size, 2 * len(slots) + 1, **sizes)
    tagger = Tagger(network, views, slots)
    rows = views.read([example.text for example in examples])
    rules = [rule_kinds(example.text, views.max_length) for example in examples]
    tags = [_tags(example, slots, len(row)) for example, row in zip(examples, rows, strict=True)]
    steps = epochs * math.ceil(len(rows) / batch_size)
    optimizer = torch.optim.AdamW(network.parameters(), lr=learning_rate, weight_decay=0.01, fused=True)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min=learning_rate / 50)
    best, best_f1 = checkpoint_of(network), -1.0
    for epoch in range(1, epochs + 1):
        network.train()
        total = 0.0
        for batch in length_buckets([len(row) for row in rows], batch_size, generator=shuffle):
            features, lengths = collate([rows[place] for place in batch])
            width = features.shape[1]
            logits = network(features, pad([rules[place] for place in batch], length=width), lengths)
            targets = pad([tags[place] for place in batch], length=width)
            mask = mask_of(lengths, width)
            loss = functional.cross_entropy(logits[mask], targets[mask])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            rate.step()
            total += float(loss.detach()) * len(batch)
        f1 = tagger.f1(validation) if validation else float(epoch)
        if progress is not None:
            progress(epoch, epochs, f"loss {total / len(rows):.3f} F1 {f1:.3f}")
        if f1 > best_f1:
            best, best_f1 = checkpoint_of(network), f1
    network.load_state_dict(best)
    network.half().float()  # what a checkpoint keeps
    return Tagger(network, views, slots)


def checkpoint_of(network: nn.Module) -> dict[str, Tensor]:
    """A copy of the weights as they are now."""
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def rule_kinds(text: str, max_length: int) -> list[int]:
    """What the rule-based entities say of each position (a number of `_RULE_KINDS`)."""
    kinds = np.zeros(len(text), dtype=np.int64)
    for entity in entities.find(text, _ANY_MOMENT):
        known = entity.kind if entity.kind in _RULE_KINDS else "other"
        kinds[entity.start : entity.end] = _RULE_KINDS.index(known)
    places = [place for place, char in enumerate(text) if not char.isspace()]
    return [int(kinds[place]) for place in places[:max_length]] or [0]


def _tags(example: Annotated, slots: Sequence[str], length: int) -> list[int]:
    tags = [OUTSIDE] * length
    for slot, start, end in example.spans:
        number = 2 * slots.index(slot) + 1
        for place in range(start, min(end, length)):
            tags[place] = number if place == start else number + 1
    return tags


def _entity(text: str, slot: str, start: int, end: int) -> Entity:
    """Positions without spaces to offsets in the text."""
    places = [place for place, char in enumerate(text) if not char.isspace()]
    first, last = places[start], places[end - 1] + 1
    return Entity(slot, text[first:last], text[first:last], first, last)


def _count(text: str) -> int:
    return sum(not char.isspace() for char in text)
