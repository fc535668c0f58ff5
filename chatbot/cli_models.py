"""`chatbot models`: trained versions looked at, compared, put into use and taken back. Prints; decides nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatbot.errors import CheckpointError

if TYPE_CHECKING:
    from chatbot.training.compare import Difference, Summary
    from chatbot.training.gate import Gate
    from chatbot.training.versions import Version, Versions

app = typer.Typer(help="학습한 판을 보고, 견주고, 바꾸고, 되돌립니다.", no_args_is_help=True)

JsonFlag = Annotated[bool, typer.Option("--json", help="JSON으로 출력합니다.")]
VERDICTS = {"promoted": "통과", "refused": "거절됨", "forced": "거절됐지만 씀", "": "살피지 않음"}
# Lines of a difference, and worse lines of a check, shown; --json and gate.json have more.
SHOWN, WORSE = 15, 6


def _versions(context: typer.Context) -> Versions:
    from chatbot.training.versions import Versions

    return Versions(context.obj.loaded.models_dir)


def _open(context: typer.Context, name: str) -> Version:
    from chatbot.app.parts import PRETRAINED
    from chatbot.training.versions import SHIPPED, read_version

    if name == SHIPPED:
        return read_version(PRETRAINED, verify=False)
    return _versions(context).open(name)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


@app.command("list")
def models_list(context: typer.Context, as_json: JsonFlag = False) -> None:
    """학습한 판을 모두 보여 줍니다."""
    versions = _versions(context)
    current = versions.current()
    rows, broken = [], []
    for name in versions.names():
        try:
            rows.append(versions.open(name, verify=False))
        except CheckpointError as error:
            broken.append(str(error))
    if as_json:
        _print_json(
            [
                {
                    "name": v.name,
                    "created": v.created,
                    "current": v.name == current,
                    "metrics": v.manifest.get("metrics", {}),
                    "gate": v.manifest.get("gate", {}),
                }
                for v in rows
            ]
        )
        return
    typer.echo(f"{'*' if current is None else ' '} pretrained (꾸러미에 든 기본 판)")
    for version in rows:
        verdict = VERDICTS[str(version.manifest.get("gate", {}).get("verdict", ""))]
        typer.echo(f"{'*' if version.name == current else ' '} {version.name} ({version.created}, {verdict})")
    for line in broken:
        typer.echo(f"  망가짐: {line}")


@app.command("show")
def models_show(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="판 이름 (없으면 지금 판, pretrained는 기본 판).")] = None,
    as_json: JsonFlag = False,
) -> None:
    """한 판의 단계, 점수, 심사, 말뭉치, 크기를 보여 줍니다."""
    from chatbot.config import packaged
    from chatbot.training.compare import summary
    from chatbot.training.versions import SHIPPED

    current = _versions(context).current() or SHIPPED
    shown = summary(_open(context, name or current), (name or current) == current, packaged("corpus"))
    if as_json:
        _print_json(shown.as_json())
    else:
        _show(shown)


def _show(shown: Summary) -> None:
    from chatbot import console

    typer.echo(f"{shown.name}{' (지금 쓰는 판)' if shown.current else ''}")
    typer.echo(f"만든 때 {shown.created} · 바탕 {shown.base or '-'} · 씨앗 {shown.seed}")
    typer.echo(f"말뭉치 {shown.corpus} · 의도 {shown.intents}개 · {shown.bytes / 1e6:.1f} MB")
    console.table(shown.stages)
    if shown.gate is not None:
        print_gate(shown.gate)


@app.command("diff")
def models_diff(context: typer.Context, old: str, new: str, as_json: JsonFlag = False) -> None:
    """두 판이 무엇이 다른지 보여 줍니다: 말뭉치 줄, 의도, 점수, 심사."""
    from chatbot.config import packaged
    from chatbot.training.compare import difference

    found = difference(_open(context, old), _open(context, new), packaged("corpus"))
    if as_json:
        _print_json(found.as_json())
    else:
        _differ(found)


def _differ(found: Difference) -> None:
    typer.echo(f"{found.old} → {found.new}")
    typer.echo(f"바뀐 단계: {', '.join(found.stages) or '없음'}")
    for sign, intents in (("+", found.intents_added), ("-", found.intents_removed)):
        for name in intents:
            typer.echo(f"{sign} 의도 {name}")
    for sign, lines in (("+", found.lines_added), ("-", found.lines_removed)):
        for line in lines[:SHOWN]:
            typer.echo(f"{sign} {line}")
        if len(lines) > SHOWN:
            typer.echo(f"{sign} … 그 밖에 {len(lines) - SHOWN}줄")
    for name, (first, second) in found.figures.items():
        typer.echo(f"{name}: {_figure(first)} → {_figure(second)}")
    typer.echo(f"심사: {VERDICTS[found.verdicts[0]]} → {VERDICTS[found.verdicts[1]]}")
    if found.gate is not None and found.gate.base == found.old:
        print_gate(found.gate)


def _figure(value: Any) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


@app.command("promote")
def models_promote(context: typer.Context, name: str) -> None:
    """이 판을 씁니다. 심사에서 거절된 판이면 그렇다고 알려 줍니다."""
    versions = _versions(context)
    refused = versions.open(name).manifest.get("gate", {})
    if refused.get("verdict") == "refused":
        typer.echo(
            f"조심하세요: 심사에서 거절된 판입니다 (나빠진 것: {', '.join(refused.get('failed', []))}). "
            f"자세히: chatbot models show {name}",
            err=True,
        )
        versions.note(name, {"gate": {**refused, "verdict": "forced"}})
        versions.promote(name, why="promoted by hand, though the gate refused it")
    else:
        versions.promote(name, why="promoted by hand")
    typer.echo(f"이제 {name} 판을 씁니다.")


@app.command("rollback")
def models_rollback(context: typer.Context) -> None:
    """바로 앞의 판으로 되돌립니다."""
    name = _versions(context).rollback(why="rolled back by hand")
    typer.echo(f"{name} 판으로 되돌렸습니다.")


@app.command("prune")
def models_prune(context: typer.Context, keep: Annotated[int, typer.Option(min=1, help="남길 판의 수.")] = 5) -> None:
    """오래된 판을 지웁니다. 쓰고 있는 판은 남깁니다."""
    for name in _versions(context).prune(keep):
        typer.echo(f"{name} 판을 지웠습니다.")


HEAD = ("심사", "줄", "전", "뒤", "차이 (점, 98% 구간)", "")


def print_gate(gate: Gate) -> None:
    """The gate's table; under it, of each check that failed, the examples that got worse, before and after."""
    from rich.console import Console
    from rich.table import Table

    from chatbot.training.gate import table

    console = Console()
    shown = Table(*HEAD, title=f"{gate.base} → {gate.candidate}: {VERDICTS[gate.verdict]}", title_justify="left")
    for row in table(gate):
        shown.add_row(*row)
    console.print(shown)
    for note in gate.notes:
        typer.echo(note)
    for check in gate.failed:
        worse = Table("말", "맞는 것", "전", "뒤", title=f"나빠진 것: {check.title}", title_justify="left")
        for line in check.worse[:WORSE]:
            worse.add_row(*map(_short, (line.text, line.wanted, line.before, line.after)))
        console.print(worse)


def _short(text: str, width: int = 60) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def notes_of(notes: Sequence[str]) -> None:
    """What a person should know beside the result."""
    for note in notes:
        typer.echo(f"알림: {note}", err=True)
