"""What lines are compared by: traits survive the file, and words near in meaning bring lines closer."""

from __future__ import annotations

import numpy as np
import pytest

from chatbot.retrieval.meanings import UNKNOWN, Meanings
from chatbot.retrieval.traits import Traits, traits
from chatbot.text.kiwi import KiwiAnalyzer

from .conftest import Splitter


@pytest.fixture(scope="module")
def kiwi() -> KiwiAnalyzer:
    return KiwiAnalyzer()


def _traits(analyzer: KiwiAnalyzer | Splitter, *texts: str) -> list[Traits]:
    return traits(texts, analyzer.analyze(texts), Meanings(analyzer))


@pytest.mark.parametrize("text", ["오늘 너무 힘들다?", "LSTM 3층", "", "!?", "ㅋㅋㅋ", "👍 좋아"])
def test_traits_come_back_from_bytes(kiwi: KiwiAnalyzer, text: str) -> None:
    (seen,) = _traits(kiwi, text)
    again = Traits.from_bytes(seen.letters, seen.to_bytes())
    assert (again.letters, again.kinds) == (seen.letters, seen.kinds)
    for name in ("short", "jamo", "words", "content", "numbers"):
        assert np.array_equal(getattr(again, name), getattr(seen, name)), name


def test_traits_of_a_line_do_not_depend_on_its_batch(kiwi: KiwiAnalyzer) -> None:
    texts = ["비가 와", "", "우산 챙겼어?"]
    alone = [_traits(kiwi, text)[0].to_bytes() for text in texts]
    assert [seen.to_bytes() for seen in _traits(kiwi, *texts)] == alone


def test_words_near_in_meaning_are_nearer_than_strangers(kiwi: KiwiAnalyzer) -> None:
    meanings = Meanings(kiwi)
    hard, difficult, desk = (_traits(kiwi, text)[0].numbers.tolist()[0] for text in ("힘들다", "어렵다", "책상"))
    near = meanings.table([hard], [hard, difficult, desk, UNKNOWN])[0]
    assert near[0] > 0.99 and near[1] > near[2] + 0.3 and near[3] == 0.0


def test_without_kiwi_words_are_near_nothing(splitter: Splitter) -> None:
    (seen,) = _traits(splitter, "비가 와요")
    assert (seen.numbers == UNKNOWN).all() and not Meanings(splitter).table([UNKNOWN], [UNKNOWN]).any()
