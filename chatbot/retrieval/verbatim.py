"""Chat lines that the user said to the letter, but for spaces, marks and opening words. In: an utterance. Out:
candidates.

Implements the `Responder` seam beside `RetrievalResponder`: no model is asked, so that it costs next to nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence

import numpy as np

from chatbot.retrieval.rows import Row, RowStore
from chatbot.text.normalize import unmarked
from chatbot.types import Candidate, Source, Turn, Utterance

KIND = "chat"
# What a line may open with that says nothing of its matter: 아 나 오늘 면접 떨어졌어 tells 면접 떨어졌어.
_OPENING = re.compile(
    "(?:(?:아+|어+|음+|와+|오+|헐|야|저기|있잖아|근데|그런데|그냥|진짜|정말|사실|나|난|저|전|오늘|지금|방금|아까|요즘|요새|어제|또|"
    r"드디어|결국|이번에)[\s,.~…]+)+(?=\S)"
)
_ENDING = re.compile("(?:(?<=[어아여해지네데래까돼워와봐])요)?[ㅋㅎㅠㅜ^;]*$")
_SHORTEST = 4  # letters of a matter that stands for itself


class VerbatimResponder:
    """Proposes the answers of the chat rows whose question is the utterance, or is but for opening words, 요 and ㅠㅠ.

    Questions in `others` are left to somebody else (an intent whose replies vary). Sixteen bytes a row are kept.
    """

    def __init__(self, rows: RowStore, others: Collection[str] = ()) -> None:
        left = {unmarked(other) for other in others}
        self._left = {_matter(other) for other in others}
        keyed = sorted(
            (_key(_matter(text)), number) for number, text in rows.texts(KIND) if unmarked(text) not in left
        )
        self._rows = rows
        self._keys = np.array([key for key, _ in keyed], dtype=np.uint64)
        self._numbers = np.array([number for _, number in keyed], dtype=np.int64)

    def propose(self, utterance: Utterance, history: Sequence[Turn]) -> list[Candidate]:
        """The candidates, each sure (1.0): those to the letter, else those of the same matter; when the utterance asks
        ("밥 먹었어?"), those first that ask too."""
        wanted, matter = unmarked(utterance.text), _matter(utterance.text)
        first, last = np.searchsorted(self._keys, np.uint64(_key(matter)) + np.array([0, 1], dtype=np.uint64))
        numbers = self._numbers[first:last].tolist()
        found = self._rows.get(numbers)
        alike = [found[number] for number in numbers]
        same = [row for row in alike if unmarked(row.text) == wanted]
        if not same and len(matter) >= _SHORTEST and matter not in self._left:
            same = [row for row in alike if _matter(row.text) == matter]
        asks = "?" in utterance.text
        return [_candidate(row) for row in sorted(same, key=lambda row: ("?" in row.text) != asks)]


def _candidate(row: Row) -> Candidate:
    return Candidate(row.answer, 1.0, Source.RETRIEVAL, row.id, row.text)


def _matter(text: str) -> str:
    """The line without opening words, a last 요, laughter and tears, spaces and marks."""
    return _ENDING.sub("", unmarked(_OPENING.sub("", text, count=1) if _OPENING.match(text) else text))


def _key(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=7).digest(), "big")
