"""Words that lean on the last question: "하나 더" asks for another of the same, "추천해줘" leaves out of what.

In: a reading. Out: the answer to the question in full.

More about what was just explained is followups.py's. Knows nothing of how answers are found.
"""

from __future__ import annotations

import re

from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.speakers import LIKELY_FROM, RetrievalSpeaker, TemplateSpeaker, recent_replies
from chatbot.dialogue.state import State
from chatbot.types import Source, Turn

# How the names of intents end whose replies recommend something (corpus/README.md).
RECOMMENDS = "_recommend"
# Matched without spaces.
_PLEASE = (
    r"(?:좀|요|(?:추천|말|얘기|이야기|알려|들려|골라)?(?:해|내|들려|알려|골라)?(?:줘|주라|주세요|줄래|줄래요|봐|봐요)"
    r"|부탁해|부탁해요)?"
)
_END = r"요?[?!.~ㅋㅎㅠ]*"
_ANOTHER = re.compile(
    rf"(?:(?:하나|한번|한개|한곡|한편)만?더|또하나만?|또(?:다른)?거|더없어|또없어|또있어|또(?=해|말해|얘기해|추천)"
    rf"|(?:또)?(?:다른|딴)(?:거|건|것|걸)?(?:은|는|도|로)?(?:없어|없나|없을까|없니|있어|있나)?){_PLEASE}{_END}"
)
_OF_WHAT = re.compile(
    rf"(?:(?:하나|몇개|아무거나|뭐라도|뭐|좀)?(?:만)?(?:추천|골라){_PLEASE}"
    rf"|(?:뭐가|어떤게|뭘로|어떤걸로)(?:좋을까|좋아|좋지|나아|나을까|할까)){_END}"
)


def asks_another(text: str) -> bool:
    """Whether `text` asks for another of what was said last, and says nothing else."""
    return bool(_ANOTHER.fullmatch(text.replace(" ", "")))


class AnotherSpeaker:
    """Answers the earlier question again, in other words, or together with what is asked now."""

    def __init__(self, templates: TemplateSpeaker, retrieval: RetrievalSpeaker) -> None:
        self._templates = templates
        self._retrieval = retrieval

    def __call__(self, reading: Reading) -> Proposal | None:
        before = _asked_before(reading.state)
        if before is None or reading.state.topic_at == reading.state.count:  # an entry was explained: followups.py
            return None
        if asks_another(reading.text):
            return self._again(reading.with_text(before.utterance.text), before)
        if _OF_WHAT.fullmatch(reading.text.replace(" ", "")):
            return self._in_full(reading.with_text(f"{before.utterance.text} {reading.text}"), before)
        return None

    def _in_full(self, reading: Reading, before: Turn) -> Proposal | None:
        """What is to be recommended: the same as before, or what both lines together are about."""
        intent = before.response.intent
        if before.response.source is Source.TEMPLATE and intent.endswith(RECOMMENDS):
            return self._templates.propose(reading, intent, before.response.confidence)
        return self._templates(reading)

    def _again(self, reading: Reading, before: Turn) -> Proposal | None:
        """An answer to the earlier question that was not given lately."""
        if before.response.source is Source.TEMPLATE:
            return self._templates.propose(reading, before.response.intent, before.response.confidence)
        if before.response.source is not Source.RETRIEVAL:
            return None
        recent = recent_replies(reading.state)
        fresh = [candidate for candidate in self._retrieval.likely(reading) if candidate.text not in recent]
        if fresh:
            return self._retrieval.propose(reading, fresh[0])
        best = reading.scores.best
        return (
            self._templates.propose(reading, best.intent, best.probability)
            if best.probability >= LIKELY_FROM
            else None
        )


def _asked_before(state: State) -> Turn | None:
    """The last turn that asked for something by itself."""
    return next((turn for turn in reversed(state.turns) if not asks_another(turn.utterance.text)), None)
