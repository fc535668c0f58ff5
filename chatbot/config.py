"""Read config.yaml into one typed, validated, frozen value. The only home of default values.

In: a YAML file, environment overrides (``CHATBOT__SECTION__KEY``), secrets from the environment or ``.env``.
Out: a `Config`. Knows nothing of models; imported by app, cli and scripts alone.
"""

from __future__ import annotations

import difflib
import os
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import platformdirs
import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from chatbot.errors import ConfigError

ENV_PREFIX = "CHATBOT__"

Probability = typing.Annotated[float, Field(ge=0.0, le=1.0)]
Positive = typing.Annotated[int, Field(gt=0)]


class Section(BaseModel):
    """A block of config.yaml: unknown keys are refused, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BotConfig(Section):
    name: str = Field("도담", min_length=1, max_length=20)
    speech_level: Literal["haeyo", "hapsyo", "hae"] = "haeyo"


class PathsConfig(Section):
    corpus: Path = Path("corpus")
    models: Path = Path("models")
    data: Path = Path("data")


class TextConfig(Section):
    analyzer: Literal["kiwi", "okt", "komoran", "hannanum", "kkma", "mecab"] = "kiwi"
    max_length: Positive = 1000
    repair_typing: bool = True
    subword_vocab_size: Positive = 8000


class LSTMConfig(Section):
    fine_tune: bool = False
    hidden_size: Positive = 128
    embedding_size: Positive = 96
    dropout: Probability = 0.4
    subwords: int = Field(0, ge=0)
    epochs: Positive | None = None
    batch_size: Positive | None = None
    learning_rate: float = Field(2e-3, gt=0)
    patience: Positive = 8


class KoBERTConfig(Section):
    model: str = "skt/kobert-base-v1"
    frozen: bool = False
    freeze_layers: int = Field(0, ge=0)
    epochs: Positive = 5
    batch_size: Positive = 32
    accumulate: Positive = 1
    learning_rate: float = Field(5e-5, gt=0)
    layer_decay: float = Field(0.95, gt=0, le=1)


class IntentConfig(Section):
    classifier: Literal["lstm", "kobert", "linear"] = "lstm"
    encoder: Literal["pretrained", "scratch"] = "pretrained"
    threshold: Probability | None = None
    margin: Probability | None = None
    augment: bool = True
    lstm: LSTMConfig = LSTMConfig()
    kobert: KoBERTConfig = KoBERTConfig()


class RetrievalConfig(Section):
    top_k: Positive = 5
    threshold: Probability | None = None
    flat_limit: Positive = 50_000
    stale_days: Positive = 30


class Seq2SeqConfig(Section):
    cell: Literal["gru", "lstm"] = "gru"
    attention: Literal["additive", "multiplicative"] = "multiplicative"
    embedding_size: Positive = 192
    hidden_size: Positive = 320
    dropout: Probability = 0.3
    input_feeding: bool = False
    coverage: bool = False
    history_turns: int = Field(0, ge=0, le=6)
    style_tokens: bool = True
    epochs: Positive = 10
    batch_size: Positive = 64
    learning_rate: float = Field(3e-3, gt=0)
    label_smoothing: Probability = 0.1
    scheduled_sampling: Probability = 0.0
    patience: Positive = 2


class SearchConfig(Section):
    strategy: Literal["beam", "greedy", "sample"] = "beam"
    beam_size: Positive = 3
    min_length: int = Field(2, ge=0)
    max_length: Positive = 40
    length_penalty: float = Field(0.7, ge=0)
    block_ngram: int = Field(3, ge=0)
    temperature: float = Field(0.7, gt=0)
    top_p: float = Field(1.0, gt=0, le=1)
    votes: int = Field(24, ge=0)
    time_limit_ms: Positive = 400


class CausalLMConfig(Section):
    model: str = "skt/kogpt2-base-v2"
    max_new_tokens: Positive = 48


class ResponderConfig(Section):
    kind: Literal["seq2seq", "causal_lm", "off"] = "seq2seq"
    threshold: Probability | None = None
    seq2seq: Seq2SeqConfig = Seq2SeqConfig()
    search: SearchConfig = SearchConfig()
    causal_lm: CausalLMConfig = CausalLMConfig()


class DialogueConfig(Section):
    history_turns: Positive = 6
    clarify_choices: int = Field(3, ge=2, le=5)
    learn_reply_choice: bool = True


class StoreConfig(Section):
    url: str = ""
    retention_days: int = Field(365, ge=0)


class TelegramWebhookConfig(Section):
    url: str = ""
    listen: str = "127.0.0.1"
    port: int = Field(8443, ge=1, le=65535)
    path: str = "telegram"
    certificate: Path | None = None
    key: Path | None = None


class TelegramConfig(Section):
    api_url: str = "https://api.telegram.org/bot"
    allowed_chats: tuple[int, ...] = ()
    allowed_users: tuple[int, ...] = ()
    messages_per_minute: Positive = 40
    sends_per_second: int = Field(30, ge=0)
    queue_size: Positive = 256
    workers: Positive = 16
    processes: Positive = 1
    webhook: TelegramWebhookConfig = TelegramWebhookConfig()


class CrawlConfig(Section):
    user_agent: str = "korean-chatbot/0.1 (+{contact})"
    contact: str = ""
    concurrency: Positive = 8
    delay_seconds: float = Field(1.0, ge=0)
    timeout_seconds: float = Field(20.0, gt=0)
    retries: int = Field(3, ge=0)
    max_redirects: int = Field(5, ge=0)
    max_bytes: Positive = 5_000_000
    allow_private: bool = False
    languages: tuple[str, ...] = ("ko",)
    min_chars: Positive = 100


class TrainingConfig(Section):
    seed: int = 13
    held_out: float = Field(0.15, gt=0, lt=0.5)
    log: Literal["none", "csv", "tensorboard"] = "none"


class Config(Section):
    """Everything config.yaml may hold."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    bot: BotConfig = BotConfig()
    paths: PathsConfig = PathsConfig()
    text: TextConfig = TextConfig()
    intent: IntentConfig = IntentConfig()
    retrieval: RetrievalConfig = RetrievalConfig()
    responder: ResponderConfig = ResponderConfig()
    dialogue: DialogueConfig = DialogueConfig()
    store: StoreConfig = StoreConfig()
    telegram: TelegramConfig = TelegramConfig()
    crawl: CrawlConfig = CrawlConfig()
    training: TrainingConfig = TrainingConfig()


class Secrets(BaseSettings):
    """What must never lie in config.yaml: read from the environment or ``.env`` alone, hidden in every repr."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    telegram_bot_token: SecretStr | None = None
    telegram_webhook_secret: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A validated config with where it came from. `home` is the folder that relative paths start from."""

    config: Config
    home: Path
    path: Path | None

    @property
    def corpus_dir(self) -> Path:
        """The corpus in use: the user's, else the one that ships with the package."""
        mine = self.home / self.config.paths.corpus
        return mine if mine.is_dir() else packaged("corpus")

    @property
    def models_dir(self) -> Path:
        return self.home / self.config.paths.models

    @property
    def data_dir(self) -> Path:
        return self.home / self.config.paths.data

    @property
    def store_url(self) -> str:
        """An SQLAlchemy URL; SQLite under `paths.data` unless `store.url` names another."""
        return self.config.store.url or f"sqlite:///{self.data_dir / 'chatbot.db'}"


def packaged(name: str) -> Path:
    """A default that ships with the package: from the wheel, or from the checkout it runs in."""
    package = Path(__file__).resolve().parent
    inside = package / "default" / name
    return inside if inside.exists() else package.parent / name


def find() -> Path | None:
    """The config in use: ``$CHATBOT_CONFIG``, else ``config.yaml`` in the working folder, else none."""
    named = os.environ.get("CHATBOT_CONFIG")
    if named:
        return Path(named)
    here = Path("config.yaml")
    return here if here.is_file() else None


def load(path: Path | str | None = None) -> Loaded:
    """Read and validate the configuration.

    Without a file the packaged defaults hold, and trained models and conversations lie in the user's data folder.

    Raises
    ------
    ConfigError
        when the file is missing, is not YAML, or a key or value is wrong (names the key's path and what is allowed).
    """
    chosen = Path(path) if path is not None else find()
    if chosen is None:
        home = Path(platformdirs.user_data_dir("korean-chatbot"))
        return Loaded(_validate({}, "the packaged defaults"), home, None)
    values = _read_yaml(chosen)
    return Loaded(_validate(values, str(chosen)), chosen.resolve().parent, chosen)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}; copy config.yaml from the repository") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8; save it as UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: not YAML: {error.problem}") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: expected sections ({', '.join(Config.model_fields)})")
    return values


def _validate(values: dict[str, Any], where: str) -> Config:
    overrides = _environment()
    try:
        return Config.model_validate(_merge(values, overrides))
    except ValidationError as error:
        blamed = [_explain(item, _from_environment(item["loc"], overrides) or where) for item in error.errors()]
        raise ConfigError("\n".join(blamed)) from error


def _from_environment(location: tuple[int | str, ...], overrides: dict[str, Any]) -> str | None:
    """The environment variable that set the value at `location`; None when it stands in the file."""
    branch: Any = overrides
    for depth, part in enumerate(location):
        if not isinstance(branch, dict) or part not in branch:
            return None
        branch = branch[part]
        if not isinstance(branch, dict):
            return ENV_PREFIX + "__".join(str(key).upper() for key in location[: depth + 1])
    return None


def _environment() -> dict[str, Any]:
    """``CHATBOT__INTENT__LSTM__EPOCHS=3`` as {"intent": {"lstm": {"epochs": 3}}}; values are read as YAML."""
    tree: dict[str, Any] = {}
    for name, value in os.environ.items():
        if not name.startswith(ENV_PREFIX):
            continue
        *sections, key = name.removeprefix(ENV_PREFIX).lower().split("__")
        branch = tree
        for section in sections:
            branch = branch.setdefault(section, {})
            if not isinstance(branch, dict):
                raise ConfigError(f"{name}: {section} is set twice, as a value and as a section")
        try:
            branch[key] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise ConfigError(f"{name}: {value!r} is not a YAML value") from error
    return tree


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _explain(item: ErrorDetails, where: str) -> str:
    """One pydantic error as ``config.yaml: a.b.c: what is wrong; the remedy``."""
    location = [str(part) for part in item["loc"]]
    dotted = ".".join(location)
    if item["type"] != "extra_forbidden":
        given = "" if isinstance(item["input"], dict) else f", found {item['input']!r}"
        return f"{where}: {dotted}: {item['msg'].lower()}{given}"
    if any(word in location[-1].lower() for word in ("token", "secret", "password")):
        return f"{where}: {dotted}: secrets do not belong here; set TELEGRAM_BOT_TOKEN in the environment or in .env"
    allowed = _keys_at(location[:-1])
    close = difflib.get_close_matches(location[-1], allowed, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"{where}: {dotted}: unknown key (allowed here: {', '.join(allowed)}){hint}"


def _keys_at(location: list[str]) -> list[str]:
    section: type[BaseModel] = Config
    for part in location:
        annotation = section.model_fields[part].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return []
        section = annotation
    return list(section.model_fields)
