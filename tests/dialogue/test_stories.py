"""Golden dialogues through the whole shipped bot: what a Korean speaker agreed on stays so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatbot import app, config
from chatbot.dialogue.bot import Bot
from chatbot.types import Response

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "dialogues"


@dataclass(frozen=True)
class Story:
    title: str
    turns: tuple[tuple[str, str], ...]


def stories() -> Iterator[Story]:
    for path in sorted(GOLDEN.glob("*.txt")):
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            lines = [line for line in block.splitlines() if line]
            title = next((line[2:] for line in lines if line.startswith("# ")), path.stem)
            said = [line[2:] for line in lines if line.startswith(">")]
            wanted = [line[2:] for line in lines if line.startswith("<")]
            assert len(said) == len(wanted), f"{path}: {title}: every > needs its <"
            yield Story(title, tuple(zip(said, wanted, strict=True)))


def fits(response: Response, wanted: str) -> bool:
    """Whether a reply is what the golden line says: source, then intent, row or a word of the reply."""
    words = re.findall(r'"([^"]+)"', wanted)
    sources, *details = re.sub(r'"[^"]+"', "", wanted).split()
    if str(response.source) not in sources.split("|") or not all(word in response.reply for word in words):
        return False
    return all(d == response.intent or response.said.startswith(f"{d}:") for d in details)


@pytest.fixture(scope="session")
def bot(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Bot:
    """The shipped bot, whatever was trained in this checkout."""
    import os

    os.environ["CHATBOT__PATHS__MODELS"] = str(tmp_path_factory.mktemp("models"))
    try:
        loaded = config.load(root / "config.yaml")
    finally:
        del os.environ["CHATBOT__PATHS__MODELS"]
    return app.build_bot(loaded, remember=False)


@pytest.mark.slow
@pytest.mark.parametrize("story", [pytest.param(s, id=s.title) for s in stories()])
def test_story(bot: Bot, story: Story) -> None:
    for number, (said, wanted) in enumerate(story.turns):
        response = bot.reply(said, session=story.title)
        assert fits(response, wanted), (
            f"turn {number + 1}: {said!r} should get {wanted!r}, got {response.source} {response.intent} "
            f"{response.said}: {response.reply!r} ({response.reason})"
        )
