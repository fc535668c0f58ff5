"""An LSTM that stays as it was pretrained, and one linear layer on its vectors: taught in less than a second.

In: texts and label numbers. Out: `Scored`. The encoder is the one that retrieval and sentiment ask, so that a message
is encoded once. Over five folds of this project's intents, fused with the linear model: 0.711, on lines that the
encoder had not met 0.683; fine-tuned for half a minute 0.705 and 0.685 (docs/log.md). Knows nothing of thresholds or
label names. Shapes: B batch, D vector, C labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from chatbot.errors import CheckpointError, TrainingError
from chatbot.intent.network import Scored
from chatbot.neural import checkpoint
from chatbot.neural.encoder import SentenceEncoder, shipped

KIND = "head"
# Inverse penalty; 3, 10 and 30 differ by less than 0.01 in the folds above.
_PENALTY = 10.0
_ABSENT = -20.0  # the score of a label without examples

Weights = NDArray[np.float32]


class HeadScorer:
    """One linear layer [D, C] over unit vectors of an encoder that others ask, too."""

    def __init__(self, encoder: SentenceEncoder, weights: Weights, bias: Weights) -> None:
        self.encoder = encoder
        self._weights = weights
        self._bias = bias

    @classmethod
    def train(cls, encoder: SentenceEncoder, rows: Sequence[tuple[str, int]], n_labels: int, seed: int) -> HeadScorer:
        """Multinomial logistic regression, in the precision that a checkpoint keeps.

        Raises
        ------
        TrainingError
            when fewer than two labels have examples.
        """
        from sklearn.linear_model import LogisticRegression

        labels = np.array([label for _, label in rows], dtype=np.int64)
        present = np.unique(labels)
        if len(present) < 2:
            raise TrainingError(f"intent: {len(present)} label with examples; a classifier needs at least two")
        vectors = encoder.encode([text for text, _ in rows])
        fitted = LogisticRegression(C=_PENALTY, max_iter=100, tol=1e-3, random_state=seed).fit(vectors, labels)
        found, intercepts = fitted.coef_, fitted.intercept_
        if len(present) == 2:  # scikit-learn keeps the second of two alone
            found, intercepts = np.vstack([-found, found]) / 2, np.r_[-intercepts, intercepts] / 2
        weights = np.zeros((encoder.dim, n_labels), dtype=np.float32)
        bias = np.full(n_labels, _ABSENT, dtype=np.float32)
        weights[:, present], bias[present] = found.T, intercepts
        return cls(encoder, _halved(weights), _halved(bias))

    def score(self, texts: Sequence[str]) -> Scored:
        """See `scorers.Scorer`."""
        vectors, attention = self.encoder.read(texts)
        return Scored(vectors @ self._weights + self._bias, vectors, attention)

    def parts(self) -> tuple[dict[str, Any], dict[str, Tensor], dict[str, bytes | str]]:
        """See `scorers.Scorer`; the encoder is not copied, its fingerprint is noted."""
        tensors = {"weights": torch.from_numpy(self._weights), "bias": torch.from_numpy(self._bias)}
        return {"kind": KIND, "encoder": self.encoder.fingerprint}, tensors, {}

    @classmethod
    def load(cls, folder: Path, config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> HeadScorer:
        """The head that `parts` described, on the encoder that ships.

        Raises
        ------
        CheckpointError
            when it was taught on another encoder.
        """
        encoder = shipped()
        if config["encoder"] != encoder.fingerprint:
            raise CheckpointError(
                f"{folder / checkpoint.CONFIG}: taught on encoder {config['encoder']}, the one that ships is "
                f"{encoder.fingerprint}; {checkpoint.REMEDY}"
            )
        return cls(encoder, tensors["weights"].numpy(), tensors["bias"].numpy())


def _halved(values: Weights) -> Weights:
    return values.astype(np.float16).astype(np.float32)
