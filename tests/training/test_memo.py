"""What was worked out is kept: asked once, across runs, and asked again when the file is damaged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chatbot.training.memo import KEPT, Memo, Remembered


def test_only_what_is_missing_is_asked(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(lines: Sequence[str]) -> list[int]:
        asked.extend(lines)
        return [len(line) for line in lines]

    assert Memo(tmp_path).through("a", ["하나", "셋째", "하나"], ask) == [2, 2, 2]
    assert Memo(tmp_path).through("a", ["하나", "넷째야"], ask) == [2, 3]
    assert asked == ["하나", "셋째", "넷째야"]
    (tmp_path / "a.json").write_text("{", encoding="utf-8")
    assert Memo(tmp_path).through("a", ["하나"], ask) == [2]
    assert Memo().through("a", ["하나"], ask) == [2] and len(asked) == 5


def test_old_sections_make_room(tmp_path: Path) -> None:
    for place in range(KEPT + 5):
        Memo(tmp_path).through(f"s{place}", ["x"], lambda lines: [1 for _ in lines])
    assert len(list(tmp_path.glob("*.json"))) == KEPT


def test_a_line_is_read_once_across_runs(tmp_path: Path) -> None:
    read: list[str] = []

    def upper(line: str) -> str:
        read.append(line)
        return line.upper()

    for _ in range(2):
        remembered = Remembered(upper, Memo(tmp_path), "read", ["a", "b"])
        assert [remembered(line) for line in ("a", "c", "c", "b")] == ["A", "C", "C", "B"]
    assert read == ["a", "b", "c", "c"]
