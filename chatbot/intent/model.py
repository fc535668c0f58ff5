"""The intent model: a network fused with the linear floor, calibrated, that knows what it does not know.

In: labelled, preprocessed texts to learn from; utterances to classify. Out: `IntentScores`, a checkpoint folder. The
network reads morphemes (`neural/morpheme_views.py`) or, where its encoder is pretrained, syllables, jamo, hashed
character n-grams and parts of words (`neural/views.py`), the linear model character n-grams and morphemes, with what
these mean where that was pretrained (`linear.py`). Knows nothing of replies, configuration or corpus format.
Shapes: B batch, N remembered lines, D vector, C labels.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chatbot.errors import CheckpointError
from chatbot.intent import stored
from chatbot.intent.calibrate import Calibration
from chatbot.intent.familiarity import Familiarity, signs_of
from chatbot.intent.fusion import Fusion
from chatbot.intent.linear import LinearModel, unit
from chatbot.intent.network import Progress, Scored
from chatbot.intent.scorers import Scorer, load_scorer
from chatbot.intent.slips import Slips
from chatbot.intent.spacing import Spacing
from chatbot.neural import checkpoint
from chatbot.neural.meanings import Words
from chatbot.neural.views import words_of
from chatbot.text.kiwi import KiwiAnalyzer
from chatbot.types import IntentScore, IntentScores, Utterance

if TYPE_CHECKING:
    from chatbot.intent.train import TrainingReport

KIND, FORMAT = "intent", 1
LABELS, EXAMPLES = "labels.json", "examples.json"
NEAREST = 3
WEIGHED = 5


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything the model says of B texts: probabilities, familiarity, likeness to what it remembers, attention, and
    what each part of the fusion scores by itself."""

    probabilities: NDArray[np.float64]  # [B, C]
    known: NDArray[np.float64]  # [B]
    similarities: NDArray[np.float32]  # [B, N]
    attention: tuple[NDArray[np.float32], ...]
    parts: Mapping[str, NDArray[np.float32]]  # [B, C] each


@dataclass(frozen=True)
class Memory:
    """Training lines kept with their vectors, for distance and for `/why`."""

    texts: tuple[str, ...]
    labels: tuple[int, ...]
    vectors: NDArray[np.float32]  # [N, D], unit rows

    def similarities(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """[B, N] cosines."""
        result: NDArray[np.float32] = vectors @ self.vectors.T
        return result


@dataclass(frozen=True)
class IntentModel:
    """A trained classifier behind the `IntentClassifier` seam. `scorer` is none when the linear model speaks alone.

    `note` says in a sentence what a person should know about this model (a fallback that happened), else it is empty.
    """

    labels: tuple[str, ...]
    classifier: str
    scorer: Scorer | None
    linear: LinearModel
    fusion: Fusion
    familiarity: Familiarity
    memory: Memory
    threshold: float
    margin: float
    corpus_hash: str = ""
    note: str = ""
    spacing: Spacing = field(default_factory=Spacing.none)
    slips: Slips = field(default_factory=Slips.none)
    calibration: Calibration = field(default_factory=Calibration)

    @classmethod
    def train(
        cls,
        examples: Sequence[tuple[str, str]],
        *,
        validation: Sequence[tuple[str, str]] | None = None,
        test: Sequence[tuple[str, str]] | None = None,
        progress: Progress | None = None,
        **settings: Any,
    ) -> tuple[IntentModel, TrainingReport]:
        """Teach a model as `chatbot.intent.train.train` does; `settings` are the fields of its `Settings` by name.

        Raises
        ------
        TrainingError
            when a setting is unknown, or fewer than two intents have examples.
        """
        from chatbot.intent.settings import Settings
        from chatbot.intent.train import train

        return train(examples, validation=validation, test=test, settings=Settings(**settings), progress=progress)

    def judge(self, texts: Sequence[str]) -> Judged:
        """Probabilities and familiarity of preprocessed texts, in their order."""
        texts = [self.typed(text) for text in texts]
        found = self.linear.tfidf.find(texts)
        linear = self.linear.scores(texts, found)
        scored = self.scorer.score(texts) if self.scorer else None
        fused = self.fusion.scores(parts_of(scored, linear))
        probabilities = self.calibration.probabilities(fused)
        vectors = scored.vectors if scored else unit(linear)
        similarities = self.memory.similarities(vectors)
        coverage = self.linear.tfidf.coverage(found, self.familiarity.graded)
        signs = signs_of(probabilities, fused, nearest(similarities), linear, coverage)
        attention = scored.attention if scored else ()
        parts = {"linear": linear} if scored is None else {"network": scored.logits, "linear": linear}
        return Judged(probabilities, self.familiarity.known(signs), similarities, attention, parts)

    def typed(self, text: str) -> str:
        """The text as the training texts would have it typed."""
        analyzer = self.linear.words.words.analyzer if self.linear.words else None
        likelihood = analyzer.likelihood if isinstance(analyzer, KiwiAnalyzer) else None
        return self.slips.mend(self.spacing.space(text), likelihood)

    def rate(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(probabilities [B, C], familiarity [B]) of preprocessed texts."""
        judged = self.judge(texts)
        return judged.probabilities, judged.known

    def classify(self, utterances: Sequence[Utterance]) -> list[IntentScores]:
        """Calibrated scores of each utterance, best first; an empty utterance has none."""
        spoken = [utterance.text for utterance in utterances if not utterance.empty]
        judged = self.judge(spoken) if spoken else None
        results, place = [], 0
        for utterance in utterances:
            if utterance.empty or judged is None:
                results.append(IntentScores((), self.threshold, self.margin, known=0.0))
                continue
            results.append(self._scores(utterance.text, judged, place))
            place += 1
        return results

    def _scores(self, text: str, judged: Judged, place: int) -> IntentScores:
        probabilities, known = judged.probabilities[place], float(judged.known[place])
        order = np.argsort(-probabilities, kind="stable")
        ranked = tuple(IntentScore(self.labels[n], float(probabilities[n])) for n in order)
        near = greatest(judged.similarities[place], NEAREST)
        nearest = tuple(
            (self.memory.texts[n], self.labels[self.memory.labels[n]], float(judged.similarities[place, n]))
            for n in near
        )
        familiar = known >= self.familiarity.threshold
        accepted = familiar and ranked[0].probability >= self.threshold
        weights = weigh_words(self.spacing.space(text), judged.attention[place]) if judged.attention else ()
        return IntentScores(ranked, self.threshold, self.margin, known, accepted, nearest, weights, familiar)

    def save(self, folder: Path) -> None:
        """Write the model as a checkpoint folder; weights are rounded already, so loading changes nothing."""
        tensors = stored.pack(self.linear, self.memory.vectors, self.spacing, self.slips)
        block = self.linear.words
        files: dict[str, bytes | str] = {
            LABELS: json.dumps(self.labels, ensure_ascii=False, indent=1) + "\n",
            EXAMPLES: json.dumps([self.memory.texts, self.memory.labels], ensure_ascii=False) + "\n",
        }
        config: dict[str, Any] = {
            "kind": KIND,
            "format": FORMAT,
            "classifier": self.classifier,
            "views": list(self.linear.tfidf.views),
            "words": {"meanings": block.words.fingerprint} if block else None,
            "fusion": list(self.fusion.weights),
            "calibration": [self.calibration.stretch, self.calibration.bend],
            "familiarity": self.familiarity.as_config(),
            "threshold": self.threshold,
            "margin": self.margin,
            "corpus_hash": self.corpus_hash,
            "note": self.note,
            "spacing": self.spacing.bias,
            "scorer": None,
        }
        if self.scorer is not None:
            config["scorer"], parts, extra = self.scorer.parts()
            tensors.update({f"scorer.{name}": tensor for name, tensor in parts.items()})
            files.update(extra)
        checkpoint.save(folder, tensors, config, files, half=True)

    @classmethod
    def load(cls, folder: Path, words: Words | None = None) -> IntentModel:
        """The model of a folder. One that reads morphemes asks `words`, or loads a Kiwi of its own.

        Raises
        ------
        CheckpointError
            when the folder is missing, damaged, of another kind, or its parts do not agree.
        """
        tensors, config = checkpoint.load(folder)
        checkpoint.agree(folder, config, kind=KIND, format=FORMAT)
        files = checkpoint.read_verified(folder)
        try:
            labels = tuple(json.loads(files[LABELS]))
            texts, numbers = json.loads(files[EXAMPLES])
            arrays = {name: tensors[name].numpy() for name in tensors if not name.startswith("scorer.")}
            linear = stored.linear(folder, config, arrays, words)
            model = cls(
                labels=labels,
                classifier=config["classifier"],
                scorer=load_scorer(folder, config["scorer"], tensors, files, linear.words),
                linear=linear,
                fusion=Fusion(tuple(config["fusion"])),
                familiarity=Familiarity.from_config(config["familiarity"]),
                memory=Memory(tuple(texts), tuple(numbers), arrays["memory.vectors"]),
                threshold=config["threshold"],
                margin=config["margin"],
                corpus_hash=config["corpus_hash"],
                note=config["note"],
                spacing=stored.spacing(arrays, config),
                slips=stored.slips(arrays),
                calibration=Calibration(*config.get("calibration", ())),  # earlier versions have none
            )
        except (KeyError, ValueError) as error:
            raise CheckpointError(f"{folder}: {error} is missing or malformed; {checkpoint.REMEDY}") from error
        _check(model, folder)
        return model


def parts_of(scored: Scored | None, linear: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """What the fusion weighs, in its order."""
    return [linear] if scored is None else [scored.logits, linear]


def nearest(similarities: NDArray[np.float32]) -> NDArray[np.float32]:
    """[B]: the greatest cosine of each row of [B, N]."""
    greatest: NDArray[np.float32] = similarities.max(axis=1, initial=-1.0)
    return greatest


def greatest(values: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """The places of the `count` greatest of many numbers, greatest first; of equal ones the first."""
    edge = np.partition(values, -count)[-count] if len(values) > count else values.min(initial=0.0)
    places = np.flatnonzero(values >= edge)
    order: NDArray[np.int64] = places[np.argsort(-values[places], kind="stable")][:count]
    return order


def weigh_words(text: str, attention: NDArray[np.float32]) -> tuple[tuple[str, float], ...]:
    """The words that attention weighed most, with their share, most weighed first."""
    spans = words_of(text, len(attention))
    shares = [(word, float(attention[start:end].sum())) for word, start, end in spans]
    return tuple(sorted(shares, key=lambda pair: -pair[1])[:WEIGHED])


def corpus_hash(examples: Sequence[tuple[str, str]]) -> str:
    """16 hexadecimal digits over the labelled lines, in any order."""
    digest = hashlib.sha256()
    for text, label in sorted(examples):
        digest.update(f"{label}\t{text}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def _check(model: IntentModel, folder: Path) -> None:
    """The parts of a checkpoint must speak of the same labels."""
    count = len(model.labels)
    sizes = {"linear.weights": model.linear.weights.shape[1], "linear.bias": len(model.linear.bias)}
    for name, size in sizes.items():
        if size != count:
            raise CheckpointError(f"{folder / LABELS}: {count} labels, but {name} has {size}; {checkpoint.REMEDY}")
    if len(model.memory.texts) != len(model.memory.vectors):
        raise CheckpointError(f"{folder / EXAMPLES}: lines and vectors differ in number; {checkpoint.REMEDY}")
