"""FAISS finds what brute force finds, under stable ids, before and after saving and growing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chatbot.errors import VectorIndexError
from chatbot.retrieval.index import FaissIndex

DIM = 13


def _unit(rows: int, seed: int) -> np.ndarray:
    values = np.random.default_rng(seed).normal(size=(rows, DIM)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def _filled(rows: int = 301, flat_limit: int = 1000) -> tuple[FaissIndex, np.ndarray]:
    vectors = _unit(rows, 1)
    index = FaissIndex(DIM, "encoder-1", flat_limit)
    index.add(range(rows), vectors)
    return index, vectors


def test_flat_search_equals_brute_force() -> None:
    index, vectors = _filled()
    queries = _unit(7, 2)
    scores, ids = index.search(queries, 5)
    exact = queries @ vectors.T
    assert (ids == np.argsort(-exact, axis=1)[:, :5]).all()
    assert np.allclose(scores, np.sort(exact, axis=1)[:, ::-1][:, :5], atol=1e-5)
    assert index.kind == "flat"


def test_ids_stay_while_rows_come_and_go() -> None:
    index, vectors = _filled()
    assert index.remove([3, 50, 999]) == 2
    assert index.search(vectors[4:5], 1)[1].tolist() == [[4]]
    assert 3 not in index.search(vectors[3:4], 300)[1]
    index.add([7_000_000_000], vectors[3:4])
    assert index.search(vectors[3:4], 1)[1].tolist() == [[7_000_000_000]]
    index.replace([4], vectors[50:51])
    assert index.search(vectors[50:51], 1)[1].tolist() == [[4]]
    assert len(index) == 300


@pytest.mark.parametrize("flat_limit", [1000, 100])
def test_an_id_that_is_there_is_refused_and_can_be_replaced(tmp_path: Path, flat_limit: int) -> None:
    index, vectors = _filled(300, flat_limit)
    index.remove([7])
    for again in (index, FaissIndex.load(_saved(index, tmp_path), "encoder-1", flat_limit)):
        with pytest.raises(VectorIndexError, match="id 5 is there already"):
            again.add([900, 5], vectors[:2])
        with pytest.raises(VectorIndexError, match="id 901 is given twice"):
            again.add([901, 902, 901], vectors[:3])
        with pytest.raises(VectorIndexError, match="id 5 is given twice"):
            again.replace([5, 5], vectors[:2])
        assert len(again) == 299  # nothing changed
        again.add([7], vectors[8:9])  # a removed id may come back
        again.replace([8, 903], vectors[[7, 20]])
        assert again.search(vectors[7:9], 1)[1].tolist() == [[8], [7]]
        assert sorted(again.search(vectors[20:21], 2)[1][0].tolist()) == [20, 903]
        assert len(again) == 301


def _saved(index: FaissIndex, folder: Path) -> Path:
    index.save(folder / "vectors")
    return folder / "vectors"


def test_missing_places_hold_minus_one() -> None:
    index, vectors = _filled(2)
    scores, ids = index.search(vectors[:1], 4)
    assert ids[0, 2:].tolist() == [-1, -1] and scores[0, 2:].tolist() == [0.0, 0.0]
    assert FaissIndex(DIM).search(vectors[:1], 2)[1].tolist() == [[-1, -1]]


def test_crossing_the_limit_keeps_rows_and_ids() -> None:
    index, vectors = _filled(300, flat_limit=400)
    more = _unit(300, 3)
    index.add(range(1000, 1300), more)
    assert (index.kind, len(index)) == ("pq-scan", 600)
    found = index.search(np.concatenate([vectors[:50], more[:50]]), 1)[1][:, 0]
    assert np.mean(found == np.concatenate([np.arange(50), np.arange(1000, 1050)])) > 0.95
    assert index.remove(range(1000, 1100)) == 100
    assert index.vectors([5])[0] @ vectors[5] > 0.999


@pytest.mark.parametrize("flat_limit", [1000, 50])
def test_save_then_load_finds_the_same_and_can_change(tmp_path: Path, flat_limit: int) -> None:
    index, vectors = _filled(flat_limit=flat_limit)
    index.save(tmp_path / "vectors")
    loaded = FaissIndex.load(tmp_path / "vectors", "encoder-1", flat_limit)
    queries = _unit(5, 4)
    assert all(
        (one == other).all() for one, other in zip(index.search(queries, 5), loaded.search(queries, 5), strict=True)
    )
    loaded.remove([0])
    loaded.add([500], vectors[:1])
    assert loaded.search(vectors[:1], 1)[1].tolist() == [[500]]
    assert FaissIndex.load(tmp_path / "vectors", "encoder-1").search(vectors[:1], 1)[1].tolist() == [[0]]


def test_a_scanned_index_forgets_removed_rows_when_it_is_saved(tmp_path: Path) -> None:
    index, vectors = _filled(300, flat_limit=50)
    index.remove(range(100))
    index.replace([150], vectors[20:21])
    assert index.search(vectors[20:21], 1)[1].tolist() == [[150]]
    index.save(tmp_path / "vectors")
    for kept in (index, FaissIndex.load(tmp_path / "vectors", "encoder-1")):
        assert (len(kept), kept.kind) == (200, "pq-scan")
        assert kept.search(vectors[20:21], 1)[1].tolist() == [[150]]
        assert (kept.search(vectors[151:300], 1)[1][:, 0] == np.arange(151, 300)).all()
        assert set(range(100)).isdisjoint(kept.search(vectors[:100], 20)[1].ravel().tolist())


def test_another_encoder_is_refused_with_the_remedy(tmp_path: Path) -> None:
    _filled()[0].save(tmp_path / "vectors")
    with pytest.raises(
        VectorIndexError, match=r"encoder encoder-1, the bot uses encoder-2; .*chatbot train retrieval"
    ):
        FaissIndex.load(tmp_path / "vectors", "encoder-2")


def test_a_missing_or_broken_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(VectorIndexError, match=r"config\.json: no such file"):
        FaissIndex.load(tmp_path / "nothing", "encoder-1")
    _filled()[0].save(tmp_path / "vectors")
    (tmp_path / "vectors" / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(VectorIndexError, match=r"config\.json: cannot be read"):
        FaissIndex.load(tmp_path / "vectors", "encoder-1")


def test_wrong_shapes_are_refused() -> None:
    index = FaissIndex(DIM)
    with pytest.raises(VectorIndexError, match=r"shape \(2, 3\), expected \(2, 13\)"):
        index.add([0, 1], np.zeros((2, 3), dtype=np.float32))
    with pytest.raises(VectorIndexError, match=r"expected \(B, 13\)"):
        index.search(np.zeros((1, 3), dtype=np.float32), 1)


def test_a_failed_save_leaves_the_old_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index, vectors = _filled()
    index.save(tmp_path / "vectors")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("chatbot.retrieval.index.write_manifest", full)
    index.remove([0])
    with pytest.raises(OSError, match="No space"):
        index.save(tmp_path / "vectors")
    assert FaissIndex.load(tmp_path / "vectors", "encoder-1").search(vectors[:1], 1)[1].tolist() == [[0]]
    assert [path.name for path in tmp_path.iterdir()] == ["vectors"]
