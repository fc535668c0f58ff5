"""A bot for the tests of one conversation in several processes: the real `Bot` and `Engine`, a speaker without models.

It puts everything that it hears into the state, takes a moment over it, and says what it has heard so far. Run as a
program it says back one line after another, to be killed: `python speaking.py <store url> <session>`.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from chatbot.dialogue.bot import Bot, Brain
from chatbot.dialogue.engine import Engine
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.store.sql import SqlStore
from chatbot.types import Candidate, IntentScores, Source, SpeechLevel, Turn, Utterance

WORDINGS = Path(__file__).resolve().parent.parent.parent / "corpus" / "phrases.yaml"
# Seconds of thought: long beside a transaction, so that two processes often think at the same moment.
THOUGHT = 0.01


class Nothing:
    """A classifier and a retriever that have learned nothing."""

    def classify(self, utterances: list[Utterance]) -> list[IntentScores]:
        return [IntentScores((), 0.5, 0.1) for _ in utterances]

    def propose(self, utterance: Utterance, history: tuple[Turn, ...]) -> list[Candidate]:
        return []


def listen(reading: Reading) -> Proposal:
    """Remember what was heard after all that was heard before."""
    time.sleep(THOUGHT)
    told = (*reading.state.told, reading.text)
    return Proposal(" ".join(told), Source.TEMPLATE, "heard", replace(reading.state, told=told), "listen", 0.9)


def make_bot(url: str) -> Bot:
    """A bot over the store at `url`."""
    phrases = Phrases.load(WORDINGS, "도담", WORDINGS)
    engine = Engine(
        speakers=[listen],
        classifier=Nothing(),
        retriever=Nothing(),
        generator=None,
        polish=lambda reply, level: reply,
        level=SpeechLevel.HAEYO,
        clock=lambda: datetime.now(UTC),
        history_turns=6,
    )
    brain = Brain("listen", lambda raw, session, id_: Utterance(raw, raw.strip(), session, id_), engine, phrases)
    return Bot(store=SqlStore(url), load_brain=lambda: brain, current=lambda: None, history_turns=6)


if __name__ == "__main__":
    bot = make_bot(sys.argv[1])
    print("ready", flush=True)
    for line in sys.stdin:
        print(bot.reply(line.strip(), session=sys.argv[2], adapter="test", id=line.strip()).reply, flush=True)
