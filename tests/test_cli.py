"""The commands whose form is a contract, run as a person runs them: in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = {"text", "reply", "intent", "confidence", "source", "reason", "candidates", "latency_ms"}
SOURCES = {"safety", "skill", "template", "retrieval", "seq2seq", "clarify", "fallback"}


def chatbot(
    *arguments: str, cwd: Path, stdin: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chatbot", *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "XDG_DATA_HOME": str(cwd / "home"), **environment},
    )


@pytest.mark.slow
def test_ask_answers_with_the_object_of_the_contract(tmp_path: Path) -> None:
    result = chatbot("ask", "드롭아웃이 뭐야?", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer.keys() >= CONTRACT
    assert answer["source"] == "retrieval" and "뉴런" in answer["reply"]
    assert {"text", "score", "source", "id"} <= answer["candidates"][0].keys()
    assert list(tmp_path.iterdir()) == [], "a question without a session leaves nothing behind"


# What nobody should be able to break the bot with, one a line; each gets one polite bounded reply.
HOSTILE = [
    "안녕",
    "\u1112\u1161\u11ab\u1100\u116e\u11a8",  # NFD
    "😀🎉",
    "ㅠㅠ",
    "?!?!",
    "   ",
    "\x00\x07\x1b[31m제어문자",
    "가" * 100_000,
    "Привет, как дела?",
    "hello, how are you",
    "DROP TABLE turns; --",
    "{이름} {0} %s \\",
    "\u200b\u200b안\u200b녕",
    "1 나누기 0은?",
]


@pytest.mark.slow
def test_a_file_of_bad_input_gets_one_bounded_reply_a_line(tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_bytes("\n".join(HOSTILE).encode("utf-8") + b"\n\xed\xa0\x80 broken \xff bytes\n")
    result = chatbot("ask", "--file", str(lines), "--jsonl", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(answers) == len(lines.read_text(encoding="utf-8", errors="replace").splitlines())
    for answer in answers:
        assert answer.keys() >= CONTRACT and answer["source"] in SOURCES
        assert 0 < len(answer["reply"]) <= 1200
        assert "Traceback" not in answer["reply"]
    assert answers[0]["reply"]


@pytest.mark.slow
def test_a_pipe_gets_plain_lines(tmp_path: Path) -> None:
    result = chatbot("chat", cwd=tmp_path, stdin="안녕\n/why\n/quit\n안 읽힐 줄\n")
    assert result.returncode == 0, result.stderr
    assert "\x1b" not in result.stdout
    lines = result.stdout.splitlines()
    assert lines[1].startswith("출처:") and "안 읽힐" not in result.stdout


def test_wrong_use_is_exit_code_2(tmp_path: Path) -> None:
    for arguments in (["ask"], ["train", "everything"], ["nonsense"]):
        assert chatbot(*arguments, cwd=tmp_path).returncode == 2


def test_a_broken_config_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("intnet: {}", encoding="utf-8")
    result = chatbot("ask", "안녕", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1 and "did you mean intent?" in result.stderr


def test_a_broken_corpus_is_named_and_trains_nothing(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("{}", encoding="utf-8")
    intents = tmp_path / "corpus" / "intents"
    intents.mkdir(parents=True)
    (intents / "a.yaml").write_text("intent: a\nexmples: [가, 나]\nreplies: [다]\n", encoding="utf-8")
    result = chatbot("train", "intent", cwd=tmp_path)
    assert result.returncode == 1
    assert "a.yaml:2: exmples: unknown key" in result.stderr and "did you mean examples?" in result.stderr
    assert not (tmp_path / "models").exists() or not list((tmp_path / "models").glob("2*"))
