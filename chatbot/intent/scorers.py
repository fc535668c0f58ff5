"""What stands behind the fusion beside the linear model: a trained network with its way to read text.

In: texts. Out: `Scored`. Knows nothing of thresholds or label names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from chatbot.errors import CheckpointError
from chatbot.intent.linear import WordBlock
from chatbot.intent.network import IntentNetwork, Scored, score_rows
from chatbot.neural import checkpoint
from chatbot.neural.encoder import VOCABULARY, EncoderNetwork, EncoderShape, load_weights
from chatbot.neural.meanings import Words
from chatbot.neural.morpheme_views import MorphemeViews
from chatbot.neural.subword_view import MODEL, SubwordView
from chatbot.neural.views import Views
from chatbot.types import Morpheme

# What a scorer gives a checkpoint: its config, its tensors, its files.
Parts = tuple[dict[str, Any], dict[str, Tensor], dict[str, bytes | str]]


class Scorer(Protocol):
    """A trained network that scores preprocessed texts."""

    def score(self, texts: Sequence[str]) -> Scored:
        """Logits, unit vectors and attention of each text; deterministic, whatever the batch."""
        ...

    def parts(self) -> Parts:
        """What a checkpoint needs to build it again."""
        ...


class NetworkScorer:
    """The LSTM: views of the text, the shared encoder, a head; or a committee of them, each taught from its own dice.

    A committee's logits and attention are means; its vectors stand side by side, so that a cosine is a mean of theirs.
    """

    def __init__(self, networks: Sequence[IntentNetwork], views: Views, device: torch.device | None = None) -> None:
        self.networks = tuple(network.eval() for network in networks)
        self.views = views
        self.device = device or torch.device("cpu")

    def score(self, texts: Sequence[str]) -> Scored:
        """See `Scorer`."""
        rows = self.views.read(texts)
        return _agree([score_rows(network, rows, self.device) for network in self.networks])

    def parts(self) -> Parts:
        """See `Scorer`."""
        config, tensors = _pack("lstm", self.networks, self.views.as_config())
        files: dict[str, bytes | str] = {VOCABULARY: "\n".join(self.views.characters) + "\n"}
        if self.views.subwords is not None:
            files[MODEL] = self.views.subwords.model
        return config, tensors, files

    @classmethod
    def load(
        cls, folder: Path, config: Mapping[str, Any], tensors: dict[str, Tensor], files: Mapping[str, bytes]
    ) -> NetworkScorer:
        """The scorer that `parts` described."""
        subwords = SubwordView.of_model(files[MODEL]) if MODEL in files else None
        views = Views.from_config(files[VOCABULARY].decode("utf-8").replace("\n", ""), config["views"], subwords)
        return cls(_unpack(folder, config, tensors), views)


class MorphemeScorer:
    """As `NetworkScorer`, but the networks read morphemes. Attention is given to the characters they stand for."""

    def __init__(
        self,
        networks: Sequence[IntentNetwork],
        views: MorphemeViews,
        words: Words,
        device: torch.device | None = None,
    ) -> None:
        self.networks = tuple(network.eval() for network in networks)
        self.views = views
        self.words = words
        self.device = device or torch.device("cpu")

    def score(self, texts: Sequence[str]) -> Scored:
        """See `Scorer`."""
        cut = self.words.analyzer.analyze(texts)
        rows = self.views.read([[(m.form, m.tag) for m in morphemes] for morphemes in cut])
        said = _agree([score_rows(network, rows, self.device) for network in self.networks])
        spread = (_spread(*one) for one in zip(texts, cut, said.attention, strict=True))
        return replace(said, attention=tuple(spread))

    def parts(self) -> Parts:
        """See `Scorer`."""
        return *_pack("morphemes", self.networks, self.views.as_config()), {}

    def reading(self, words: Words) -> MorphemeScorer:
        """The same networks, asking another object for the same words."""
        return MorphemeScorer(self.networks, self.views, words, self.device)

    @classmethod
    def load(cls, folder: Path, config: Mapping[str, Any], tensors: dict[str, Tensor], words: Words) -> MorphemeScorer:
        """The scorer that `parts` described."""
        return cls(_unpack(folder, config, tensors), MorphemeViews(**config["views"]), words)


def _pack(
    kind: str, networks: Sequence[IntentNetwork], views: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """(config, tensors) of a committee."""
    first = networks[0]
    config = {
        "kind": kind,
        "shape": asdict(first.encoder.shape),
        "labels": first.head.out_features,
        "views": views,
        "members": len(networks),
    }
    tensors = {
        _member(place, len(networks)) + name: tensor
        for place, network in enumerate(networks)
        for name, tensor in network.state_dict().items()
    }
    return config, tensors


def _unpack(folder: Path, config: Mapping[str, Any], tensors: dict[str, Tensor]) -> list[IntentNetwork]:
    networks = []
    for place in range(config.get("members", 1)):
        prefix = _member(place, config.get("members", 1))
        own = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
        network = IntentNetwork(EncoderNetwork(EncoderShape(**config["shape"])), config["labels"])
        load_weights(network, own, folder)
        networks.append(network)
    return networks


def _agree(said: Sequence[Scored]) -> Scored:
    """What a committee says of the same rows."""
    if len(said) == 1:
        return said[0]
    logits: NDArray[np.float32] = np.stack([_log_softmax(scored.logits) for scored in said]).mean(axis=0)
    vectors = np.concatenate([scored.vectors for scored in said], axis=1) / np.float32(len(said) ** 0.5)
    attention = zip(*(scored.attention for scored in said), strict=True)
    return Scored(
        logits,
        vectors.astype(np.float32),
        tuple(np.stack(weights).mean(axis=0) for weights in attention),
    )


def _spread(text: str, morphemes: Sequence[Morpheme], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """The weight of each morpheme on the characters it stands for; spaces have none and no place, as in `Views`."""
    shares = np.zeros(max(1, len(text)), dtype=np.float32)
    for morpheme, weight in zip(morphemes, weights, strict=False):
        places = [place for place in range(morpheme.start, morpheme.end) if not text[place].isspace()]
        shares[places or [min(morpheme.start, len(text) - 1)]] += weight / max(1, len(places))
    real = [place for place, char in enumerate(text) if not char.isspace()]
    return shares[real] if real else shares


def _member(place: int, members: int) -> str:
    """What the tensors of one network of a committee begin with; a network that speaks alone has the plain names."""
    return f"member{place}." if members > 1 else ""


def _log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def load_scorer(
    folder: Path,
    config: Mapping[str, Any] | None,
    tensors: Mapping[str, Tensor],
    files: Mapping[str, bytes],
    block: WordBlock | None,
) -> Scorer | None:
    """The scorer of an intent checkpoint; none when the linear model speaks alone. One of morphemes asks
    the words of the linear model's `block`.

    Raises
    ------
    CheckpointError
        when the kind is unknown or the parts do not agree.
    """
    if config is None:
        return None
    own = {name.removeprefix("scorer."): tensor for name, tensor in tensors.items() if name.startswith("scorer.")}
    if config["kind"] == "lstm":
        return NetworkScorer.load(folder, config, own, files)
    if config["kind"] == "morphemes" and block is not None:
        return MorphemeScorer.load(folder, config, own, block.words)
    if config["kind"] == "head":
        from chatbot.intent.head import HeadScorer

        return HeadScorer.load(folder, config, own)
    if config["kind"] == "kobert":
        from chatbot.intent.kobert import TransformerScorer

        return TransformerScorer.load(folder, config, own, files)
    raise CheckpointError(f"{folder}: scorer {config['kind']!r} is unknown; {checkpoint.REMEDY}")
