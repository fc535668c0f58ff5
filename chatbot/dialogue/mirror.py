"""What the user told, said back, as a listener does: "나이 어리다고 무시해" → "나이 어리다고 무시하는군요." In: text.
Out: one polite sentence, or nothing.

Only what can be turned round safely is: a statement or a wondering question of one clause or more, in words that
Kiwi's dictionary knows, neither about the bot nor a request, and no harsh word of the user about themselves, which a
listener does not agree with. Knows nothing of replies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from chatbot.dialogue.gibberish import is_gibberish
from chatbot.text.josa import attach
from chatbot.text.predicates import Predicate, find_predicates

# Kiwi gives a word that it made up the number of its part of speech, a known one a number above all of those.
LAST_INVENTED = 90
# Letters of a sentence that is said back at most: longer ones sound like a protocol.
LONGEST = 32
# A line of so many letters without a space has left spaces out.
GLUED_FROM = 4
_SENTENCE = re.compile(r"[^.!?~…\n]+")
_NO_WORD = re.compile(r"[ㄱ-ㅎㅏ-ㅣ^;:]+")
_NOT = re.compile(r"(?<![가-힣])(안)(?=[되돼나와오해하했됐좋가먹자보봐맞들읽웃믿친])")
_SIGH = re.compile(r" (?:진짜|정말|참|에휴|휴|하)$")
_READABLE = re.compile(r"[가-힣0-9A-Za-z ,%]+")
_TELLING = frozenset([
    "어", "어요", "다", "ᆫ다", "는다", "네", "네요", "더라", "더라고", "더라고요", "거든", "거든요", "구나", "는구나",
    "군", "습니다", "ᆸ니다", "음", "ᆷ",
])  # fmt: skip
_BREAKING_OFF = frozenset(["는데", "ᆫ데", "은데", "는데요", "ᆫ데요", "은데요"])
_NAMING = frozenset(["야", "다", "어", "네", "네요", "에요", "예요", "ᆸ니다", "습니다", "었"])
_INTENDING = frozenset(["려고", "으려고", "려고요", "으려고요", "어야지", "어야지요", "ᆯ래", "을래", "ᆯ래요", "을래요"])
# 미안하대 → 미안하다고 했군요
_REPORTING = {
    "대": "다고", "ᆫ대": "ᆫ다고", "는대": "는다고", "대요": "다고", "ᆫ대요": "ᆫ다고", "는대요": "는다고",
    "래": "라고", "으래": "으라고", "재": "자고", "래요": "라고", "재요": "자고",
}  # fmt: skip
_WONDERING = {"ᆯ까": "ᆯ까", "을까": "을까", "ᆯ까요": "ᆯ까", "을까요": "을까", "나": "나", "나요": "나"}
_WH = re.compile(
    r"(?:누구|누가|뭐|뭘|뭔|무슨|무엇|어디|언제|어떻|어때|어떤|몇|얼마(?! ?(?:안|없|되지|남지))|(?<![가-힣])왜|어느)"
    r"(?!나|든|(?:한테|에게|하고|랑|와)?도(?: |$)|새)"
)
# 하루에도 몇 번 달라져: no question, unless it ends in a question mark.
_SOME = re.compile(r"몇 ?(?:번|시간|년|달|개월|날|주|명|개)")
# 이야기 해줄까: an offer to the bot. 나을 텐데: what is left open has no end to turn round.
_OPEN = re.compile(r"(?:이야기|얘기|노래|농담|퀴즈|문제|말) ?(?:하나 ?)?\S+ ?줄까요?$|텐데요?$")
_ASKING = frozenset([
    "어", "어요", "니", "냐", "나", "나요", "ᆫ가", "은가", "는가", "ᆫ가요", "은가요", "는가요", "ᆯ까", "을까", "ᆯ까요",
    "을까요", "지", "죠", "지요", "야", "에요", "예요", "다", "ᆫ대", "대", "는데", "ᆫ데", "은데", "습니까", "ᆸ니까",
    "는지",
])  # fmt: skip
_PONDERING = frozenset(["지", "ᆯ까", "을까", "ᆯ까요", "을까요", "나"])
_FACTS = frozenset(["누구", "누가", "언제", "몇", "얼마", "어디", "무엇", "뭐", "뭔"])
_METHOD = re.compile(
    r"(?P<what>[가-힣 ]{2,20} ?[가-힣]{0,6}(?:는|ᆯ|을|한|할|된|될|의|릴|칠|울|낼|난|운) ?"
    r"(?:방법|법|비결|팁|요령|이유|까닭))(?:을|를|이|은|는|도|이란|이란 게)? ?(?:좀 ?)?"
    r"(?:조언 ?좀|(?:알려|말해|가르쳐|추천해|얘기해|설명해) ?\S+|있\S*|뭐\S*|없\S*|뭘까\S*)?"
)
_TOPIC = re.compile(r"[가-힣](?:은|는)$")
# 그게 뭔데: of what the bot said, which cannot be said back.
_THAT = re.compile(
    r"^(?:아니 |근데 |아 )?(?:그게|이게|그건|이건|저게|(?:그|이)(?:거|것)(?:은|는|이|가)?) ?"
    r"(?:뭐|뭔|누구|누군|왜|무슨|어디|언제|어떤)\S*$"
)
# What only links a line to the one before: 근데 걔가 늦는대.
_LINKING = re.compile(
    r"^(?:(?:근데|그런데|그래도|그럼|그러면|그리고|그래서|그니까|아니|사실|솔직히|됐다|됐어|에라|아|어|음|야|와|헐|하"
    r"|휴|참|쨌든)[ ,]+)+(?=\S)"
)
_ELDERS = re.compile(
    r"할머니|할아버지|어머니|아버지|어머님|아버님|부모|엄마|아빠|어르신|삼촌|이모|고모|장모|장인|님(?=[가-힣 ]|$)|께서"
)
# 써야하는군요: the space before 하다 is often left out.
_MUST = re.compile(r"(?<=[가-힣]야)(?=(?:하|돼|되|해|했|됐))")
_HAS_YOU = re.compile(r"(?<!\S)(?:너|니|네가|넌|널|당신|도담)")
_AT_A_LOSS = re.compile(
    r"(?P<head>\S.*?) ?(?:이제 |나 |난 |저 |전 )?"
    r"(?:어떡\S*|어떻게 ?(?:해|하)\S*(?: ?(?:돼|되|하|할|좋)\S*){0,2}|어쩌\S*|어째\S*)"
)
_HELP = re.compile(
    r"(?:나|날|저|나를|좀|제발|빨리|어서)? ?(?:도와|살려|찾아|알려|위로해|안아|들어|봐)\s?"
    r"(?:줘|주세요|줄래|주라|달라)\S*"
)
_YOU = frozenset(["너", "니", "네", "당신", "그대", "자네", "너희", "도담", "도담이", "챗봇"])
_TIMES = frozenset(
    ["그날", "날", "오늘", "내일", "모레", "주말", "요즘", "이번", "다음", "주", "달", "때", "지금", "아침", "저녁"]
)
_ME = frozenset(["나", "저", "내", "제", "우리", "저희"])
# Tags that Kiwi gives the speaker: 나는, 내 친구.
_MINE = ("NP", "MM")
# Words that take up the clause before them as what was said or thought: 온다 했어.
_TAKES_UP = re.compile(r"(?:하|해|했|그러|그래|그랬|말|생각|싶|던|는데|고 )")
_KNOWN_PRE = frozenset(["었", "겠", "시", "으시", "더"])
_STEMS = ("VV", "VA", "XSV", "XSA")
_ENTERS = re.compile(r"(?:생각|느낌|마음|맘|의심|정|철|기분|힘|예감|확신|후회)(?:이|가|은|는|도|만)? ?(?:[가-힣]+ )?$")
# With these the speaker is more than who tells it: 나를 찾았으면, 나보다 커.
_STAYS = frozenset(["를", "을", "ᆯ", "보다", "처럼", "같이", "만큼", "이나", "나", "라도", "이라도"])
# Said of oneself these ask for comfort; said back they hurt. (할 말 없다 leaves nothing to ask for.)
_HARSH = re.compile(
    r"불쌍|못나|못났|못생|멍청|한심|바보|초라|뚱뚱|쓸모|쓰레기|찌질|구제|나쁜|나쁘|나빴|잘못|실패|최악|병신|미친|미쳤|죽|옥상|뛰어내|"
    r"팔뚝|허벅지|뱃살|살 ?[쪘찌찐쪄]|여드름|탈모|대머리|주름|할 ?말|사라지|자해|손목|유서|때리|때렸|맞았|맞고"
    r"|하늘나라|한강|디[지질]|뒤[지질]|폭파|운전|자격|가치|왕따"
)
# Without a subject these verbs are as often an order as a story: 노래 틀어, 빨리 말해.
_TELLS_OF_HABIT = re.compile(
    r"(?:항상|자꾸|계속|매일|맨날|늘|자주|가끔|너무|많이|엄청|안|못|잘|다들|서로|요즘|도무지|전혀|점점|벌써|이미|아직)(?:\s|$)"
)


@dataclass(frozen=True, slots=True)
class Mirrored:
    """The sentence, and how it was said: "told", "past", "off" (…는데), "wish", "plan", "wonder" (…할까), "lost"
    (어떡해), "ask" or "fact" (언제, 얼마)."""

    sentence: str
    manner: str


class Mirror:
    """Says it back with one `kiwipiepy.Kiwi`."""

    def __init__(self, kiwi: Any) -> None:
        self._kiwi = kiwi

    def __call__(self, text: str) -> Mirrored | None:
        """The user's last sentence as a listener would say it back; None where that would not be safe."""
        bare = _NO_WORD.sub("", text).strip(" ,")
        said = [part.strip(" ,") for part in _SENTENCE.findall(bare)]
        last = _SIGH.sub("", next((part for part in reversed(said) if part), ""))
        last = _LINKING.sub("", last)
        if " " not in last and len(last) >= GLUED_FROM:  # 폰이없네
            last = str(self._kiwi.space(last))
        if not 2 <= len(last) <= LONGEST or not _READABLE.fullmatch(last) or _HARSH.search(text):
            return None
        if _THAT.match(last):
            return None
        method = _METHOD.fullmatch(last)
        if method and not _HAS_YOU.search(last):
            return Mirrored(f"{attach(method['what'], '이/가')} 궁금하군요.", "ask")
        return self._back(last, asked="?" in bare[bare.rfind(last) :])

    def _back(self, last: str, asked: bool) -> Mirrored | None:
        """One sentence said back; of two without a mark between them the later one, unless it asks for help only."""
        tokens = self._kiwi.tokenize(last)
        if _OPEN.search(last):
            return None
        glued = [after.start for before, after in pairwise(tokens) if _glued(before, after)]
        if glued:
            last = "".join(f" {letter}" if at in glued else letter for at, letter in enumerate(last))
            tokens = self._kiwi.tokenize(last)
        # 놓쳤어 어떡해, 먹통이야 답답해: two sentences.
        border = max((end for end in map(_sentence_end, tokens, tokens[1:]) if last[end : end + 1] == " "), default=0)
        if border:
            former, latter = last[:border], last[border:].strip()
            if _TAKES_UP.match(latter):
                return None
            alone = _AT_A_LOSS.fullmatch(f". {latter}") or _HELP.fullmatch(latter)
            return self._back(former, False) if alone else self._back(latter, asked)
        if is_gibberish(last) or any(map(_strange, tokens, [*tokens[1:], None])):
            return None
        lost = _AT_A_LOSS.fullmatch(last)
        if lost:
            told = _without_me(lost["head"], [token for token in tokens if token.start < lost.end("head")])
            if not told or not told.strip():
                return None
            if _TOPIC.search(told.strip()):  # 채굴은 어떻게 해
                return Mirrored(f"{told.strip()} 어떻게 하는지 궁금하군요.", "ask")
            return Mirrored(f"{told.strip()} 어떻게 해야 할지 고민이군요.", "lost")
        final = next((one for one in reversed(find_predicates(last, tokens)) if one.end == len(last)), None)
        if final is None or final.tag == "JX":
            return None
        if {"시", "으시"} & set(final.pre) and not _ELDERS.search(last):  # 계산이 빠르시네: said of the listener
            return None
        if final.tag == "VCN" and any(t.tag in _MINE and t.form in _ME for t in tokens):  # 내 편이 아니야
            return None
        wonders = not _WH.search(last) or _laments(tokens, last)
        if final.tag == "VCP" and final.ending in _WONDERING and wonders:  # 진짜일까, 없는 걸까
            whole = _without_me(last.removesuffix("요"), tokens)
            return Mirrored(f"{' '.join(whole.split())} 싶은 마음이군요.", "wonder") if whole else None
        if not last[: final.start].strip() and final.tag.startswith(("VV", "VX", "VCN")):  # 됐다: nothing but the deed
            return None
        ending = _turned(final, tokens, last, asked)
        head = _without_me(last[: final.start], [token for token in tokens if token.start < final.start])
        if ending is None or head is None:
            return None
        closing, manner = ending
        if final.tag == "VCP":
            if manner in ("ask", "fact"):
                if head.rstrip().endswith(("은", "는")):  # 특징은 뭘까
                    return Mirrored(f"{head.rstrip()} 뭔지 궁금하군요.", manner)
                being = f"{head.removesuffix('거')}건지" if head.endswith("거") else f"{head}{closing[0]}"
                return Mirrored(" ".join(f"{being}{closing[1]}.".split()), manner)
            if manner == "past":  # 그린라이트래
                return Mirrored(f"{attach(head, '이라고/라고')} 했군요.", manner)
            return Mirrored(f"{attach(head, '이군요/군요')}.", manner) if _of_somebody(tokens, final, last) else None
        stem = "들" if final.stem == "듣" and _ENTERS.search(head) else final.stem  # 생각이 들어, 말을 안 들어
        stem = "하" if stem == "되" and head.rstrip().endswith("야") else stem  # 일어나야 돼
        endings = [part for part in closing if isinstance(part, tuple)]
        predicate = self._kiwi.join([(stem, final.tag), *((form, "EP") for form in final.pre), *endings])
        predicate = predicate.removesuffix("고") if closing[-1] == "는군요" else predicate  # 먹으려고 → 먹으려는군요
        sentence = _NOT.sub(r"\1 ", f"{head}{predicate}{''.join(closing[len(endings) :])}.")
        sentence = _MUST.sub(" ", sentence)
        return Mirrored(" ".join(sentence.split()), manner)


def _sentence_end(token: Any, following: Any) -> int:
    """Where a sentence ends with `following`, 0 where none does: Kiwi reads some as going on (…이야 …, …었어 …)."""
    goes_on = following.form in ("야", "어") and token.form in ("이", "었") and following.tag == "EC"
    calls = following.form in ("야", "이야") and following.tag == "JX" and token.tag == "NNG"
    ends = following.tag == "EF" or goes_on or calls
    return int(following.start + following.len) if ends else 0


def _glued(token: Any, following: Any) -> bool:
    """Whether the space before a bound noun, or before 같다 behind one, was left out: 피는것같다."""
    alike = token.tag == "NNB" and following.form == "같" and following.tag == "VA"
    bound = token.tag == "ETM" and following.tag == "NNB"
    return (bound or alike) and bool(following.start == token.start + token.len)


def _strange(token: Any, following: Any) -> bool:
    """Whether a token is no word, or speaks of the bot. A noun that no dictionary has needs a particle."""
    marked = following is not None and following.tag.startswith("J") and following.start == token.start + token.len
    invented = token.tag in ("NNG", "NNP") and token.id <= LAST_INVENTED and not marked
    return (
        invented
        or token.tag in ("UN", "W_URL", "W_EMAIL", "IC")
        or (token.form in _YOU and token.tag in ("NP", "NNP", "NNG"))
    )


def _turned(one: Predicate, tokens: Sequence[Any], text: str, asked: bool) -> tuple[list[Any], str] | None:
    """([ending for Kiwi, what follows it], manner) of the sentence said back; None for what cannot be."""
    past, wh = "었" in one.pre, _WH.search(text if asked else _SOME.sub("", text))
    if not set(one.pre) <= _KNOWN_PRE:  # 헤어졋네
        return None
    if one.ending in _WONDERING and not wh and not (one.ending in ("나", "나요") and _checks(one, text)):
        after = " 고민이군요" if text.rstrip("요").endswith("말까") else " 싶은 마음이군요"
        return None if one.tag == "VCP" else ([(_WONDERING[one.ending], "EF"), after], "wonder")
    if asked or wh:
        return _asked(one, tokens, text, wh[0] if wh else "", asked)
    if one.ending in _REPORTING:
        return [(_REPORTING[one.ending], "EC"), " 하는군요" if past else " 했군요"], "past"
    telling = _NAMING if one.tag == "VCP" else _TELLING
    if one.ending not in telling | _BREAKING_OFF | _INTENDING | {"으면", "면"}:
        return None
    if one.ending in _INTENDING and one.tag.startswith(("VV", "XSV", "VX")) and not past:
        return [("려고", "EC"), "는군요"], "plan"
    if one.ending in ("으면", "면") and past:  # 없었으면
        return [("으면", "EC"), " 좋겠군요"], "wish"
    if one.stem == "같" and re.search(r"(?:것|거|듯)(?:만)?\s?$", text[: one.start]):
        return [("다는", "ETM"), " 생각이 드는군요"], "told"
    if one.stem.endswith("주") and one.ending in ("어", "어요") and not past and not _whose(tokens):  # 도와줘
        return None
    if one.tag == "VX" and one.stem in ("보", "주", "말") and not past:
        return None
    if one.ending in ("음", "ᆷ") and " " not in text:  # 텅빔
        return None
    must = text[: one.start].rstrip().endswith("야") and one.stem in ("하", "되")
    if one.ending in ("음", "ᆷ") and not past and not must and one.tag.startswith(("VV", "XSV")):  # 막차 놓침
        return [("었", "EP"), ("군요", "EF")], "past"
    if _may_order(one, tokens, text):
        return None
    wishes = (one.stem == "싶" and text[: one.start].rstrip().endswith("고")) or (one.stem == "좋" and "겠" in one.pre)
    manner = "wish" if wishes else "off" if one.ending in _BREAKING_OFF else "past" if past else "told"
    return [("는군요" if _acts(one, tokens) else "군요", "EF")], manner


def _checks(one: Predicate, text: str) -> bool:
    """Whether -나 asks for a fact and does not wonder: 주차 되나요, 자리 있나요; 그냥 다녀야 하나 wonders."""
    return one.ending == "나요" or one.stem in ("되", "있", "없")


def _laments(tokens: Sequence[Any], text: str) -> bool:
    """Whether somebody asks why of their own lot: 나는 왜 이렇게 운이 없을까."""
    wh = _WH.search(text)
    return wh is not None and wh[0] == "왜" and any(t.tag in _MINE and t.form in _ME for t in tokens)


def _whose(tokens: Sequence[Any]) -> bool:
    """Whether the sentence names who or what it is about; 그날은 says when."""
    return any(
        after.tag == "JKS" or (after.tag == "JX" and after.form in ("은", "는") and before.form not in _TIMES)
        for before, after in pairwise(tokens)
    )


def _of_somebody(tokens: Sequence[Any], one: Predicate, text: str) -> bool:
    """Whether the sentence says of somebody else what they are, or how things always are, and not in the past."""
    subject = _whose([token for token in tokens if token.start < one.start])
    mine = any(t.tag in _MINE and t.form in _ME for t in tokens)
    return not mine and not one.pre and (subject or bool(_TELLS_OF_HABIT.search(text)))


def _asked(one: Predicate, tokens: Sequence[Any], text: str, wh: str, asked: bool) -> tuple[list[Any], str] | None:
    """The question as what somebody wonders: 왜 안 받는지 궁금하군요, 무슨 말을 할지 고민이군요."""
    whose = _whose(tokens)
    acts = one.tag.startswith(("VV", "XSV", "VX"))
    if wh == "누가" and not asked:  # 누가 내 우산을 가져갔어: somebody
        return None
    if one.ending not in _ASKING or (one.tag == "VX" and one.stem in ("주", "보") and not whose):
        return None
    must = (
        one.stem in ("하", "되") and one.tag in ("VX", "VV") and text[: one.start].rstrip().endswith("야")
    )  # 해야 해
    if wh and wh != "왜" and acts and not one.pre and (must or (not whose and one.ending in _PONDERING)):
        return [("ᆯ지", "EC"), " 고민이군요"], "lost"
    if (not whose and wh not in ("왜", "어떻")) or (wh and "생각" in text[-6:]):  # 어떻게 생각해: asks the bot
        return None
    if one.ending in _WONDERING and _laments(tokens, text):
        return [(_WONDERING[one.ending], "EF"), " 싶은 마음이군요"], "wonder"
    advice = one.stem in ("좋", "낫", "편하") and one.ending in _PONDERING
    manner = "fact" if wh in _FACTS and not advice else "ask"
    if one.tag == "VCP":
        return ["ᆫ지" if text[: one.start].endswith(("뭐", "누구", "어디", "언제")) else "인지", " 궁금하군요"], manner
    verbal = _acts(one, tokens) or {"었", "겠"} & set(one.pre) or one.stem in ("있", "없")
    return [("는지" if verbal else "ᆫ지", "EC"), " 궁금하군요"], manner


def _acts(one: Predicate, tokens: Sequence[Any]) -> bool:
    """Whether the ending is that of verbs: 하는군요, but 예쁘군요, 했군요, 있군요, 싶군요."""
    if {"었", "겠", "더"} & set(one.pre) or one.stem in ("있", "없", "싶", "같", "계시"):
        return False
    if one.stem in ("않", "못하") and one.tag == "VX":
        before = [token.tag for token in tokens if token.start < one.start and token.tag.startswith(_STEMS)]
        return bool(before) and before[-1].startswith(("VV", "XSV"))
    return one.tag.startswith(("VV", "XSV", "VX"))


def _may_order(one: Predicate, tokens: Sequence[Any], text: str) -> bool:
    if one.pre or not one.tag.startswith(("VV", "XSV", "VX")) or one.ending not in ("어", "어요"):
        return False
    told = any(token.tag in ("JKS", "EC") or (token.tag == "JX" and token.form in ("은", "는")) for token in tokens)
    return not told and not _TELLS_OF_HABIT.search(text)


def _without_me(head: str, tokens: Sequence[Any]) -> str | None:
    """`head` without the words for the speaker (내 친구 → 친구); None where they cannot be left out."""
    pieces, at = [], 0
    for index, token in enumerate(tokens):
        if token.tag not in _MINE or token.form not in _ME:
            continue
        end, after = token.start + token.len, index + 1
        while after < len(tokens) and tokens[after].tag.startswith("J") and tokens[after].start <= end:
            end = max(end, tokens[after].start + tokens[after].len)
            after += 1
        particles = {follower.form for follower in tokens[index + 1 : after]}
        # 사람들은 내가 … 라는데: who tells is not who the sentence is about.
        inner = bool(particles & {"가", "만"}) and any(t.tag in ("JX", "JKS") for t in tokens[:index])
        # 나한테만: not the speaker alone, but to the speaker alone.
        inner = inner or ("만" in particles and len(particles) > 1)
        # 여자친구가 나 사랑하는지: whom, though no particle says so.
        inner = inner or (
            not particles and token.tag == "NP" and token.form in ("나", "저") and _whose(tokens[:index])
        )
        described = inner or head[end:].startswith(" 같") or (index > 0 and tokens[index - 1].tag == "ETM")
        owned = after < len(tokens) and tokens[after].tag == "NNB"  # 내 것
        if described or owned or particles & _STAYS or (end < len(head) and not head[end].isspace()):
            return None
        pieces += [head[at : token.start], "혼자만" if "만" in particles else ""]
        at = end
    return "".join([*pieces, head[at:]]).lstrip(" ,")
