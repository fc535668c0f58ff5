"""The learned parts: gram vectors, the fusion, its lessons' rewordings, and the measurement."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from chatbot.errors import CorpusError, VectorIndexError
from chatbot.retrieval.embed import HashedNgramEmbedder
from chatbot.retrieval.evaluate import evaluate_retrieval
from chatbot.retrieval.features import NAMES
from chatbot.retrieval.fuse import as_json, load_fusion, pool, read_fusion
from chatbot.retrieval.gram_encoder import GramEncoder, shipped_grams
from chatbot.retrieval.gram_training import Material, train
from chatbot.retrieval.learn import Case, learn, recall
from chatbot.retrieval.rewording import reword
from chatbot.types import Morpheme

from .conftest import ROWS, Splitter


def test_shipped_grams_put_paraphrases_closer_than_strangers() -> None:
    asked, same, other = shipped_grams().encode(["너무 졸려", "졸려 죽겠다", "남자친구랑 헤어졌어"])
    assert asked @ same > asked @ other + 0.2


def test_gram_vectors_are_unit_and_the_same_alone_and_in_a_batch() -> None:
    texts = ["안녕", "비가 와", "", "!?"]
    rows = shipped_grams().encode(texts)
    assert np.allclose(np.linalg.norm(rows[:2], axis=1), 1.0, atol=1e-5)
    assert all(np.allclose(rows[at], shipped_grams().encode([text])[0], atol=1e-5) for at, text in enumerate(texts))


def test_grams_save_then_load_encode_the_same(tmp_path: Path) -> None:
    shipped_grams().save(tmp_path / "grams", {"seed": 13})
    loaded = GramEncoder.load(tmp_path / "grams")
    assert loaded.fingerprint == shipped_grams().fingerprint
    assert (loaded.encode(["안녕하세요"]) == shipped_grams().encode(["안녕하세요"])).all()


@pytest.mark.slow
def test_gram_training_repeats_under_a_seed_and_learns() -> None:
    groups = {"chat": [(str(at), (f"{word} 좋아해", f"{word} 최고야")) for at, word in enumerate("강산들물불")]}
    material = Material(groups, [("비가 와", [Morpheme("비", "NNG", 0, 1)])], [("비 와", "우산 챙겨요.")])
    losses: list[float] = []
    first = train(material, 100, 3, lambda step, steps, loss: losses.append(loss))
    assert first.fingerprint == train(material, 100, 3).fingerprint
    near, far = first.encode(["강 최고야", "물 최고야"]) @ first.encode(["강 좋아해"])[0]
    assert losses and near > far


def test_rows_with_one_answer_pool_their_evidence() -> None:
    answers = pool(np.array([1.0, 1.4, 1.0], dtype=np.float32), ["가", "나", "가"])
    assert answers.rows.tolist() == [0, 1]
    assert answers.scores[0] == pytest.approx(1.0 + np.log(2), abs=1e-5)


def test_fusion_survives_json_and_refuses_other_features() -> None:
    fusion = load_fusion()
    again = read_fusion(json.loads(json.dumps(as_json(fusion))), "here")
    table = np.random.default_rng(1).random((7, len(NAMES)), dtype=np.float32)
    assert np.allclose(fusion.score(table), again.score(table), atol=1e-3)
    with pytest.raises(VectorIndexError, match="train_fusion"):
        read_fusion({**as_json(fusion), "features": ["dense"]}, "here")


def test_learning_finds_the_feature_that_tells() -> None:
    generator = np.random.default_rng(5)
    cases = []
    for number in range(900):
        table = generator.random((11, len(NAMES)), dtype=np.float32)
        table[:, NAMES.index("same")] = 0.0
        relevant = np.zeros(11, dtype=bool)
        if number % 3:
            table[4, NAMES.index("jamo")] = 3.0
            relevant[4] = True
        cases.append(Case(table, relevant, tuple(map(str, range(11)))))
    fusion = learn(cases[:600])
    assert recall([case for case in cases[600:] if case.relevant.any()], fusion, 1) > 0.8


def test_rewording_keeps_the_end_of_the_line_and_repeats_under_a_seed() -> None:
    morphemes = [Morpheme("비", "NNG", 0, 1), Morpheme("가", "JKS", 1, 2), Morpheme("오", "VV", 3, 4)]
    said = {reword("비가 와", morphemes, random.Random(seed)) for seed in range(40)}
    assert len(said) > 5 and all("비" in line for line in said)
    assert reword("비가 와", morphemes, random.Random(3)) == reword("비가 와", morphemes, random.Random(3))


def _jsonl(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("noise", ["none", "nospace", "jamo"])
def test_evaluation_writes_the_keys_of_the_contract(splitter: Splitter, tmp_path: Path, noise: str) -> None:
    corpus = _jsonl(tmp_path / "c.jsonl", [{"doc_id": row.answer, "text": row.text} for row in ROWS])
    queries = _jsonl(tmp_path / "q.jsonl", [{"text": row.text, "relevant": [row.answer]} for row in ROWS])
    result = evaluate_retrieval(corpus, queries, noise, 13, splitter, HashedNgramEmbedder(64))
    keys = {"recall@1", "recall@5", "mrr@10", "ms_p50", "ms_p95", "build_seconds", "index_bytes"}
    assert keys <= result.keys()
    assert noise != "none" or result["recall@1"] == 1.0


def test_evaluation_names_what_is_wrong(tmp_path: Path) -> None:
    corpus = _jsonl(tmp_path / "c.jsonl", [{"id": 1}])
    with pytest.raises(CorpusError, match=r"c\.jsonl:1: expected"):
        evaluate_retrieval(corpus, corpus)
    with pytest.raises(CorpusError, match="allowed: none, nospace, jamo"):
        evaluate_retrieval(corpus, corpus, "typos")
