"""Train the safety classifier that ships with the package. In: ../shared/data and corpus/. Out: a checkpoint folder.

    python scripts/train_safety.py [--data ../shared/data] [--corpus corpus] [--out chatbot/pretrained/safety]

Sources, all under licences that allow it: tox_curse (MIT), the bad-words list (MIT), KOTE (MIT), the project's corpus.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from chatbot.corpus import Corpus, read_corpus
from chatbot.dialogue.safety_classifier import pretrained_folder
from chatbot.dialogue.safety_evaluate import evaluate_safety, read_rows
from chatbot.dialogue.safety_training import fit, fit_hostility

# KOTE's numbers of anger, contempt, disgust, annoyance and hatred; two of them make a comment hostile.
HOSTILE = frozenset({6, 20, 21, 22, 31})
# Ordinary lines are held below the threshold with this share of exceptions.
FALSE_ALARMS = 0.002


def main() -> None:
    arguments = _arguments()
    data, out = arguments.data, arguments.out
    hostility = fit_hostility(*_comments(data / "kote"))
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
    print(evaluate_safety(data / "tox_curse" / "train.jsonl", None, 13))


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
    parser.add_argument("--out", type=Path, default=pretrained_folder())
    return parser.parse_args()


if __name__ == "__main__":
    main()
