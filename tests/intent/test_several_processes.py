"""The intent network taught by two processes at once learns what one process learns."""

from __future__ import annotations

import numpy as np
import torch

from chatbot.intent.network import IntentNetwork, Schedule, score_rows, train_network
from chatbot.neural.device import seed_everything
from chatbot.neural.encoder import EncoderNetwork, EncoderShape
from chatbot.neural.views import Views

CPU = torch.device("cpu")


def test_two_processes_teach_one_network(examples: list[tuple[str, str]], validation: list[tuple[str, str]]) -> None:
    labels = sorted({label for _, label in examples})
    rows, held = ([(text, labels.index(label)) for text, label in part] for part in (examples, validation))
    views = Views.of([text for text, _ in rows])
    seed_everything(7)
    shape = EncoderShape(views.table_size, embedding_size=17, hidden_size=13, output_size=19)
    network = IntentNetwork(EncoderNetwork(shape), len(labels))
    told: list[int] = []
    trained, curves = train_network(
        network,
        views,
        rows,
        held,
        Schedule(epochs=5, batch_size=11),
        device=CPU,
        seed=7,
        progress=lambda epoch, epochs, what: told.append(epoch),
        processes=2,
    )
    assert told == [curve.epoch for curve in curves] == list(range(1, len(curves) + 1))
    assert curves[-1].loss < 0.8 * curves[0].loss
    logits = score_rows(trained, views.read([text for text, _ in held]), CPU).logits
    assert np.mean(logits.argmax(axis=1) == [label for _, label in held]) > 0.8
