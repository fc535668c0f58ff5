"""Model cards lie beside what was taught and say what its training reported."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from fakes import SplitAnalyzer

from chatbot.config import Config
from chatbot.corpus import Corpus
from chatbot.neural import checkpoint
from chatbot.retrieval.embed import HashedNgramEmbedder
from chatbot.training import cards
from chatbot.training.stages import Recipe
from chatbot.training.trainers import Trainers
from chatbot.types import ChatPair, Intent

KINDS = (("lstm", "pretrained"), ("lstm", "scratch"), ("linear", "scratch"), ("kobert", "scratch"))
ROOT = Path(__file__).resolve().parent.parent.parent


def taught(tmp_path: Path) -> Trainers:
    """Stages over a small corpus."""
    endings = ("알려 줘", "어때", "궁금해", "뭐야", "말해 봐")
    examples = {"weather": ("날씨", "기온"), "music": ("노래", "음악")}
    intents = tuple(
        Intent(name, "", tuple(f"{word} {end}" for word in words for end in endings), ("네",))
        for name, words in examples.items()
    )
    pairs = tuple(ChatPair(f"{word} 좋아", f"저도 {word} 좋아요.") for word in "가나다라마")
    settings = {"intent": Config.model_validate({"intent": {"classifier": "linear", "encoder": "scratch"}}).intent}
    recipe = Recipe({"intent": settings["intent"].model_dump(), "retrieval": {}}, 3, 0.25, "", "", "", "cpu")
    corpus = Corpus(tmp_path, intents, pairs, (), ())
    return Trainers(corpus, recipe, str.strip, SplitAnalyzer(), HashedNgramEmbedder(32), tmp_path, lambda *_: None)


def test_a_taught_intent_model_has_a_card_with_its_own_figures(tmp_path: Path) -> None:
    trainers = taught(tmp_path)
    metrics = trainers.intent(tmp_path / "intent", None)
    card = (tmp_path / "intent" / cards.CARD).read_text(encoding="utf-8")
    assert "chatbot train" in card and "make_pretrained" not in card
    assert f"| accuracy | {metrics['accuracy']:.3f} | {metrics['floor']['accuracy']:.3f} |" in card
    assert f"{metrics['examples']} example lines" in card
    checkpoint.load(tmp_path / "intent")  # a card beside the weights breaks no checksum


def test_an_index_has_a_card_with_its_number_of_rows(tmp_path: Path) -> None:
    taught(tmp_path).retrieval(tmp_path / "retrieval", None)
    card = (tmp_path / "retrieval" / cards.CARD).read_text(encoding="utf-8")
    assert card.splitlines()[2].startswith("5 questions")


def test_cards_hold_no_blank_that_nobody_filled(tmp_path: Path) -> None:
    trainers = taught(tmp_path)
    metrics = dict(trainers.intent(tmp_path / "intent", None))
    every = [
        cards.intent_card({**metrics, "classifier": kind, "encoder": encoder, "encoder_saw_lines": saw}, origin, 3)
        for kind, encoder in (
            ("lstm", "pretrained"),
            ("lstm", "scratch"),
            ("linear", "scratch"),
            ("kobert", "scratch"),
        )
        for saw in (True, False)
        for origin in (cards.OWN, cards.SHIPPED)
    ]
    assert len(set(every)) == 16
    for card in every:
        assert not re.search(r"[{}]", card)
        assert card.count("\n## ") == 4
    none_apart = cards.intent_card({**metrics, "tested": 0}, cards.OWN, 3)
    assert "too kind" in none_apart and "0 lines" not in none_apart


@pytest.fixture(scope="module")
def train_safety() -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_safety", ROOT / "scripts" / "train_safety.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_cards_of_the_safety_layer_name_data_licence_command_and_limits(train_safety: ModuleType) -> None:
    for card in (train_safety.SAFETY_CARD, train_safety.DANGER_CARD):
        headings = re.findall(r"^## (.*)", card, flags=re.MULTILINE)
        assert headings == ["Made with", "Learnt from", "Figures", "What it is for, and what not"]
        assert "MIT" in card and "Apache-2.0" in card and "python scripts/train_safety.py" in card
