"""Golden dialogues through the whole shipped bot: what a Korean speaker agreed on stays so."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from chatbot import app, config
from chatbot.dialogue.bot import Bot
from chatbot.dialogue.stories import evaluate_stories, fits, read_stories, variants
from chatbot.errors import CorpusError
from chatbot.types import Response, Source, SpeechLevel

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "dialogues"


@pytest.fixture(scope="module")
def bot(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Bot:
    """The shipped bot, whatever was trained in this checkout."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHATBOT__PATHS__MODELS", str(tmp_path_factory.mktemp("models")))
        loaded = config.load(root / "config.yaml")
    return app.build_bot(loaded, remember=False)


@pytest.mark.slow
def test_every_golden_dialogue_goes_as_written(bot: Bot) -> None:
    """The retold ones are measured by `chatbot evaluate stories --dir tests/golden/dialogues`."""
    told = {"plain": variants(lambda line, _: line)["plain"]}
    stories, misses = read_stories(GOLDEN), []
    result = evaluate_stories(stories, bot.reply, told, watch=misses.append)
    assert len(stories) >= 120
    assert result["told"]["plain"]["share"] >= 0.95, "\n".join(map(str, misses))


def answer(source: Source, reply: str = "네.", intent: str = "", said: str = "") -> Response:
    return Response("물음", reply, source, "까닭", intent=intent, said=said)


@pytest.mark.parametrize(
    ("wanted", "right"),
    [
        ("template", True),
        ("retrieval", False),
        ("retrieval|template sad", True),
        ("template happy", False),
        ("template happy|sad", True),
        ('template sad "힘"', True),
        ('template sad "기쁨"', False),
    ],
)
def test_a_reply_fits_by_source_then_intent_then_words(wanted: str, right: bool) -> None:
    assert fits(answer(Source.TEMPLATE, "힘들었죠?", "sad", "sad/1234"), wanted) is right


def test_a_reply_fits_by_the_entry_it_was_spoken_from() -> None:
    found = answer(Source.RETRIEVAL, said="k:dropout:0a1b")
    assert fits(found, "retrieval k:dropout") and not fits(found, "retrieval k:drop")


def test_stories_are_read_with_their_titles_and_places(tmp_path: Path) -> None:
    text = "# 인사\n> 안녕\n< template\n>  \n< fallback\n\n# 끝\n> 잘 가\n< template farewell\n"
    (tmp_path / "a.txt").write_text(text)
    stories = read_stories(tmp_path)
    assert [(story.title, story.turns, story.origin) for story in stories] == [
        ("인사", (("안녕", "template"), (" ", "fallback")), "a.txt:1"),
        ("끝", (("잘 가", "template farewell"),), "a.txt:7"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# 가\n> 안녕\n> 또\n", "a.txt:3: expected '< …'"),
        ("# 가\n> 안녕\n", "a.txt:3: expected '< …'"),
        ("# 가\n> 안녕\n< templat\n", "a.txt:3: unknown source 'templat'"),
        ("# 가\n안녕\n", "a.txt:2: a line starts with"),
        ("# 가\n> 안녕\n< template\n\n# 가\n> 안녕\n< template\n", "a.txt:5: '가' is already the title of a.txt:1"),
    ],
)
def test_a_wrong_story_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    with pytest.raises(CorpusError, match=message.replace("'< …'", "")):
        read_stories(tmp_path)


def test_stories_are_retold_the_same_way_each_time_and_each_way_is_another() -> None:
    ways = variants(lambda line, level: f"{line} [{level}]")
    line = "내일 두 시간 동안 선형대수를 공부할 생각이에요"
    once = {name: how(line, random.Random(3)) for name, how in ways.items()}
    assert once == {name: how(line, random.Random(3)) for name, how in ways.items()}
    assert len(set(once.values())) == 5 and " " not in once["nospace"]
    assert once["banmal"].endswith(f"[{SpeechLevel.HAE}]")


def test_a_story_is_kept_only_when_each_turn_is(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("# 하나\n> 가 나\n< template\n> 다\n< template\n\n# 둘\n> 라\n< template\n")

    def reply(line: str, session: str) -> Response:
        return answer(Source.TEMPLATE if " " in line or len(line) == 1 else Source.FALLBACK)

    ways = variants(lambda line, _: line)
    result = evaluate_stories(read_stories(tmp_path), reply, {name: ways[name] for name in ("plain", "nospace")})
    assert [result["told"][name]["kept"] for name in ("plain", "nospace")] == [2, 1]
    assert result["told"]["nospace"]["turns_kept"] == 2 and result["kept"] == 0.5
