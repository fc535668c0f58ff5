"""The training lines as a map. In: unit vectors with labels. Out: two principal components, clusters, overlaps.

Shapes: N lines, D vector, C labels.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chatbot.training.report.values import Overlap, Plane

POINTS = 4000  # drawn at most
CLUSTERS = range(5, 11)
OVERLAPS = 6
SHOWN = 3

Vectors = NDArray[np.float32]


def plane_of(
    texts: Sequence[str], labels: Sequence[int], vectors: Vectors, intents: Sequence[str], seed: int
) -> Plane:
    """The map: components of the intents' centres, so that what tells intents apart is what one sees."""
    numbers = np.asarray(labels)
    present = [place for place in range(len(intents)) if (numbers == place).any()]
    centres = np.stack([vectors[numbers == place].mean(axis=0) for place in present])
    axes, middle, explained = _components(centres)
    spots, middles = (vectors - middle) @ axes, (centres - middle) @ axes
    drawn = np.random.default_rng(seed).permutation(len(texts))[:POINTS]
    renumber = {place: at for at, place in enumerate(present)}
    return Plane(
        explained=explained,
        points=tuple(
            (round(float(spots[at, 0]), 3), round(float(spots[at, 1]), 3), renumber[int(numbers[at])]) for at in drawn
        ),
        intents=tuple(intents[place] for place in present),
        centres=tuple((float(x), float(y)) for x, y in middles),
        clusters=_clusters(centres, seed),
        overlaps=overlaps(texts, numbers, vectors, intents),
    )


def overlaps(
    texts: Sequence[str], labels: NDArray[np.int64], vectors: Vectors, intents: Sequence[str]
) -> tuple[Overlap, ...]:
    """The pairs of intents whose lines most often have a line of the other as their nearest neighbour."""
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -2.0)
    nearest = cosines.argmax(axis=1)
    strays: defaultdict[tuple[int, int], list[tuple[float, int]]] = defaultdict(list)
    for place, near in enumerate(nearest.tolist()):
        if labels[place] != labels[near]:
            first, second = sorted((int(labels[place]), int(labels[near])))
            strays[first, second].append((-float(cosines[place, near]), place))
    sizes = Counter(labels.tolist())
    share = {pair: len(found) / (sizes[pair[0]] + sizes[pair[1]]) for pair, found in strays.items()}
    ranked = sorted(share, key=lambda pair: (-share[pair], pair))[:OVERLAPS]
    return tuple(
        Overlap(
            first=intents[pair[0]],
            second=intents[pair[1]],
            share=share[pair],
            examples=_examples(texts, labels, nearest, strays[pair], pair[0]),
            points=_pair_points(vectors, labels, pair),
        )
        for pair in ranked
    )


def _examples(
    texts: Sequence[str],
    labels: NDArray[np.int64],
    nearest: NDArray[np.int64],
    strays: Sequence[tuple[float, int]],
    first: int,
) -> tuple[tuple[str, str], ...]:
    """(line of the first intent, line of the second) that lie closest to each other, each line once."""
    seen: set[int] = set()
    found: list[tuple[str, str]] = []
    for _, place in sorted(strays):
        near = int(nearest[place])
        if place in seen or near in seen:
            continue
        seen |= {place, near}
        found.append((texts[place], texts[near]) if labels[place] == first else (texts[near], texts[place]))
    return tuple(found[:SHOWN])


def _pair_points(
    vectors: Vectors, labels: NDArray[np.int64], pair: tuple[int, int]
) -> tuple[tuple[float, float, int], ...]:
    """The lines of two intents: across, from one centre to the other; up, what varies most beside that."""
    own = np.flatnonzero((labels == pair[0]) | (labels == pair[1]))
    ours, side = vectors[own].astype(np.float64), (labels[own] == pair[1]).astype(int)
    between = ours[side == 1].mean(axis=0) - ours[side == 0].mean(axis=0)
    across = between / max(float(np.linalg.norm(between)), 1e-9)
    centred = ours - ours.mean(axis=0)
    x = centred @ across
    rest = centred - np.outer(x, across)
    y = rest @ np.linalg.svd(rest, full_matrices=False)[2][0]
    return tuple((round(float(a), 3), round(float(b), 3), int(s)) for a, b, s in zip(x, y, side, strict=True))


def _components(centres: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """(axes [D, 2], mean [D], share of the variance between the centres that they show)."""
    middle = centres.mean(axis=0)
    _, strengths, axes = np.linalg.svd(centres - middle, full_matrices=False)
    two = np.zeros((centres.shape[1], 2), dtype=np.float32)
    count = min(2, len(axes))
    two[:, :count] = axes[:count].T
    power = strengths**2
    return two, middle, float(power[:2].sum() / max(float(power.sum()), 1e-12))


def _clusters(centres: NDArray[np.float32], seed: int) -> tuple[int, ...]:
    """K-means over the intents' centres, as many clusters as the silhouette likes best."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    best, best_score = np.zeros(len(centres), dtype=int), -1.0
    for count in CLUSTERS:
        if count < len(centres):
            found = KMeans(count, n_init=4, random_state=seed).fit_predict(centres)
            score = float(silhouette_score(centres, found))
            if score > best_score:
                best, best_score = found, score
    return tuple(int(cluster) for cluster in best)
