"""The policy: who speaks when, over fakes that answer from tables. What the models know is tested elsewhere."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes import TableClassifier, TableResponder

from chatbot.corpus import read_corpus
from chatbot.dialogue import policy, speakers
from chatbot.dialogue.choosing import ChoiceSpeaker
from chatbot.dialogue.correction import CorrectionSpeaker
from chatbot.dialogue.engine import MAX_REPLY, Engine
from chatbot.dialogue.followups import FollowUpSpeaker, kind_of
from chatbot.dialogue.guards import LongPreface, UnreadableSpeaker
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.quiz import Quiz, QuizSpeaker
from chatbot.dialogue.speech_level import SpeechLevelSpeaker, level_asked
from chatbot.dialogue.state import Choice, FormState, State
from chatbot.dialogue.templates import EXPLORATION, pick, reply_key
from chatbot.dialogue.terms import TermSpeaker, asked_term
from chatbot.types import Candidate, Intent, KnowledgeEntry, Response, Source, SpeechLevel, Utterance

OCCASIONS = [
    "greeting",
    "empty",
    "too_long",
    "feeling_sad",
    "symbols",
    "gibberish",
    "foreign",
    "clarify",
    "clarify_one",
    "clarify_none",
    "clarify_range",
    "fallback",
    "fallback_again",
    "fallback_answer",
    "fallback_question",
    "no_topic",
    "why_chat",
    "no_more_alone",
    "nothing_said",
    "level_hae",
    "level_haeyo",
    "level_hapsyo",
    "corrected",
    "quiz_right",
    "quiz_wrong",
    "quiz_answer",
    "quiz_stopped",
]
PHRASES = Phrases({**{name: [f"<{name}>"] for name in OCCASIONS}, "no_more": ["<no_more {다음}>"]}, "도담")
INTENTS = (
    Intent("thanks", "", ("고마워", "감사해요"), ("별말씀을요.", "도움이 됐다니 좋아요.")),
    Intent("tired", "", ("피곤해", "지쳤어"), ("푹 쉬어요.",)),
    Intent(
        "tell_name",
        "",
        ("난 민수야", "내 이름은 민수야"),
        ("{이름:이라고/라고} 부를게요.", "이름을 알려 줘서 고마워요."),
    ),
    Intent("ask_my_name", "", ("내 이름 뭐야", "나 누구게"), ("{이름} 님이라고 하셨어요.", "아직 이름을 몰라요.")),
    Intent("quiz_request", "", ("퀴즈", "문제 내줘"), ("퀴즈요?",)),
    Intent("calculate", "", ("계산해줘",), ("식을 적어 주세요.",), skill="calculator"),
    Intent("ask_name", "", ("이름이 뭐야",), ("저는 {봇이름:이에요/예요}.",)),
)
DROPOUT = KnowledgeEntry(
    "dropout", "드롭아웃", ("드롭아웃이 뭐야",), "뉴런을 꺼요.", more="더 깊이.", example="예를 들면.", related=("l2",)
)
L2 = KnowledgeEntry("l2", "L2 규제", ("L2가 뭐야",), "가중치를 줄여요.")
KNOWLEDGE = {"dropout": DROPOUT, "l2": L2}


def found(text: str, score: float, id_: str = "c:chat:1", question: str = "비슷한 물음") -> Candidate:
    return Candidate(text, score, Source.RETRIEVAL, id_, question)


CLASSIFIED = {
    "고마워": [("thanks", 0.9), ("tired", 0.05)],
    "피곤하고 고마워": [("thanks", 0.45), ("tired", 0.44)],
    "몸이 축 처진다": [("tired", 0.55), ("thanks", 0.02)],
    "내 이름은 민수야": [("tell_name", 0.95)],
    "내 이름 뭐야": [("ask_my_name", 0.95)],
    "퀴즈": [("quiz_request", 0.9)],
    "피곤하다": [("tired", 0.9)],
    "늘어진다": [("tired", 0.48)],
    "다들 민수라고 불러": [("tell_name", 0.5), ("thanks", 0.4)],
    "너무 피곤해": [("tired", 0.5), ("thanks", 0.45)],
    "이름이 뭐야": [("ask_name", 0.9)],
    "계산 좀": [("calculate", 0.9)],
    "3일째": [("calculate", 0.7)],
    "친구 이름은 유나래": [("tell_name", 0.9)],
    "드롭아웃 고마워": [("thanks", 0.6)],
    "윤동주는 누구야": [("ask_name", 0.9)],
    "바다는 누구야": [("ask_name", 0.9)],
    "바다님은 누구야": [("ask_name", 0.9)],
    "네가 누구야": [("ask_name", 0.9)],
}
FOUND = {
    "드롭아웃이 뭐야": [found("뉴런을 꺼요.", 0.97, "k:dropout:0a")],
    "드롭아웃 고마워": [found("뉴런을 꺼요.", 0.8, "k:dropout:0a")],
    "치킨 먹을까": [found("맛있겠어요.", 0.9), found("다른 답이에요.", 0.7)],
    "주차 얼마야": [found("한 시간에 천 원이에요.", 0.9, "p:cafe:1"), found("그냥 걸어요.", 0.7)],
    "애매한 말": [found("가.", 0.3, question="가 물음"), found("나.", 0.25, question="나 물음")],
    "긴 답": [found("가" * 5000, 0.9)],
    "욕설 답": [found("금지어", 0.9)],
    "was ist das": [found("조건부 확률이에요.", 0.9, question="conditional probability가 뭐야")],
    "what is dropout for": [found("뉴런을 꺼요.", 0.9, "k:dropout:0a", question="dropout이 뭐야")],
}
GENERATED = {
    "새로운 말": [Candidate("지어낸 답이에요.", 0.7, Source.SEQ2SEQ)],
    "이상한 말": [Candidate("음.", 0.2, Source.SEQ2SEQ)],
}


class Talk:
    """A conversation with an engine over fakes."""

    def __init__(self) -> None:
        templates = speakers.TemplateSpeaker(INTENTS, None, "바다")
        self.generator = TableResponder(GENERATED)
        self.engine = Engine(
            speakers=policy.in_order(
                {
                    "unreadable": UnreadableSpeaker(PHRASES, lambda raw: "sad" if "ㅠ" in raw else ""),
                    "correction": CorrectionSpeaker(PHRASES),
                    "choice": ChoiceSpeaker(PHRASES, templates.propose),
                    "speech_level": SpeechLevelSpeaker(PHRASES),
                    "quiz": QuizSpeaker([Quiz("과로 시작하는 말은?", ("과적합", "오버피팅"), "dropout")], PHRASES),
                    "followup": FollowUpSpeaker(KNOWLEDGE, PHRASES),
                    "term": TermSpeaker((DROPOUT, L2)),
                    "template": templates,
                    "retrieval": speakers.RetrievalSpeaker(0.5, KNOWLEDGE),
                    "generator": speakers.GeneratorSpeaker(0.6),
                    "clarify": speakers.ClarifySpeaker(PHRASES, templates, INTENTS, KNOWLEDGE, limit=3),
                    "fallback": speakers.FallbackSpeaker(PHRASES),
                }
            ),
            classifier=TableClassifier(CLASSIFIED, threshold=0.6),
            retriever=TableResponder(FOUND),
            generator=self.generator,
            polish=lambda reply, level: f"[{level}] {reply}".replace("금지어", "—") if level != "haeyo" else reply,
            level=SpeechLevel.HAEYO,
            clock=lambda: datetime(2026, 11, 21, 15, 0, tzinfo=UTC),
            history_turns=4,
            preface=LongPreface(PHRASES, 30),
        )
        self.state = State("s")
        self.count = 0

    def say(self, text: str) -> Response:
        self.count += 1
        response, self.state = self.engine.respond(Utterance(text, text.strip(), "s", f"id{self.count}"), self.state)
        return response


@pytest.fixture
def talk() -> Talk:
    return Talk()


def test_a_sure_intent_speaks_with_one_of_its_replies_and_its_reason(talk: Talk) -> None:
    response = talk.say("고마워")
    assert response.source is Source.TEMPLATE
    assert response.reply in INTENTS[0].replies
    assert response.intent == "thanks" and response.confidence == 0.9
    assert "0.90" in response.reason and response.said.startswith("thanks/")
    assert response.scores is not None and response.scores.best.intent == "thanks"


def test_the_same_state_gives_the_same_reply_and_leaves_the_old_state_alone(talk: Talk) -> None:
    before = talk.state
    first = talk.say("고마워")
    second, _ = talk.engine.respond(Utterance("고마워", "고마워", "s", "id1"), before)
    assert replace(first, latency_ms=0) == replace(second, latency_ms=0)
    assert before.count == 0 and before.turns == ()


def test_the_bot_calls_itself_by_the_name_of_the_config(talk: Talk, root: Path) -> None:
    assert talk.say("이름이 뭐야").reply == "저는 바다예요."
    intents = read_corpus(root / "corpus").intents
    assert [reply for intent in intents for reply in intent.replies if "도담" in reply] == []


@pytest.mark.parametrize(("text", "told"), [("가나다" * 11, True), ("나다라" * 10, False), ("ㅋ" * 90, False)])
def test_who_writes_too_much_is_told_that_the_rest_was_not_read(talk: Talk, text: str, told: bool) -> None:
    assert talk.say(text).reply.startswith("<too_long>") is told


def test_replies_are_not_repeated_while_others_are_left(talk: Talk) -> None:
    assert {talk.say("고마워").reply for _ in range(2)} == set(INTENTS[0].replies)


def test_a_surer_written_answer_beats_the_intent(talk: Talk) -> None:
    assert talk.say("드롭아웃 고마워").source is Source.RETRIEVAL


def test_retrieval_gives_its_second_answer_rather_than_the_same_again(talk: Talk) -> None:
    assert [talk.say("치킨 먹을까").reply for _ in range(2)] == ["맛있겠어요.", "다른 답이에요."]


def test_the_generator_is_asked_only_when_nothing_written_fits(talk: Talk) -> None:
    talk.say("치킨 먹을까")
    assert talk.generator.asked == []
    assert talk.say("새로운 말").source is Source.SEQ2SEQ
    assert talk.say("이상한 말").source is Source.FALLBACK


def test_two_near_equal_intents_lead_to_a_question_whose_choice_answers(talk: Talk) -> None:
    asked = talk.say("피곤하고 고마워")
    assert asked.source is Source.CLARIFY
    assert asked.choices == ("고마워", "피곤해")
    answer = talk.say("2번")
    assert (answer.source, answer.reply, answer.intent) == (Source.TEMPLATE, "푹 쉬어요.", "tired")
    assert talk.state.choices == ()


def test_what_no_skill_took_up_must_be_meant_plainly(talk: Talk) -> None:
    assert talk.say("계산 좀").intent == "calculate"
    assert talk.say("3일째").source is Source.FALLBACK


def test_who_tells_no_name_of_theirs_is_not_greeted_by_it(talk: Talk) -> None:
    assert talk.say("친구 이름은 유나래").intent != "tell_name" and not talk.state.name


def test_what_nearly_is_an_example_is_not_asked_about(talk: Talk) -> None:
    response = talk.say("너무 피곤해")
    assert (response.source, response.intent) == (Source.TEMPLATE, "tired") and "'피곤해'" in response.reason


@pytest.mark.parametrize("line", ["1", " 1번 ", "첫 번째", "고마워", "고마워!"])
def test_a_choice_is_named_in_many_ways(talk: Talk, line: str) -> None:
    talk.say("피곤하고 고마워")
    assert talk.say(line).intent == "thanks"


def test_none_of_the_choices(talk: Talk) -> None:
    talk.say("피곤하고 고마워")
    assert talk.say("다 아니야").reply == "<clarify_none>"


def test_a_number_that_no_choice_has_keeps_the_question_open(talk: Talk) -> None:
    talk.say("피곤하고 고마워")
    again = talk.say("5")
    assert (again.source, again.reply, again.choices) == (Source.CLARIFY, "<clarify_range>", ("고마워", "피곤해"))
    assert talk.say("아래 거").intent == "tired"


def test_all_of_the_choices_are_answered(talk: Talk) -> None:
    talk.say("애매한 말")
    assert talk.say("둘 다 궁금해").reply == "· 가 물음 — 가.\n· 나 물음 — 나."


def test_a_choice_that_tells_a_name_is_remembered_from_the_users_own_words(talk: Talk) -> None:
    asked = talk.say("다들 민수라고 불러")
    assert asked.choices[0] == "난 민수야"
    talk.say("1번")
    assert talk.state.name == "민수"


def test_a_number_without_a_question_is_no_choice(talk: Talk) -> None:
    assert talk.say("2").source is Source.FALLBACK


@pytest.mark.parametrize(("line", "source"), [("응", Source.TEMPLATE), ("아니야", Source.CLARIFY)])
def test_a_single_likely_meaning_is_asked_for_and_takes_a_yes(talk: Talk, line: str, source: Source) -> None:
    asked = talk.say("몸이 축 처진다")
    assert (asked.source, asked.choices) == (Source.CLARIFY, ("피곤해",))
    assert talk.say(line).source is source


def test_an_intent_about_the_bot_answers_for_nobody_else(talk: Talk) -> None:
    assert talk.say("윤동주는 누구야").source is not Source.TEMPLATE
    assert [talk.say(text).intent for text in ("바다는 누구야", "바다님은 누구야", "네가 누구야")] == ["ask_name"] * 3


@pytest.mark.parametrize("text", ["딥러닝 공부 중인데 드롭아웃이 뭐야?", "책을 읽다가 막혔는데 드롭아웃 좀 설명해줘"])
def test_a_term_is_answered_whatever_was_told_before(talk: Talk, text: str) -> None:
    assert talk.say(text).said == "k:dropout:title"


def test_a_fact_is_said_again_rather_than_something_that_fits_less(talk: Talk) -> None:
    assert [talk.say("주차 얼마야").reply for _ in range(2)] == ["한 시간에 천 원이에요."] * 2


def test_found_answers_are_offered_too_when_the_right_one_is_probably_among_them(talk: Talk) -> None:
    asked = talk.say("애매한 말")
    assert asked.source is Source.CLARIFY and asked.choices == ("가 물음", "나 물음")
    assert talk.say("나 물음").reply == "나."


def test_follow_ups_lean_on_the_topic(talk: Talk) -> None:
    assert talk.say("드롭아웃이 뭐야").reply == "뉴런을 꺼요."
    assert talk.state.topic == "dropout"
    assert talk.say("예를 들면?").reply == "예를 들면."
    assert talk.say("더 알려줘").reply == "더 깊이."
    assert talk.say("더 알려줘").reply == "<no_more L2 규제>"
    assert talk.say("다시 말해줘").reply == "<no_more L2 규제>"


def test_a_follow_up_without_a_topic_asks_what_about(talk: Talk) -> None:
    assert talk.say("더 알려줘").reply == "<no_topic>"
    assert talk.say("다시 말해줘").reply == "<no_topic>"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("더 알려줘", "more"), ("좀 더 자세히 설명해줘", "more"), ("아까 말한 거 더 알려줘", "more"),
        ("더 알아보기", "more"),
        ("예를 들면?", "example"), ("예시 하나만", "example"), ("그건 왜?", "why"), ("왜 그래요?", "why"),
        ("다시 말해줘", "again"), ("방금 뭐라고 했어?", "again"), ("뭐라고?", "again"),
        ("예", ""), ("날씨 더 알려줘", ""), ("왜 하늘은 파래", ""), ("드롭아웃 예시 알려줘", ""),
        ("더 쉽게 설명해줘", ""),
    ],
)  # fmt: skip
def test_follow_ups_are_told_from_sentences_of_their_own(text: str, kind: str) -> None:
    assert kind_of(text) == kind


def test_the_name_is_remembered_and_used_with_the_right_particle(talk: Talk) -> None:
    assert talk.say("내 이름 뭐야").reply == "아직 이름을 몰라요."
    assert talk.say("내 이름은 민수야").reply == "민수라고 부를게요."
    assert talk.state.name == "민수"
    assert talk.say("내 이름 뭐야").reply == "민수 님이라고 하셨어요."


def test_a_quiz_waits_for_its_answer_and_judges_it(talk: Talk) -> None:
    assert talk.say("퀴즈").reply == "과로 시작하는 말은?"
    assert talk.say("과자").reply == "<quiz_wrong>"
    assert talk.say("오버피팅이요!").reply == "<quiz_right>"
    assert talk.say("더 알려줘").reply == "더 깊이."


def test_a_quiz_ends_when_somebody_gives_up_or_talks_of_something_else(talk: Talk) -> None:
    talk.say("퀴즈")
    assert talk.say("모르겠어 정답 알려줘").reply == "<quiz_answer>"
    talk.say("퀴즈")
    assert talk.say("고마워").source is Source.TEMPLATE
    assert talk.say("과적합").source is Source.FALLBACK


def test_the_level_changes_on_request_and_stays(talk: Talk) -> None:
    assert talk.say("반말로 해줘").reply == "<level_hae>"
    assert talk.say("피곤하고 고마워").reply.startswith("[hae]")


@pytest.mark.parametrize(
    ("text", "level"),
    [("반말로 해줘", "hae"), ("우리 말 놓자", "hae"), ("존댓말로 해 주세요", "haeyo"), ("격식체로 말해줘", "hapsyo"),
     ("너 반말해", "hae"), ("너도 반말 써 줘", "hae"), ("말 놓아요", "hae"), ("다시 존댓말로", "haeyo"),
     ("이제 다시 존댓말 해요", "haeyo"), ("/말투 반말", "hae"), ("/말투 합쇼체", "hapsyo"), ("/말투", None),
     ("너 왜 반말해?", None), ("존댓말", None), ("반말 쓰는 사람 싫어", None), ("반말이 뭐야", None)],
)  # fmt: skip
def test_what_asks_for_a_level(text: str, level: str | None) -> None:
    assert level_asked(text) == level


def test_a_correction_travels_to_whoever_keeps_it(talk: Talk) -> None:
    talk.say("고마워")
    response = talk.say("정답은 천만에요")
    assert response.intent == "correction"
    assert (response.candidates[0].text, response.candidates[0].question) == ("천만에요", "고마워")


@pytest.mark.parametrize("text", ["정답은천만에요", "아니, 정답은 천만에요"])
def test_a_correction_without_spaces_or_with_a_no_before_it(talk: Talk, text: str) -> None:
    talk.say("고마워")
    assert talk.say(text).candidates[0].text == "천만에요"


@pytest.mark.parametrize("text", ["정답은 뭐야?", "정답은 알려줘", "정답은?", "정답은 사과야?", "정답은"])
def test_who_asks_for_the_answer_does_not_give_it(talk: Talk, text: str) -> None:
    talk.say("고마워")
    assert talk.say(text).intent != "correction"


@pytest.mark.parametrize(
    ("text", "occasion"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("ㅠㅠ", "feeling_sad"),
        ("?!?!", "symbols"),
        ("→→", "symbols"),
        ("쀍뛟쒧 꿿뿗", "gibberish"),
    ],
)
def test_nothing_to_read(talk: Talk, text: str, occasion: str) -> None:
    assert talk.say(text).reply == f"<{occasion}>"


def test_not_understood_is_said_in_other_words_the_second_time(talk: Talk) -> None:
    replies = [talk.say(line).reply for line in ("모르는 말", "또 모르는 말", "hello there")]
    assert replies == ["<fallback>", "<fallback_again>", "<foreign>"]


@pytest.mark.parametrize("text", ["그럼 드롭아웃은?", "드롭아웃은?", "드롭앗웃이 뭐야", "드롭아웃인 뭐야?"])
def test_a_term_is_heard_through_an_ellipsis_and_a_slip(talk: Talk, text: str) -> None:
    assert talk.say(text).said == "k:dropout:title"


def test_why_after_small_talk_is_owned_up_to(talk: Talk) -> None:
    talk.say("고마워")
    assert talk.say("왜?").reply == "<why_chat>"


def test_people_stay_with_the_matter_of_the_turn_before(talk: Talk) -> None:
    assert talk.say("늘어진다").source is not Source.TEMPLATE
    talk.say("피곤하다")
    response = talk.say("늘어진다")
    assert (response.source, response.intent) == (Source.TEMPLATE, "tired")


def test_a_foreign_line_is_answered_only_by_a_name_that_it_shares(talk: Talk) -> None:
    assert talk.say("was ist das").reply == "<foreign>"
    assert talk.say("what is dropout for").source is Source.RETRIEVAL


def test_a_reply_is_bounded(talk: Talk) -> None:
    assert len(talk.say("긴 답").reply) == MAX_REPLY


def test_memory_is_bounded(talk: Talk) -> None:
    for _ in range(9):
        talk.say("고마워")
    assert len(talk.state.turns) == 4 and talk.state.count == 9


def test_a_state_survives_json() -> None:
    state = State(
        "s", (), 3, "민수", SpeechLevel.HAE, "dropout", ("more",), 2, (Choice("가", "나", Source.RETRIEVAL, "k:a:1"),),
        FormState("study_plan", {"과목": "통계"}, "날짜", True), ({"과목": "수학"},), -0.5, 1, 3,
    )  # fmt: skip
    assert State.from_json("s", state.as_json()) == state
    assert State.from_json("s", {}) == State("s")


def counts(likes: dict[str, tuple[int, int]]):
    def look(keys: Sequence[str]) -> dict[str, tuple[int, int]]:
        return {key: likes[key] for key in keys if key in likes}

    return look


def test_the_liked_reply_comes_more_often_but_the_other_never_vanishes() -> None:
    templates = ["좋아요.", "별로예요."]
    liked = counts({reply_key("x", "좋아요."): (30, 1), reply_key("x", "별로예요."): (1, 30)})
    rng = random.Random(1)
    drawn = [pick("x", templates, {}, (), rng, liked) for _ in range(600)]
    share = sum(p is not None and p.text == "별로예요." for p in drawn) / len(drawn)
    assert EXPLORATION / 2 * 0.6 < share < EXPLORATION
    assert any(p is not None and "👍 30" in p.how for p in drawn)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("과적합은 뭔데", "과적합"), ("softmax가 뭐야?", "softmax"), ("어텐션 설명해줘", "어텐션"),
        ("TF-IDF 뜻 알려줘", "tfidf"),
        ("역전파란 무엇인가요?", "역전파"), ("경사 하강법 좀 알려주세요", "경사하강법"),
        ("오늘 뭐 먹지", ""), ("안녕", ""),
    ],
)  # fmt: skip
def test_a_plain_question_for_a_term(text: str, term: str) -> None:
    assert asked_term(text) == term


def test_a_term_is_answered_by_its_own_entry(talk: Talk) -> None:
    assert talk.say("드롭아웃은 뭔데").reply == "뉴런을 꺼요."
    assert talk.state.topic == "dropout"
    assert talk.say("L2 규제").reply == "가중치를 줄여요."


@pytest.mark.parametrize(
    "text", ["드롭아웃이랑 L2 규제 차이가 뭐야", "드롭아웃과 L2 규제는 뭐가 달라요?", "드롭아웃 L2 규제랑 비교해줘"]
)
def test_two_terms_are_compared_side_by_side(talk: Talk, text: str) -> None:
    reply = talk.say(text).reply
    both = "드롭아웃: 뉴런을 꺼요." in reply and "L2 규제: 가중치를 줄여요." in reply
    assert both == ("랑 L2" in text or "과 L2" in text)


def test_an_introduction_is_understood_without_the_classifier(talk: Talk) -> None:
    assert talk.say("제 이름은 지수예요").intent == "tell_name"
    assert talk.state.name == "지수"
