"""Write the target one subword after another. In: subwords, a state, a memory. Out: states for the output table.

Without input feeding and coverage no step depends on the attention of the one before: the recurrent layer then runs
over the whole target in one fused call and attention looks from every step at once, several times faster than a loop.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from chatbot.seq2seq.attention import Memory, attention
from chatbot.seq2seq.encoder import recurrent


@dataclass(frozen=True, slots=True)
class DecoderState:
    """What one step hands to the next: `hidden` [B, H], the LSTM's `cell` [B, H], the last attentional vector `feed`
    [B, H] and the attention paid so far to each place, `coverage` [B, S]."""

    hidden: Tensor
    cell: Tensor | None
    feed: Tensor
    coverage: Tensor

    def pick(self, rows: Tensor) -> DecoderState:
        """The states of `rows` (indices into B), in that order."""
        cell = None if self.cell is None else self.cell[rows]
        return DecoderState(self.hidden[rows], cell, self.feed[rows], self.coverage[rows])


class Decoder(nn.Module):
    """Recurrent decoder with attention after the recurrent step (Luong et al. 2015, section 3).

    h~_t = tanh(W [c_t; s_t; b]) (eq. 5, with b the question as a bag); with input feeding h~_{t-1} stands beside the
    next input (section 3.3); with coverage the attention sees the sum of its past weights (See et al. 2017, eq. 10
    and 11).
    """

    def __init__(
        self,
        cell: str,
        kind: str,
        embedding_size: int,
        memory_size: int,
        hidden_size: int,
        *,
        dropout: float,
        input_feeding: bool,
        coverage: bool,
    ) -> None:
        super().__init__()
        self.input_feeding = input_feeding
        self.coverage = coverage
        self.bridge = nn.Linear(memory_size + hidden_size, hidden_size)
        self.cell_bridge = nn.Linear(memory_size + hidden_size, hidden_size) if cell == "lstm" else None
        fed = hidden_size if input_feeding else 0
        self.rnn = recurrent(cell, embedding_size + fed, hidden_size)
        self.attention = attention(kind, hidden_size, memory_size, hidden_size)
        self.combine = nn.Linear(memory_size + 2 * hidden_size, hidden_size)
        self.output = nn.Linear(hidden_size, embedding_size)
        self.lexical = nn.Linear(embedding_size, embedding_size)
        self.lexical_output = nn.Linear(embedding_size, embedding_size, bias=False)
        self.dropout = nn.Dropout(dropout)

    def start(self, final: Tensor, memory: Memory) -> DecoderState:
        """The state before the first subword, from both final directions of the encoder [B, 2H]."""
        final = torch.cat([final, memory.bag], dim=-1)  # [B, 3H]
        hidden = torch.tanh(self.bridge(final))  # [B, H]
        cell = None if self.cell_bridge is None else self.cell_bridge(final)  # [B, H]
        coverage = memory.values.new_zeros(memory.mask.shape)  # [B, S]
        return DecoderState(hidden, cell, torch.zeros_like(hidden), coverage)

    def forward(
        self, vectors: Tensor, state: DecoderState, memory: Memory
    ) -> tuple[Tensor, Tensor, DecoderState, Tensor]:
        """Run over the target vectors [B, T, E] from `state`.

        Returns
        -------
        outputs [B, T, E], attention weights [B, T, S], the state after the last step, and the coverage loss: the mean
        over rows of sum_j min(a_tj, c_tj) (See et al. 2017, eq. 12), zero without coverage.
        """
        if not (self.input_feeding or self.coverage):
            return self._run(vectors, state, memory)
        outputs, weights, losses = [], [], []
        for step in torch.split(vectors, 1, dim=1):
            before = state.coverage
            output, weight, state, _ = self._run(step, state, memory)
            losses.append(torch.minimum(weight.squeeze(1), before).sum(-1).mean())
            outputs.append(output)
            weights.append(weight)
        loss = torch.stack(losses).mean() if self.coverage else vectors.new_zeros(())
        return torch.cat(outputs, dim=1), torch.cat(weights, dim=1), state, loss

    def _run(
        self, vectors: Tensor, state: DecoderState, memory: Memory
    ) -> tuple[Tensor, Tensor, DecoderState, Tensor]:
        if self.input_feeding:
            vectors = torch.cat([vectors, state.feed.unsqueeze(1)], dim=-1)  # [B, 1, E + H]
        hidden = state.hidden.unsqueeze(0)  # [1, B, H]
        cell = None
        if state.cell is None:
            states, hidden = self.rnn(vectors, hidden)  # [B, T, H]
        else:
            states, (hidden, cell) = self.rnn(vectors, (hidden, state.cell.unsqueeze(0)))
        context, weights = self.attention(states, memory, state.coverage if self.coverage else None)
        bag = memory.bag.unsqueeze(1).expand_as(states)  # [B, T, H]
        attended = torch.tanh(self.combine(torch.cat([context, states, bag], dim=-1)))  # [B, T, H]
        after = DecoderState(
            hidden.squeeze(0),
            None if cell is None else cell.squeeze(0),
            attended[:, -1],
            state.coverage + weights.sum(1),
        )
        outputs = self.output(self.dropout(attended)) + self._words_seen(weights, memory)  # [B, T, E]
        return outputs, weights, after, vectors.new_zeros(())

    def _words_seen(self, weights: Tensor, memory: Memory) -> Tensor:
        """What the attended source subwords themselves say about the next one (Nguyen and Chiang 2018, "Improving
        Lexical Choice in Neural Machine Translation", eq. 4 to 6): a short way from a word of the question to a word
        of the reply, which a small corpus cannot teach through the recurrent states."""
        seen = torch.tanh(weights @ memory.words)  # [B, T, E]
        out: Tensor = self.lexical_output(self.dropout(torch.tanh(self.lexical(seen)) + seen))
        return out
