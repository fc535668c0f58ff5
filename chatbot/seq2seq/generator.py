"""A trained responder: text in, ranked replies out, on disk and back. Knows no dialogue and no other responder."""

from __future__ import annotations

import json
import math
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from chatbot.errors import CheckpointError
from chatbot.neural import checkpoint
from chatbot.neural.device import pick_device
from chatbot.seq2seq import search
from chatbot.seq2seq.calibrate import UNKNOWN, Calibration
from chatbot.seq2seq.codec import SYMBOLS, Codec
from chatbot.seq2seq.data import Example, encode, pad_rows
from chatbot.seq2seq.forcing import log_probabilities
from chatbot.seq2seq.model import Seq2Seq, Shape
from chatbot.seq2seq.neighbours import Hint, Neighbours, Voice
from chatbot.seq2seq.optimise import mean_loss
from chatbot.seq2seq.rerank import Circumstances, Hypothesis, Weights, rerank, shortlist
from chatbot.seq2seq.search import Limits
from chatbot.seq2seq.search import Path as Ids
from chatbot.seq2seq.steps import Search, together
from chatbot.text.subwords import Subwords
from chatbot.types import SpeechLevel

FORMAT = 3
# Sampled replies end here or do not count: the rare long ones would cost more steps than all others together.
LONGEST_VOICE = 24
# Answers to the likest questions that stand as candidates, and candidates that the model itself is asked about.
REMEMBERED, SHORTLIST = 40, 8
STRATEGIES = ("beam", "greedy", "sample")
# Of the time that is left: the search may take this share, scoring the short list gets the rest.
SEARCHING = 0.7


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How replies are looked for. `votes` sampled replies stand as candidates and vote (rerank.py); 0 leaves the
    beam alone. `trust` is the share of each next subword that answers to like questions decide (neighbours.py).
    `seconds` bounds one call of `Generator.reply`, waiting for other calls included: what is not scored by then is not
    proposed. Only a step that has begun is ended: one subword of the search, or one batch of candidates."""

    strategy: str = "beam"
    beam_size: int = 3
    min_length: int = 2
    max_length: int = 40
    length_penalty: float = 0.7
    block_ngram: int = 3
    temperature: float = 0.7
    top_p: float = 1.0
    votes: int = 24
    trust: float = 0.75
    seconds: float | None = None
    seed: int = 13
    weights: Weights = field(default_factory=Weights)

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise ValueError(f"strategy {self.strategy!r} is unknown (allowed: {', '.join(STRATEGIES)})")


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the training left behind beside the weights: replies that are said often, the calibration, how it went, and
    the pairs that were taught, as far as they may be remembered."""

    stock: Mapping[str, int] = field(default_factory=dict)
    calibration: Calibration = UNKNOWN
    trained: Mapping[str, Any] = field(default_factory=dict)
    memory: Neighbours = field(default_factory=lambda: Neighbours(()))


class Generator:
    """Make one with `train_responder` or `Generator.load`. Safe to call from several threads."""

    def __init__(self, model: Seq2Seq, codec: Codec, knowledge: Knowledge | None = None) -> None:
        self.model = model.eval()
        self.codec = codec
        self.knowledge = knowledge or Knowledge()
        self._lock = threading.Lock()

    @property
    def threshold(self) -> float:
        """The calibrated probability from which on a reply is worth saying."""
        return self.knowledge.calibration.threshold

    def reply(
        self,
        texts: Sequence[str],
        histories: Sequence[Sequence[tuple[str, str]]] | None = None,
        *,
        settings: SearchSettings | None = None,
        level: SpeechLevel = SpeechLevel.HAEYO,
        feelings: Sequence[str | None] | None = None,
        insults: Callable[[str], bool] | None = None,
        recent: Sequence[str] = (),
        n_best: int = 5,
    ) -> list[list[Hypothesis]]:
        """Up to `n_best` replies to each text, best first, all texts in one batch.

        Parameters
        ----------
        histories
            the turns before each text, oldest first, as (user, bot); used as far as the model was taught to.
        feelings
            what each text sounds like ("happy", "sad", "angry", "love", "laugh" or nothing); heard in it by default.
        insults, recent
            see `rules.faults`.
        """
        if not texts:
            return []
        chosen = settings or SearchSettings()
        deadline = math.inf if chosen.seconds is None else time.monotonic() + chosen.seconds
        past = histories or [()] * len(texts)
        felt = feelings or [None] * len(texts)
        rows = [self.codec.source(t, h, level, f) for t, h, f in zip(texts, past, felt, strict=True)]
        people = self.knowledge.memory.voices(texts)
        around = Circumstances(self.knowledge.stock, self.knowledge.memory.pieces, level, insults, recent)
        limits = Limits(
            chosen.min_length, chosen.max_length, chosen.block_ngram, None, self.codec.banned, chosen.trust
        )
        with self._turn(deadline) as mine, torch.inference_mode():
            if not mine:
                return [[] for _ in texts]
            left = None if chosen.seconds is None else max(deadline - time.monotonic(), 0.0) * SEARCHING
            found, voices = self._search(rows, chosen, replace(limits, seconds=left), people)
            short = []
            for text, paths, spoken, heard in zip(texts, found, voices, people, strict=True):
                candidates = [Hypothesis(self.codec.text(p.ids), p.ids, p.log_probability, p.complete) for p in paths]
                if chosen.strategy != "greedy":
                    candidates += self._remembered(heard, limits)
                said = [self.codec.text(p.ids) for p in spoken]
                short.append(shortlist(text, candidates, said, heard, chosen.weights, around, SHORTLIST))
            likelihoods = self._likelihoods(rows, short, level, deadline)
        calibration = self.knowledge.calibration
        replies = []
        for listed, known in zip(short, likelihoods, strict=True):
            scored = [(h, both) for h, both in zip(listed, known, strict=True) if not math.isnan(sum(both))]
            ranked = rerank([h for h, _ in scored], [both for _, both in scored], chosen.weights)
            replies.append([replace(h, probability=calibration.probability(h.evidence)) for h in ranked[:n_best]])
        return replies

    @contextmanager
    def _turn(self, deadline: float) -> Iterator[bool]:
        """One call at a time; gives False where the deadline passes before its turn has come."""
        wait = -1 if deadline == math.inf else max(deadline - time.monotonic(), 0.0)
        mine = self._lock.acquire(timeout=wait)
        try:
            yield mine
        finally:
            if mine:
                self._lock.release()

    def _remembered(self, people: Sequence[Voice], limits: Limits) -> list[Hypothesis]:
        """What people answered to the likest questions, as candidates in their own words, under the limits of those
        that the search makes."""
        answers = list(dict.fromkeys(voice.answer for voice in people))[:REMEMBERED]
        # A share of minus infinity: where the search found the same reply, its own stands.
        known = [Hypothesis(a, tuple(self.codec.target(a)[1:-1]), -math.inf) for a in answers]
        return [hypothesis for hypothesis in known if limits.allow(hypothesis.ids)]

    def evidence(
        self, question: str, replies: Sequence[str], people: Sequence[Voice], settings: SearchSettings | None = None
    ) -> list[Mapping[str, float]]:
        """The evidence for given replies to a question, without a search, if `people` are what is remembered."""
        weights = (settings or SearchSettings()).weights
        around = Circumstances(self.knowledge.stock, self.knowledge.memory.pieces)
        given = [Hypothesis(r, tuple(self.codec.target(r)[1:-1]), 0.0) for r in replies]
        short = shortlist(question, given, (), people, weights, around)
        with self._lock, torch.inference_mode():
            known = self._likelihoods([self.codec.source(question)], [short], SpeechLevel.HAEYO)[0]
        found = {h.text: h.evidence for h in rerank(short, known, weights)}
        return [found[reply] for reply in replies]

    def _search(
        self,
        rows: Sequence[Sequence[int]],
        chosen: SearchSettings,
        limits: Limits,
        people: Sequence[Sequence[Voice]],
    ) -> tuple[list[list[Ids]], list[list[Ids]]]:
        """(candidates, voices) of each row; `people` say how others answered its like."""
        source, lengths = (t.to(self.model.device) for t in pad_rows(rows))
        hints = [
            Hint([(self.codec.target(voice.answer)[1:-1], voice.weight) for voice in voices]) for voices in people
        ]
        count = chosen.votes or (chosen.beam_size if chosen.strategy == "sample" else 0)
        if chosen.strategy == "greedy":
            likeliest = together(self.model, source, lengths, [search.greedy(len(rows), limits, hints)])[0]
            return [[path] for path in likeliest], [[] for _ in rows]
        nothing: list[list[Ids]] = [[] for _ in rows]
        found: list[Search[list[list[Ids]]]] = []
        if chosen.strategy == "beam":
            size, alpha = chosen.beam_size, chosen.length_penalty
            found.append(search.beam(len(rows), limits, size=size, alpha=alpha, hints=hints))
        if count:
            short = replace(limits, max_length=min(limits.max_length, LONGEST_VOICE))
            voice = search.sample(
                len(rows),
                short,
                n=count,
                temperature=chosen.temperature,
                top_p=chosen.top_p,
                seed=chosen.seed,
                hints=hints,
            )
            found.append(voice)
        paths = together(self.model, source, lengths, found)
        said = [[path for path in row if path.complete] for row in paths[-1]] if count else nothing
        best = paths[0] if chosen.strategy == "beam" else nothing
        return [[*first, *spoken] for first, spoken in zip(best, said, strict=True)], said

    def _likelihoods(
        self,
        rows: Sequence[Sequence[int]],
        short: Sequence[Sequence[Hypothesis]],
        level: SpeechLevel,
        deadline: float = math.inf,
    ) -> list[list[tuple[float, float]]]:
        """(log P(reply | question), log P(reply)) of every candidate; not a number for what the deadline cut off. For
        the second the question is hidden, as training hid it now and then (data.py)."""
        targets = [h.ids for listed in short for h in listed]
        if not targets:
            return [[] for _ in short]
        source, lengths = (t.to(self.model.device) for t in pad_rows([*rows, self.codec.source("", (), level)]))
        owners = [row for row, listed in enumerate(short) for _ in listed]
        alone = list(dict.fromkeys(targets))
        whose = [*owners, *[len(rows)] * len(alone)]
        scores = log_probabilities(self.model, source, lengths, [*targets, *alone], whose, deadline)
        blank = dict(zip(alone, scores[len(targets) :], strict=True))
        both = iter([(given, blank[ids]) for given, ids in zip(scores, targets, strict=False)])
        return [[next(both) for _ in listed] for listed in short]

    def perplexity(self, rows: Sequence[tuple[str, str]], batch_size: int = 64) -> float:
        """exp of the mean negative log probability of a target subword, the end mark counted."""
        encoded = encode([Example(q, a) for q, a in rows], self.codec)
        with self._lock:
            return math.exp(mean_loss(self.model, encoded, batch_size))

    def save(self, folder: Path, *, half: bool = False) -> None:
        """Write weights, sizes, vocabulary and calibration; the folder appears whole or not at all.

        `half` stores 16-bit weights (half the size; replies hardly change).
        """
        config = {
            "kind": "seq2seq",
            "format": FORMAT,
            "shape": self.model.shape.as_json(),
            "codec": {
                "history_turns": self.codec.history_turns,
                "style_tokens": self.codec.style_tokens,
                "max_source": self.codec.max_source,
                "max_target": self.codec.max_target,
            },
            "subwords": self.codec.subwords.fingerprint,
            "calibration": asdict(self.knowledge.calibration),
            "trained": dict(self.knowledge.trained),
        }
        with tempfile.TemporaryDirectory() as scratch:
            self.codec.subwords.save(Path(scratch))
            files: dict[str, bytes | str] = {p.name: p.read_bytes() for p in sorted(Path(scratch).iterdir())}
        files["stock.json"] = json.dumps(dict(self.knowledge.stock), ensure_ascii=False, indent=0)
        files.update(self.knowledge.memory.as_files())
        tensors = {name: tensor.contiguous() for name, tensor in self.model.state_dict().items()}
        checkpoint.save(folder, tensors, config, files, half=half)

    @classmethod
    def load(cls, folder: Path, device: str = "auto") -> Generator:
        """Read what `save` wrote.

        Raises
        ------
        CheckpointError
            when the folder is missing, truncated, of another kind or format, or its parts do not agree.
        """
        tensors, config = checkpoint.load(folder)
        remedy = "run: chatbot train responder"
        if config.get("kind") != "seq2seq" or config.get("format") != FORMAT:
            raise CheckpointError(f"{folder}: not a seq2seq responder of format {FORMAT}; {remedy}")
        subwords = Subwords.load(folder)
        try:
            shape = Shape(**config["shape"])
            codec = Codec(subwords, **config["codec"])
            calibration = Calibration(**config["calibration"])
            stock = json.loads((folder / "stock.json").read_text(encoding="utf-8"))
            memory = Neighbours.from_folder(folder)
            model = Seq2Seq(shape)
            model.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
        except (KeyError, TypeError, ValueError, OSError, RuntimeError) as error:
            raise CheckpointError(f"{folder}: its parts do not agree ({error}); {remedy}") from error
        if shape.vocab_size != len(subwords) or config["subwords"] != subwords.fingerprint:
            raise CheckpointError(f"{folder}/subwords.model: not the vocabulary of these weights; {remedy}")
        if tuple(subwords.symbols) != SYMBOLS:
            raise CheckpointError(f"{folder}/subwords.json: control symbols differ from this version's; {remedy}")
        knowledge = Knowledge(stock, calibration, config.get("trained", {}), memory)
        return cls(model.to(pick_device(device)), codec, knowledge)
