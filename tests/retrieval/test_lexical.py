"""The inverted index scores like a plain computation, whatever order rows came and went in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatbot.retrieval.grams import character_terms, word_terms
from chatbot.retrieval.lexical import K1, B, Overlap, Postings

WORDS = [
    ["개", "산책"],
    ["고양이"],
    ["개", "고양이", "밥"],
    ["밥", "시간"],
    ["산책", "시간", "개"],
    ["비"],
    ["눈", "비", "바람"],
]


def _built(words: list[list[str]]) -> Postings:
    postings = Postings()
    postings.add(0, len(words), *word_terms(words))
    return postings


def _terms(*words: str) -> np.ndarray:
    return word_terms([list(words)])[0]


def _top(postings: Postings, terms: np.ndarray, k: int, **how: Any) -> np.ndarray:
    return postings.top(postings.ask(terms), k, **how)


def _overlap(postings: Postings, terms: np.ndarray, numbers: np.ndarray) -> Overlap:
    return postings.overlap(postings.ask(terms), numbers)


def _plain_idf(word: str) -> float:
    found = sum(word in row for row in WORDS)
    return float(np.log1p((len(WORDS) - found + 0.5) / (found + 0.5)))


def test_cosine_and_shares_are_those_of_a_plain_computation() -> None:
    query = ["개", "산책", "비"]
    overlap = _overlap(_built(WORDS), _terms(*query), np.arange(len(WORDS)))
    mass = sum(map(_plain_idf, query))
    norm = np.sqrt(sum(_plain_idf(word) ** 2 for word in query))
    for place, row in enumerate(WORDS):
        shared = set(row) & set(query)
        matched = sum(_plain_idf(word) for word in shared)
        squared = sum(_plain_idf(word) ** 2 for word in shared)
        own = np.sqrt(sum(_plain_idf(word) ** 2 for word in row))
        assert overlap.cosine[place] == pytest.approx(squared / (norm * own), abs=1e-5)
        assert overlap.query_share[place] == pytest.approx(matched / mass, abs=1e-5)
        assert overlap.row_share[place] == pytest.approx(matched / sum(map(_plain_idf, row)), abs=1e-5)


def test_bm25_is_that_of_a_plain_computation() -> None:
    query = ["개", "밥"]
    overlap = _overlap(_built(WORDS), _terms(*query), np.arange(len(WORDS)))
    mean = np.mean([len(row) for row in WORDS])

    def factor(length: int) -> float:
        return (K1 + 1) / (1 + K1 * (1 - B + B * length / mean))

    best = sum(map(_plain_idf, query)) * factor(len(query))
    for place, row in enumerate(WORDS):
        score = sum(_plain_idf(word) for word in query if word in row) * factor(len(row))
        assert overlap.bm25[place] == pytest.approx(score / best, abs=1e-5)


def test_top_orders_as_overlap_scores() -> None:
    postings = _built(WORDS)
    query = _terms("개", "산책", "시간")
    overlap = _overlap(postings, query, np.arange(len(WORDS)))
    for bm25, scores in ((False, overlap.cosine), (True, overlap.bm25)):
        best = _top(postings, query, 3, bm25=bm25)
        assert scores[best].tolist() == sorted(scores, reverse=True)[:3]


def test_rows_one_by_one_give_the_index_of_rows_at_once() -> None:
    slowly = Postings()
    for number, row in enumerate(WORDS):
        slowly.add(number, 1, *word_terms([row]))
    slowly.reweigh()
    query, numbers = _terms("개", "밥", "비"), np.arange(len(WORDS))
    assert np.allclose(_overlap(slowly, query, numbers).cosine, _overlap(_built(WORDS), query, numbers).cosine)
    assert len(slowly._segments) < len(WORDS)


def test_removed_rows_score_nothing_and_leave_the_saved_file(tmp_path: Path) -> None:
    postings = _built(WORDS)
    postings.remove(np.array([2, 4]))
    query = _terms("개")
    assert set(_top(postings, query, 5).tolist()) == {0}
    postings.reweigh()
    overlap = _overlap(postings, query, np.array([0, 2, 4]))
    assert overlap.cosine[0] > 0 and not overlap.cosine[1:].any() and not overlap.query_share[1:].any()
    postings.save(tmp_path)
    assert not set(np.load(tmp_path / "rows.npy")) & {2, 4}
    loaded = Postings.load(tmp_path)
    assert len(loaded) == len(WORDS) - 2
    assert set(_top(loaded, query, 5).tolist()) == {0}


def test_a_loaded_index_takes_more_rows(tmp_path: Path) -> None:
    postings = _built(WORDS)
    postings.save(tmp_path)
    loaded = Postings.load(tmp_path)
    loaded.add(len(WORDS), 1, *word_terms([["개", "수영"]]))
    assert _top(loaded, _terms("수영"), 2).tolist() == [len(WORDS)]
    loaded.remove(np.array([0]))
    assert 0 not in _top(loaded, _terms("개"), 5)


def test_numbers_must_follow_on_one_another() -> None:
    with pytest.raises(ValueError, match="next number is 7"):
        _built(WORDS).add(9, 1, *word_terms([["개"]]))


def test_a_posting_budget_keeps_the_rare_terms() -> None:
    texts = [f"흔한 말 {number}" for number in range(50)] + ["흔한 말 그리고 드문낱말"]
    postings = Postings()
    postings.add(0, len(texts), *character_terms(texts))
    query = character_terms(["흔한 말 드문낱말"])[0]
    assert _top(postings, query, 1, budget=3).tolist() == [50]


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    assert _top(Postings(), _terms("개"), 3).tolist() == []
    Postings().save(tmp_path)
    assert _top(Postings.load(tmp_path), _terms("개"), 3).tolist() == []


def test_weights_and_merges_computed_in_pieces_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _built(WORDS)
    monkeypatch.setattr("chatbot.retrieval.lexical.PIECE", 3)
    monkeypatch.setattr("chatbot.retrieval.lexical.CHUNK", 2)
    pieces = _built(WORDS)
    numbers = np.arange(len(WORDS))
    for query in (_terms("개", "밥"), _terms("비"), _terms("없다", "시간")):
        assert _top(pieces, query, 3).tolist() == _top(whole, query, 3).tolist()
        assert np.allclose(_overlap(pieces, query, numbers).cosine, _overlap(whole, query, numbers).cosine)
