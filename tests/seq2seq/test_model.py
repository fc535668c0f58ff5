"""The network alone, with sizes that are small unequal primes, so that swapped axes fail loudly."""

from __future__ import annotations

import itertools

import pytest
import torch

from chatbot.seq2seq.attention import Memory, attention
from chatbot.seq2seq.encoder import BiEncoder
from chatbot.seq2seq.model import Seq2Seq, Shape

B, S, T, E, H, V = 3, 7, 5, 11, 13, 29
LENGTHS = torch.tensor([7, 2, 4])
CHOICES = list(itertools.product(("gru", "lstm"), ("additive", "multiplicative"), (False, True), (False, True)))


def build(cell: str = "gru", kind: str = "additive", feeding: bool = False, coverage: bool = False) -> Seq2Seq:
    torch.manual_seed(5)
    return Seq2Seq(Shape(V, E, H, cell, kind, feeding, coverage), dropout=0.3).eval()


def source() -> torch.Tensor:
    torch.manual_seed(7)
    ids = torch.randint(4, V, (B, S))
    return ids.masked_fill(torch.arange(S) >= LENGTHS.unsqueeze(1), 0)


@pytest.mark.parametrize(("cell", "kind", "feeding", "coverage"), CHOICES)
def test_padded_batch_equals_one_at_a_time(cell: str, kind: str, feeding: bool, coverage: bool) -> None:
    model, ids = build(cell, kind, feeding, coverage), source()
    target = torch.randint(4, V, (B, T))
    together, _ = model(ids, LENGTHS, target)
    assert together.shape == (B, T, V)
    for row, length in enumerate(LENGTHS.tolist()):
        alone, _ = model(ids[row : row + 1, :length], LENGTHS[row : row + 1], target[row : row + 1])
        torch.testing.assert_close(together[row], alone[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("cell", "kind", "feeding", "coverage"), CHOICES)
def test_step_by_step_equals_teacher_forcing(cell: str, kind: str, feeding: bool, coverage: bool) -> None:
    model, ids = build(cell, kind, feeding, coverage), source()
    target = torch.randint(4, V, (B, T))
    whole, _ = model(ids, LENGTHS, target)
    memory, state = model.encode(ids, LENGTHS)
    for t in range(T):
        logits, weights, state, _ = model.decode(target[:, t : t + 1], state, memory)
        torch.testing.assert_close(whole[:, t], logits[:, 0], rtol=1e-4, atol=1e-5)
        assert weights.shape == (B, 1, S)


def test_eval_is_deterministic_and_dropout_is_on_in_training() -> None:
    model, ids = build(), source()
    target = torch.randint(4, V, (B, T))
    assert torch.equal(model(ids, LENGTHS, target)[0], model(ids, LENGTHS, target)[0])
    model.train()
    assert not torch.equal(model(ids, LENGTHS, target)[0], model(ids, LENGTHS, target)[0])


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_encoder_uses_both_final_directions_and_starts_from_zero(cell: str) -> None:
    torch.manual_seed(3)
    encoder = BiEncoder(cell, E, H).eval()
    vectors = torch.randn(B, S, E)
    memory, final = encoder(vectors, LENGTHS)
    assert memory.shape == (B, S, 2 * H)
    for row, length in enumerate(LENGTHS.tolist()):
        # The forward direction ends at the last word, the backward one at the first.
        torch.testing.assert_close(final[row, :H], memory[row, length - 1, :H])
        torch.testing.assert_close(final[row, H:], memory[row, 0, H:])
        ahead, _ = encoder.forwards(vectors[row : row + 1, :length])
        behind, _ = encoder.backwards(vectors[row : row + 1, :length].flip(1))
        torch.testing.assert_close(memory[row, :length, :H], ahead[0])
        torch.testing.assert_close(memory[row, :length, H:], behind[0].flip(0))
        assert not memory[row, length:].any()


@pytest.mark.parametrize("kind", ["additive", "multiplicative"])
def test_attention_weights_sum_to_one_and_never_touch_padding(kind: str) -> None:
    torch.manual_seed(2)
    layer = attention(kind, H, 2 * H, 17)
    values = torch.randn(B, S, 2 * H)
    mask = torch.arange(S) < LENGTHS.unsqueeze(1)
    contexts, weights = layer(
        torch.randn(B, T, H), Memory(values, layer.keys(values), torch.randn(B, S, E), torch.randn(B, H), mask)
    )
    assert contexts.shape == (B, T, 2 * H)
    torch.testing.assert_close(weights.sum(-1), torch.ones(B, T))
    assert (weights[~mask.unsqueeze(1).expand(-1, T, -1)] == 0).all()


def test_coverage_loss_is_what_was_looked_at_twice() -> None:
    model, ids = build(coverage=True), source()
    _, loss = model(ids, LENGTHS, torch.randint(4, V, (B, T)))
    memory, state = model.encode(ids, LENGTHS)
    assert loss.item() > 0
    first = model.decode(torch.randint(4, V, (B, 1)), state, memory)
    assert first[3].item() == 0.0  # nothing was covered before the first word


def test_one_table_serves_source_target_and_output() -> None:
    model = build()
    tables = [name for name, p in model.named_parameters() if V in p.shape and p.dim() == 2]
    assert tables == ["embedding.table.weight"]


@pytest.mark.parametrize(("cell", "kind"), [("rnn", "additive"), ("gru", "dot")])
def test_unknown_names_list_the_choices(cell: str, kind: str) -> None:
    with pytest.raises(ValueError, match="allowed: "):
        build(cell, kind)
