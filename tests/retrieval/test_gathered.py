"""What the rows of one answer say together: kept right when rows come and go, and used to find the answer."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from chatbot.retrieval.embed import HashedNgramEmbedder
from chatbot.retrieval.features import NAMES
from chatbot.retrieval.gathered import Gathered
from chatbot.retrieval.retriever import Retriever, Row

from .conftest import Splitter

ROWS = (
    Row("1", "도서관 여는 시간", "아홉 시"),
    Row("2", "도서관 닫는 시간", "아홉 시"),
    Row("3", "식당 여는 시간", "열 시"),
)


@pytest.fixture
def library(splitter: Splitter, embedder: HashedNgramEmbedder) -> Retriever:
    return Retriever.build(ROWS, splitter, embedder)


def _counts(retriever: Retriever) -> dict[str, list[int]]:
    found = retriever.rows.gathered(["아홉 시", "열 시", "없음"])
    return {answer: sorted(words.counts.tolist()) for answer, words in found.items()}


def test_words_and_counts_come_back_from_bytes() -> None:
    gathered = Gathered.of([np.array([3, 7], np.uint32), np.array([7], np.uint32)])
    again = Gathered.from_bytes(gathered.to_bytes())
    assert (again.words.tolist(), again.counts.tolist()) == ([3, 7], [1, 2])


def test_answers_of_several_rows_are_gathered_as_rows_come_and_go(library: Retriever) -> None:
    assert _counts(library) == {"아홉 시": [1, 1, 2, 2]}
    library.add([Row("4", "도서관 시간", "아홉 시"), Row("5", "식당 시간", "열 시")])
    assert _counts(library) == {"아홉 시": [1, 1, 3, 3], "열 시": [1, 2, 2]}
    library.remove(["1", "2"])
    assert _counts(library) == {"열 시": [1, 2, 2]}
    library.add([Row("5", "식당 여는 시간", "다른 답")])
    assert _counts(library) == {}


def test_a_query_finds_its_words_in_several_rows_of_one_answer(library: Retriever) -> None:
    (proposals,) = library.propose(["도서관 여는 닫는 시간"])
    near = dict(zip(proposals.answers, proposals.features[:, NAMES.index("gathered")].tolist(), strict=True))
    words = dict(zip(proposals.answers, proposals.features[:, NAMES.index("words")].tolist(), strict=True))
    assert near["아홉 시"] > 0.95 > words["아홉 시"] and near["열 시"] < 0.7


def test_a_file_of_before_is_searched_and_gathers_when_rows_are_added(
    library: Retriever, splitter: Splitter, embedder: HashedNgramEmbedder, tmp_path: Path
) -> None:
    library.save(tmp_path / "index")
    with sqlite3.connect(tmp_path / "index" / "rows.sqlite") as connection:
        connection.execute("DROP TABLE gathered")
    connection.close()
    shutil.copy(tmp_path / "index" / "rows.sqlite", tmp_path / "old.sqlite")
    from chatbot.retrieval.rows import RowStore

    store = RowStore.open(tmp_path / "old.sqlite")
    assert store.gathered(["아홉 시"]) == {}
    store.remove([2])
    assert set(store.gathered(["아홉 시", "열 시"])) == {"아홉 시"}
    store.close()
