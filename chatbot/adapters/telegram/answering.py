"""What to say to something said or pressed: the bot's reply, a command's, a button's. Blocks; runs in a thread.

In: an `Incoming`. Out: an `Answer`, without any network. Asks the bot for everything that is dialogue.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatbot.adapters.telegram import words
from chatbot.adapters.telegram.incoming import Incoming
from chatbot.dialogue.correction import VERDICTS
from chatbot.dialogue.speech_level import LEVEL_NAMES
from chatbot.errors import StoreError
from chatbot.types import Response, Source, Turn

if TYPE_CHECKING:
    from chatbot.dialogue.bot import Bot

# Sessions whose last response is kept with all its scores for /why; older ones are read from the store, without.
_REMEMBERED = 500
# Telegram takes at most 200 characters in the note that follows a press (answerCallbackQuery).
_NOTE = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes out: `text` (none: nothing is sent), rows of buttons as (label, data), a note for a pressed button."""

    text: str = ""
    buttons: tuple[tuple[tuple[str, str], ...], ...] = ()
    note: str = ""


class Answering:
    """Turns what came in into answers. Remembers the last response of each session for /why."""

    def __init__(self, bot: Bot, account: int) -> None:
        self._bot = bot
        self._account = account
        self._last: OrderedDict[str, Response] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, item: Incoming) -> Answer:
        """What to say to `item`; the same item twice (after a kill) is thought about once."""
        if item.kind == "text":
            return self._reply(item, item.text)
        if item.kind == "command":
            return Answer(self._command(item))
        if item.kind == "button":
            return self._button(item)
        if item.kind == "called":
            return Answer(words.CALLED)
        return Answer(words.NOT_TEXT.get(item.kind, words.OTHER_KIND))

    def _reply(self, item: Incoming, text: str) -> Answer:
        name = self._name(item)
        known = self._known(item)
        if known is not None:
            return Answer(known.response.reply, self._buttons(known.response, self._offered(item.session, name)))
        response = self._bot.reply(text, session=item.session, adapter="telegram", id=name)
        with self._lock:
            self._last[item.session] = response
            self._last.move_to_end(item.session)
            while len(self._last) > _REMEMBERED:
                self._last.popitem(last=False)
        return Answer(response.reply, self._buttons(response, response.choices))

    def _name(self, item: Incoming) -> str:
        """The id of the response to `item`, the same after a restart."""
        return f"tg{self._account}-{item.update_id}"

    def _known(self, item: Incoming) -> Turn | None:
        """What an earlier process thought of `item`, if it came so far."""
        return self._bot.store.spoken(self._name(item)) if item.again else None

    def _buttons(self, response: Response, choices: tuple[str, ...]) -> tuple[tuple[tuple[str, str], ...], ...]:
        """The choices of a 되묻기, a row each, or else 👍 and 👎; nobody is asked how they liked a help line, or the
        thanks for a judgement.
        """
        if response.source is Source.SAFETY or (response.source is Source.SKILL and response.intent in VERDICTS):
            return ()
        if choices:
            return tuple(((label, f"c:{n}:{response.id}"),) for n, label in enumerate(choices, start=1))
        return ((("👍", f"f:1:{response.id}"), ("👎", f"f:-1:{response.id}")),)

    def _offered(self, session: str, response_id: str) -> tuple[str, ...]:
        """The choices that wait for an answer, if it was this response that offered them."""
        state = self._bot.state(session)
        if state.last is None or state.last.response.id != response_id:
            return ()
        return tuple(choice.label for choice in state.choices)

    def _button(self, item: Incoming) -> Answer:
        """A press: its data is ``f:1:<response id>``, ``f:-1:<response id>`` or ``c:<number>:<response id>``."""
        kind, _, rest = item.name.partition(":")
        value, _, response_id = rest.partition(":")
        if kind == "f" and value in ("1", "-1"):
            return Answer(note=self._bot.feedback(response_id, int(value), session=item.session)[:_NOTE])
        if kind != "c":
            return Answer()
        if self._known(item) is None and not self._offered(item.session, response_id):
            return Answer(note=words.PASSED)
        return self._reply(item, value)

    def _command(self, item: Incoming) -> str:
        name = words.KOREAN_COMMANDS.get(item.name, item.name.lower())
        session = item.session
        if name == "start":
            return self._bot.greeting()
        if name == "help":
            return words.HELP
        if name == "why":
            return self._why(session)
        if name == "level":
            level = LEVEL_NAMES.get(item.text)
            if level is None:
                return words.WHICH_LEVEL.format(levels=", ".join(LEVEL_NAMES))
            return self._bot.set_level(session, level)
        if name == "reset":
            self._bot.reset(session)
            return words.NEW_START
        if name == "forget":
            return self._forget(session)
        return words.UNKNOWN_COMMAND.format(name=item.name)

    def _why(self, session: str) -> str:
        response = self._last.get(session)
        if response is None:
            last = self._bot.state(session).last
            response = last.response if last else None
        return "\n".join(self._bot.explain(response)) if response else words.NO_ANSWER_YET

    def _forget(self, session: str) -> str:
        with self._lock:
            self._last.pop(session, None)
        try:
            return words.FORGOTTEN.format(turns=self._bot.forget(session))
        except StoreError:
            return words.NOT_FORGOTTEN
