"""An answer that somebody wrote to exactly this utterance. Knows no models: it goes before what they guess."""

from __future__ import annotations

from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.speakers import recent_replies
from chatbot.seams import Responder


class WrittenSpeaker:
    """Speaks when the utterance stands in the corpus to the letter, unless the same was said a moment ago."""

    def __init__(self, verbatim: Responder) -> None:
        self._verbatim = verbatim

    def __call__(self, reading: Reading) -> Proposal | None:
        recent = recent_replies(reading.state)
        for candidate in self._verbatim.propose(reading.utterance, reading.state.turns):
            if candidate.text not in recent:
                reason = f"'{candidate.question}'에 적어 둔 답"
                return Proposal(
                    candidate.text,
                    candidate.source,
                    reason,
                    reading.state,
                    candidates=(candidate,),
                    said=candidate.id,
                )
        return None
