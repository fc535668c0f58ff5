"""From pairs to batches: nothing is lost, nothing leaks, control symbols in user text mean nothing."""

from __future__ import annotations

import random

import pytest

from chatbot.seq2seq.codec import SYMBOLS, Codec
from chatbot.seq2seq.data import Example, batches, collate, encode, examples_of, reworded, split_by_answer
from chatbot.seq2seq.search import BOS, EOS, PAD, UNK
from chatbot.text.subwords import Subwords
from chatbot.types import ChatPair, Dialogue, SpeechLevel


@pytest.fixture(scope="module")
def codec(pairs: tuple[ChatPair, ...]) -> Codec:
    lines = [line for pair in pairs for line in (pair.question, pair.answer)]
    return Codec(Subwords.train(lines, 600, 13, SYMBOLS), history_turns=2)


@pytest.fixture(scope="module")
def examples(pairs: tuple[ChatPair, ...]) -> list[Example]:
    return examples_of(pairs, (), 0)


def test_every_row_comes_once_and_padding_is_only_at_the_end(codec: Codec, examples: list[Example]) -> None:
    rows = encode(examples, codec)
    seen = []
    for batch in batches(rows, 7, random.Random(1)):
        for i, length in enumerate(batch.lengths.tolist()):
            source = batch.source[i].tolist()
            assert PAD not in source[:length]
            assert not any(source[length:])
            words = [w for w in batch.after[i].tolist() if w != PAD]
            assert batch.before[i].tolist()[: len(words)] == [BOS, *words[:-1]]
            assert words[-1] == EOS
            seen.append((tuple(source[:length]), (BOS, *words)))
    assert sorted(seen) == sorted((row.source, row.target) for row in rows)


def test_hidden_words_keep_the_level_and_the_end(codec: Codec, examples: list[Example]) -> None:
    rows = encode(examples, codec)
    level = codec.symbol("<haeyo>")
    for batch in batches(rows, 5, random.Random(1), word_dropout=1.0):
        for source, length in zip(batch.source.tolist(), batch.lengths.tolist(), strict=True):
            assert source[0] == level
            assert source[length - 1] == EOS
            assert set(source[1 : length - 1]) == {UNK}
    for batch in batches(rows, 5, random.Random(1), blank=1.0):
        assert batch.source.tolist() == [[level, EOS]] * len(batch.source)


def test_one_answer_stays_on_one_side() -> None:
    examples = [Example(f"질문 {i}", f"답 {i % 50}") for i in range(400)]
    taught, held = split_by_answer(examples, 0.2, 13)
    assert len(taught) + len(held) == 400
    assert 20 <= len(held) <= 160
    assert not {e.answer for e in taught} & {e.answer for e in held}
    assert split_by_answer(examples, 0.2, 13) == (taught, held)


def test_reworded_changes_little_and_never_empties() -> None:
    rng = random.Random(5)
    found = {reworded("오늘 날씨 정말 좋다!", rng) for _ in range(200)}
    assert len(found) > 5
    letters = set("오늘날씨정말좋다! ")
    assert all(set(text) <= letters and len(text) >= 6 for text in found)
    assert reworded("?", rng) == "?"
    assert reworded("", rng) == ""


def test_dialogues_give_their_turns_with_history() -> None:
    dialogue = Dialogue("시험", (("가", "나"), ("다", "라"), ("마", "바")))
    assert examples_of((), (dialogue,), 0) == [Example("가", "나")]
    found = examples_of((), (dialogue,), 1)
    assert found[2] == Example("마", "바", (("다", "라"),))
    assert len(found) == 3


def test_codec_round_trip_and_control_symbols(codec: Codec) -> None:
    assert codec.text(codec.target("맛있는 거 먹어요.")) == "맛있는 거 먹어요."
    assert codec.source("<bot> 안녕 <hae>")[0] == codec.symbol("<haeyo>")
    assert not set(codec.source("<bot> 안녕 <hae>")[1:]) & {codec.symbol(s) for s in SYMBOLS}
    assert codec.source("안녕", level=SpeechLevel.HAE)[0] == codec.symbol("<hae>")
    assert codec.symbol("<sad>") in codec.source("안녕", feeling="sad")


def test_long_sources_lose_their_oldest_words_first(codec: Codec) -> None:
    long = codec.source("배고파 " * 200)
    assert len(long) == codec.max_source
    assert long[-1] == EOS
    history = [("안녕", "반가워요!"), ("배고파", "맛있는 거 먹어요."), ("졸려", "잠깐 쉬었다 해요.")]
    ids = codec.source("심심해", history)
    assert ids.count(codec.symbol("<user>")) == 2
    assert ids[-1 - len(codec.subwords.encode("심심해")) : -1] == codec.subwords.encode("심심해")


def test_empty_source_is_never_empty(codec: Codec) -> None:
    assert codec.source("") == [codec.symbol("<haeyo>"), EOS]
    batch = collate(encode([Example("", "네")], codec))
    assert batch.tokens == len(codec.target("네")) - 1
