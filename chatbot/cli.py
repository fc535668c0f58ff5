"""The command line. Reads words, calls one function, prints. Imports nothing heavy: `chatbot --help` stays instant.

Exit codes: 0 done, 1 failed (one line on stderr says what), 2 wrong use.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatbot.cli_discover import discover, suggest
from chatbot.cli_evaluate import app as evaluate
from chatbot.cli_models import app as models
from chatbot.cli_models import notes_of, print_gate
from chatbot.cli_report import report, write_after_training
from chatbot.cli_tune import app as tune
from chatbot.corpus.cli import app as corpus
from chatbot.crawlers.cli import app as crawl

if TYPE_CHECKING:
    from chatbot.config import Loaded
    from chatbot.crawlers.records import Article

app = typer.Typer(
    name="chatbot",
    help="한국어 챗봇 도담. 바로 이야기하려면: chatbot chat",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(evaluate, name="evaluate")
app.add_typer(models, name="models")
app.add_typer(corpus, name="corpus")
app.add_typer(crawl, name="crawl")
app.add_typer(tune, name="tune")
corpus.command()(discover)
corpus.command()(suggest)

Session = Annotated[str, typer.Option("--session", help="대화 이름. 같은 이름이면 이어서 기억합니다.")]
JsonFlag = Annotated[bool, typer.Option("--json", help="JSON으로 출력합니다.")]


class Environment:
    """What every command gets: the configuration, read at first need."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @cached_property
    def loaded(self) -> Loaded:
        from chatbot import config

        return config.load(self._path)

    @property
    def corpus_root(self) -> Path:
        return self.loaded.corpus_dir

    def index_articles(self, articles: Sequence[Article]) -> int:
        """Put crawled articles into the bot in use; returns how many passages they made."""
        from chatbot import app as build
        from chatbot import console

        with console.progress() as progress:
            return build.index_articles(self.loaded, articles, progress)

    def remove_articles(self, addresses: Sequence[str]) -> int:
        """Take crawled articles out of the bot in use; returns how many passages went."""
        from chatbot import app as build

        return build.remove_articles(self.loaded, addresses)


def _config(context: typer.Context) -> Loaded:
    environment: Environment = context.obj
    return environment.loaded


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


@app.callback()
def main(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="config.yaml의 위치 (기본: 지금 폴더).")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="하는 일을 자세히 적습니다.")] = False,
) -> None:
    import logging

    from chatbot.app.logs import log_lines

    log_lines(logging.INFO if verbose else logging.WARNING)
    context.obj = Environment(config)


@app.command()
def chat(context: typer.Context, session: Session = "terminal") -> None:
    """터미널에서 이야기합니다."""
    import logging

    from chatbot import app as build
    from chatbot.adapters import terminal
    from chatbot.app.logs import log_into

    loaded = _config(context)
    if not logging.getLogger().isEnabledFor(logging.INFO):  # who asked for --verbose reads them between the lines
        log_into(loaded.data_dir / "chatbot.log")
    terminal.run(
        lambda tell: build.build_bot(loaded, store=build.open_or_do_without(loaded, tell)),
        session,
        name=loaded.config.bot.name,
        history=loaded.data_dir / "input_history",
    )


@app.command()
def ask(
    context: typer.Context,
    text: Annotated[str | None, typer.Argument(help="물어볼 문장.")] = None,
    session: Session = "",
    as_json: JsonFlag = False,
    file: Annotated[Path | None, typer.Option("--file", help="한 줄에 하나씩 물어볼 문장들.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="답마다 JSON 한 줄을 출력합니다.")] = False,
    one_session: Annotated[bool, typer.Option("--one-session", help="파일 전체를 한 대화로 봅니다.")] = False,
) -> None:
    """한 번 묻고 답을 받습니다."""
    from chatbot import app as build

    if (text is None) == (file is None):
        raise typer.BadParameter("문장 하나 또는 --file 가운데 하나를 주세요.")
    # Without a session there is nothing to remember, so nothing is written to disk.
    bot = build.build_bot(_config(context), remember=bool(session))
    lines = [text] if text is not None else _lines(file)
    for number, line in enumerate(lines):
        name = session or ("file" if one_session or file is None else f"line-{number}")
        response = bot.reply(line, session=name, adapter="ask")
        if jsonl:
            typer.echo(json.dumps(response.as_json(), ensure_ascii=False))
        elif as_json:
            _print_json(response.as_json())
        else:
            typer.echo(response.reply)
            for position, choice in enumerate(response.choices, start=1):
                typer.echo(f"  {position}. {choice}")
    bot.store.close()


def _lines(file: Path | None) -> list[str]:
    from chatbot.errors import ChatbotError

    assert file is not None
    try:
        return file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        raise ChatbotError(f"{file}: cannot be read: {error.strerror}") from error


@app.command()
def train(
    context: typer.Context,
    part: Annotated[str, typer.Argument(help="intent | retrieval | responder | all")] = "all",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="무엇을 왜 할지만 보여 줍니다.")] = False,
    again: Annotated[bool, typer.Option("--again", help="바뀐 것이 없어도 다시 가르칩니다.")] = False,
    force: Annotated[bool, typer.Option("--force", help="심사에서 나빠졌다고 해도 새 판을 씁니다 (기록됨).")] = False,
    seed: Annotated[int | None, typer.Option(help="난수 씨앗.")] = None,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="다른 학습이 돌고 있으면 기다리지 않고 끝냅니다.")
    ] = False,
    with_report: Annotated[bool, typer.Option("--report/--no-report", help="가르친 뒤 보고서를 씁니다.")] = True,
) -> None:
    """말뭉치로 다시 가르치고, 지금 판보다 나빠지지 않았으면 새 판을 씁니다."""
    from chatbot import app as build
    from chatbot import console

    if part not in ("intent", "retrieval", "responder", "all"):
        raise typer.BadParameter("intent, retrieval, responder, all 가운데 하나여야 합니다.")
    with console.progress() as progress:
        run = build.train(
            _config(context),
            part,
            dry_run=dry_run,
            again=again,
            force=force,
            seed=seed,
            wait=not no_wait,
            progress=progress,
            told=lambda step: typer.echo(
                f"{step.stage}: {'가르칩니다' if step.train else '그대로 둡니다'} ({step.why})"
            ),
        )
    notes_of(run.notes)
    if run.version is None:
        typer.echo(
            "미리 보기예요. 아무것도 바꾸지 않았습니다." if dry_run else "바뀐 것이 없어 지금 판을 그대로 씁니다."
        )
        return
    from chatbot.training.compare import figures

    if run.outcomes:
        console.table({o.stage: {"seconds": o.seconds, **figures(o.metrics)} for o in run.outcomes})
    else:
        typer.echo(f"{run.version.name} 판으로 이미 가르쳐 두어 심사만 다시 했습니다.")
    if run.gate is not None:
        print_gate(run.gate)
    if run.promoted:
        typer.echo(f"이제 {run.version.name} 판을 씁니다.")
    if with_report and any(outcome.trained and outcome.stage != "retrieval" for outcome in run.outcomes):
        write_after_training(_config(context), run.version.path)
    if run.promoted:
        return
    typer.echo(
        f"{run.version.name} 판은 지금 판보다 나빠서 쓰지 않습니다. 그래도 쓰려면: "
        f"chatbot models promote {run.version.name} (또는 chatbot train --force)",
        err=True,
    )
    raise typer.Exit(1)


app.command()(report)


@app.command()
def explain(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="물어볼 문장.")],
    picture: Annotated[Path | None, typer.Option("--out", help="어텐션 그림을 그릴 PNG 파일.")] = None,
) -> None:
    """답을 만드는 모델이 어디를 보고 답을 썼는지 보여 줍니다."""
    from chatbot import app as build

    if not text.strip():
        raise typer.BadParameter("물어볼 문장을 적어 주세요.")
    typer.echo(build.explain_reply(_config(context), text, picture))
    typer.echo("생성기가 스스로 지은 답이에요. 적어 둔 답을 찾으면 봇은 그 답을 먼저 말해요.")


@corpus.command("add")
def corpus_add(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="글이 든 파일이나 폴더 (.txt, .md, .jsonl).")],
) -> None:
    """글을 봇이 찾아 답할 수 있게 넣습니다. 돌고 있는 봇에도 바로 들어갑니다. 못 읽은 파일이 있으면 1로 끝납니다."""
    from chatbot import app as build
    from chatbot import console

    with console.progress() as progress:
        report = build.add_documents(_config(context), paths, progress)
    typer.echo(
        f"파일 {report.files}개에서 글 {report.passages}도막을 넣었습니다 (바뀐 {report.removed}도막은 갈았습니다)."
    )
    for fault in report.failed:
        typer.echo(f"넣지 못함  {fault}", err=True)
    if report.failed:
        raise typer.Exit(1)


@app.command()
def review(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="한 번에 볼 말의 수.")] = 50,
) -> None:
    """봇이 못 알아듣거나 틀린 말을 보고, 고른 것을 말뭉치에 씁니다."""
    from chatbot import app as build
    from chatbot import console

    done = build.walk_review(_config(context), console.ask, console.wrapped, limit)
    if not done.seen and not done.later:
        typer.echo("볼 것이 없습니다. 봇이 못 알아듣거나 틀린 말이 생기면 여기에 나옵니다.")
        return
    typer.echo(
        f"{done.seen}개를 보고 {done.written}개를 말뭉치에 썼습니다."
        + (f" {done.later}개는 다음에 다시 나옵니다." if done.later else "")
        + (" chatbot train으로 가르쳐 주세요." if done.written else "")
    )


@app.command()
def telegram(context: typer.Context) -> None:
    """텔레그램에서 이야기합니다. TELEGRAM_BOT_TOKEN이 환경이나 .env에 있어야 합니다."""
    from chatbot import app as build

    build.serve_telegram(_config(context))


@app.command()
def doctor(context: typer.Context) -> None:
    """설치, 설정, 말뭉치, 학습한 판이 멀쩡한지 살핍니다."""
    from chatbot import app as build

    failed = False
    for check in build.doctor(_config(context)):
        typer.echo(f"{'✓' if check.ok else '✗'} {check.name}: {check.detail}")
        failed |= not check.ok
    raise typer.Exit(1 if failed else 0)
