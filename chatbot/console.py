"""What long work shows: a bar on a terminal, plain lines in a pipe; tables of figures. Knows nothing of the work."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

# The colours of a diff.
_SHADES = {"+": "green", "-": "red"}
# Seconds between two plain lines of one piece of work.
LINE_EVERY = 5.0


@contextmanager
def progress() -> Iterator[Callable[[int, int, str], None]]:
    """A function to call with (done, of how many, what) as work goes on."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(done: int, total: int, what: str) -> None:
            name = what.split(":")[0]
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done, total=total, description=what)

        yield show


def _lines() -> Callable[[int, int, str], None]:
    last: dict[str, float] = {}

    def show(done: int, total: int, what: str) -> None:
        name = what.split(":")[0]
        now = time.monotonic()
        if done >= total or now - last.get(name, 0.0) >= LINE_EVERY:
            last[name] = now
            print(f"{what} {done}/{total}", file=sys.stderr, flush=True)

    return show


def wrapped(text: str) -> None:
    """Print text, wrapped between words by the width of the window; lines of a list or a diff keep their indent."""
    from rich.console import Console
    from rich.text import Text

    from chatbot.adapters.wrapping import folded

    console = Console(highlight=False)
    for line in text.splitlines() or [""]:
        rows = folded(line, console.width) if sys.stdout.isatty() else [line]
        for row in rows:
            console.print(Text(row, style=_SHADES.get(line[:1], "")), soft_wrap=True)


def ask(question: str) -> str:
    """A line that somebody types under `question`. Raises EOFError or KeyboardInterrupt when they leave."""
    with suppress(ImportError):
        import readline  # noqa: F401  (it lets input() edit wide characters)
    wrapped(question)
    return input("> ")


def table(columns: Mapping[str, Mapping[str, Any]]) -> None:
    """Print columns of figures, a figure a line; one that a column lacks stays empty. Fits 80 characters."""
    from rich.console import Console
    from rich.table import Table

    names = list(dict.fromkeys(name for figures in columns.values() for name in figures))
    shown = Table("", *columns)
    for name in names:
        shown.add_row(name, *(_figure(figures.get(name)) for figures in columns.values()))
    Console().print(shown)


def _figure(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if isinstance(value, float) else str(value)
