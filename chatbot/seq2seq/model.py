"""Sequence to sequence with attention, put together. In: subword ids. Out: logits. Knows no text and no loss."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from chatbot.neural.batching import mask_of
from chatbot.seq2seq.attention import Memory
from chatbot.seq2seq.decoder import Decoder, DecoderState
from chatbot.seq2seq.embedding import SharedEmbedding
from chatbot.seq2seq.encoder import BagEncoder, BiEncoder


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes and choices that a checkpoint must agree with."""

    vocab_size: int
    embedding_size: int
    hidden_size: int
    cell: str = "gru"
    attention: str = "additive"
    input_feeding: bool = False
    coverage: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Seq2Seq(nn.Module):
    """Bidirectional encoder, attention, recurrent decoder (Bahdanau et al. 2015; Luong et al. 2015)."""

    def __init__(self, shape: Shape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = SharedEmbedding(shape.vocab_size, shape.embedding_size, dropout)
        self.encoder = BiEncoder(shape.cell, shape.embedding_size, shape.hidden_size)
        self.bag = BagEncoder(shape.embedding_size, shape.hidden_size)
        self.decoder = Decoder(
            shape.cell,
            shape.attention,
            shape.embedding_size,
            self.encoder.output_size,
            shape.hidden_size,
            dropout=dropout,
            input_feeding=shape.input_feeding,
            coverage=shape.coverage,
        )
        self.dropout = nn.Dropout(dropout)

    @property
    def device(self) -> torch.device:
        return self.embedding.bias.device

    def encode(self, source: Tensor, lengths: Tensor) -> tuple[Memory, DecoderState]:
        """(source [B, S], lengths [B]) -> (memory, the decoder's first state)."""
        words = self.embedding(source)  # [B, S, E]
        values, final = self.encoder(words, lengths)  # [B, S, 2H], [B, 2H]
        values = self.dropout(values)
        bag = self.dropout(self.bag(source, words, lengths))  # [B, H]
        keys = self.decoder.attention.keys(values)  # [B, S, A]
        memory = Memory(values, keys, words, bag, mask_of(lengths, source.shape[1]))
        return memory, self.decoder.start(self.dropout(final), memory)

    def decode(
        self, target: Tensor, state: DecoderState, memory: Memory
    ) -> tuple[Tensor, Tensor, DecoderState, Tensor]:
        """Target so far [B, T] -> (logits [B, T, V], weights [B, T, S], state, coverage loss)."""
        outputs, weights, state, loss = self.decoder(self.embedding(target), state, memory)
        return self.embedding.logits(outputs), weights, state, loss

    def read(self, source: Tensor, lengths: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Teacher forcing up to the output table: (source [B, S], lengths [B], target [B, T] from bos on) -> (vectors
        [B, T, E], coverage loss). The vector at t scores the subword after target[:, t]."""
        memory, state = self.encode(source, lengths)
        outputs, _, _, loss = self.decoder(self.embedding(target), state, memory)
        return outputs, loss

    def forward(self, source: Tensor, lengths: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """The same with logits [B, T, V] in the place of vectors."""
        outputs, loss = self.read(source, lengths, target)
        return self.embedding.logits(outputs), loss
