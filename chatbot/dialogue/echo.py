"""What a sentence nobody understood is about: "오늘 김치찌개 끓였어" is about 김치찌개. In: text. Out: a noun phrase,
and the sentence said back (mirror.py).

Only words that Kiwi's dictionary knows are echoed, so that noise is never repeated as if it were understood, and
nothing of a text with personal data in it. Knows nothing of replies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from chatbot.dialogue.mirror import LAST_INVENTED, Mirror, Mirrored
from chatbot.dialogue.nouns import only_nouns
from chatbot.dialogue.privacy import findings

MAX_NOUN = 14
_NOUN = ("NNG", "NNP")
# Nouns that say when, how much or nothing: no topic of a talk.
_EMPTY = frozenset([
    "오늘", "어제", "내일", "모레", "그제", "요즘", "지금", "아까", "이따", "나중", "방금", "이번", "저번", "다음",
    "지난주", "이번주", "다음주", "주말", "아침", "점심", "저녁", "밤", "새벽", "오전", "오후", "하루", "종일", "시간",
    "동안", "때문", "정도", "생각", "말", "얘기", "이야기", "사람", "누구", "자기", "진짜", "정말", "완전", "혹시",
    "그냥", "하나", "조금", "이거", "그거", "저거", "여기", "거기", "저기", "이유", "방법", "경우", "문제", "기분",
    "느낌", "마음", "사실", "필요", "이해", "대답", "답", "질문", "부탁", "추천", "설명", "소리", "이름", "반말",
    "존댓말", "무엇", "뭐", "일", "것", "거", "수", "줄", "처음", "마지막", "최근", "가끔", "매일", "항상", "제일",
    "서로", "혼자", "모두", "전부", "다들", "우리", "아무", "때", "중", "앞", "뒤", "위", "아래", "안", "밖", "속",
    "옆", "도담", "도담이", "챗봇", "한국", "한국어", "한글", "번", "개", "명", "년", "월", "일", "시", "분", "초",
    "법", "데", "쪽", "편", "들", "이젠", "이제", "요즘엔", "그때", "장난", "농담", "큰일", "고민", "구라", "거짓말",
    "평균", "정답", "단계", "정리", "낼", "이번주", "다음", "결과", "사장", "사장님", "손님", "친구", "애", "애들",
    "핑계", "핑계거리", "점", "가능", "위로", "인생", "세상", "줄임말", "외국", "손주", "하기", "오늘날",
])  # fmt: skip
# What asks for the very thing that is named before it: 사과는 뭐야, 사과 좀 알려줘.
_OF_IT = re.compile(
    r"(?:\s?(?:은|는|이|가|을|를|란|이란|이라는|에 대해\S*|쪽|좀|같은|관련))*\s?(?:\S+\s)?"
    r"(?:뭐|뭔|무엇|무슨|어디|어떻|언제|얼마|왜|알려|말해|설명|정보|소개|가르쳐|누구|누가|어떤\s?(?:거|건)|궁금|배우|찾아)"
)
_QUESTION = re.compile(
    r".*(?:[?？]|(?:뭐|무엇|뭔|왜|언제|어디|어떻게|어떤|얼마|몇|누구|누가|무슨)\S*(?:\s*\S+){0,3}|알려\s*(?:줘|주세요|줄래)\S*"
    r"|(?:말해|설명해|찾아|가르쳐|보여|해|써|만들어|골라|읽어)\s*(?:줘|주세요|줄래|봐)\S*|(?:까|나요|가요|니|냐|을래|ㄹ래|자|좀)요?)[\s.!~ㅋㅎㅠ]*"
)


# … and what only looks like a question: 뭐라고 써야 할지 모르겠어, 집이나 가자, 월요일이라니.
_STATES = re.compile(
    r"(?:니다|네요?|거든요?|더라고?요?|[^니]다|자|게요?|안 나요?|라니|모르겠\S{0,3}|막막\S{0,3}|고민\S{0,4})"
    r"[\s.!~ㅋㅎㅠ]*$"
)


@dataclass(frozen=True, slots=True)
class Heard:
    """The noun phrase, or "", whether the sentence asks or tells, and the sentence said back where it can be. `names`:
    nouns side by side, which say nothing of anybody's day ("검색 점수").
    """

    noun: str
    asks: bool
    back: Mirrored | None = None
    names: bool = False


class Echo:
    """Finds it with one `kiwipiepy.Kiwi`."""

    def __init__(self, kiwi: Any) -> None:
        self._kiwi = kiwi
        self._mirror = Mirror(kiwi)

    def __call__(self, text: str) -> Heard:
        if findings(text):
            return Heard("", _asks(text))
        tokens = self._kiwi.tokenize(text)
        says = any(token.tag.startswith(("VV", "VA", "VCP", "VCN", "XSV", "XSA")) for token in tokens)
        noun, asks = _first_run(text, tokens) if says else "", _asks(text)
        if asks and noun and not _OF_IT.match(text, text.index(noun) + len(noun)):
            noun = ""
        names = len(tokens) > 1 and only_nouns({token.tag for token in tokens})
        return Heard(noun, asks, self._mirror(text), names)


def _asks(text: str) -> bool:
    """Whether a line asks: by its mark, or by its words if it does not end as a statement does."""
    if text.rstrip(" ~ㅋㅎㅠ").endswith(("?", "？")):
        return True
    return _QUESTION.fullmatch(text) is not None and _STATES.search(text) is None


def _first_run(text: str, tokens: list[Any]) -> str:
    """The first run of known nouns that says something, as it stands in the text."""
    at = 0
    while at < len(tokens):
        end = at
        while end < len(tokens) and _goes_on(tokens, at, end):
            end += 1
        phrase = text[tokens[at].start : _end(tokens[end - 1])] if end > at else ""
        # A noun with 하다 behind it is a verb: 야근하다, 실수하다.
        verb = end < len(tokens) and tokens[end].tag in ("XSV", "XSA") and end == at + 1
        # 외국+인, 18+단계: a part of a word.
        part = end < len(tokens) and tokens[end].tag == "XSN" and tokens[end].start == _end(tokens[end - 1])
        part = part or (at > 0 and tokens[at - 1].tag in ("SN", "XPN") and _end(tokens[at - 1]) == tokens[at].start)
        if 2 <= len(phrase) <= MAX_NOUN and not verb and not part:
            return phrase
        at = max(end, at + 1)
    return ""


def _goes_on(tokens: list[Any], first: int, at: int) -> bool:
    """Whether token `at` belongs to a run that begins with token `first`: 삼다+수 공장."""
    token = tokens[at]
    if token.tag not in _NOUN or token.id <= LAST_INVENTED:
        return False
    if at > first and token.start == _end(tokens[at - 1]):
        return True
    return token.form not in _EMPTY and (at == first or token.start - _end(tokens[at - 1]) == 1)


def _end(token: Any) -> int:
    return int(token.start + token.len)
