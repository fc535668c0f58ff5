"""`chatbot tune`: words in, one function called, the best settings out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="tune", help="더 나은 학습 설정을 찾습니다 (intent).", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def main() -> None:
    """A callback keeps `intent` a command of its own."""


@app.command("intent")
def tune_intent(
    context: typer.Context,
    trials: Annotated[int, typer.Option("--trials", min=1, help="시도할 횟수.")] = 20,
    minutes: Annotated[
        float | None, typer.Option("--minutes", min=0, help="이만큼 지나면 새 시도를 시작하지 않습니다.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="찾은 설정을 config.yaml에 씁니다 (주석은 그대로).")] = False,
) -> None:
    """의도 모델의 설정을 바꿔 가며 가르쳐 보고 가장 나은 것을 알려 줍니다. 다시 부르면 이어서 합니다."""
    from chatbot.app.tune import as_keys, tune_intent, write_keys

    loaded: Any = context.obj.loaded

    def told(number: int, score: float, chosen: Mapping[str, Any]) -> None:
        shown = ", ".join(
            f"{key}={value:.3g}" if isinstance(value, float) else f"{key}={value}" for key, value in chosen.items()
        )
        typer.echo(f"{number:3d}. 매크로 F1 {score:.4f}  {shown or '지금 설정'}")

    found = tune_intent(loaded, trials=trials, minutes=minutes, told=told)
    start = "" if found.start is None else f" (지금 설정 {found.start:.4f})"
    typer.echo(f"\n시도 {found.trials}번 가운데 가장 나은 매크로 F1은 {found.macro_f1:.4f}예요{start}.")
    keys = as_keys(found.best)
    if not keys:
        typer.echo("지금 설정이 가장 나아요.")
        return
    if write:
        typer.echo(write_keys(loaded, keys))
        typer.echo("config.yaml에 썼어요. chatbot train intent로 가르치면 심사를 거쳐 쓰여요.")
        return
    typer.echo("config.yaml에 이렇게 적거나 --write를 붙이세요:")
    for key, value in keys.items():
        typer.echo(f"  {key}: {value}")
