"""Speech levels: which one a text speaks, and the same text in another. In: Korean text. Out: a level, or the text
rewritten.

Sentence by sentence, by their morphemes: 합쇼체 (갑니다), 해요체 (가요), 해체 (가). What stands in quotes is left
alone. Knows nothing of what the text means beyond its endings, so a request (천천히 해요) is told from a statement by
the words around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from chatbot.text import level_words as words
from chatbot.text.level_endings import ending_in, plain_stem
from chatbot.text.predicates import Predicate, find_predicates, inside, quoted
from chatbot.text.titles import untitled
from chatbot.types import SpeechLevel

CACHED = 4096

_KOREAN = re.compile(r"[가-힣]")
_POLITE_END = re.compile(r"(?<=[가-힣])요(?=[.!?~…]|$)")
_HONOUR = ("시", "으시")

Edit = tuple[int, int, str]


class Honorifics:
    """Detects and renders speech levels with one `kiwipiepy.Kiwi`. Results are remembered: replies repeat."""

    def __init__(self, kiwi: Any) -> None:
        self._kiwi = kiwi
        self._rendered: dict[tuple[str, SpeechLevel], str] = {}
        self._spoken: dict[str, tuple[SpeechLevel, ...]] = {}
        self._parse = lru_cache(maxsize=64)(self._parsed)  # a reply is rendered and then checked

    def level(self, text: str) -> SpeechLevel | None:
        """The level of the last sentence that has one; None without a final ending."""
        spoken = self._levels(text)
        return spoken[-1] if spoken else None

    def levels(self, text: str) -> frozenset[SpeechLevel]:
        """The levels that the sentences of `text` speak; quotes do not count."""
        return frozenset(self._levels(text))

    def mixed(self, text: str) -> bool:
        """Whether sentences of different levels stand side by side; quotes do not count."""
        return len(self.levels(text)) > 1

    def render(self, text: str, level: SpeechLevel) -> str:
        """`text` in `level`. Sentences that already are, quotes and text without Korean come back unchanged."""
        if not _KOREAN.search(text):
            return text
        key = (text, level)
        known = self._rendered.get(key)
        if known is None:
            known = self._rewrite(text, level)
            _remember(self._rendered, key, known)
        return known

    def _levels(self, text: str) -> tuple[SpeechLevel, ...]:
        if not _KOREAN.search(text):
            return ()
        known = self._spoken.get(text)
        if known is None:
            tokens, predicates = self._parse(text)
            found = {one.end: one.level for one in predicates if one.level}
            for end in _left_over(text, tokens):
                found.setdefault(end, SpeechLevel.HAEYO)
            known = tuple(found[end] for end in sorted(found))
            _remember(self._spoken, text, known)
        return known

    def _parsed(self, text: str) -> tuple[Sequence[Any], list[Predicate]]:
        tokens = self._kiwi.tokenize(text)
        return tokens, find_predicates(text, tokens)

    def _rewrite(self, text: str, level: SpeechLevel) -> str:
        tokens, predicates = self._parse(text)
        levels = {predicate.level for predicate in predicates if predicate.final}
        if level is SpeechLevel.HAPSYO and SpeechLevel.HAE in levels:
            return self.render(self._edited(text, tokens, predicates, SpeechLevel.HAEYO, proposing=True), level)
        if level is SpeechLevel.HAE and SpeechLevel.HAPSYO in levels:
            return self.render(self.render(text, SpeechLevel.HAEYO), level)
        spoken = text if levels == {level} else self._edited(text, tokens, predicates, level)
        return untitled(spoken) if level is SpeechLevel.HAE else spoken

    def _edited(
        self,
        text: str,
        tokens: Sequence[Any],
        predicates: Sequence[Predicate],
        level: SpeechLevel,
        proposing: bool = False,
    ) -> str:
        """`text` with its sentences of other levels rewritten; `proposing` keeps 가자 apart from 가 (as 가시죠)."""
        edits: list[Edit] = []
        for start, end, inner in _sentences(text, predicates):
            closing = next((one for one in inner if one.final), None)
            if closing is not None and closing.level is level:
                continue
            if proposing and closing is not None and closing.ending == "자":
                edits.append(self._joined(closing, (closing.stem, closing.tag), ["시"], "죠"))
            edits += self._sentence(text, start, end, inner, tokens, level)
        return _applied(text, edits)

    def _sentence(
        self, text: str, start: int, end: int, inner: Sequence[Predicate], tokens: Sequence[Any], level: SpeechLevel
    ) -> list[Edit]:
        """The edits of one sentence; set phrases come first and win over what they cover."""
        hidden = quoted(text)
        edits = [edit for edit in _phrases(text, tokens, start, end, level) if not inside(edit[0], hidden)]
        own = _words(tokens, start, end, level)
        edits += [edit for edit in own if not inside(edit[0], hidden)]
        sentence = text[start:end]
        for predicate in inner:
            edit = self._predicate(predicate, sentence, level)
            if edit is not None and edit[2] != text[edit[0] : edit[1]]:
                edits.append(edit)
        return edits

    def _predicate(self, one: Predicate, sentence: str, level: SpeechLevel) -> Edit | None:
        """A predicate in another level: its ending if it closes the sentence, its honorifics in any case."""
        if one.ending_tag == "JX":
            return _particle(one, level)
        stem, tag, pre = one.stem, one.tag, list(one.pre)
        if stem == "듣" and words.ENTERS.search(one.before):
            stem, tag = "들", "VV"
        if level is SpeechLevel.HAPSYO and one.final and _confirms(one, sentence):
            return _not_so(one)
        if level is SpeechLevel.HAE:
            stem, tag = (stem, tag) if stem != one.stem else plain_stem(one)
            if not words.HONOURED.search(sentence):
                pre = [form for form in pre if form not in _HONOUR]
        if not one.final:
            if stem == one.stem and len(pre) == len(one.pre):
                return None
            relative = "는" if stem == "있" and one.stem != "있" and one.ending == "ᆫ" else one.ending  # 계신 → 있는
            return self._joined(one, (stem, tag), pre, relative)
        ending = ending_in(one, sentence, level)
        if ending is None:
            return None
        if level is SpeechLevel.HAEYO and ending == "세요":
            pre = [form for form in pre if form not in _HONOUR]
            stem = stem.removesuffix("시") if len(stem) > 1 else stem
        *extra, ending = ending.split("+")
        honours = ending == "ᆸ시오" or (one.asks and extra[:1] == ["시"])
        if honours and stem in words.HONORIFIC_OF and one.tag == "VV":
            stem = words.HONORIFIC_OF[stem]
        if stem in words.HONORIFIC_STEMS or ending == "ᆸ시다":
            extra, pre = ([form for form in forms if form not in _HONOUR] for forms in (extra, pre))
        if "었" in extra and "었" in pre:
            extra.remove("었")
        if ending == "ᆯ래" and "겠" in pre:
            pre.remove("겠")
        same = stem == one.stem and pre == list(one.pre)
        if level is SpeechLevel.HAE and ending == one.ending.removesuffix("요") and same:
            return one.end - 1, one.end, ""
        return self._joined(one, (stem, tag), [*pre, *(form for form in extra if form not in pre)], ending)

    def _joined(self, one: Predicate, stem: tuple[str, str], pre: list[str], ending: str) -> Edit:
        ending, space, rest = ending.partition(" ")
        if rest.startswith("않습니까") and pre:
            # 했지 않습니까 → 하지 않았습니까, 힘들겠지 → 힘들지 않겠습니까.
            moved = next((form for form in ("었", "겠") if form in pre), "")
            rest = rest.replace("않", {"었": "않았", "겠": "않겠", "": "않"}[moved], 1)
            pre = [form for form in pre if form != moved]
        if stem[1] == "VX" and stem[0].endswith("하"):
            stem = (stem[0], "VA")
        # A bare ㄹ or ㄴ makes the verb an adjective: 있을 것입니다.
        tag = "ETM" if ending in ("ᆯ", "ᆫ", "는") else "EF" if one.final else one.ending_tag
        parts = [stem, *((form, "EP") for form in pre), (ending, tag), *one.behind]
        joined: str = self._kiwi.join(parts)
        start = one.start
        if one.tag == "VCP":
            joined, start = _copula(one, joined)
        return start, one.end, joined + space + rest


def _copula(one: Predicate, joined: str) -> tuple[str, int]:
    """The copula after a vowel loses its 이: 친구야, 친구였어; 거입니다 is 겁니다 and 뭐입니까 무엇입니까."""
    start = one.start
    if one.shared == "터" and "것이" in joined:  # 테니까요 → 것이기 때문입니다
        return joined[joined.index("것이") :], start
    if one.shared:  # 건데요, 뭔가요, 누군데요: its last syllable is the copula's first
        formal = {"것": "겁", "거": "겁", "뭐": "무엇입"} if joined.startswith("입니") else {"것": "거"}
        before = formal.get(one.shared, one.shared[-1])
        if before.endswith(("겁", "입")):
            return before + joined[1:], start
        return before + _after_vowel(joined), start
    if joined.startswith("입니") and one.bare:
        if one.before.endswith("거"):
            return "겁" + joined[1:], start - 1
        if one.before.endswith("뭐"):
            return "무엇" + joined, start - 1
        return joined, start
    return (_after_vowel(joined) if one.bare else joined), start


def _after_vowel(copula: str) -> str:
    """이었어 as 였어, 이에요 as 예요, 이야 as 야."""
    for long, short in (("이었", "였"), ("이에요", "예요"), ("이", "")):
        if copula.startswith(long):
            return short + copula[len(long) :]
    return copula


def _confirms(one: Predicate, sentence: str) -> bool:
    """그런 기분이죠?, 하는 거잖아요: a copula that asks to be agreed with."""
    if one.tag != "VCP" or one.pre or one.before.endswith("다"):  # 옮는다잖아요, read as a noun
        return False
    return one.ending == "잖아요" or (one.ending in ("죠", "지요") and one.asks and not words.ASKING.search(sentence))


def _not_so(one: Predicate) -> Edit:
    """그런 기분 아닙니까?, 하는 것 아닙니까?"""
    if one.shared in ("것", "거"):
        return one.start, one.end, "것 아닙니까"
    if one.before.endswith("거"):
        return one.start - 1, one.end, "것 아닙니까"
    if one.before.endswith((" 말", "란 말")):
        return one.start, one.end, "입니까"
    return one.start, one.end, " 아닙니까"


def _sentences(text: str, predicates: Sequence[Predicate]) -> Iterator[tuple[int, int, list[Predicate]]]:
    """(start, end, predicates) of each sentence; what follows the last final ending is one without level."""
    start, inner = 0, []
    for predicate in predicates:
        inner.append(predicate)
        if predicate.final:
            yield start, predicate.end, inner
            start, inner = predicate.end, []
    if start < len(text):
        yield start, len(text), inner


def _phrases(text: str, tokens: Sequence[Any], start: int, end: int, level: SpeechLevel) -> Iterator[Edit]:
    for old, new in words.PHRASES[level]:
        for match in re.finditer(rf"(?<![가-힣]){old}", text[start:end]):
            yield start + match.start(), start + match.end(), new
    if level is SpeechLevel.HAPSYO:
        return
    yes, said = (words.YES, "응") if level is SpeechLevel.HAE else (words.YES_BACK, "네")
    for token in tokens:
        stop = token.start + token.len
        meant = token.tag == "IC" and token.form in yes and not text[stop : stop + 1].isalpha()
        if meant and start <= token.start < end:
            yield token.start, stop, said


def _words(tokens: Sequence[Any], start: int, end: int, level: SpeechLevel) -> Iterator[Edit]:
    """저 and 나 with their particles: 제가 → 내가, 전 → 난."""
    if level is SpeechLevel.HAPSYO:
        return
    forms, back = (("저", "저희"), words.SELF) if level is SpeechLevel.HAE else (("나",), words.SELF_BACK)
    for index, token in enumerate(tokens):
        if level is SpeechLevel.HAE and start <= token.start < end:
            yield from _misread(token, tokens, index)
        if token.tag != "NP" or token.form not in forms or not start <= token.start < end:
            continue
        written = _written(token, tokens[index + 1] if index + 1 < len(tokens) else None, level)
        yield token.start, token.start + token.len, back.get(written, token.form)


def _misread(token: Any, tokens: Sequence[Any], index: int) -> Iterator[Edit]:
    """What Kiwi takes for something else: 제 손 and 제 일 read as 第, and 요 behind a number that lost its copula."""
    stop = token.start + token.len
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    if token.form == "제" and token.tag in ("MM", "XPN") and following is not None and following.tag != "SN":
        if following.start == stop + 1:
            yield token.start, stop, "내"
    elif token.tag == "EF" and token.form.endswith("요") and index and tokens[index - 1].tag in ("SN", "SL"):
        yield stop - 1, stop, ""


def _written(token: Any, following: Any, level: SpeechLevel) -> str:
    """How the pronoun stands in the text, from what Kiwi read it as."""
    first, subject, topic, obj = ("저", "제", "전", "절") if level is SpeechLevel.HAE else ("나", "내", "난", "날")
    if token.form == "저희":
        return "저희"
    if following is not None:
        if following.form == "ᆫ" and following.start <= token.start:
            return topic
        if following.form == "ᆯ" and following.start <= token.start:
            return obj
        if (following.form == "가" and following.tag == "JKS") or (
            following.form == "의" and following.start <= token.start
        ):
            return subject
    return first


def _particle(one: Predicate, level: SpeechLevel) -> Edit | None:
    """아메리카노요 → 아메리카노 / 아메리카노입니다."""
    if level is SpeechLevel.HAE or (level is SpeechLevel.HAPSYO and not one.final):
        return one.start, one.end, ""
    return _formal_particle(one) if level is SpeechLevel.HAPSYO else None


def _formal_particle(one: Predicate) -> Edit:
    """요 behind a noun or particle in 합쇼체: 저도요 → 저도 그렇습니다, 그건요? → 그건 어떻습니까?"""
    before = one.before
    if one.asks and one.ending == "는요":
        return one.start, one.end, " 어떻습니까"
    if before.endswith("거"):
        return one.start - 1, one.end, "겁니까" if one.asks else "겁니다"
    for end, said in (("지도", " 모릅니다"), ("수밖에", " 없습니다"), ("도", " 그렇습니다"), ("만", " 부탁드립니다")):
        if before.endswith(end) and not one.asks:
            return one.start, one.end, said
    alone = next((said for word, said in words.ASKED_ALONE.items() if one.asks and before.endswith(word)), "")
    if alone:
        return one.start, one.end, alone
    chosen = re.search(r"아니면 [가-힣]+$", before)  # 커피 아니면 차요?
    if (one.asks and not chosen) or not one.after_noun:
        return one.start, one.end, " 말입니까" if one.asks else " 말입니다"
    return one.start, one.end, "입니까" if one.asks else "입니다"


def _applied(text: str, edits: Sequence[Edit]) -> str:
    """`text` with the edits; of two that overlap the earlier in the list holds."""
    kept: list[Edit] = []
    for start, end, new in edits:
        if all(end <= other[0] or start >= other[1] for other in kept):
            kept.append((start, end, new))
    for start, end, new in sorted(kept, reverse=True):
        tail = text[end:]
        if new.endswith(("지 않습니까", "않았습니까", "아닙니까")):
            tail = re.sub(r"^\.", "?", tail)
        elif new.endswith("니다만") and re.match(r" 뭐[.!~]", tail):
            new = new[:-1]
        elif new.endswith("니다"):
            tail = re.sub(r"^\?", ".", tail)
        text = text[:start] + new + tail
    return text


def _left_over(text: str, tokens: Sequence[Any]) -> Iterator[int]:
    """Where a sentence ends in 요 outside quotes, whatever Kiwi makes of it; nouns in 요 (필요) do not count."""
    hidden = quoted(text)
    nouns = {token.start + token.len for token in tokens if token.tag.startswith("N")}
    for match in _POLITE_END.finditer(text):
        if match.end() not in nouns and not inside(match.start(), hidden):
            yield match.end()


def _remember(known: dict[Any, Any], key: object, value: object) -> None:
    if len(known) >= CACHED:
        known.clear()
    known[key] = value
