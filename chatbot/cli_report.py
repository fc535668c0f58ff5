"""`chatbot report`: words in, one function called, a path out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

LANGUAGES = ("ko", "en")


def report(
    context: typer.Context,
    version: Annotated[str | None, typer.Argument(help="판의 이름 (기본: 지금 쓰는 판).")] = None,
    language: Annotated[str, typer.Option("--lang", help="ko | en")] = "ko",
    out: Annotated[Path | None, typer.Option("--out", help="보고서를 쓸 폴더 (기본: 그 판의 폴더).")] = None,
) -> None:
    """판 하나를 재어 보고서(report.html, report.json)를 씁니다."""
    from chatbot import console
    from chatbot.app.report import version_folder, write

    if language not in LANGUAGES:
        raise typer.BadParameter("--lang은 ko, en 가운데 하나여야 합니다.")
    loaded: Any = context.obj.loaded
    folder, target = version_folder(loaded, version)
    with console.progress() as progress:
        page = write(folder, loaded, language=language, out=out or target, progress=progress)
    typer.echo(f"보고서: {page}")


def write_after_training(loaded: Any, folder: Path) -> None:
    """The report of a version that was just made; where it cannot be written, why not."""
    from chatbot import console
    from chatbot.app.report import write
    from chatbot.errors import ChatbotError

    try:
        with console.progress() as progress:
            page = write(folder, loaded, progress=progress)
    except ChatbotError as error:
        typer.echo(f"보고서는 쓰지 않았어요: {error}", err=True)
        return
    typer.echo(f"보고서: {page}")
