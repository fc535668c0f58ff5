"""Find lines that say nearly the same. In: lines of text. Out: pairs of places and a share. Knows nothing of files."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# Shortest line, in eojeols, for which one other eojeol makes a near duplicate: "뭐 먹지" and "뭐 하지" are two things.
MIN_EOJEOLS = 3
MIN_JACCARD = 0.85

_MARKS = re.compile(r"[.,!?~…·'\"“”‘’]+")


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Two near duplicates by their places in the list; `kind` is "same", "word" or "characters"."""

    first: int
    second: int
    kind: str


def key(line: str) -> str:
    """What two lines are compared by: NFC, lower case, without . , ! ? ~ and quotes, single spaces."""
    return " ".join(_MARKS.sub(" ", unicodedata.normalize("NFC", line).lower()).split())


def near_duplicates(lines: Sequence[str]) -> list[NearDuplicate]:
    """Near duplicates, ordered by place.

    Two lines are near duplicates when, compared by `key`, they are equal ("same"); or their eojeols (split at white
    space) become equal when one eojeol is replaced, added or removed, and both have at least 3 ("word"); or the
    Jaccard index of their sets of character bigrams, spaces left out, is at least 0.85 ("characters").

    Every line that has a partner stands in at least one pair; of n lines that share all words but the one at the same
    place, n - 1 pairs are given rather than all n(n - 1)/2. Linear in the number of lines but for the bigrams, which
    use prefix filtering (Bayardo, Ma and Srikant 2007, "Scaling up all pairs similarity search").
    """
    keys = [key(line) for line in lines]
    found: dict[tuple[int, int], str] = {}
    for kind, pairs in (("same", _same(keys)), ("word", _one_word(keys)), ("characters", _bigrams(keys))):
        for first, second in pairs:
            found.setdefault((min(first, second), max(first, second)), kind)
    return [NearDuplicate(first, second, kind) for (first, second), kind in sorted(found.items())]


def share_of_near_duplicates(lines: Sequence[str]) -> float:
    """Share in [0, 1] of lines that have a near duplicate among the others; 0 for no lines."""
    places = {place for pair in near_duplicates(lines) for place in (pair.first, pair.second)}
    return len(places) / len(lines) if lines else 0.0


def _same(keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    first: dict[str, int] = {}
    for place, text in enumerate(keys):
        if text:
            at = first.setdefault(text, place)
            if at != place:
                yield at, place


def _one_word(keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Lines that fall into one bucket when one eojeol is cut out: with its place kept, or against a whole line."""
    words = [tuple(text.split()) for text in keys]
    whole: dict[tuple[str, ...], int] = {}
    for place, line in enumerate(words):
        if len(line) >= MIN_EOJEOLS:
            whole.setdefault(line, place)
    holes: dict[tuple[int, tuple[str, ...]], int] = {}
    for place, line in enumerate(words):
        if len(line) < MIN_EOJEOLS:
            continue
        for hole in range(len(line)):
            rest = line[:hole] + line[hole + 1 :]
            at = holes.setdefault((hole, rest), place)
            if at != place:
                yield at, place
            if rest in whole:
                yield whole[rest], place


def _bigrams(keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs whose bigram sets overlap enough, by an index over each set's rarest bigrams."""
    sets = [_bigram_set(text) for text in keys]
    counts = Counter(bigram for bigrams in sets for bigram in bigrams)
    index: defaultdict[str, list[int]] = defaultdict(list)
    # Shortest first, so that a candidate in the index is never longer than the line that looks for it.
    for place in sorted(range(len(keys)), key=lambda p: (len(sets[p]), p)):
        bigrams = sets[place]
        size = len(bigrams)
        prefix = sorted(bigrams, key=lambda b: (counts[b], b))[: size - math.ceil(MIN_JACCARD * size) + 1]
        for other in {at for bigram in prefix for at in index[bigram]}:
            if len(sets[other]) >= MIN_JACCARD * size and _jaccard(sets[other], bigrams) >= MIN_JACCARD:
                yield other, place
        for bigram in prefix:
            index[bigram].append(place)


def _bigram_set(text: str) -> frozenset[str]:
    joined = text.replace(" ", "")
    return frozenset(joined[at : at + 2] for at in range(len(joined) - 1))


def _jaccard(first: Iterable[str], second: Iterable[str]) -> float:
    one, two = frozenset(first), frozenset(second)
    common = len(one & two)
    return common / (len(one) + len(two) - common)
