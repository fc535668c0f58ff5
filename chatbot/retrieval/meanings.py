"""How near two words are in meaning, by the language model that Kiwi carries. In: morphemes. Out: similarities.

Nothing is learned or stored here: similarities are asked for when rows are compared. Without Kiwi (another analyzer) a
word is near itself alone. Knows nothing of rows.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.seams import Analyzer
from chatbot.types import Morpheme

UNKNOWN = -1
# Words that have nothing to do with one another get up to this from Kiwi's model (책상, 하늘 0.44; 끝, 헤어지 0.34).
STRANGE = 0.4
# Pairs of words whose similarity is remembered: the words of questions repeat, and Kiwi takes 5 µs to answer.
PAIRS = 1 << 16


class Meanings:
    """Similarities of words under Kiwi's numbers for them; without Kiwi there are none. Threads may share one."""

    def __init__(self, analyzer: Analyzer | None) -> None:
        self._analyzer = analyzer
        self._similarity = lru_cache(PAIRS)(self._kiwi.morpheme_similarity) if self._kiwi is not None else None
        self._lock = threading.Lock()
        self._numbers: dict[tuple[str, str], int] | None = None

    @property
    def version(self) -> str:
        """Numbers hold for one version of Kiwi alone."""
        if self._kiwi is None:
            return "none"
        import kiwipiepy

        return f"kiwipiepy {kiwipiepy.__version__}"

    @property
    def _kiwi(self) -> Any:
        return getattr(self._analyzer, "kiwi", None)

    def number(self, morpheme: Morpheme) -> int:
        """Kiwi's number of a word, or `UNKNOWN`."""
        return self._known().get((morpheme.form, morpheme.native_tag), UNKNOWN)

    def table(self, left: Sequence[int], right: Sequence[int]) -> NDArray[np.float32]:
        """How near each left word is to each right one [L, R], 0 for strangers and unknown ones."""
        found = np.zeros((len(left), len(right)), dtype=np.float32)
        similarity = self._similarity
        if similarity is None:
            return found
        for at, number in enumerate(left):
            if number != UNKNOWN:
                found[at] = [similarity(number, other) if other != UNKNOWN else 0.0 for other in right]
        near: NDArray[np.float32] = np.clip((found - STRANGE) / (1.0 - STRANGE), 0.0, 1.0)
        return near

    def _known(self) -> dict[tuple[str, str], int]:
        """Kiwi's numbers of the words that its model knows: the first ones, without a gap."""
        with self._lock:
            if self._numbers is None:
                self._numbers, kiwi = {}, self._kiwi
                for number in range(1 << 20 if kiwi is not None else 0):
                    if not _has_vector(kiwi, number):
                        break
                    word = kiwi.morpheme(number)
                    self._numbers.setdefault((word.form, str(word.tag)), number)
        return self._numbers


def _has_vector(kiwi: Any, number: int) -> bool:
    try:
        return not math.isnan(kiwi.morpheme_similarity(number, number))
    except ValueError:
        return False
