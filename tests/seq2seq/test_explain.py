"""The attention map: rows sum to one, the printed one is aligned, the drawn one has no squares for letters."""

from __future__ import annotations

import unicodedata
import warnings
from pathlib import Path

import numpy as np

from chatbot.corpus.fonts import korean_font
from chatbot.seq2seq.explain import attention_map, draw_map, terminal_map
from chatbot.seq2seq.generator import Generator
from chatbot.seq2seq.train import ResponderReport


def cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def test_rows_sum_to_one_and_are_labelled(overfitted: tuple[Generator, ResponderReport]) -> None:
    drawn = attention_map(overfitted[0], "시험 망했어", "다음에는 더 잘할 수 있어요.")
    assert drawn.weights.shape == (len(drawn.reply), len(drawn.question))
    np.testing.assert_allclose(drawn.weights.sum(1), 1.0, rtol=1e-5)
    assert drawn.question[0] == "(해요체)"
    assert drawn.reply[-1] == drawn.question[-1] == "(끝)"
    assert "".join(drawn.reply[:-1]).replace("(칸)", "").startswith("다음에는")


def test_without_a_reply_the_best_one_is_drawn(overfitted: tuple[Generator, ResponderReport]) -> None:
    drawn = attention_map(overfitted[0], "시험 망했어")
    assert len(drawn.reply) > 1


def test_terminal_map_is_aligned(overfitted: tuple[Generator, ResponderReport]) -> None:
    drawn = attention_map(overfitted[0], "여행 가고 싶다", "어디가 제일 끌려요?")
    *lines, blank, legend = terminal_map(drawn).splitlines()
    assert len(lines) == 1 + len(drawn.reply) and not blank and "80%" in legend
    assert max(map(cells, lines)) <= cells(lines[0]) + 8
    assert any(shade in "".join(lines[1:]) for shade in "░▒▓█")


def test_a_wide_map_goes_on_below_itself(overfitted: tuple[Generator, ResponderReport]) -> None:
    drawn = attention_map(overfitted[0], "여행 가고 싶다", "어디가 제일 끌려요?")
    wide, narrow = terminal_map(drawn, 200).splitlines(), terminal_map(drawn, 24).splitlines()
    assert max(map(cells, narrow[:-1])) <= 24 < max(map(cells, wide))
    parts = "\n".join(narrow).split("\n\n")[:-1]
    assert len(parts) > 1 and all(len(part.splitlines()) == 1 + len(drawn.reply) for part in parts)
    assert " ".join(word for part in parts for word in part.splitlines()[0].split()) == " ".join(wide[0].split())


def test_png_is_drawn_with_hangul(overfitted: tuple[Generator, ResponderReport], tmp_path: Path) -> None:
    drawn = attention_map(overfitted[0], "배고파 밥 먹자", "맛있는 거 먹어요.")
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*missing from.*font.*")
        draw_map(drawn, tmp_path / "map.png", korean_font())
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
