"""How the user seems to feel, when no answer is sure: -1 low to 1 high. In: a reading. Out: a number.

Two witnesses must agree: the intents that may be meant (sad, tired … against happy, proud …) and the sentiment head.
Neither is trusted alone: the head was taught on film reviews, and an intent below its threshold is a guess. What was
said before lingers. Knows nothing of wording.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatbot.dialogue.reading import Reading
from chatbot.types import IntentScores

LOW_INTENTS = frozenset([
    "angry", "anxious", "bored", "career_worry", "exam_failed", "exam_worry", "failure", "family_trouble",
    "focus_trouble", "friend_conflict", "heartbroken", "homesick", "insomnia", "interview_nervous", "lonely",
    "math_struggle", "money_worry", "need_comfort", "presentation_nervous", "sad", "sick", "stressed",
    "study_unwilling", "tired",
])  # fmt: skip
HIGH_INTENTS = frozenset(["birthday", "exam_passed", "happy", "in_love", "laugh", "proud", "study_done"])
# Decisions, not measurements: how much of a mood is left a turn later, and from where it shows in a reply.
LINGERS = 0.5
LOW_FROM, HIGH_FROM = -0.2, 0.4
# An intent below this is noise.
HEARD_FROM = 0.1
# What an intent that was believed says of the mood.
TOLD = 0.8


@dataclass(frozen=True, slots=True)
class Tone:
    """`feeling` is the sentiment head: a text to -1 … 1."""

    feeling: Callable[[str], float]

    def __call__(self, reading: Reading) -> float:
        """The mood now: what is left of the mood before, and what this utterance adds."""
        before, leaning = reading.state.mood, leaning_of(reading.scores)
        added = 0.0
        if leaning:
            # The mood before is a witness too.
            felt = self.feeling(reading.text)
            agreed = [abs(witness) for witness in (felt, before) if witness * leaning > 0]
            added = min(max(agreed, default=0.0), abs(leaning)) * (1 if leaning > 0 else -1)
        return max(-1.0, min(1.0, LINGERS * before + added))


def mood_after(mood: float, intent: str) -> float:
    """The mood once `intent` was believed."""
    if intent in LOW_INTENTS:
        return -TOLD
    return TOLD if intent in HIGH_INTENTS else LINGERS * mood


def leaning_of(scores: IntentScores) -> float:
    """The probability of the high intents less that of the low ones."""
    heard = [score for score in scores.ranked if score.probability >= HEARD_FROM]
    low = sum(score.probability for score in heard if score.intent in LOW_INTENTS)
    return sum(score.probability for score in heard if score.intent in HIGH_INTENTS) - low
