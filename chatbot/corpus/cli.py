"""`chatbot corpus`: words in, one function called, lines out. The main command line mounts it; knows no config.

The callback above leaves an object with `corpus_root: Path` in ``ctx.obj``. Exit codes: 0 clean or warnings alone,
1 errors found or something failed, 2 wrong use.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from chatbot.corpus.finding import Finding

app = typer.Typer(
    name="corpus", help="말뭉치를 살피고, 고치고, 세고, 들여옵니다.", no_args_is_help=True, rich_markup_mode=None
)


def root_of(context: typer.Context) -> Path:
    """The corpus folder that the command line chose."""
    root = getattr(context.obj, "corpus_root", None)
    if not isinstance(root, Path):
        raise typer.BadParameter("말뭉치 폴더를 알 수 없습니다. config.yaml의 paths.corpus를 적어 주세요.")
    return root


@app.command("check")
def check_command(
    context: typer.Context,
    fix: Annotated[
        bool, typer.Option("--fix", help="기계가 고칠 수 있는 것(인코딩, NFC, 줄 끝, 똑같은 줄)을 고칩니다.")
    ] = False,
    held_out: Annotated[
        list[Path] | None, typer.Option("--held-out", help="시험 자료 파일. 말뭉치에 그 문장이 있으면 알립니다.")
    ] = None,
    folder: Annotated[Path | None, typer.Option("--dir", help="살필 말뭉치 폴더 (기본: 설정의 말뭉치).")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="경고를 종류마다 열 개까지 줄이지 않고 모두 보입니다.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로 출력합니다.")] = False,
) -> None:
    """말뭉치의 잘못을 파일과 줄로 알려 줍니다. 오류가 있으면 1로 끝납니다."""
    from chatbot.corpus.check import check, has_errors, near_duplicate_share
    from chatbot.corpus.fix import fix as mend

    root = folder or root_of(context)
    mended = mend(root) if fix else []
    findings = check(root, held_out or ())
    if as_json:
        _print_json(findings, mended)
    else:
        for item in mended:
            typer.echo(_from_here(f"고침  {item.file}:{item.line}: {item.code}: {item.message}"))
        for line in _shown(findings, everything):
            typer.echo(_from_here(line))
        alike, lines = near_duplicate_share(root)
        typer.echo(f"닮은 줄 {alike:,}/{lines:,} ({alike / max(1, lines):.1%})")
        errors = sum(item.severity == "error" for item in findings)
        typer.echo(f"오류 {errors}개, 경고 {len(findings) - errors}개" + (f", 고친 것 {len(mended)}개" if fix else ""))
    raise typer.Exit(1 if has_errors(findings) else 0)


def _from_here(text: str) -> str:
    """The text with paths below the working folder shortened."""
    return text.replace(f"{Path.cwd()}/", "")


def _shown(findings: list[Finding], everything: bool) -> list[str]:
    """Every error, and ten warnings of a kind."""
    lines, counts = [], Counter[str]()
    for item in findings:
        counts[item.code] += 1
        if everything or item.severity == "error" or counts[item.code] <= 10:
            lines.append(str(item))
    more = {item.code for item in findings if item.severity == "warning" and counts[item.code] > 10}
    if not everything:
        lines += [f"… {code}: 그 밖에 {counts[code] - 10}개 (--all로 모두 봅니다)" for code in sorted(more)]
    return lines


def _print_json(findings: list[Finding], mended: list[Finding]) -> None:
    import json
    from dataclasses import asdict

    def rows(items: list[Finding]) -> list[dict[str, object]]:
        return [{**asdict(item), "file": str(item.file)} for item in items]

    typer.echo(json.dumps({"findings": rows(findings), "fixed": rows(mended)}, ensure_ascii=False, indent=2))


@app.command("stats")
def stats_command(
    context: typer.Context,
    plot: Annotated[Path | None, typer.Option("--plot", help="그림(PNG)을 저장할 곳.")] = None,
    morphemes: Annotated[bool, typer.Option("--morphemes", help="어절 대신 내용 형태소를 셉니다 (Kiwi).")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="README에 넣을 표로 출력합니다.")] = False,
    folder: Annotated[Path | None, typer.Option("--dir", help="셀 말뭉치 폴더 (기본: 설정의 말뭉치).")] = None,
) -> None:
    """줄 수, 길이, 어휘, 의도 균형을 셉니다."""
    from chatbot.corpus.read import read_corpus
    from chatbot.corpus.stats import markdown, render_terminal, stats
    from chatbot.corpus.stats import plot as draw

    analyzer = None
    if morphemes:
        from chatbot.text.kiwi import KiwiAnalyzer

        analyzer = KiwiAnalyzer()
    figures = stats(read_corpus(folder or root_of(context)), analyzer)
    if as_markdown:
        typer.echo(markdown(figures))
    else:
        render_terminal(figures)
    if plot is not None:
        draw(figures, plot)
        typer.echo(f"그림: {plot}")


@app.command("import")
def import_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="들여올 파일 (.csv .tsv .txt .xlsx .jsonl .json .yml).")],
    format: Annotated[
        str | None,
        typer.Option(
            "--format", help="chatbot_data | nsmc | massive | 3i4k | sts | rasa | kochat | plain (기본: 알아봄)"
        ),
    ] = None,
    columns: Annotated[
        list[str] | None, typer.Option("--map", help="우리 항목=파일의 열. 예: --map text=질문 --map intent=분류")
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="intents | chat | knowledge | paraphrases")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="의도마다 (또는 모두) 많아야 이만큼.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="쓸 파일의 이름 (기본: 파일 이름).")] = None,
    into: Annotated[Path | None, typer.Option("--into", help="들여올 말뭉치 폴더 (기본: 설정의 말뭉치).")] = None,
) -> None:
    """공개 데이터나 표를 말뭉치 형식으로 들여옵니다."""
    from chatbot.corpus.importers import import_file

    mapping = _mapping(columns or [])
    report = import_file(file, into or root_of(context), format, mapping, limit, kind, name)
    for number, reason in report.skipped[:10]:
        typer.echo(f"건너뜀  {file}:{number}: {reason}")
    if len(report.skipped) > 10:
        typer.echo(f"건너뜀  … 그 밖에 {len(report.skipped) - 10}줄")
    for note in report.notes:
        typer.echo(f"참고  {note}")
    shown = ", ".join(map(str, report.written[:3])) + (" …" if len(report.written) > 3 else "")
    typer.echo(f"{report.format} → {report.kind}: {report.rows}줄 가운데 {report.taken}줄을 들였습니다. {shown}")


def _mapping(columns: list[str]) -> dict[str, str]:
    mapping = {}
    for column in columns:
        ours, equals, theirs = column.partition("=")
        if not (ours and equals and theirs):
            raise typer.BadParameter(f"--map {column}: '항목=열'이어야 합니다. 예: --map text=질문")
        mapping[ours.strip()] = theirs.strip()
    return mapping
