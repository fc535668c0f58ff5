"""Characters to the subword each stands in: one more view of a text. In: preprocessed texts. Out: integer rows.

A piece has the same row whether a space stands before it or not, so that text without spaces keeps what it can. Knows
nothing of tensors, and nothing of the other views but that they number the characters that are no space.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from chatbot.text.subwords import Subwords

MODEL = "subwords.model"
_SPACE = "▁"  # how SentencePiece writes a space
_BYTE = re.compile(r"<0x[0-9A-F]{2}>")  # and a byte of a character that no piece holds


class SubwordView:
    """A trained vocabulary of subwords as rows 1 to `size`; 0 is a character outside of every piece."""

    def __init__(self, subwords: Subwords) -> None:
        self._subwords = subwords
        numbers: dict[str, int] = {}
        bare = [subwords.piece(number).strip(_SPACE) for number in range(len(subwords))]
        self._rows = np.array([numbers.setdefault(piece, len(numbers) + 1) for piece in bare], dtype=np.int32)
        self._bytes = np.array([1 if _BYTE.fullmatch(piece) else len(piece.encode()) for piece in bare])
        self.size = len(numbers)

    @classmethod
    def train(cls, texts: Iterable[str], pieces: int, seed: int) -> SubwordView:
        """At most `pieces` subwords, learnt from the texts.

        Raises
        ------
        TrainingError
            when there is no text, or so few pieces cannot hold the marks.
        """
        return cls(Subwords.train((_spaced(text) for text in texts), pieces, seed))

    @classmethod
    def of_model(cls, model: bytes) -> SubwordView:
        """The view whose `model` a checkpoint kept."""
        return cls(Subwords(model))

    @property
    def model(self) -> bytes:
        """What a checkpoint keeps."""
        return self._subwords.model

    def read(self, texts: Sequence[str], max_length: int) -> NDArray[np.int32]:
        """The rows of all texts one after another, one a character that is no space; a text without any has one 0."""
        return np.concatenate([self._read(_spaced(text), max_length) for text in texts])

    def _read(self, text: str, max_length: int) -> NDArray[np.int32]:
        pieces = np.array(self._subwords.encode(text), dtype=np.int64)
        letters = np.frombuffer(text.replace(" ", "").encode(), dtype=np.uint8)
        first = (letters & 0xC0) != 0x80  # where a character begins, in bytes, as a character without a piece has some
        rows: NDArray[np.int32] = np.repeat(self._rows[pieces], self._bytes[pieces])
        if len(rows) != len(letters) or not len(rows):  # nothing, or signs that SentencePiece changes on its way
            return np.zeros(max(1, min(int(first.sum()), max_length)), dtype=np.int32)
        kept: NDArray[np.int32] = rows[first][:max_length]
        return kept


def _spaced(text: str) -> str:
    """The text as the other views read it: small letters, one space between words; half a code point becomes one."""
    return " ".join(text.lower().split()).encode("utf-8", "replace").decode("utf-8")
