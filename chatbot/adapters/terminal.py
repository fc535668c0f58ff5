"""The terminal: a line typed becomes a message, a `Response` becomes lines on the screen. Owns no logic.

On a terminal it is interactive (screen.py). When stdin or stdout is a pipe it is plain: a line in, a reply out,
nothing else.

A generated reply appears a word at a time, once it is whole: the best of many is known, and known to be clean, only
then.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from chatbot.adapters import screen
from chatbot.errors import StoreError
from chatbot.types import Response, Source, SpeechLevel

if TYPE_CHECKING:
    from chatbot.dialogue.bot import Bot

HELP = """\
/why        방금 답의 까닭을 보여 줘요
/feedback   방금 답이 어땠는지 알려 줘요: /feedback 좋아요, /feedback 별로, /feedback 정답은 …
/말투       말투를 바꿔요: /말투 반말, /말투 존댓말, /말투 격식체
/history    지금까지 나눈 이야기를 보여 줘요
/export     나눈 이야기를 파일로 저장해요: /export 대화.jsonl
/reset      이야기를 새로 시작해요 (기록은 남아요)
/잊어줘     이 대화의 기록을 모두 지워요
/quit       나가요 (Ctrl-D도 돼요)"""

LEVELS = {
    "반말": SpeechLevel.HAE,
    "존댓말": SpeechLevel.HAEYO,
    "해요체": SpeechLevel.HAEYO,
    "격식체": SpeechLevel.HAPSYO,
    "합쇼체": SpeechLevel.HAPSYO,
}
NOT_NOW = "지금은 대화 기록을 쓸 수 없어요. 잠시 뒤에 다시 해 주세요."


log = logging.getLogger(__name__)


class Conversation:
    """One person at one terminal: sends lines to the bot, remembers the last response for `/why`. Prints nothing."""

    def __init__(self, bot: Callable[[], Bot], session: str) -> None:
        self._bot = bot
        self._session = session
        self._last: Response | None = None
        self._exported: list[Path] = []

    @property
    def generated(self) -> bool:
        """Whether the last reply was made up, not found."""
        return self._last is not None and self._last.source is Source.SEQ2SEQ

    def say(self, line: str) -> list[str] | None:
        """The lines to show for `line`; None when the conversation is over."""
        command, _, rest = line.strip().partition(" ")
        if command.startswith("/"):
            return self._command(command, rest.strip())
        self._last = self._bot().reply(line, session=self._session, adapter="terminal")
        return [self._last.reply, *(f"  {n}. {choice}" for n, choice in enumerate(self._last.choices, start=1))]

    def _command(self, command: str, rest: str) -> list[str] | None:
        actions: dict[str, Callable[[str], list[str]]] = {
            "/help": lambda _: HELP.splitlines(),
            "/도움말": lambda _: HELP.splitlines(),
            "/why": self._why,
            "/왜": self._why,
            "/feedback": self._feedback,
            "/피드백": self._feedback,
            "/말투": self._level,
            "/history": self._history,
            "/기록": self._history,
            "/export": self._export,
            "/저장": self._export,
            "/reset": self._reset,
            "/새로": self._reset,
            "/잊어줘": self._forget,
        }
        if command in ("/quit", "/exit", "/끝"):
            return None
        action = actions.get(command)
        if action is None:
            return [f"{command}: 모르는 명령이에요. /help 를 쳐 보세요."]
        try:
            return action(rest)
        except StoreError as error:
            log.warning("%s cannot be done: %s", command, error)
            return [NOT_NOW]

    def _why(self, _: str) -> list[str]:
        return self._bot().explain(self._last) if self._last else ["아직 답한 말이 없어요."]

    def _feedback(self, rest: str) -> list[str]:
        if self._last is None:
            return ["아직 답한 말이 없어요."]
        if rest.startswith("정답은"):
            return [self._judge(-1, rest.removeprefix("정답은").strip())]
        liked, disliked = ("좋", "👍", "+", "1"), ("별로", "싫", "👎", "-", "나빠", "아니")
        if rest.startswith(liked):
            return [self._judge(1)]
        if rest.startswith(disliked):
            return [self._judge(-1)]
        return ["'/feedback 좋아요', '/feedback 별로', '/feedback 정답은 …' 가운데 하나로 알려 주세요."]

    def _judge(self, value: int, correction: str = "") -> str:
        assert self._last is not None
        return self._bot().feedback(self._last.id, value, correction, session=self._session)

    def _level(self, rest: str) -> list[str]:
        if rest not in LEVELS:
            return [f"'/말투 반말'처럼 골라 주세요: {', '.join(LEVELS)}"]
        return [self._bot().set_level(self._session, LEVELS[rest])]

    def _history(self, _: str) -> list[str]:
        lines = []
        for turn in self._bot().store.history(self._session, 20):
            lines += [f"나: {turn.utterance.raw}", f"봇: {turn.response.reply}"]
        return lines or ["아직 나눈 이야기가 없어요."]

    def _export(self, rest: str) -> list[str]:
        path = Path(rest or "conversation.jsonl")
        rows = self._bot().store.export(self._session)
        try:
            with path.open("x", encoding="utf-8") as file:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        except FileExistsError:
            return [f"{path} 파일이 이미 있어요. 다른 이름을 적어 주세요: /export 이름.jsonl"]
        except OSError as error:
            return [f"{path}에 저장하지 못했어요: {error.strerror}"]
        self._exported.append(path)
        return [f"{len(rows)}번 주고받은 이야기를 {path}에 저장했어요."]

    def _reset(self, _: str) -> list[str]:
        self._bot().reset(self._session)
        self._last = None
        return ["새로 시작해요. 무슨 얘기부터 할까요?"]

    def _forget(self, _: str) -> list[str]:
        turns = self._bot().forget(self._session)
        self._last = None
        left = [f"저장해 둔 파일은 그대로 있어요: {', '.join(map(str, self._exported))}"] if self._exported else []
        return [f"이 대화의 기록 {turns}개를 모두 지웠어요.", *left]


Tell = Callable[[str], None]


def run(build: Callable[[Tell], Bot], session: str, *, name: str, history: Path) -> None:
    """Talk until the person leaves. `build` makes the bot; it runs behind the greeting, which needs no model, and may
    tell the person what does not go as it should.

    Raises `ChatbotError` when the bot cannot be built.
    """
    on_screen = sys.stdin.isatty() and sys.stdout.isatty()
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # bytes that are no text cost a letter, not the chat
    pool = ThreadPoolExecutor(1, thread_name_prefix="bot")
    loading = pool.submit(_warm, build, screen.tell if on_screen else _tell_aside)
    conversation = Conversation(loading.result, session)
    with screen.echo(False) if on_screen else nullcontext():
        if on_screen:
            screen.interact(conversation, loading, pool, name, history)
        else:
            _plain(conversation, sys.stdin)
    _leave(pool, loading)


def _leave(pool: ThreadPoolExecutor, loading: Future[Bot]) -> None:
    """Write what the database has not taken yet. Who leaves while the bot wakes need not wait for it."""
    if not loading.done():
        sys.stdout.flush()
        os._exit(0)
    pool.shutdown(wait=True)
    loading.result().store.close()


def _warm(build: Callable[[Tell], Bot], tell: Tell) -> Bot:
    bot = build(tell)
    _ = bot.brain
    return bot


def _tell_aside(line: str) -> None:
    """A pipe's stdout holds replies alone."""
    print(line, file=sys.stderr, flush=True)


def _plain(conversation: Conversation, lines: Iterable[str]) -> None:
    for line in lines:
        shown = conversation.say(line.rstrip("\n"))
        if shown is None:
            return
        print("\n".join(shown), flush=True)
