"""`chatbot models`: what a person is shown of the versions, and the warning before a refused one is used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from chatbot.cli import app
from chatbot.training.pipeline import teach


@pytest.fixture
def models(taught: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CHATBOT__PATHS__MODELS", str(taught.models))
    monkeypatch.setenv("CHATBOT__PATHS__CORPUS", str(taught.root))
    monkeypatch.setenv("COLUMNS", "200")
    return taught


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["models", *arguments], catch_exceptions=False)


def test_show_tells_stages_corpus_size_and_gate(models: Any) -> None:
    name = models.versions.current()
    values = json.loads(run("show", "--json").stdout)
    assert (values["name"], values["current"], values["base"]) == (name, True, "pretrained")
    assert values["stages"].keys() == {"intent", "retrieval", "responder"} and values["intents"] == 3
    assert values["gate"]["verdict"] == "promoted" and values["bytes"] > 1000 and len(values["corpus"]) == 16
    shown = run("show", name).stdout
    assert name in shown and values["corpus"] in shown and "accuracy" in shown


def test_diff_tells_lines_intents_figures_and_gate(models: Any) -> None:
    first = models.versions.current()
    models.write_intent("library", ["도서관", "열람실", "책 반납", "책장", "독서실", "서가"])
    food = models.root / "intents" / "food.yaml"
    food.write_text(food.read_text(encoding="utf-8").replace("  - 야식 어때\n", ""), encoding="utf-8")
    second = teach(models.work()).version.name
    values = json.loads(run("diff", first, second, "--json").stdout)
    assert values["intents_added"] == ["library"] and values["intents_removed"] == []
    assert "library: 도서관 알려 줘" in values["lines_added"] and values["lines_removed"] == ["food: 야식 어때"]
    assert values["stages"] == ["intent"] and "intent.ece" in values["figures"]
    assert values["verdicts"] == ["promoted", "promoted"]
    shown = run("diff", first, second).stdout
    assert "+ 의도 library" in shown and "- food: 야식 어때" in shown and "떼어 둔 예문" in shown


def test_a_refused_version_may_be_promoted_by_hand_with_a_warning(models: Any) -> None:
    for path in sorted((models.root / "intents").glob("*.yaml")):  # every line under the wrong name
        text = path.read_text(encoding="utf-8")
        wrong = {"food": "music", "music": "weather", "weather": "food"}[path.stem]
        path.write_text(text.replace(f"intent: {path.stem}", f"intent: {wrong}"), encoding="utf-8")
    before = models.versions.current()
    refused = teach(models.work()).version.name
    assert models.versions.current() == before
    assert f"{refused} (" in run("list").stdout and "거절됨" in run("list").stdout
    result = run("promote", refused)
    assert result.exit_code == 0 and "거절된 판" in result.stderr
    assert models.versions.current() == refused
    assert models.versions.open(refused).manifest["gate"]["verdict"] == "forced"
    assert "refused" in models.versions.history()[-1]["why"]


def test_a_malformed_golden_dialogue_is_named_before_anything_is_taught(models: Any) -> None:
    from chatbot.errors import CorpusError

    story = models.root / "stories" / "mine.txt"
    story.write_text("# 인사\n> 안녕\n< tempalte greeting\n", encoding="utf-8")
    models.write_intent("library", ["도서관", "열람실"])
    before = models.versions.names()
    with pytest.raises(CorpusError, match=r"mine\.txt:3: unknown source 'tempalte'"):
        CliRunner().invoke(app, ["train"], catch_exceptions=False)
    assert models.versions.names() == before


def test_an_unknown_name_lists_what_there_is(models: Any) -> None:
    from chatbot.errors import ModelError

    with pytest.raises(ModelError, match=models.versions.current()):
        run("show", "nope")


def test_the_shipped_version_can_be_shown(models: Any, tmp_path: Path) -> None:
    assert json.loads(run("show", "pretrained", "--json").stdout)["name"] == "pretrained"
