"""The retriever finds, takes and loses rows, and answers the same after saving and loading."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatbot.errors import VectorIndexError
from chatbot.retrieval.embed import HashedNgramEmbedder
from chatbot.retrieval.responder import RetrievalResponder
from chatbot.retrieval.retriever import Retriever, Row
from chatbot.types import Source, Utterance
from tests.retrieval.conftest import ROWS, Splitter

QUERIES = ["드롭아웃 뭐야", "너무 피곤하다", "비 와서 우울해", "소프트맥스 설명"]


def _found(retriever: Retriever) -> list[list[tuple[str, float]]]:
    return [[(hit.id, round(hit.score, 5)) for hit in hits] for hits in retriever.search(QUERIES, 3)]


def test_the_nearest_row_comes_first(retriever: Retriever) -> None:
    first = [hits[0][0] for hits in _found(retriever)]
    assert first == ["k:dropout:1", "c:1", "c:2", "k:softmax:1"]


def test_spaces_change_nothing_in_the_best_hit(retriever: Retriever) -> None:
    spaced, joined = retriever.search(["비가 계속 와서 우울해", "비가계속와서우울해"], 1)
    assert spaced[0].id == joined[0].id == "c:2"


def test_scores_are_probabilities(retriever: Retriever) -> None:
    for hits in retriever.search([*QUERIES, "ㅁㄴㅇㄹ", "🎉", "qwerty"], 5):
        assert all(0.0 <= hit.score <= 1.0 for hit in hits)


def test_one_query_gets_the_same_alone_and_in_a_batch(retriever: Retriever) -> None:
    for query, together in zip(QUERIES, retriever.search(QUERIES, 3), strict=True):
        alone = retriever.search([query], 3)[0]
        assert [hit.id for hit in alone] == [hit.id for hit in together]
        # A matrix product sums in another order for one row than for many.
        assert [hit.score for hit in alone] == pytest.approx([hit.score for hit in together], abs=1e-4)


def test_added_rows_are_found_and_removed_rows_are_not(retriever: Retriever) -> None:
    retriever.add([Row("new", "고양이가 자꾸 울어", "무슨 일인지 살펴봐요.")])
    assert retriever.search(["고양이가 울어"], 1)[0][0].id == "new"
    assert retriever.remove(["new", "never there"]) == 1
    assert all(hit.id != "new" for hit in retriever.search(["고양이가 울어"], 10)[0])
    assert len(retriever) == len(ROWS)


def test_adding_a_known_id_replaces_the_row(retriever: Retriever) -> None:
    retriever.add([Row("c:1", "오늘 너무 피곤해", "푹 자요.")])
    hit = retriever.search(["오늘 너무 피곤해"], 1)[0][0]
    assert (hit.id, hit.row.answer) == ("c:1", "푹 자요.")
    assert len(retriever) == len(ROWS)


def test_rows_added_one_by_one_are_found_like_rows_built_at_once(
    splitter: Splitter, embedder: HashedNgramEmbedder, retriever: Retriever
) -> None:
    slowly = Retriever(splitter, embedder)
    for row in ROWS:
        slowly.add([row])
    assert [hits[0][0] for hits in _found(slowly)] == [hits[0][0] for hits in _found(retriever)]


def test_save_then_load_finds_the_same(
    retriever: Retriever, splitter: Splitter, embedder: HashedNgramEmbedder, tmp_path: Path
) -> None:
    retriever.save(tmp_path / "index")
    loaded = Retriever.load(tmp_path / "index", splitter, embedder)
    assert _found(loaded) == _found(retriever)
    assert len(loaded) == len(ROWS)


def test_a_loaded_retriever_takes_rows_and_leaves_its_file_alone(
    retriever: Retriever, splitter: Splitter, embedder: HashedNgramEmbedder, tmp_path: Path
) -> None:
    retriever.save(tmp_path / "index")
    loaded = Retriever.load(tmp_path / "index", splitter, embedder)
    loaded.remove(["c:1"])
    loaded.add([Row("new", "고양이가 자꾸 울어", "무슨 일인지 살펴봐요.")])
    assert loaded.search(["고양이가 울어"], 1)[0][0].id == "new"
    again = Retriever.load(tmp_path / "index", splitter, embedder)
    assert _found(again) == _found(retriever)
    loaded.save(tmp_path / "index")
    assert len(Retriever.load(tmp_path / "index", splitter, embedder)) == len(ROWS)


def test_an_empty_retriever_finds_nothing(splitter: Splitter, embedder: HashedNgramEmbedder, tmp_path: Path) -> None:
    empty = Retriever.build([], splitter, embedder)
    assert empty.search(["안녕"], 3) == [[]]
    empty.save(tmp_path / "index")
    assert Retriever.load(tmp_path / "index", splitter, embedder).search(["안녕"], 3) == [[]]


def test_one_id_twice_is_refused(splitter: Splitter, embedder: HashedNgramEmbedder) -> None:
    with pytest.raises(VectorIndexError, match="'c:1' is given twice"):
        Retriever.build([ROWS[4], ROWS[4]], splitter, embedder)


def test_another_encoder_or_analyzer_is_refused(
    retriever: Retriever, splitter: Splitter, embedder: HashedNgramEmbedder, tmp_path: Path
) -> None:
    retriever.save(tmp_path / "index")
    with pytest.raises(VectorIndexError, match=r"encoder hashed-64-1.*chatbot train retrieval"):
        Retriever.load(tmp_path / "index", splitter, HashedNgramEmbedder(32))
    splitter.name = "okt"
    with pytest.raises(VectorIndexError, match="analyzer splitter"):
        Retriever.load(tmp_path / "index", splitter, embedder)


def test_an_index_of_another_release_is_refused(
    retriever: Retriever, splitter: Splitter, embedder: HashedNgramEmbedder, tmp_path: Path
) -> None:
    retriever.save(tmp_path / "index")
    path = tmp_path / "index" / "config.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    del values["meanings"]
    path.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(VectorIndexError, match=r"another release \(no meanings\).*chatbot train retrieval"):
        Retriever.load(tmp_path / "index", splitter, embedder)


@pytest.mark.parametrize("file", ["rows.sqlite", "jamo.npy", "vectors/index.faiss", "characters/rows.npy"])
def test_a_truncated_file_is_named_with_the_remedy(
    retriever: Retriever, splitter: Splitter, embedder: HashedNgramEmbedder, tmp_path: Path, file: str
) -> None:
    retriever.save(tmp_path / "index")
    path = tmp_path / "index" / file
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(VectorIndexError, match=rf"{path.name}.*chatbot train retrieval"):
        Retriever.load(tmp_path / "index", splitter, embedder)


def test_the_responder_says_each_answer_once(retriever: Retriever) -> None:
    candidates = RetrievalResponder(retriever).propose(Utterance("드롭아웃", "드롭아웃이 뭐야"), [])
    answers = [candidate.text for candidate in candidates]
    assert len(answers) == len(set(answers))
    assert answers[0] == ROWS[0].answer
    assert candidates[0].source is Source.RETRIEVAL
    assert (candidates[0].id, candidates[0].question) == (ROWS[0].id, ROWS[0].text)
    assert RetrievalResponder(retriever).propose(Utterance("", ""), []) == []
