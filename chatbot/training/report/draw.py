"""How every picture of a report looks: paper, ink, colours that follow a light or dark page, Korean letters.

In: a function that draws on axes. Out: an SVG to stand in a page. Knows no figures' meaning. Colours are written as
CSS variables, letters as outlines, so that a picture needs neither a style sheet nor a font of its own.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from chatbot.corpus.fonts import korean_font

# The light page's colours; style.css defines the same names, and others for the dark page.
COLOURS: Mapping[str, str] = {
    "ink": "#24292e",
    "muted": "#69727a",
    "line": "#dedbd3",
    "blue": "#2f6f8f",
    "coral": "#c9623f",
    "green": "#4d8a63",
    "gold": "#b98a2f",
    "violet": "#7a62a3",
    "rose": "#b8557b",
    "teal": "#2e8b86",
    "brown": "#8a6748",
    "olive": "#7d8437",
    "slate": "#55688f",
}
SERIES = ("blue", "coral", "green", "gold", "violet", "rose", "teal", "brown", "olive", "slate")

# Inches. A picture is as wide as a phone shows it, so that letters stay readable there.
WIDTH = 5.2

_HEAD = re.compile(r"^.*?(?=<svg )|<metadata>.*?</metadata>|<style[^>]*>.*?</style>|<!--.*?-->", re.DOTALL)


def colour(name: str) -> str:
    """A colour by name, as matplotlib takes it."""
    return COLOURS[name]


def fading(name: str) -> Any:
    """A colour map from nothing at all to the full colour: on any page, more is stronger."""
    from matplotlib.colors import LinearSegmentedColormap, to_rgb

    rgb = to_rgb(COLOURS[name])
    return LinearSegmentedColormap.from_list(name, [(*rgb, 0.0), (*rgb, 1.0)])


def drawable(text: str) -> str:
    """The text with a dot for every letter that the font lacks (emoji, pieces of letters)."""
    known = _letters(korean_font())
    return "".join(letter if ord(letter) in known or letter.isspace() else "·" for letter in text)


@cache
def _letters(font: str) -> frozenset[int]:
    from matplotlib import font_manager

    return frozenset(font_manager.get_font(font_manager.findfont(font)).get_charmap())


def svg(draw: Callable[[Any], None], height: float, label: str, width: float = WIDTH, name: str = "") -> str:
    """The SVG of a figure that `draw` fills; `label` is what a screen reader says.

    Raises
    ------
    MissingExtraError
        when matplotlib or the Korean font is not installed.
    """
    font = korean_font()
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_style(font, name or label)):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        figure.patch.set_alpha(0.0)
        draw(figure)
        for axes in figure.axes:
            axes.patch.set_alpha(0.0)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None}, dpi=144)
    return _tidy(stream.getvalue(), label)


def _style(font: str, salt: str) -> Any:
    ink, muted, line = COLOURS["ink"], COLOURS["muted"], COLOURS["line"]
    return {
        "font.family": font,
        "font.size": 11,
        "axes.unicode_minus": False,
        "axes.edgecolor": line,
        "axes.labelcolor": muted,
        "axes.labelsize": 11,
        "axes.titlesize": 11.5,
        "axes.titlecolor": ink,
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": False,
        "grid.color": line,
        "grid.linewidth": 0.8,
        "text.color": ink,
        "xtick.color": line,
        "ytick.color": line,
        "xtick.labelcolor": muted,
        "ytick.labelcolor": muted,
        "xtick.labelsize": 10.5,
        "ytick.labelsize": 10.5,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "legend.frameon": False,
        "legend.fontsize": 10.5,
        "lines.linewidth": 2.2,
        "lines.solid_capstyle": "round",
        "svg.fonttype": "path",
        "svg.hashsalt": salt,
    }


def _tidy(text: str, label: str) -> str:
    """Without what a page has already (prologue, style, sizes, names), with colours as variables."""
    text = _HEAD.sub("", text)
    head, rest = text.split(">", 1)
    head = re.sub(r' (width|height)="[^"]*"', "", head)
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', rest))
    rest = re.sub(r' id="([^"]*)"', lambda m: m[0] if m[1] in used else "", rest)
    for name, value in COLOURS.items():
        rest = rest.replace(value, f"var(--{name})")
    return f'{head} role="img" aria-label="{_escaped(label)}">{rest}'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
