"""Teach the responder. In: pairs and dialogues. Out: a `Generator` and how it went. Knows no files but a start to go
on from, and no dialogue."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from chatbot.errors import TrainingError
from chatbot.neural.device import pick_device, seed_everything
from chatbot.neural.parallel import in_parallel, processes_for
from chatbot.seq2seq.codec import SYMBOLS, Codec
from chatbot.seq2seq.data import Example, examples_of, split_by_answer
from chatbot.seq2seq.generator import Generator, Knowledge, SearchSettings
from chatbot.seq2seq.learn import Epoch, Plan, Progress, learn, perplexity
from chatbot.seq2seq.measure import assess, corpus_hash, stock_replies
from chatbot.seq2seq.model import Seq2Seq, Shape
from chatbot.text.subwords import Subwords
from chatbot.types import ChatPair, Dialogue

# The share of the learning rate with which a trained model goes on.
FURTHER_RATE = 0.33


@dataclass(frozen=True, slots=True)
class ResponderReport:
    """How the training went. `best` is the epoch whose weights were kept; figures are those of the held-out pairs."""

    epochs: tuple[Epoch, ...]
    best: int
    perplexity: float
    chrf: float
    distinct_2: float
    threshold: float
    taught: int
    held_out: int
    weights: int
    tokens_per_second: float
    seconds: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def train_responder(
    pairs: Sequence[ChatPair],
    *,
    held_out: Sequence[ChatPair] | None = None,
    dialogues: Sequence[Dialogue] = (),
    cell: str = "gru",
    attention: str = "multiplicative",
    embedding_size: int = 192,
    hidden_size: int = 320,
    vocab_size: int = 3000,
    dropout: float = 0.3,
    input_feeding: bool = False,
    coverage: bool = False,
    history_turns: int = 0,
    style_tokens: bool = True,
    epochs: int = 10,
    batch_size: int = 64,
    learning_rate: float = 3e-3,
    warm_up: int = 200,
    weight_decay: float = 0.01,
    label_smoothing: float = 0.1,
    scheduled_sampling: float = 0.0,
    word_dropout: float = 0.1,
    blank: float = 0.05,
    augment: bool = True,
    patience: int = 2,
    keep: str = "best",
    held_out_share: float = 0.05,
    max_target: int = 40,
    settings: SearchSettings | None = None,
    seed: int = 13,
    device: str = "auto",
    start_from: Path | None = None,
    further_epochs: int = 4,
    compile_model: bool = False,
    processes: int | None = None,
    progress: Progress | None = None,
) -> tuple[Generator, ResponderReport]:
    """Train from scratch, or go on from the checkpoint `start_from`.

    Parameters
    ----------
    held_out
        pairs that stop the training and calibrate the score; by default `held_out_share` of `pairs`, whole groups of
        pairs with one answer, the same ones whenever training goes on with the same seed.
    vocab_size
        subwords at most; ignored with `start_from`, as are all sizes: the checkpoint's hold.
    warm_up
        optimizer steps of linear rise; a linear fall to a fiftieth follows.
    scheduled_sampling
        the share of target words that the model's own guesses replace by the last epoch (Bengio et al. 2015), guessed
        for all places at once (Mihaylova and Martins 2019, section 3).
    word_dropout, blank
        see `data.batches`.
    augment
        see `data.reworded`.
    keep
        "best" keeps the epoch with the lowest held-out perplexity and stops after `patience` worse ones; "last" runs
        all epochs: replies read better from a model that knows its pairs well than its perplexity says.
    further_epochs
        epochs at most when going on from a checkpoint; the learning rate is then a third.
    compile_model
        torch.compile, worth its minute of compiling on a GPU only.
    processes
        that share every batch: by default one for each GPU.
    progress
        called with (step, steps, message) after every epoch and about every second between.

    Raises
    ------
    TrainingError
        when there are too few pairs, or the loss stops being a number.
    """
    started = time.monotonic()
    seed_everything(seed)
    place = pick_device(device)
    base = Generator.load(start_from, "cpu") if start_from is not None else None
    if base is not None:
        history_turns, style_tokens = base.codec.history_turns, base.codec.style_tokens

    examples = examples_of(pairs, dialogues, history_turns)
    if held_out is None:
        taught, kept_out = split_by_answer(examples, held_out_share, seed)
    else:
        taught, kept_out = examples, examples_of(held_out, (), history_turns)
    if len(taught) < 2:
        raise TrainingError(f"responder: {len(taught)} pairs to learn from, at least 2 are needed; add to corpus/chat")

    if base is not None:
        codec, model = base.codec, base.model
        model.dropout.p = model.decoder.dropout.p = model.embedding.dropout.p = dropout
        # Small steps and few: what was learnt before is to stay. The best epoch is kept all the same.
        epochs, learning_rate = min(epochs, further_epochs), learning_rate * FURTHER_RATE
    else:
        lines = [line for e in taught for line in (e.question, e.answer)]
        codec = Codec(
            Subwords.train(lines, vocab_size, seed, SYMBOLS), history_turns, style_tokens, max_target=max_target
        )
        shape = Shape(len(codec.subwords), embedding_size, hidden_size, cell, attention, input_feeding, coverage)
        model = Seq2Seq(shape, dropout)
    plan = Plan(
        epochs, batch_size, learning_rate, warm_up, weight_decay, label_smoothing, scheduled_sampling, word_dropout,
        blank, augment, patience, keep, seed, compile_model,
    )  # fmt: skip
    learnt = in_parallel(
        learn,
        (model, codec, taught, kept_out, plan, place),
        {"progress": progress},
        processes_for(place) if processes is None else processes,
        cpu=place.type == "cpu",
    )

    trained = {
        "pairs": len(taught),
        "corpus": corpus_hash(taught),
        "seed": seed,
        "epochs": learnt.best,
        "perplexity": round(perplexity(learnt.loss), 3),
        "continued": base is not None,
    }
    knowledge = base.knowledge if base is not None else Knowledge()
    generator, quality, variety = finish(
        Generator(model, codec, replace(knowledge, trained=trained)), taught, kept_out, settings, seed
    )
    calibration = generator.knowledge.calibration
    report = ResponderReport(
        epochs=learnt.epochs,
        best=learnt.best,
        perplexity=perplexity(learnt.loss),
        chrf=quality,
        distinct_2=variety,
        threshold=calibration.threshold,
        taught=len(taught),
        held_out=len(kept_out),
        weights=sum(p.numel() for p in model.parameters()),
        tokens_per_second=max(epoch.tokens_per_second for epoch in learnt.epochs),
        seconds=time.monotonic() - started,
    )
    return generator, report


def finish(
    generator: Generator,
    taught: Sequence[Example],
    held_out: Sequence[Example],
    settings: SearchSettings | None = None,
    seed: int = 13,
) -> tuple[Generator, float, float]:
    """Give trained weights what they need to speak: stock replies, memory and a calibration on `held_out`.

    What `generator` knew before is kept. Returns (generator, chrF, distinct-2) of the held-out replies.
    """
    before = generator.knowledge
    stock = stock_replies(taught, before.stock)
    hidden = {(e.question, e.answer) for e in held_out}  # an earlier training may have ended with them in the memory
    # What was held out has done its work in the end: from then on it may be remembered too.
    whole = before.memory.joined([(e.question, e.answer) for e in (*taught, *held_out)])
    memory = whole.without(hidden)
    speaking = Generator(generator.model, generator.codec, replace(before, stock=stock, memory=memory))
    calibration, quality, variety = assess(speaking, held_out, settings or SearchSettings(), seed, before.calibration)
    trained = {**before.trained, "chrf": round(quality, 2)}
    return Generator(speaking.model, speaking.codec, Knowledge(stock, calibration, trained, whole)), quality, variety
