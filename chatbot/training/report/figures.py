"""The pictures of a report. In: a `Report` and the words of a language. Out: SVG by name. Measures nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from chatbot.training.report.draw import SERIES, colour, drawable, fading, svg
from chatbot.training.report.values import Attention, Curve, Overlap, Plane, Report, Strangers, Understanding

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Words = Callable[[str], str]

NAMED = 22  # intents named on the map at most: those that overlap first


def figures_of(report: Report, words: Words) -> dict[str, str]:
    """Every picture that the report has values for."""
    found = {
        "examples": svg(lambda f: _examples(f, report.data.examples, words), 2.4, words("examples.title")),
        "matrix": svg(lambda f: _matrix(f, report.understanding, words), 5.0, words("matrix.title")),
        "worst": svg(lambda f: _worst(f, report.understanding, words), 5.4, words("worst.title")),
        "reliability": svg(lambda f: _reliability(f, report.understanding, words), 4.4, words("reliability.title")),
        "plane": svg(lambda f: _plane(f, report.plane), 6.0, words("plane.title"), width=7.6),
    }
    for stage, curves in report.curves.items():
        found[f"curves_{stage}"] = svg(
            partial(_curves, curves=curves, words=words), 3.0, words("curves.title"), name=stage
        )
    if report.strangers:
        strangers = report.strangers
        found["strangers"] = svg(lambda f: _strangers(f, strangers, words), 3.4, words("strangers.title"))
    return found


def attention_of(shown: Attention, words: Words, name: str) -> str:
    """One attention map: rows the reply, columns the question, from nothing to all."""
    height = 0.9 + 0.3 * len(shown.target)
    label = f"{words('attention.title')}: {shown.asked} → {shown.said}"
    return svg(lambda figure: _attention(figure, shown, words), height, label, width=3.4, name=name)


def overlap_of(shown: Overlap, words: Words, name: str) -> str:
    """The lines of two intents that mingle."""
    label = f"{words('overlaps.title')}: {shown.first}, {shown.second}"
    return svg(lambda figure: _overlap(figure, shown), 2.5, label, width=3.4, name=name)


def _examples(figure: Figure, examples: Mapping[str, int], words: Words) -> None:
    axes = figure.subplots()
    ranked = sorted(examples.values(), reverse=True)
    axes.bar(range(1, len(ranked) + 1), ranked, width=0.82, color=colour("blue"), alpha=0.85)
    axes.set(xlabel=words("examples.x"), ylabel=words("examples.y"), xlim=(0.2, len(ranked) + 0.8))
    _grid(axes)


def _curves(figure: Figure, curves: Sequence[Curve], words: Words) -> None:
    """Losses on the left axis; a share or a perplexity, which has another scale, in a panel of its own."""
    losses = [curve for curve in curves if curve.name.endswith("loss")]
    others = [curve for curve in curves if curve not in losses]
    panels = figure.subplots(1, 2 if others else 1, squeeze=False)[0]
    for axes, group in zip(panels, [losses, others], strict=False):
        names = list(dict.fromkeys(curve.name for curve in group))
        for curve in group:
            tone = colour(SERIES[names.index(curve.name)] if group is losses else "green")
            axes.plot(curve.epochs, curve.values, color=tone, marker="o", markersize=3.4)
        for place, name in enumerate(names):  # voting networks share a colour and a name
            axes.plot([], color=colour(SERIES[place] if group is losses else "green"), label=words(name))
        axes.set_title(words(names[0]) if len(names) == 1 else words("losses"))
        axes.set_xlabel(words("epoch"))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.margins(y=0.12)
        if len(names) > 1:
            axes.legend(handlelength=1.2)
        _grid(axes)


def _matrix(figure: Figure, found: Understanding, words: Words) -> None:
    """All intents, without names: right in blue on the diagonal, wrong in coral beside it."""
    axes = figure.subplots()
    cells = np.array(found.matrix, dtype=float)
    shares = cells / np.maximum(cells.sum(axis=1, keepdims=True), 1)
    right, wrong = np.diag(np.diag(shares)), shares - np.diag(np.diag(shares))
    axes.imshow(right, cmap=fading("blue"), vmin=0, vmax=1, interpolation="nearest")
    axes.imshow(np.sqrt(wrong), cmap=fading("coral"), vmin=0, vmax=0.75, interpolation="nearest")
    axes.set(xlabel=words("predicted"), ylabel=words("truth"), xticks=[], yticks=[])
    _frame(axes)


def _worst(figure: Figure, found: Understanding, words: Words) -> None:
    """The intents that mingle most, with names and numbers."""
    axes = figure.subplots()
    places = [found.order.index(name) for name in found.worst]
    cells = np.array(found.matrix)[np.ix_(places, places)]
    total = np.maximum(np.array(found.matrix)[places].sum(axis=1, keepdims=True), 1)
    shares = cells / total
    right = np.diag(np.diag(shares))
    axes.imshow(right, cmap=fading("blue"), vmin=0, vmax=1.25)
    axes.imshow(shares - right, cmap=fading("coral"), vmin=0, vmax=0.5)
    for row, column in zip(*np.nonzero(cells), strict=True):
        axes.text(column, row, str(cells[row, column]), ha="center", va="center", fontsize=10, color=colour("ink"))
    names = [drawable(name) for name in found.worst]
    axes.set_xticks(range(len(places)), names, rotation=60, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(places)), names)
    axes.tick_params(labelcolor=colour("ink"))
    axes.set(xlabel=words("predicted"), ylabel=words("truth"))
    axes.set_xticks(np.arange(len(places) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(places) + 1) - 0.5, minor=True)
    axes.grid(which="minor", linewidth=0.6)
    axes.tick_params(which="minor", length=0)
    _frame(axes)


def _reliability(figure: Figure, found: Understanding, words: Words) -> None:
    """How often the model is right, by how sure it was; below, how many lines stand behind each bar."""
    upper, lower = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
    middles = [(one.low + one.high) / 2 for one in found.bins]
    upper.plot([0, 1], [0, 1], color=colour("muted"), linewidth=1.2, linestyle=(0, (4, 3)))
    upper.bar(middles, [one.accuracy for one in found.bins], width=0.085, color=colour("blue"), alpha=0.8)
    upper.plot([b.confidence for b in found.bins], [b.accuracy for b in found.bins], "o", color=colour("coral"))
    upper.text(0.03, 0.93, f"ECE {found.ece:.3f}", va="top", transform=upper.transAxes)
    upper.set(ylabel=words("accuracy"), ylim=(0, 1.03), xlim=(0, 1))
    lower.bar(middles, [one.count for one in found.bins], width=0.085, color=colour("muted"), alpha=0.55)
    lower.set(xlabel=words("confidence"), ylabel=words("lines"))
    _grid(upper)
    _grid(lower, lines=2)


def _strangers(figure: Figure, found: Strangers, words: Words) -> None:
    axes = figure.subplots()
    count = len(found.inside)
    places = (np.arange(count) + 0.5) / count
    for values, tone, name in (
        (found.inside, "blue", words("strangers.inside")),
        (found.outside, "coral", words("strangers.outside")),
    ):
        axes.bar(places, np.array(values) * 100, width=1 / count, color=colour(tone), alpha=0.6, label=name)
    top = axes.get_ylim()[1] * 1.22
    axes.axvline(found.threshold, color=colour("ink"), linewidth=1.4, linestyle=(0, (4, 3)), ymax=0.82)
    left = found.threshold > 0.5
    axes.text(
        found.threshold + (-0.015 if left else 0.015),
        top * 0.78,
        f"{words('threshold')} {found.threshold:.2f}",
        ha="right" if left else "left",
    )
    axes.set(xlabel=words("strangers.x"), ylabel=words("strangers.y"), xlim=(0, 1), ylim=(0, top))
    axes.legend(loc="upper center", ncols=2, handlelength=1.0)
    _grid(axes)


def _plane(figure: Figure, plane: Plane) -> None:
    """Every line a dot in the colour of its intent's cluster, the centres named where there is room."""
    axes = figure.subplots()
    clusters = np.array(plane.clusters)
    points = np.array(plane.points)
    tones = np.array([colour(SERIES[cluster % len(SERIES)]) for cluster in clusters])
    axes.scatter(
        points[:, 0], points[:, 1], s=5, c=tones[points[:, 2].astype(int)], alpha=0.32, linewidths=0, rasterized=True
    )
    centres = np.array(plane.centres)
    axes.scatter(centres[:, 0], centres[:, 1], s=26, c=tones, linewidths=0)
    axes.set(xticks=[], yticks=[])
    for limits, values in ((axes.set_xlim, points[:, 0]), (axes.set_ylim, points[:, 1])):
        low, high = np.quantile(values, [0.002, 0.998])
        limits(low - 0.06 * (high - low), high + 0.06 * (high - low))
    _name(axes, plane, centres, tones)
    _frame(axes)


def _name(axes: Axes, plane: Plane, centres: np.ndarray, tones: np.ndarray) -> None:
    """Names at the centres, the overlapping intents first, none upon another."""
    wanted = list(dict.fromkeys(name for pair in plane.overlaps for name in (pair.first, pair.second)))
    wanted += [name for name in plane.intents if name not in wanted]
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    letter, line = (right - left) * 0.0125, (high - low) * 0.034
    boxes: list[tuple[float, float, float]] = []
    for name in wanted:
        place = plane.intents.index(name)
        x, y = centres[place]
        half = letter * len(name) / 2
        y += line * 0.75
        if any(abs(x - other) < half + width and abs(y - above) < line for other, above, width in boxes):
            continue
        boxes.append((x, y, half))
        axes.text(x, y, drawable(name), ha="center", va="center", fontsize=9.5, color=colour("ink"))
        if len(boxes) == NAMED:
            return


def _overlap(figure: Figure, shown: Overlap) -> None:
    axes = figure.subplots()
    points = np.array(shown.points)
    for side, tone in ((0, "blue"), (1, "coral")):
        own = points[points[:, 2] == side]
        axes.scatter(own[:, 0], own[:, 1], s=26, color=colour(tone), alpha=0.65, linewidths=0)
    axes.margins(0.08)
    axes.set(xticks=[], yticks=[])
    _frame(axes)


def _attention(figure: Figure, shown: Attention, words: Words) -> None:
    axes = figure.subplots()
    axes.imshow(np.array(shown.weights), cmap=fading("blue"), vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    source, target = ([_subword(word, words) for word in side] for side in (shown.source, shown.target))
    axes.set_xticks(range(len(source)), source, rotation=35, ha="left", rotation_mode="anchor")
    axes.set_yticks(range(len(target)), target)
    axes.tick_params(labelcolor=colour("ink"), labelsize=10)
    axes.xaxis.tick_top()
    _frame(axes)


def _subword(word: str, words: Words) -> str:
    """A subword as people read it: the mark of the end and the token of the speech level by name."""
    if word == "</s>":
        return words("attention.end")
    return words("attention.style") if word.startswith("<") and len(word) > 1 else drawable(word)


def _grid(axes: Axes, lines: int = 5) -> None:
    """Quiet lines across, few enough to read; the lowest value goes without saying."""
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(lines, prune="lower"))
    axes.grid(axis="y")
    axes.set_axisbelow(True)


def _frame(axes: Axes) -> None:
    for spine in axes.spines.values():
        spine.set_visible(True)
