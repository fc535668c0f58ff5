"""`chatbot corpus discover` and `suggest`: words in, one function called, groups out. Asks a person at a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatbot.errors import CorpusError

if TYPE_CHECKING:
    from chatbot.app.discover import Heard
    from chatbot.training.discover import Discovery, Group

SHOWN = 6  # lines of a group that are shown
MENU = "[엔터] 건너뛰기 · [이름] 그 이름의 새 의도로 (있는 의도면 예문으로) · [q] 그만"

File = Annotated[
    Path | None, typer.Option("--file", help="한 줄에 하나씩 적은 말 (.txt .jsonl .tsv). 없으면 봇과 나눈 대화.")
]
JsonFlag = Annotated[bool, typer.Option("--json", help="JSON으로 출력합니다.")]


def discover(
    context: typer.Context,
    file: File = None,
    smallest: Annotated[int, typer.Option(min=2, help="무리 하나에 드는 말의 수, 적어도.")] = 3,
    accept: Annotated[int | None, typer.Option("--accept", min=1, help="이 번호의 무리를 의도로 씁니다.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="--accept한 의도의 이름.")] = None,
    replies: Annotated[list[str] | None, typer.Option("--reply", help="그 의도의 답. 여러 번 쓸 수 있습니다.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="쓰지 않고 달라질 것만 봅니다.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """봇이 못 알아들은 말을 뜻이 비슷한 것끼리 묶고, 고른 무리를 새 의도로 씁니다."""
    from chatbot.app import discover as work

    loaded: Any = context.obj.loaded
    said = work.heard(loaded, file)
    found = work.discover(loaded, said, smallest)
    if as_json:
        typer.echo(json.dumps(_values(found, said), ensure_ascii=False, indent=2))
    else:
        _show(found, said)
    if accept is not None:
        group = _chosen(found, accept)
        diff = work.write_group(loaded, said, group, name or group.name, replies or (), dry_run=True)
        typer.echo(diff or "이미 말뭉치에 있어요.", err=as_json)
        if diff and not dry_run:
            work.write_group(loaded, said, group, name or group.name, replies or (), dry_run=False)
            typer.echo(_next_step(1), err=as_json)
    elif found.groups and sys.stdin.isatty() and not as_json and not dry_run:
        _ask(loaded, found, said)


def suggest(
    context: typer.Context,
    file: File = None,
    count: Annotated[int, typer.Option(min=1, help="몇 개를 고를지.")] = 20,
    as_json: JsonFlag = False,
) -> None:
    """어느 말에 이름표를 붙이면 가장 많이 배울지 골라 줍니다."""
    from chatbot.app import discover as work

    loaded: Any = context.obj.loaded
    chosen = work.suggest(loaded, work.heard(loaded, file), count)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in chosen], ensure_ascii=False, indent=2))
        return
    if not chosen:
        typer.echo("고를 말이 없어요. 봇이 못 알아들은 말이 아직 없거나 모두 살펴봤어요.")
    for number, one in enumerate(chosen, start=1):
        typer.echo(f"{number:2d}. {one.text}")
        typer.echo(f"    {one.first} {one.probability:.0%}, 아니면 {one.second}?")


def _show(found: Discovery, said: Sequence[Heard]) -> None:
    if not said:
        typer.echo("묶을 말이 없어요. 봇이 못 알아들은 말이 아직 없거나 모두 살펴봤어요.")
        return
    tried = ", ".join(f"{name} {score:.2f}" for name, score in found.tried.items())
    typer.echo(f"말 {len(said)}개에서 무리 {len(found.groups)}개를 찾았어요. 묶이지 않은 말 {len(found.loose)}개.")
    if found.groups:
        typer.echo(f"방법: {found.method} (실루엣 {tried})")
    for number, group in enumerate(found.groups, start=1):
        typer.echo(f"\n{number}. {group.name} · {len(group.texts)}개 · 단단함 {group.tightness:.2f}")
        typer.echo(f"   두드러진 말: {', '.join(word for word, _ in group.words) or '없음'}")
        for text in group.texts[:SHOWN]:
            typer.echo(f"   - {text}")
        if len(group.texts) > SHOWN:
            typer.echo(f"   … 그 밖에 {len(group.texts) - SHOWN}개")


def _ask(loaded: Any, found: Discovery, said: Sequence[Heard]) -> None:
    """Go through the groups with a person; a refused name is told why and asked again."""
    from chatbot.app import discover as work

    written = 0
    for number, group in enumerate(found.groups, start=1):
        while True:
            typer.echo(f"\n{number}. {group.name}: {group.texts[0]} …")
            name = typer.prompt(MENU, default="", show_default=False).strip()
            if name in ("", "q"):
                break
            first = work.first_reply(loaded, group)
            reply = typer.prompt("그 의도의 답", default=first)
            try:
                diff = work.write_group(loaded, said, group, name, [reply], dry_run=True)
            except CorpusError as error:
                typer.echo(str(error))
                continue
            typer.echo(diff or "이미 말뭉치에 있어요.")
            if diff and typer.confirm("이대로 쓸까요?"):
                work.write_group(loaded, said, group, name, [reply], dry_run=False)
                written += 1
            break
        if name == "q":
            break
    if written:
        typer.echo(_next_step(written))


def _chosen(found: Discovery, number: int) -> Group:
    if number > len(found.groups):
        raise typer.BadParameter(f"--accept {number}: 무리는 {len(found.groups)}개예요.")
    return found.groups[number - 1]


def _next_step(written: int) -> str:
    return f"의도 {written}개를 썼어요. 답을 손보고 chatbot train으로 가르쳐 주세요."


def _values(found: Discovery, said: Sequence[Heard]) -> dict[str, Any]:
    return {
        "method": found.method,
        "silhouette": found.silhouette,
        "tried": dict(found.tried),
        "groups": [
            {
                "number": number,
                "name": group.name,
                "size": len(group.texts),
                "tightness": group.tightness,
                "words": [list(pair) for pair in group.words],
                "texts": list(group.texts),
            }
            for number, group in enumerate(found.groups, start=1)
        ],
        "loose": [said[place].text for place in found.loose],
    }
