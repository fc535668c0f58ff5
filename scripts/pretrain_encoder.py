"""Pretrain the sentence encoder that ships with the package: python scripts/pretrain_encoder.py --data ../shared/data

Reads permissively licensed sets and the project's own corpus, never MASSIVE and nothing under a share-alike licence.
Writes chatbot/pretrained/encoder/ with its model card.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch

from chatbot.corpus import read_corpus
from chatbot.intent.augment import augment
from chatbot.intent.sentiment import Sentiment
from chatbot.neural.device import pick_device, seed_everything
from chatbot.neural.encoder import EncoderNetwork, EncoderShape, SentenceEncoder
from chatbot.neural.lexical_teacher import LexicalTeacher
from chatbot.neural.pretrain import Labelled, Mixture, PretrainSchedule, Taught, mimic, pretrain
from chatbot.neural.views import Views
from chatbot.text.normalize import normalize

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
COMMANDS = HERE / "pretraining_groups.txt"


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)


def grouped(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Texts under one key, without repeats; keys with one text are no paraphrases."""
    groups: dict[str, dict[str, None]] = defaultdict(dict)
    for key, text in pairs:
        groups[key][normalize(text)] = None
    return [list(texts) for texts in groups.values() if len(texts) > 1]


def written_groups(path: Path) -> list[list[str]]:
    """Paragraphs of the project's own paraphrases, one a line."""
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    groups = [[normalize(line) for line in block.splitlines() if line and line[0] != "#"] for block in blocks]
    return [group for group in groups if len(group) > 1]


def read_groups(data: Path) -> list[list[str]]:
    """Every source of texts that mean the same."""
    corpus = read_corpus(ROOT / "corpus")
    groups = [list(intent.examples) for intent in corpus.intents] * 2
    groups += [[entry.title, *entry.questions] for entry in corpus.knowledge] * 2
    groups += written_groups(COMMANDS) * 4
    groups += grouped((row["intent"], row["text"]) for row in rows(data / "intent_smalltalk/train.jsonl")) * 2
    groups += grouped((row["a"], row["q"]) for row in rows(data / "chat_pairs/train.jsonl"))
    welfare = list(rows(data / "ret_welfare/bank.jsonl"))
    groups += grouped([(r["doc_id"], r["question"]) for r in welfare] + [(r["doc_id"], r["title"]) for r in welfare])
    # A question and its answer lie near each other, too: what follows from a text says what it means.
    groups += [[normalize(r["q"]), normalize(r["a"])] for r in rows(data / "chat_pairs/train.jsonl")][:4000]
    return groups


def read_alone(data: Path) -> list[str]:
    """Sentences of every kind, each its own group."""
    texts = [row["text"] for row in rows(data / "ret_qp2chatbot/corpus.jsonl")]
    texts += [row["question"] for row in rows(data / "ret_welfare/bank.jsonl")]
    for name in ("valid", "test"):
        path = data / f"xpersona_ko/Ko_persona_split_{name}_human_annotated.json"
        for talk in json.loads(path.read_text(encoding="utf-8")):
            texts += [*talk["persona"], *(line for turn in talk["dialogue"] for line in turn)]
    return [text for text in dict.fromkeys(map(normalize, texts)) if text]


def read_reviews(data: Path) -> list[tuple[str, int]]:
    """Every review with its label, in the order of the file."""
    nsmc = [line.split("\t") for line in (data / "sent_nsmc/ratings_train.txt").read_text("utf-8").split("\n")[1:]]
    return [(normalize(row[1]), int(row[2])) for row in nsmc if len(row) == 3 and row[1].strip()]


def split_reviews(reviews: list[tuple[str, int]]) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """(5,000 held out, the others): neither the encoder nor the head may see the first before they are measured."""
    shuffled = list(reviews)
    random.Random(13).shuffle(shuffled)
    held = {text for text, _ in shuffled[:5000]}
    return shuffled[:5000], [review for review in shuffled[5000:] if review[0] not in held]


def read_labelled(data: Path) -> dict[str, Labelled]:
    """Sentiment, emotions, toxicity, small talk."""
    reviews = split_reviews(read_reviews(data))[1]
    emotions, marks = [], []
    for name in ("val", "test"):
        for line in (data / f"kote/{name}.tsv").read_text("utf-8").split("\n"):
            if line.count("\t") == 2:
                _, text, found = line.split("\t")
                emotions.append(normalize(text))
                marks.append(np.isin(np.arange(44), [int(n) for n in found.split(",")]))
    toxic = [(normalize(r["text"]), int(r["toxic"])) for r in rows(data / "tox_curse/train.jsonl")]
    talk = [
        (normalize(r["text"]), int(r["intent"].split("_")[1])) for r in rows(data / "intent_smalltalk/train.jsonl")
    ]
    return {
        "sentiment": _labelled(reviews, 2),
        "emotions": Labelled(emotions, np.array(marks, dtype=np.float32), 44),
        "toxic": _labelled(toxic, 2),
        "smalltalk": _labelled(talk, 1 + max(label for _, label in talk)),
    }


def _labelled(pairs: list[tuple[str, int]], classes: int) -> Labelled:
    return Labelled([t for t, _ in pairs], np.array([label for _, label in pairs], dtype=np.int64), classes)


def fit_sentiment(encoder: SentenceEncoder, data: Path, folder: Path) -> None:
    """A head on 30,000 reviews, measured on 5,000 others."""
    held, others = split_reviews(read_reviews(data))
    taught = others[:30_000]
    sentiment = Sentiment.train(encoder, taught)
    right = [
        (score > 0) == bool(label)
        for score, (_, label) in zip(sentiment.score([t for t, _ in held]), held, strict=True)
    ]
    print(f"sentiment: accuracy {np.mean(right):.4f} on {len(held)} held-out NSMC reviews", flush=True)
    sentiment.save(folder)


def teach_words(groups: list[list[str]], alone: list[str], reviews: Labelled, seed: int) -> Taught:
    """Teacher vectors of the sentences at hand and of phrases over the dictionary."""
    from kiwipiepy import Kiwi

    teacher = LexicalTeacher(Kiwi(num_workers=1))
    sentences = list(dict.fromkeys([*(text for group in groups for text in group), *alone, *reviews.texts[:30_000]]))
    teacher.learn_frequencies(sentences)
    texts = [text for text in sentences if len(text) <= 60] + teacher.words(30_000) + teacher.phrases(60_000, seed)
    vectors, known = teacher.vectors(texts)
    return Taught([text for text, use in zip(texts, known, strict=True) if use], vectors[known])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "chatbot" / "pretrained" / "encoder")
    parser.add_argument("--minutes", type=float, default=35.0, help="wall-clock limit of the training itself")
    parser.add_argument("--steps", type=int, default=16_000)
    parser.add_argument("--no-word-teacher", action="store_true", help="leave Kiwi's word similarities out")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--sentiment-only", action="store_true", help="keep the encoder, fit the sentiment head again")
    options = parser.parse_args()
    if options.sentiment_only:
        fit_sentiment(SentenceEncoder.load(options.out), options.data, options.out.with_name("sentiment"))
        return
    began = time.monotonic()
    seed_everything(options.seed)
    torch.set_num_threads(1)
    groups, alone, labelled = read_groups(options.data), read_alone(options.data), read_labelled(options.data)
    taught = None if options.no_word_teacher else teach_words(groups, alone, labelled["sentiment"], options.seed)
    everything = [*(t for g in groups for t in g), *alone, *(taught.texts if taught else [])]
    views = Views.of(everything, ngram_buckets=32768, jamo_buckets=12288, limit=2400)
    shape = EncoderShape(
        views.table_size, embedding_size=96, hidden_size=160, output_size=256, dropout=0.1, view_dropout=0.1
    )
    network = EncoderNetwork(shape)
    print(f"{len(groups)} groups, {len(alone)} alone, {len(taught.texts) if taught else 0} taught texts,", flush=True)
    print(f"{sum(p.numel() for p in network.parameters()):,} weights, {time.monotonic() - began:.0f} s", flush=True)

    def noise(text: str, dice: random.Random) -> str:
        return augment(text, dice, 0.4)

    def told(step: int, steps: int, what: str) -> None:
        print(f"{step}/{steps} {time.monotonic() - began:.0f} s {what}", flush=True)
        if step % 1000 == 0 and steps == options.steps:
            SentenceEncoder(network, views).save(options.out.with_name(options.out.name + "-unfinished"))
            network.train()

    if taught is not None:
        mimic(network, views, taught, noise, device=pick_device("auto"), seed=options.seed, told=told)
    schedule = PretrainSchedule(steps=options.steps, seconds=options.minutes * 60)
    mixture = Mixture(groups, alone, labelled, taught)
    network = pretrain(
        network, views, mixture, schedule, noise, device=pick_device("auto"), seed=options.seed, told=told
    )
    card = options.out / "README.md"
    files: dict[str, bytes | str] = {"README.md": card.read_text("utf-8")} if card.is_file() else {}
    SentenceEncoder(network, views).save(options.out, files)
    fit_sentiment(SentenceEncoder.load(options.out), options.data, options.out.with_name("sentiment"))
    print(f"{options.out}: written after {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
