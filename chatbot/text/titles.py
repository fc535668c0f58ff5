"""Names as 해체 says them: 지훈 님이라고 → 지훈이라고, 지훈 님 → 지훈아. In and out: text. Knows no endings."""

from __future__ import annotations

import re

from chatbot.text.josa import attach

# What may stand behind 님, and the pair that the bare name takes.
_PAIRS = {
    "이라고": "이라고/라고",
    "이라는": "이라는/라는",
    "이라": "이라/라",
    "이잖": "이잖/잖",
    "이지": "이지/지",
    "이구나": "이구나/구나",
    "이야": "이야/야",
    "이었": "이었/였",
    "으로": "으로/로",
    "은": "은/는",
    "이": "이/가",
    "을": "을/를",
    "과": "과/와",
    "": "아/야",
}
_PARTICLE = "|".join(sorted(filter(None, _PAIRS), key=len, reverse=True))
_TITLED = re.compile(rf"(?P<name>[가-힣A-Za-z]+) 님(?P<particle>{_PARTICLE}|(?=[,!.]))")


def untitled(text: str) -> str:
    """`text` with names that carry no 님; their particles agree with the name."""
    return _TITLED.sub(lambda match: attach(match["name"], _PAIRS[match["particle"]]), text)
