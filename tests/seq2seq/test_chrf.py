"""chrF against values worked out by hand, and its two forms against each other."""

from __future__ import annotations

import numpy as np
import pytest

from chatbot.seq2seq.chrf import chrf, pairwise

TEXTS = ["맛있게 드세요.", "맛있는 거 드세요.", "네", "조심하세요.", "정말 축하해요! 오늘은 쉬어도 돼요.", ""]


def test_equal_texts_score_hundred_and_strangers_nothing() -> None:
    assert chrf(["맛있게 드세요."], ["맛있게 드세요."]) == pytest.approx(100)
    assert chrf(["가나다라"], ["마바사아"]) == 0.0
    assert chrf([""], ["가나"]) == 0.0


def test_by_hand() -> None:
    # 가나다 / 가나라마: orders 1 to 3 exist on both sides (order 4 only in the reference).
    # precision (2/3 + 1/2 + 0) / 3, recall (2/4 + 1/3 + 0) / 3.
    precision, recall = (2 / 3 + 1 / 2) / 3, (2 / 4 + 1 / 3) / 3
    wanted = 100 * 5 * precision * recall / (4 * precision + recall)
    assert chrf(["가나다"], ["가나라마"]) == pytest.approx(wanted)


def test_white_space_counts_nothing() -> None:
    assert chrf(["맛있게드세요."], ["맛있게 드세요."]) == pytest.approx(100)


def test_pairwise_equals_one_by_one() -> None:
    table = pairwise(TEXTS, TEXTS[::-1])
    alone = np.array([[chrf([a], [b]) for b in TEXTS[::-1]] for a in TEXTS])
    np.testing.assert_allclose(table, alone, rtol=1e-4, atol=1e-4)
