"""What the user named that a reply can take up: "부산 날씨 어때?" → 장소 부산. In: text. Out: slot -> word.

The tagger says which words may be a place; Kiwi must agree that they are a proper noun, and takes the particle off.
Only slots that a reply asks for are looked for. Knows nothing of intents.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from chatbot.types import Entity

# The slot of a reply, and what the tagger calls it.
KINDS: Mapping[str, str] = {"장소": "place_name"}


class Tagger(Protocol):
    """chatbot/intent/tagger.py."""

    def tag(self, texts: Sequence[str]) -> list[list[Entity]]: ...


@dataclass(frozen=True, slots=True)
class NamedSlots:
    """`tagger` is called for at first need: it takes a moment to read. None where there is none."""

    tagger: Callable[[], Tagger | None]
    kiwi: Any

    def __call__(self, text: str, wanted: Collection[str]) -> Mapping[str, str]:
        """The slots of `wanted` that `text` names, each by its first name."""
        asked = {KINDS[slot]: slot for slot in wanted if slot in KINDS}
        tagger = self.tagger() if asked else None
        found: dict[str, str] = {}
        for entity in tagger.tag([text])[0] if tagger else ():
            name = self._name(entity.text) if entity.kind in asked else ""
            if name:
                found.setdefault(asked[entity.kind], name)
        return found

    def _name(self, words: str) -> str:
        """The proper noun that `words` begin with, if a particle at most follows: 서울에 → 서울."""
        tokens = self.kiwi.tokenize(words)
        tags = [token.tag for token in tokens]
        if not tags or tags[0] != "NNP" or any(not tag.startswith("J") for tag in tags[1:]):
            return ""
        return words[: tokens[0].start + tokens[0].len]
