"""The terminal, driven as a person drives it: through a pseudo-terminal, with wide characters and control keys."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pexpect
import pytest
from rich.cells import cell_len
from rich.console import Console

from chatbot.adapters.terminal import Conversation, _show
from chatbot.store import MemoryStore
from chatbot.types import Response, Source, SpeechLevel, Turn, Utterance

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
def test_a_conversation_with_commands_and_control_keys(child: pexpect.spawn, home: Path) -> None:
    child.expect("도담이에요")  # at once, before any model
    child.expect(PROMPT)
    child.sendline("드롭아웃이 뭐야?")
    child.expect("뉴런")
    child.sendline("/why")
    child.expect("출처: ")
    child.expect("후보: ")
    assert not re.search(r"[a-z]+_[a-z]+|\x1b\[[0-9;]*3[0-9]m", child.before)  # no names of the code, no colours
    child.expect(PROMPT)
    child.sendline("내 번호는 010-1234-5678이야")
    child.expect(PROMPT)
    child.sendline("고마워")  # both are typed before the first is answered: each is shown once, in its turn
    child.send("반가워")
    child.expect("고마워")
    child.expect("도담 ")
    child.expect(PROMPT)
    assert "반가워" not in child.before
    child.expect("반가워")
    child.sendcontrol("c")
    child.send("버릴 줄")
    child.sendcontrol("c")  # throws the line away, not the chat
    child.send("안녕ㅎ" + KEYS_LEFT)
    child.sendcontrol("k")  # cuts the ㅎ behind the cursor: one wide character, not half of one
    child.sendline("")
    child.expect("도담 ")
    child.sendline("/nonsense")
    child.expect("모르는 명령")
    typed = next(home.rglob("input_history"))
    assert "고마워" in typed.read_text() and "010-1234" not in typed.read_text()
    child.sendline("/잊어줘")
    child.expect("모두 지웠어요")
    child.expect(PROMPT)  # between two prompts nobody reads the key
    child.sendcontrol("d")
    child.expect("안녕히 가세요")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert not typed.exists()


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


@pytest.mark.slow
def test_a_dumb_terminal_over_ssh_shows_and_edits_the_line(home: Path) -> None:
    environment = {**os.environ, "XDG_DATA_HOME": str(home), "TERM": "dumb"}
    command = ["-m", "chatbot", "chat", "--session", "dumb"]
    child = pexpect.spawn(
        sys.executable, command, cwd=str(home), env=environment, encoding="utf-8", timeout=60, dimensions=(30, 60)
    )
    child.expect("도담이에요")
    child.expect("나 ")
    child.send("/모름다" + "\x7f" * 2)
    child.sendline("두")
    child.expect("/모두: 모르는 명령")
    child.expect("나 ")
    child.sendcontrol("d")
    child.expect("안녕히 가세요")
    child.expect(pexpect.EOF)
    assert "\x1b" not in child.before
    child.close()
    assert child.exitstatus == 0


class Bot:
    """Answers everything in the same way, and writes down what it is told."""

    def __init__(self, source: Source = Source.CLARIFY) -> None:
        self.store = MemoryStore()
        self.told: list[tuple[object, ...]] = []
        self._source = source

    def reply(self, text: str, session: str, adapter: str) -> Response:
        response = Response(
            text, "혹시 이런 이야기예요?", self._source, "둘 다 그럴듯함", choices=("가", "나"), id="r1"
        )
        self.store.append(Turn(Utterance(text, text, session, "r1"), response), {})
        return response

    def explain(self, response: Response) -> list[str]:
        return [f"까닭: {response.reason}"]

    def feedback(self, response_id: str, value: int, correction: str = "") -> str:
        self.told.append((response_id, value, correction))
        return "고마워요."

    def set_level(self, session: str, level: SpeechLevel) -> str:
        self.told.append((session, level))
        return "응."

    def reset(self, session: str) -> None:
        self.told.append(("reset", session))

    def forget(self, session: str) -> int:
        return self.store.forget(session)


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
def conversation(bot: Bot) -> Conversation:
    return Conversation(lambda: bot, "me")  # type: ignore[arg-type,return-value]


def test_choices_are_numbered(conversation: Conversation) -> None:
    assert conversation.say("음") == ["혹시 이런 이야기예요?", "  1. 가", "  2. 나"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/feedback 좋아요", ("r1", 1, "")),
        ("/feedback 👍", ("r1", 1, "")),
        ("/피드백 별로", ("r1", -1, "")),
        ("/feedback 정답은 사과야", ("r1", -1, "사과야")),
        ("/말투 반말", ("me", SpeechLevel.HAE)),
        ("/말투 격식체", ("me", SpeechLevel.HAPSYO)),
        ("/새로", ("reset", "me")),
    ],
)
def test_commands_reach_the_bot(conversation: Conversation, bot: Bot, line: str, told: tuple[object, ...]) -> None:
    conversation.say("음")
    conversation.say(line)
    assert bot.told == [told]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("/why", "아직 답한 말이 없어요."),
        ("/feedback 좋아요", "아직 답한 말이 없어요."),
        ("/history", "아직 나눈 이야기가 없어요."),
        ("/말투 사투리", "'/말투 반말'처럼 골라 주세요: 반말, 존댓말, 해요체, 격식체, 합쇼체"),
        ("/무엇", "/무엇: 모르는 명령이에요. /help 를 쳐 보세요."),
    ],
)
def test_a_command_that_cannot_be_done_says_why(conversation: Conversation, bot: Bot, line: str, shown: str) -> None:
    assert conversation.say(line) == [shown]
    assert bot.told == []


def test_the_talk_is_shown_explained_and_exported_once(conversation: Conversation, tmp_path: Path) -> None:
    conversation.say("음")
    assert conversation.say("/why") == ["까닭: 둘 다 그럴듯함"]
    assert conversation.say("/기록") == ["나: 음", "봇: 혹시 이런 이야기예요?"]
    path = tmp_path / "talk.jsonl"
    assert conversation.say(f"/export {path}") == [f"1번 주고받은 이야기를 {path}에 저장했어요."]
    assert "이미 있어요" in (conversation.say(f"/export {path}") or [""])[0]
    (row,) = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert "음" in row.values()
    assert conversation.say("/끝") is None


@pytest.mark.parametrize("pace", [0.0, 0.0001])
def test_a_reply_is_wrapped_by_the_width_of_hangul_in_one_go_or_word_by_word(pace: float) -> None:
    def shown(lines: Sequence[str], pace: float) -> str:
        console = Console(file=io.StringIO(), width=20, color_system=None, legacy_windows=False)
        _show(console, list(lines), "도담", pace=pace)
        return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]

    reply = ["학습할 때 뉴런 일부를 무작위로 꺼서 특정 뉴런에 기대지 않게 해요.", "  1. 보기"]
    rows = [row.rstrip() for row in shown(reply, pace).splitlines()]
    assert rows == [row.rstrip() for row in shown(reply, 0.0).splitlines()]
    assert all(cell_len(row) <= 20 for row in rows) and " ".join(" ".join(rows).split()).startswith("도담 학습할 때")
