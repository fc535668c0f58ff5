"""Each fault planted in a sound corpus is found at its file and line; the mechanical ones are mended."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.corpus.check import check, has_errors
from chatbot.corpus.finding import CODES
from chatbot.corpus.fix import fix
from chatbot.corpus.read import read_corpus
from chatbot.corpus.rules import foreign_sentence
from chatbot.errors import CorpusError


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def plant(root: Path) -> None:
        path = root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_bytes(text.replace(old, new, 1).encode())

    return plant


def encode(name: str, encoding: str) -> Callable[[Path], None]:
    def plant(root: Path) -> None:
        path = root / name
        path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))

    return plant


def add(name: str, text: str) -> Callable[[Path], None]:
    def plant(root: Path) -> None:
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return plant


NFD = unicodedata.normalize("NFD", "잘 있어")
TINY = "intent: tiny\nexamples:\n  - 하나만 있지\n  - 둘뿐이야\nreplies:\n  - 적네요.\n"
MANY = "intent: many\nexamples:\n" + "".join(
    f"  - {c}{c}{n}\n" for n, c in enumerate("가나다라마바사아자차카타파하" * 3)
)
MANY += "replies:\n  - 많네요.\n  - 그러게요.\n"

PLANTED = [
    ("encoding", "intents/thanks.yaml", 3, encode("intents/thanks.yaml", "cp949")),
    ("encoding", "intents/bye.yaml", 1, lambda root: (root / "intents/bye.yaml").write_bytes(b"\xff\x00\x81 nothing")),
    ("bom", "intents/bye.yaml", 1, encode("intents/bye.yaml", "utf-8-sig")),
    ("line-ending", "intents/bye.yaml", 1, replace("intents/bye.yaml", "intent: bye\n", "intent: bye\r\n")),
    ("nfd", "intents/bye.yaml", 3, replace("intents/bye.yaml", "잘 있어", NFD)),
    ("trailing-space", "intents/bye.yaml", 4, replace("intents/bye.yaml", "갈게요", "갈게요  ")),
    ("broken-text", "intents/bye.yaml", 5, replace("intents/bye.yaml", "내일", "내\ufffd")),
    ("broken-text", "chat/day.tsv", 2, replace("chat/day.tsv", "라면", "라면".encode().decode("latin-1"))),
    ("format", "intents/bye.yaml", 2, replace("intents/bye.yaml", "examples", "exampels")),
    ("format", "intents/bye.yaml", 14, replace("intents/bye.yaml", "- 조심히 가요.", "- 조심히: 가요.")),
    ("format", "chat/day.tsv", 3, replace("chat/day.tsv", "왔어\t", "왔어 ")),
    ("format", "dialogues/exam.txt", 3, replace("dialogues/exam.txt", "A: 마음이", "마음이")),
    ("format", "knowledge/basics.yaml", 1, replace("knowledge/basics.yaml", "  answer", "  # answer")),
    ("format", "phrases.yaml", 1, add("phrases.yaml", "- 그냥 목록\n")),
    ("format", "quizzes.yaml", 1, replace("quizzes.yaml", "  answers: [드롭아웃]\n", "")),
    ("format", "forms/plan.yaml", 1, add("forms/plan.yaml", "form: plan\n")),
    ("format", "lexicon/safety_rules.tsv", 2, add("lexicon/safety_rules.tsv", "# kinds\nprofanity\t(욕\n")),
    ("profanity", "intents/bye.yaml", 14, add("lexicon/safety_rules.tsv", "hate\t조심히\n")),
    ("same-name", "intents/thanks.yaml", 2, replace("intents/thanks.yaml", "intent: thanks", "intent: bye")),
    ("unknown-name", "intents/thanks.yaml", 4, replace("intents/thanks.yaml", "[bye]", "[by]")),
    ("unknown-name", "quizzes.yaml", 3, replace("quizzes.yaml", "topic: dropout", "topic: dropin")),
    ("two-intents", "intents/thanks.yaml", 6, replace("intents/thanks.yaml", "- 고마워", "- 잘있어!")),
    ("two-intents", "intents/thanks.yaml", 6, replace("intents/thanks.yaml", "- 고마워", "- 슬슬 나가 볼게요")),
    ("duplicate", "intents/thanks.yaml", 7, replace("intents/thanks.yaml", "덕분에 숙제 끝냈어요", "고마워")),
    ("duplicate", "chat/day.tsv", 4, add("chat/day.tsv", "가\t나요\n다\t라요\n마\t바요\n가\t나요\n")),
    ("near-duplicate", "intents/bye.yaml", 7, replace("intents/bye.yaml", "내일 또 올게", "오늘은 여기까지 할게")),
    ("template", "intents/thanks.yaml", 18, replace("intents/thanks.yaml", "{이름:은/는}", "{이름:은/는")),
    ("template", "intents/thanks.yaml", 18, replace("intents/thanks.yaml", "{이름:은/는}", "{이릉}")),
    ("template", "intents/thanks.yaml", 18, replace("intents/thanks.yaml", "은/는}", "은/을}")),
    ("template", "phrases.yaml", 2, replace("phrases.yaml", "그건", '"{뭐} 그건"  #')),
    ("profanity", "intents/bye.yaml", 14, replace("intents/bye.yaml", "조심히", "병신")),
    ("user-profanity", "intents/bye.yaml", 3, replace("intents/bye.yaml", "잘 있어", "씨발 간다")),
    ("speech-level", "intents/bye.yaml", 15, replace("intents/bye.yaml", "다음에 또 봐요", "또 만나겠습니다")),
    ("speech-level", "chat/day.tsv", 2, replace("chat/day.tsv", "됐네요", "완전히 됐잖아")),
    ("tiny", "intents/tiny.yaml", 1, add("intents/tiny.yaml", TINY)),
    ("unbalanced", "intents/many.yaml", 1, add("intents/many.yaml", MANY)),
]


def test_a_sound_corpus_has_no_faults(corpus: Path) -> None:
    assert check(corpus) == []


@pytest.mark.parametrize(("code", "name", "line", "plant"), PLANTED, ids=lambda value: str(value)[:24])
def test_a_planted_fault_is_found_in_its_place(
    corpus: Path, code: str, name: str, line: int, plant: Callable[[Path], None]
) -> None:
    plant(corpus)
    findings = check(corpus)
    places = [(f.file.relative_to(corpus).as_posix(), f.line) for f in findings if f.code == code]
    assert (name, line) in places, [str(f) for f in findings]
    assert all(f.severity == CODES[f.code][0] for f in findings)


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("도움이 됐다니 저도 좋네. 또 불러 주세요.", "도움이 됐다니 저도 좋네"),
        ("또 만나겠습니다.", "또 만나겠습니다"),
        ("그건 나도 잘 모르겠어.", "그건 나도 잘 모르겠어"),
        ("같이 해 보자! 좋죠?", "같이 해 보자"),
        ("그럼 뭐 먹을까?", "그럼 뭐 먹을까"),
        ("오늘은 이만 간다.", "오늘은 이만 간다"),
        ("그럴 줄이야. 저도 몰랐어요.", ""),
        ("'나 간다'라고 했군요. 잘 가요!", ""),
        ("네, 좋아요. 우리 동네! 하나, 둘, 셋.", ""),
        ("그렇죠? ㅋㅋ 맞아요~", ""),
        ("내일 또 봐용", ""),
    ],
)
def test_speech_level_by_the_last_letters(text: str, foreign: str) -> None:
    assert foreign_sentence(text) == foreign


def test_every_code_is_planted_once() -> None:
    assert {code for code, *_ in PLANTED} | {"leak", "golden-leak"} == set(CODES)


def test_a_held_out_line_that_is_taught_is_a_leak(corpus: Path, tmp_path: Path) -> None:
    held = tmp_path / "test.jsonl"
    held.write_text('{"text": "새 문장이야"}\n{"text": "고마워!"}\n', encoding="utf-8")
    findings = [f for f in check(corpus, [held]) if f.code == "leak"]
    assert [(f.file.name, f.line) for f in findings] == [("thanks.yaml", 6)]
    assert "test.jsonl:2" in findings[0].message


def test_golden_dialogues_that_only_repeat_the_corpus_are_named(corpus: Path) -> None:
    golden = corpus.parent / "tests" / "golden" / "dialogues"
    golden.mkdir(parents=True)
    taught = ["이만 갈게요", "내일 또 올게", "덕분에 숙제 끝냈어요", "오늘은 여기까지 하자", "슬슬 나가 볼게"]
    (golden / "talk.txt").write_text("# 인사\n" + "".join(f"> {text}\n" for text in taught), encoding="utf-8")
    found = [(f.code, f.file.name, f.line) for f in check(corpus)]
    (golden / "talk.txt").write_text("# 인사\n" + "".join(f"> 음 {text} 응\n" for text in taught), encoding="utf-8")
    assert found == [("golden-leak", "talk.txt", 2)]
    assert check(corpus) == []


def test_lines_of_two_intents_may_be_alike(corpus: Path) -> None:
    replace("intents/thanks.yaml", "덕분에 숙제 끝냈어요", "오늘은 여기까지 고마워")(corpus)
    assert [f for f in check(corpus) if f.code == "near-duplicate"] == []


def test_the_gravest_come_first_and_errors_are_told_from_warnings(corpus: Path) -> None:
    replace("intents/bye.yaml", "잘 있어", "잘 있어 ")(corpus)
    assert not has_errors(check(corpus))
    encode("intents/thanks.yaml", "cp949")(corpus)
    findings = check(corpus)
    assert has_errors(findings)
    assert findings[0].code == "encoding"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such folder"):
        check(tmp_path / "nowhere")


def test_fix_mends_what_is_mechanical_and_keeps_comments(corpus: Path) -> None:
    path = corpus / "intents" / "thanks.yaml"
    sound = path.read_text(encoding="utf-8")
    dirty = sound.replace("  - 고마워\n", "  - 고마워 \n  - 고마워\n").replace(
        "땡큐", unicodedata.normalize("NFD", "땡큐")
    )
    path.write_bytes(dirty.replace("\n", "\r\n").encode("cp949", "replace"))
    # NFD has no place in cp949, so that file is put in both ways, one after the other.
    path.write_bytes(b"\xef\xbb\xbf" + dirty.replace("\n", "\r\n").encode())
    encode("chat/day.tsv", "cp949")(corpus)
    codes = {finding.code for finding in fix(corpus)}
    assert {"encoding", "bom", "nfd", "line-ending", "trailing-space", "duplicate"} <= codes
    assert path.read_text(encoding="utf-8") == sound
    assert check(corpus) == []
    assert fix(corpus) == []


def test_fix_leaves_decisions_to_people(corpus: Path) -> None:
    replace("intents/thanks.yaml", "- 고마워", "- 잘 있어")(corpus)
    before = (corpus / "intents" / "thanks.yaml").read_bytes()
    assert fix(corpus) == []
    assert (corpus / "intents" / "thanks.yaml").read_bytes() == before


def test_fix_leaves_bytes_it_cannot_read(corpus: Path) -> None:
    path = corpus / "chat" / "day.tsv"
    path.write_bytes(b"\xff\x00\x81 nothing")
    assert fix(corpus) == []
    assert path.read_bytes() == b"\xff\x00\x81 nothing"


def test_fix_deletes_no_line_that_goes_on(corpus: Path) -> None:
    path = corpus / "intents" / "bye.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("  - 나 잔다\n", "  - 잘\n    있어\n"), encoding="utf-8")
    assert fix(corpus) == []
    assert [f.code for f in check(corpus)] == ["duplicate"]


NASTY = [
    b"",
    b"\x00",
    b"intent: a\x07b\n",
    b"? [a]\n: b\n",
    b"? {a: b}\n: [c]\n",
    b"a: &x [*x]\n",
    b"- &x [*x]\n",
    b"a: &x\n  b: *x\n",
    b"--- a\n--- b\n",
    b"intent: !!python/object:os.system ls\nexamples: !x [a, b]\nreplies: [c]\n",
    b"%YAML 9.9\n---\na: b\n",
    b"Q:\nQ:\nA:\n",
    "가\u2028나\t다\u2028라\n".encode(),
    b"\t\n\t\t\n",
    b"{{{{\n",
    b"form: [a]\nstart: {b: c}\nslots: d\n",
]


@pytest.mark.parametrize("content", NASTY)
@pytest.mark.parametrize(
    "name",
    [
        "intents/x.yaml",
        "knowledge/x.yaml",
        "chat/x.tsv",
        "dialogues/x.txt",
        "phrases.yaml",
        "quizzes.yaml",
        "forms/x.yaml",
    ],
)
def test_whatever_a_file_holds_is_a_finding_and_no_crash(corpus: Path, name: str, content: bytes) -> None:
    (corpus / name).parent.mkdir(exist_ok=True)
    (corpus / name).write_bytes(content)
    check(corpus)
    fix(corpus)


@settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(["intents/bye.yaml", "chat/day.tsv", "dialogues/exam.txt"]),
    st.integers(0, 200),
    st.binary(max_size=8),
)
def test_a_file_with_any_bytes_in_it_is_checked(corpus: Path, name: str, at: int, junk: bytes) -> None:
    path = corpus / name
    sound = path.read_bytes()
    path.write_bytes(sound[:at] + junk + sound[at:])
    check(corpus)
    fix(corpus)
    assert fix(corpus) == []
    path.write_bytes(sound)


def test_the_shipped_corpus_has_no_errors(corpus_dir: Path) -> None:
    assert [str(f) for f in check(corpus_dir) if f.severity == "error"] == []
    assert read_corpus(corpus_dir).intents
