"""Model cards of taught stages: what a model is for, what it learnt from, its figures, the command that made it.

In: what a stage's training reported. Out: Markdown, which lies as README.md beside the weights it tells of, so that no
card is older than its model. Knows no models and no corpus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CARD = "README.md"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who taught a model: the command, and whose lines they are, with their licence."""

    command: str
    lines: str


OWN = Origin("chatbot train", "the lines under `corpus/` of that day; their licence is for their writers to say")
SHIPPED = Origin(
    "python scripts/make_pretrained.py",
    "this project's own `corpus/`, written for it (Apache-2.0); no public data set",
)

_INTENT = """# Intent classifier

Tells which of {labels} intents a Korean utterance has, how sure that is, and whether it looks like anything taught
(`chatbot/intent/model.py`). {kind}

## Made with

    {command}

{seconds:.0f} seconds on {device}, seed {seed}.

## Learnt from

{examples} example lines of {lines}. Held out in turn,
or a tenth of them, they also set probabilities and thresholds. {apart}{leans}

## Figures

| {measured} | this model | linear floor of the same run |
| --- | --- | --- |
| accuracy | {accuracy:.3f} | {floor[accuracy]:.3f} |
| macro F1 | {macro_f1:.3f} | {floor[macro_f1]:.3f} |
| calibration error (ECE, 15 bins) | {ece:.3f} | {floor[ece]:.3f} |

Sampling alone would show a calibration error of {ece_of_perfect:.3f} of perfect probabilities on so few lines.
An intent is taken from probability {threshold:.2f} on; two closer than {margin:.2f} are asked back about. {strangers}
{met}
## What it is for, and what not

Choosing among the intents it was taught, for replies that somebody wrote; everything else is meant to be passed on,
by threshold and familiarity. It is no judge of people, moods or danger (`safety/`, `danger/` and rules hear those), it
knows no intent that has no examples, and dialects, other languages and long texts are not in its figures.
"""

_NETWORK = (
    "A linear model over character n-grams and morphemes, with what these mean, and\n"
    "beside it a head on the sentence encoder, a BiLSTM that retrieval asks, too."
)
_LINEAR = "A linear model over character n-grams and morphemes, with what these mean."
_SCRATCH = "A linear model over character n-grams and morphemes, and a BiLSTM beside it, both from scratch."
_KOBERT = "A linear model over character n-grams and morphemes, and a fine-tuned transformer beside it."
_APART = "{tested} further lines took no part in\nanything and are what the figures below are measured on."
_NONE_APART = (
    "There were too few lines to set\nfurther ones apart: the figures are those of the lines that set the "
    "probabilities, and too kind."
)
_LEANS = " It stands on `encoder/` and `meanings/`,\nwhose cards tell what these learnt from."
_MET = """
The encoder was pretrained on the project's lines too, the held-out ones among them (without their labels' names, as
paraphrases): the network's share is capped for that reason, but the figures stay a little kind.
"""

_RETRIEVAL = """# Answers that can be found

{rows:,} questions with their answers, as vectors, morphemes and character n-grams
(`chatbot/retrieval/retriever.py`): no trained weights but an index. How the views are weighed was learnt elsewhere
(`retrieval_fusion.json`, `retrieval_fusion_grams/`).

## Made with

    {command}

{added:,} rows added and {removed:,} taken out of the index before it.

## Learnt from

The knowledge entries and chat pairs of {lines}.
Every question and answer stands in `rows.sqlite` as it was written: whoever has this folder can read them. The vectors
are those of `encoder/` and of `retrieval_fusion_grams/`.

## Figures

None of its own: what is found, and how well, depends on what is asked. On public question sets the same code is
measured by

    chatbot evaluate retrieval --corpus FILE --queries FILE

and every figure stands in `docs/log.md`; a new version sits an exam of paraphrases and knowledge questions before use.

## What it is for, and what not

Questions that mean what one of the rows asks. A row's probability says how likely it answers, learnt on chit-chat,
commands and a public service's FAQ; other domains may need another threshold (`retrieval.threshold`). Facts in it are
as old as the corpus.
"""


def intent_card(metrics: Mapping[str, Any], origin: Origin, seed: int) -> str:
    """The card of an intent model, from the metrics that its stage reports."""
    pretrained, tested = metrics["encoder"] == "pretrained", metrics["tested"]
    kinds = {"linear": _LINEAR, "kobert": _KOBERT, "lstm": _NETWORK if pretrained else _SCRATCH}
    shown = {
        **metrics,
        "kind": kinds[metrics["classifier"]],
        "command": origin.command,
        "lines": origin.lines,
        "seed": seed,
        "leans": _LEANS if pretrained else "",
        "strangers": _strangers(metrics["false_accept"]),
        "apart": _APART.format(tested=tested) if tested else _NONE_APART,
        "measured": f"{tested} lines set apart" if tested else "the lines that set the probabilities",
        "met": _MET if metrics["encoder_saw_lines"] else "",
    }
    return _INTENT.format(**shown)


def retrieval_card(metrics: Mapping[str, Any], origin: Origin) -> str:
    """The card of an index, from the metrics that its stage reports."""
    return _RETRIEVAL.format(**metrics, command=origin.command, lines=origin.lines)


def write_card(folder: Path, card: str) -> None:
    """Lay a card beside the weights it tells of."""
    (folder / CARD).write_text(card, encoding="utf-8")


def _strangers(false_accept: float) -> str:
    if not false_accept:
        return "What strange lines do was not measured: too few intents, or nothing held out."
    return f"Of lines of\nintents that were left out of a short training {false_accept:.1%} would have been let in."
