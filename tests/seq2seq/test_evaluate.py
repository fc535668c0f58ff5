"""The contract's keys, and errors that name file and line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chatbot.errors import CorpusError
from chatbot.seq2seq import calibrate
from chatbot.seq2seq.evaluate import evaluate_responder, nearest_answers, read_pairs
from chatbot.seq2seq.generator import SearchSettings
from chatbot.types import ChatPair

KEYS = {
    "perplexity",
    "chrf",
    "distinct_1",
    "distinct_2",
    "empty",
    "looping",
    "train_tokens_per_second",
    "ms_p50",
    "ms_p95",
    "floor",
}


def write(path: Path, pairs: tuple[ChatPair, ...]) -> Path:
    rows = (json.dumps({"q": p.question, "a": p.answer}, ensure_ascii=False) for p in pairs)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_keys_of_the_contract(tmp_path: Path, pairs: tuple[ChatPair, ...]) -> None:
    train, test = write(tmp_path / "train.jsonl", pairs), write(tmp_path / "test.jsonl", pairs[:3])
    found = evaluate_responder(
        train,
        test,
        vocab_size=600,
        embedding_size=11,
        hidden_size=13,
        epochs=1,
        device="cpu",
        settings=SearchSettings(votes=4, beam_size=2),
    )
    assert found.keys() >= KEYS
    assert found["floor"]["chrf"] == pytest.approx(100)
    assert json.loads(json.dumps(found)) == found


def test_nearest_answers(pairs: tuple[ChatPair, ...]) -> None:
    assert nearest_answers(pairs, ["나 배고파", "졸려 죽겠어"]) == ["맛있는 거 먹어요.", "잠깐 쉬었다 해요."]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"q": "가", "a": "나"}\n{"q": "가"}\n', ":2:"),
        ('{"q": "가", "a": ""}\n', ":1:"),
        ("[1]\n", ":1:"),
        ("nonsense\n", ":1:"),
        ("\n", "holds no pairs"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=message):
        read_pairs(path)
    with pytest.raises(CorpusError, match="cannot be read"):
        read_pairs(tmp_path / "absent.jsonl")


def test_calibration_follows_the_evidence() -> None:
    rng = np.random.default_rng(1)
    cover = rng.random(400)
    good = rng.random(400) < cover
    fitted = calibrate.fit([{"cover": float(c)} for c in cover], good)
    assert fitted.probability({"cover": 0.9}) > 0.7 > 0.3 > fitted.probability({"cover": 0.1})
    above = [g for c, g in zip(cover, good, strict=True) if fitted.probability({"cover": c}) >= fitted.threshold]
    assert np.mean(above) >= 0.5
    assert calibrate.fit([{"consensus": 0.5}] * 10, np.ones(10, dtype=bool)) == calibrate.UNKNOWN


def test_good_replies_are_nearer_to_their_own_answer() -> None:
    answers = [
        f"{word} 이야기를 해 봐요." for word in ("사과", "바다", "기차", "겨울", "수학", "노래", "우산", "고양이")
    ]
    good = calibrate.good_replies([*answers[:4], *["전혀 다른 말"] * 4], answers, 13)
    assert good.tolist() == [True] * 4 + [False] * 4
