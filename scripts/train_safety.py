"""Train the classifiers of the safety layer. In: ../shared/data and corpus/. Out: the folders safety and danger.

    python scripts/train_safety.py [--data ../shared/data] [--corpus corpus] [--out chatbot/pretrained] [--danger-only]

Sources, all under licences that allow it: tox_curse (MIT), the bad-words list (MIT), KOTE (MIT), the project's corpus.
The classifier of danger learns from lexicon/danger.tsv, the corpus's ordinary lines and chat_pairs (MIT). Each folder
gets its model card; scripts/make_pretrained.py seals the manifest afterwards.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from chatbot.corpus import Corpus, read_corpus
from chatbot.dialogue.danger import CONCERN, NONE, DangerClassifier, as_heard
from chatbot.dialogue.safety import Safety
from chatbot.dialogue.safety_classifier import pretrained_folder
from chatbot.dialogue.safety_evaluate import evaluate_safety, read_rows
from chatbot.dialogue.safety_training import fit, fit_hostility
from chatbot.intent.model import IntentModel, Memory
from chatbot.intent.train import TrainingReport
from chatbot.neural.meanings import Words
from chatbot.training.cards import write_card

# KOTE's numbers of anger, contempt, disgust, annoyance and hatred; two of them make a comment hostile.
HOSTILE = frozenset({6, 20, 21, 22, 31})
# Ordinary lines are held below the threshold with this share of exceptions.
FALSE_ALARMS = 0.002
# Lines that teach no weights, of danger and near misses; the card tells what the whole safety layer makes of them.
UNTAUGHT = Path(__file__).resolve().parent.parent / "tests" / "golden" / "danger.tsv"

SAFETY_CARD = """# Insults

How insulting a Korean text is: a linear model over hashed n-grams of jamo and syllables, a list of bad words, and the
hostility that n-grams carry in comments (`chatbot/dialogue/safety_classifier.py`). NumPy alone.

## Made with

    python scripts/train_safety.py

## Learnt from

| source | what for | licence |
| --- | --- | --- |
| curse detection data (tox_curse), train part, {rows} texts | insulting or not | MIT |
| this project's corpus, {ordinary} ordinary lines | not insulting | Apache-2.0 |
| KOTE, val and test parts, {comments} comments | hostility of n-grams (two hostile emotions of five) | MIT |
| korean-bad-words, {words} of them that no ordinary line holds | the list | MIT |

## Figures

`chatbot evaluate safety --train ../shared/data/tox_curse/train.jsonl --seed 13`, a fifth of the rows held out: macro
F1 {f1:.3f}, precision {precision:.3f}, recall {recall:.3f} at probability 0.5; the word list alone: macro F1
{floor:.3f}. The bot believes it from {threshold:.2f} on: of {unseen} ordinary lines that a training on the other half
had not seen {alarms:.2%} lie above.

## What it is for, and what not

Answering an insult calmly instead of learning from it or repeating it. It is no moderation of people: the labels are
those of a few annotators of internet comments, and carry their view of what is insulting, of whom, and of dialects.
Rules (`corpus/lexicon/safety_rules.tsv`) go before it.
"""

DANGER_CARD = """# Danger

Whether somebody is in danger, told in words that no rule knows: suicide and self-harm, violence, injury, poison or
fire, or none of these (`chatbot/dialogue/danger.py`). A calibrated linear model over character n-grams, morphemes and
what these mean (`meanings/`).

## Made with

    python scripts/train_safety.py --danger-only

Seed {seed}.

## Learnt from

| source | lines | licence |
| --- | --- | --- |
| `corpus/lexicon/danger.tsv`: cries and near misses, written for this project | {taught} | Apache-2.0 |
| ordinary lines of this project's corpus | {ordinary} | Apache-2.0 |
| Chatbot_data (songys), train questions in which neither rules nor a first training heard danger | {asked} | MIT |

## Figures

| what | figure |
| --- | --- |
| kind right, a tenth of all lines held out, which also set the probabilities | {accuracy:.4f} |
| calibration error on these | {ece:.4f} |
| with the rules before it, as the bot talks: {cries} cries that taught nothing, heard | {heard} |
| the same, {misses} near misses, taken for danger | {alarms} |

The untaught lines are `tests/golden/danger.tsv`, by somebody who had seen neither rules nor training lines; how likely
a cry has to be was settled with these two totals in sight.

## What it is for, and what not

Naming help lines to somebody who may need them, and saying that it may have misheard. **It is no diagnosis and no
protection:** of the cries above {deaf} were passed over, and nobody is told of any. Do not use it to watch people, to
sort or to report them.
"""


def main() -> None:
    arguments = _arguments()
    train_danger(arguments.corpus, arguments.data, arguments.out)
    if arguments.danger_only:
        return
    data, out = arguments.data, arguments.out / "safety"
    comments = _comments(data / "kote")
    hostility = fit_hostility(*comments)
    ordinary = ordinary_lines(read_corpus(arguments.corpus))
    words = bad_words(data / "badwords" / "korean-bad-words.md", ordinary)
    rows = read_rows(data / "tox_curse" / "train.jsonl")
    texts, labels = [text for text, _ in rows], [label for _, label in rows]

    odd, even = ordinary[::2], ordinary[1::2]
    half = fit([*texts, *odd], [*labels, *([0] * len(odd))], words, hostility)
    unseen = sorted(half.probability(line) for line in even)
    threshold = max(0.9, unseen[int(len(unseen) * (1 - FALSE_ALARMS))])
    above = sum(p >= threshold for p in unseen) / len(unseen)
    whole = fit([*texts, *ordinary], [*labels, *([0] * len(ordinary))], words, hostility, threshold)
    whole.save(out, false_alarms_unseen=round(above, 5), rows=len(rows), ordinary=len(ordinary))
    print(f"{out}: threshold {threshold:.4f}, {above:.2%} of {len(even)} unseen ordinary lines above it")
    figures: dict[str, Any] = evaluate_safety(data / "tox_curse" / "train.jsonl", None, 13)
    print(figures)
    card = SAFETY_CARD.format(
        rows=len(rows),
        ordinary=len(ordinary),
        comments=len(comments[0]),
        words=len(words),
        f1=figures["macro_f1"],
        precision=figures["precision"],
        recall=figures["recall"],
        floor=figures["floor"]["macro_f1"],
        threshold=threshold,
        unseen=len(even),
        alarms=above,
    )
    write_card(out, card)


def train_danger(corpus: Path, data: Path, pretrained: Path, seed: int = 13) -> None:
    """Teach lines of danger, near misses and ordinary lines, as the classifier sees them, into the folder danger.

    Ordinary are what people say in the corpus, and the questions of chat_pairs (MIT, train part) that neither a rule
    nor a classifier without them takes for danger.
    """
    rules = Safety.load(corpus / "lexicon")
    taught = read_danger(corpus / "lexicon" / "danger.tsv", rules)
    random.Random(seed).shuffle(taught)
    own = len(taught)

    def ordinary(lines: Iterable[str]) -> list[tuple[str, str]]:
        return [(as_heard(rules.heard(line)), NONE) for line in lines if not rules.urgent(line)]

    taught += ordinary(ordinary_lines(read_corpus(corpus)))
    common = len(taught) - own
    first = DangerClassifier(_fit(taught, seed)[0])
    with (data / "chat_pairs" / "train.jsonl").open(encoding="utf-8") as file:
        asked = dict.fromkeys(str(json.loads(line)["q"]) for line in file)
    taught += ordinary(line for line in asked if first.judge(line)[0] in ("", CONCERN))
    model, report = _fit(taught, seed)
    nothing = Memory((), (), np.zeros((0, len(model.labels)), dtype=np.float32))  # nobody asks for the nearest line
    out = pretrained / "danger"
    replace(model, memory=nothing).save(out)
    print(f"{out}: {len(taught)} lines, held-out accuracy {report.accuracy:.4f}, ECE {report.ece:.4f}")
    heard = untaught(replace(rules, danger=DangerClassifier(model)))
    card = DANGER_CARD.format(
        seed=seed,
        taught=own,
        ordinary=common,
        asked=len(taught) - own - common,
        accuracy=report.accuracy,
        ece=report.ece,
        cries=heard["danger", True] + heard["danger", False],
        heard=heard["danger", True],
        deaf=heard["danger", False],
        misses=heard["none", True] + heard["none", False],
        alarms=heard["none", True],
    )
    write_card(out, card)


def untaught(safety: Safety) -> Counter[tuple[str, bool]]:
    """How many lines of each kind that nobody taught are heard as danger."""
    lines = [line for line in UNTAUGHT.read_text("utf-8").splitlines() if "\t" in line and not line.startswith("#")]
    return Counter((kind, safety.urgent(text)) for kind, _, text in (line.partition("\t") for line in lines))


def _fit(rows: list[tuple[str, str]], seed: int) -> tuple[IntentModel, TrainingReport]:
    return IntentModel.train(
        rows, classifier="linear", encoder="pretrained", words=Words.shipped(), familiarity=False, folds=0, seed=seed
    )


def read_danger(path: Path, rules: Safety) -> list[tuple[str, str]]:
    """(line as the classifier sees it, kind) of a file of kinds and lines."""
    lines = [line for line in path.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
    heard = [(as_heard(rules.heard(text)), kind) for kind, _, text in (line.partition("\t") for line in lines)]
    return [(text, kind) for text, kind in heard if text]


def ordinary_lines(corpus: Corpus) -> list[str]:
    """What users say in the corpus, each line once."""
    lines = [line for intent in corpus.intents for line in intent.examples]
    lines += [line for entry in corpus.knowledge for line in entry.questions]
    lines += [pair.question for pair in corpus.pairs]
    lines += [user for dialogue in corpus.dialogues for user, _ in dialogue.turns]
    return list(dict.fromkeys(lines))


def bad_words(path: Path, ordinary: list[str]) -> frozenset[str]:
    """The list without what ordinary lines contain."""
    words = {line.strip().lower() for line in path.read_text(encoding="utf-8").splitlines()}
    talk = "\n".join(ordinary).lower()
    return frozenset(word for word in words if 2 <= len(word) <= 8 and " " not in word and word not in talk)


def _comments(folder: Path) -> tuple[list[str], list[int]]:
    texts, labels = [], []
    for name in ("val.tsv", "test.tsv"):
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            _, text, emotions = line.split("\t")
            texts.append(text)
            labels.append(int(len(HOSTILE & set(map(int, emotions.split(",")))) >= 2))
    return texts, labels


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--out", type=Path, default=pretrained_folder().parent)
    parser.add_argument("--danger-only", action="store_true", help="leave the classifier of insults as it is")
    return parser.parse_args()


if __name__ == "__main__":
    main()
