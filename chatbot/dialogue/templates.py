"""The written replies of an intent: which of them fits now. Knows nothing of classifiers.

Among equally good replies the one people like more comes more often: Thompson sampling over a Beta posterior of 👍 and
👎 (Thompson 1933; Chapelle & Li 2011, "An Empirical Evaluation of Thompson Sampling"). A floor on the chance of each
reply bounds how far the habit may go.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from chatbot.dialogue.phrases import BOT_NAME
from chatbot.text.josa import fill, slots_of

# Each reply keeps at least this share of a fair chance, so that a few early 👎 silence nobody for good.
EXPLORATION = 0.2

Counts = Callable[[Sequence[str]], Mapping[str, tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Picked:
    """A reply with its slots filled, its stable key, and how it was chosen."""

    text: str
    key: str
    how: str


def reply_key(intent: str, template: str) -> str:
    """A stable key of one reply template: the same text keeps its 👍 when lines around it move."""
    return f"{intent}/{zlib.crc32(template.encode()):08x}"


def pick(
    intent: str,
    templates: Sequence[str],
    slots: Mapping[str, str],
    recent: Collection[str],
    rng: random.Random,
    counts: Counts | None,
) -> Picked | None:
    """One reply whose slots are all known, fresh if possible, the liked ones more often.

    A template that uses more of what the user told (slots other than the bot's own name) is preferred to one that uses
    less. None when no template can be filled.
    """
    usable = [template for template in templates if slots_of(template) <= slots.keys()]
    told = {template: len(slots_of(template) - {BOT_NAME}) for template in usable}
    most = max(told.values(), default=0)
    filled = {template: fill(template, slots) for template in usable if told[template] == most}
    fresh = [template for template, text in filled.items() if text not in recent] or list(filled)
    if not fresh:
        return None
    if counts is None or rng.random() < EXPLORATION:
        chosen, how = rng.choice(fresh), "고르게 뽑음"
    else:
        chosen, how = _thompson(intent, fresh, rng, counts)
    return Picked(filled[chosen], reply_key(intent, chosen), how)


def _thompson(intent: str, templates: Sequence[str], rng: random.Random, counts: Counts) -> tuple[str, str]:
    known = counts([reply_key(intent, template) for template in templates])
    drawn = {}
    for template in templates:
        likes, dislikes = known.get(reply_key(intent, template), (0, 0))
        drawn[template] = rng.betavariate(1 + likes, 1 + dislikes)
    chosen = max(templates, key=lambda template: drawn[template])
    likes, dislikes = known.get(reply_key(intent, chosen), (0, 0))
    return chosen, f"반응을 보고 뽑음 (👍 {likes}, 👎 {dislikes})"
