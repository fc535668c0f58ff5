"""Documents become passages of whole sentences, and answers quote them with source and date."""

from __future__ import annotations

import itertools
import json
import re
from datetime import date
from pathlib import Path

import pytest

from chatbot.errors import CorpusError
from chatbot.retrieval.documents import iso_date, read_documents
from chatbot.retrieval.passages import PASSAGE, add_files, label, passages, quote
from chatbot.retrieval.responder import RetrievalResponder
from chatbot.retrieval.retriever import Retriever, Row
from chatbot.types import Utterance

MARKDOWN = """# 동아리 안내

날짜: 2026.11.03

**자연어 처리 동아리**는 매주 [화요일](https://example.org) 저녁 일곱 시에 모입니다. 장소는 도서관 3층 세미나실입니다.

- 회비는 한 학기에 만 원입니다.

```python
print("코드는 읽지 않습니다")
```

## 가입 방법

신청서를 메일로 보내면 됩니다. 답장은 사흘 안에 옵니다.
"""


def split(text: str) -> list[str]:
    return re.split(r"(?<=[.?!])\s+", text)


def _write(folder: Path, name: str = "club.md", text: str = MARKDOWN) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_markdown_becomes_sections_without_marks_or_code(tmp_path: Path) -> None:
    (document,) = read_documents(_write(tmp_path))
    assert (document.title, document.date, document.source) == ("동아리 안내", "2026-11-03", "club.md")
    assert [heading for heading, _ in document.sections] == ["동아리 안내", "가입 방법"]
    text = " ".join(body for _, body in document.sections)
    assert "자연어 처리 동아리는 매주 화요일 저녁" in text
    assert not re.search(r"[*`\[\]#]|print", text)


def test_passages_hold_whole_sentences_and_share_one(tmp_path: Path) -> None:
    sentences = [f"{number}번째 문장은 이렇게 제법 길게 이어지는 보기 문장입니다." for number in range(40)]
    (document,) = read_documents(_write(tmp_path, "long.txt", " ".join(sentences)))
    rows = passages(document, split)
    assert len(rows) > 2
    groups = [answer.split("\n") for answer in dict.fromkeys(row.answer for row in rows)]
    assert all(set(group) <= set(sentences) and len(" ".join(group)) <= PASSAGE + 50 for group in groups)
    assert all(left[-1] == right[0] for left, right in itertools.pairwise(groups))
    assert all(row.text == f"long. {sentence}" for row, sentence in zip(rows, groups[0], strict=False))
    assert set(sentences) == {sentence for group in groups for sentence in group}


def test_a_quotation_names_source_and_date_and_calls_old_news_old() -> None:
    row = Row(
        "p:1", "글", "회비는 만 원입니다.\n모임은 화요일입니다.", "passage", "동아리 안내", "2026-11-03", "club.md"
    )
    fresh = quote(row, "모임이 언제야", date(2026, 11, 20), 30)
    assert fresh == "'동아리 안내'에 이렇게 나와 있어요. “모임은 화요일입니다.” (출처: club.md, 2026년 11월 3일)"
    assert quote(row, "모임이 언제야", date(2026, 12, 20), 30).endswith("조금 지난 글이라 지금은 다를 수 있어요.")


@pytest.mark.parametrize(
    ("after", "quoted"),
    [
        ("와이파이는 계산대에 물어보세요.", False),
        ("단체 손님은 미리 알려 주세요.", False),
        ("다만 둘째 월요일은 쉽니다.", True),
        ("그 뒤로는 포장만 됩니다.", True),
        ("주말에는 밤 11시까지입니다.", True),  # as asked
        ("평일에도 예약을 받습니다.", True),  # as said
    ],
)
def test_a_quotation_ends_where_the_text_turns_to_something_else(after: str, quoted: bool) -> None:
    row = Row(
        "p:1", "글. 평일은 밤 10시까지 엽니다.", f"평일은 밤 10시까지 엽니다.\n{after}", "passage", "카페", "", "a.txt"
    )
    assert (after in quote(row, "주말에도 해요?", date(2026, 11, 20), 30)) is quoted


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("달빛마을의 유래\n\n달이 밝아 붙은 이름이라고 합니다.", "달빛마을의 유래"),
        ("달이 밝습니다\n그래서 달빛마을입니다.", "town"),
        ("- 달\n- 별", "town"),
        ("달빛마을의 유래", "town"),
    ],
)
def test_a_first_line_that_is_no_sentence_is_the_title(text: str, title: str, tmp_path: Path) -> None:
    path = tmp_path / "town.txt"
    path.write_text(text, encoding="utf-8")
    (document,) = read_documents(path)
    assert document.title == title
    assert title == "town" or title not in document.sections[0][1]


def test_a_passage_is_offered_by_its_title_and_how_its_sentence_begins() -> None:
    said = "주차는 두 시간까지 무료입니다.\n환불은 구매한 날부터 7일 안에 영수증을 가져오면 됩니다."
    row = Row("p:1", "카페. 글", said, "passage", "카페", "", "a.txt")
    assert label(row, "환불 돼요?") == "카페: 환불은 구매한 날부터 7일 안에 영수증을…"
    assert label(row, "주차 돼요?") == "카페: 주차는 두 시간까지 무료입니다"


def test_added_files_are_found_quoted_and_replaced(retriever: Retriever, tmp_path: Path) -> None:
    path = _write(tmp_path)
    heard: list[tuple[int, int, str]] = []
    report = add_files([tmp_path], retriever, split, lambda *step: heard.append(step))
    assert (report.files, report.passages, report.removed) == (1, 2, 0)
    assert heard == [(1, 1, "club.md")]
    responder = RetrievalResponder(retriever, today=lambda: date(2026, 11, 20))
    best = responder.propose(Utterance("", "동아리 가입 신청서 어떻게 보내?"), [])[0]
    assert "신청서를 메일로 보내면 됩니다." in best.text and "2026년 11월 3일" in best.text
    _write(tmp_path, text=MARKDOWN.replace("사흘", "이틀"))
    again = add_files([path], retriever, split)
    assert (again.passages, again.removed) == (2, 2)
    assert len({one.rpartition(":")[0] for one in retriever.ids() if one.startswith("p:")}) == 2


def test_articles_come_from_jsonl(tmp_path: Path) -> None:
    article = {
        "title": "소식",
        "text": "새 모델이 나왔습니다.",
        "url": "https://example.org/1",
        "date": "2026-11-01T09:00:00",
    }
    path = _write(tmp_path, "news.jsonl", json.dumps(article, ensure_ascii=False) + "\n")
    (document,) = read_documents(path)
    assert (document.title, document.source, document.date) == ("소식", "https://example.org/1", "2026-11-01")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026-02-30 2026.3.1", "2026-03-01"), ("2026/11/21", "2026-11-21"), ("어제", ""), ("12026-01-01", "")],
)
def test_dates_are_real_dates(text: str, expected: str) -> None:
    assert iso_date(text) == expected


def test_faults_name_the_file_and_what_is_allowed(retriever: Retriever, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file"):
        add_files([tmp_path / "nothing.md"], retriever, split)
    with pytest.raises(CorpusError, match=r"\.txt, \.md"):
        add_files([_write(tmp_path, "table.xlsx")], retriever, split)
    with pytest.raises(CorpusError, match=r"empty\.txt: no text"):
        add_files([_write(tmp_path, "empty.txt", " \n")], retriever, split)
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe\xfd")
    with pytest.raises(CorpusError, match="neither UTF-8 nor CP949"):
        add_files([tmp_path / "picture.txt"], retriever, split)
    with pytest.raises(CorpusError, match=r"bad\.jsonl:1: expected"):
        add_files([_write(tmp_path, "bad.jsonl", '{"title": 1}\n')], retriever, split)


def test_files_of_one_name_in_two_folders_both_stay(retriever: Retriever, tmp_path: Path) -> None:
    for folder, text in (("school", "나래초 급식은 열두 시에 시작합니다."), ("library", "도서관은 아홉 시에 엽니다.")):
        (tmp_path / folder).mkdir()
        _write(tmp_path / folder, "readme.md", text)
    report = add_files([tmp_path], retriever, split)
    assert (report.files, report.removed) == (2, 0)
    (hit, *_) = retriever.search(["나래초 급식은 몇 시에 시작해?"], 3)[0]
    assert hit.row.source == "school/readme.md"
    assert add_files([tmp_path], retriever, split).removed == report.passages


HOURS = """---
title: 나래 도서관
date: 2026-10-30
---
## 여는 시간

    indented = "code"

| 요일 | 여는 시간 | 닫는 시간 |
|------|:---------:|-----------|
| 월 | 9시 | 18시 |
| **토** | 10시 | |
| 일요일 | 쉼 | |

### 준비물

회원증을 만들려면 이런 것이 필요합니다.

- 신분증
- **"가족관계증명서"**와 사진 [서식](https://example.org/form)

<div>틀</div>
"""


def test_tables_lists_and_front_matter_are_read_as_a_person_reads_them(tmp_path: Path) -> None:
    (document,) = read_documents(_write(tmp_path, "hours.md", HOURS))
    assert (document.title, document.date) == ("나래 도서관", "2026-10-30")
    assert document.sections == (
        ("여는 시간", "월요일: 여는 시간 9시, 닫는 시간 18시\n\n토요일: 여는 시간 10시\n\n일요일: 여는 시간 쉼"),
        (
            "여는 시간 준비물",
            '회원증을 만들려면 이런 것이 필요합니다.\n\n신분증\n\n"가족관계증명서"와 사진 서식',
        ),
    )


def test_a_row_of_a_table_is_quoted_alone_and_a_list_with_its_opening(retriever: Retriever, tmp_path: Path) -> None:
    add_files([_write(tmp_path, "hours.md", HOURS)], retriever, split)
    responder = RetrievalResponder(retriever, today=lambda: date(2026, 11, 1))
    (saturday, *_) = responder.propose(Utterance("", "나래 도서관 토요일 여는 시간"), [])
    assert "“토요일: 여는 시간 10시”" in saturday.text
    (needed, *_) = responder.propose(Utterance("", "나래 도서관 회원증 만들려면 뭐가 필요해?"), [])
    assert "필요합니다. 신분증, " in needed.text


def test_plain_text_keeps_indented_lines_and_angle_brackets(tmp_path: Path) -> None:
    path = _write(tmp_path, "note.txt", "    문의는 <총무과>로 합니다.\n\n<br> 점심은 쉽니다.\n")
    (document,) = read_documents(path)
    assert document.sections == (("", "문의는 <총무과>로 합니다.\n\n<br> 점심은 쉽니다."),)


@pytest.mark.parametrize("encoding", ["cp949", "utf-16", "utf-8-sig"])
def test_files_of_older_programs_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes("동아리는 화요일에 모입니다.\r\n장소는 세미나실입니다.\r\n".encode(encoding))
    (document,) = read_documents(path)
    assert document.sections == (("", "동아리는 화요일에 모입니다.\n장소는 세미나실입니다."),)


def test_one_bad_file_does_not_end_the_folder(retriever: Retriever, tmp_path: Path) -> None:
    _write(tmp_path)
    _write(tmp_path, "empty.txt", "\n")
    (tmp_path / "broken.txt").write_bytes(b"\xff\x00\xff\xd8\x81")
    _write(tmp_path, "broken.jsonl", '{"title": "소식"')
    report = add_files([tmp_path], retriever, split)
    assert (report.files, report.passages) == (1, 2)
    assert [re.search(r"(\w+\.\w+):", fault)[1] for fault in report.failed] == [  # type: ignore[index]
        "broken.jsonl", "broken.txt", "empty.txt",
    ]  # fmt: skip
    kept = len(retriever)
    _write(tmp_path, text=" ")
    with pytest.raises(CorpusError, match=r"club\.md: no text"):
        add_files([tmp_path], retriever, split)
    assert len(retriever) == kept  # what the file gave before stays
