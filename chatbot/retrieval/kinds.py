"""What kind of line a line is: what it asks for, and whether it asks, tells or wants. In: text, morphemes. Out: bits.

"도서관 어디야" and "도서관 왔어" share their only noun, yet the second answers nobody who asks where. Two lines are
compared by these bits in features.py. Knows nothing of rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.types import Morpheme

MARK, ASKS, WANTS, TELLS = 1, 2, 4, 8  # ends in a question mark; is a question; a command or request; a statement
WHERE, WHEN, WHO, WHAT, WHY, HOW, COUNT = (16 << place for place in range(7))
READ = 2048  # set by `kinds`; rows saved before there were kinds lack it and say nothing of theirs
QUESTIONED = WHERE | WHEN | WHO | WHAT | WHY | HOW | COUNT

# By the form and the first letter of the tag: 어디/NP, but not 어디/IC.
_WORDS = {
    **dict.fromkeys(("어디/N", "어딨/V"), WHERE),
    **dict.fromkeys(("언제/N", "언제/M", "며칠/N"), WHEN),
    **dict.fromkeys(("누구/N", "누/N"), WHO),
    **dict.fromkeys(("뭐/N", "무엇/N", "뭣/N", "무슨/M", "뭔/M", "어느/M", "어떤/M"), WHAT),
    **dict.fromkeys(("왜/M", "왜/I", "웬/M"), WHY),
    **dict.fromkeys(("어떻/V", "어떠하/V", "어떡하/V", "어찌/M", "어쩌/V"), HOW),
    **dict.fromkeys(("몇/M", "몇/N", "얼마/N", "얼마/M", "얼마나/M"), COUNT),
}
_TIMES = frozenset(("시", "월", "일", "년", "분", "요일", "날", "때", "시간"))  # 몇 시, 무슨 요일: when
_ASKING = frozenset((
    "니", "으니", "냐", "으냐", "느냐", "나", "나요", "까", "ㄹ까", "을까", "ㄹ까요", "을까요", "ㄴ가", "은가",
    "는가", "ㄴ가요", "은가요", "는가요", "던가", "던가요", "ㅂ니까", "습니까", "ㄹ래", "을래", "ㄹ래요", "을래요",
    "ㄴ지", "는지", "은지", "ㄴ지요", "는지요", "죠",
))  # fmt: skip
_WANTING = frozenset((
    "아라", "어라", "거라", "라", "으라", "세요", "으세요", "십시오", "으십시오", "자", "ㅂ시다", "읍시다",
))  # fmt: skip
_PREDICATE = ("V", "X", "E")


def kinds(text: str, morphemes: Sequence[Morpheme]) -> int:
    """The bits of a line. A line without a predicate at its end (a title, a name) neither asks, wants nor tells."""
    found = READ | (MARK if text.rstrip().endswith("?") else 0)
    words = [morpheme for morpheme in morphemes if not morpheme.tag.startswith("S")]
    for at, morpheme in enumerate(words):
        asked = _WORDS.get(f"{morpheme.form}/{morpheme.tag[0]}", 0)
        if asked & (COUNT | WHAT) and at + 1 < len(words) and words[at + 1].form in _TIMES:
            asked |= WHEN
        found |= asked
    last = next((morpheme for morpheme in reversed(words) if not morpheme.tag.startswith(("J", "IC"))), None)
    if last is None or not last.tag.startswith(_PREDICATE):
        return found
    if found & (MARK | QUESTIONED) or last.form in _ASKING:
        return found | ASKS
    return found | (WANTS if last.form in _WANTING or _gives(words) else TELLS)


def _gives(words: Sequence[Morpheme]) -> bool:
    """The line ends in 주 (해 줘, 알려 주세요)."""
    stems = [morpheme for morpheme in words[-4:] if morpheme.tag[0] == "V"]
    return bool(stems) and stems[-1].form in ("주", "달") and not any(word.form in ("었", "았") for word in words[-3:])
