"""The terminal, driven as a person drives it: through a pseudo-terminal, with wide characters and control keys."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

KEYS_LEFT = "\x1b[D"
PROMPT = r"\x1b\[\?2004h"  # prompt_toolkit is ready for a line


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("terminal")


@pytest.fixture
def child(home: Path) -> Iterator[pexpect.spawn]:
    environment = {
        **os.environ,
        "XDG_DATA_HOME": str(home),
        "TERM": "xterm",
        "NO_COLOR": "1",
        "PROMPT_TOOLKIT_NO_CPR": "1",
    }
    command = [sys.executable, "-m", "chatbot", "chat", "--session", "pty"]
    process = pexpect.spawn(
        command[0], command[1:], cwd=str(home), env=environment, encoding="utf-8", timeout=60, dimensions=(30, 60)
    )
    yield process
    process.close(force=True)


@pytest.mark.slow
def test_a_conversation_with_commands_and_control_keys(child: pexpect.spawn) -> None:
    child.expect("도담이에요")  # at once, before any model
    child.expect(PROMPT)
    child.sendline("드롭아웃이 뭐야?")
    child.expect("뉴런")
    child.sendline("/why")
    child.expect("출처: ")
    child.send("버릴 줄")
    child.sendcontrol("c")  # throws the line away, not the chat
    child.send("안녕ㅎ" + KEYS_LEFT)
    child.sendcontrol("k")  # cuts the ㅎ behind the cursor: one wide character, not half of one
    child.sendline("")
    child.expect("도담 ")
    child.sendline("/nonsense")
    child.expect("모르는 명령")
    child.sendline("/잊어줘")
    child.expect("모두 지웠어요")
    child.expect(PROMPT)  # between two prompts nobody reads the key
    child.sendcontrol("d")
    child.expect("안녕히 가세요")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


@pytest.mark.slow
def test_what_was_said_is_remembered_by_the_next_start(child: pexpect.spawn, home: Path) -> None:
    child.expect(PROMPT)
    child.sendline("내 이름은 민수야")
    child.expect("민수")
    child.expect(PROMPT)
    child.sendline("/quit")
    child.expect(pexpect.EOF)
    environment = {**os.environ, "XDG_DATA_HOME": str(home), "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
    again = pexpect.spawn(
        sys.executable,
        ["-m", "chatbot", "chat", "--session", "pty"],
        cwd=str(home),
        env=environment,
        encoding="utf-8",
        timeout=60,
    )
    again.expect(PROMPT)
    again.sendline("내 이름이 뭐라고 했지?")
    again.expect("민수")
    again.close(force=True)
