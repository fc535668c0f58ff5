"""`chatbot corpus add` puts a folder into the bot, goes past unreadable files, and the bot answers from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from chatbot.types import Source

LUNCH = """# 나래초등학교 안내

급식은 낮 12시 10분에 시작합니다. 1학년부터 차례로 먹습니다.

| 요일 | 방과후 수업 |
|---|---|
| 월 | 바둑 |
| 화 | 축구 |
"""


def test_a_folder_is_added_and_answered_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chatbot import app, config
    from chatbot.cli import app as commands

    for name in ("data", "models"):
        monkeypatch.setenv(f"CHATBOT__PATHS__{name.upper()}", str(tmp_path / name))
    folder = tmp_path / "school"
    folder.mkdir()
    (folder / "lunch.md").write_text(LUNCH, encoding="utf-8")
    (folder / "notice.txt").write_bytes("학교 축제는 10월 16일에 운동장에서 엽니다.\r\n".encode("cp949"))
    (folder / "empty.txt").write_text("\n", encoding="utf-8")
    run = CliRunner().invoke(commands, ["corpus", "add", str(folder)])
    assert run.exit_code == 1  # one file could not be read
    assert "파일 2개에서" in run.output and "empty.txt: no text" in run.output
    bot = app.build_bot(config.load(), remember=False)

    def ask(text: str) -> tuple[Source, str]:
        response = bot.reply(text, session=text)
        return response.source, response.reply

    source, reply = ask("급식은 몇 시야?")  # not the time of day
    assert source is Source.RETRIEVAL and "12시 10분" in reply and "lunch.md" in reply
    assert "바둑" in ask("월요일 방과후 수업은 뭐야?")[1]
    assert "10월 16일" in ask("학교 축제 언제 해?")[1]
    assert ask("지금 몇 시야?")[0] is Source.SKILL
    assert ask("안녕")[0] is Source.TEMPLATE
    assert "12시 10분" not in ask("다솜초등학교 급식은 몇 시야?")[1]
