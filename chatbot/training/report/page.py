"""A report as one page of HTML. In: a `Report` and a language. Out: text. Measures nothing, reads no model."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from chatbot.corpus.fonts import korean_font
from chatbot.errors import MissingExtraError
from chatbot.training.report.figures import attention_of, figures_of, overlap_of
from chatbot.training.report.values import Report

FOLDER = Path(__file__).resolve().parent / "page"
LANGUAGES = ("ko", "en")


def render(report: Report, language: str = "ko") -> str:
    """The page: styles, pictures and words inside, nothing fetched.

    Raises
    ------
    MissingExtraError
        when matplotlib, the Korean font or Jinja2 is not installed.
    """
    require()
    import jinja2

    say = sayings(language)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"share": _share, "number": _number, "signed": _signed}
    generation = report.generation
    return environment.get_template("report.html").render(
        report=report,
        language=language,
        say=say,
        style=(FOLDER / "style.css").read_text(encoding="utf-8"),
        figures=figures_of(report, say),
        attention=[attention_of(one, say, f"a{n}") for n, one in enumerate(generation.replies)] if generation else [],
        overlaps=[overlap_of(one, say, f"o{n}") for n, one in enumerate(report.plane.overlaps)],
    )


def require() -> None:
    """Raises MissingExtraError when a page could not be drawn, before anything is measured."""
    korean_font()
    if importlib.util.find_spec("jinja2") is None:
        raise MissingExtraError("jinja2", "report")


def sayings(language: str) -> Callable[..., str]:
    """What the page says in a language: ``say(key, **values)``; an unknown key without a default is a fault."""
    texts = _texts(language)

    def say(key: str, default: str | None = None, **values: Any) -> str:
        text = texts[key] if default is None else texts.get(key, default)
        return text.format(**values) if values else text

    return say


@cache
def _texts(language: str) -> dict[str, str]:
    texts: dict[str, str] = yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    return texts


def _share(value: float) -> str:
    return f"{value * 100:.1f}%"


def _number(value: float | int) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}" if abs(value) < 10 else f"{value:,.1f}"


def _signed(value: int) -> str:
    return f"+{value:,}" if value > 0 else f"−{-value:,}" if value < 0 else "±0"
