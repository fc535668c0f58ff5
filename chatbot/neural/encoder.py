"""The sentence encoder shared by intent and retrieval: several views of a text, BiLSTM, attention pooling, one vector.

In: preprocessed texts. Out: unit vectors (`SentenceEncoder.encode`) or differentiable ones (`EncoderNetwork`). Knows
nothing of intents, answers or indexes. Shapes: B batch, S source length, F features a position, E embedding, H hidden,
D output.
"""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from chatbot.errors import CheckpointError
from chatbot.neural import checkpoint
from chatbot.neural.batching import length_buckets, mask_of
from chatbot.neural.device import moved
from chatbot.neural.layers import AttentionPooling, BiLSTM
from chatbot.neural.views import Rows, Views

KIND, FORMAT = "sentence-encoder", 1
VOCABULARY = "vocabulary.txt"
FOLDER = Path(__file__).resolve().parent.parent / "pretrained" / "encoder"
_INITIAL_SPREAD = 0.05
_REMEMBERED = 64  # texts whose vectors are kept


@dataclass(frozen=True, slots=True)
class EncoderShape:
    """Sizes of an `EncoderNetwork`; `table_size` comes from the views."""

    table_size: int
    embedding_size: int = 96
    hidden_size: int = 128
    output_size: int = 256
    layers: int = 1
    dropout: float = 0.3
    view_dropout: float = 0.2


class EncoderNetwork(nn.Module):
    """Summed view embeddings, a BiLSTM, then attention, maximum and last states pooled into one vector."""

    def __init__(self, shape: EncoderShape) -> None:
        super().__init__()
        self.shape = shape
        hidden = 2 * shape.hidden_size
        self.table = nn.EmbeddingBag(shape.table_size, shape.embedding_size, mode="sum", padding_idx=0)
        # Small, because the row of an n-gram that training never shows stays as it is and must not shout.
        nn.init.normal_(self.table.weight, std=_INITIAL_SPREAD)
        with torch.no_grad():
            self.table.weight[0].zero_()
        self.dropout = nn.Dropout(shape.dropout)
        self.recurrent = BiLSTM(shape.embedding_size, shape.hidden_size, shape.layers, shape.dropout)
        self.attention = AttentionPooling(hidden, shape.hidden_size)
        self.project = nn.Linear(3 * hidden + shape.embedding_size, shape.output_size)
        self.norm = nn.LayerNorm(shape.output_size)

    def states(self, features: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(embedded [B, S, E], states [B, S, 2H], last states [B, 2H]) of int features [B, S, F]."""
        batch, width, count = features.shape
        if self.training and self.shape.view_dropout > 0:  # whole features go missing, so that none is relied on
            features = features * (torch.rand(features.shape, device=features.device) >= self.shape.view_dropout)
        embedded = self.table(features.reshape(batch * width, count)).view(batch, width, -1)  # [B, S, E]
        states, final = self.recurrent(self.dropout(embedded), lengths)
        return embedded, states, final

    def forward(self, features: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """(vectors [B, D], attention weights [B, S]); features are int [B, S, F], lengths int [B], at least 1."""
        embedded, states, final = self.states(features, lengths)
        mask = mask_of(lengths, features.shape[1])  # [B, S]
        context, weights = self.attention(states, mask)
        highest = states.masked_fill(~mask.unsqueeze(-1), torch.finfo(states.dtype).min).amax(dim=1)
        mean = (embedded * mask.unsqueeze(-1)).sum(dim=1) / lengths.unsqueeze(-1).sqrt()
        pooled = torch.cat([context, highest, final, mean], dim=-1)  # [B, 6H + E]
        return self.norm(self.project(self.dropout(pooled))), weights


def collate(rows: Sequence[Rows], device: torch.device | None = None) -> tuple[Tensor, Tensor]:
    """(features [B, S, F] padded with 0, lengths [B]) of view rows."""
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    features = np.zeros((len(rows), int(lengths.max()), rows[0].shape[1]), dtype=np.int64)
    for place, row in enumerate(rows):
        features[place, : len(row)] = row
    return moved(torch.from_numpy(features), device), moved(torch.from_numpy(lengths), device)


class SentenceEncoder:
    """Texts to unit vectors. Deterministic: dropout is off, and a row does not depend on its batch."""

    def __init__(self, network: EncoderNetwork, views: Views, device: torch.device | None = None) -> None:
        self.network = network.eval()
        self.views = views
        self.device = device or torch.device("cpu")
        self.network.to(self.device)
        self._fingerprint = ""
        self._said: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
        self._entry = threading.Lock()
        self._most = _REMEMBERED

    @property
    def dim(self) -> int:
        """D, the size of a vector."""
        return self.network.shape.output_size

    @property
    def fingerprint(self) -> str:
        """Changes whenever the vectors would; stored beside an index so that a foreign encoder is noticed."""
        if not self._fingerprint:
            digest = hashlib.sha256(repr((asdict(self.network.shape), self.views)).encode())
            for name, tensor in sorted(self.network.state_dict().items()):
                # Half precision, so that an encoder is the same before it is saved and after.
                digest.update(name.encode() + tensor.half().cpu().numpy().tobytes())
            self._fingerprint = digest.hexdigest()[:16]
        return self._fingerprint

    def encode(self, texts: Sequence[str], batch_size: int = 64) -> NDArray[np.float32]:
        """float32 unit rows [B, D]."""
        return self.read(texts, batch_size)[0]

    def read(
        self, texts: Sequence[str], batch_size: int = 64
    ) -> tuple[NDArray[np.float32], tuple[NDArray[np.float32], ...]]:
        """(unit rows [B, D], attention weights of each text's characters that are no space).

        Of a few texts the last are remembered: who classifies a message, finds its answer and feels its mood asks for
        the same one.
        """
        if not 0 < len(texts) <= self._most // 2:
            return self._read(texts, batch_size)
        known = {text: said for text in texts if (said := self._said.get(text)) is not None}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            fresh = dict(zip(new, zip(*self._read(new, batch_size), strict=True), strict=True))
            known |= fresh
            with self._entry:
                self._said |= fresh
                self._forget()
        rows = [known[text] for text in texts]
        return np.stack([vector for vector, _ in rows]), tuple(weights for _, weights in rows)

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Meanwhile every text is remembered: a training asks for its lines again and again."""
        self._most = sys.maxsize
        try:
            yield
        finally:
            self._most = _REMEMBERED
            with self._entry:
                self._forget()

    def _forget(self) -> None:
        for text in list(self._said)[: max(0, len(self._said) - self._most)]:
            del self._said[text]

    @torch.inference_mode()
    def _read(
        self, texts: Sequence[str], batch_size: int
    ) -> tuple[NDArray[np.float32], tuple[NDArray[np.float32], ...]]:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        attention: list[NDArray[np.float32]] = [np.zeros(0, np.float32)] * len(texts)
        rows = self.views.read(texts)
        for batch in length_buckets([len(row) for row in rows], batch_size):
            features, lengths = collate([rows[place] for place in batch], self.device)
            hidden, weights = self.network(features, lengths)
            vectors[batch] = functional.normalize(hidden, dim=-1).float().cpu().numpy()
            for place, weight, size in zip(batch, weights.float().cpu().numpy(), lengths.tolist(), strict=True):
                attention[place] = weight[:size]
        return vectors, tuple(attention)

    def save(self, folder: Path, files: dict[str, bytes | str] | None = None, half: bool = True) -> None:
        """Write the encoder as a checkpoint folder (half precision unless told otherwise)."""
        config = {
            "kind": KIND,
            "format": FORMAT,
            "shape": asdict(self.network.shape),
            "views": self.views.as_config(),
        }
        vocabulary = {VOCABULARY: "\n".join(self.views.characters) + "\n"}
        checkpoint.save(folder, self.network.state_dict(), config, {**vocabulary, **(files or {})}, half=half)

    @classmethod
    def load(cls, folder: Path, device: torch.device | None = None) -> SentenceEncoder:
        """The encoder of a folder.

        Raises
        ------
        CheckpointError
            when the folder is missing, damaged, of another kind, or its parts do not agree.
        """
        tensors, config = checkpoint.load(folder)
        checkpoint.agree(folder, config, kind=KIND, format=FORMAT)
        characters = checkpoint.read_verified(folder)[VOCABULARY].decode("utf-8").replace("\n", "")
        views = Views.from_config(characters, config["views"])
        network = EncoderNetwork(EncoderShape(**config["shape"]))
        load_weights(network, tensors, folder)
        if network.shape.table_size != views.table_size:
            raise CheckpointError(
                f"{folder / VOCABULARY}: {views.table_size} rows, the weights have {network.shape.table_size}; "
                f"{checkpoint.REMEDY}"
            )
        return cls(network, views, device)


@cache
def shipped() -> SentenceEncoder:
    """The encoder that ships with the package: one in a process, for everybody who asks.

    Raises
    ------
    CheckpointError
        as `SentenceEncoder.load` does.
    """
    return SentenceEncoder.load(FOLDER)


def load_weights(network: nn.Module, tensors: dict[str, Tensor], folder: Path) -> None:
    """Put tensors into a network.

    Raises
    ------
    CheckpointError
        when names or shapes differ.
    """
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise CheckpointError(f"{folder / checkpoint.WEIGHTS}: {error}; {checkpoint.REMEDY}") from error
