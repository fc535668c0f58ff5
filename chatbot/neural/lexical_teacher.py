"""What words mean, taken from the similarities that Kiwi's language model gives: vectors for pretraining.

In: texts. Out: unit vectors [N, T], a frequency-weighted mean of morpheme vectors. Only pretraining uses this, and the
script that writes `meanings.py`'s table; nothing that talks does. Knows nothing of networks. Shapes: M morphemes, A
anchors, T teacher.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from kiwipiepy import Kiwi

Vectors = NDArray[np.float32]

_NOUNS = ("NNG", "NNP")
_PREDICATES = ("VV", "VA")
_ENDINGS = (("어", "EF"), ("어 줘", ""), ("고 싶어", ""), ("는", "ETM"), ("지", "EF"), ("었어", ""), ("을까", "EF"))
_PARTICLES = ("", "", "", "은", "을", "에", "이", "에서", "도")
_ANCHORS = 1500
# a of Arora et al. 2017: weight a / (a + share of texts). Mild, for commands repeat the words that matter: these
# vectors alone, 8 examples an intent of MASSIVE, gave 0.50 with 0.01 and 0.58 with 0.1 (linear SVM, 4 draws on dev).
SMOOTHING = 0.1


class LexicalTeacher:
    """Texts to unit vectors, as means of morpheme vectors whose cosines are Kiwi's similarities."""

    def __init__(self, kiwi: Kiwi, size: int = 256, known: int = 30_000, seed: int = 13) -> None:
        self._kiwi = kiwi
        self._ids = numbers_with_vectors(kiwi, known)
        self._place = {number: place for place, number in enumerate(self._ids)}
        self._vectors = morpheme_vectors(kiwi, self._ids, size, seed)
        self._frequency: dict[int, float] = {}

    def learn_frequencies(self, texts: Sequence[str]) -> None:
        """Count in how many texts each morpheme stands, so that common ones weigh little."""
        counts: Counter[int] = Counter()
        for tokens in self._kiwi.tokenize(texts):
            counts.update({token.id for token in tokens})
        self._frequency = {number: count / len(texts) for number, count in counts.items()}

    def vectors(self, texts: Sequence[str]) -> tuple[Vectors, NDArray[np.bool_]]:
        """(unit rows [N, T], whether each text holds a morpheme with a vector [N])."""
        rows = np.zeros((len(texts), self._vectors.shape[1]), dtype=np.float32)
        for place, tokens in enumerate(self._kiwi.tokenize(texts)):
            for token in tokens:
                if token.id in self._place:
                    weight = SMOOTHING / (SMOOTHING + self._frequency.get(token.id, 0.0))
                    rows[place] += weight * self._vectors[self._place[token.id]]
        length = np.linalg.norm(rows, axis=1, keepdims=True)
        return rows / np.maximum(length, 1e-9), length[:, 0] > 1e-6

    def words(self, limit: int) -> list[str]:
        """The common words of the dictionary, alone."""
        tokens = [self._kiwi.morpheme(number) for number in self._ids[:limit]]
        return [token.form for token in tokens if token.tag in (*_NOUNS, "MAG", "XR") and len(token.form) > 1]

    def phrases(self, count: int, seed: int, limit: int = 25_000) -> list[str]:
        """Short made-up phrases over the common words of the dictionary, so that words no data set has are met."""
        dice = random.Random(seed)
        tokens = [self._kiwi.morpheme(number) for number in self._ids[:limit]]
        nouns = [token.form for token in tokens if token.tag in _NOUNS and len(token.form) > 1]
        predicates = [(token.form, str(token.tag)) for token in tokens if token.tag in _PREDICATES]
        made = []
        for _ in range(count):
            # Common words more often: the square of a uniform draw leans to the front of the list.
            words = [nouns[int(len(nouns) * dice.random() ** 2)] for _ in range(dice.choice((1, 1, 2, 2, 3)))]
            phrase = " ".join(word + dice.choice(_PARTICLES) for word in words)
            if dice.random() < 0.7:
                form, tag = predicates[int(len(predicates) * dice.random() ** 2)]
                phrase += " " + self._predicate(form, tag, dice)
            made.append(phrase)
        return made

    def _predicate(self, form: str, tag: str, dice: random.Random) -> str:
        ending, kind = dice.choice(_ENDINGS)
        if kind:
            return str(self._kiwi.join([(form, tag), (ending, kind)]))
        first, _, rest = ending.partition(" ")
        base = str(self._kiwi.join([(form, tag), ("고" if first == "고" else "어", "EC")]))
        return f"{base} {rest}" if rest else str(self._kiwi.join([(form, tag), ("었", "EP"), ("어", "EF")]))


def numbers_with_vectors(kiwi: Kiwi, known: int) -> list[int]:
    """Kiwi's numbers of the first `known` morphemes that its model has a vector of; frequent ones come first."""
    return [number for number in range(2 * known) if _has_vector(kiwi, number)][:known]


def morpheme_vectors(kiwi: Kiwi, ids: Sequence[int], size: int, seed: int) -> Vectors:
    """Unit rows [M, T], centred, whose cosines follow Kiwi's similarities (Nyström, Williams & Seeger 2001)."""
    place = {number: at for at, number in enumerate(ids)}
    anchors = sorted(random.Random(seed).sample(list(ids[: len(ids) // 2]), min(_ANCHORS, len(ids) // 2)))
    similar = np.array(
        [[kiwi.morpheme_similarity(number, anchor) for anchor in anchors] for number in ids], dtype=np.float32
    )  # [M, A]
    own = similar[[place[anchor] for anchor in anchors]]
    values, directions = np.linalg.eigh((own + own.T) / 2)
    values, directions = values[::-1][:size], directions[:, ::-1][:, :size]
    vectors = similar @ directions / np.sqrt(np.maximum(values, 1e-3))  # [M, T]
    vectors = vectors - vectors.mean(axis=0)
    unit: Vectors = (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)).astype(np.float32)
    return unit


def _has_vector(kiwi: Kiwi, number: int) -> bool:
    try:
        return not math.isnan(kiwi.morpheme_similarity(number, number))
    except ValueError:
        return False
