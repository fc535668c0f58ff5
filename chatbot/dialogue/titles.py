"""Entries that nouns by themselves may mean: "임베딩 크기" → 단어 임베딩, 임베딩 층. In: a text. Out: entries, the
nearest first.

Only words in common count: this is for asking back, when nothing that understands more was sure. Knows no models.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from chatbot.types import KnowledgeEntry

_WORD = re.compile(r"[가-힣A-Za-z0-9]{2,}")


class TitlesNear:
    """`bare` tells nouns alone from what says something."""

    def __init__(self, knowledge: Iterable[KnowledgeEntry], bare: Callable[[str], bool]) -> None:
        self._bare = bare
        self._named: defaultdict[str, list[KnowledgeEntry]] = defaultdict(list)
        for entry in knowledge:
            for word in _words(entry.title):
                self._named[word].append(entry)

    def __call__(self, text: str) -> Sequence[KnowledgeEntry]:
        """Those whose title shares a word with `text`; more words in common, then shorter titles, go first."""
        if not self._bare(text):
            return ()
        shared = Counter(entry.id for word in _words(text) for entry in self._named.get(word, ()))
        entries = {entry.id: entry for word in _words(text) for entry in self._named.get(word, ())}
        return sorted(entries.values(), key=lambda entry: (-shared[entry.id], len(entry.title), entry.id))


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}
