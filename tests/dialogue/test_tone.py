"""The mood behind an utterance that nothing answers, and what a fallback makes of it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fakes import TableClassifier, TableResponder

from chatbot.dialogue.echo import Echo
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Reading
from chatbot.dialogue.speakers import FallbackSpeaker
from chatbot.dialogue.state import State
from chatbot.dialogue.tone import HIGH_FROM, LOW_FROM, Tone, mood_after
from chatbot.types import Response, Source, Turn, Utterance

LEANING = {
    "축 처진다": [("tired", 0.4), ("sad", 0.2)],
    "들뜬다": [("happy", 0.5)],
    "알쏭달쏭": [("greeting", 0.4), ("sad", 0.05)],
}
FELT = {"축 처진다": -0.6, "들뜬다": 0.8, "알쏭달쏭": -0.9}
OCCASIONS = (
    "fallback", "fallback_again", "fallback_low", "fallback_high", "fallback_question", "fallback_answer", "foreign",
)  # fmt: skip
MANNERS = ("told", "past", "off", "wish", "plan", "wonder", "lost", "ask", "fact", "low")
PHRASES = Phrases(
    {
        **{name: [f"<{name}>"] for name in OCCASIONS},
        "fallback_talk": ["{말} 이야기군요."],
        "fallback_about": ["{말:은/는}요?"],
        **{f"mirror_{manner}": [f"<{manner}> {{말}}"] for manner in MANNERS},
    },
    "도담",
)

ASKING = Phrases({"fallback": ["뭐라고요?"], "fallback_answer": ["<answer>?"], "fallback_again": ["<again>"]}, "도담")


def reading(text: str, mood: float = 0.0) -> Reading:
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    classifier, nobody = TableClassifier(LEANING), TableResponder({})
    return Reading(Utterance(text, text), State(mood=mood), moment, random.Random(0), classifier, nobody, None)


def tone(text: str, mood: float = 0.0, felt: float | None = None) -> float:
    return Tone(lambda line: FELT.get(line, 0.0) if felt is None else felt)(reading(text, mood))


def test_a_mood_fades_where_the_line_is_bright_or_the_head_disagrees() -> None:
    assert tone("마라탕 나왔어", mood=-0.8, felt=0.5) > LOW_FROM
    assert tone("오 괜찮은데", mood=-0.8, felt=-0.5) > LOW_FROM
    assert tone("알쏭달쏭", mood=-0.8, felt=-0.5) <= LOW_FROM


def answering(lines: list[str]) -> list[str]:
    """What the fallback says to one line after another, each of its replies remembered."""
    speaker, turns, said = FallbackSpeaker(ASKING, Tone(lambda _: 0.0)), (), []
    for line in lines:
        proposal = speaker(replace(reading(line), state=State(turns=turns)))
        said.append(proposal.reply)
        turns = (*turns, Turn(Utterance(line, line), Response(line, proposal.reply, Source.FALLBACK, "")))
    return said


def test_what_follows_a_question_of_the_bot_is_its_answer_until_it_is_lost() -> None:
    assert answering(["쿠루", "쿠루쿠루", "쿠쿠루", "루쿠루"]) == ["뭐라고요?", "<answer>?", "<answer>?", "<again>"]


def test_two_lines_are_not_said_back_with_the_same_end() -> None:
    phrases = Phrases({"mirror_past": ["{말} 그 이야기 더 해 줘요.", "{말} 그 뒤 이야기도 궁금해요."]}, "도담")
    first = phrases.say("mirror_past", random.Random(0), 말="노트북 샀군요.")
    for seed in range(5):
        second = phrases.say("mirror_past", random.Random(seed), [first], 말="떨어뜨렸군요.")
        assert first.partition(". ")[2] != second.partition(". ")[2]


def test_intents_and_sentiment_must_agree() -> None:
    assert tone("축 처진다") <= LOW_FROM and tone("들뜬다") >= HIGH_FROM
    assert tone("축 처진다", felt=0.6) == 0.0
    assert tone("알쏭달쏭") == 0.0  # the head alone is not believed


def test_the_mood_before_lingers_and_is_a_witness() -> None:
    assert tone("알쏭달쏭", mood=-0.8) == pytest.approx(-0.4)
    assert tone("축 처진다", mood=-0.8, felt=0.6) < tone("알쏭달쏭", mood=-0.8)
    assert mood_after(0.0, "sad") < LOW_FROM and mood_after(0.0, "happy") > HIGH_FROM
    assert abs(mood_after(-0.8, "weather")) < 0.8


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("요즘 너무 힘들어", -1),
        ("더워 죽겠어", -1),
        ("하나도 안 힘들어", 0),
        ("힘들지 않아", 0),
        ("완전 신나", 1),
        ("걱정 마", 0),
    ],
)
def test_a_word_of_feeling_says_it(text: str, sign: int) -> None:
    mood = tone(text)
    assert (mood > 0) - (mood < 0) == sign


@pytest.mark.parametrize(
    ("text", "noun", "asks"),
    [
        ("오늘 김치찌개 끓였는데 간이 딱 맞더라", "김치찌개", False),
        ("비트코인 채굴은 어떻게 해?", "비트코인 채굴", True),
        ("새 노트북 샀다", "노트북", False),
        ("삼다수 공장 위치를 말해줘", "삼다수 공장 위치", True),
        ("상사가 또 야근하래", "상사", False),
        ("야근했어", "", False),
        ("외국인이랑 회의 있는데 떨려", "회의", False),
        ("18단계 먹음", "", False),
        ("강아지 데려가도 돼요?", "", True),
        ("뭐라고 써야 할지 모르겠어", "", False),
        ("집이나 가자", "", False),
        ("쿠루쿠루 팡팡 뽀로롱", "", False),
        ("쀍뛟쒧 꿿뿗 했어", "", False),
        ("어제 하루 종일 누워 있었어", "", False),
        ("", "", False),
    ],
)
def test_what_a_sentence_is_about(kiwi: object, text: str, noun: str, asks: bool) -> None:
    heard = Echo(kiwi.kiwi)(text)  # type: ignore[attr-defined]
    assert (heard.noun, heard.asks) == (noun, asks)


@pytest.mark.parametrize(
    ("text", "mood", "reply"),
    [
        ("새 노트북 사는 중", 0.0, "노트북 이야기군요."),
        ("새 노트북 샀다", 0.0, "<past> 새 노트북 샀군요."),
        ("노트북 어디서 팔아?", 0.0, "노트북은요?"),
        ("요즘 너무 힘들어", 0.0, "<low> 요즘 너무 힘들군요."),
        ("나는 정말 못났어", -0.9, "<fallback_low>"),  # nobody agrees with that
        ("노트북 어디서 팔아?", -0.9, "노트북은요?"),  # a question is answered as one
        ("노트북 샀다", -0.9, "<past> 노트북 샀군요."),  # no word of it sounds low
        ("연락해 볼까?", 0.0, "<wonder> 연락해 볼까 싶은 마음이군요."),
        ("완전 신나", 0.0, "<fallback_high>"),
        ("쿠루쿠루 팡팡", 0.0, "<fallback>"),
        ("강아지 데려가도 돼요?", 0.0, "<fallback_question>"),
        ("guten tag", -0.9, "<foreign>"),
    ],
)
def test_a_fallback_takes_up_the_tone_or_the_matter_and_stays_one(
    kiwi: object, text: str, mood: float, reply: str
) -> None:
    speaker = FallbackSpeaker(PHRASES, Tone(lambda _: 0.0), Echo(kiwi.kiwi))  # type: ignore[attr-defined]
    proposal = speaker(reading(text, mood))
    assert (proposal.reply, proposal.source, proposal.confidence) == (reply, Source.FALLBACK, 0.0)
