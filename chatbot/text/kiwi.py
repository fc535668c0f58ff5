"""Analyse Korean with Kiwi: morphemes, spaces, sentences. In: text; out: Morphemes under Sejong tags.

Knows nothing of vocabularies or models. Kiwi's own model is read at first use (seconds), never at import.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chatbot.text.jamo import to_compatibility
from chatbot.text.sejong import to_sejong
from chatbot.text.user_dictionary import DictionaryEntry, read_user_dictionary
from chatbot.types import Morpheme

# Single texts whose morphemes are kept: several models ask for the same message within milliseconds.
_RECENT = 64
_SURROGATES = re.compile("[\ud800-\udfff]")


class KiwiAnalyzer:
    """Kiwi behind the Analyzer seam. Threads may share one.

    `user_dictionary` is a TSV of form, Sejong tag and optional score (corpus/lexicon/user_dictionary.tsv).
    """

    name = "kiwi"

    def __init__(self, user_dictionary: Path | None = None) -> None:
        self._dictionary = user_dictionary
        self._lock = threading.Lock()
        self._kiwi: Any = None
        self._recent: OrderedDict[str, list[Morpheme]] = OrderedDict()

    @property
    def kiwi(self) -> Any:
        """The kiwipiepy.Kiwi object, loaded at first use."""
        if self._kiwi is None:
            with self._lock:
                if self._kiwi is None:
                    self._kiwi = _load(self._dictionary)
        return self._kiwi

    def analyze(self, texts: Sequence[str]) -> list[list[Morpheme]]:
        """Morphemes of each text, in order; spans are code points, inside the text, never going back."""
        if len(texts) == 1:
            return [self._once(texts[0])]
        return self._tokenized(texts)

    def _once(self, text: str) -> list[Morpheme]:
        known = self._recent.get(text)
        if known is None:
            known = self._tokenized([text])[0]
            with self._lock:
                self._recent[text] = known
                if len(self._recent) > _RECENT:
                    self._recent.popitem(last=False)
        return list(known)

    def _tokenized(self, texts: Sequence[str]) -> list[list[Morpheme]]:
        # Lone surrogates cannot be handed to Kiwi; a replacement of the same length keeps the offsets.
        clean = [_SURROGATES.sub("\ufffd", text) for text in texts]
        return [[_morpheme(token) for token in tokens] for tokens in self.kiwi.tokenize(clean)]

    def space(self, text: str) -> str:
        """`text` with its spaces put where Korean spelling wants them."""
        spaced: str = self.kiwi.space(_SURROGATES.sub("\ufffd", text), reset_whitespace=False)
        return spaced

    def likelihood(self, text: str) -> float:
        """How likely Kiwi holds its best analysis of `text`: a natural logarithm, comparable between like texts."""
        return float(self.kiwi.analyze(_SURROGATES.sub("\ufffd", text))[0][1])

    def split_sentences(self, text: str) -> list[str]:
        """The sentences of `text`, in order."""
        return [sentence.text for sentence in self.kiwi.split_into_sents(_SURROGATES.sub("\ufffd", text))]

    def reload_dictionary(self, path: Path) -> None:
        """Use another user dictionary from now on; calls that run meanwhile finish with the old one."""
        fresh = _load(path)  # Kiwi cannot unlearn a word, so a new one takes its place
        with self._lock:
            self._dictionary, self._kiwi = path, fresh
            self._recent.clear()


def _load(dictionary: Path | None) -> Any:
    import kiwipiepy

    entries: list[DictionaryEntry] = read_user_dictionary(dictionary) if dictionary else []
    kiwi = kiwipiepy.Kiwi(num_workers=1)
    for entry in entries:
        kiwi.add_user_word(entry.form, entry.tag, entry.score)
    return kiwi


def _morpheme(token: Any) -> Morpheme:
    form = to_compatibility(token.form)  # Kiwi writes endings with conjoining jamo (ᆫ다)
    tag = to_sejong("kiwi", token.tag.partition("-")[0], form)  # without -R and -I: regular, irregular
    return Morpheme(form, tag, token.start, token.start + token.len, token.tag)
