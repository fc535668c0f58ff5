"""Other ways to type the same thing, for training. In: a preprocessed text and dice. Out: a text that means the same.

Six changes: spaces dropped, a jamo slipped, a neighbouring key hit, a particle dropped, an ending changed, the speech
level changed. Knows nothing of labels or tensors.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from chatbot.text.jamo import change_one_jamo, is_syllable
from chatbot.text.noise import jamo_noise, nospace

_PARTICLES = ("에서", "한테", "까지", "은", "는", "이", "가", "을", "를", "에", "도", "로")
# Pairs of final endings that ask or say the same in another level or mood; tried in this order.
_ENDINGS = (
    ("해 주세요", ("해 줘", "해줘", "해라", "해줄래", "해 줄 수 있어")),
    ("해주세요", ("해 줘", "해줘", "해라", "해줄래")),
    ("해 줘", ("해 주세요", "해주세요", "해", "해라", "해줄래")),
    ("해줘", ("해 주세요", "해주세요", "해", "해라", "해줄래")),
    ("주세요", ("줘", "줘요", "줄래", "주라", "줄 수 있어")),
    ("줘요", ("줘", "주세요", "줄래요")),
    ("줄래", ("줘", "주세요", "줄래요")),
    ("줘", ("주세요", "줘요", "줄래", "주라", "줘라")),
    ("있나요", ("있어", "있어요", "있니", "있냐", "있을까")),
    ("인가요", ("이야", "이에요", "인가", "이니")),
    ("나요", ("니", "냐", "어요")),
    ("할까요", ("할까", "하지", "하면 돼")),
    ("까요", ("까",)),
    ("뭐야", ("뭐예요", "뭔가요", "뭐니", "뭐지", "뭐임")),
    ("습니다", ("어요", "어")),
    ("네요", ("네",)),
    ("어요", ("어",)),
    ("아요", ("아",)),
    ("해요", ("해",)),
    ("어때", ("어때요", "어떤가요", "어떰", "어떠니")),
    ("알려", ("알려줘", "말해줘")),
    ("싶어", ("싶어요", "싶다", "싶음")),
    ("있어", ("있어요", "있나요", "있니", "있냐")),
    ("했어", ("했어요", "했다", "했음", "했습니다")),
    ("았어", ("았어요", "았다", "았음")),
    ("었어", ("었어요", "었다", "었음")),
    ("해", ("해요", "한다", "함")),
    ("야", ("야?", "예요", "인가요")),
)


def drop_spaces(text: str, dice: random.Random) -> str:
    """All spaces gone, or a few of them."""
    if dice.random() < 0.6:
        return nospace(text)
    words = text.split()
    return "".join(word if dice.random() < 0.5 else word + " " for word in words).strip()


def slip_jamo(text: str, dice: random.Random) -> str:
    """One jamo changed in about one syllable of ten, and in at least one now and then."""
    return jamo_noise(text, dice, rate=dice.choice((0.06, 0.1, 0.15)))


def hit_neighbour(text: str, dice: random.Random) -> str:
    """One syllable typed with a finger one key off."""
    places = [place for place, char in enumerate(text) if is_syllable(char)]
    if not places:
        return text
    place = dice.choice(places)
    return text[:place] + change_one_jamo(text[place], dice) + text[place + 1 :]


def drop_particle(text: str, dice: random.Random) -> str:
    """One particle gone from the end of a word of at least two other syllables (the last word keeps its ending)."""
    words = text.split(" ")
    ends = [
        (place, particle)
        for place, word in enumerate(words[:-1])
        for particle in _PARTICLES
        if word.endswith(particle) and len(word) - len(particle) >= 2
    ]
    if not ends:
        return text
    place, particle = dice.choice(ends)
    words[place] = words[place][: -len(particle)]
    return " ".join(words)


def change_ending(text: str, dice: random.Random) -> str:
    """The final ending in another level or mood: 알려 주세요 → 알려 줘."""
    bare = text.rstrip("?!.~ ")
    for ending, others in _ENDINGS:
        if bare.endswith(ending):
            return bare[: -len(ending)] + dice.choice(others)
    return text


def change_level(text: str, dice: random.Random) -> str:
    """반말 ↔ 존댓말 by the last syllable alone: 요 comes or goes; final punctuation comes or goes."""
    bare = text.rstrip("?!.~ ")
    if bare.endswith("요") and len(bare) > 3:
        return bare[:-1]
    if bare.endswith(("어", "아", "해", "지", "네", "까", "군", "래")):
        return bare + "요"
    return bare + dice.choice(("", "?", ".", "!", "~"))


Change = Callable[[str, random.Random], str]

CHANGES: Sequence[tuple[Change, float]] = (
    (drop_spaces, 0.30),
    (slip_jamo, 0.30),
    (hit_neighbour, 0.10),
    (drop_particle, 0.10),
    (change_ending, 0.10),
    (change_level, 0.10),
)


def augment(text: str, dice: random.Random, chance: float = 0.5) -> str:
    """The text, changed with `chance` by one of `CHANGES`, and by a second one in a quarter of those cases."""
    if dice.random() >= chance:
        return text
    changes, weights = zip(*CHANGES, strict=True)
    for change in dice.choices(changes, weights, k=2 if dice.random() < 0.25 else 1):
        text = change(text, dice) or text
    return text
