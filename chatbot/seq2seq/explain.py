"""Show where the decoder looked while it wrote a reply. In: a generator, a question, a reply. Out: a map, drawn or
printed. Knows no dialogue; which font has Hangul is told by the caller."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chatbot.seq2seq.generator import SHORTLIST, Generator
from chatbot.seq2seq.search import BOS, EOS

# From no attention to all of it, in fifths.
SHADES = " ░▒▓█"
# Control symbols as people read them, a space that is a subword of its own, a byte of a letter.
NAMES = {
    "<haeyo>": "(해요체)", "<hapsyo>": "(합쇼체)", "<hae>": "(반말)", "<happy>": "(기쁨)", "<sad>": "(슬픔)",
    "<angry>": "(화남)", "<love>": "(사랑)", "<laugh>": "(웃음)", "<user>": "(나)", "<bot>": "(봇)",
}  # fmt: skip
SPACE, PIECE = "(칸)", "(조각)"
# Letters of a label that still stand level beside each other in the picture.
LEVEL_UP_TO = 5
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
    """The attention while writing `reply`, by default the one that the generator would say. Rows sum to one."""
    import torch

    if reply is None:
        found = generator.reply([question], [history], n_best=SHORTLIST)[0]
        sound = [hypothesis for hypothesis in found if not hypothesis.faults] or found
        reply = max(sound, key=lambda hypothesis: hypothesis.probability).text if sound else ""
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
    named = {codec.symbol(name): NAMES.get(name, name) for name in codec.subwords.symbols}
    if number in named:
        return named[number]
    text = codec.subwords.decode([number]) or SPACE
    return "(끝)" if number == EOS else PIECE if "\ufffd" in text else text


def terminal_map(drawn: AttentionMap, width: int = 80) -> str:
    """The map as text: a row a reply subword, a shaded cell a question subword, aligned for wide letters. A question
    that is wider than `width` cells goes on in a second map below the first."""
    labels = [_fit(word, WIDEST) for word in drawn.question]
    widths = [max(2, _cells(label)) for label in labels]
    margin = max(_cells(word) for word in drawn.reply)
    lines: list[str] = []
    for first, last in _bands(widths, width - margin):
        lines += [""] if lines else []
        named = " ".join(_pad(label, w) for label, w in zip(labels[first:last], widths[first:last], strict=True))
        lines.append(f"{' ' * margin} {named}".rstrip())
        for word, row in zip(drawn.reply, drawn.weights[:, first:last], strict=True):
            shades = (SHADES[min(len(SHADES) - 1, int(weight * len(SHADES)))] for weight in row)
            cells = " ".join(shade * w for shade, w in zip(shades, widths[first:last], strict=True))
            lines.append(f"{_pad(word, margin)} {cells}".rstrip())
    legend = "  ".join(f"{shade * 2} {place * 100 // len(SHADES)}%" for place, shade in enumerate(SHADES) if place)
    return "\n".join([*lines, "", f"{legend} 이상"])


def _bands(widths: Sequence[int], room: int) -> Iterator[tuple[int, int]]:
    """Runs of columns that fit into `room` cells with a space before each; at least one column each."""
    first, used = 0, 0
    for place, width in enumerate(widths):
        if place > first and used + width + 1 > room:
            yield first, place
            first, used = place, 0
        used += width + 1
    yield first, len(widths)


def draw_map(drawn: AttentionMap, path: Path, font: str) -> None:
    """The map as a PNG with matplotlib, in a font that has Hangul and that matplotlib knows by name."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    with plt.rc_context({"axes.unicode_minus": False, "font.family": font}):
        size = (2.4 + 0.62 * len(drawn.question), 1.4 + 0.42 * len(drawn.reply))
        figure, axes = plt.subplots(figsize=size, layout="constrained")
        image = axes.imshow(drawn.weights, cmap="Blues", vmin=0.0, vmax=1.0, aspect="auto")
        long = max(map(len, drawn.question)) > LEVEL_UP_TO
        axes.set_xticks(range(len(drawn.question)), drawn.question, rotation=45 if long else 0)
        axes.set_yticks(range(len(drawn.reply)), drawn.reply)
        axes.set_xlabel("물음에서 본 곳")
        axes.set_ylabel("쓴 답", rotation=0, ha="right")
        axes.tick_params(length=0)
        axes.set_xticks([x - 0.5 for x in range(1, len(drawn.question))], minor=True)
        axes.set_yticks([y - 0.5 for y in range(1, len(drawn.reply))], minor=True)
        axes.grid(which="minor", color="white", linewidth=1.5)
        axes.tick_params(which="minor", length=0)
        figure.colorbar(image, ax=axes, label="눈길이 간 몫", format=lambda share, _: f"{share:.0%}")
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
