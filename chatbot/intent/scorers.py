"""What stands behind the fusion beside the linear model: a trained network with its way to read text.

In: texts. Out: `Scored`. Knows nothing of thresholds or label names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import torch
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
    """The LSTM: views of the text, the shared encoder, a head."""

    def __init__(self, network: IntentNetwork, views: Views, device: torch.device | None = None) -> None:
        self.network = network.eval()
        self.views = views
        self.device = device or torch.device("cpu")

    def score(self, texts: Sequence[str]) -> Scored:
        """See `Scorer`."""
        return score_rows(self.network, self.views.read(texts), self.device)

    def parts(self) -> Parts:
        """See `Scorer`."""
        config = {
            "kind": "lstm",
            "shape": asdict(self.network.encoder.shape),
            "labels": self.network.head.out_features,
            "views": self.views.as_config(),
        }
        return config, dict(self.network.state_dict()), {VOCABULARY: "\n".join(self.views.characters) + "\n"}

    @classmethod
    def load(
        cls, folder: Path, config: Mapping[str, Any], tensors: dict[str, Tensor], files: Mapping[str, bytes]
    ) -> NetworkScorer:
        """The scorer that `parts` described."""
        views = Views.from_config(files[VOCABULARY].decode("utf-8").replace("\n", ""), config["views"])
        network = IntentNetwork(EncoderNetwork(EncoderShape(**config["shape"])), config["labels"])
        load_weights(network, tensors, folder)
        return cls(network, views)


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
