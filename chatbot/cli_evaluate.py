"""`chatbot evaluate`: measurements whose form is a contract. Words in, one function called, JSON out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="evaluate",
    help="말뭉치로 재고 점수를 매깁니다 (intent, retrieval, responder, extraction, safety, stories).",
    no_args_is_help=True,
    rich_markup_mode=None,
)
JsonOut = Annotated[Path | None, typer.Option("--json", help="결과를 적을 JSON 파일.")]


@app.command("intent")
def evaluate_intent(
    context: typer.Context,
    train: Annotated[Path, typer.Option("--train")],
    dev: Annotated[Path, typer.Option("--dev")],
    test: Annotated[Path, typer.Option("--test")],
    label_key: Annotated[str, typer.Option("--label-key", help="이름표가 든 JSON 열쇠.")] = "label",
    ood: Annotated[Path | None, typer.Option("--ood", help="범위 밖 문장 파일.")] = None,
    classifier: Annotated[
        str, typer.Option("--classifier", help="lstm | kobert | linear | logreg | svm | knn | tree")
    ] = "lstm",
    encoder: Annotated[str, typer.Option("--encoder", help="scratch | pretrained")] = "scratch",
    shots: Annotated[int | None, typer.Option("--shots", min=1, help="의도마다 쓸 예문 수.")] = None,
    draws: Annotated[int, typer.Option("--draws", min=1, help="예문을 다시 뽑는 횟수.")] = 1,
    noise: Annotated[str, typer.Option("--noise", help="none | nospace | jamo, 여럿이면 쉼표로")] = "none",
    seed: Annotated[int, typer.Option("--seed")] = 13,
    out: JsonOut = None,
) -> None:
    """의도 분류를 주어진 파일만으로 가르치고 잽니다."""
    from chatbot.intent.evaluate import evaluate_intent as measure

    settings = context.obj.loaded.config
    result = measure(
        train, dev, test, label_key=label_key, ood=ood, classifier=classifier, encoder=encoder, shots=shots,
        draws=draws, noise=noise, seed=seed, kobert_model=settings.intent.kobert.model,
    )  # fmt: skip
    _report(result, out)


@app.command("retrieval")
def evaluate_retrieval(
    corpus: Annotated[Path, typer.Option("--corpus")],
    queries: Annotated[Path, typer.Option("--queries")],
    noise: Annotated[str, typer.Option("--noise", help="none | nospace | jamo")] = "none",
    seed: Annotated[int, typer.Option("--seed")] = 13,
    out: JsonOut = None,
) -> None:
    """찾기를 주어진 말뭉치와 물음으로 잽니다."""
    from chatbot.retrieval.evaluate import evaluate_retrieval as measure

    _report(measure(corpus, queries, noise=noise, seed=seed), out)


@app.command("responder")
def evaluate_responder(
    train: Annotated[Path, typer.Option("--train")],
    test: Annotated[Path, typer.Option("--test")],
    seed: Annotated[int, typer.Option("--seed")] = 13,
    out: JsonOut = None,
) -> None:
    """답을 만드는 모델을 주어진 짝만으로 가르치고 잽니다."""
    from chatbot.seq2seq.evaluate import evaluate_responder as measure

    _report(measure(train, test, seed=seed), out)


@app.command("extraction")
def evaluate_extraction(
    folder: Annotated[Path, typer.Option("--dir", help="쪽들과 gold.jsonl이 든 폴더.")],
    out: JsonOut = None,
) -> None:
    """기사 본문 뽑기를 정답과 견줍니다."""
    from chatbot.crawlers.evaluate import evaluate_extraction as measure

    _report(measure(folder), out)


@app.command("safety")
def evaluate_safety(
    train: Annotated[Path, typer.Option("--train", help="{text, toxic} 줄로 된 JSONL.")],
    test: Annotated[Path | None, typer.Option("--test", help="없으면 일부를 떼어 잽니다.")] = None,
    seed: Annotated[int, typer.Option("--seed")] = 13,
    out: JsonOut = None,
) -> None:
    """욕설·혐오 분류를 잽니다."""
    from chatbot.dialogue.safety_evaluate import evaluate_safety as measure

    _report(measure(train, test, seed=seed), out)


@app.command("stories")
def evaluate_stories(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--dir", help="이야기(.txt)가 든 폴더.")],
    told: Annotated[str, typer.Option("--told", help="쉼표로 이은 방식: plain,nospace,typos,banmal,jondaetmal")] = "",
    misses: Annotated[bool, typer.Option("--misses", help="어긋난 차례를 모두 보여 줍니다.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="오타를 내는 난수 씨앗.")] = 13,
    out: JsonOut = None,
) -> None:
    """본보기 대화를 그대로, 붙여 쓰고, 오타를 내고, 반말과 존댓말로 바꿔 들려주고 답이 지켜지는지 잽니다."""
    from chatbot import app as build
    from chatbot.dialogue import stories
    from chatbot.text.honorifics import Honorifics
    from chatbot.text.kiwi import KiwiAnalyzer

    bot = build.build_bot(context.obj.loaded, remember=False)
    ways = stories.variants(Honorifics(KiwiAnalyzer().kiwi).render)
    wanted = told.split(",") if told else list(ways)
    unknown = [name for name in wanted if name not in ways]
    if unknown:
        raise typer.BadParameter(f"--told {unknown[0]}: 쓸 수 있는 방식은 {', '.join(ways)}")
    chosen = {name: ways[name] for name in wanted}
    result = stories.evaluate_stories(
        stories.read_stories(folder), bot.reply, chosen, seed, (lambda miss: typer.echo(str(miss))) if misses else None
    )
    typer.echo("| told | stories kept | turns kept |\n| --- | --- | --- |")
    for name, row in result["told"].items():
        kept = f"{row['kept']} / {row['stories']} ({row['share']:.1%})"
        typer.echo(f"| {name} | {kept} | {row['turns_kept']} / {row['turns']} ({row['turn_share']:.1%}) |")
    if len(chosen) > 1:
        typer.echo(f"retold stories kept: {result['kept']:.1%} (target 92 %)")
    if out is not None:
        _write(result, out)


def _report(result: dict[str, Any], out: Path | None) -> None:
    """Print a measurement; with `--json FILE` also write it there."""
    if out is not None:
        _write(result, out)
    typer.echo(json.dumps(result, ensure_ascii=False, indent=2))


def _write(result: dict[str, Any], out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
