"""Look for better settings of the intent model. In: labelled texts, settings to start from, a budget. Out: the best.

The search space stands here and nowhere else. Each trial trains on the same lines and is measured on the same held-out
ones, so the best figure is a little kind: what it is worth is told by the gate. Results are kept in an SQLite file as
they come; a later call with the same lines goes on. Knows no configuration file and no screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatbot.errors import MissingExtraError, TrainingError
from chatbot.intent.model import corpus_hash
from chatbot.intent.settings import Settings

if TYPE_CHECKING:
    import optuna

Labelled = Sequence[tuple[str, str]]
# (number of the trial, its macro F1, what of its settings differs from those to start from), as trials end.
Told = Callable[[int, float, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` to `high`; whole ones when both are, spread over magnitudes with `log`."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few values."""

    values: tuple[Any, ...]


# Fields of Settings by classifier, and of an LSTM by its encoder: from scratch it has its sizes to choose besides.
SPACE: Mapping[str, Mapping[str, Range | Choice]] = {
    "lstm": {
        "learning_rate": Range(5e-4, 8e-3, log=True),
        "dropout": Range(0.1, 0.6),
        "epochs": Range(6, 20),
        "batch_size": Choice((16, 24, 32, 64, 96)),
        "augment": Choice((True, False)),
    },
    "scratch": {
        "hidden_size": Choice((64, 96, 128, 192)),
        "embedding_size": Choice((64, 96, 128)),
    },
    # A head on an encoder that stays as it is has nothing to choose; whether to go further is tried.
    "pretrained": {"fine_tune": Choice((True,))},
    "kobert": {
        "kobert_learning_rate": Range(1e-5, 1e-4, log=True),
        "kobert_layer_decay": Range(0.8, 1.0),
        "kobert_epochs": Range(2, 8),
        "kobert_batch_size": Choice((16, 32)),
    },
}


@dataclass(frozen=True, slots=True)
class Tuned:
    """The best of all trials so far (`trials` counts earlier calls too), as what differs from the settings to start
    from; its macro F1, and theirs (None when the time was up before they were tried)."""

    best: Mapping[str, Any]
    macro_f1: float
    start: float | None
    trials: int


def space_of(settings: Settings) -> dict[str, Range | Choice]:
    """What there is to choose for a classifier.

    Raises
    ------
    TrainingError
        when it has no settings to choose.
    """
    if settings.classifier not in SPACE:
        raise TrainingError(f"intent.classifier: {settings.classifier} has nothing to tune; allowed: lstm, kobert")
    space = dict(SPACE[settings.classifier])
    if settings.classifier == "lstm":
        space |= SPACE.get(settings.encoder, {})
    return space


def tune(
    train: Labelled,
    held: Labelled,
    settings: Settings,
    storage: Path,
    *,
    trials: int,
    seconds: float | None = None,
    told: Told = lambda number, score, chosen: None,
) -> Tuned:
    """Try up to `trials` more settings, none begun after `seconds`; `settings` themselves come first.

    Raises
    ------
    MissingExtraError
        when optuna is not installed.
    TrainingError
        when the classifier has nothing to tune, or the time was up before one trial ended.
    """
    space = space_of(settings)
    try:
        import optuna
    except ImportError as error:
        raise MissingExtraError("optuna", "tune") from error
    from chatbot.intent.train import train as teach

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage.parent.mkdir(parents=True, exist_ok=True)
    # Trials on other lines say nothing of these: each set of lines is a study of its own.
    name = f"intent {settings.classifier} {settings.encoder} {corpus_hash([*train, *held])}"
    study = optuna.create_study(
        study_name=name,
        storage=f"sqlite:///{storage}",
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=settings.seed, multivariate=True),
        load_if_exists=True,
    )

    # The settings to start from are a trial too, unless an earlier call tried the same.
    own = {key: getattr(settings, key) for key in space}
    begun = any(trial.user_attrs["chosen"] == own for trial in _finished(study))

    def objective(trial: optuna.Trial) -> float:
        nonlocal begun
        chosen = {key: _suggest(trial, key, values) for key, values in space.items()} if begun else own
        begun = True
        _, report = teach(train, validation=held, settings=replace(settings, familiarity=False, **chosen))
        trial.set_user_attr("chosen", chosen)
        told(trial.number, report.macro_f1, _beside(own, chosen))
        return report.macro_f1

    study.optimize(objective, n_trials=trials, timeout=seconds)
    ended = _finished(study)
    if not ended:
        raise TrainingError("tune: no trial ended in time; give it more with --minutes")
    best = max(ended, key=lambda trial: (trial.value, -trial.number))
    start = next((float(trial.value) for trial in ended if trial.user_attrs["chosen"] == own), None)
    return Tuned(_beside(own, best.user_attrs["chosen"]), float(best.value), start, len(ended))


def _beside(own: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What of `chosen` differs from the settings to start from."""
    return {key: value for key, value in chosen.items() if value != own[key]}


def _finished(study: optuna.Study) -> list[Any]:
    return [trial for trial in study.trials if trial.state.name == "COMPLETE"]


def _suggest(trial: optuna.Trial, key: str, values: Range | Choice) -> Any:
    if isinstance(values, Choice):
        return trial.suggest_categorical(key, values.values)
    if isinstance(values.low, int) and isinstance(values.high, int):
        return trial.suggest_int(key, values.low, values.high)
    return trial.suggest_float(key, values.low, values.high, log=values.log)
