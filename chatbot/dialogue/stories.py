"""Golden dialogues: what a user says, what the bot's reply must be. In: text files and a bot. Out: which turns fit.

A story can also be told as other people would type it: without spaces, with slips of the finger, in 반말, in 존댓말.
Knows nothing of models; the bot is whoever replies.

    # 인사하고 이름을 알려 준다
    > 내 이름은 민수야
    < template tell_name "민수"

After `<` stand the sources that would be right (`a|b`), then what must be known of the reply (the intent, or the id of
what was spoken: `k:dropout`; again `a|b`), then words that the reply must hold.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.errors import CorpusError
from chatbot.text import noise
from chatbot.types import Response, Source, SpeechLevel

# Chance that a syllable is slipped on. People leave 2.3 % of what they type on a phone wrong (Palin et al. 2019, "How
# do people type on mobile devices?"), and a Hangul syllable takes between two and three keys.
TYPO_RATE = 0.05
# A line as typed, and the dice of its story: the line as somebody else would type it.
Variant = Callable[[str, random.Random], str]
_QUOTED = re.compile(r'"([^"]+)"')


@dataclass(frozen=True, slots=True)
class Story:
    """One conversation: (what the user says, what the reply must be) in order; `origin` = file:line."""

    title: str
    turns: tuple[tuple[str, str], ...]
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Miss:
    """A turn whose reply was not what the story says."""

    story: Story
    turn: int
    said: str
    wanted: str
    response: Response

    def __str__(self) -> str:
        got = self.response
        return (
            f"{self.story.origin} {self.story.title}, turn {self.turn}: {self.said!r} should get {self.wanted!r}, got "
            f"{got.source} {got.intent} {got.said}: {got.reply!r} ({got.reason})"
        )


def read_stories(folder: Path) -> list[Story]:
    """Every story of the folder's .txt files.

    Raises
    ------
    CorpusError
        when a user line has no expectation, an expectation names no source, or two stories have one title.
    """
    stories = [story for path in sorted(folder.glob("*.txt")) for story in _read(path)]
    seen: dict[str, Story] = {}
    for story in stories:
        if story.title in seen:
            raise CorpusError(f"{story.origin}: {story.title!r} is already the title of {seen[story.title].origin}")
        seen[story.title] = story
    return stories


def _read(path: Path) -> Iterator[Story]:
    title, origin, turns, said = "", "", [], None
    for number, line in enumerate([*path.read_text(encoding="utf-8").split("\n"), ""], start=1):
        where, rest = f"{path.name}:{number}", line[2:]
        if said is not None and not line.startswith("< "):
            raise CorpusError(f"{where}: expected '< …', what the reply to {said!r} must be, not {line!r}")
        if line.startswith("# "):
            title, origin = rest, where
        elif line.startswith(">"):
            said = rest
        elif line.startswith("< ") and said is not None:
            _check_sources(rest, where)
            turns.append((said, rest))
            said = None
        elif line:
            raise CorpusError(f"{where}: a line starts with '# ', '> ' or '< ', not {line!r}")
        elif turns:
            yield Story(title, tuple(turns), origin)
            title, turns = "", []


def _check_sources(wanted: str, where: str) -> None:
    allowed = {str(source) for source in Source}
    for source in wanted.partition(" ")[0].split("|"):
        if source not in allowed:
            raise CorpusError(f"{where}: unknown source {source!r} (allowed: {', '.join(sorted(allowed))})")


def fits(response: Response, wanted: str) -> bool:
    """Whether a reply is what the golden line says: its source, then its intent or row, then words of it."""
    words = _QUOTED.findall(wanted)
    sources, *details = _QUOTED.sub("", wanted).split()
    if str(response.source) not in sources.split("|") or not all(word in response.reply for word in words):
        return False
    return all(any(_is(response, name) for name in detail.split("|")) for detail in details)


def _is(response: Response, name: str) -> bool:
    return name == response.intent or response.said == name or response.said.startswith(f"{name}:")


def variants(render: Callable[[str, SpeechLevel], str]) -> Mapping[str, Variant]:
    """The ways a story is told; `render` rewrites a line into another speech level."""
    return {
        "plain": lambda line, _: line,
        "nospace": lambda line, _: noise.nospace(line),
        "typos": lambda line, rng: noise.jamo_noise(line, rng, TYPO_RATE),
        "banmal": lambda line, _: render(line, SpeechLevel.HAE),
        "jondaetmal": lambda line, _: render(line, SpeechLevel.HAEYO),
    }


def tell(story: Story, reply: Callable[[str, str], Response], variant: str, how: Variant, seed: int) -> list[Miss]:
    """Play one story to the end with `reply(line, session)`; returns the turns that did not fit."""
    rng = random.Random(f"{seed}/{zlib.crc32(story.title.encode())}")
    misses = []
    for number, (line, wanted) in enumerate(story.turns, start=1):
        said = how(line, rng)
        response = reply(said, f"{variant}/{story.title}")
        if not fits(response, wanted):
            misses.append(Miss(story, number, said, wanted, response))
    return misses


def evaluate_stories(
    stories: Sequence[Story],
    reply: Callable[[str, str], Response],
    told: Mapping[str, Variant],
    seed: int = 13,
    watch: Callable[[Miss], None] | None = None,
) -> dict[str, Any]:
    """Tell every story in every way of `told`.

    A story keeps its outcome when every turn of it fits. `kept` is the share of the retold stories (all ways but
    plain) that do; `watch` is called with each turn that does not fit.
    """
    turns = sum(len(story.turns) for story in stories)
    table: dict[str, dict[str, float]] = {}
    for name, how in told.items():
        missed = [tell(story, reply, name, how, seed) for story in stories]
        for miss in _each(missed):
            if watch is not None:
                watch(miss)
        kept = sum(not misses for misses in missed)
        table[name] = {
            "stories": len(stories),
            "kept": kept,
            "share": _share(kept, len(stories)),
            "turns": turns,
            "turns_kept": turns - sum(map(len, missed)),
            "turn_share": _share(turns - sum(map(len, missed)), turns),
        }
    retold = [row for name, row in table.items() if name != "plain"]
    share = _share(sum(row["kept"] for row in retold), sum(row["stories"] for row in retold))
    return {"task": "stories", "seed": seed, "stories": len(stories), "turns": turns, "told": table, "kept": share}


def _each(missed: Iterable[Iterable[Miss]]) -> Iterator[Miss]:
    for misses in missed:
        yield from misses


def _share(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0
