"""Count a corpus. In: a `Corpus`. Out: figures, a table on the terminal, a picture. Judges nothing."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chatbot.corpus.duplicates import share_of_near_duplicates
from chatbot.corpus.read import Corpus
from chatbot.seams import Analyzer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.console import Console

# Sejong tags of words that carry meaning: nouns, verbs, adjectives, adverbs, roots, foreign words.
CONTENT_TAGS = ("NNG", "NNP", "VV", "VA", "MAG", "XR", "SL")


@dataclass(frozen=True, slots=True)
class PartStats:
    """One kind of line. Lengths are in characters; eojeols are what white space separates.

    `near_duplicates` is the share in [0, 1] that `duplicates.share_of_near_duplicates` gives.
    """

    lines: int
    mean_length: float
    median_length: float
    longest: int
    eojeols: int
    vocabulary: int
    near_duplicates: float


@dataclass(frozen=True, slots=True)
class CorpusStats:
    """Counts by kind of line, examples by intent, the share of each length, the most frequent words.

    `balance` is the entropy of the examples over the intents by its maximum: 1 when all hold equally many.
    `morphemes` counts distinct content morphemes; None without an analyzer.
    """

    intents: int
    pairs: int
    knowledge: int
    dialogues: int
    turns: int
    parts: Mapping[str, PartStats]
    examples: Mapping[str, int]
    replies: Mapping[str, int]
    lengths: Mapping[str, Sequence[int]]
    words: Sequence[tuple[str, int]]
    balance: float
    near_duplicates: float
    morphemes: int | None = None


def stats(corpus: Corpus, analyzer: Analyzer | None = None) -> CorpusStats:
    """Figures of the corpus; with an analyzer the words are content morphemes instead of eojeols."""
    lines = by_part(corpus)
    everything = [line for part in lines.values() for line in part]
    words = Counter(_words(everything, analyzer))
    examples = {intent.name: len(intent.examples) for intent in corpus.intents}
    counts = {part: _part(texts) for part, texts in lines.items()}
    near = sum(part.near_duplicates * part.lines for part in counts.values()) / max(1, len(everything))
    return CorpusStats(
        intents=len(corpus.intents),
        pairs=len(corpus.pairs),
        knowledge=len(corpus.knowledge),
        dialogues=len(corpus.dialogues),
        turns=sum(len(dialogue.turns) for dialogue in corpus.dialogues),
        parts=counts,
        examples=examples,
        replies={intent.name: len(intent.replies) for intent in corpus.intents},
        lengths={part: [len(line) for line in texts] for part, texts in lines.items()},
        words=words.most_common(30),
        balance=balance(list(examples.values())),
        near_duplicates=near,
        morphemes=len(words) if analyzer else None,
    )


def by_part(corpus: Corpus) -> dict[str, list[str]]:
    """The lines of each kind, in the order of the corpus."""
    return {
        "intent examples": [line for intent in corpus.intents for line in intent.examples],
        "intent replies": [line for intent in corpus.intents for line in intent.replies],
        "knowledge questions": [line for entry in corpus.knowledge for line in entry.questions],
        "knowledge answers": [entry.answer for entry in corpus.knowledge],
        "chat questions": [pair.question for pair in corpus.pairs],
        "chat answers": [pair.answer for pair in corpus.pairs],
        "dialogue user lines": [question for item in corpus.dialogues for question, _ in item.turns],
        "dialogue bot lines": [answer for item in corpus.dialogues for _, answer in item.turns],
    }


def balance(counts: Sequence[int]) -> float:
    """Shannon entropy of the classes over its maximum, in [0, 1]; 1 for fewer than two classes."""
    total = sum(counts)
    if len(counts) < 2 or not total:
        return 1.0
    entropy = -sum(count / total * math.log(count / total) for count in counts if count)
    return entropy / math.log(len(counts))


def _part(lines: Sequence[str]) -> PartStats:
    lengths = [len(line) for line in lines] or [0]
    eojeols = [word for line in lines for word in line.split()]
    return PartStats(
        lines=len(lines),
        mean_length=statistics.fmean(lengths),
        median_length=statistics.median(lengths),
        longest=max(lengths),
        eojeols=len(eojeols),
        vocabulary=len(set(eojeols)),
        near_duplicates=share_of_near_duplicates(lines),
    )


def _words(lines: Sequence[str], analyzer: Analyzer | None) -> list[str]:
    if analyzer is None:
        return [word.strip(".,!?~") for line in lines for word in line.split() if word.strip(".,!?~")]
    return [
        morpheme.form + ("다" if morpheme.tag in ("VV", "VA") else "")
        for morphemes in analyzer.analyze(lines)
        for morpheme in morphemes
        if morpheme.tag in CONTENT_TAGS
    ]


def render_terminal(figures: CorpusStats, console: Console | None = None) -> None:
    """Print the counts and the intents with the fewest and the most examples."""
    from rich.console import Console
    from rich.table import Table

    console = console or Console()
    table = Table()
    table.add_column("", no_wrap=True)
    for heading in ("줄", "평균", "중앙값", "최대", "어절", "어절 종류", "닮은 줄"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, part in figures.parts.items():
        table.add_row(
            NAMES[name],
            f"{part.lines:,}",
            f"{part.mean_length:.1f}",
            f"{part.median_length:g}",
            str(part.longest),
            f"{part.eojeols:,}",
            f"{part.vocabulary:,}",
            f"{part.near_duplicates:.1%}",
        )
    console.print(table)
    console.print("길이는 글자 수, 닮은 줄은 어절 하나만 다르거나 글자가 거의 같은 줄의 비율")
    console.print(
        f"의도 {figures.intents:,}개, 지식 {figures.knowledge:,}개, 짝 {figures.pairs:,}개, "
        f"대화 {figures.dialogues:,}개({figures.turns:,}차례)"
    )
    console.print(f"닮은 줄 {figures.near_duplicates:.1%}, 의도 균형 {figures.balance:.3f} (1이면 고름)")
    if figures.morphemes is not None:
        console.print(f"내용 형태소 {figures.morphemes:,}종")
    ranked = sorted(figures.examples.items(), key=lambda item: (item[1], item[0]))
    if ranked:
        few, many = ranked[:5], ranked[-5:][::-1]
        console.print("예문이 적은 의도: " + ", ".join(f"{name} {count}" for name, count in few))
        console.print("예문이 많은 의도: " + ", ".join(f"{name} {count}" for name, count in many))
    console.print("많이 나온 말: " + ", ".join(f"{word} {count}" for word, count in figures.words[:15]))


def markdown(figures: CorpusStats) -> str:
    """The counts as the table of corpus/README.md."""
    rows = ["| | 줄 | 평균 글자 | 어절 | 어절 종류 | 닮은 줄 |", "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for name, part in figures.parts.items():
        counts = f"{part.lines:,} | {part.mean_length:.1f} | {part.eojeols:,} | {part.vocabulary:,}"
        rows.append(f"| {NAMES[name]} | {counts} | {part.near_duplicates:.1%} |")
    total = sum(part.lines for part in figures.parts.values())
    rows.append(f"| 모두 | {total:,} | | | | {figures.near_duplicates:.1%} |")
    return "\n".join(rows)


# How the kinds of lines are called in tables and pictures.
NAMES = {
    "intent examples": "의도 예문",
    "intent replies": "의도 답",
    "knowledge questions": "지식 질문",
    "knowledge answers": "지식 답",
    "chat questions": "잡담 말",
    "chat answers": "잡담 답",
    "dialogue user lines": "대화 사용자",
    "dialogue bot lines": "대화 챗봇",
}


def plot(figures: CorpusStats, out: Path) -> None:
    """Draw lengths, examples by intent and frequent words into one PNG.

    Raises
    ------
    MissingExtraError
        when matplotlib or the Korean font is not installed.
    """
    from chatbot.corpus.fonts import korean_font

    font = korean_font()
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"font.family": font, "axes.unicode_minus": False}):
        figure = Figure(figsize=(14, 10), layout="constrained")
        FigureCanvasAgg(figure)
        _draw(figure, figures)
        out.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(out, dpi=110, format="png")


def _draw(figure: Figure, figures: CorpusStats) -> None:
    (lengths, words), (intents, parts) = figure.subplots(2, 2)
    _draw_lengths(lengths, figures)
    _draw_bars(words, "많이 나온 말", [word for word, _ in figures.words[:20]], [n for _, n in figures.words[:20]])
    ranked = sorted(figures.examples.values(), reverse=True)
    intents.bar(range(1, len(ranked) + 1), ranked)
    intents.set(title=f"의도마다 예문 수 (균형 {figures.balance:.3f})", xlabel="의도, 많은 차례로", ylabel="예문")
    names = [NAMES[name] for name in figures.parts]
    _draw_bars(parts, "줄 수", names, [part.lines for part in figures.parts.values()])


def _draw_lengths(axes: Axes, figures: CorpusStats) -> None:
    shown = {name: values for name, values in figures.lengths.items() if values}
    axes.boxplot(list(shown.values()), orientation="horizontal", showfliers=False)
    axes.set_yticks(range(1, len(shown) + 1), [NAMES[name] for name in shown])
    axes.set(title="길이", xlabel="글자")


def _draw_bars(axes: Axes, title: str, names: Sequence[str], values: Sequence[int]) -> None:
    axes.barh(range(len(names)), values)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set(title=title)
