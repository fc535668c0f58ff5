"""Which final ending a predicate takes in another speech level. In: a `Predicate` and its sentence. Out: an ending as
Kiwi names it, with what goes before it ("겠+습니다") and what is written behind it ("고 합니다").

The table is endings.tsv. What a table cannot say is decided here by the words around: a request (천천히 해요) or a
statement, a proposal (같이 가요) or an offer. Rewrites nothing.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from chatbot.text import level_words as words
from chatbot.text.predicates import Predicate
from chatbot.text.reading import Ending
from chatbot.text.reading import ending as sound
from chatbot.types import SpeechLevel

_JAMO = str.maketrans("ㄴㄹㅂ", "\u11ab\u11af\u11b8")


def ending_in(one: Predicate, sentence: str, level: SpeechLevel) -> str | None:
    """The final ending in `level`, with what goes before it; None when the ending is unknown."""
    copula = one.tag in ("VCP", "VCN")
    if level is SpeechLevel.HAEYO:
        polite = words.TO_HAEYO.get(one.ending, one.ending + "요")
        if one.ending == "더라" and one.asks:  # 뭐라고 했더라? 이름이 뭐더라?
            return "었+죠"
        return "에요" if copula and polite == "어요" and not one.pre else polite
    if _proposes(one, sentence):
        return "자" if level is SpeechLevel.HAE else "ᆸ시다"
    if level is SpeechLevel.HAE and _lets(one, sentence):
        return "자"
    named = "ᆯ래요" if one.ending == "래요" and not copula and sound(one.stem) is Ending.RIEUL else one.ending
    row = endings().get(named) or _reported(one)
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
    if one.ending == "세요" and not one.asks and one.stem.endswith(("아하", "어하", "워하")):  # 어머니가 좋아하세요
        return "시+ᆸ니다"
    if one.ending.endswith("면요") and words.DEEPLY.search(sentence):  # 얼마나 참았으면요
        return one.ending[:-1] + " 그랬겠습니까"
    wonders = one.ending.endswith("데요") and (one.asks or copula) and words.ASKING.search(sentence)
    heard = one.ending == "군요" and one.stem in ("그렇", "그러")  # 그렇군요: not agreed with, but taken in
    if wonders or heard or one.stem == "어떡하":
        return "습니까"
    if one.ending in ("죠", "지요") and (words.ASKING.search(sentence) or _negated(one)):
        return "습니까" if one.asks else statement
    if one.ending in ("니까요", "으니까요") and one.shared == "터":  # 담았을 테니까요
        return "것이기 때문입니다"
    if one.asks or (one.pre[-1:] == ("겠",) and one.ending == "어요" and words.RHETORICAL.search(sentence)):
        return question
    if one.ending == "어요":
        return _request(one, sentence) or statement
    return statement


def _negated(one: Predicate) -> bool:
    """안 했죠? must not become 하지 않았습니까?, which asks the opposite."""
    return one.stem in words.NEGATIVE_STEMS or bool(words.NEGATED.search(one.before))


def _proposes(one: Predicate, sentence: str) -> bool:
    """가시죠, 같이 가죠: let us go. A matter of course (그럼 같이 가죠?) asks."""
    acting = one.tag.startswith(("VV", "VX", "XSV")) or "그만" in (one.stem[:2], one.before[-2:])
    if one.ending not in ("죠", "지요") or one.asks or not acting:
        return False
    if one.pre in (("시",), ("으시",)):
        return not words.HONOURED.search(sentence)
    return not one.pre and _together(sentence) and one.stem not in words.STATIVE


def _lets(one: Predicate, sentence: str) -> bool:
    """같이 골라 봐요 → 보자, 저랑 얘기해요 → 얘기하자: in 해체 the bare ending may be an order. Only where it is plain
    that the two who talk do it: 물도 같이 마셔요 and 정밀도와 함께 봐요 join things.
    """
    if one.ending != "어요" or one.asks or _request(one, sentence) != "ᆸ시다":
        return False
    before, verb = _clause(one)
    if words.SHARED_VERB.search(verb) and words.ONCE_MORE.search(before):
        return True
    ours = words.WITH_ME.search(before) or words.BOTH.search(before)
    return bool(ours) and not before.endswith("도 ") and not one.stem.endswith("주")


def _clause(one: Predicate) -> tuple[str, str]:
    """What stands before a verb in its clause, and the same with the verb."""
    before = re.split(r"[.!?]\s|,\s", one.before)[-1]
    return before, before + one.stem if one.tag.startswith("XS") else f"{before.rstrip()} {one.stem}"


def _joint(one: Predicate) -> bool:
    """첫 줄은 같이 생각해 봐요: the topic is what it is done to, and 같이 says by whom."""
    before, verb = _clause(one)
    ours = words.BOTH.search(before) and words.DONE_TOGETHER.search(verb)
    return bool(ours) and not words.DOER.search(before)


def _together(clause: str) -> bool:
    """Whether what is done together is done by us: 같이 봐요, but not 손실이 함께 줄어들어요."""
    return bool(words.TOGETHER.search(clause)) and not words.SUBJECT.search(clause.replace("같이", ""))


def plain_stem(one: Predicate) -> tuple[str, str]:
    """The stem without humility or honour: 드리 → 주, 축하드리 → 축하하, 드시 → 먹 but 마음에 드시 → 마음에 들."""
    if one.stem == "드리" and words.GIVEN.search(one.before):
        return "하", "XSV"
    eating = one.stem in ("드시", "드") or (one.stem == "들" and one.pre[:1] == ("시",))
    if eating and one.before.rstrip().endswith("에"):
        return "들", "VV"
    if eating and words.DRINKS.search(one.before):
        return "마시", "VV"
    return ("먹", "VV") if eating else words.PLAIN_STEMS.get(one.stem, (one.stem, one.tag))


def _reported(one: Predicate) -> tuple[str, str, str] | None:
    """온다잖아요, 다르다던데요, 크다죠: 고 하 is swallowed, and comes back in 합쇼체."""
    for quoting in ("ᆫ다", "는다", "다", "라", "자", "느냐", "냐"):
        reported = words.REPORTED.get(one.ending.removeprefix(quoting)) if one.ending.startswith(quoting) else None
        if reported:
            if one.ending.endswith("죠") and one.asks:
                reported = words.REPORTED["잖아요"]
            casual = one.ending[:-1] + "지" if one.ending.endswith("죠") else one.ending.removesuffix("요")
            return casual, f"{quoting}고 {reported}", f"{quoting}고 {reported}"
    return None


def _casual(one: Predicate, casual: str, copula: bool) -> str:
    if copula and casual == "어" and not one.pre:
        return "야"
    # 알려 주시겠어요? asks for a favour: 알려 줄래?
    offers = one.pre[-2:] == ("시", "겠") or (one.stem in words.HONORIFIC_STEMS and one.pre == ("겠",))
    if one.asks and offers and casual == "어":
        return "ᆯ래"
    return casual


def _proposal(one: Predicate, sentence: str) -> str:
    """-ㄹ까요: a proposal (같이 볼까요?), an offer (제가 할까요?) or wondering (왜 그럴까요?)."""
    if one.tag.startswith("VC"):
        return "습니까"
    acting = one.tag.startswith(("VV", "XSV", "VX")) and one.stem not in words.STATIVE - {"드리", "시작하", "나가"}
    if one.pre or not one.asks or not acting or (one.stem == "하" and one.before.rstrip().endswith("야")):
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
    noun = re.search(r"[가-힣]*$", one.before)
    verb = f"{noun.group() if noun and one.tag.startswith('XS') else ''}{one.stem}"  # 축하 + 하
    if one.pre or not one.tag.startswith(("VV", "VX", "XSV")):
        return None
    before = re.split(r"[.!?]\s", one.before.removesuffix(verb.removesuffix(one.stem)))[-1]
    if words.SHARED_VERB.search(f"{before.rstrip()} {verb}") and words.ONCE_MORE.search(before):
        return "ᆸ시다"
    if verb in words.URGED_VERBS and words.URGED.search(before) and not words.STATED.search(before):
        return "시+ᆸ시오"
    if verb in words.STATIVE:
        return None
    if _joint(one):
        return "ᆸ시다"
    if one.topic and one.stem == "오":  # 첫눈은 꼭 그럴 때 와요
        return None
    if re.search(r"(?<=[가-힣])(?<!나)[나가]\s*봐요$", sentence) or words.STATING.search(one.before):
        return None
    last = re.split(r"[.!?]\s|,\s", sentence)[-1]
    alone = last.replace("같이", "")  # whose 이 is no particle
    if not one.topic and _together(last if words.TOGETHER.search(last) else sentence):
        return "ᆸ시다"
    if one.stem == "보" and one.tag == "VX":
        return "시+ᆸ시오"
    if one.stem == "만나":
        return "ᆸ시다"
    if re.search(r"한번\s*봐요$", sentence):
        return "시+ᆸ시오"
    if one.stem == "말" and one.tag == "VX":
        return "시+ᆸ시오"
    if one.stem.endswith("주") and not words.DESCRIBING.search(last):
        favour = one.before + one.stem.removesuffix("주")
        about = one.topic or re.search(r"[가-힣A-Za-z](?:이|가|(?<!오늘)(?<!지금)은|는)\s", alone)
        if words.TOLD.search(favour) or (words.ASKED_FOR.search(favour) and not about):
            return "시+ᆸ시오"
    if words.SURE_REQUEST.search(sentence) and not words.SUBJECT.search(last):
        return "시+ᆸ시오"
    if not one.topic and words.REQUEST.search(sentence) and not words.NO_REQUEST.search(last):
        return "시+ᆸ시오"
    return "시+ᆸ시오" if not one.topic and _advises(one, verb) else None


def _advises(one: Predicate, verb: str) -> bool:
    """우산 챙겨요, 아프면 병원에 가요, 오늘은 일찍 누워요: what is good for the listener, with nobody else named."""
    sentence = re.split(r"[.!?]\s", one.before)[-1]
    *before, clause = words.CLAUSE_ENDS.split(sentence)
    if words.STATED.search(clause + " "):
        return False
    if verb in words.CARED_FOR or (one.stem == "가" and words.CURED_AT.search(one.before)):
        return True
    follows = before and sentence.removesuffix(clause).endswith("면 ")  # what happens then, not what to do
    return not verb.endswith(("지", "추천하")) and bool(words.SET_TIME.search(sentence)) and not follows


@cache
def endings() -> dict[str, tuple[str, str, str]]:
    """해요체 ending → (해체, 합쇼체 statement, 합쇼체 question), read from endings.tsv."""
    text = resources.files("chatbot.text").joinpath("endings.tsv").read_text(encoding="utf-8")
    rows = (line.translate(_JAMO).split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {ending: (casual, statement, question) for ending, casual, statement, question in rows}
