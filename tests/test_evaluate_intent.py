"""`evaluate_intent` keeps its contract: keys, floor, draws, noise, tables, errors that name file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatbot.errors import CorpusError, ModelError
from chatbot.intent.evaluate import evaluate_intent
from chatbot.intent.rows import few, read_labelled

THINGS = {"weather": ("날씨", "기온", "비 소식"), "music": ("노래", "음악", "재즈"), "food": ("점심", "야식", "맛집")}
WAYS = ("{} 알려 줘", "{} 어때", "오늘 {} 좀", "{} 궁금해요", "{} 추천")
KEYS = {"accuracy", "macro_f1", "ece", "train_seconds", "ms_p50", "ms_p95"}
SMALL = {"epochs": 2, "embedding_size": 7, "hidden_size": 5}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    paths = tuple(tmp_path / f"{name}.jsonl" for name in ("train", "dev", "test"))
    for path, ways in zip(paths, (WAYS[:3], WAYS[3:4], WAYS[4:]), strict=True):
        lines = [
            json.dumps({"text": way.format(thing), "intent": label}, ensure_ascii=False)
            for label, things in THINGS.items()
            for thing in things
            for way in ways
        ]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return paths  # type: ignore[return-value]


@pytest.mark.parametrize("classifier", ["lstm", "linear", "logreg", "svm", "knn", "tree"])
def test_every_classifier_gives_the_contract(files: tuple[Path, Path, Path], classifier: str) -> None:
    result = evaluate_intent(*files, label_key="intent", classifier=classifier, **SMALL)
    assert result.keys() >= KEYS and result["floor"].keys() >= KEYS
    assert 0 <= result["accuracy"] <= 1 and result["train_seconds"] > 0
    parts = {"lstm": {"network", "linear"}, "linear": {"linear"}}
    assert result.get("alone", {}).keys() == parts.get(classifier, set())
    json.dumps(result)


def test_strangers_and_draws(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    ood = tmp_path / "ood.jsonl"
    ood.write_text('{"text": "zzz qqq"}\n{"text": "asdf", "source": "keys"}\n', encoding="utf-8")
    result = evaluate_intent(*files, label_key="intent", ood=ood, classifier="linear", shots=2, draws=2)
    assert {"auroc", "fpr95"} <= result.keys() and {"auroc", "fpr95"} <= result["floor"].keys()
    assert result["spread"].keys() >= KEYS and result["shots"] == 2


def test_noise_reaches_the_test_texts_alone(files: tuple[Path, Path, Path]) -> None:
    clean = evaluate_intent(*files, label_key="intent", classifier="linear")
    noisy = evaluate_intent(*files, label_key="intent", classifier="linear", noise="jamo")
    again = evaluate_intent(*files, label_key="intent", classifier="linear", noise="jamo")
    assert noisy["noise"] == "jamo" and noisy["accuracy"] == again["accuracy"]
    assert clean["accuracy"] >= noisy["accuracy"]


def test_several_noises_measure_one_model(files: tuple[Path, Path, Path]) -> None:
    noisy = evaluate_intent(*files, label_key="intent", classifier="linear", noise="jamo")
    both = evaluate_intent(*files, label_key="intent", classifier="linear", noise="none,jamo")
    assert both["jamo"]["accuracy"] == noisy["accuracy"] and "jamo" in both["floor"]
    with pytest.raises(ModelError, match="noise 'fog' is unknown"):
        evaluate_intent(*files, label_key="intent", classifier="linear", noise="none,fog")


def test_tables_are_read(tmp_path: Path) -> None:
    path = tmp_path / "ratings.txt"
    path.write_text("id\tdocument\tlabel\n1\t재밌다\t1\n2\t\t0\n3\t별로\t0\n", encoding="utf-8")
    assert read_labelled(path, "label") == [("재밌다", "1"), ("별로", "0")]


def test_few_draws_under_a_seed() -> None:
    rows = [(str(number), label) for label in "abc" for number in range(5)]
    assert len(few(rows, 2, 1)) == 6 and few(rows, 2, 1) == few(rows, 2, 1) != few(rows, 2, 2)


def test_mistakes_name_file_line_and_what_is_allowed(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"train\.jsonl:1: no key 'label' \(found: text, intent\)"):
        evaluate_intent(*files)
    with pytest.raises(ModelError, match="lstm, kobert, linear, logreg"):
        evaluate_intent(*files, label_key="intent", classifier="forest")
    with pytest.raises(ModelError, match="none, nospace, jamo"):
        evaluate_intent(*files, label_key="intent", noise="rain")
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"text": "a"\n', encoding="utf-8")
    with pytest.raises(CorpusError, match=r"broken\.jsonl:1: not JSON"):
        read_labelled(broken, "label")
