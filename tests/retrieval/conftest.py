"""A tiny corpus and a word-splitting analyzer, so that these tests need no model."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chatbot.retrieval.embed import HashedNgramEmbedder
from chatbot.retrieval.retriever import Retriever, Row
from chatbot.types import Morpheme

ROWS = (
    Row("k:dropout:1", "드롭아웃이 뭐야?", "학습할 때 뉴런 일부를 무작위로 꺼요.", "knowledge", title="드롭아웃"),
    Row(
        "k:dropout:2",
        "dropout은 왜 쓰는 거예요?",
        "학습할 때 뉴런 일부를 무작위로 꺼요.",
        "knowledge",
        title="드롭아웃",
    ),
    Row(
        "k:softmax:1", "소프트맥스 함수 설명해줘", "점수를 확률로 바꿔 주는 함수예요.", "knowledge", title="소프트맥스"
    ),
    Row(
        "k:kmeans:1",
        "k-평균 군집화는 어떻게 해?",
        "가까운 중심으로 묶고 중심을 다시 구해요.",
        "knowledge",
        title="k-평균",
    ),
    Row("c:1", "오늘 너무 피곤해", "오늘은 일찍 쉬어 봐요."),
    Row("c:2", "비가 계속 와서 우울해", "빗소리 들으면서 따뜻한 거 마셔요."),
    Row("c:3", "내일 시험인데 떨려", "떨리는 만큼 준비한 거예요."),
)


class Splitter:
    """White-space words as common nouns: the seam's fake."""

    name = "splitter"

    def analyze(self, texts: Sequence[str]) -> list[list[Morpheme]]:
        return [[Morpheme(word, "NNG", 0, len(word)) for word in text.split()] for text in texts]


@pytest.fixture
def splitter() -> Splitter:
    return Splitter()


@pytest.fixture
def embedder() -> HashedNgramEmbedder:
    return HashedNgramEmbedder(64)


@pytest.fixture
def retriever(splitter: Splitter, embedder: HashedNgramEmbedder) -> Retriever:
    return Retriever.build(ROWS, splitter, embedder)
