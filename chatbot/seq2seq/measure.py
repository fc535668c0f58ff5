"""What a trained responder is worth on pairs it was not taught, and what it was taught. In: a generator and examples.
Out: figures. Knows no tensors."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from chatbot.seq2seq import calibrate
from chatbot.seq2seq.chrf import chrf
from chatbot.seq2seq.data import Example
from chatbot.seq2seq.generator import Generator, SearchSettings
from chatbot.seq2seq.neighbours import SPEAKING

# A reply that stands this often in the training pairs is a stock reply.
STOCK_FROM = 4
# Neighbours of a judged question that may be its own wordings.
HIDDEN = 20
# Replies that calibration makes, at most: more would cost more than they tell.
CALIBRATE_ON = 400


def assess(
    generator: Generator,
    held_out: Sequence[Example],
    settings: SearchSettings,
    seed: int,
    fallback: calibrate.Calibration,
) -> tuple[calibrate.Calibration, float, float]:
    """(calibration, chrF, distinct-2) of the replies to held-out questions; `fallback` where they are too few."""
    asked = list(held_out)
    random.Random(seed).shuffle(asked)
    asked = asked[:CALIBRATE_ON]
    found = []
    for start in range(0, len(asked), 32):
        part = asked[start : start + 32]
        replies = generator.reply([e.question for e in part], [e.history for e in part], settings=settings, n_best=1)
        found += [(e, reply[0]) for e, reply in zip(part, replies, strict=True) if reply]
    if not found:
        return fallback, 0.0, 0.0
    texts, answers = [h.text for _, h in found], [e.answer for e, _ in found]
    quality, variety = chrf(texts, answers), distinct(texts, 2)
    if len(found) < calibrate.ENOUGH:
        return fallback, quality, variety
    calibration = calibrate_on_judged(generator)
    if calibration == calibrate.UNKNOWN:
        good = calibrate.good_replies(texts, answers, seed)
        calibration = calibrate.fit([h.evidence for _, h in found], good)
    return calibration if calibration != calibrate.UNKNOWN else fallback, quality, variety


def calibrate_on_judged(generator: Generator) -> calibrate.Calibration:
    """The curve that fits what people judged, as far as the replies are answers that `generator` remembers; `UNKNOWN`
    when those are too few (it was taught other pairs)."""
    memory, rows = generator.knowledge.memory, calibrate.read_judged()
    said = {answer for _, answer in memory.pairs}
    known = [row for row in rows if row.made_up or row.reply in said]
    if len(known) < len(rows) / 2:
        return calibrate.UNKNOWN
    evidence: list[Mapping[str, float]] = []
    fits = []
    heard = memory.voices([row.question for row in known], SPEAKING + HIDDEN)
    for row, people in zip(known, heard, strict=True):
        # As if the question had never been taught: its own answer may stand under other wordings of it.
        strangers = [p for p in people if p.question != row.question and p.answer != row.answer][:SPEAKING]
        if row.made_up or any(p.answer == row.reply for p in strangers):
            evidence += generator.evidence(row.question, [row.reply], strangers)
            fits.append(row.fits)
    return calibrate.fit(evidence, np.array(fits, dtype=bool), calibrate.FITTING)


def distinct(texts: Sequence[str], n: int) -> float:
    """Different word n-grams among all of them (Li et al. 2016, section 5.2), in [0, 1]."""
    grams = [tuple(words[i : i + n]) for words in map(str.split, texts) for i in range(len(words) - n + 1)]
    return len(set(grams)) / len(grams) if grams else 0.0


def stock_replies(examples: Sequence[Example], before: Mapping[str, int] | None = None) -> dict[str, int]:
    """Replies that stand `STOCK_FROM` times or more, with their counts; `before` from earlier training is kept."""
    counts = Counter(e.answer for e in examples)
    found = {text: count for text, count in counts.items() if count >= STOCK_FROM}
    return dict(sorted({**(before or {}), **found}.items()))


def corpus_hash(examples: Sequence[Example]) -> str:
    """16 hexadecimal digits over what was taught, order counted."""
    digest = hashlib.sha256()
    for example in examples:
        digest.update(repr(asdict(example)).encode())
    return digest.hexdigest()[:16]
