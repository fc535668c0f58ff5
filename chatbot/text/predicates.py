"""Where predicates stand in a sentence, and which of them end it. In: text, its Kiwi tokens. Out: predicates in order.

A predicate is a stem with the endings that hang on it (보 + 었 + 어요). Knows speech levels by their final endings;
rewrites nothing.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatbot.text.reading import Ending
from chatbot.text.reading import ending as sound
from chatbot.types import SpeechLevel

_STEMS = ("VV", "VA", "VX", "VCP", "VCN", "XSV", "XSA")
_INSIDE = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|‘[^’\n]*’|“[^”\n]*”|「[^」\n]*」|『[^』\n]*』|`[^`\n]*`")
# Connective endings that people end a casual sentence with.
_CASUAL_EC = frozenset([
    "는데", "ᆫ데", "은데", "던데", "고", "어서", "라서", "니까", "으니까", "거든", "다", "ᆫ다", "는다", "자", "어라",
    "라", "냐", "니", "지만",
    "려고", "으려고", "지", "어", "네", "게", "더라고", "다고", "라고", "ᆫ다고", "는다고", "ᆯ까", "을까", "어야지",
    "구나", "는구나", "야", "길래",
    "다면", "ᆫ다면", "는다면", "든지",
])  # fmt: skip
# 온다고 해요 → 온대요, 하자고 해요 → 하재요.
_TELLING = {"다": "대요", "라": "래요", "자": "재요", "냐": "냬요"}
_TIMES = frozenset([
    "오늘", "지금", "이번", "다음", "내일", "주말", "밤", "때", "저녁", "아침", "점심", "요즘", "이제", "나중",
    "당분간", "동안", "중", "뒤", "후", "전", "날", "번", "주", "달",
])  # fmt: skip
_WH = re.compile(r"(?:뭐|뭘|무슨|무엇|누구|누가|어디|언제|왜|어때|어떻|어떤|몇|얼마)(?!든|나|도|라도)")
_ENDS = re.compile(r"[.!?…\n]")
_TAGS = ("그렇", "맞")  # 맛있어요, 그렇죠? states and then asks
_NOUN_ENDINGS = frozenset(["ᆷ", "음", "기", "ᆯ", "을"])


@dataclass(frozen=True, slots=True)
class Token:
    """A Kiwi token after the readings that matter here are mended."""

    form: str
    tag: str
    start: int
    len: int

    @property
    def end(self) -> int:
        return self.start + self.len


@dataclass(frozen=True, slots=True)
class Predicate:
    """A stem with its endings over `start:end` of the text; `final` holds for the one that closes a sentence.

    `ending` is the last ending's form as Kiwi names it, with a 요 that follows it. `pre` are the endings between. For
    the copula, `bare` holds when its 이 is not written (친구예요). `asks` holds before a question mark. `behind` are
    morphemes that share a syllable with the ending (건강하시길: 기 + ㄹ); `shared` is the morpheme before that shares
    one (것 in 걸까요). `after_noun` tells 아메리카노요 from 집에서요. `topic` holds when its clause is about a thing
    (도커는 …), not a time.
    """

    stem: str
    tag: str
    pre: tuple[str, ...]
    ending: str
    ending_tag: str
    start: int
    end: int
    final: bool
    asks: bool
    bare: bool
    before: str
    behind: tuple[tuple[str, str], ...] = ()
    shared: str = ""
    after_noun: bool = True
    topic: bool = False

    @property
    def level(self) -> SpeechLevel | None:
        """The speech level of a final ending."""
        return level_of(self.ending) if self.final else None


def level_of(ending: str) -> SpeechLevel | None:
    """The speech level that a final ending belongs to; None for endings that make nouns (시험임)."""
    if ending.endswith(("요", "죠")):
        return SpeechLevel.HAEYO
    if ending.endswith(("니다", "니다만", "시오", "시다", "습니까", "ᆸ니까")):
        return SpeechLevel.HAPSYO
    return None if ending in _NOUN_ENDINGS else SpeechLevel.HAE


def quoted(text: str) -> list[tuple[int, int]]:
    """Spans that are somebody else's words and stay as they are."""
    return [match.span() for match in _INSIDE.finditer(text)]


def inside(position: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= position < end for start, end in spans)


def find_predicates(text: str, tokens: Sequence[Any]) -> list[Predicate]:
    """All predicates outside quotes, and the 요 that ends a phrase without one ("아메리카노요")."""
    spans = quoted(text)
    tokens = mended(text, tokens)
    found: list[Predicate] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if inside(token.start, spans):
            index += 1
        elif _tag(token) in _STEMS:
            predicate, index = _predicate(text, tokens, index)
            if predicate is not None:
                found.append(predicate)
        elif _is_polite_particle(tokens, index):
            found.append(_particle(text, tokens, index))
            index += 1
        else:
            index += 1
    return _asked(text, found)


def _asked(text: str, predicates: Sequence[Predicate]) -> list[Predicate]:
    """The predicates, with those marked that ask before a comma: 배달이 많았어요, 카페가 많았어요?"""
    result: list[Predicate] = []
    later: Predicate | None = None
    start = [0, *(one.end for one in predicates if one.final)]
    clauses = iter(reversed(list(itertools.pairwise(start))))
    later_clause = ""
    for one in reversed(predicates):
        if one.final:
            clause = text[slice(*next(clauses))]
            between = text[one.end : later.start] if later else "."
            asked_with = later is not None and later.asks and later.stem not in _TAGS and not _ENDS.search(between)
            if asked_with and (_WH.search(clause) or not _WH.search(later_clause)):
                one = replace(one, asks=True)
            later, later_clause = one, clause
        result.append(one)
    return result[::-1]


def mended(text: str, tokens: Sequence[Any]) -> list[Token]:
    """Kiwi's tokens, with polite endings read as what they are: -ㄹ게요, -는걸요, 계세요, 드세요, 소문이요,
    온다잖아요.
    """
    result = [Token(token.form, token.tag, token.start, token.len) for token in tokens]
    index = 1
    while index < len(result):
        before, token = result[index - 1], result[index]
        written = text[before.start : token.end]
        if token.form == "요" and token.tag in ("EF", "EC") and before.tag == "VCP":
            if index >= 3 and result[index - 2].form == "것" and result[index - 3].form in ("ᆯ", "을"):
                start = result[index - 3].start
                result[index - 3 : index + 1] = [Token("ᆯ게요", "EF", start, token.end - start)]
                index -= 3
            else:
                form = "이요" if before.len else "요"
                result[index - 1 : index + 1] = [Token(form, "JX", before.start, token.end - before.start)]
                index -= 1
        elif token.tag == "EF" and index >= 2 and not before.len and _swallowed(result[index - 2], before):
            quoting = result[index - 2]
            said = quoting.form.removesuffix("고")
            form = (
                said[:-1] + _TELLING[said[-1]] if token.form == "어요" and said[-1] in _TELLING else said + token.form
            )
            result[index - 2 : index + 1] = [Token(form, "EF", quoting.start, token.end - quoting.start)]
            index -= 2
        elif token.form == "ᆯ" and before.form == "거" and index == len(result) - 2 and result[-1].tag == "SF":
            # 맛있는걸.
            if result[index - 2].tag == "ETM":
                start = result[index - 2].start
                result[index - 2 : index + 1] = [Token(result[index - 2].form + "걸", "EF", start, token.end - start)]
                index -= 2
        elif token.form == "요" and before.form == "이" and before.tag == "JKS":
            result[index - 1 : index + 1] = [Token("이요", "JX", before.start, token.end - before.start)]
            index -= 1
        elif token.form == "요" and before.form == "ᆯ" and index >= 3 and result[index - 3].form in ("는", "은", "ᆫ"):
            start = result[index - 3].start
            result[index - 3 : index + 1] = [Token(result[index - 3].form + "걸요", "EF", start, token.end - start)]
            index -= 3
        elif before.form == "어야" and token.form == "겠":
            # 내야겠네요: one predicate
            result[index - 1] = Token("어야", "EP", before.start, before.len)
        elif before.form == "아" and before.tag == "IC" and token.form in ("세요", "시"):
            result[index - 1] = Token("알", "VV", before.start, 1)
        elif before.form == "드세" and token.form == "어요":
            result[index - 1 : index + 1] = [
                Token("드", "VV", before.start, 1),
                Token("세요", "EF", before.start + 1, 2),
            ]
        elif written == "세요" and before.tag == "VCP" and index >= 2 and result[index - 2].form in ("계", "주무"):
            stem = result[index - 2]
            result[index - 2 : index + 1] = [Token(stem.form, "VV", stem.start, stem.len), token]
            index -= 1
        elif token.form == "요" and before.form == "데" and before.tag == "NNB" and index >= 2:
            # 없는데요, read as 없는 데
            relative = result[index - 2]
            if relative.tag == "ETM" and relative.form in ("는", "은", "ᆫ", "던"):
                joined = Token(relative.form + "데요", "EF", relative.start, token.end - relative.start)
                result[index - 2 : index + 1] = [joined]
                index -= 2
        elif before.form == "않" and index >= 2 and result[index - 2].start == before.start:
            # 쓰이잖아요, read as 쓰이지 않아요
            ending = "잖아" + token.form.removeprefix("어")
            result[index - 2 : index + 1] = [Token(ending, token.tag, before.start, token.end - before.start)]
            index -= 2
        elif token.tag == "EF" and before.tag == "JKG" and before.start == token.start and index >= 2:
            # 낸대요, read as 나의
            result[index - 2 : index] = [Token("내", "VV", before.start, 1)]
            index -= 1
        elif token.form in ("지요", "죠") and before.tag == "ETM" and before.end == token.start:
            # 싶은지요, read as a relative
            joined = Token(before.form + token.form, "EF", before.start, token.end - before.start)
            result[index - 1 : index + 1] = [joined]
            index -= 1
        elif token.form in ("예요", "에요") and token.tag == "EF" and before.tag.startswith("N"):
            if token.form == "예요" or sound(text[before.start : before.end]) is Ending.VOWEL:
                result.insert(index, Token("이", "VCP", token.start, 0))
            else:  # 순간에요
                result[index : index + 1] = [
                    Token("에", "JKB", token.start, 1),
                    Token("요", "JX", token.start + 1, 1),
                ]
            index += 1
        elif written == "차요" and text[: before.start].endswith("아니면 "):  # 커피 아니면 차요?
            result[index - 1 : index + 1] = [
                Token("차", "NNG", before.start, 1),
                Token("요", "JX", before.start + 1, 1),
            ]
        elif token.form == "요" and before.form == "ᆫ" and index >= 2 and result[index - 2].form == "기":
            # 촌스럽긴요
            start = result[index - 2].start
            result[index - 2 : index + 1] = [Token("기는요", "EF", start, token.end - start)]
            index -= 2
        index += 1
    return result


def _swallowed(quoting: Token, verb: Token) -> bool:
    """Whether `verb` is the 하 of 고 하 that was swallowed (온다잖아요), or what Kiwi takes for a copula there."""
    return verb.form == "하" or (verb.tag == "VCP" and quoting.tag.startswith("E") and quoting.form[-1] in _TELLING)


def _tag(token: Token) -> str:
    tag: str = token.tag
    return tag.partition("-")[0]


def _predicate(text: str, tokens: Sequence[Token], index: int) -> tuple[Predicate | None, int]:
    """The predicate whose stem is token `index`, and where to read on."""
    stem, after = tokens[index], index + 1
    pre: list[str] = []
    while after < len(tokens) and _tag(tokens[after]) == "EP":
        pre.append(tokens[after].form)
        after += 1
    if after >= len(tokens) or not _tag(tokens[after]).startswith("E"):
        return None, index + 1
    last = tokens[after]
    ending, end = last.form, last.start + last.len
    following = tokens[after + 1] if after + 1 < len(tokens) else None
    attached = following is not None and following.start == end and _tag(following) in ("JX", "EF", "MM")
    # -고 + 요; 합니다 + 만
    absorbs = following is not None and following.form == "요" and not last.tag.startswith("ETN")
    if following and attached and (absorbs or (following.form == "만" and ending.endswith("니다"))):
        ending, end, after = ending + following.form, following.end, after + 1
    cited = ending == "다" and not pre and (_tag(stem) == "VV" or stem.form == "않")  # 먹다, as in a dictionary
    final = not cited and _is_final(text, tokens, after, ending, _tag(last))
    written = text[stem.start : stem.start + max(stem.len, 1)]
    bare = _tag(stem) == "VCP" and (stem.len == 0 or written[0] != "이")
    if bare and written[0] in "입인일임":
        bare = sound(text[: stem.start]) is Ending.VOWEL
    shared = tokens[index - 1].form if index and tokens[index - 1].end > stem.start else ""
    start = tokens[index].start
    asks = "?" in _marks(text, end)
    behind: list[tuple[str, str]] = []
    while not final and after + 1 < len(tokens) and tokens[after + 1].start < end:
        after += 1
        behind.append((tokens[after].form, tokens[after].tag))
        end = max(end, tokens[after].end)
    return (
        Predicate(
            stem.form,
            stem.tag,
            tuple(pre),
            ending,
            last.tag,
            start,
            end,
            final,
            asks,
            bare,
            text[:start],
            tuple(behind),
            shared,
            topic=_has_topic(tokens[:index]),
        ),
        after + 1,
    )


def _has_topic(before: Sequence[Token]) -> bool:
    """Whether the clause that ends in `before` has a noun with 은 or 는, times (오늘은) aside."""
    for at in range(len(before) - 1, 0, -1):
        token, noun = before[at], before[at - 1]
        if token.tag in ("SF", "SP", "EF"):
            return False
        about = token.tag == "JX" and token.form in ("은", "는", "ᆫ") and noun.tag.startswith(("N", "SL", "SN", "X"))
        if about and noun.form not in _TIMES:
            return True
    return False


def _is_final(text: str, tokens: Sequence[Token], index: int, ending: str, tag: str) -> bool:
    """Whether the ending at token `index` closes a sentence: -나 봐요 and -냐고 do not."""
    if tag not in ("EF", "EC"):
        return False
    if ending.endswith(("요", "죠")) or level_of(ending) is SpeechLevel.HAPSYO:
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        end = tokens[index].start + tokens[index].len
        return following is None or following.start > end or not _tag(following).startswith(("J", "V", "E"))
    if tag == "EC" and ending not in _CASUAL_EC:
        return False
    return _closes(text, tokens, index + 1)


def _closes(text: str, tokens: Sequence[Token], index: int) -> bool:
    """Whether nothing but marks, laughter or emoji follows before the sentence ends."""
    if index >= len(tokens):
        return True
    tag = tokens[index].tag
    if tag == "Z_CODA":  # 했엌, and 간 read as 가 + ㄴ
        return _closes(text, tokens, index + 1)
    return (
        tag in ("SF", "SE", "SW", "SO", "SSC")
        or tag.startswith(("W_", "Z_"))
        or "\n" in text[tokens[index - 1].start : tokens[index].start]
    )


def _is_polite_particle(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    return (
        token.form in ("요", "이요")
        and token.tag in ("JX", "EF", "MM")
        and index > 0
        and tokens[index - 1].end == token.start
    )


def _particle(text: str, tokens: Sequence[Token], index: int) -> Predicate:
    """요 behind a noun or particle; one before a comma (잠깐만요, …) closes nothing. 는요 names a topic: 그건요?"""
    token, previous = tokens[index], tokens[index - 1]
    final = _closes(text, tokens, index + 1)
    asks = "?" in _marks(text, token.end)
    noun = previous.tag.startswith(("N", "SSC", "SL", "SN", "X", "ETN"))
    ending = "는요" if previous.tag == "JX" and previous.form in ("은", "는", "ᆫ") else "요"
    before = text[: token.start]
    return Predicate("", "JX", (), ending, "JX", token.start, token.end, final, asks, False, before, after_noun=noun)


def _marks(text: str, end: int) -> str:
    """The punctuation that follows at once."""
    match = re.compile(r"[\s'\"’”)]*[.!?~…]*").match(text, end)
    return match.group() if match else ""
