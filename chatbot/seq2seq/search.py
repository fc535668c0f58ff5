"""Find good replies: greedy, sampling, batched beam. In: scores of what may come next. Out: paths of subword ids.

Every search ends: at `max_length` subwords, and at the deadline if there is one. Knows no text, no model (steps.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from chatbot.seq2seq.steps import Search, Step

PAD, UNK, BOS, EOS = 0, 1, 2, 3


class Hints(Protocol):
    """Somebody else's shares of the next id after a prefix, summing to one; empty where it has none."""

    def after(self, prefix: Sequence[int]) -> Mapping[int, float]: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What a path may be. Lengths count subwords without the end mark; `seconds` is wall time for one whole call.

    `banned` are ids that never stand in a reply (control symbols); `block_ngram` n forbids any n-gram twice, 0 allows.
    `trust` in [0, 1) is the share of the next subword that hints decide, where there are hints.
    """

    min_length: int = 1
    max_length: int = 40
    block_ngram: int = 3
    seconds: float | None = None
    banned: tuple[int, ...] = (PAD, UNK, BOS)
    trust: float = 0.0

    def deadline(self) -> float:
        return float("inf") if self.seconds is None else time.monotonic() + self.seconds

    def allow(self, ids: Sequence[int]) -> bool:
        """Whether a search under these limits could have made this path."""
        if not self.min_length <= len(ids) <= self.max_length or not set(ids).isdisjoint(self.banned):
            return False
        size = self.block_ngram
        grams = [tuple(ids[at : at + size]) for at in range(len(ids) - size + 1)] if size > 0 else []
        return len(grams) == len(set(grams))


@dataclass(frozen=True, slots=True)
class Path:
    """One sequence without bos and eos, the sum of its log probabilities (eos counted when `complete`)."""

    ids: tuple[int, ...]
    log_probability: float
    complete: bool

    def normalised(self, alpha: float) -> float:
        """log P / ((5 + |Y|) / 6)^alpha (Wu et al. 2016, eq. 14)."""
        return self.log_probability / float(((5 + len(self.ids) + self.complete) / 6) ** alpha)


def greedy(rows: int, limits: Limits, hints: Sequence[Hints] = ()) -> Search[list[Path]]:
    """The likeliest subword at every step, one path for each of the source's rows."""
    return _roll(rows, limits, lambda scores, owners: scores.argmax(-1)[owners], 1, hints)


def sample(
    rows: int,
    limits: Limits,
    *,
    n: int,
    temperature: float = 1.0,
    top_p: float = 1.0,
    seed: int = 0,
    hints: Sequence[Hints] = (),
) -> Search[list[list[Path]]]:
    """`n` sampled paths for each of the source's rows; top-p keeps the smallest set of likeliest subwords whose
    probability reaches it (Holtzman et al. 2020, section 3.1). The same seed gives the same paths."""
    dice: list[torch.Generator] = []  # lies where the scores do

    def choose(scores: Tensor, owners: Tensor) -> Tensor:
        if not dice:
            dice.append(torch.Generator(device=scores.device).manual_seed(seed))
        shares = functional.softmax(scores / temperature, dim=-1)  # [U, V]
        if top_p < 1.0:
            ranked, ids = shares.sort(dim=-1, descending=True)
            ranked = ranked.masked_fill(ranked.cumsum(-1) - ranked >= top_p, 0.0)
            return ids[owners].gather(-1, _draw(ranked, owners, dice[0])).squeeze(-1)
        return _draw(shares, owners, dice[0]).squeeze(-1)

    paths = yield from _roll(rows, limits, choose, n, hints)
    return [paths[row * n : (row + 1) * n] for row in range(rows)]


def _draw(shares: Tensor, owners: Tensor, dice: torch.Generator) -> Tensor:
    """One place for each of `owners` [N] by the shares of its row [U, V]: [N, 1]. Inverts the distribution, many times
    faster than multinomial."""
    sums = shares.cumsum(-1)[owners]  # [N, V]
    shot = torch.rand(len(sums), 1, generator=dice, device=shares.device) * sums[:, -1:]
    # A shot of exactly zero must not fall on a leading place without share.
    return torch.searchsorted(sums, shot, right=True).clamp(max=shares.shape[-1] - 1)


def _roll(
    rows: int,
    limits: Limits,
    choose: Callable[[Tensor, Tensor], Tensor],
    copies: int,
    hints: Sequence[Hints],
) -> Search[list[Path]]:
    """Extend every row by what `choose` picks for it: (scores [U, V], the row of scores of each path [N]) -> [N].

    Paths of one source that said the same so far share a row of the batch: at the start all of them, later those that
    the dice did not part yet, which is a third or more of a sharp model's samples. Paths that ended leave the batch.
    """
    deadline = limits.deadline()
    prefixes: list[list[int]] = [[] for _ in range(rows * copies)]
    sums = [0.0] * len(prefixes)
    ended = [False] * len(prefixes)
    alive = list(range(len(prefixes)))
    owners = [path // copies for path in alive]  # the row of each path that is alive
    heads = list(range(0, len(prefixes), copies))  # one path of each row
    step = Step(range(rows), [BOS] * rows)
    for _ in range(limits.max_length + 1):
        scores = yield step
        told = [hints[path // copies] for path in heads] if hints else ()
        scores = _weighed(scores, [prefixes[path] for path in heads], limits, told)
        picked = choose(scores, torch.tensor(owners, device=scores.device))  # [N]
        gained = scores[owners, picked].tolist()
        grown: dict[tuple[int, int], int] = {}
        going, parents, heads = [], [], []
        for path, row, word, gain in zip(alive, owners, picked.tolist(), gained, strict=True):
            sums[path] += gain
            if word == EOS:
                ended[path] = True
                continue
            prefixes[path].append(word)
            if (row, word) not in grown:
                grown[row, word] = len(grown)
                parents.append(row)
                heads.append(path)
            going.append((path, grown[row, word]))
        if not going or time.monotonic() > deadline:
            break
        alive, owners = [path for path, _ in going], [row for _, row in going]
        step = Step(parents, [prefixes[path][-1] for path in heads])
    return [Path(tuple(ids), total, end) for ids, total, end in zip(prefixes, sums, ended, strict=True)]


def beam(
    rows: int, limits: Limits, *, size: int, alpha: float = 0.7, hints: Sequence[Hints] = ()
) -> Search[list[list[Path]]]:
    """Beam search over all of the source's rows at once: up to `size` paths a row, best first by `Path.normalised`.

    A row is done when `size` of its paths have ended and none that goes on is likelier than the likeliest of them
    (a path only loses probability on its way); paths that never ended come after those that did.
    """
    deadline = limits.deadline()
    prefixes: list[list[int]] = [[] for _ in range(rows * size)]
    # Only the first beam counts at the start: all are equal then.
    sums = torch.full((rows, size), float("-inf"))
    sums[:, 0] = 0.0
    ended: list[list[Path]] = [[] for _ in range(rows)]
    rest: list[list[Path]] = [[] for _ in range(rows)]
    alive = list(range(rows))  # a row that is done leaves the batch
    step = Step([row for row in alive for _ in range(size)], [BOS] * len(prefixes))
    for _ in range(limits.max_length + 1):
        scores = yield step
        told = [hints[row] for row in alive for _ in range(size)] if hints else ()
        scores = _weighed(scores, prefixes, limits, told)
        totals = (sums.to(scores.device).view(-1, 1) + scores).view(len(alive), -1)  # [B, K * V]
        best, places = totals.topk(min(2 * size, totals.shape[1]), dim=-1)  # [B, 2K]
        parents, words = places // scores.shape[-1], places % scores.shape[-1]
        ending = [ended[row] for row in alive]
        picked, prefixes, sums = _advance(prefixes, ending, best.tolist(), parents.tolist(), words.tolist(), size)
        late = time.monotonic() > deadline
        going = [place for place, row in enumerate(alive) if not _done(ended[row], sums[place].tolist(), size)]
        for place, row in enumerate(alive):
            if late or place not in going:
                paths = zip(prefixes[place * size : (place + 1) * size], sums[place].tolist(), strict=True)
                rest[row] = [Path(tuple(ids), total, False) for ids, total in paths if total > float("-inf")]
        if late or not going:
            break
        kept = [place * size + beam for place in going for beam in range(size)]
        prefixes, sums, alive = [prefixes[k] for k in kept], sums[going], [alive[place] for place in going]
        step = Step([picked[k] for k in kept], [ids[-1] if ids else PAD for ids in prefixes])
    for row in range(rows):
        ended[row].sort(key=lambda path: -path.normalised(alpha))
        ended[row] = [*ended[row], *sorted(rest[row], key=lambda path: -path.normalised(alpha))][:size]
    return ended


def _done(ended: Sequence[Path], going: Sequence[float], size: int) -> bool:
    """Whether nothing that goes on with these sums can become the likeliest."""
    return len(ended) >= size and max(path.log_probability for path in ended) >= max(going)


def _advance(
    prefixes: list[list[int]],
    ended: list[list[Path]],
    best: list[list[float]],
    parents: list[list[int]],
    words: list[list[int]],
    size: int,
) -> tuple[list[int], list[list[int]], Tensor]:
    """Sort the 2K best extensions of each row into paths that end here and K that go on.

    Returns the parent of each going path (index into B * K), the paths, and their sums [B, K]. An end counts only
    among the first K, as in a beam that is searched one by one.
    """
    picked, chosen, sums = [], [], []
    for row, (totals, origins, ids) in enumerate(zip(best, parents, words, strict=True)):
        going: list[tuple[int, list[int], float]] = []
        full = _done(ended[row], totals[:1], size)
        for rank, (total, origin, word) in enumerate(zip(totals, origins, ids, strict=True)):
            place = row * size + origin
            if total == float("-inf") or full:
                continue
            if word == EOS:
                if rank < size:
                    ended[row].append(Path(tuple(prefixes[place]), total, True))
            elif len(going) < size:
                going.append((place, [*prefixes[place], word], total))
        # A row with fewer going paths than beams (or none) drags dead ones along, which can never win.
        going += [(row * size, [], float("-inf"))] * (size - len(going))
        picked += [place for place, _, _ in going]
        chosen += [path for _, path, _ in going]
        sums.append([total for _, _, total in going])
    return picked, chosen, torch.tensor(sums)


def _weighed(scores: Tensor, prefixes: Sequence[Sequence[int]], limits: Limits, hints: Sequence[Hints]) -> Tensor:
    """Log probabilities of the next subword [N, V], mixed with the hints, what is forbidden at minus infinity."""
    if hints:
        scores = _mixed(scores, [hint.after(ids) for hint, ids in zip(hints, prefixes, strict=True)], limits.trust)
    scores[:, list(limits.banned)] = float("-inf")
    for row, ids in enumerate(prefixes):
        if len(ids) >= limits.max_length:
            scores[row, :EOS] = float("-inf")
            scores[row, EOS + 1 :] = float("-inf")
            continue
        if len(ids) < limits.min_length:
            scores[row, EOS] = float("-inf")
        blocked = repeats(ids, limits.block_ngram)
        if blocked:
            scores[row, blocked] = float("-inf")
    return scores


def _mixed(scores: Tensor, told: Sequence[Mapping[int, float]], trust: float) -> Tensor:
    """log((1 - trust) P + trust Q), with Q what the hints told (Khandelwal et al. 2020, eq. 4); P alone without."""
    rows = [row for row, shares in enumerate(told) for _ in shares]
    if not rows:
        return scores
    places = torch.tensor([rows, [word for shares in told for word in shares]], device=scores.device)
    values = torch.tensor([share for shares in told for share in shares.values()], device=scores.device) * trust
    keep = torch.tensor([1.0 - trust if shares else 1.0 for shares in told], device=scores.device)
    mixed = scores.exp() * keep[:, None]  # [N, V]
    mixed.index_put_((places[0], places[1]), values, accumulate=True)
    return mixed.log()


def repeats(ids: Sequence[int], n: int) -> list[int]:
    """The next ids that would complete an n-gram that already stands in `ids` (Paulus et al. 2018, section 2.5)."""
    if n <= 0 or len(ids) < n:
        return []
    if n == 1:
        return sorted(set(ids))
    tail = tuple(ids[-(n - 1) :])
    return [ids[i + n - 1] for i in range(len(ids) - n + 1) if tuple(ids[i : i + n - 1]) == tail]
