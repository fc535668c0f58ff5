"""How a sentence becomes an answer: `(utterance, state) -> (response, state)`.

    utterance ─► Reading ─► speakers in the order of policy.py ─► the first Proposal ─► polish ─► Response

A speaker looks at the reading (the utterance, the conversation so far, what the models think) and either proposes a
reply with its reason or passes. The first that proposes has spoken; `fallback` never passes. The engine itself knows
no Korean, no model and no database: it asks, polishes (speech level, no profanity, bounded length) and remembers.
"""

from __future__ import annotations

import random
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.state import State
from chatbot.seams import IntentClassifier, Responder
from chatbot.types import Candidate, Response, SpeechLevel, Turn, Utterance

# Longest reply in characters: a screenful of a phone. Adapters may split it, nothing may exceed it.
MAX_REPLY = 1200


class Speaker(Protocol):
    """Somebody who may answer: proposes a reply, or passes with None."""

    def __call__(self, reading: Reading) -> Proposal | None: ...


class Polisher(Protocol):
    """The last hand on every reply, whatever its source."""

    def __call__(self, reply: str, level: SpeechLevel) -> str: ...


class Engine:
    """Decides. Holds the models and the speakers, but no conversation: that is the caller's `State`.

    Parameters
    ----------
    speakers : in the order of policy.py; the last must always speak.
    level : the speech level of the bot unless the user asked for another.
    clock : gives the present moment with its time zone.
    preface : what must be said before the answer to this utterance, "" as a rule.
    history_turns : turns that a state remembers.
    """

    def __init__(
        self,
        *,
        speakers: Sequence[Speaker],
        classifier: IntentClassifier,
        retriever: Responder,
        generator: Responder | None,
        polish: Polisher,
        level: SpeechLevel,
        clock: Callable[[], datetime],
        history_turns: int,
        preface: Callable[[Utterance], str] = lambda _: "",
    ) -> None:
        self._speakers = tuple(speakers)
        self._classifier = classifier
        self._retriever = retriever
        self._generator = generator
        self._polish = polish
        self._level = level
        self._clock = clock
        self._history_turns = history_turns
        self._preface = preface

    def respond(self, utterance: Utterance, state: State) -> tuple[Response, State]:
        """One reply and the state that follows it. The same utterance, state and clock give the same reply."""
        started = time.perf_counter()
        reading = Reading(
            utterance,
            state,
            self._clock(),
            _dice(state),
            self._classifier,
            self._retriever,
            self._generator,
        )
        proposal = self._decide(reading)
        reply = proposal.reply
        if not proposal.exact:
            reply = f"{self._preface(utterance)} {reply}".lstrip()
            reply = self.voiced(reply, proposal.state)
        response = Response(
            text=utterance.raw,
            reply=_bounded(reply),
            source=proposal.source,
            reason=proposal.reason,
            intent=proposal.intent,
            confidence=proposal.confidence,
            candidates=_strongest(proposal.candidates or reading.consulted),
            choices=tuple(choice.label for choice in proposal.choices),
            scores=reading.__dict__.get("scores"),
            latency_ms=(time.perf_counter() - started) * 1000,
            id=utterance.id,
            said=proposal.said,
        )
        after = replace(proposal.state, choices=proposal.choices)
        if after.form is not None and after.form is state.form:  # somebody else spoke: the form waits
            after = replace(after, form=replace(after.form, paused=True))
        return response, after.after(Turn(utterance, response), self._history_turns)

    def voiced(self, line: str, state: State) -> str:
        """What is said outside a turn, in the speech level of the conversation."""
        return self._polish(line, state.level or self._level)

    def _decide(self, reading: Reading) -> Proposal:
        for speaker in self._speakers:
            proposal = speaker(reading)
            if proposal is not None:
                return proposal
        raise AssertionError("policy: the last speaker must always speak")


def _dice(state: State) -> random.Random:
    """Chance that differs from turn to turn, and is the same when a turn is replayed."""
    return random.Random(zlib.crc32(f"{state.session}/{state.count}".encode("utf-8", "replace")))


def _bounded(reply: str) -> str:
    return reply if len(reply) <= MAX_REPLY else reply[: MAX_REPLY - 1].rstrip() + "…"


def _strongest(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(candidates, key=lambda candidate: -candidate.score)[:5])
