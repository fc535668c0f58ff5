"""Read config.yaml into one typed, validated, frozen value. The only home of default values.

In: a YAML file, environment overrides (``CHATBOT__SECTION__KEY``), secrets from the environment or ``.env``.
Out: a `Config`. Knows nothing of models; imported by app, cli and scripts alone.
"""

from __future__ import annotations

import difflib
import typing
from pathlib import Path
from typing import Any, ClassVar, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

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
    hidden_size: Positive = 128
    embedding_size: Positive = 96
    dropout: Probability = 0.3
    epochs: Positive = 30
    batch_size: Positive = 64
    learning_rate: float = Field(2e-3, gt=0)
    patience: Positive = 5


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
    attention: Literal["additive", "multiplicative"] = "additive"
    embedding_size: Positive = 192
    hidden_size: Positive = 320
    dropout: Probability = 0.2
    input_feeding: bool = False
    coverage: bool = False
    history_turns: int = Field(0, ge=0, le=6)
    style_tokens: bool = True
    epochs: Positive = 20
    batch_size: Positive = 64
    learning_rate: float = Field(2e-3, gt=0)
    label_smoothing: Probability = 0.1
    scheduled_sampling: Probability = 0.1
    patience: Positive = 3


class SearchConfig(Section):
    strategy: Literal["beam", "greedy", "sample"] = "beam"
    beam_size: Positive = 5
    min_length: int = Field(2, ge=0)
    max_length: Positive = 40
    length_penalty: float = Field(0.7, ge=0)
    block_ngram: int = Field(3, ge=0)
    temperature: float = Field(0.8, gt=0)
    top_p: float = Field(0.9, gt=0, le=1)
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
    messages_per_minute: Positive = 20
    queue_size: Positive = 256
    workers: Positive = 2
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
    """Everything config.yaml may hold. `home` is the folder that relative paths start from."""

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
