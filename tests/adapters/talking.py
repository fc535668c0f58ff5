"""A bot for the adapter's tests: the real `Bot`, `Engine` and store, with speakers that need no models.

It says back what it heard; "길게" gives a long reply, "골라줘" asks back, "느리게" takes its time, "함께" waits
for two others who say it, "터져" fails.
Corrections and choices are the bot's own. Run as a program it is the whole adapter over such a bot, to be killed:
`python talking.py <store url> <Bot API url> <token> <seconds a reply takes> [processes]`.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from chatbot.dialogue.bot import Bot, Brain
from chatbot.dialogue.choosing import ChoiceSpeaker
from chatbot.dialogue.correction import CorrectionSpeaker
from chatbot.dialogue.engine import Engine
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.state import Choice
from chatbot.store.sql import SqlStore
from chatbot.text.preprocess import Preprocessor
from chatbot.types import Candidate, IntentScores, Source, SpeechLevel, Turn, Utterance

ROOT = Path(__file__).resolve().parent.parent.parent


TOGETHER = threading.Barrier(3)


class Nothing:
    """A classifier and a retriever that have learned nothing."""

    def classify(self, utterances: list[Utterance]) -> list[IntentScores]:
        return [IntentScores((), 0.5, 0.1) for _ in utterances]

    def propose(self, utterance: Utterance, history: tuple[Turn, ...]) -> list[Candidate]:
        return []


def echo(seconds: float = 0.0):
    """A speaker that says back what it heard, and how many turns the conversation had before."""

    def speak(reading: Reading) -> Proposal:
        text = reading.text
        time.sleep(0.3 if text == "느리게" else seconds)
        if text == "함께":
            TOGETHER.wait(20)
        if text == "터져":
            raise RuntimeError("a bug in a speaker")
        if text == "골라줘":
            choices = tuple(Choice(label, f"{label} 좋죠.", Source.TEMPLATE, label) for label in ("짜장", "짬뽕"))
            return Proposal(
                "어느 쪽이 좋아요?", Source.CLARIFY, "echo", reading.state, choices=choices, confidence=0.6
            )
        reply = "아주 긴 답이에요. " * 100 if text == "길게" else f"{reading.state.count + 1}. {text}"
        return Proposal(reply, Source.TEMPLATE, "echo", replace(reading.state, choices=()), "echo", 0.9)

    return speak


def make_bot(url: str, seconds: float = 0.0) -> Bot:
    """A bot over the store at `url`; each reply takes `seconds`."""
    wordings = ROOT / "corpus" / "phrases.yaml"
    phrases = Phrases.load(wordings, "도담", wordings)
    engine = Engine(
        speakers=[CorrectionSpeaker(phrases), ChoiceSpeaker(phrases), echo(seconds)],
        classifier=Nothing(),
        retriever=Nothing(),
        generator=None,
        polish=lambda reply, level: reply,
        level=SpeechLevel.HAEYO,
        clock=lambda: datetime.now(UTC),
        history_turns=6,
    )
    brain = Brain("echo", Preprocessor().utterance, engine, phrases, urgent=lambda text: text == "도와줘")
    return Bot(store=SqlStore(url), load_brain=lambda: brain, current=lambda: None, history_turns=6)


if __name__ == "__main__":
    from chatbot.adapters.telegram import ProcessDesk, Settings, ThreadDesk, serve

    url, api_url, token, pace, *processes = sys.argv[1:]
    settings = Settings(token, api_url, messages_per_minute=10_000, sends_per_second=0, queue_size=10_000)
    talking = make_bot(url, float(pace))
    if processes:
        serve(
            ProcessDesk(partial(make_bot, url, float(pace)), talking.store, int(processes[0]), 4),
            settings,
        )
    else:
        serve(ThreadDesk(talking, workers=4), settings)
    talking.store.close()
