"""Everything the training of an intent model may be told, and what the data decides otherwise.

Knows nothing of models.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chatbot.errors import TrainingError
from chatbot.neural.meanings import Words

CLASSIFIERS = ("lstm", "kobert", "linear")
ENCODERS = ("pretrained", "scratch")
# Above so many examples steps are larger and one network speaks alone, for time's sake. It reads letters: where
# examples are many they tell what the linear model's morphemes do not (3i4K, 8,000 rows, 3,000 apart: linear
# 0.881, with a network of letters 0.888, of morphemes 0.885). Below, morphemes (small talk, 800 rows apart:
# linear 0.848, with two networks of letters 0.860, of morphemes 0.864 in half the time; MASSIVE, 6,000 rows,
# 2,300 apart: 0.822, with one of letters 0.821, of morphemes 0.832).
# Small talk, own split, seed 13, fused: morphemes 0.875, letters 0.885 in five times as long (590 rows, standard error
# 1.3 points), letters and 2,000 subwords 0.880: subwords are not read unless asked for.
LARGE = 30_000
MEDIUM = 6000  # above so many, a second recurrent layer brings nothing
SMALL = 1000  # below so many, steps are smaller

_SEEN = 90_000  # texts a training shows at most, repeats included, before the bounds below (docs/log.md)
_EPOCHS = (4, 20)
_MEMBERS = 2
_AGREEMENT = 1.0  # one network, with the linear model: small talk 0.854 -> 0.868, MASSIVE (6,000 rows) 0.829 -> 0.832
# The same for an encoder that knows Korean already: ten epochs over small talk's train part gave what six give.
_SEEN_TUNING = 24_000
_EPOCHS_TUNING = (6, 30)
# The shipped encoder has met this project's lines and small talk's train part with their labels, so lines held out of
# them say nothing of the network's worth: over small talk's it got all the weight, and dev 0.863; at 0.1, 0.15, 0.2,
# 0.25, 0.35 of the linear model's weight 0.900, 0.900, 0.895, 0.893, 0.888 (the linear model alone: 0.886). Where the
# encoder has met nothing (8 examples an intent of MASSIVE's train part, 2 draws) 0.619 at 0.15, 0.621 with what fits.
_MET = 0.15


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything `train` may be told, flat. None lets the data decide.

    With `fallback` an LSTM is taught in place of a KoBERT that cannot be loaded, and the model's note says so. What is
    pretrained (`encoder_folder`, the meanings of `words`) is used with `encoder` "pretrained" alone. Without `words`
    the linear model reads no morphemes. A pretrained encoder stays as it is, and a head is taught on its vectors, but
    with `fine_tune`. Where teaching takes seconds, all examples teach, and `folds` trainings without a part of them
    calibrate; 0: a tenth of them is held out. With `subwords`, so many at most, a network from scratch reads letters
    and the subwords they stand in.
    """

    classifier: str = "lstm"
    encoder: str = "scratch"
    encoder_folder: Path | None = None
    words: Words | None = None
    seed: int = 13
    augment: bool = True
    device: str = "auto"
    threshold: float | None = None
    margin: float | None = None
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float = 2e-3
    patience: int = 8
    embedding_size: int = 96
    hidden_size: int = 128
    dropout: float = 0.4
    view_dropout: float = 0.3
    layers: int | None = None
    subwords: int = 0
    fine_tune: bool = False
    folds: int = 4
    members: int | None = None
    familiarity: bool = True
    kobert_model: str = "skt/kobert-base-v1"
    kobert_frozen: bool = False
    kobert_freeze_layers: int = 0
    kobert_epochs: int = 5
    kobert_batch_size: int = 32
    kobert_accumulate: int = 1
    kobert_learning_rate: float = 5e-5
    kobert_layer_decay: float = 0.95
    fallback: bool = False

    @property
    def head_alone(self) -> bool:
        """Whether only a head is taught, on an encoder that stays as it is."""
        return self.classifier == "lstm" and self.encoder == "pretrained" and not self.fine_tune

    @property
    def quick(self) -> bool:
        """Whether a training takes seconds, so that several may be had to calibrate one."""
        return self.classifier == "linear" or self.head_alone

    @property
    def network_share(self) -> float | None:
        """How much the network may weigh in the fusion at most, as a share of the linear model; none: what fits."""
        return _MET if self.encoder == "pretrained" and self.classifier == "lstm" else None

    def check(self) -> None:
        """Raises TrainingError on a classifier or encoder that does not exist."""
        if self.classifier not in CLASSIFIERS:
            raise TrainingError(f"intent.classifier: {self.classifier!r}; allowed: {', '.join(CLASSIFIERS)}")
        if self.encoder not in ENCODERS:
            raise TrainingError(f"intent.encoder: {self.encoder!r}; allowed: {', '.join(ENCODERS)}")
        if self.encoder == "pretrained" and self.classifier == "lstm" and self.encoder_folder is None:
            raise TrainingError("intent.encoder: pretrained needs the folder of an encoder; none was given")


def epochs_for(count: int, encoder: str = "scratch") -> int:
    """Epochs at most for so many examples: small sets need many, large ones few, a pretrained encoder fewer."""
    seen, bounds = (_SEEN_TUNING, _EPOCHS_TUNING) if encoder == "pretrained" else (_SEEN, _EPOCHS)
    return int(np.clip(seen // max(count, 1), *bounds))


def members_for(count: int, encoder: str = "scratch") -> int:
    """Networks that vote: several where examples are few enough to teach them in minutes, each from its own dice."""
    return _MEMBERS if count <= (SMALL if encoder == "pretrained" else LARGE) else 1


def agreement_for(count: int, encoder: str = "scratch") -> float:
    """How much two passes have to agree: it takes as long again, which a pretrained encoder does without."""
    return _AGREEMENT if encoder == "scratch" and count <= LARGE else 0.0


def layers_for(count: int) -> int:
    """Recurrent layers of an encoder taught from scratch: a second one costs more than it brings on many examples."""
    return 2 if count <= MEDIUM else 1


def batch_size_for(count: int) -> int:
    """Rows a step: enough steps for a handful of examples, few enough for a large set."""
    if count < SMALL:
        return 24
    return 64 if count <= LARGE else 128
