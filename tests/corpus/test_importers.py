"""Importers: each public form in a small sample, wrong files named with the row, and the real sets where they lie."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatbot.corpus.check import check
from chatbot.corpus.importers import STAND_IN, import_file
from chatbot.corpus.read import read_intent, read_knowledge, read_pairs
from chatbot.errors import CorpusError

RASA = """version: "3.1"
nlu:
- intent: ask_weather
  examples: |
    - 오늘 날씨 어때
    - [서울](city) 비 와?
    - [부산]{"entity": "city", "value": "busan"} 더워?
- synonym: 서울
  examples: |
    - 설
- intent: bye
  examples:
    - text: 잘 가
    - text: 나 간다
responses:
  utter_bye:
    - text: 조심히 가요.
"""


def file(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def examples(root: Path) -> dict[str, tuple[str, ...]]:
    intents = [read_intent(path) for path in sorted((root / "intents").glob("*.yaml"))]
    return {intent.name: intent.examples for intent in intents}


def test_chatbot_data(tmp_path: Path) -> None:
    source = file(
        tmp_path, "ChatbotData.csv", 'Q,A,label\n12시 땡!,하루가 또 가네요.,0\n"쉼표, 있어",그렇죠.,0\n빈칸,,0\n'
    )
    report = import_file(source, tmp_path / "c")
    assert (report.format, report.kind, report.rows, report.taken) == ("chatbot_data", "chat", 3, 2)
    assert report.skipped == ((4, "A is empty"),)
    assert [(p.question, p.answer) for p in read_pairs(report.written[0])] == [
        ("12시 땡!", "하루가 또 가네요."),
        ("쉼표, 있어", "그렇죠."),
    ]


def test_importing_twice_adds_nothing(tmp_path: Path) -> None:
    source = file(tmp_path, "data.csv", "Q,A\n안녕,반가워요.\n#우물,네요.\n")
    first, second = import_file(source, tmp_path / "c"), import_file(source, tmp_path / "c")
    assert (first.taken, second.taken, len(second.skipped)) == (2, 0, 2)
    assert len(list(read_pairs(first.written[0]))) == 2


def test_nsmc_has_lone_quotation_marks(tmp_path: Path) -> None:
    source = file(
        tmp_path, "ratings.txt", 'id\tdocument\tlabel\n1\t"재밌다\t1\n2\t별로\t0\n3\t최고\t1\n4\t지루해\t0\n'
    )
    report = import_file(source, tmp_path / "c")
    assert report.format == "nsmc"
    assert examples(tmp_path / "c") == {"negative": ("별로", "지루해"), "positive": ('"재밌다', "최고")}
    assert read_intent(report.written[0]).replies == (STAND_IN,)
    assert "stand-in" in report.notes[0]


def test_massive_joins_particles_and_leaves_held_out_rows(tmp_path: Path) -> None:
    rows = [
        ("train", "alarm_set", "아홉 시 에 깨워줘", "[time : 아홉 시] 에 깨워줘"),
        ("train", "alarm_set", "내일 깨워줘", "[date : 내일] 깨워줘"),
        ("train", "music", "내일 깨워줘", "[date : 내일] 깨워줘"),
        ("test", "alarm_set", "시험 문장", "시험 문장"),
    ]
    lines = [
        json.dumps({"partition": p, "intent": i, "utt": u, "annot_utt": a}, ensure_ascii=False) for p, i, u, a in rows
    ]
    report = import_file(file(tmp_path, "ko-KR.jsonl", "\n".join(lines)), tmp_path / "c")
    assert report.format == "massive"
    assert examples(tmp_path / "c") == {"alarm_set": ("아홉 시에 깨워줘", "내일 깨워줘")}
    assert report.skipped == ((3, "'내일 깨워줘' stands under alarm_set too"), (4, "held out (test)"))


def test_3i4k_without_header_and_unknown_labels(tmp_path: Path) -> None:
    source = file(tmp_path, "fci.txt", "0\t만화\n0\t이치가\n3\t문 닫아\n3\t불 꺼\n")
    import_file(source, tmp_path / "c", "3i4k")
    assert examples(tmp_path / "c") == {"fragment": ("만화", "이치가"), "command": ("문 닫아", "불 꺼")} | {}
    bad = file(tmp_path, "bad.txt", "0\t만화\n9\t이상해\n")
    with pytest.raises(CorpusError, match=r"bad\.txt:2: unknown label '9'; allowed: 0 \(fragment\)"):
        import_file(bad, tmp_path / "d", "3i4k")


def test_sts_in_both_forms(tmp_path: Path) -> None:
    kor = file(
        tmp_path,
        "kor.tsv",
        "genre\tid\tscore\tsentence1\tsentence2\nx\t1\t4.5\t말을 탄다\t말을 타요\nx\t2\t-\t가\t나\n",
    )
    report = import_file(kor, tmp_path / "c")
    assert (report.kind, report.taken, report.skipped) == (
        "paraphrases",
        1,
        ((3, "score '-' is no number from 0 to 5"),),
    )
    assert report.written[0].read_text(encoding="utf-8").splitlines()[1] == "말을 탄다\t말을 타요\t4.5"
    klue = [{"guid": "a", "sentence1": "가", "sentence2": "나", "labels": {"label": 3.7, "real-label": 3.714}}]
    report = import_file(file(tmp_path, "klue.json", json.dumps(klue)), tmp_path / "c")
    assert report.written[0].read_text(encoding="utf-8").endswith("가\t나\t3.714\n")


def test_rasa_without_entity_marks_and_with_responses(tmp_path: Path) -> None:
    import_file(file(tmp_path, "nlu.yml", RASA), tmp_path / "c")
    assert examples(tmp_path / "c") == {
        "ask_weather": ("오늘 날씨 어때", "서울 비 와?", "부산 더워?"),
        "bye": ("잘 가", "나 간다"),
    }
    assert read_intent(tmp_path / "c" / "intents" / "bye.yaml").replies == ("조심히 가요.",)
    assert {f.code for f in check(tmp_path / "c")} <= {"tiny", "unbalanced"}


def test_kochat_in_both_forms(tmp_path: Path) -> None:
    raw = file(tmp_path, "weather.csv", "question,label\n부산 시원해,S-LOCATION O\n날씨 알려줘,O O\n")
    assert import_file(raw, tmp_path / "c").format == "kochat"
    merged = file(tmp_path, "intent_data.csv", "question,label\n먼지 어때,dust\n미세먼지 알려줘,dust\n")
    import_file(merged, tmp_path / "c")
    assert examples(tmp_path / "c") == {
        "dust": ("먼지 어때", "미세먼지 알려줘"),
        "weather": ("부산 시원해", "날씨 알려줘"),
    }


def test_plain_tables_with_a_mapping_become_any_kind(tmp_path: Path) -> None:
    source = file(
        tmp_path,
        "faq.csv",
        "물어봐,대답해,묶음\n언제 열어?,아홉 시에 열어요.,영업\n몇 시부터 해?,아홉 시에 열어요.,영업\n",
    )
    mapping = {"question": "물어봐", "answer": "대답해"}
    assert import_file(source, tmp_path / "c", mapping=mapping).kind == "chat"
    report = import_file(source, tmp_path / "c", mapping={**mapping, "title": "묶음"})
    entries = list(read_knowledge(report.written[0]))
    assert [(e.title, e.questions, e.answer) for e in entries] == [
        ("영업", ("언제 열어?", "몇 시부터 해?"), "아홉 시에 열어요.")
    ]
    import_file(source, tmp_path / "c", mapping={"text": "물어봐", "intent": "묶음"})
    assert examples(tmp_path / "c") == {"영업": ("언제 열어?", "몇 시부터 해?")}


def test_xlsx(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("openpyxl")
    source = tmp_path / "table.xlsx"
    pandas.DataFrame({"질문": ["안녕", "뭐 해", None], "답변": ["안녕하세요.", "기다렸어요.", "네요."]}).to_excel(
        source, index=False
    )
    report = import_file(source, tmp_path / "c")
    assert (report.taken, report.skipped) == (2, ((4, "질문 is empty"),))
    broken = file(tmp_path, "broken.xlsx", "no workbook")
    with pytest.raises(CorpusError, match="not an Excel workbook"):
        import_file(broken, tmp_path / "c")


def test_cp949_is_read_and_told(tmp_path: Path) -> None:
    report = import_file(file(tmp_path, "옛날.csv", "질문,답변\n안녕,반가워요.\n", "cp949"), tmp_path / "c")
    assert report.encoding == "cp949"
    assert any("cp949" in note for note in report.notes)
    assert report.written[0].read_text(encoding="utf-8") == "안녕\t반가워요.\n"


def test_wrong_files_are_named_with_the_row(tmp_path: Path) -> None:
    cases = [
        ("a.csv", "질문,답변\n안녕,네\n너무,많은,칸\n".encode(), r"a\.csv:3: 3 cells where the lines before have 2"),
        ("b.csv", "질문,답변\n안녕,네\n".encode() + b"\xff\x00,\x81\n", r"b\.csv:3: byte 0xff"),
        ("c.jsonl", '{"q": "가", "a": "나"}\n{깨짐\n'.encode(), r"c\.jsonl:2: not JSON"),
        ("d.jsonl", b'["list"]\n', r"d\.jsonl:1: expected an object"),
        ("e.csv", b"x,y\n1,2\n", r"e\.csv:1: cannot tell what the columns are \(found: x, y\)"),
        ("f.csv", b"", r"f\.csv: holds no rows"),
        ("g.yml", b"stories: []\n", r"g\.yml:1: no list under nlu"),
        ("h.pdf", b"", r"cannot import \.pdf"),
        ("i.csv", "질문,답변\n,네\n".encode(), r"i\.csv: no row could be used \(row 2: 질문 is empty\)"),
    ]
    for name, content, message in cases:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CorpusError, match=message):
            import_file(tmp_path / name, tmp_path / "c")
    assert not (tmp_path / "c").exists()


def test_wrong_wishes_are_named(tmp_path: Path) -> None:
    source = file(tmp_path, "t.csv", "질문,분류\n안녕,인사\n")
    for wish, message in (
        ({"format": "excel"}, "unknown format 'excel'"),
        ({"kind": "poems"}, "unknown kind 'poems'"),
        ({"mapping": {"text": "물음", "intent": "분류"}}, "no column '물음'; found: 질문, 분류"),
        ({"mapping": {"word": "질문"}, "kind": "intents"}, "no field word for intents"),
        ({"format": "nsmc"}, "no column for text .looked for: document; found: 질문, 분류"),
    ):
        with pytest.raises(CorpusError, match=message):
            import_file(source, tmp_path / "c", **wish)


def test_an_existing_intent_grows_and_the_limit_holds(corpus: Path, tmp_path: Path) -> None:
    rows = "".join(f"새 문장 번호 {n},thanks\n" for n in range(9)) + "고마워,thanks\n이만 갈게요,thanks\n"
    report = import_file(file(tmp_path, "more.csv", "text,intent\n" + rows), corpus, limit=4)
    assert report.taken == 4
    assert [reason for _, reason in report.skipped] == [
        "'고마워' stands there already",
        "'이만 갈게요' stands under bye too",
    ]
    assert len(examples(corpus)["thanks"]) == 14


REAL = [
    ("chat_pairs/dev.jsonl", "chatbot_data", 671),
    ("sent_nsmc/ratings_train.txt", "nsmc", 100),
    ("intent_massive/dev.jsonl", "massive", None),
    ("act_3i4k/train.jsonl", "3i4k", 50),
    ("korsts/sts-dev.tsv", "sts", 50),
    ("ret_welfare/bank.jsonl", None, 50),
    ("intent_smalltalk/dev.jsonl", None, None),
]


@pytest.mark.parametrize(("name", "format", "taken"), REAL)
def test_the_real_sets(shared_data: Path, tmp_path: Path, name: str, format: str | None, taken: int | None) -> None:
    head = (shared_data / name).read_text(encoding="utf-8").splitlines(keepends=True)[:3000]
    source = file(tmp_path, Path(name).name, "".join(head))
    report = import_file(source, tmp_path / "c", format, limit=None if "chat" in name else 50)
    assert taken is None or report.taken == taken
    assert report.taken + len(report.skipped) <= report.rows or report.kind == "knowledge"
    assert not [f for f in check(tmp_path / "c") if f.code in ("format", "two-intents", "duplicate", "nfd")][1:]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_the_separator_of_a_csv_is_told_by_its_first_line(tmp_path: Path, separator: str) -> None:
    file = tmp_path / "faq.csv"
    file.write_text(f"질문{separator}답변\n교환, 되나요{separator}네, 돼요.\n", encoding="cp949")
    report = import_file(file, tmp_path / "corpus")
    assert (report.rows, report.taken, report.encoding) == (1, 1, "cp949")
    assert (tmp_path / "corpus/chat/faq.tsv").read_text(encoding="utf-8") == "교환, 되나요\t네, 돼요.\n"


def test_rows_keep_their_line_numbers_and_wrong_ones_are_named(tmp_path: Path) -> None:
    file = tmp_path / "faq.csv"
    file.write_text("질문,답변\n언제 열어?,아홉 시요.\n\n얼마예요?,\n", encoding="utf-8")
    assert import_file(file, tmp_path / "corpus").skipped == ((4, "답변 is empty"),)
    with pytest.raises(CorpusError, match=r"faq\.csv:1: no column '질믄'; found: 질문, 답변; did you mean '질문'\?"):
        import_file(file, tmp_path / "corpus", mapping={"question": "질믄", "answer": "답변"})
    file.write_text("질문,답변\n언제 열어?,네, 아홉 시요.\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"faq\.csv:2: more cells than the first line names; put quotation marks"):
        import_file(file, tmp_path / "corpus")
