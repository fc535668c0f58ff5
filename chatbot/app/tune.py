"""Look for better settings, from config: the corpus and the settings in use in, the best settings out.

Results are kept in ``paths.data/tune.db``. Heavy parts load when a trial begins.
"""

from __future__ import annotations

import difflib
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chatbot import config as configuration
from chatbot.app.parts import ENCODER, analyzer, preprocessor, words
from chatbot.config import Loaded
from chatbot.corpus import read_corpus
from chatbot.errors import ConfigError
from chatbot.training.versions import write_atomic

if TYPE_CHECKING:
    from chatbot.intent.tune import Told, Tuned

STORAGE = "tune.db"


def tune_intent(loaded: Loaded, *, trials: int, minutes: float | None, told: Told) -> Tuned:
    """Try settings of the intent model on the corpus in use; `minutes` bounds when a trial may begin."""
    from chatbot.intent.settings import Settings
    from chatbot.intent.tune import tune
    from chatbot.training.rows import labelled, split
    from chatbot.training.trainers import intent_settings

    config = loaded.config
    corpus = read_corpus(loaded.corpus_dir)
    lexicon = loaded.corpus_dir / "lexicon"
    morphemes = analyzer(config.text.analyzer, lexicon)
    examples = labelled(corpus.intents, preprocessor(config, lexicon, morphemes))
    train, held = split(examples, config.training.held_out)
    start = Settings(
        **intent_settings(config.intent.model_dump()),
        encoder_folder=ENCODER,
        words=words(morphemes),
        seed=config.training.seed,
        device=config.device,
    )
    seconds = None if minutes is None else minutes * 60
    return tune(train, held, start, loaded.data_dir / STORAGE, trials=trials, seconds=seconds, told=told)


def as_keys(best: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as keys of config.yaml: learning_rate → intent.lstm.learning_rate."""
    keys = {}
    for name, value in best.items():
        value = float(f"{value:.3g}") if isinstance(value, float) else value
        if name == "augment":
            keys["intent.augment"] = value
        elif name.startswith("kobert_"):
            keys[f"intent.kobert.{name.removeprefix('kobert_')}"] = value
        else:
            keys[f"intent.lstm.{name}"] = value
    return keys


def write_keys(loaded: Loaded, keys: Mapping[str, Any]) -> str:
    """Put values into config.yaml, comments and order kept; the diff.

    Raises
    ------
    ConfigError
        when no config.yaml is in use, or it would not be valid.
    """
    from ruamel.yaml import YAML

    if loaded.path is None:
        raise ConfigError("there is no config.yaml to write to; copy it from the repository, or use --config FILE")
    before = loaded.path.read_text(encoding="utf-8")
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    # An empty value and `null` mean the same; people see what they wrote.
    yaml.representer.add_representer(
        type(None), lambda self, _: self.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    tree = yaml.load(before) or {}
    for key, value in keys.items():
        *sections, name = key.split(".")
        branch = tree
        for section in sections:
            branch = branch.setdefault(section, {})
        branch[name] = value
    stream = io.StringIO()
    yaml.dump(tree, stream)
    after = stream.getvalue()
    trial = loaded.path.with_name(f".{loaded.path.name}.trial")
    try:
        write_atomic(trial, after)
        configuration.load(trial)
    finally:
        trial.unlink(missing_ok=True)
    write_atomic(loaded.path, after)
    return "".join(difflib.unified_diff(before.splitlines(True), after.splitlines(True), "before", str(loaded.path)))
