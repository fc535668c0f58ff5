"""How an utterance feels, from -1 (bad) to 1 (good): one linear layer on the shared sentence encoder.

In: preprocessed texts. Out: a number a text. Knows nothing of tone, replies or intents. Shapes: B batch, D vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from chatbot.errors import CheckpointError, TrainingError
from chatbot.neural import checkpoint
from chatbot.neural.encoder import SentenceEncoder

KIND, FORMAT = "sentiment", 1


class Sentiment:
    """The head and the encoder it was trained on."""

    def __init__(self, encoder: SentenceEncoder, weights: NDArray[np.float32], bias: float) -> None:
        self._encoder = encoder
        self._weights = weights
        self._bias = bias

    def score(self, texts: Sequence[str]) -> list[float]:
        """-1 … 1 a text: twice the calibrated probability of being good, minus one; 0 for a text that is empty."""
        if not texts:
            return []
        logits = self._encoder.encode(texts) @ self._weights + self._bias
        return [float(np.tanh(logit / 2)) if text.strip() else 0.0 for text, logit in zip(texts, logits, strict=True)]

    @classmethod
    def train(cls, encoder: SentenceEncoder, examples: Sequence[tuple[str, int]], seed: int = 13) -> Sentiment:
        """Logistic regression over frozen vectors; examples are (preprocessed text, 1 good or 0 bad).

        Raises
        ------
        TrainingError
            when only one of the two classes has examples.
        """
        from sklearn.linear_model import LogisticRegression

        labels = [label for _, label in examples]
        if set(labels) != {0, 1}:
            raise TrainingError(f"sentiment: labels are {sorted(set(labels))}; both 0 (bad) and 1 (good) are needed")
        vectors = encoder.encode([text for text, _ in examples])
        fitted = LogisticRegression(C=10.0, max_iter=200, random_state=seed).fit(vectors, labels)
        weights = fitted.coef_[0].astype(np.float16).astype(np.float32)
        return cls(encoder, weights, round(float(fitted.intercept_[0]), 4))

    def save(self, folder: Path, files: dict[str, bytes | str] | None = None) -> None:
        """Write the head as a checkpoint folder; the encoder is not copied, its fingerprint is noted."""
        config = {"kind": KIND, "format": FORMAT, "encoder": self._encoder.fingerprint, "bias": self._bias}
        checkpoint.save(folder, {"weights": torch.from_numpy(self._weights)}, config, files, half=True)

    @classmethod
    def load(cls, folder: Path, encoder: SentenceEncoder | None = None) -> Sentiment:
        """The head of a folder on `encoder`, or on the one in the folder ``encoder`` beside it.

        Raises
        ------
        CheckpointError
            when a folder is missing or damaged, or the head was trained on another encoder.
        """
        tensors, config = checkpoint.load(folder)
        checkpoint.agree(folder, config, kind=KIND, format=FORMAT)
        used = encoder or SentenceEncoder.load(folder.parent / "encoder")
        if config["encoder"] != used.fingerprint:
            raise CheckpointError(
                f"{folder / checkpoint.CONFIG}: trained on encoder {config['encoder']}, this one is "
                f"{used.fingerprint}; run scripts/pretrain_encoder.py --sentiment-only"
            )
        return cls(used, tensors["weights"].numpy(), float(config["bias"]))
