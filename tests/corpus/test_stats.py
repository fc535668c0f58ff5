"""Counting a corpus: figures on a known one, the table, the picture."""

from __future__ import annotations

import io
import math
from pathlib import Path

import pytest
from rich.console import Console

from chatbot.corpus.read import read_corpus
from chatbot.corpus.stats import balance, plot, render_terminal, stats
from chatbot.types import Morpheme


class Syllables:
    """A fake analyzer: each eojeol is a noun."""

    name = "fake"

    def analyze(self, texts: list[str]) -> list[list[Morpheme]]:
        return [[Morpheme(word, "NNG", 0, len(word)) for word in text.split()] for text in texts]


def test_counts(corpus: Path) -> None:
    figures = stats(read_corpus(corpus))
    assert (figures.intents, figures.pairs, figures.knowledge, figures.dialogues, figures.turns) == (2, 2, 1, 1, 2)
    assert figures.examples == {"bye": 10, "thanks": 10}
    part = figures.parts["chat questions"]
    assert (part.lines, part.mean_length, part.longest, part.eojeols, part.vocabulary) == (2, 12.0, 15, 8, 8)
    assert figures.balance == pytest.approx(1.0)
    assert figures.morphemes is None


def test_morphemes_need_an_analyzer(corpus: Path) -> None:
    assert (stats(read_corpus(corpus), Syllables()).morphemes or 0) > 20


def test_balance_is_entropy_over_its_maximum() -> None:
    assert balance([5, 5, 5]) == pytest.approx(1.0)
    assert balance([3, 1]) == pytest.approx(-(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25)))
    assert balance([7]) == 1.0


def test_the_table_names_every_part(corpus: Path) -> None:
    out = io.StringIO()
    render_terminal(stats(read_corpus(corpus)), Console(file=out, width=100))
    for word in ("의도 예문", "지식 질문", "잡담 답", "대화 챗봇", "thanks 10"):
        assert word in out.getvalue()


@pytest.mark.slow
def test_the_picture_is_drawn_with_a_korean_font(
    corpus: Path, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "pictures" / "corpus.png"
    plot(stats(read_corpus(corpus)), out)
    assert out.read_bytes().startswith(b"\x89PNG")
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]
