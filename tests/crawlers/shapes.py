"""Pages in the shapes that Korean publishers use, filled with the authored articles of site/articles.txt."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SITE = Path(__file__).parent / "site"
MENU = "".join(f'<li><a href="/section/{name}">{name}</a></li>' for name in ("정치", "경제", "사회", "문화", "국제"))
RELATED = (
    '<div class="related"><h4>관련기사</h4><ul>'
    '<li><a href="/news/1">동네 도서관, 밤 열 시까지 문 연다</a></li>'
    '<li><a href="/news/2">반도체 학과, 실습실 두 배로 늘린다</a></li></ul></div>'
)
NOTICE = "<p>저작권자 ⓒ 새벽뉴스, 무단전재 및 재배포 금지</p>"


@dataclass(frozen=True)
class Story:
    number: int
    title: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)


def stories() -> list[Story]:
    text = (SITE / "articles.txt").read_text(encoding="utf-8").split("\n", 1)[1]
    blocks = [block.splitlines() for block in text.strip().split("\n\n")]
    return [Story(number, lines[0], tuple(lines[1:])) for number, lines in enumerate(blocks, start=1)]


def _frame(story: Story, body: str, head: str = "") -> str:
    lead = html.escape(story.paragraphs[0][:80])
    return (
        f'<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>{story.title} - 새벽뉴스</title>'
        f'<meta property="og:title" content="{html.escape(story.title)} | 새벽뉴스">'
        f'<meta property="og:site_name" content="새벽뉴스"><meta property="og:description" content="{lead}">'
        f'<meta property="article:published_time" content="2026-11-{story.number % 28 + 1:02d}T09:30:00+09:00">{head}'
        f"</head><body><header><ul>{MENU}</ul></header>{body}<footer>새벽뉴스 | 대표전화 02-000-0000 | "
        f"등록번호 서울 아00000 | 발행인 홍길동</footer></body></html>"
    )


def paragraphs(story: Story) -> str:
    body = "".join(f"<p>{html.escape(line)}</p>" for line in story.paragraphs)
    return _frame(
        story,
        f'<h1>{story.title}</h1><div class="info">입력 2026.11.01 09:30 김새벽 기자</div>'
        f'<article id="article-view-content-div">{body}'
        f"<p>김새벽 기자 dawn@saebyeok.example</p>{NOTICE}</article>{RELATED}",
    )


def breaks(story: Story) -> str:
    body = "<br><br>".join(html.escape(line) for line in story.paragraphs)
    return _frame(
        story, f'<h2>{story.title}</h2><div id="dic_area">{body}<br><br>무단 전재 및 재배포 금지</div>{RELATED}'
    )


def unnamed(story: Story) -> str:
    body = "".join(f"<div><span>{html.escape(line)}</span></div>" for line in story.paragraphs)
    return _frame(story, f'<div class="a1"><h3>{story.title}</h3><div class="b2">{body}</div></div>{RELATED}')


def json_ld(story: Story) -> str:
    data = {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "NewsArticle",
                "headline": story.title,
                "articleBody": story.text,
                "datePublished": "2026-11-05T08:00:00+09:00",
                "author": [{"@type": "Person", "name": "박노을 기자"}],
                "articleSection": "사회",
            }
        ],
    }
    return _frame(
        story,
        f'<h1>{story.title}</h1><div id="root">불러오는 중입니다.</div>',
        f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>',
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _others() -> list[dict[str, str]]:
    return [{"title": story.title, "summary": story.paragraphs[0][:60]} for story in stories()[:5]]


def next_data(story: Story) -> str:
    body = "".join(f"<p>{html.escape(line)}</p>" for line in story.paragraphs)
    data = {"props": {"pageProps": {"article": {"title": story.title, "body": body}, "most": _others()}}}
    return _frame(
        story,
        '<div id="__next"><h1>' + story.title + "</h1></div>"
        f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script>',
    )


def content_elements(story: Story) -> str:
    elements: list[dict[str, object]] = [{"type": "image", "caption": "문이 열리기를 기다리는 사람들이 줄을 섰다."}]
    elements += [{"_id": str(n), "type": "text", "content": line} for n, line in enumerate(story.paragraphs)]
    data = {"headlines": {"basic": story.title}, "content_elements": elements, "related": _others()}
    script = f"window.Fusion=window.Fusion||{{}};Fusion.globalContent={_json(data)};Fusion.x=1;"
    return _frame(story, f'<div id="fusion-app"></div><script>{script}</script>')


def flight(story: Story) -> str:
    lines = enumerate(story.paragraphs)
    rows = "".join(f'{n}:["$","p",null,{{"children":{_json(line)}}}]\n' for n, line in lines)
    half = len(rows) // 2
    parts = (rows[:half], rows[half:])
    pushes = "".join(f"<script>self.__next_f.push({_json([1, part])})</script>" for part in parts)
    return _frame(story, f"<h1>{story.title}</h1>{pushes}")


def escaped(story: Story) -> str:
    inner = json.dumps({"view": {"contents": html.escape("".join(f"<p>{line}</p>" for line in story.paragraphs))}})
    return _frame(story, f"<script>window.__STATE__ = JSON.parse({json.dumps(inner)});</script>")


def literal(story: Story) -> str:
    body = "<br/>".join(story.paragraphs).replace("'", "\\'")
    return _frame(story, f"<script>var page = {{no: 3, title: '제목', body: '{body}'}};</script>")


SHAPES: dict[str, Callable[[Story], str]] = {
    shape.__name__: shape
    for shape in (paragraphs, breaks, unnamed, json_ld, next_data, content_elements, flight, escaped, literal)
}
