"""Group utterances that belong to no intent yet. In: texts, their vectors, their morphemes. Out: named groups.

Vectors are brought down to a few principal components, grouped by K-means, a Gaussian mixture, DBSCAN and HDBSCAN, and
the grouping with the best mean silhouette is taken (Rousseeuw 1987; a text left out of every group counts 0, so that
leaving out all but the clearest does not pay). Knows no files, no store and no screen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Lines of eight intents and 20 strays of MASSIVE ko-KR (training part, five draws): the adjusted Rand index of the
# grouping chosen is 0.48 with 8 components, 0.45 with 6, 0.46 with 12, 0.43 with 16, 0.40 with all 512
# (`python scripts/bench_discover.py --draws 5`, 2026-11-21).
COMPONENTS = 8
MOST = 40  # groups looked for at most
TELLING = 5  # morphemes that name a group
PRIOR = 0.5  # weight of the background in the log-odds (Monroe et al. 2008, eq. 16)

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Group:
    """Utterances that mean much the same: the most typical first, with their places in what was given.

    `words` are the morphemes that tell the group from everything else, with their z-scores; `tightness` is the mean
    cosine of a line to the group's middle.
    """

    texts: tuple[str, ...]
    places: tuple[int, ...]
    words: tuple[tuple[str, float], ...]
    tightness: float

    @property
    def name(self) -> str:
        """A name made of the two most telling morphemes; "무리" when none tells."""
        return "_".join(word for word, _ in self.words[:2]) or "무리"


@dataclass(frozen=True, slots=True)
class Discovery:
    """The groups, the largest first, and the texts in none. `tried` holds the best silhouette of each method."""

    groups: tuple[Group, ...]
    loose: tuple[int, ...]
    method: str
    silhouette: float
    tried: Mapping[str, float]


def discover(
    texts: Sequence[str],
    vectors: Vectors,
    words: Sequence[Sequence[str]],
    background: Sequence[Sequence[str]] = (),
    *,
    smallest: int = 3,
    seed: int = 13,
    dimensions: int = COMPONENTS,
) -> Discovery:
    """Group `texts`; `words` are their content morphemes, `background` those of everything else the bot knows.

    A group has at least `smallest` texts; fewer texts than two groups need make none.
    """
    if len(texts) < 2 * smallest:
        return Discovery((), tuple(range(len(texts))), "none", 0.0, {})
    spots = components(vectors, dimensions)
    distances = np.clip(1.0 - spots @ spots.T, 0.0, 2.0)
    np.fill_diagonal(distances, 0.0)
    tried: dict[str, float] = {}
    best, method, score = np.full(len(texts), -1), "none", 0.0
    for name, labels in _groupings(spots, distances, smallest, seed):
        kept, silhouette = _keep(labels, distances, smallest)
        family = name.split(" ")[0]
        tried[family] = max(tried.get(family, -1.0), silhouette)
        if silhouette > score:
            best, method, score = kept, name, silhouette
    groups = [_group(np.flatnonzero(best == label), texts, vectors, words, background) for label in set(best) - {-1}]
    groups.sort(key=lambda group: (-len(group.texts), group.texts))
    loose = tuple(np.flatnonzero(best < 0).tolist())
    return Discovery(tuple(groups), loose, method, score, tried)


def components(vectors: Vectors, count: int) -> NDArray[np.float64]:
    """Unit rows [N, count] over the strongest principal components; identical texts stay identical."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    spots = centred @ axes[:count].T
    unit: NDArray[np.float64] = spots / np.maximum(np.linalg.norm(spots, axis=1, keepdims=True), 1e-9)
    return unit


def telling(
    own: Sequence[Sequence[str]], others: Sequence[Sequence[str]], count: int = TELLING
) -> tuple[tuple[str, float], ...]:
    """Words that stand more often in `own` than in `others`, with the z-score of their log-odds ratio under a prior
    of the words of both (Monroe et al. 2008, eq. 22); each word counts once a text, and must stand in two of them."""
    here, there = (Counter(word for words in texts for word in set(words)) for texts in (own, others))
    total = Counter(here) + Counter(there)
    prior = {word: PRIOR * n * len(own) / max(len(own) + len(others), 1) + 0.01 for word, n in total.items()}
    mass, left, right = sum(prior.values()), sum(here.values()), sum(there.values())
    found = []
    for word, n in here.items():
        a, b = n + prior[word], there[word] + prior[word]
        odds = np.log(a / max(left + mass - a, 1e-9)) - np.log(b / max(right + mass - b, 1e-9))
        if n > 1 and odds > 0:
            found.append((word, float(odds / np.sqrt(1 / a + 1 / b))))
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0]))[:count])


def _groupings(
    spots: NDArray[np.float64], distances: NDArray[np.float64], smallest: int, seed: int
) -> Iterator[tuple[str, Numbers]]:
    """(method with its setting, label of each text or -1)."""
    from sklearn.cluster import DBSCAN, HDBSCAN, KMeans
    from sklearn.mixture import GaussianMixture

    count, different = len(spots), len(np.unique(spots.round(6), axis=0))
    largest = min(MOST, count // smallest, different - 1)
    sizes = sorted({int(k) for k in np.geomspace(2, largest, 16).round()}) if largest > 1 else []
    for size in sizes:
        yield f"kmeans {size}", KMeans(size, n_init=4, random_state=seed).fit_predict(spots)
        mixture = GaussianMixture(size, covariance_type="diag", reg_covar=1e-3, random_state=seed)
        yield f"gmm {size}", mixture.fit_predict(spots)
    near = np.sort(distances, axis=1)[:, min(smallest, count - 1)]
    for share in (0.55, 0.65, 0.75):
        reach = float(max(np.quantile(near, share), 1e-6))
        dense = DBSCAN(eps=reach, min_samples=smallest, metric="precomputed")
        yield f"dbscan {reach:.2f}", dense.fit_predict(distances)
    for size in range(smallest, smallest + 3):
        if size < count:
            found = HDBSCAN(size, metric="precomputed", copy=True).fit_predict(distances)
            yield f"hdbscan {size}", found


def _keep(labels: Numbers, distances: NDArray[np.float64], smallest: int) -> tuple[Numbers, float]:
    """The labels without texts that lie nearer to another group and without groups too small, and the silhouette."""
    from sklearn.metrics import silhouette_samples

    kept = labels.copy()
    silhouettes = np.zeros(len(labels))
    inside = kept >= 0
    if len(set(kept[inside])) > 1 and len(set(kept[inside])) < inside.sum():
        own = np.flatnonzero(inside)
        silhouettes[own] = silhouette_samples(distances[np.ix_(own, own)], kept[own], metric="precomputed")
    score = float(silhouettes.mean())
    kept[silhouettes <= 0] = -1
    sizes = Counter(kept.tolist())
    kept[[sizes[label] < smallest for label in kept.tolist()]] = -1
    return kept, score if (kept >= 0).any() else 0.0


def _group(
    places: Numbers,
    texts: Sequence[str],
    vectors: Vectors,
    words: Sequence[Sequence[str]],
    background: Sequence[Sequence[str]],
) -> Group:
    own = set(places.tolist())
    middle = vectors[places].mean(axis=0)
    cosines = vectors[places] @ (middle / max(float(np.linalg.norm(middle)), 1e-9))
    order = places[np.argsort(-cosines, kind="stable")].tolist()
    others = [some for place, some in enumerate(words) if place not in own] + list(background)
    return Group(
        texts=tuple(texts[place] for place in order),
        places=tuple(order),
        words=telling([words[place] for place in order], others),
        tightness=float(cosines.mean()),
    )
