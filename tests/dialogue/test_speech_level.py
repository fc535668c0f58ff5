"""dialogue.speech_level: the last hand on a reply never lets two levels through, and costs next to nothing."""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from fakes import TableClassifier, TableResponder

from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Reading
from chatbot.dialogue.speech_level import Polish, SpeechLevelSpeaker, level_asked
from chatbot.dialogue.state import State
from chatbot.text.honorifics import Honorifics
from chatbot.types import SpeechLevel, Utterance

HAEYO, HAPSYO, HAE = SpeechLevel.HAEYO, SpeechLevel.HAPSYO, SpeechLevel.HAE
_SLOT = re.compile(r"\{[^}]*\}")


@pytest.fixture(scope="module")
def honorifics(kiwi) -> Honorifics:
    return Honorifics(kiwi.kiwi)


@pytest.fixture(scope="module")
def polish(honorifics) -> Polish:
    return Polish(honorifics.render, honorifics.levels, lambda text: "금지어" not in text, "다른 얘기를 해요.")


def replies(corpus: Path) -> Iterator[str]:
    """What the bot may say: templates, phrases, answers of knowledge and chat, with a name in every slot."""
    for path in sorted((corpus / "intents").glob("*.yaml")):
        yield from yaml.safe_load(path.read_text(encoding="utf-8"))["replies"]
    phrases = yaml.safe_load((corpus / "phrases.yaml").read_text(encoding="utf-8"))
    yield from (said for value in phrases.values() if isinstance(value, list) for said in value)
    for path in sorted((corpus / "knowledge").glob("*.yaml")):
        yield from (entry["answer"] for entry in yaml.safe_load(path.read_text(encoding="utf-8")))
    for path in sorted((corpus / "chat").glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "\t" in line and not line.startswith("#"):
                yield line.split("\t")[1]


def test_sampled_replies_speak_one_level(polish, honorifics, corpus_dir):
    known = sorted(_SLOT.sub("도담", reply) for reply in set(replies(corpus_dir)))
    sample = random.Random(7).sample(known, 150)
    pure = [reply for reply in sample if not honorifics.mixed(reply)]
    assert len(pure) >= 0.98 * len(sample)
    mixed = [(level, reply, polish(reply, level)) for reply in pure for level in SpeechLevel]
    assert not [row for row in mixed if honorifics.mixed(row[2])]
    stayed = [row for row in mixed if honorifics.levels(row[2]) - {row[0]}]
    assert len(stayed) <= 0.01 * len(mixed), stayed


def test_replies_in_the_level_of_the_corpus_stay_as_written(polish, honorifics, corpus_dir):
    known = sorted(_SLOT.sub("도담", reply) for reply in set(replies(corpus_dir)))
    polite = [reply for reply in random.Random(8).sample(known, 150) if honorifics.levels(reply) == {HAEYO}]
    assert len(polite) > 120
    assert [(reply, polish(reply, HAEYO)) for reply in polite] == [(reply, reply) for reply in polite]


@pytest.mark.parametrize(
    ("reply", "level", "spoken"),
    [
        ("좋아요. 같이 가요!", HAE, "좋아. 같이 가자!"),
        ("좋아요. 금지어예요.", HAE, "다른 얘기를 해."),
        ("기사는 “비가 와요.”라고 전해요.", HAE, "기사는 “비가 와요.”라고 전해."),
    ],
)
def test_polish(polish, reply, level, spoken):
    assert polish(reply, level) == spoken


def test_a_reply_that_cannot_be_rewritten_stays_as_written(honorifics, caplog):
    def half(text: str, level: SpeechLevel) -> str:
        return text.replace("좋아요", "좋아")

    polish = Polish(half, honorifics.levels, lambda text: True, "")
    with caplog.at_level(logging.DEBUG):
        assert polish("좋아요. 알겠어요.", HAE) == "좋아요. 알겠어요."
        assert "stays as written" in caplog.text
        assert polish("좋아요. 알겠습니다.", HAE) == "좋아. 알겠습니다."
        assert "mixes" in caplog.text


def test_cheap_for_short_replies(polish, corpus_dir):
    """Measured: 0.4 ms at the median for a reply that was never seen; a coarse guard for busy machines."""
    texts = [f"{reply} {number}번이에요." for number, reply in enumerate(replies(corpus_dir)) if len(reply) < 60][:80]
    polish("안녕하세요.", HAE)
    spent = []
    for text in texts:
        started = time.process_time()
        polish(text, HAE)
        spent.append(time.process_time() - started)
    assert sorted(spent)[len(spent) // 2] < 0.008


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("다시 존댓말 써", HAEYO),
        ("말 높여줘", HAEYO),
        ("존대해줘", HAEYO),
        ("반말하지 마", HAEYO),
        ("반말은 좀 그만해 줘", HAEYO),
        ("반말 말고 존댓말로 해줘", HAEYO),
        ("말 놓지 마", HAEYO),
        ("반말 써", HAE),
        ("말 놓자", HAE),
        ("말씀 편하게 하세요", HAE),
        ("존댓말 안 써도 돼", HAE),
        ("반말러 해줘", HAE),
        ("반말이 뭐야", None),
        ("친구가 나한테 반말해", None),
        ("존댓말이 어려워", None),
        ("편하게 살고 싶어", None),
    ],
)
def test_levels_asked_for(line: str, level: SpeechLevel | None) -> None:
    assert level_asked(line) is level


@pytest.mark.parametrize(
    ("line", "before", "after", "occasion"),
    [
        ("왜 반말이야?", HAE, HAEYO, "level_back"),
        ("너 왜 반말하니", HAE, HAEYO, "level_back"),
        ("왜 말이 짧아?", HAE, HAEYO, "level_back"),
        ("어디서 반말이야", None, None, "level_polite"),
        ("왜 존댓말 써?", HAEYO, HAEYO, "level_why"),
    ],
)
def test_asked_why_it_speaks_so(line: str, before: SpeechLevel, after: SpeechLevel, occasion: str) -> None:
    occasions = ("level_back", "level_sorry", "level_polite", "level_why", "level_hae", "level_haeyo")
    speaker = SpeechLevelSpeaker(Phrases({name: [f"<{name}>"] for name in occasions}, "도담"))
    casual = SpeechLevelSpeaker(speaker.phrases, usual=HAE)
    unasked = casual(_heard("왜 반말이야?", State("s")))
    assert unasked is not None and (unasked.reply, unasked.state.level) == ("<level_sorry>", HAEYO)
    proposal = speaker(_heard(line, replace(State("s"), level=before)))
    assert proposal is not None and (proposal.reply, proposal.state.level) == (f"<{occasion}>", after)


def _heard(line: str, state: State) -> Reading:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    return Reading(Utterance(line, line), state, now, random.Random(1), TableClassifier({}), TableResponder({}), None)
