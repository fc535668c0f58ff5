"""How the user seems to feel, when no answer is sure: -1 low to 1 high. In: a reading. Out: a number.

A word of feeling (힘들다, 신나다) says it. Without one, two witnesses must agree: the intents that may be meant (sad,
tired … against happy, proud …) and the sentiment head. Neither is trusted alone: the head was taught on film reviews,
and an intent below its threshold is a guess. What was said before lingers. Knows nothing of wording.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from chatbot.dialogue.reading import Reading
from chatbot.types import IntentScores

LOW_INTENTS = frozenset([
    "angry", "anxious", "career_worry", "exam_failed", "exam_worry", "failure", "family_trouble",
    "focus_trouble", "friend_conflict", "heartbroken", "homesick", "insomnia", "interview_nervous", "lonely",
    "math_struggle", "money_worry", "need_comfort", "presentation_nervous", "sad", "sick", "stressed",
    "study_unwilling", "tired",
])  # fmt: skip
HIGH_INTENTS = frozenset(["birthday", "exam_passed", "happy", "in_love", "laugh", "proud", "study_done"])
# Decisions, not measurements: how much of a mood is left a turn later, and from where it shows in a reply.
LINGERS = 0.5
# … and where neither a witness nor the words of this line say that it goes on.
FADES = 0.2
LOW_FROM, HIGH_FROM = -0.2, 0.4
# An intent below this is noise.
HEARD_FROM = 0.1
# What a word of feeling says.
SAID = 0.5
_NOT = r"(?!\s*(?:지\s?않|지\s?마|\s?마(?:요|세요)?$))"
_LOW_WORDS = re.compile(
    "(?<!안 )(?:힘들|힘드|힘든|지쳤|지친다|괴로|괴롭|슬프|슬퍼|우울|속상|서럽|서러|외로|외롭|무서워|무섭|두려|두렵"
    "|답답|막막|서운|허무|불안|억울|비참|초라|눈물|울고\\s?싶|울었|미치겠|죽겠|망했|미워|싫어졌|지긋지긋|버거|버겁|걱정[돼되이]"
    f"|혼났|차였|잃어버|다쳤|아파|아프){_NOT}"
)
_HIGH_WORDS = re.compile(
    "(?<!안 )(?:신나|신난|행복|기뻐|기쁘|기쁜|설레|설렌|뿌듯|최고야|최고예요|좋은\\s?일|당첨|합격|성공했|칭찬받|자랑)"
    f"{_NOT}"
)
# A line with one of these is not low because the one before was.
_BRIGHT = re.compile(r"ㅋㅋ|ㅎㅎ|괜찮|재밌|재미있|맛있|다행|좋[아네다은겠]|고마|고맙|!\s*$|잔치|선물|여행")
# What an intent that was believed says of the mood.
TOLD = 0.8


@dataclass(frozen=True, slots=True)
class Tone:
    """`feeling` is the sentiment head: a text to -1 … 1."""

    feeling: Callable[[str], float]

    def __call__(self, reading: Reading) -> float:
        """The mood now: what is left of the mood before, and what this utterance adds."""
        before, leaning = reading.state.mood, leaning_of(reading.scores)
        felt = self.feeling(reading.text) if leaning or before else 0.0
        added = SAID * (bool(_HIGH_WORDS.search(reading.text)) - bool(_LOW_WORDS.search(reading.text)))
        if not added and leaning:
            # The mood before is a witness too.
            agreed = [abs(witness) for witness in (felt, before) if witness * leaning > 0]
            added = min(max(agreed, default=0.0), abs(leaning)) * (1 if leaning > 0 else -1)
        goes_on = felt * before >= 0 and not (before < 0 and _BRIGHT.search(reading.text))
        return max(-1.0, min(1.0, (LINGERS if goes_on else FADES) * before + added))


def sounds_low(text: str) -> bool:
    """Whether the words themselves say that something is hard, whatever a model felt."""
    return bool(_LOW_WORDS.search(text))


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
