"""config.yaml: every key commented, defaults equal, mistakes named with their path, secrets kept out."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from chatbot import config
from chatbot.errors import ConfigError


def keys(model: type[BaseModel], prefix: str = "") -> list[str]:
    found = []
    for name, field in model.model_fields.items():
        nested = field.annotation
        if isinstance(nested, type) and issubclass(nested, BaseModel):
            found += keys(nested, f"{prefix}{name}.")
        else:
            found.append(prefix + name)
    return found


def lookup(tree: dict, dotted: str):
    for part in dotted.split("."):
        tree = tree[part]
    return tree


def test_shipped_file_names_every_key_with_its_default(root: Path) -> None:
    shipped = config.load(root / "config.yaml").config
    assert shipped == config.Config()
    tree = yaml.safe_load((root / "config.yaml").read_text(encoding="utf-8"))
    for dotted in keys(config.Config):
        lookup(tree, dotted)  # KeyError names the key that the file forgot


def test_every_key_has_a_comment(root: Path) -> None:
    for line in (root / "config.yaml").read_text(encoding="utf-8").splitlines():
        name, _, rest = line.strip().partition(":")
        is_section = rest.strip() == "" or rest.strip().startswith("#")
        if line.strip() and not line.strip().startswith("#") and not is_section:
            assert "# " in rest, f"{name}: no comment"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("intent: {lstm: {hiden_size: 3}}", ["intent.lstm.hiden_size", "did you mean hidden_size?"]),
        ("intnet: {}", ["intnet", "did you mean intent?"]),
        ("intent: {threshold: 1.5}", ["intent.threshold", "less than or equal to 1", "1.5"]),
        ("device: tpu", ["device", "'auto', 'cpu' or 'cuda'", "'tpu'"]),
        ("telegram: {token: abc}", ["telegram.token", "TELEGRAM_BOT_TOKEN"]),
        ("text: [", [":1:", "not YAML"]),
        ("- a", ["expected sections"]),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, expected: list[str]) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        config.load(path)
    for part in [str(path), *expected]:
        assert part in str(raised.value)


def test_a_secret_in_the_file_is_never_repeated(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("telegram: {token: '123:very-secret'}", encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        config.load(path)
    assert "very-secret" not in str(raised.value)


def test_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("intent: {classifier: linear, lstm: {epochs: 7}}", encoding="utf-8")
    monkeypatch.setenv("CHATBOT__INTENT__LSTM__EPOCHS", "9")
    monkeypatch.setenv("CHATBOT__BOT__NAME", "한결")
    loaded = config.load(path).config
    assert (loaded.intent.classifier, loaded.intent.lstm.epochs, loaded.bot.name) == ("linear", 9, "한결")


def test_a_wrong_override_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHATBOT__INTENT__TRESHOLD", "0.5")
    with pytest.raises(ConfigError, match=r"^CHATBOT__INTENT__TRESHOLD: intent\.treshold.*did you mean"):
        config.load()
    (tmp_path / "config.yaml").write_text("intent: {margin: wide}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"(?m)^config\.yaml: intent\.margin"):
        config.load()


def test_paths_start_at_the_config_file(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    path = tmp_path / "config.yaml"
    path.write_text("paths: {corpus: mine, models: m}", encoding="utf-8")
    loaded = config.load(path)
    assert loaded.corpus_dir == tmp_path / "mine"
    assert loaded.models_dir == tmp_path / "m"
    assert loaded.store_url == f"sqlite:///{tmp_path / 'data' / 'chatbot.db'}"


def test_without_a_file_the_packaged_corpus_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (config.load().corpus_dir / "intents").is_dir()


def test_token_comes_from_the_environment_and_hides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123:very-secret")
    secrets = config.Secrets()
    assert secrets.telegram_bot_token is not None
    assert secrets.telegram_bot_token.get_secret_value() == "123:very-secret"
    assert "very-secret" not in repr(secrets)
