"""What stands behind the fusion beside the linear model: a trained network with its way to read text.

In: texts. Out: `Scored`. Knows nothing of thresholds or label names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from chatbot.errors import CheckpointError
from chatbot.intent.network import IntentNetwork, Scored, score_rows
from chatbot.neural import checkpoint
from chatbot.neural.encoder import VOCABULARY, EncoderNetwork, EncoderShape, load_weights
from chatbot.neural.views import Views

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
        said = [score_rows(network, rows, self.device) for network in self.networks]
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

    def parts(self) -> Parts:
        """See `Scorer`."""
        first = self.networks[0]
        config = {
            "kind": "lstm",
            "shape": asdict(first.encoder.shape),
            "labels": first.head.out_features,
            "views": self.views.as_config(),
            "members": len(self.networks),
        }
        tensors = {
            _member(place, len(self.networks)) + name: tensor
            for place, network in enumerate(self.networks)
            for name, tensor in network.state_dict().items()
        }
        return config, tensors, {VOCABULARY: "\n".join(self.views.characters) + "\n"}

    @classmethod
    def load(
        cls, folder: Path, config: Mapping[str, Any], tensors: dict[str, Tensor], files: Mapping[str, bytes]
    ) -> NetworkScorer:
        """The scorer that `parts` described."""
        views = Views.from_config(files[VOCABULARY].decode("utf-8").replace("\n", ""), config["views"])
        networks = []
        for place in range(config.get("members", 1)):
            prefix = _member(place, config.get("members", 1))
            own = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
            network = IntentNetwork(EncoderNetwork(EncoderShape(**config["shape"])), config["labels"])
            load_weights(network, own, folder)
            networks.append(network)
        return cls(networks, views)


def _member(place: int, members: int) -> str:
    """What the tensors of one network of a committee begin with; a network that speaks alone has the plain names."""
    return f"member{place}." if members > 1 else ""


def _log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def load_scorer(
    folder: Path, config: Mapping[str, Any] | None, tensors: Mapping[str, Tensor], files: Mapping[str, bytes]
) -> Scorer | None:
    """The scorer of an intent checkpoint; none when the linear model speaks alone.

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
    if config["kind"] == "kobert":
        from chatbot.intent.kobert import TransformerScorer

        return TransformerScorer.load(folder, config, own, files)
    raise CheckpointError(f"{folder}: scorer {config['kind']!r} is unknown; {checkpoint.REMEDY}")
