"""Speech levels: detected, rendered, never mixed. The table is golden/honorifics.tsv: 해요체, 합쇼체, 해체."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from chatbot.text.honorifics import Honorifics
from chatbot.types import SpeechLevel

GOLDEN = Path(__file__).parent.parent / "golden" / "honorifics.tsv"
ROWS = [tuple(line.split("\t")) for line in GOLDEN.read_text(encoding="utf-8").splitlines() if line[:2] != "# "]
HAEYO, HAPSYO, HAE = SpeechLevel.HAEYO, SpeechLevel.HAPSYO, SpeechLevel.HAE

# Sentences whose rewriting is known to fall short of what a person would say (see the table for what they would).
KNOWN_HAPSYO = {
    "심하면 안과에 들르고요.",  # a request in -고요
    "거의 안 줄면 반대로 키워 보고요.",
    "귀찮다는 게 뭔지 모르게 생겨 먹어서요.",
}
KNOWN_HAE = {"절 도담이라고 불러 주세요."}  # Kiwi reads 절 as a temple
# 해체 without a final ending: a noun or particle stands alone, so no level can be told.
FRAGMENTS = {"연예계 소문.", "놨는데도?", "가위.", "낮잠이든.", "계산식.", "타이밍에?", "그럴지도."}


@pytest.fixture(scope="module")
def honorifics(kiwi) -> Honorifics:
    return Honorifics(kiwi.kiwi)


def test_table_is_large_enough() -> None:
    assert len(ROWS) >= 320
    assert all(len(row) == 3 for row in ROWS)


@pytest.mark.parametrize(("column", "level", "known"), [(1, HAPSYO, KNOWN_HAPSYO), (2, HAE, KNOWN_HAE)])
def test_rendered_as_written(honorifics: Honorifics, column: int, level: SpeechLevel, known: set[str]) -> None:
    wrong = {
        row[0]: honorifics.render(row[0], level) for row in ROWS if honorifics.render(row[0], level) != row[column]
    }
    assert len(wrong) <= 0.05 * len(ROWS)
    assert wrong.keys() <= known, {text: wrong[text] for text in wrong.keys() - known}


def test_levels_detected(honorifics: Honorifics) -> None:
    rows = [(text, level) for row in ROWS for text, level in zip(row, (HAEYO, HAPSYO, HAE), strict=True)]
    told = [(text, level) for text, level in rows if not text.endswith(tuple(FRAGMENTS))]
    wrong = [(text, level, honorifics.level(text)) for text, level in told if honorifics.level(text) is not level]
    assert len(wrong) <= 0.02 * len(told), wrong


def test_in_its_level_already_nothing_changes(honorifics: Honorifics) -> None:
    changed = [
        (text, honorifics.render(text, level))
        for row in ROWS
        for text, level in zip(row, (HAEYO, HAPSYO, HAE), strict=True)
        if honorifics.level(text) is level and honorifics.render(text, level) != text
    ]
    assert not changed


def test_no_rendered_reply_mixes_levels(honorifics: Honorifics) -> None:
    mixed = [row[0] for row in ROWS for level in (HAPSYO, HAE) if honorifics.mixed(honorifics.render(row[0], level))]
    assert not mixed


def test_shipped_replies_speak_one_level_after_rendering(honorifics: Honorifics, corpus_dir: Path) -> None:
    import yaml

    replies = [
        reply
        for path in sorted((corpus_dir / "intents").glob("*.yaml"))[::6]
        for reply in yaml.safe_load(path.read_text(encoding="utf-8"))["replies"]
        if "{" not in reply
    ]
    assert replies
    off = {
        (level, reply, honorifics.render(reply, level))
        for reply in replies
        for level in (HAPSYO, HAE)
        if honorifics.mixed(honorifics.render(reply, level))
    }
    assert not off


@pytest.mark.parametrize("text", ["", "   ", "hello", "1 + 1 = 2", "😊", "ㅋㅋㅋ", "…", "GPT-4!"])
def test_without_korean_unchanged(honorifics: Honorifics, text: str) -> None:
    for level in SpeechLevel:
        assert honorifics.render(text, level) == text
    assert honorifics.level(text) is None


def test_quotes_are_left_alone(honorifics: Honorifics) -> None:
    text = "'지금 몇 시예요?'라고 물어봐 주세요."
    assert honorifics.render(text, HAE) == "'지금 몇 시예요?'라고 물어봐 줘."
    assert honorifics.level("'갑니다'라고 썼어") is HAE
    assert not honorifics.mixed("'갑니다'라고 적었어요.")


def test_mixed(honorifics: Honorifics) -> None:
    assert honorifics.mixed("좋아요. 같이 갑시다.")
    assert honorifics.mixed("잘 몰라. 그래도 알겠어요.")
    assert not honorifics.mixed("좋아요. 같이 가요!")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("알겠습니다. 이제부터 정중하게 말씀드리겠습니다.", "알겠어요. 이제부터 정중하게 말씀드리겠어요."),
        ("나는 도담이야. 같이 가자!", "저는 도담이에요. 같이 가요!"),
        ("응, 그건 몰라.", "네, 그건 몰라요."),
        ("이 책을 읽어 보십시오.", "이 책을 읽어 보세요."),
    ],
)
def test_back_to_polite(honorifics: Honorifics, text: str, expected: str) -> None:
    assert honorifics.render(text, HAEYO) == expected


@pytest.mark.parametrize(
    ("text", "polite", "formal"),
    [
        ("가자.", "가요.", "갑시다."),
        ("먹자!", "먹어요!", "먹읍시다!"),
        ("그만하자.", "그만해요.", "그만합시다."),
        ("걱정하지 말자.", "걱정하지 마요.", "걱정하지 맙시다."),
        ("뭐라고 했더라?", "뭐라고 했죠?", "뭐라고 했습니까?"),
        ("이름이 뭐더라?", "이름이 뭐였죠?", "이름이 뭐였습니까?"),
        ("뭐 먹을래?", "뭐 먹을래요?", "뭐 드시겠습니까?"),
        ("할머니 주무셔.", "할머니 주무셔요.", "할머니 주무십니다."),
        ("잘 자.", "잘 자요.", "안녕히 주무십시오."),
    ],
)
def test_casual_to_polite_and_formal(honorifics: Honorifics, text: str, polite: str, formal: str) -> None:
    assert honorifics.render(text, HAEYO) == polite
    assert honorifics.render(text, HAPSYO) == formal


def test_what_looks_like_another_level_stays(honorifics: Honorifics) -> None:
    for text in ("'않'이 맞아요. 먹지 않다, 안 먹다.", "다음엔 같이 간 보면서 만들어 봐요.", "달랠 때도 낸대요."):
        assert honorifics.render(text, HAEYO) == text
    assert honorifics.levels("조용해지시려나요? 좋겠습니다.") == {HAEYO, HAPSYO}
    assert honorifics.levels("설명이 필요. 그게 중요.") <= {HAE}


def test_fast_enough(honorifics: Honorifics) -> None:
    texts = [f"{row[0]} {other[0]}" for row, other in zip(ROWS[:100], ROWS[100:200], strict=True)]
    start = time.perf_counter()
    for text in texts:
        honorifics.render(text, HAE)
    # A bound of 5 ms a reply, with room for a busy machine.
    assert (time.perf_counter() - start) / len(texts) < 0.025
    start = time.perf_counter()
    for text in texts:
        honorifics.render(text, HAE)
    assert (time.perf_counter() - start) / len(texts) < 0.0005
