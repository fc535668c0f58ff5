"""The screen of a chat: a line editor, colours, folding, a pace for generated replies. Owns no logic.

prompt_toolkit edits wide Korean characters and keeps a history; rich colours (NO_COLOR is honoured). The bot wakes and
thinks in a thread, so that Ctrl-C stops the waiting at once and the thinking never in the middle.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatbot.adapters.wrapping import folded

if TYPE_CHECKING:
    from chatbot.adapters.terminal import Conversation
    from chatbot.dialogue.bot import Bot

# Seconds between two words of a generated reply: quicker than reading, slow enough to be seen.
PACE = 0.04
PROMPT = "나 "
WAKING = "생각을 깨우는 중이에요…"
THINKING = "생각하는 중이에요…"
# Seconds of thought after which the screen says so.
PATIENCE = 0.5
SKIPPED = "(그 답은 건너뛸게요.)"
GOODBYE = "다음에 또 이야기해요. 안녕히 가세요!"


def interact(conversation: Conversation, loading: Future[Bot], pool: Executor, name: str, history: Path) -> None:
    """Talk until the person leaves; `pool` is the thread that the bot wakes in, and thinks in from then on."""
    from rich.console import Console

    from chatbot.text.josa import attach

    console = Console(highlight=False)
    ask = _plain_prompt() if console.is_dumb_terminal else _prompt(history)
    hello = f"안녕하세요, {attach(name, '이에요/예요')}. 편하게 말 걸어 주세요. (/help 도움말, /quit 나가기)"
    show(console, [hello], name)
    while True:
        try:
            line = ask()
        except KeyboardInterrupt:
            continue  # Ctrl-C throws away the line, as in a shell
        except EOFError:
            break
        if not line.strip():
            continue
        command = line.strip().startswith("/")
        try:
            _wait(console, loading, WAKING)
            shown = _wait(console, pool.submit(conversation.say, line), THINKING)
            if shown is None:
                break
            show(console, shown, "" if command else name, pace=PACE if conversation.generated and not command else 0.0)
        except KeyboardInterrupt:
            console.print(SKIPPED, style="dim")
            continue
        if command and line.split()[0] == "/잊어줘":
            history.unlink(missing_ok=True)
            ask = _plain_prompt() if console.is_dumb_terminal else _prompt(history)
    console.print(GOODBYE)


def _wait(console: Any, future: Future[Any], word: str) -> Any:
    """The result of `future`, and a word about it while it takes long."""
    with suppress(TimeoutError):
        return future.result(PATIENCE)
    if console.is_dumb_terminal:  # no room for a spinner
        console.print(word)
    with console.status(word):
        return future.result()


def tell(line: str) -> None:
    """Above the prompt, where one waits: prompt_toolkit and rich see to that."""
    print(line, flush=True)


def _plain_prompt() -> Callable[[], str]:
    """For TERM=dumb, where no cursor can be moved: readline, which knows how wide 한 is."""
    with suppress(ImportError):
        import readline

        readline.clear_history()

    def ask() -> str:
        with echo(True):
            return input(PROMPT)

    return ask


def _prompt(typed: Path) -> Callable[[], str]:
    """A line editor with the lines of earlier chats under the arrow keys; personal data is masked in their file."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory
    from prompt_toolkit.patch_stdout import patch_stdout

    from chatbot.dialogue.privacy import mask

    class Masked(FileHistory):
        def store_string(self, string: str) -> None:
            with suppress(OSError):  # a disk that takes nothing costs the arrow keys of the next chat
                super().store_string(mask(string))

    with suppress(OSError):
        typed.parent.mkdir(parents=True, exist_ok=True)
    session: PromptSession[str] = PromptSession(
        history=Masked(str(typed)), prompt_continuation=lambda width, _, __: " " * width
    )

    def ask() -> str:
        with patch_stdout():
            return session.prompt(PROMPT)

    return ask


@contextmanager
def echo(on: bool) -> Iterator[None]:
    """Whether the terminal shows what is typed. Off while the bot wakes or thinks: what is typed then waits for the
    next prompt, and is shown there, once.
    """
    try:
        import termios
    except ImportError:  # Windows: its console echoes nothing between two prompts
        yield
        return
    screen = sys.stdin.fileno()
    before, wanted = termios.tcgetattr(screen), termios.tcgetattr(screen)
    wanted[3] = wanted[3] | termios.ECHO if on else wanted[3] & ~termios.ECHO
    termios.tcsetattr(screen, termios.TCSANOW, wanted)
    try:
        yield
    finally:
        termios.tcsetattr(screen, termios.TCSANOW, before)


def show(console: Any, lines: list[str], name: str, *, pace: float = 0.0) -> None:
    """Print lines folded to the window, the bot's name before the first; word by word where there is a `pace`."""
    from rich.cells import cell_len
    from rich.text import Text

    style = "bold cyan" if name else "dim"
    for number, line in enumerate(lines):
        label = f"{name} " if name and number == 0 else ""
        rows = folded(line, console.width, cell_len(label))
        for place, row in enumerate(rows):
            text = Text.assemble((label if place == 0 else "", style), (row, "" if name else style))
            if pace and number == 0:
                _type(console, text, pace)
            else:
                console.print(text, soft_wrap=True)


def _type(console: Any, row: Any, pace: float) -> None:
    """Print a row a word at a time; Ctrl-C ends it where it is."""
    try:
        for word in row.split(" ", include_separator=True):
            console.print(word, end="", soft_wrap=True)
            console.file.flush()
            time.sleep(pace)
    finally:
        console.print()
