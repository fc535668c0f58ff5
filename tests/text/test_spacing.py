"""text.spacing: words typed apart come together, words run together come apart, well-spaced text stays."""

from __future__ import annotations

import pytest
import yaml

from chatbot.errors import CorpusError
from chatbot.text.spacing import Spacing


@pytest.fixture(scope="module")
def spacing(corpus_dir, kiwi) -> Spacing:
    return Spacing.load(corpus_dir / "lexicon", kiwi)


@pytest.mark.parametrize(
    ("typed", "joined"),
    [
        ("오 늘 날 씨", "오늘 날씨"),
        ("안 녕하 세요", "안녕하세요"),
        ("내 일 시 험 인데 공 부 하 나 도 안 했 어", "내일 시험인데 공부 하나도 안 했어"),
        ("나 는 니 가 좋 아!", "나는 니가 좋아!"),
        ("오늘 비 오나 요?", "오늘 비 오나요?"),
        ("나 너 좀 볼 수 있어?", "나 너 좀 볼 수 있어?"),
        ("햇빛이 세요", "햇빛이 세요"),
        ("한 판 더 하자", "한 판 더 하자"),
        ("이 값 어때", "이 값 어때"),
    ],
)
def test_join(spacing, typed, joined):
    assert spacing.join(typed) == joined
    assert spacing.join(joined) == joined


@pytest.mark.parametrize(
    ("typed", "split"),
    [
        ("오늘저녁에뭐먹을지고민이야", "오늘 저녁에 뭐 먹을지 고민이야"),
        ("오늘 뭐 먹지", "오늘 뭐 먹지"),
        ("안녕하세요", "안녕하세요"),
        ("근데 보고싶은데연락은못하겠어", "근데 보고 싶은데 연락은 못 하겠어"),
        ("백이십삼더하기사백오십육은?", "백이십삼 더하기 사백오십육은?"),
        ("오늘이천이십육년이야?", "오늘 이천이십육 년이야?"),
        ("이일은언제끝나는거야", "이 일은 언제 끝나는 거야"),
    ],
)
def test_split(spacing, typed, split):
    assert spacing.split(typed) == split


def test_well_spaced_questions_keep_their_words(spacing, corpus_dir):
    """At most one in 500: joining is for text that is plainly typed apart."""
    questions = [
        question
        for path in sorted((corpus_dir / "knowledge").glob("*.yaml"))[::2]
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
        for question in entry["questions"]
    ]
    joined = [(one, spacing.join(one)) for one in questions if spacing.join(one) != one]
    assert len(joined) <= len(questions) / 500 + 1, joined


def test_without_kiwi_only_certain_joins():
    spacing = Spacing({"었어요": "always", "요": "last"})
    assert spacing.join("밥 먹 었어요") == "밥 먹었어요"
    assert spacing.join("좋아 요") == "좋아요"
    assert spacing.join("요 며칠 바빠") == "요 며칠 바빠"
    assert spacing.join("오 늘 날 씨") == "오 늘 날 씨"
    assert spacing.split("오늘저녁에뭐먹을지고민이야") == "오늘저녁에뭐먹을지고민이야"


def test_a_broken_line_names_file_and_line(tmp_path):
    (tmp_path / "bound.tsv").write_text("# 어미\n는데\tsometimes\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"bound\.tsv:2: expected an ending"):
        Spacing.load(tmp_path)
