"""Extraction over every page shape, charset, date and boilerplate rule; the shared pages where they lie."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

pytest.importorskip("newspaper")

from crawlers.shapes import SHAPES, SITE, Story, stories

from chatbot.crawlers.clean import clean
from chatbot.crawlers.dates import parse_date
from chatbot.crawlers.decode import decode
from chatbot.crawlers.evaluate import evaluate_extraction
from chatbot.crawlers.extract import extract
from chatbot.crawlers.fetch import Fetched
from chatbot.crawlers.guess import guess
from chatbot.crawlers.meta import cut_suffix
from chatbot.crawlers.prose import token_f1
from chatbot.crawlers.select import select
from chatbot.crawlers.sentences import sentences
from chatbot.errors import CrawlError


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_its_body(shape: str) -> None:
    for story in stories()[:6]:
        page = extract(SHAPES[shape](story), f"http://news.example/{story.number}")
        assert token_f1(page.text, story.text) >= 0.97, (shape, story.title, page.method, page.text)
        assert page.title == story.title
        assert page.published is not None and page.published.utcoffset() == timedelta(hours=9)
        assert page.site == "새벽뉴스"


def test_shared_pages_reach_the_floor(shared_data) -> None:
    result = evaluate_extraction(shared_data / "news_html")
    assert result["pages"]
    for page in result["pages"]:
        assert page["f1"] >= 0.97, page
        assert page["f1_kept"] >= 0.97, page
        assert page["title_match"] in (True, None)


def test_evaluation_names_what_is_missing(tmp_path) -> None:
    with pytest.raises(CrawlError, match=r"gold\.jsonl"):
        evaluate_extraction(tmp_path)
    (tmp_path / "gold.jsonl").write_text(json.dumps({"file": "a.html", "text": "x"}) + "\n{", encoding="utf-8")
    with pytest.raises(CrawlError, match=r"gold\.jsonl:2: not JSON"):
        evaluate_extraction(tmp_path)
    (tmp_path / "gold.jsonl").write_text(json.dumps({"file": "a.html", "text": "x"}), encoding="utf-8")
    with pytest.raises(CrawlError, match=r"a\.html: named in gold\.jsonl but missing"):
        evaluate_extraction(tmp_path)


def _with(story: Story, shape: str, extra: str) -> str:
    return SHAPES[shape](story).replace("<footer>", f"{extra}<footer>")


@pytest.mark.parametrize("shape", ["paragraphs", "unnamed", "next_data"])
def test_comments_and_teasers_are_not_the_body(shape: str) -> None:
    told = stories()
    for count in (1, 4):
        lines = tuple(line for story in told[3 : 3 + count] for line in story.paragraphs)
        story = Story(4, told[3].title, lines)
        remarks = "".join(f"<li><p>{line}</p></li>" for other in told[10:18] for line in other.paragraphs[:2])
        page = extract(_with(story, shape, f'<div class="zz"><ul>{remarks}</ul></div>'), "http://news.example/4")
        assert token_f1(page.text, story.text) >= 0.97, (shape, count, page.method)
        cards = "".join(f'<div><a href="/n"><b>{o.title}</b><p>{o.paragraphs[0]}</p></a></div>' for o in told)
        page = extract(_with(story, shape, f"<div>{cards}</div>"), "http://news.example/4")
        assert token_f1(page.text, story.text) >= 0.97, (shape, count, page.method)


@pytest.mark.parametrize("html", ["", "<", "<html></html>", "\x00", "<p>짧다</p>", "<div>" * 3000, "<!doctype html>"])
def test_nothing_is_nothing(html: str) -> None:
    page = extract(html)
    assert page.body == ""


@pytest.mark.parametrize(
    ("charset", "header", "meta"),
    [
        ("utf-8", "text/html; charset=utf-8", ""),
        ("euc-kr", "text/html; charset=EUC-KR", ""),
        ("cp949", "text/html", '<meta charset="euc-kr">'),
        ("cp949", "text/html", '<meta http-equiv="Content-Type" content="text/html; charset=ks_c_5601-1987">'),
        ("cp949", "text/html; charset=utf-8", ""),
        ("utf-8", "text/html; charset=euc-kr", ""),
        ("cp949", "", ""),
        ("utf-16", "", ""),
        ("utf-8", "text/html; charset=iso-8859-1", ""),
        ("cp949", "text/html; charset=nonsense", ""),
    ],
)
def test_charset(charset: str, header: str, meta: str) -> None:
    text = f"<html><head>{meta}</head><body>한글 문장을 읽을 수 있다. 그렇다.</body></html>"
    found = decode(text.encode(charset), header)
    assert found.text.removeprefix("\ufeff") == text
    assert found.broken == 0


def test_broken_mixture_is_read_line_by_line() -> None:
    body = "첫 줄은 유니코드다.\n".encode() + "둘째 줄은 완성형이다. 똠방각하\n".encode("cp949") + "끝.\n".encode()
    found = decode(body, "text/html; charset=utf-8")
    assert found.text == "첫 줄은 유니코드다.\n둘째 줄은 완성형이다. 똠방각하\n끝.\n"
    assert decode(bytes(range(256)) * 4).broken > 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("입력 2026.05.15 20:00", "2026-05-15T20:00:00+09:00"),
        ("2026년 5월 5일 (화) 오후 3시 7분", "2026-05-05T15:07:00+09:00"),
        ("2026-05-15T20:00:52Z", "2026-05-15T20:00:52+00:00"),
        ("2026-05-15 08:01:02", "2026-05-15T08:01:02+09:00"),
        ("Fri, 15 May 2026 20:00:52 +0900", "2026-05-15T20:00:52+09:00"),
        ("승인 2026.11.03 오전 12:10", "2026-11-03T00:10:00+09:00"),
        ("20260515", "2026-05-15T00:00:00+09:00"),
        ("2026. 5. 15.", "2026-05-15T00:00:00+09:00"),
    ],
)
def test_dates(text: str, expected: str) -> None:
    date = parse_date(text)
    assert date is not None and date.isoformat() == expected


@pytest.mark.parametrize("text", ["", "2026.13.45", "전화 02-123-4567", "버전 1.2.3", "어제"])
def test_no_dates(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    "line",
    [
        "홍길동 기자",
        "저작권자 © 새벽뉴스, 무단전재 및 재배포 금지",
        "Copyright ⓒ Saebyeok. All rights reserved.",
        "기사 공유",
        "▶ 새벽뉴스 카카오톡 채널 바로가기",
        "[사진=새벽뉴스]",
        "입력 2026.11.01 09:30",
        "ⓒ 새벽뉴스",
    ],
)
def test_boilerplate_goes(line: str) -> None:
    body = [*stories()[0].paragraphs, line]
    assert clean(body) == list(stories()[0].paragraphs)


def test_cleaning_keeps_articles_and_is_idempotent() -> None:
    for story in stories():
        assert clean(story.paragraphs) == list(story.paragraphs)
    body = ["(서울=새벽뉴스) 홍길동 기자 = 비가 왔다.", "강이 넘쳤다. dawn@news.example", "관련기사", "다른 제목"]
    once = clean(body)
    assert once == ["비가 왔다.", "강이 넘쳤다."]
    assert clean(once) == once


def test_title_suffix() -> None:
    assert cut_suffix("비가 온다 - 새벽뉴스", "새벽뉴스") == "비가 온다"
    assert cut_suffix("비가 온다 | 사회 | 새벽뉴스", "새벽뉴스") == "비가 온다"
    assert cut_suffix("새벽뉴스 : 비가 온다", "새벽뉴스") == "비가 온다"
    assert cut_suffix("비가 온다") == "비가 온다"


def test_sentences() -> None:
    text = '그는 "간다. 꼭 간다." 하고 말했다. 값은 3.5배다! 정말?\n다음 줄'
    assert sentences(text) == ['그는 "간다. 꼭 간다." 하고 말했다.', "값은 3.5배다!", "정말?", "다음 줄"]


def test_selectors_and_guessing() -> None:
    faq = (SITE / "faq.html").read_bytes()
    source = guess(Fetched("http://a.example/faq", "http://a.example/faq", 200, faq, "text/html"))
    assert (source.kind, source.role) == ("faq", "url")
    assert select(faq.decode(), source.select).pairs[0][0] == "회원 가입은 어떻게 하나요?"
    board = (SITE / "board.html").read_text(encoding="utf-8")
    found = select(board, {"title": ".subject", "body": ".post p", "author": ".writer", "date": ".day"})
    assert found.author == "산책가" and found.published is not None and len(found.body.splitlines()) == 3
    assert "select.body" in select(board, {"body": ".없음"}).missing
