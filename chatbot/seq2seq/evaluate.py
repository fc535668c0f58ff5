"""Measure the responder on pairs it never saw. In: two files of pairs. Out: the figures of the contract.

Trains on the train file alone (a part of it stops the training), then answers every question of the test file one by
one, as in a conversation. Beside it stands the floor: the answer of the nearest training question.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chatbot.errors import CorpusError
from chatbot.seq2seq.chrf import chrf
from chatbot.seq2seq.generator import SearchSettings
from chatbot.seq2seq.learn import Progress
from chatbot.seq2seq.measure import distinct
from chatbot.seq2seq.rules import is_looping
from chatbot.seq2seq.train import train_responder
from chatbot.types import ChatPair


def evaluate_responder(
    train: Path, test: Path, seed: int = 13, progress: Progress | None = None, **options: Any
) -> dict[str, Any]:
    """Perplexity, chrF, variety, faults and times on `test` after training on `train`.

    Files are JSON lines with ``q`` and ``a``. `options` go to `train_responder`. The keys: perplexity (a subword),
    chrf (0–100), distinct_1, distinct_2, empty, looping (counts), train_tokens_per_second, ms_p50, ms_p95 (a reply,
    one at a time), and under ``floor`` chrf, distinct_1, distinct_2, empty, looping of the nearest question's answer.

    Raises
    ------
    CorpusError
        when a file is missing or a line is not such a row.
    """
    pairs, asked = read_pairs(train), read_pairs(test)
    generator, report = train_responder(pairs, seed=seed, progress=progress, **options)
    settings = options.get("settings") or SearchSettings()
    replies, times = [], []
    for place, pair in enumerate(asked):
        begun = time.perf_counter()
        found = generator.reply([pair.question], settings=settings, n_best=1)[0]
        times.append((time.perf_counter() - begun) * 1000)
        replies.append(found[0].text if found else "")
        if progress is not None and place % 50 == 49:
            progress(place + 1, len(asked), "answering")
    answers = [pair.answer for pair in asked]
    floor = nearest_answers(pairs, [pair.question for pair in asked])
    return {
        "perplexity": round(generator.perplexity([(pair.question, pair.answer) for pair in asked]), 3),
        **figures(replies, answers),
        "train_tokens_per_second": round(report.tokens_per_second, 1),
        "ms_p50": round(float(np.percentile(times, 50)), 2),
        "ms_p95": round(float(np.percentile(times, 95)), 2),
        "train_seconds": round(report.seconds, 1),
        "epochs": report.best,
        "weights": report.weights,
        "taught": report.taught,
        "tested": len(asked),
        "seed": seed,
        "floor": figures(floor, answers),
    }


def figures(replies: Sequence[str], answers: Sequence[str]) -> dict[str, Any]:
    """What can be said of replies beside the answers that people wrote."""
    return {
        "chrf": round(chrf(replies, answers), 3),
        "distinct_1": round(distinct(replies, 1), 4),
        "distinct_2": round(distinct(replies, 2), 4),
        "empty": sum(not reply.strip() for reply in replies),
        "looping": sum(is_looping(reply) for reply in replies),
    }


def nearest_answers(pairs: Sequence[ChatPair], questions: Sequence[str]) -> list[str]:
    """The answer to the training question with the highest cosine of TF-IDF over character 1- to 4-grams."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True)
    known = vectorizer.fit_transform([pair.question for pair in pairs])
    nearest: list[str] = []
    for start in range(0, len(questions), 256):
        scores = (vectorizer.transform(questions[start : start + 256]) @ known.T).toarray()  # [B, N]
        nearest += [pairs[i].answer for i in scores.argmax(axis=1)]
    return nearest


def read_pairs(path: Path) -> list[ChatPair]:
    """Rows ``{"q", "a"}`` of a JSON lines file.

    Raises
    ------
    CorpusError
        naming the file and line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8; save it as UTF-8") from error
    pairs = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            question, answer = row["q"], row["a"]
        except (ValueError, KeyError, TypeError) as error:
            raise CorpusError(f'{path}:{number}: expected an object with "q" and "a" ({error})') from error
        if not (isinstance(question, str) and isinstance(answer, str) and answer.strip()):
            raise CorpusError(f'{path}:{number}: "q" and "a" must be text, "a" not empty')
        pairs.append(ChatPair(question, answer, f"{path}:{number}"))
    if not pairs:
        raise CorpusError(f'{path}: holds no pairs; expected JSON lines with "q" and "a"')
    return pairs
