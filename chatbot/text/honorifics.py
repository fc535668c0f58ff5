"""Speech levels: which one a text speaks, and the same text in another. In: Korean text. Out: a level, or the text
rewritten.

Sentence by sentence, by their morphemes: 합쇼체 (갑니다), 해요체 (가요), 해체 (가). What stands in quotes is left
alone. Knows nothing of what the text means beyond its endings, so a request (천천히 해요) is told from a statement by
the words around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Any

from chatbot.text import level_words as words
from chatbot.text.predicates import Predicate, find_predicates, inside, quoted
from chatbot.types import SpeechLevel

CACHED = 4096

_KOREAN = re.compile(r"[가-힣]")
_JAMO = str.maketrans("ㄴㄹㅂ", "\u11ab\u11af\u11b8")

Edit = tuple[int, int, str]


class Honorifics:
    """Detects and renders speech levels with one `kiwipiepy.Kiwi`. Results are remembered: replies repeat."""

    def __init__(self, kiwi: Any) -> None:
        self._kiwi = kiwi
        self._rendered: dict[tuple[str, SpeechLevel], str] = {}

    def level(self, text: str) -> SpeechLevel | None:
        """The level of the last sentence that has one; None without a final ending."""
        levels = [found for found in self._levels(text) if found is not None]
        return levels[-1] if levels else None

    def mixed(self, text: str) -> bool:
        """Whether sentences of different levels stand side by side; quotes do not count."""
        return len({found for found in self._levels(text) if found is not None}) > 1

    def render(self, text: str, level: SpeechLevel) -> str:
        """`text` in `level`. Sentences that already are, quotes and text without Korean come back unchanged."""
        if not _KOREAN.search(text):
            return text
        key = (text, level)
        known = self._rendered.get(key)
        if known is None:
            if len(self._rendered) >= CACHED:
                self._rendered.clear()
            known = self._rendered[key] = self._rewrite(text, level)
        return known

    def _levels(self, text: str) -> Iterator[SpeechLevel | None]:
        if _KOREAN.search(text):
            for predicate in find_predicates(text, self._kiwi.tokenize(text)):
                yield predicate.level

    def _rewrite(self, text: str, level: SpeechLevel) -> str:
        tokens = self._kiwi.tokenize(text)
        predicates = find_predicates(text, tokens)
        levels = {predicate.level for predicate in predicates if predicate.final}
        if level is SpeechLevel.HAPSYO and SpeechLevel.HAE in levels:
            return self.render(self.render(text, SpeechLevel.HAEYO), level)
        if level is SpeechLevel.HAE and SpeechLevel.HAPSYO in levels:
            return self.render(self.render(text, SpeechLevel.HAEYO), level)
        edits: list[Edit] = []
        for start, end, inner in _sentences(text, predicates):
            closing = next((one.level for one in inner if one.final), None)
            if closing is level:
                continue
            edits += self._sentence(text, start, end, inner, tokens, level)
        return _applied(text, edits)

    def _sentence(
        self, text: str, start: int, end: int, inner: Sequence[Predicate], tokens: Sequence[Any], level: SpeechLevel
    ) -> list[Edit]:
        """The edits of one sentence; set phrases come first and win over what they cover."""
        hidden = quoted(text)
        edits = [edit for edit in _phrases(text, start, end, level) if not inside(edit[0], hidden)]
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
        if level is SpeechLevel.HAE:
            stem, tag = _plain_stem(one)
            if not words.HONOURED.search(sentence):
                pre = [form for form in pre if form not in ("시", "으시")]
        if not one.final:
            if stem == one.stem and len(pre) == len(one.pre):
                return None
            return self._joined(one, (stem, tag), pre, one.ending)
        ending = _ending(one, sentence, level)
        if ending is None:
            return None
        if level is SpeechLevel.HAEYO and ending == "세요":
            pre = [form for form in pre if form not in ("시", "으시")]
            stem = stem.removesuffix("시") if len(stem) > 1 else stem
        *extra, ending = ending.split("+")
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
        tag = "ETM" if ending in ("ᆯ", "ᆫ") else "EF" if one.final else one.ending_tag
        parts = [stem, *((form, "EP") for form in pre), (ending, tag), *one.behind]
        joined: str = self._kiwi.join(parts)
        start = one.start
        if one.tag == "VCP":
            joined, start = _copula(one, joined)
        return start, one.end, joined + space + rest


def _copula(one: Predicate, joined: str) -> tuple[str, int]:
    """The copula after a vowel loses its 이: 친구야, 친구였어; 거입니다 is 겁니다 and 뭐입니까 무엇입니까."""
    start = one.start
    if one.shared in ("것", "거") and joined.startswith("입니"):
        return "겁" + joined[1:], start
    if joined.startswith("입니") and one.bare:
        if one.before.endswith("거"):
            return "겁" + joined[1:], start - 1
        if one.before.endswith("뭐"):
            return "무엇" + joined, start - 1
        return joined, start
    if one.bare and joined.startswith("이었"):
        return "였" + joined[2:], start
    if one.bare and joined.startswith("이에요"):
        return "예요" + joined[3:], start
    return (joined[1:] if one.bare and joined.startswith("이") else joined), start


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


def _phrases(text: str, start: int, end: int, level: SpeechLevel) -> Iterator[Edit]:
    for old, new in words.PHRASES[level]:
        for match in re.finditer(rf"(?<![가-힣]){old}", text[start:end]):
            yield start + match.start(), start + match.end(), new
    if level is SpeechLevel.HAE:
        yield from (
            (start + found.start(), start + found.end(), "응") for found in words.YES.finditer(text[start:end])
        )
    elif level is SpeechLevel.HAEYO:
        yield from (
            (start + found.start(), start + found.end(), "네") for found in words.YES_BACK.finditer(text[start:end])
        )


def _words(tokens: Sequence[Any], start: int, end: int, level: SpeechLevel) -> Iterator[Edit]:
    """저 and 나 with their particles: 제가 → 내가, 전 → 난."""
    if level is SpeechLevel.HAPSYO:
        return
    forms, back = (("저", "저희"), words.SELF) if level is SpeechLevel.HAE else (("나",), words.SELF_BACK)
    for index, token in enumerate(tokens):
        if token.tag != "NP" or token.form not in forms or not start <= token.start < end:
            continue
        written = _written(token, tokens[index + 1] if index + 1 < len(tokens) else None, level)
        yield token.start, token.start + token.len, back.get(written, token.form)


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
    if level is SpeechLevel.HAPSYO:
        if one.asks and one.before.endswith(("은", "는")):
            return one.start, one.end, " 어떻습니까"
        if one.before.endswith("거"):
            return one.start - 1, one.end, "겁니까" if one.asks else "겁니다"
        if one.before.endswith("지도"):
            return one.start, one.end, " 모릅니다"
        if one.asks or not one.after_noun:
            return one.start, one.end, " 말입니까" if one.asks else " 말입니다"
        return one.start, one.end, "입니다"
    return None


def _ending(one: Predicate, sentence: str, level: SpeechLevel) -> str | None:
    """The final ending in `level`, with what goes before it; None when the ending is unknown."""
    copula = one.tag in ("VCP", "VCN")
    if level is SpeechLevel.HAEYO:
        polite = words.TO_HAEYO.get(one.ending, one.ending + "요")
        return "에요" if copula and polite == "어요" and not one.pre else polite
    # 같이 가시죠 is a proposal.
    if one.ending == "죠" and one.pre == ("시",) and not one.asks and words.TOGETHER.search(sentence):
        return "자" if level is SpeechLevel.HAE else "ᆸ시다"
    row = endings().get(one.ending) or _reported(one.ending)
    if row is None:
        return one.ending.removesuffix("요") if level is SpeechLevel.HAE else None
    casual, statement, question = row
    if level is SpeechLevel.HAE:
        if one.ending in ("세요", "으세요", "셔요") and words.HONOURED.search(sentence):
            return "시+어"
        return _casual(one, casual, copula)
    if one.ending in ("ᆯ까요", "을까요"):
        return _proposal(one, sentence)
    if one.ending in ("세요", "으세요", "셔요") and not one.asks and one.tag.startswith(("VA", "VC", "XSA")):
        return "시+ᆸ니다"
    if one.ending in ("죠", "지요") and words.ASKING.search(sentence):
        return "습니까" if one.asks else statement
    if one.asks:
        return question
    if one.ending == "어요":
        return _request(one, sentence) or statement
    return statement


def _plain_stem(one: Predicate) -> tuple[str, str]:
    """The stem without humility or honour: 드리 → 주, 축하드리 → 축하하, 드시 → 먹 but 마음에 드시 → 마음에 들."""
    if one.stem == "드리" and words.GIVEN.search(one.before):
        return "하", "XSV"
    eating = one.stem in ("드시", "드") or (one.stem == "들" and one.pre[:1] == ("시",))
    if eating and one.before.rstrip().endswith("에"):
        return "들", "VV"
    return ("먹", "VV") if eating else words.PLAIN_STEMS.get(one.stem, (one.stem, one.tag))


def _reported(ending: str) -> tuple[str, str, str] | None:
    """온다잖아요, 다르다던데요: 고 하 is swallowed, and comes back in 합쇼체."""
    for quoting in ("ᆫ다", "는다", "다", "라", "자", "냐"):
        reported = words.REPORTED.get(ending.removeprefix(quoting)) if ending.startswith(quoting) else None
        if reported:
            return ending.removesuffix("요"), f"{quoting}고 {reported}", f"{quoting}고 {reported}"
    return None


def _casual(one: Predicate, casual: str, copula: bool) -> str:
    if copula and casual == "어" and not one.pre:
        return "야"
    # 알려 주시겠어요? asks for a favour: 알려 줄래?
    if one.asks and one.pre[-2:] == ("시", "겠") and casual == "어":
        return "ᆯ래"
    return casual


def _proposal(one: Predicate, sentence: str) -> str:
    """-ㄹ까요: a proposal (같이 볼까요?), an offer (제가 할까요?) or wondering (왜 그럴까요?)."""
    if one.tag.startswith("VC"):
        return "습니까"
    acting = one.tag.startswith(("VV", "XSV", "VX")) and one.stem not in words.STATIVE - {"드리", "시작하", "나가"}
    if one.pre or not one.asks or not acting:
        return "겠+습니까"
    if one.stem.endswith("드리") and re.search(r"무엇|뭘|뭐|어떻게|어떤|어느", sentence):
        return "면 되겠습니까"
    if one.stem.endswith("드리") or "제가" in sentence:
        return "어도 되겠습니까"
    if not words.TOGETHER.search(sentence) and words.WONDERING.search(sentence):
        return "겠+습니까"
    return "시+겠+습니까"


def _request(one: Predicate, sentence: str) -> str | None:
    """해요 that asks: 천천히 해요 → 하십시오, 같이 봐요 → 봅시다; None when it states."""
    if one.pre or not one.tag.startswith(("VV", "VX", "XSV")) or one.stem in words.STATIVE:
        return None
    if re.search(r"[나가]\s*봐요$", sentence):
        return None
    last = re.split(r"[.!?]\s|,\s", sentence)[-1]
    if words.TOGETHER.search(sentence):
        return "ᆸ시다"
    if one.stem == "보" and one.tag == "VX":
        return "시+ᆸ시오"
    if one.stem == "만나":
        return "ᆸ시다"
    if re.search(r"한번\s*봐요$", sentence):
        return "시+ᆸ시오"
    if one.stem == "말" and one.tag == "VX":
        return "시+ᆸ시오"
    if one.stem.endswith("주") and not re.search(r"[가-힣](?:이|가|(?<!오늘)(?<!지금)은|는)\s", last):
        return "시+ᆸ시오"
    if words.SURE_REQUEST.search(sentence) and not words.SUBJECT.search(last):
        return "시+ᆸ시오"
    if words.REQUEST.search(sentence) and not words.NO_REQUEST.search(last):
        return "시+ᆸ시오"
    return None


def _applied(text: str, edits: Sequence[Edit]) -> str:
    """`text` with the edits; of two that overlap the earlier in the list holds."""
    kept: list[Edit] = []
    for start, end, new in edits:
        if all(end <= other[0] or start >= other[1] for other in kept):
            kept.append((start, end, new))
    for start, end, new in sorted(kept, reverse=True):
        tail = text[end:]
        if new.endswith("지 않습니까") or new.endswith("않았습니까"):
            tail = re.sub(r"^\.", "?", tail)
        elif new.endswith("니다"):
            tail = re.sub(r"^\?", ".", tail)
        text = text[:start] + new + tail
    return text


@cache
def endings() -> dict[str, tuple[str, str, str]]:
    """해요체 ending → (해체, 합쇼체 statement, 합쇼체 question), read from endings.tsv."""
    text = resources.files("chatbot.text").joinpath("endings.tsv").read_text(encoding="utf-8")
    rows = (line.translate(_JAMO).split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {ending: (casual, statement, question) for ending, casual, statement, question in rows}
