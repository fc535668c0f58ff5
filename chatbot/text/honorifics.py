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

from chatbot.text.predicates import Predicate, find_predicates, inside, quoted
from chatbot.types import SpeechLevel

CACHED = 4096

_KOREAN = re.compile(r"[가-힣]")
_JAMO = str.maketrans("ㄴㄹㅂ", "\u11ab\u11af\u11b8")
_WONDERING = re.compile(r"왜|누가|얼마나|[가-힣](?:이|가)\s")
# A verb in -어요 with these around it asks for something instead of stating it.
_TOGETHER = re.compile(r"같이|함께|우리(?!말)")
_REQUEST = re.compile(
    r"천천히|편하게|편히|얼른|어서|푹|언제든|일단|잠깐만?|우선|한번|조금만|그냥|마음껏|실컷|무리하지|걱정하지"
    r"|너무\s|하나씩|차근차근|먼저|꼭|다음(?:에|번)엔?|이제|오늘은|"
    r"남은|나중에|내일|그럼|대신|조심|신나게|또|더\s|이번엔|아무거나|그건|여기|마저|하나만|조금씩"
)
_NO_REQUEST = re.compile(r"[가-힣](?:이|가)\s|저는|제가|저도|저는요|전\s|사람|것|게\s")
# Verbs that are hardly ever asked for.
_STATIVE = frozenset([
    "되", "있", "없", "싶", "않", "못하", "같", "나오", "보이", "들리", "모르", "알", "생기", "느끼", "걸리", "남",
    "좋아하", "싫어하", "통하", "막히", "풀리", "늘", "줄", "바라", "부르", "오르", "내리", "변하", "달라지",
    "지나", "끝나", "맞", "틀리", "쓰이", "응원하", "축하하", "감사하", "환영하", "궁금하", "기대하", "이해하",
    "기억하", "고맙", "반갑", "어울리", "울리", "그러", "이러", "드리", "들", "나", "나가", "터지", "지", "떠오르",
    "시작하", "움직이", "따라오", "커지", "오래가",
])  # fmt: skip
# Humble and honorific stems → plain ones, with Kiwi's tag.
_HUMBLE = {
    "말씀드리": ("말하", "VV"), "부탁드리": ("부탁하", "VV"), "축하드리": ("축하하", "VV"), "감사드리": ("감사하",
    "VV"),
    "알려드리": ("알려주", "VV"), "들려드리": ("들려주", "VV"), "도와드리": ("도와주", "VV"), "보여드리": ("보여주",
    "VV"),
    "여쭤보": ("물어보", "VV"), "여쭈": ("묻", "VV-I"), "여쭙": ("묻", "VV-I"), "계시": ("있", "VV"), "계": ("있",
    "VV"),
    "드시": ("먹", "VV"), "드": ("먹", "VV"), "주무시": ("자", "VV"), "뵙": ("보", "VV"), "뵈": ("보", "VV"),
    "드리": ("주", "VX"),
}  # fmt: skip
# Somebody honoured whom the sentence is about: 시 stays even in 해체 (할머니는 웃으셔).
_HONOURED = re.compile(
    r"[가-힣]님|께서|선생|교수|할머니|할아버지|어머니|아버지|부모|어르신|[가-힣]\s?분(?:이|은|들|도)"
)
_SELF = {"저": "나", "제": "내", "전": "난", "절": "날", "저희": "우리"}
_SELF_BACK = {"나": "저", "내": "제", "난": "전", "날": "절"}
_PHRASES: dict[SpeechLevel, tuple[tuple[str, str], ...]] = {
    SpeechLevel.HAE: (
        ("안녕하세요", "안녕"), ("안녕히 가세요", "잘 가"), ("안녕히 계세요", "잘 있어"), ("안녕히 주무세요", "잘 자"),
        ("별말씀을요", "별말을 다 하네"), ("죄송해요", "미안해"), ("감사해요", "고마워"), ("아니요", "아니"), ("아뇨",
        "아니"),
        ("그럼요", "그럼"), ("글쎄요", "글쎄"), ("천만에요", "천만에"), ("네네", "응응"), ("말씀", "말"), ("여러분",
        "너희"),
        ("뭘요", "뭘"), ("누구세요", "누구야"), ("텐데요", "텐데"), ("고생하셨어요", "고생했어"),
    ),
    SpeechLevel.HAPSYO: (
        ("안녕하세요", "안녕하십니까"), ("안녕히 가세요", "안녕히 가십시오"), ("안녕히 계세요", "안녕히 계십시오"),
        ("안녕히 주무세요", "안녕히 주무십시오"), ("별말씀을요", "별말씀을 다 하십니다"), ("아니요", "아닙니다"),
        ("아뇨", "아닙니다"),
        ("그럼요", "물론입니다"), ("천만에요", "천만의 말씀입니다"), ("또 봐요", "또 뵙겠습니다"), ("글쎄요",
        "글쎄 말입니다"), ("텐데요", "텐데 말입니다"), ("뭘요", "별말씀을 다 하십니다"),
    ),
    SpeechLevel.HAEYO: (("안녕하십니까", "안녕하세요"), ("아닙니다만", "아니지만요")),
}  # fmt: skip
_YES = re.compile(r"(?<![가-힣])네(?=[,.!~ ]|$)(?!\s*(?:가지|개|명|번|시|살|달|권|잔|시간|사람|마리|장))")
_YES_BACK = re.compile(r"(?<![가-힣])(?:응|어)(?=[,.!~]|$)")
_TO_HAEYO = {
    "습니다": "어요", "ᆸ니다": "어요", "습니까": "어요", "ᆸ니까": "어요", "ᆸ시오": "세요", "ᆸ시다": "어요",
    "읍시다": "어요",
    "습니다만": "는데요", "ᆸ니다만": "는데요", "어": "어요", "야": "에요", "다": "어요", "ᆫ다": "어요",
    "는다": "어요", "니": "나요",
    "으니": "나요", "냐": "나요", "으냐": "나요", "자": "어요", "구나": "군요", "는구나": "는군요", "지": "죠",
    "어라": "세요", "라": "세요",
    "어야지": "어야죠", "더라": "더라고요", "는군": "는군요",
}  # fmt: skip
_REPORTED = {
    "던데요": "합니다만", "는데요": "합니다만", "잖아요": "하지 않습니까", "더라고요": "했습니다", "네요": "합니다",
    "군요": "합니다",
    "죠": "합니다", "거든요": "합니다", "나요": "합니까", "면서요": "하지 않았습니까", "니까요": "하기 때문입니다",
}  # fmt: skip

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
        words = _words(tokens, start, end, level)
        edits += [edit for edit in words if not inside(edit[0], hidden)]
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
            if not _HONOURED.search(sentence):
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
    for old, new in _PHRASES[level]:
        for match in re.finditer(rf"(?<![가-힣]){old}", text[start:end]):
            yield start + match.start(), start + match.end(), new
    if level is SpeechLevel.HAE:
        yield from ((start + found.start(), start + found.end(), "응") for found in _YES.finditer(text[start:end]))
    elif level is SpeechLevel.HAEYO:
        yield from (
            (start + found.start(), start + found.end(), "네") for found in _YES_BACK.finditer(text[start:end])
        )


def _words(tokens: Sequence[Any], start: int, end: int, level: SpeechLevel) -> Iterator[Edit]:
    """저 and 나 with their particles: 제가 → 내가, 전 → 난."""
    if level is SpeechLevel.HAPSYO:
        return
    forms, back = (("저", "저희"), _SELF) if level is SpeechLevel.HAE else (("나",), _SELF_BACK)
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
        polite = _TO_HAEYO.get(one.ending, one.ending + "요")
        return "에요" if copula and polite == "어요" and not one.pre else polite
    # 같이 가시죠 is a proposal.
    if one.ending == "죠" and one.pre == ("시",) and not one.asks and _TOGETHER.search(sentence):
        return "자" if level is SpeechLevel.HAE else "ᆸ시다"
    row = endings().get(one.ending) or _reported(one.ending)
    if row is None:
        return one.ending.removesuffix("요") if level is SpeechLevel.HAE else None
    casual, statement, question = row
    if level is SpeechLevel.HAE:
        if one.ending in ("세요", "으세요", "셔요") and _HONOURED.search(sentence):
            return "시+어"
        return _casual(one, casual, copula)
    if one.ending in ("ᆯ까요", "을까요"):
        return _proposal(one, sentence)
    if one.ending in ("세요", "으세요", "셔요") and not one.asks and one.tag.startswith(("VA", "VC", "XSA")):
        return "시+ᆸ니다"
    if one.asks:
        return question
    if one.ending == "어요":
        return _request(one, sentence) or statement
    return statement


def _plain_stem(one: Predicate) -> tuple[str, str]:
    """The stem without humility or honour: 드리 → 주, 축하드리 → 축하하, 드시 → 먹 but 마음에 드시 → 마음에 들."""
    if one.stem == "드리" and re.search(r"(?:축하|감사|부탁|인사|사과|약속|추천|말씀|안내|설명)$", one.before):
        return "하", "XSV"
    eating = one.stem in ("드시", "드") or (one.stem == "들" and one.pre[:1] == ("시",))
    if eating and one.before.rstrip().endswith("에"):
        return "들", "VV"
    return ("먹", "VV") if eating else _HUMBLE.get(one.stem, (one.stem, one.tag))


def _reported(ending: str) -> tuple[str, str, str] | None:
    """온다잖아요, 다르다던데요: 고 하 is swallowed, and comes back in 합쇼체."""
    for quoting in ("ᆫ다", "는다", "다", "라", "자", "냐"):
        reported = _REPORTED.get(ending.removeprefix(quoting)) if ending.startswith(quoting) else None
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
    acting = one.tag.startswith(("VV", "XSV", "VX")) and one.stem not in _STATIVE - {"드리", "시작하", "나가"}
    if one.pre or not one.asks or not acting:
        return "겠+습니까"
    if one.stem.endswith("드리") and re.search(r"무엇|뭘|뭐|어떻게|어떤|어느", sentence):
        return "면 되겠습니까"
    if one.stem.endswith("드리") or "제가" in sentence:
        return "어도 되겠습니까"
    if not _TOGETHER.search(sentence) and _WONDERING.search(sentence):
        return "겠+습니까"
    return "시+겠+습니까"


def _request(one: Predicate, sentence: str) -> str | None:
    """해요 that asks: 천천히 해요 → 하십시오, 같이 봐요 → 봅시다; None when it states."""
    if one.pre or not one.tag.startswith(("VV", "VX", "XSV")) or one.stem in _STATIVE:
        return None
    last = re.split(r"[.!?]\s|,\s", sentence)[-1]
    if _TOGETHER.search(sentence):
        return "ᆸ시다"
    if one.stem == "보" and one.tag == "VX" and re.search(r"[나가]\s*봐요$|[나가]\s*보아요$", sentence) is None:
        return "시+ᆸ시오"
    if one.stem == "만나":
        return "ᆸ시다"
    if re.search(r"한번\s*봐요$", sentence):
        return "시+ᆸ시오"
    if one.stem.endswith("주") and not re.search(r"[가-힣](?:이|가|은|는)\s", last):
        return "시+ᆸ시오"
    if _REQUEST.search(sentence) and not _NO_REQUEST.search(last):
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
