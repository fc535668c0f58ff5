"""Slots: annotations are read, tags found again in unspaced text, checkpoints give equal tags."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.errors import CheckpointError, CorpusError, TrainingError
from chatbot.intent.tagger import Annotated, Tagger, parse, rule_kinds, train_tagger

LINES = [
    f"[date : {day}] [time : {time}] 에 {what}"
    for day in ("내일", "금요일", "다음 주 월요일", "모레")
    for time in ("아홉 시", "오후 세 시", "일곱 시 반")
    for what in ("깨워 줘", "알람 맞춰 줘", "회의 잡아 줘")
] + ["그만", "조용히 해", "고마워"]


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    examples = [parse(line) for line in LINES]
    return train_tagger(examples, examples[::5], epochs=12, batch_size=7, embedding_size=11, hidden_size=13, seed=3)


def test_parse_counts_characters_without_spaces() -> None:
    parsed = parse("[date : 다음 주] 에 [time : 세 시] 알람")
    assert parsed == Annotated("다음 주 에 세 시 알람", (("date", 0, 3), ("time", 4, 6)))
    with pytest.raises(CorpusError, match="not closed"):
        parse("[date : 내일 깨워 줘")


def test_rules_mark_dates() -> None:
    assert any(rule_kinds("내일 만나", 50)[:2]) and rule_kinds("", 50) == [0]


def test_finds_slots_with_spans_in_the_text(tagger: Tagger) -> None:
    text = "금요일 오후 세 시 에 깨워 줘"
    (found,) = tagger.tag([text])
    assert [(entity.kind, entity.text) for entity in found] == [("date", "금요일"), ("time", "오후 세 시")]
    assert all(text[entity.start : entity.end] == entity.text for entity in found)


def test_a_batch_equals_one_at_a_time(tagger: Tagger) -> None:
    texts = ["내일 아홉 시 에 알람", "", "그만", "모레 일곱 시 반 에 회의 잡아 줘 제발"]
    assert tagger.tag(texts) == [tagger.tag([text])[0] for text in texts]
    assert tagger.tag(texts)[1] == []


def test_save_then_load_gives_equal_tags(tagger: Tagger, tmp_path: Path) -> None:
    tagger.save(tmp_path / "tagger")
    texts = [parse(line).text for line in LINES]
    assert Tagger.load(tmp_path / "tagger").tag(texts) == tagger.tag(texts)
    (tmp_path / "tagger" / "slots.json").unlink()
    with pytest.raises(CheckpointError, match=r"slots\.json"):
        Tagger.load(tmp_path / "tagger")


def test_without_slots_there_is_nothing_to_learn() -> None:
    with pytest.raises(TrainingError, match=r"\[slot : words\]"):
        train_tagger([parse("그만")], [])
