"""Order what the search found. In: a question's candidates and their probabilities. Out: the same, best first.

Five things speak for a candidate: what the model thinks of it, how much it has to do with the question (mutual
information, Li et al. 2016, "A Diversity-Promoting Objective Function", eq. 9: log P(T|S) - λ log P(T)), how many
other candidates say much the same (minimum Bayes risk with chrF as utility, Kumar and Byrne 2004; Eikema and Aziz
2020), how near it is to what people said to like questions (neighbours.py), and how like those questions are
(backing.py). Against it: that it is said to everything, and what `rules` found. What costs a run of the model is asked
for the best few only. Knows no tensors.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from chatbot.seq2seq.backing import Pieces, backing
from chatbot.seq2seq.chrf import pairwise
from chatbot.seq2seq.neighbours import Voice
from chatbot.seq2seq.rules import faults
from chatbot.types import SpeechLevel


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
    """How much each part of the score counts. That people outweigh the model's own voices was settled on every second
    row of chat_pairs dev (chrF 14.4 instead of 12.9; on the other rows 12.0 instead of 11.6)."""

    consensus: float = 0.25
    people: float = 1.0
    likelihood: float = 0.005
    information: float = 0.005
    stock: float = 0.005
    length: float = 0.02


# A fault outweighs every good side; a candidate with fewer stands before one with more.
FAULT = 10.0


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What replies are judged by beside themselves.

    Parameters
    ----------
    stock
        how often each reply stands in the training pairs, for those that stand there often.
    pieces
        how rare the pieces of texts are (`Neighbours.pieces`); without it nothing is known of backing.
    level
        the speech level that a reply must have, if any.
    insults, recent
        see `rules.faults`.
    """

    stock: Mapping[str, int] = field(default_factory=dict)
    pieces: Pieces | None = None
    level: SpeechLevel | None = None
    insults: Callable[[str], bool] | None = None
    recent: Sequence[str] = ()


def shortlist(
    question: str,
    candidates: Sequence[Hypothesis],
    voices: Sequence[str],
    people: Sequence[Voice],
    weights: Weights,
    around: Circumstances,
    limit: int | None = None,
) -> list[Hypothesis]:
    """The best `limit` candidates by all that costs no run of the model, equal texts once.

    Parameters
    ----------
    voices
        sampled replies that vote: the more a candidate has in common with them, the less it risks. A reply that was
        sampled twice votes twice.
    people
        answers to like questions, with their weights; they vote beside the voices.
    """
    unique = list({c.text: c for c in sorted(candidates, key=lambda c: c.log_probability) if c.text}.values())
    if not unique:
        return []
    texts, votes = [c.text for c in unique], Counter(voices)
    agreement = pairwise(texts, [*votes, *(p.answer for p in people)]) / 100  # [N, votes + people]
    consensus = agreement[:, : len(votes)] @ np.array(list(votes.values())) / max(1, len(voices))
    human = agreement[:, len(votes) :]
    backed: Sequence[Mapping[str, float]] = [{}] * len(unique)
    if around.pieces is not None:
        backed = backing(question, texts, people, human, around.pieces)
    weighed = human @ np.array([p.weight for p in people]) if people else np.zeros(len(unique))
    found = []
    for candidate, agreed, likeness, behind in zip(unique, consensus.tolist(), weighed.tolist(), backed, strict=True):
        evidence = {
            **behind,
            "consensus": agreed,
            "people": likeness,
            "stock": math.log1p(around.stock.get(candidate.text, 0)),
            "length": math.log(len(candidate.ids) + 1),
        }
        wrong = faults(question, candidate.text, insults=around.insults, recent=around.recent, level=around.level)
        if not candidate.complete:
            wrong = (*wrong, "unfinished")
        found.append(replace(candidate, evidence=evidence, faults=wrong, score=_score(evidence, wrong, weights)))
    found.sort(key=lambda c: (-c.score, c.text))
    if limit is None or len(found) <= limit:
        return found
    # What the votes overlook may be what somebody said to nearly the same words.
    split = limit - limit // 4
    overlooked = sorted(found[split:], key=lambda c: (len(c.faults), -c.evidence.get("cover", 0.0), c.text))
    return [*found[:split], *overlooked[: limit - split]]


def rerank(
    candidates: Sequence[Hypothesis], likelihoods: Sequence[tuple[float, float]], weights: Weights
) -> list[Hypothesis]:
    """Short-listed candidates with the model's (log P(reply | question), log P(reply)) counted too, best first."""
    ranked = []
    for candidate, (given, blank) in zip(candidates, likelihoods, strict=True):
        size = len(candidate.ids) + 1
        evidence = {**candidate.evidence, "likelihood": given / size, "information": (given - blank) / size}
        score = _score(evidence, candidate.faults, weights)
        ranked.append(replace(candidate, log_probability=given, blank=blank, evidence=evidence, score=score))
    return sorted(ranked, key=lambda c: (-c.score, c.text))


def _score(evidence: Mapping[str, float], wrong: Sequence[str], weights: Weights) -> float:
    return (
        weights.consensus * evidence["consensus"]
        + weights.people * evidence["people"]
        + weights.likelihood * evidence.get("likelihood", 0.0)
        + weights.information * evidence.get("information", 0.0)
        - weights.stock * evidence["stock"]
        + weights.length * evidence["length"]
        - FAULT * len(wrong)
    )
