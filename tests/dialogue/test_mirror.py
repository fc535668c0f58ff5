"""What the user told, said back: tests/golden/mirror.tsv, which a Korean reader can review."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chatbot.dialogue.mirror import LONGEST, Mirror

GOLDEN = Path(__file__).parent.parent / "golden" / "mirror.tsv"
ROWS = [line.split("\t") for line in GOLDEN.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


@pytest.fixture(scope="module")
def mirror(kiwi: Any) -> Mirror:
    return Mirror(kiwi.kiwi)


@pytest.mark.parametrize(("said", "back", "manner"), ROWS, ids=[row[0] for row in ROWS])
def test_said_back(said: str, back: str, manner: str, mirror: Mirror) -> None:
    found = mirror(said)
    assert (found.sentence, found.manner) == (back, manner) if back != "-" else found is None


@pytest.mark.parametrize("text", ["", " ", "?!", "\ud800", "👍", "\x00", "ㅋ" * 1000, "가" * 10_000, "hello 世界"])
def test_any_text_gives_a_bounded_sentence_or_none(text: str, mirror: Mirror) -> None:
    found = mirror(text.encode("utf-8", "ignore").decode())
    assert found is None or len(found.sentence) <= 2 * LONGEST
