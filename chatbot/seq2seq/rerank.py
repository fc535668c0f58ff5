"""Order what the search found. In: a question's candidates and their probabilities. Out: the same, best first.

Four things speak for a candidate: what the model thinks of it, how much it has to do with the question (mutual
information, Li et al. 2016, "A Diversity-Promoting Objective Function", eq. 9: log P(T|S) - λ log P(T)), and how many
other candidates say much the same (minimum Bayes risk with chrF as utility, Kumar and Byrne 2004; Eikema and Aziz
2020), and how near it is to what people said to like questions (neighbours.py).
Against it: that it is said to everything, and what `rules` found. Knows no tensors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from chatbot.seq2seq.chrf import pairwise
from chatbot.seq2seq.neighbours import Voice
from chatbot.seq2seq.rules import faults


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One reply.

    `log_probability` is log P(reply | question), `blank` log P(reply) with the question hidden, both over all its
    subwords and the end mark; `complete` says whether it ended by itself. `score` orders hypotheses of one question;
    `probability` is calibrated (see `calibrate`). `evidence` holds the parts of the score, `faults` what is wrong.
    """

    text: str
    ids: tuple[int, ...]
    log_probability: float
    complete: bool = True
    blank: float = 0.0
    score: float = 0.0
    probability: float = 0.0
    evidence: Mapping[str, float] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part of the score counts; measured on held-out pairs (see docs/log.md)."""

    consensus: float = 0.5
    people: float = 0.5
    likelihood: float = 0.005
    information: float = 0.005
    stock: float = 0.005
    length: float = 0.02


# A fault outweighs every good side; a candidate with fewer stands before one with more.
FAULT = 10.0


def rerank(
    question: str,
    candidates: Sequence[Hypothesis],
    voices: Sequence[str],
    people: Sequence[Voice] = (),
    *,
    weights: Weights,
    stock: Mapping[str, int],
    insults: Callable[[str], bool] | None = None,
    recent: Sequence[str] = (),
) -> list[Hypothesis]:
    """The candidates with score, evidence and faults, best first; equal texts once.

    Parameters
    ----------
    voices
        sampled replies that vote: the more a candidate has in common with them, the less it risks. A reply that was
        sampled twice votes twice.
    people
        answers to like questions, with their weights; they vote beside the voices.
    stock
        how often each reply stands in the training pairs, for those that stand there often.
    """
    unique = list({c.text: c for c in sorted(candidates, key=lambda c: c.log_probability) if c.text}.values())
    if not unique:
        return []
    agreement = pairwise([c.text for c in unique], voices).mean(axis=1) / 100 if voices else np.zeros(len(unique))
    human = np.zeros(len(unique))
    if people:
        human = pairwise([c.text for c in unique], [p.answer for p in people]) @ [p.weight for p in people] / 100
    ranked = []
    for candidate, consensus, likeness in zip(unique, agreement.tolist(), human.tolist(), strict=True):
        size = len(candidate.ids) + 1
        evidence = {
            "consensus": consensus,
            "people": likeness,
            "nearness": max((p.nearness for p in people), default=0.0),
            "likelihood": candidate.log_probability / size,
            "information": (candidate.log_probability - candidate.blank) / size,
            "stock": math.log1p(stock.get(candidate.text, 0)),
            "length": math.log(size),
        }
        wrong = faults(question, candidate.text, insults=insults, recent=recent)
        if not candidate.complete:
            wrong = (*wrong, "unfinished")
        score = (
            weights.consensus * evidence["consensus"]
            + weights.people * evidence["people"]
            + weights.likelihood * evidence["likelihood"]
            + weights.information * evidence["information"]
            - weights.stock * evidence["stock"]
            + weights.length * evidence["length"]
            - FAULT * len(wrong)
        )
        ranked.append(replace(candidate, score=score, evidence=evidence, faults=wrong))
    return sorted(ranked, key=lambda c: (-c.score, c.text))
