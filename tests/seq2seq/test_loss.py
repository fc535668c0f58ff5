"""The loss that never stores log probabilities is the ordinary one, and so are its gradients."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from chatbot.seq2seq import loss
from chatbot.seq2seq.loss import smoothed_loss


def _losses(smoothing: float) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Loss and gradients as torch computes them, and as we do."""
    torch.manual_seed(13)
    vectors, table, bias = (torch.randn(*size, requires_grad=True) for size in ((40, 24), (300, 24), (300,)))
    wanted = torch.randint(0, 300, (40,))
    usual = functional.cross_entropy(functional.linear(vectors, table, bias), wanted, label_smoothing=smoothing)
    own = smoothed_loss(vectors, table, bias, wanted, smoothing)
    both = [[one, *torch.autograd.grad(3 * one, (vectors, table, bias))] for one in (usual, own)]
    return both[0], both[1]


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_loss_and_gradients_are_those_of_cross_entropy(monkeypatch: pytest.MonkeyPatch, smoothing: float) -> None:
    monkeypatch.setattr(loss, "_quick", lambda: torch.float32)
    for usual, own in zip(*_losses(smoothing), strict=True):
        torch.testing.assert_close(own, usual, rtol=1e-4, atol=1e-5)


def test_half_precision_keeps_the_gradients_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss, "_quick", lambda: torch.bfloat16)
    usual, own = _losses(0.1)
    assert own[0].item() == pytest.approx(usual[0].item(), rel=0.01)
    for wanted, found in zip(usual[1:], own[1:], strict=True):
        assert functional.cosine_similarity(wanted.flatten(), found.flatten(), dim=0) > 0.999
