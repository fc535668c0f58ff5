"""The parts around the network: linear floor, calibration, fusion, familiarity, augmentation."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.errors import TrainingError
from chatbot.intent import augment as changes
from chatbot.intent.calibrate import (
    Calibration,
    auroc,
    choose_margin,
    choose_threshold,
    error_of_perfect,
    expected_calibration_error,
    fit_temperature,
    fpr_at,
    quality,
    softmax,
)
from chatbot.intent.familiarity import Familiarity
from chatbot.intent.fusion import Fusion
from chatbot.intent.linear import LinearModel
from chatbot.intent.slips import Slips
from chatbot.intent.spacing import Spacing
from chatbot.intent.tfidf import Tfidf

TEXTS = ["날씨 알려 줘", "오늘 날씨", "노래 틀어 줘", "신나는 노래", "밥 먹자", "저녁 밥 추천"]
LABELS = [0, 0, 1, 1, 2, 2]


def test_small_batches_and_large_ones_score_alike() -> None:
    model = LinearModel.train(TEXTS, LABELS, 4, views=("word", "joined", "jamo"))
    many = model.scores(TEXTS * 20)
    few = np.concatenate([model.scores([text]) for text in TEXTS * 20])
    np.testing.assert_allclose(many, few, atol=1e-5)
    assert many[:6].argmax(axis=1).tolist() == LABELS


def test_two_labels_keep_two_columns_and_one_is_refused() -> None:
    model = LinearModel.train(TEXTS[:4], LABELS[:4], 2)
    assert model.scores(TEXTS[:4]).argmax(axis=1).tolist() == LABELS[:4]
    with pytest.raises(TrainingError, match="at least two"):
        LinearModel.train(TEXTS[:2], [0, 0], 1)


def test_tfidf_matches_its_definition() -> None:
    tfidf = Tfidf.fit(TEXTS)
    matrix = tfidf.transform(TEXTS)
    np.testing.assert_allclose(np.sqrt(matrix.multiply(matrix).sum(axis=1)), 1, atol=1e-5)
    all_known, unknown = tfidf.coverage(tfidf.find(["날씨", "zzzz"]), graded=False)
    assert all_known == 1 and unknown < 0.2
    other = Tfidf.fit(["가 나"] * 9 + ["다 라"])
    often, once = other.coverage(other.find(["가 나", "다 라"]))
    assert 0.5 <= once < 0.65 and 0.9 <= often < 0.95  # d / (d + 1); a space stands in all of them


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=4))
def test_any_unicode_has_terms(texts: list[str]) -> None:
    assert Tfidf.fit(TEXTS, ("word", "joined", "jamo")).transform(texts).shape[0] == len(texts)


def test_temperature_undoes_overconfidence() -> None:
    dice = np.random.default_rng(5)
    truth = dice.integers(0, 3, 2000)
    honest = dice.normal(size=(2000, 3)) + 1.5 * np.eye(3)[truth]
    assert fit_temperature(honest * 7, truth) == pytest.approx(7 * fit_temperature(honest, truth), rel=1e-3)
    calibrated = softmax(honest * 7, fit_temperature(honest * 7, truth))
    assert quality(calibrated, truth).ece < 0.04 < quality(softmax(honest * 7), truth).ece


def test_a_bend_mends_what_no_temperature_can() -> None:
    dice = np.random.default_rng(5)
    said = dice.uniform(0.5, 0.999, 4000)
    scores = np.stack([np.zeros(4000), np.log(said / (1 - said))], axis=1)
    labels = (dice.random(4000) < 0.7 + 0.4 * (said - 0.5)).astype(np.int64)  # the surest too sure, others not enough
    held, asked = slice(0, 2000), slice(2000, None)
    cooled = softmax(scores, fit_temperature(scores[held], labels[held]))[asked]
    bent = Calibration.fit(scores[held], labels[held]).probabilities(scores)[asked]
    assert (bent.argmax(axis=1) == cooled.argmax(axis=1)).all()
    assert quality(bent, labels[asked]).ece < 0.03 < quality(cooled, labels[asked]).ece
    np.testing.assert_allclose(Calibration().probabilities(scores), softmax(scores))
    assert Calibration.fit(scores[:20], labels[:20]) == Calibration()  # too few say nothing


def test_auroc_counts_ties_half() -> None:
    assert auroc(np.array([2.0, 3.0]), np.array([1.0, 0.0])) == 1
    assert auroc(np.array([1.0, 1.0]), np.array([1.0, 1.0])) == 0.5
    assert fpr_at(np.linspace(1, 2, 21), np.array([0.0, 0.5, 1.5, 3.0])) == 0.5


def test_few_texts_show_an_error_of_perfect_probabilities() -> None:
    confidence = np.random.default_rng(3).uniform(0.3, 1.0, 20_000)
    few, many = error_of_perfect(confidence[:200]), error_of_perfect(confidence)
    assert few > 0.03 > 0.01 > many > 0


def test_ece_of_sure_and_right_is_zero() -> None:
    assert expected_calibration_error(np.ones(5), np.ones(5, dtype=bool)) == 0


def test_fusion_ignores_a_part_that_says_nothing() -> None:
    dice = np.random.default_rng(3)
    truth = dice.integers(0, 5, 400)
    good, noise = dice.normal(size=(400, 5)) + 2 * np.eye(5)[truth], dice.normal(size=(400, 5))
    weights = Fusion.fit([good, noise], truth).weights
    assert weights[0] > 1 and weights[1] < 0.2


def test_a_part_that_has_met_the_held_out_texts_weighs_no_more_than_allowed() -> None:
    dice = np.random.default_rng(3)
    truth = dice.integers(0, 5, 400)
    met, honest = dice.normal(size=(400, 5)) + 9 * np.eye(5)[truth], dice.normal(size=(400, 5)) + 2 * np.eye(5)[truth]
    first, second = Fusion.fit([met, honest], truth, most=0.25).weights
    assert first == pytest.approx(0.25 * second) and second > 0.5
    assert Fusion.fit([met, honest], truth).weights[0] > 0.25 * Fusion.fit([met, honest], truth).weights[1]
    humble = Fusion.fit([honest, met], truth, most=3.0).weights
    assert humble == Fusion.fit([honest, met], truth).weights  # within bounds nothing changes


def test_thresholds_follow_what_is_wrong() -> None:
    confidence = np.linspace(0, 1, 101)
    found = choose_threshold(confidence, confidence > 0.6, np.zeros(0))
    assert 0.6 <= found <= 0.62
    assert choose_threshold(confidence, confidence > 0.6, np.full(50, 0.7)) > 0.7
    assert 0.05 <= choose_margin(softmax(np.random.default_rng(1).normal(size=(50, 3))), np.zeros(50, int)) <= 0.3


def test_familiarity_tells_known_from_unknown() -> None:
    dice = np.random.default_rng(7)
    known, unknown = dice.normal(1, 1, (300, 5)), dice.normal(-1, 1, (300, 5))
    familiarity = Familiarity.fit(known, known, unknown)
    assert auroc(familiarity.known(known), familiarity.known(unknown)) > 0.95
    assert Familiarity.from_config(familiarity.as_config()) == familiarity
    assert Familiarity.fit(known).known(known).shape == (300,)


@pytest.mark.parametrize("change", [change for change, _ in changes.CHANGES])
def test_changes_keep_something_and_repeat_under_a_seed(change: changes.Change) -> None:
    for text in [*TEXTS, "내일 아침에 친구를 만나요", "a", "ㅋㅋ", "해"]:
        assert change(text, random.Random(3)) == change(text, random.Random(3))
        assert change(text, random.Random(3)).strip()


def test_what_the_changes_do() -> None:
    dice = random.Random(1)
    assert changes.drop_particle("내일 친구를 만나요", dice) == "내일 친구 만나요"
    assert changes.change_ending("날씨 알려 주세요", dice).startswith("날씨 알려 ")
    assert changes.change_level("밥 먹었어", dice) == "밥 먹었어요"
    slipped = changes.hit_neighbour("안녕", dice)
    assert len(slipped) == 2 and slipped != "안녕"


def test_spaces_come_back_where_a_text_has_none() -> None:
    ways = ("{} 알려 줘", "오늘 {} 어때", "{} 좀 보여 줘", "내일 {} 궁금해요")
    things = ("날씨", "뉴스", "노래", "점심", "일정", "알람", "운동", "영화", "주식", "택배", "숙제", "버스", "달력")
    things += tuple(f"{one} {other}" for one in things for other in things[:2] if one != other)
    spacing = Spacing.fit([way.format(thing) for way in ways for thing in things], seed=13)
    assert spacing.space("오늘날씨어때") == "오늘 날씨 어때"
    assert spacing.space("택배알려줘") == "택배 알려 줘"
    for same in ("오늘날씨 어때", "날씨", "", " 날씨알려줘", "\ud800"):
        assert spacing.space(same).replace(" ", "") == same.replace(" ", "")
    assert spacing.space("오늘날씨 어때") == "오늘날씨 어때" and spacing.space("날씨") == "날씨"
    assert Spacing.fit(["가 나"] * 5, seed=13).space("오늘날씨어때") == "오늘날씨어때"


def test_slips_of_a_jamo_are_undone_where_another_syllable_is_far_likelier() -> None:
    ways = ("{} 알려 줘", "오늘 {} 어때", "{} 좀 보여 줘", "내일 {} 궁금해요")
    things = ("날씨", "뉴스", "노래", "점심", "일정", "알람", "운동", "영화", "주식", "택배", "숙제", "버스", "달력")
    slips = Slips.fit([f"{way.format(thing)}{end}" for way in ways for thing in things for end in ("", "?")], seed=13)
    assert slips.mend("오늘 날시 어때") == "오늘 날씨 어때"
    assert slips.mend("택배 알려 쥬") == "택배 알려 줘"
    for same in ("오늘 날씨 어때", "오늘 달빛 어때", "세탁기 돌려", "", "ABC 날씨", "ㅋㅋㅋ", "\ud800"):
        assert slips.mend(same) == same
    assert len(slips.mend("뷁쉙뛟 İ 날쎄")) == len("뷁쉙뛟 İ 날쎄")
    doubt = {"오늘 날시 어때": -40.0, "오늘 날씨 어때": -36.0}
    assert slips.mend("오늘 날시 어때", doubt.__getitem__) == "오늘 날시 어때"
    sure = doubt | {"오늘 날씨 어때": -30.0}
    assert slips.mend("오늘 날시 어때", sure.__getitem__) == "오늘 날씨 어때"
    assert Slips.fit(["오늘 날씨 어때"] * 5, seed=13).mend("오늘 날시 어때") == "오늘 날시 어때"
