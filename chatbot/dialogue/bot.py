"""The bot that adapters talk to: a session's message in, a `Response` out, everything kept in the store.

Holds what changes while it runs (the models in use, a lock a session) around the pure engine. Knows no screen and no
network. One person's messages are answered in order; different people in parallel.
"""

from __future__ import annotations

import contextlib
import logging
import random
import threading
import uuid
import zlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from chatbot.dialogue.choosing import picked
from chatbot.dialogue.correction import VERDICTS, judged
from chatbot.dialogue.engine import Engine
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.state import State
from chatbot.dialogue.why import explain
from chatbot.errors import ChatbotError, StaleStateError, StoreError
from chatbot.store import Chosen, Remembered, Store
from chatbot.types import Response, Source, SpeechLevel, Turn, Utterance

log = logging.getLogger(__name__)

_STRIPES = 64
# Times that a turn is thought while other processes may write the same conversation; after that they wait.
_THOUGHTS = 3


@dataclass(frozen=True)
class Brain:
    """What one version knows: its name, how it reads an utterance, how it answers, what it says by itself, what its
    intents are called in `/why`, and by which words somebody may be in danger.
    """

    version: str
    read: Callable[[str, str, str], Utterance]
    engine: Engine
    phrases: Phrases
    labels: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    urgent: Callable[[str], bool] = lambda text: False


class Bot:
    """Replies, remembers, and takes a new version between two messages.

    Parameters
    ----------
    store : where conversations are kept.
    load_brain : builds the version in use; called once at first need and again after a promotion.
    current : the name of the version that should be in use (None: the shipped weights); cheap, asked every message.
    history_turns : earlier turns that a conversation remembers.
    crowd : entered for as long as a reply is thought out.
    """

    def __init__(
        self,
        *,
        store: Store,
        load_brain: Callable[[], Brain],
        current: Callable[[], str | None],
        history_turns: int,
        crowd: AbstractContextManager[None] | None = None,
    ) -> None:
        self.store = store
        self._load_brain = load_brain
        self._current = current
        self._history_turns = history_turns
        self._crowd = crowd or contextlib.nullcontext()
        self._brain: Brain | None = None
        self._wanted: str | None = None
        self._loading = threading.Lock()
        self._reloading = threading.Event()
        self._sessions = [threading.Lock() for _ in range(_STRIPES)]

    @property
    def brain(self) -> Brain:
        """The version in use, loaded at first need."""
        if self._brain is None:
            with self._loading:
                if self._brain is None:
                    self._wanted = self._current()
                    self._brain = self._load_brain()
        return self._brain

    def reply(self, text: str, session: str = "default", *, adapter: str = "python", id: str = "") -> Response:
        """Answer `text` in conversation `session`; any Unicode in gives one bounded reply out.

        `id` names the response (a new name when empty); an adapter that may ask twice after a kill gives its own.
        A database that is locked or full costs the memory of this turn, never the answer.
        """
        if not isinstance(text, str) or not isinstance(session, str):
            raise TypeError(f"text and session are str, not {type(text).__name__} and {type(session).__name__}")
        session = session.encode("utf-8", "replace").decode()
        brain = self.brain
        self._follow_promotions()
        with self._lock(session), self._crowd:
            utterance = brain.read(text, session, id or uuid.uuid4().hex)
            state, response = self._think(brain, utterance)
            if state.choices:
                self._keep_choice(state, utterance)
            self._keep_judgement(state, response)
        return response

    def _think(self, brain: Brain, utterance: Utterance) -> tuple[State, Response]:
        """The response, kept with the state after it, and the state it was thought from.

        When another process answered in this conversation meanwhile, it is thought again from what is known then.
        """
        spoken: list[tuple[State, Response]] = []

        def think(known: Remembered) -> tuple[Turn, Mapping[str, Any]]:
            state = _state_of(utterance.session, known)
            response, after = brain.engine.respond(utterance, state)
            spoken.append((state, response))
            return Turn(utterance, response), after.as_json()

        try:
            for _ in range(_THOUGHTS):
                known = self._recall(utterance.session)
                with contextlib.suppress(StaleStateError):
                    self.store.append(*think(known), known.version)
                    break
            else:
                self.store.settle(utterance.session, self._history_turns, think)
        except StoreError as error:
            log.warning("this turn is not kept: %s", error)
        return spoken[-1]

    def urgent(self, text: str) -> bool:
        """Whether `text` must be answered however busy the bot is: somebody may be in danger."""
        return self.brain.urgent(text)

    def state(self, session: str) -> State:
        """What is remembered of a conversation; a blank state when the store cannot be read."""
        return _state_of(session, self._recall(session))

    def _recall(self, session: str) -> Remembered:
        try:
            return self.store.recall(session, self._history_turns)
        except StoreError as error:
            log.warning("answering without memory: %s", error)
            return Remembered()

    def greeting(self) -> str:
        """The first line of a chat."""
        return self.brain.phrases.say("greeting", random.Random(0))

    def explain(self, response: Response) -> list[str]:
        """Why the bot said it, in Korean, a line each: what `/why` shows."""
        return explain(response, self.brain.labels)

    def set_level(self, session: str, level: SpeechLevel) -> str:
        """Speak `level` in this conversation from now on; returns what to say about it."""
        with self._lock(session):
            while True:
                known = self.store.recall(session, self._history_turns)
                state = replace(_state_of(session, known), level=level)
                with contextlib.suppress(StaleStateError):  # at once again: there is nothing to think about
                    self.store.save_state(session, state.as_json(), known.version)
                    break
        return self.brain.phrases.say(f"level_{level}", random.Random(0))

    def reset(self, session: str) -> None:
        """Begin anew: the conversation stays in the store, but the bot no longer leans on it."""
        with self._lock(session):
            self.store.reset_state(session)

    def forget(self, session: str) -> int:
        """Delete everything of this conversation for good; returns how many turns went."""
        with self._lock(session):
            return self.store.forget(session)

    def feedback(self, response_id: str, value: int, correction: str = "", session: str = "default") -> str:
        """Keep 👍 (1), 👎 (-1) or a right answer for a reply; returns what to say about it in `session`."""
        self._keep_feedback(response_id, value, correction)
        occasion = "corrected" if correction else "liked" if value > 0 else "disliked"
        thanks = self.brain.phrases.say(occasion, random.Random(zlib.crc32(response_id.encode())))
        return self.brain.engine.voiced(thanks, self.state(session))

    def _keep_judgement(self, state: State, response: Response) -> None:
        """What the user typed about an earlier reply: 👍, 👎, 정답은 …"""
        turn = judged(state) if response.intent in VERDICTS and response.source is Source.SKILL else None
        if turn is not None:
            correction = response.candidates[0].text if response.intent == "correction" else ""
            self._keep_feedback(turn.response.id, VERDICTS[response.intent], correction)

    def _keep_feedback(self, response_id: str, value: int, correction: str) -> None:
        try:
            self.store.feedback(response_id, value, correction)
        except StoreError as error:
            log.warning("this feedback is not kept: %s", error)

    def _keep_choice(self, state: State, utterance: Utterance) -> None:
        """What the user picked after a 되묻기 is a label for the utterance before it."""
        choice = picked(utterance.text, state.choices)
        if choice is None or state.last is None:
            return
        chosen = Chosen(choice.label, choice.reply, str(choice.source), choice.id)
        try:
            self.store.choice(state.last.response.id, [choice.label for choice in state.choices], chosen)
        except StoreError as error:
            log.warning("this choice is not kept: %s", error)

    def _lock(self, session: str) -> threading.Lock:
        return self._sessions[zlib.crc32(session.encode("utf-8", "replace")) % _STRIPES]

    def _follow_promotions(self) -> None:
        """Load a newly promoted version in the background; messages go on with the old one until it is ready."""
        if self._current() != self._wanted and not self._reloading.is_set():
            self._reloading.set()
            threading.Thread(target=self.reload, name="take-new-version", daemon=True).start()

    def reload(self) -> None:
        """Take the version in use now. A version that cannot be loaded is reported, and the old one stays."""
        try:
            wanted = self._current()
            self._brain = self._load_brain()
            log.info("now using version %s", self._brain.version)
            self._wanted = wanted
        except ChatbotError as error:
            self._wanted = self._current()
            log.warning("the new version cannot be used, the old one stays: %s", error)
        finally:
            self._reloading.clear()


def _state_of(session: str, known: Remembered) -> State:
    return State.from_json(session, known.state, tuple(known.turns)) if known.state else State(session)
