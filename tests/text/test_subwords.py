"""text.subwords: a small vocabulary trained in the test."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.errors import CheckpointError, TrainingError
from chatbot.text.normalize import normalize
from chatbot.text.subwords import BOS, EOS, PAD, UNK, Subwords

LINES = [
    "안녕하세요 오늘 날씨가 좋아요",
    "뭐 먹을까요",
    "드롭아웃이 뭐예요?",
    "저는 공부하고 있어요",
    "오늘은 뭐 하세요?",
] * 8
SYMBOLS = ("<hae>", "<haeyo>")


@pytest.fixture(scope="module")
def subwords():
    return Subwords.train(LINES, vocab_size=331, seed=13, symbols=SYMBOLS)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_decode_undoes_encode(subwords, text):
    text = normalize(text)
    assert subwords.decode(subwords.encode(text)) == text


def test_marks(subwords):
    ids = subwords.encode("안녕", bos=True, eos=True)
    assert (ids[0], ids[-1]) == (BOS, EOS)
    assert subwords.decode([PAD, *ids, PAD, 300]) == "안녕"
    assert UNK not in subwords.encode("뷁 😂 漢字")
    assert len(subwords) <= 331


def test_a_symbol_is_one_piece(subwords):
    assert subwords.encode("<hae> 안녕").count(subwords.symbol_id("<hae>")) == 1
    assert subwords.decode(subwords.encode("<hae> 안녕")) == "<hae> 안녕"
    with pytest.raises(KeyError, match="<x>"):
        subwords.symbol_id("<x>")


def test_the_same_lines_give_the_same_vocabulary(subwords):
    assert Subwords.train(LINES, vocab_size=331, seed=13, symbols=SYMBOLS).fingerprint == subwords.fingerprint


def test_save_then_load(subwords, tmp_path):
    subwords.save(tmp_path / "deep" / "folder")
    loaded = Subwords.load(tmp_path / "deep" / "folder")
    assert loaded.encode("오늘 뭐 먹을까요?") == subwords.encode("오늘 뭐 먹을까요?")
    assert loaded.symbols == SYMBOLS
    assert sorted(path.name for path in (tmp_path / "deep" / "folder").iterdir()) == [
        "subwords.json",
        "subwords.model",
    ]


def test_a_changed_file_is_refused(subwords, tmp_path):
    subwords.save(tmp_path)
    model = tmp_path / "subwords.model"
    model.write_bytes(model.read_bytes()[:-7])
    with pytest.raises(CheckpointError, match=r"subwords\.model.*chatbot train"):
        Subwords.load(tmp_path)
    (tmp_path / "subwords.json").write_text("{", encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"subwords\.json: not JSON"):
        Subwords.load(tmp_path)
    with pytest.raises(CheckpointError, match="cannot be read"):
        Subwords.load(tmp_path / "absent")


def test_impossible_training_says_why():
    with pytest.raises(TrainingError, match="no text"):
        Subwords.train(["", "  "], vocab_size=400)
    with pytest.raises(TrainingError, match="must be above 260"):
        Subwords.train(LINES, vocab_size=100)
    with pytest.raises(TrainingError, match="subword_vocab_size"):
        Subwords.train(LINES, vocab_size=265)
