"""Whether somebody is in danger, told in words that no rule knows. In: a text. Out: the kind of danger, how likely.

A calibrated linear classifier over characters and morphemes, taught by scripts/train_safety.py on
corpus/lexicon/danger.tsv and ordinary lines. It backs the rules of safety.py: what they call danger stays that, and
before their other kinds (swearing, health, law, money) it goes only when certain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatbot.intent.model import IntentModel
    from chatbot.neural.meanings import Words

# What the lines of danger.tsv are labelled with.
CRISIS, ABUSE, EMERGENCY, NONE = "crisis", "abuse_report", "emergency", "none"
# A danger that may be meant: the reply names the help lines and says that it may have misheard.
CONCERN = "concern"
# Told by rules only: being left out or mocked. The classifier takes it for abuse.
BULLYING = "bullying"
# Decisions, not measurements: a cry that is passed over costs twice as much as a help line too many.
SURE, PERHAPS = 0.8, 1 / 3
# From here on it goes before the rules for swearing, law, money and health.
CERTAIN = 0.9

# What is read of a text, in characters: who needs help says so at once.
LONGEST = 300
# Laughter, tears and politeness say nothing of danger: people in need laugh it off, and are polite or not.
_NO_MATTER = re.compile(r"[ㅋㅎㅠㅜ]+|(?<=[가-힣])요(?![가-힣])")


def as_heard(text: str) -> str:
    """`text` as the classifier reads it."""
    return " ".join(_NO_MATTER.sub(" ", text[:LONGEST]).split())


@dataclass(frozen=True)
class DangerClassifier:
    """An intent model whose labels are kinds of danger, and none."""

    model: IntentModel

    @classmethod
    def load(cls, folder: Path, words: Words | None = None) -> DangerClassifier:
        """Read what scripts/train_safety.py wrote; `words` spares it an analyzer of its own.

        Raises
        ------
        CheckpointError
            when the folder is damaged.
        """
        from chatbot.intent.model import IntentModel

        return cls(IntentModel.load(folder, words))

    def judge(self, text: str) -> tuple[str, float]:
        """(kind, probability of danger): a kind of danger when sure of it, CONCERN when it may be, else ""."""
        from chatbot.intent.calibrate import softmax

        # `rate` would also say how familiar the text looks, at three times the price; every message pays it.
        scores = self.model.linear.scores([self.model.spacing.space(as_heard(text))])
        said = softmax(self.model.fusion.scores([scores]))[0].tolist()
        probabilities = dict(zip(self.model.labels, said, strict=True))
        danger = 1.0 - probabilities.pop(NONE)
        if danger < PERHAPS:
            return "", danger
        return (max(probabilities, key=lambda kind: probabilities[kind]) if danger >= SURE else CONCERN), danger
