"""'정답은 …': the user tells the right answer to what the bot said last. Knows nothing of where it is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.types import Candidate, Source

_CORRECTION = re.compile(r"(?:아니[,.]?\s*)?정답은\s*(?P<answer>\S.*)", re.DOTALL)
# "정답은 뭐야?" asks for one.
_ASKS = re.compile(r".*(?:뭐|무엇|뭔|어떤\s?거|어떻게|언제|누구|몰라|모르|알려|말해)\S*\s*[?!.~]*|.*\?|[?!.~]*")


@dataclass(frozen=True, slots=True)
class CorrectionSpeaker:
    """Thanks for a correction; its text travels as the only candidate, and the bot keeps it for `chatbot review`."""

    phrases: Phrases

    def __call__(self, reading: Reading) -> Proposal | None:
        match = _CORRECTION.fullmatch(reading.text)
        if match is None or reading.state.last is None or _ASKS.fullmatch(match["answer"]):
            return None
        told = Candidate(match["answer"].strip(), 1.0, Source.SKILL, "correction", reading.state.last.utterance.text)
        reply = self.phrases.say("corrected", reading.rng)
        reason = "방금 한 말의 정답을 알려 줌"
        return Proposal(reply, Source.SKILL, reason, reading.state, "correction", candidates=(told,))
