"""The turns after a cry for help: nobody jokes there, and nobody is left with "I did not understand". Knows no danger
itself: safety.py does.
"""

from __future__ import annotations

from chatbot.dialogue.danger import CRISIS
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.safety import DANGER
from chatbot.dialogue.speakers import recent_replies
from chatbot.dialogue.tone import LOW_INTENTS
from chatbot.types import Source

# What is said after each kind of danger; what follows a suicidal wish is plain "aftercare".
OCCASIONS = {kind: f"aftercare_{kind}" for kind in DANGER if kind != CRISIS}
# Turns for which what was said still hangs over the talk.
LASTS = 2
# What people answer to a help line. Whoever asks for something else is answered as ever.
_ANSWERS = LOW_INTENTS - {"math_struggle", "focus_trouble", "study_unwilling"} | {
    "thanks", "acknowledge", "affirm", "deny", "laugh", "surprise", "apology", "farewell", "praise", "complaint",
    "repeat_please",
}  # fmt: skip


class AftercareSpeaker:
    """Stays with the user after a crisis, and names the help lines once more."""

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases

    def __call__(self, reading: Reading) -> Proposal | None:
        told = [turn.response for turn in reading.state.turns[-LASTS:] if turn.response.source is Source.SAFETY]
        kind = next((response.intent for response in reversed(told) if response.intent in DANGER), None)
        if kind is None:
            return None
        scores = reading.scores
        if scores.accepted and scores.best.intent not in _ANSWERS:
            return None
        reply = self._phrases.say(OCCASIONS.get(kind, "aftercare"), reading.rng, recent_replies(reading.state))
        return Proposal(reply, Source.SAFETY, "방금 위기를 말함", reading.state, intent="aftercare")
