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
STOPS, CHOOSES = 4096, 8192  # says not to; names things to choose from
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
    **dict.fromkeys(("금지/N", "그만/M", "자제/N", "삼가/V"), STOPS),
    **dict.fromkeys(("아니면/M", "또는/M", "혹은/M"), CHOOSES),
}
# Nouns that stand for a question word where something is asked or wanted to be told: 굽는 법, 여는 시간 알려 줘.
_NOUNS = {
    **dict.fromkeys(("방법", "법", "방식", "요령"), HOW),
    **dict.fromkeys(("이유", "까닭"), WHY),
    **dict.fromkeys(("시간", "날짜", "일정"), WHEN),
    **dict.fromkeys(("장소", "위치"), WHERE),
}
_TELLING = frozenset(("알리", "말하", "가르치", "설명", "궁금", "궁금하", "묻", "여쭈"))  # 알려 줘 asks
_NEAR_END = 6  # morphemes: 알리 + 어 + 주 + 시 + 겠 + 어요
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
_STOPPED = frozenset((("말", "지"), ("되", "안"), ("되", "못")))  # 하지 마, 하면 안 돼: a word and the one before it


def kinds(text: str, morphemes: Sequence[Morpheme]) -> int:
    """The bits of a line. A line without a predicate at its end (a title, a name) neither asks, wants nor tells."""
    words = [morpheme for morpheme in morphemes if not morpheme.tag.startswith("S")]
    found = READ | (MARK if text.rstrip().endswith("?") else 0) | _worded(words)
    last = next((word for word in reversed(words) if not word.tag.startswith(("J", "IC")) and word.form != "좀"), None)
    telling = any(word.form in _TELLING for word in words[-_NEAR_END:])
    if last is None:
        return found
    if telling or found & (MARK | WHAT) or last.form in _NOUNS:
        for word in words:
            found |= _NOUNS.get(word.form, 0) if word.tag[0] == "N" else 0
    if not last.tag.startswith(_PREDICATE):
        return found
    if telling or found & (MARK | QUESTIONED) or last.form in _ASKING:
        return found | ASKS
    return found | (WANTS if found & STOPS or last.form in _WANTING or _gives(words) else TELLS)


def _worded(words: Sequence[Morpheme]) -> int:
    """What single words say: question words, 지 마, 안 돼, 둘 중에, 갈까 말까."""
    found = asking = 0
    for at, word in enumerate(words):
        before = words[at - 1] if at else None
        after = words[at + 1] if at + 1 < len(words) else None
        bits = _WORDS.get(f"{word.form}/{word.tag[0]}", 0)
        if bits & (COUNT | WHAT) and after is not None and after.form in _TIMES:
            bits |= WHEN
        if before is not None and (word.form, before.form) in _STOPPED:
            bits |= STOPS
        if before is not None and (word.form, before.form) == ("면", "아니"):
            bits |= CHOOSES
        if word.form == "중" and word.tag == "NNB" and before is not None and before.tag[0] == "N":
            bits |= CHOOSES
        asking += word.tag in ("EF", "EC") and word.form in _ASKING
        found |= bits
    return found | (CHOOSES if asking > 1 else 0)


def _gives(words: Sequence[Morpheme]) -> bool:
    """The line ends in 주 (해 줘, 알려 주세요)."""
    stems = [morpheme for morpheme in words[-4:] if morpheme.tag[0] == "V"]
    return bool(stems) and stems[-1].form in ("주", "달") and not any(word.form in ("었", "았") for word in words[-3:])
