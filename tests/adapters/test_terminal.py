"""The terminal, driven as a person drives it: through a pseudo-terminal, with wide characters and control keys."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import pexpect
import pytest
from rich.cells import cell_len
from rich.console import Console

from chatbot.adapters.screen import show
from chatbot.adapters.terminal import NOT_NOW, Conversation
from chatbot.adapters.wrapping import folded
from chatbot.errors import StoreUnavailableError
from chatbot.store import MemoryStore
from chatbot.store.sql import SqlStore
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

    def feedback(self, response_id: str, value: int, correction: str = "", session: str = "") -> str:
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


def test_what_was_saved_to_a_file_is_named_when_the_rest_is_forgotten(
    conversation: Conversation, tmp_path: Path
) -> None:
    conversation.say("음")
    path = tmp_path / "talk.jsonl"
    conversation.say(f"/export {path}")
    assert conversation.say("/잊어줘") == [
        "이 대화의 기록 1개를 모두 지웠어요.",
        f"저장해 둔 파일은 그대로 있어요: {path}",
    ]
    assert conversation.say("/history") == ["아직 나눈 이야기가 없어요."]


@pytest.mark.parametrize("command", ["/말투 반말", "/잊어줘", "/export", "/history", "/reset"])
def test_a_database_that_takes_nothing_is_told_in_korean(
    bot: Bot, conversation: Conversation, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise StoreUnavailableError("chat.db: the database is locked", "locked")

    for owner, name in ((bot, "set_level"), (bot, "forget"), (bot, "reset"), (bot.store, "export")):
        monkeypatch.setattr(owner, name, locked)
    monkeypatch.setattr(bot.store, "history", locked)
    assert conversation.say(command) == [NOT_NOW]


def test_bytes_that_are_no_text_in_a_pipe_cost_a_letter_and_what_was_said_is_kept(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import sys
        from functools import partial
        from pathlib import Path
        from adapters.talking import make_bot
        from chatbot.adapters import terminal
        terminal.run(lambda tell: tell("알림") or make_bot(sys.argv[1]), "s", name="도담", history=Path("h"))
        """
    )
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program, url],
        input=b"\xec\x95\x88\xff\xeb\x85\x95\n/history\n",
        capture_output=True,
        env=environment,
        cwd=tmp_path,
        timeout=60,
    )
    assert done.stdout.decode().splitlines()[0].startswith("1. 안")
    assert (done.returncode, done.stderr.decode()) == (0, "알림\n"), "a pipe's stdout holds replies alone"
    assert [kept.utterance.raw for kept in SqlStore(url).history("s", 9)] == ["안\ufffd녕"]


def test_a_reply_that_is_typed_out_ends_where_somebody_presses_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("chatbot.adapters.screen.time.sleep", sleep)
    console = Console(file=io.StringIO(), width=60, color_system=None, legacy_windows=False)
    with pytest.raises(KeyboardInterrupt):
        show(console, ["하나 둘 셋 넷 다섯"], "도담", pace=0.04)
    assert console.file.getvalue() == "도담 하나 둘 \n"  # type: ignore[attr-defined]
    assert slept == [0.04] * 3


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        (
            "/말투       말투를 바꿔요: /말투 반말, /말투 격식체",
            ["/말투       말투를 바꿔요:", f"{' ' * 12}/말투 반말, /말투", f"{' ' * 12}격식체"],
        ),
        ("봇: 가나다라마바사아 자차카타파하", ["봇: 가나다라마바사아", "    자차카타파하"]),
        ("닮은 예문: 가나다 라마바 사아자차카타파하하", ["닮은 예문: 가나다 라마바", "           사아자차카타파하하"]),
        ("  1. 가나다라마바사아자차카타파하거너더러", ["  1. 가나다라마바사아자차카타", "     파하거너더러"]),
        ("짧은 말", ["짧은 말"]),
        ("", [""]),
    ],
)
def test_later_rows_stand_under_the_text_of_the_first(line: str, rows: list[str]) -> None:
    assert folded(line, 29) == rows
    assert all(cell_len(row) <= 29 for row in rows)


@pytest.mark.parametrize("pace", [0.0, 0.0001])
def test_a_reply_is_wrapped_by_the_width_of_hangul_in_one_go_or_word_by_word(pace: float) -> None:
    def shown(lines: Sequence[str], pace: float) -> str:
        console = Console(file=io.StringIO(), width=20, color_system=None, legacy_windows=False)
        show(console, list(lines), "도담", pace=pace)
        return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]

    reply = ["학습할 때 뉴런 일부를 무작위로 꺼서 특정 뉴런에 기대지 않게 해요.", "  1. 보기"]
    rows = [row.rstrip() for row in shown(reply, pace).splitlines()]
    assert rows == [row.rstrip() for row in shown(reply, 0.0).splitlines()]
    assert all(cell_len(row) <= 20 for row in rows) and " ".join(" ".join(rows).split()).startswith("도담 학습할 때")
