"""Sentiment: a head on frozen vectors, bound to its encoder."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.errors import CheckpointError, TrainingError
from chatbot.intent.sentiment import Sentiment
from chatbot.neural.device import seed_everything
from chatbot.neural.encoder import EncoderNetwork, EncoderShape, SentenceEncoder
from chatbot.neural.views import Views

GOOD = ["정말 좋아요", "최고예요", "너무 재밌다", "행복해", "감동이에요", "좋다 좋아"]
BAD = ["정말 싫어요", "최악이에요", "너무 지루하다", "슬퍼", "별로예요", "싫다 싫어"]
EXAMPLES = [(text, 1) for text in GOOD] + [(text, 0) for text in BAD]


def make(seed: int) -> SentenceEncoder:
    seed_everything(seed)
    views = Views.of(GOOD + BAD, ngram_buckets=101, jamo_buckets=53)
    return SentenceEncoder(
        EncoderNetwork(EncoderShape(views.table_size, embedding_size=13, hidden_size=11, output_size=17)), views
    )


def test_good_lies_above_bad() -> None:
    scores = Sentiment.train(make(3), EXAMPLES).score([*GOOD, *BAD, ""])
    assert sum(scores[:6]) > sum(scores[6:12]) + 0.5
    assert all(-1 <= score <= 1 for score in scores) and scores[12] == 0
    assert Sentiment.train(make(3), EXAMPLES).score([]) == []


def test_loads_beside_its_encoder_and_refuses_another(tmp_path: Path) -> None:
    encoder = make(3)
    sentiment = Sentiment.train(encoder, EXAMPLES)
    encoder.save(tmp_path / "encoder", half=False)
    sentiment.save(tmp_path / "sentiment")
    assert Sentiment.load(tmp_path / "sentiment").score(GOOD) == pytest.approx(sentiment.score(GOOD))
    with pytest.raises(CheckpointError, match="trained on encoder"):
        Sentiment.load(tmp_path / "sentiment", make(5))


def test_needs_both_classes() -> None:
    with pytest.raises(TrainingError, match="both 0"):
        Sentiment.train(make(3), [("좋아", 1)])
