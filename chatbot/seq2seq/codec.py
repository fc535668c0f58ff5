"""What the model reads and writes for a text: control symbols, history, lengths. In: strings. Out: ids and back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from chatbot.seq2seq.search import BOS, EOS, PAD, UNK
from chatbot.text.subwords import Subwords
from chatbot.text.typing_repair import feeling_of
from chatbot.types import SpeechLevel

LEVELS = {SpeechLevel.HAEYO: "<haeyo>", SpeechLevel.HAPSYO: "<hapsyo>", SpeechLevel.HAE: "<hae>"}
FEELINGS = {"happy": "<happy>", "sad": "<sad>", "angry": "<angry>", "love": "<love>", "laugh": "<laugh>"}
USER, BOT = "<user>", "<bot>"
SYMBOLS = (*LEVELS.values(), *FEELINGS.values(), USER, BOT)

_SYMBOL = re.compile("|".join(map(re.escape, SYMBOLS)))
_SENTENCE = re.compile(r"[^.!?…~\n]+")
_HAPSYO = re.compile(r"(?:니다|니까|십시오|시죠)$")
_HAEYO = re.compile(r"(?:요|죠|욥|용)$")
_VERBAL = re.compile(r"(?:[다어아야해지네군까자니래라봐줘돼]|걸|거든|텐데|는데|은데|잖아)$")
_TAIL = re.compile(r"[\s\"')\]ㅋㅎㅠㅜ^;,·]+$")


def levels_in(text: str) -> set[SpeechLevel]:
    """The speech levels that the sentences of `text` end in; a fragment ("네", "맞춤법") belongs to none."""
    found = set()
    for sentence in _SENTENCE.findall(text):
        end = _TAIL.sub("", sentence)
        if _HAPSYO.search(end):
            found.add(SpeechLevel.HAPSYO)
        elif _HAEYO.search(end):
            found.add(SpeechLevel.HAEYO)
        elif _VERBAL.search(end) and len(end) > 1:
            found.add(SpeechLevel.HAE)
    return found


def level_of(text: str) -> SpeechLevel:
    """The speech level of a reply; the polite one where nothing says otherwise."""
    found = levels_in(text)
    return next(iter(found)) if len(found) == 1 else SpeechLevel.HAEYO


@dataclass(frozen=True)
class Codec:
    """Text to ids and back.

    Source: [level] [feeling] (<user> … <bot> …)* question eos. Lengths count subwords; a long source loses its oldest
    history first, then the middle of the question is kept from its end.
    """

    subwords: Subwords
    history_turns: int = 0
    style_tokens: bool = True
    max_source: int = 64
    max_target: int = 40

    def source(
        self,
        text: str,
        history: Sequence[tuple[str, str]] = (),
        level: SpeechLevel = SpeechLevel.HAEYO,
        feeling: str | None = None,
    ) -> list[int]:
        """Ids of what the encoder reads; never empty. The feeling is heard in the text where None is given."""
        head = []
        if self.style_tokens:
            head.append(self.symbol(LEVELS[level]))
            felt = feeling_of(text) if feeling is None else feeling
            if felt in FEELINGS:
                head.append(self.symbol(FEELINGS[felt]))
        body: list[int] = []
        for said, answered in history[len(history) - self.history_turns :] if self.history_turns else ():
            body += [self.symbol(USER), *self._plain(said), self.symbol(BOT), *self._plain(answered)]
        body += self._plain(text)
        room = self.max_source - len(head) - 1
        return [*head, *body[max(0, len(body) - room) :], EOS]

    def target(self, text: str) -> list[int]:
        """Ids of a reply between bos and eos."""
        return [BOS, *self._plain(text)[: self.max_target], EOS]

    def text(self, ids: Sequence[int]) -> str:
        """The reply that `ids` spell, control symbols left out."""
        silent = {*self.banned, EOS}
        return self.subwords.decode([i for i in ids if i not in silent]).strip()

    def _plain(self, text: str) -> list[int]:
        """Ids of what a person wrote, in which a control symbol means nothing."""
        return self.subwords.encode(_SYMBOL.sub(" ", text))

    def symbol(self, name: str) -> int:
        return self.subwords.symbol_id(name)

    @cached_property
    def banned(self) -> tuple[int, ...]:
        """Ids that never stand in a reply."""
        return (PAD, UNK, BOS, *(self.symbol(name) for name in SYMBOLS))
