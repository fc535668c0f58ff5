"""Show where the decoder looked while it wrote a reply. In: a generator, a question, a reply. Out: a map, drawn or
printed. Knows no dialogue; where a Korean font lies is told by the caller."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chatbot.seq2seq.generator import Generator
from chatbot.seq2seq.search import BOS

# From no attention to all of it, in fifths.
SHADES = " ░▒▓█"
# A column of the printed map is at most this wide, in terminal cells.
WIDEST = 8


@dataclass(frozen=True, slots=True)
class AttentionMap:
    """`weights` [T, S]: how much each subword of the reply (rows) looked at each of the question (columns)."""

    question: tuple[str, ...]
    reply: tuple[str, ...]
    weights: np.ndarray


def attention_map(
    generator: Generator, question: str, reply: str | None = None, history: Sequence[tuple[str, str]] = ()
) -> AttentionMap:
    """The attention while writing `reply`, by default the generator's best one. Rows sum to one."""
    import torch

    if reply is None:
        found = generator.reply([question], [history], n_best=1)[0]
        reply = found[0].text if found else ""
    codec = generator.codec
    source, target = codec.source(question, history), codec.target(reply)[1:]
    device = generator.model.device
    with torch.inference_mode():
        memory, state = generator.model.encode(
            torch.tensor([source], device=device), torch.tensor([len(source)], device=device)
        )
        before = torch.tensor([[BOS, *target[:-1]]], device=device)
        _, weights, _, _ = generator.model.decode(before, state, memory)  # [1, T, S]
    return AttentionMap(
        tuple(_label(generator, i) for i in source),
        tuple(_label(generator, i) for i in target),
        weights[0].float().cpu().numpy(),
    )


def _label(generator: Generator, number: int) -> str:
    """A subword as people read it; control symbols and marks by name."""
    codec = generator.codec
    named = {codec.symbol(name): name for name in codec.subwords.symbols}
    if number in named:
        return named[number]
    return codec.subwords.decode([number]) or ("</s>" if number == 3 else "·")


def terminal_map(drawn: AttentionMap) -> str:
    """The map as text: a row a reply subword, a shaded cell a question subword, aligned for wide letters."""
    labels = [_fit(word, WIDEST) for word in drawn.question]
    widths = [max(2, _cells(label)) for label in labels]
    margin = max(_cells(word) for word in drawn.reply)
    lines = [" " * (margin + 1) + " ".join(_pad(label, w) for label, w in zip(labels, widths, strict=True))]
    for word, row in zip(drawn.reply, drawn.weights, strict=True):
        shades = (SHADES[min(len(SHADES) - 1, int(weight * len(SHADES)))] for weight in row)
        cells = " ".join(shade * width for shade, width in zip(shades, widths, strict=True))
        lines.append(f"{_pad(word, margin)} {cells}".rstrip())
    return "\n".join(lines)


def draw_map(drawn: AttentionMap, path: Path, font: Path | None = None) -> None:
    """The map as a PNG with matplotlib.

    Parameters
    ----------
    font
        a font file that has Hangul, registered for this picture; without one matplotlib's own must do.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import font_manager
    from matplotlib import pyplot as plt

    settings: Any = {"axes.unicode_minus": False}
    if font is not None:
        font_manager.fontManager.addfont(str(font))
        settings["font.family"] = font_manager.FontProperties(fname=str(font)).get_name()
    with plt.rc_context(settings):
        size = (1.5 + 0.6 * len(drawn.question), 1.2 + 0.45 * len(drawn.reply))
        figure, axes = plt.subplots(figsize=size, layout="constrained")
        image = axes.imshow(drawn.weights, cmap="viridis", vmin=0.0, vmax=1.0, aspect="auto")
        axes.set_xticks(range(len(drawn.question)), drawn.question, rotation=45, ha="right")
        axes.set_yticks(range(len(drawn.reply)), drawn.reply)
        axes.set_xlabel("물음")
        axes.set_ylabel("답")
        figure.colorbar(image, ax=axes, label="주의")
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150)
        plt.close(figure)


def _cells(text: str) -> int:
    """Terminal cells: wide letters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _cells(text))


def _fit(text: str, width: int) -> str:
    while _cells(text) > width:
        text = text[:-1]
    return text
