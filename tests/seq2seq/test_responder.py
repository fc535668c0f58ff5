"""The seam: candidates with provenance, silence where nothing good is to be said, any Unicode in."""

from __future__ import annotations

import dataclasses
import math
import time
from typing import Any

import pytest

from chatbot.seq2seq.data import pad_rows
from chatbot.seq2seq.forcing import log_probabilities
from chatbot.seq2seq.generator import SHORTLIST, Generator, SearchSettings
from chatbot.seq2seq.rerank import Circumstances, Hypothesis, Weights, rerank, shortlist
from chatbot.seq2seq.responder import Seq2SeqResponder
from chatbot.seq2seq.train import ResponderReport
from chatbot.types import Response, Source, Turn, Utterance

QUICK = SearchSettings(votes=6, beam_size=2)


def utterance(text: str) -> Utterance:
    return Utterance(text, text)


@pytest.fixture(scope="module")
def generator(overfitted: tuple[Generator, ResponderReport]) -> Generator:
    return overfitted[0]


def test_proposes_what_it_learnt(generator: Generator) -> None:
    found = Seq2SeqResponder(generator, 0.0, settings=QUICK).propose(utterance("배고파"), [])
    assert found[0].text == "맛있는 거 먹어요."
    assert found[0].source is Source.SEQ2SEQ
    assert 0 <= found[0].score <= 1
    assert {"consensus", "likelihood", "information"} <= set(found[0].evidence)
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)


def test_silence_below_the_threshold(generator: Generator) -> None:
    assert Seq2SeqResponder(generator, 1.0, settings=QUICK).propose(utterance("배고파"), []) == []
    assert Seq2SeqResponder(generator, settings=QUICK).threshold == generator.threshold


def test_says_nothing_twice_and_no_insult(generator: Generator) -> None:
    said = "맛있는 거 먹어요."
    turn = Turn(utterance("배고파"), Response("배고파", said, Source.SEQ2SEQ, ""))
    responder = Seq2SeqResponder(generator, 0.0, settings=QUICK)
    assert said not in [c.text for c in responder.propose(utterance("배고파"), [turn])]
    shy = Seq2SeqResponder(generator, 0.0, settings=QUICK, insults=lambda text: "맛있는" in text)
    assert said not in [c.text for c in shy.propose(utterance("배고파"), [])]


def test_a_batch_equals_one_at_a_time(generator: Generator) -> None:
    responder = Seq2SeqResponder(generator, 0.0, settings=SearchSettings(votes=0, beam_size=3))
    texts = [utterance(t) for t in ("배고파", "시험 망했어", "여행 가고 싶다")]
    together = responder.propose_all(texts)
    for text, found in zip(texts, together, strict=True):
        assert [c.text for c in found] == [c.text for c in responder.propose(text, [])]


@pytest.mark.parametrize(
    "text", ["", " ", "?!", "\ud800", "👍", "\x00", "ㅋ" * 1000, "가" * 100_000, "hello 世界 안녕"]
)
def test_any_text_gives_bounded_replies(generator: Generator, text: str) -> None:
    clean = text.encode("utf-8", "ignore").decode()
    for candidate in Seq2SeqResponder(generator, 0.0, settings=QUICK).propose(utterance(clean), []):
        assert 0 < len(candidate.text) < 400


def test_remembered_answers_keep_the_limits_of_a_reply(generator: Generator) -> None:
    known = {answer for _, answer in generator.knowledge.memory.pairs}
    longest = max(len(generator.codec.target(answer)) - 2 for answer in known)
    for limit in (longest, longest - 1):
        settings = SearchSettings(votes=0, beam_size=1, max_length=limit)
        said = {h.text for row in generator.reply(sorted(q for q, _ in generator.knowledge.memory.pairs),
                                                  settings=settings, n_best=SHORTLIST) for h in row}  # fmt: skip
        assert all(len(generator.codec.target(text)) - 2 <= limit for text in said)
        assert (limit == longest) == any(len(generator.codec.target(text)) - 2 == longest for text in said)


def test_the_time_limit_bounds_waiting_and_scoring_too(generator: Generator) -> None:
    settings = SearchSettings(votes=6, beam_size=2, seconds=0.05)
    with generator._lock:  # somebody else is thinking
        began = time.monotonic()
        assert generator.reply(["배고파", "심심해"], settings=settings) == [[], []]
        assert time.monotonic() - began < 0.5
    source, lengths = pad_rows([generator.codec.source("배고파")])
    late = log_probabilities(generator.model, source, lengths, [(5, 6), (7,)], [0, 0], time.monotonic() - 1)
    assert all(math.isnan(score) for score in late)
    assert generator.reply(["배고파"], settings=dataclasses.replace(settings, seconds=1e-9)) == [[]]


def test_no_texts_no_replies(generator: Generator) -> None:
    assert generator.reply([]) == []


def test_unknown_strategy_lists_the_choices() -> None:
    with pytest.raises(ValueError, match="beam, greedy, sample"):
        SearchSettings(strategy="best")


def hypothesis(text: str, log_probability: float = -8.0, blank: float = -8.0) -> Hypothesis:
    return Hypothesis(text, (5, 6, 7), log_probability, True, blank)


def ranked(question: str, found: list[Hypothesis], voices: list[str], **around: Any) -> list[Hypothesis]:
    weights = around.pop("weights", Weights())
    short = shortlist(question, found, voices, (), weights, Circumstances(**around))
    return rerank(short, [(h.log_probability, h.blank) for h in short], weights)


def test_rerank_prefers_what_others_say_too_and_what_fits_the_question() -> None:
    voices = ["맛있는 거 먹어요.", "맛있는 거 드세요.", "이따가 봐요."]
    found = [hypothesis(text) for text in voices]
    assert ranked("배고파", found, voices)[-1].text == "이따가 봐요."
    weights = dataclasses.replace(Weights(), consensus=0.0, likelihood=0.0, information=1.0)
    two = [hypothesis("이따가 봐요.", -3, -2), hypothesis("맛있는 거 먹어요.", -4, -12)]
    assert ranked("배고파", two, [], weights=weights)[0].text == "맛있는 거 먹어요."


def test_rerank_puts_faults_and_stock_replies_last() -> None:
    found = [hypothesis("저도 배고파요.", -1), hypothesis("네 네 네 네", -1), hypothesis("맛있는 거 먹어요.", -9)]
    best, *rest = ranked("배고파", found, [])
    assert best.text == "맛있는 거 먹어요."
    assert all(h.faults for h in rest)
    weights = dataclasses.replace(Weights(), stock=1.0)
    two = [hypothesis("잘될 거예요."), hypothesis("푹 쉬세요.")]
    assert ranked("힘들어", two, [], weights=weights, stock={"잘될 거예요.": 40})[0].text == "푹 쉬세요."


def test_the_model_is_asked_about_the_best_few_only(generator: Generator) -> None:
    voices = ["맛있는 거 먹어요.", "맛있는 거 드세요."]
    found = [hypothesis(f"{voices[0]} {n}") for n in range(9)] + [hypothesis(voices[0])]
    assert len(shortlist("배고파", found, voices, (), Weights(), Circumstances(), 3)) == 3
    assert all(len(row) <= SHORTLIST for row in generator.reply(["배고파", "졸려"], n_best=100))
