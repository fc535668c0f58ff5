"""What people say about a form while it is open or after it: dropping it, going on with it, changing a value.

In: text. Out: which of these it is, and the words that hold the new value. All patterns are matched without spaces
but those that read values. Knows nothing of conversations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatbot.dialogue.forms.declared import Form
from chatbot.dialogue.slips import Slips

_MARKS = r"[.!~,ㅋㅎㅠㅜ]*"
# What stands before: 아, 아니, 그냥; what is spoken of: 이 계획은; and how a wish ends: 할래요, 해 주세요.
_LEAD = (
    r"(?:아|어|음|앗|아니(?:야|요|다|에요)?|아뇨|그냥|걍|에이|야|근데|그럼|이제|오늘은|미안(?:해|해요)?|잠깐만?|역시|몰라|모르겠다|귀찮아|귀찮다|힘들어"
    r"|,)*"
)
_THIS = r"(?:(?:이거|그거|계획|공부|일정|양식|(?:계획)?세우는거)(?:은|는|도|을|를)?)?"
_END = (
    r"(?:요|(?:해|시켜)?(?:줘|주세요|줄래)|해요?|해라|할게요?|할래요?|하자|하죠|합니다|하고싶어요?|부탁해|볼게요?"
    r"|고마워요?)*"
)
_NO_MORE = (
    r"됐(?:어|다|고|네|습니다|거든)|취소|그만(?:둘래|둘게|두자|둬|하자)?|관두자|관둘(?:래|게)|때려치(?:울래|우자|워)"
    r"|포기|스톱|패스|중단|접자|접을(?:래|게)|말래|말자|하지마|필요없(?:어|다|네)?|나중에"
)
_NOT_NOW = (
    r"(?:나중|다음|담|이따|이따가|있다가)에?"
    r"(?:할래|할게|하자|해|다시|다시할게|생각해볼게|말할게|얘기하자|세우자|세울게)"
)
_CHANGED_MIND = r"없던걸로|없었던걸로|하기싫어졌어|(?:마음|생각)이?바뀌었어"
_WILL_NOT = r"안(?:할래|해|할게|할거야|할란다|하고싶어|만들래|세울래|짤래)|하기싫(?:어|다|네)|싫어(?:졌어)?"
_DROP = re.compile(rf"(?:{_LEAD}{_THIS}(?:{_NO_MORE}|{_CHANGED_MIND}|{_WILL_NOT}|{_NOT_NOW}){_END}{_MARKS})+")
_TAKE_BACK = (
    r"(?:(?:(?:방금|이|그)(?:거|것|계획|일정|세운거|세운계획)?|거|세운거|만든거|적은거)(?:은|는|을|를|도)?)?"
    rf"(?:취소|지워|지울래|삭제|없애|빼|무르|무를래|철회|안할래|안할게|{_CHANGED_MIND})"
)
_UNDO = re.compile(f"{_LEAD}{_TAKE_BACK}{_END}{_MARKS}")

# Going on: (아까 하던 거) (계속) (하자).
_WHAT = (
    r"(?:아까|방금|전에)?(?:하던|세우던|짜던|만들던|말하던|얘기하던|(?:하다가?|세우다)만)?"
    r"(?:그|이|저)?(?:거|것|공부계획|계획|일정|일|얘기)?(?:을|를|으로|로|나|부터|은|는)?"
)
_ON = r"(?:계속|이어서?|마저|마무리|다시|돌아가|이어가|끝내|진행)"
_LETS = (
    r"(?:하자|해|(?:해|세워|짜)?(?:줘|주세요)|(?:할|세울|갈)래요?|할게요?|하죠|해요|해?볼까|할까|하고싶어|세우자|짜자"
    r"|가자|자|가|해?보자|합시다)*요?"
)
_RESUME = re.compile(
    r"(?:그럼|그러면|자|이제|우리|그래|오케이|좋아|응|아까|방금|전에|좀전에)*"
    rf"{_WHAT}{_ON}나?(?:{_ON}|하던거|하던계획|계획)*(?:서)?{_LETS}[?]?{_MARKS}"
)
# "계속해줘" may mean any explanation as well; these can only mean what was being filled in.
_OWN = re.compile(r"하던|세우던|짜던|만들던|하다|계획|일정|아까|마저")

_ONCE_MORE = re.compile(
    rf"{_LEAD}(?:그럼)?다시(?:세울래|세우자|세워줘|세울게|짤래|짜자|짜줘|할래|하자|할게|해볼래|시작하자|시작할래|시작)요?{_MARKS}"
)

_OPEN_TO_ANY = re.compile(
    r"(?:나는?|난|저는?|전|그냥|음+|글쎄|뭐|걍)*(?:아무(?:때|날|시간|거)?나|언제(?:든지?|라도)|얼마든지?|(?:다|언제나|뭐든)?상관(?:은)?없"
    r"(?:어|음|는데|습니다)|(?:네|니|너|도담이)가(?:정해|골라)|알아서(?:정해|골라)?|(?:네|니)?(?:맘|마음)대로|(?:정해|골라|추천해?))"
    rf"(?:다|언제든|언제나|상관없어|괜찮(?:아|습니다|은데)|좋(?:아|습니다)|돼|됩니다|가능(?:해|합니다)?|해|할게|할래|하자|줘|주세요|줄래)*요?{_MARKS}"
)

_UNSURE = re.compile(
    rf"(?:음+|흠+|어+|아+|그+|글쎄(?:요|다|네)?|잘|아직|뭐|(?:모르겠|몰)(?:어|라|네|다|는데|습니다)?요?)+{_MARKS}"
)

_REMOVE = re.compile(r"지워|지우|지울|삭제|취소|없애|없앨|빼\s?줘|빼\s?주|뺄래|철회|제거")
_ALL_WORDS = r"다|모두|모조리|전부|전체|몽땅|둘\s?다|셋\s?다"
_ALL = re.compile(rf"(?:싹\s?)?(?:{_ALL_WORDS}|전부\s?다|모두\s?다)")
_ALL_IN = re.compile(
    rf"(?:^|\s)(?:싹\s?)?(?:{_ALL_WORDS})(?=\s|$|요)|(?:다|전부|모두|싹)(?:지워|지우|삭제|취소|없애)|초기화"
)
_REST = re.compile(r"나머지|남은\s?(?:거|것|계획|애)|다른\s?(?:거|것|계획)\s?도|그\s?(?:거|것)\s?도")
_LAST = re.compile(r"마지막|방금|아까|나중에\s?(?:세운|만든)|최근")

# Another value: what opens a correction, what makes it one, and what stands behind the value.
_AGAIN = r"(?:바꿔|바꿀|바꾸|변경|고쳐|고칠|고치|수정|정정|늘려|늘릴|줄여|줄일|옮겨|옮길|미뤄|미룰|당겨|당길)"
_OPEN = (
    r"(?:아니(?:야|요|다|지|에요)?|아뇨|앗|아차|아\s?참|참|아|어|잠깐(?:만)?(?:요)?|미안(?:해)?(?:요)?"
    r"|실수(?:야|했어|예요)?|잘못\s?(?:말했어|썼어|적었어)|다시|음|근데|그냥)"
)
_NEGATES = re.compile(r"아니|아뇨|앗|아차|참|잠깐|미안|실수|잘못")
_LEADING = re.compile(rf"^(?:{_OPEN}(?:\s*[,.!~]+\s*|\s+))+|^(?:아니|아뇨)(?!\s|고|라)(?=\S)")
_NOT_THAT = re.compile(
    r"^(?P<old>\S.*?)(?:은|는|이|가)?\s*(?:말고|아니고|아니라|아니구)\s*(?P<new>\S.*)$"
    r"|^(?P<old2>\S.*?)\s*대신(?:에)?\s*(?P<new2>\S.*)$"
)
_PLEASE = r"(?:줘|주세요|줄래|줄래요|주라|래|게|자|돼|될까|싶어|요)"
_DO = rf"(?:{_AGAIN}|해|할래|할게|하자|부탁|하고\s?싶|가자|갈게|정하|잡아|맞춰)\S*(?:\s*\S*{_PLEASE})?"
_COPULA = r"(?:이에요|예요|에요|입니다|이요|이야|야|요)"
_INTO = re.compile(
    rf"^(?P<new>\S.*?)(?:으로|로)\s*(?:좀\s*)?(?:{_AGAIN}\S*(?:\s*\S+)?|(?:하자|할래|할게|가자|갈래|해줘|해\s주세요)요?)$"
)
_VALUE_TAIL = re.compile(
    rf"(?:(?:으로|로)?\s*(?:좀\s*)?{_DO}|(?:으로|로)|이라고|라고|이라니까|라니까)?{_COPULA}?\s*[.!~]*$"
)
_ONLY_CHANGE = re.compile(
    rf"^\s*(?:만|좀|을|를|은|는|도)?\s*(?:좀\s*)?(?:다시\s*)?{_AGAIN}\S*(?:\s*\S*{_PLEASE})?[.!~]*$"
)


@dataclass(frozen=True, slots=True)
class Change:
    """A correction: the words of the new value ("" to be asked for), the slot or the old value that it names, and
    whether it is said so plainly that a noun alone counts.
    """

    new: str
    slot: str = ""
    old: str = ""
    plain: bool = False


# Longer lines say more than one of these.
MAX_LINE = 30


# As people usually say them: a line that is one of these but for a slip of the finger is one of these.
_USUAL = Slips([
    "됐어 안 할래", "안 할래", "안 할래요", "그만할래", "그만할래요", "그만하자", "다음에 할게", "다음에 할게요",
    "나중에 할게", "나중에 할게요", "취소할래", "취소할래요", "취소해줘", "아까 하던 거 계속", "아까 하던 거 계속하자",
    "아까 하던 거 마저 하자", "계획 이어서", "계획 이어서 하자", "계속하자", "이어서 하자", "없던 걸로 해줘",
])  # fmt: skip


def _is(pattern: re.Pattern[str], text: str) -> bool:
    squeezed = text.replace(" ", "")
    if len(squeezed) > MAX_LINE:
        return False
    meant = _USUAL.find(squeezed.rstrip(".!~?ㅋㅎㅠ")) or ""
    return bool(pattern.fullmatch(squeezed) or pattern.fullmatch(meant))


def drops(text: str) -> bool:
    """됐어 안 할래, 다음에 할게."""
    return _is(_DROP, text)


def resumes(text: str) -> bool:
    """아까 하던 거 마저 하자, 계획 이어서, 계속."""
    return _is(_RESUME, text)


def resumes_own(text: str) -> bool:
    """The same, of what was being filled in and of nothing else: not a bare 계속."""
    return resumes(text) and bool(_OWN.search(text.replace(" ", "")))


def begins_again(text: str) -> bool:
    """다시 세울래 after it was dropped."""
    return _is(_ONCE_MORE, text)


def leaves_open(text: str) -> bool:
    """아무 때나 괜찮아요, 알아서 정해줘: the answer to a question that any value would do for."""
    return _is(_OPEN_TO_ANY, text)


def hesitates(text: str) -> bool:
    """음 글쎄, 잘 모르겠어요: no answer yet."""
    return _is(_UNSURE, text)


def undoes(text: str) -> bool:
    """취소할래, 없던 걸로 해 right after something was made."""
    return _is(_UNDO, text)


def removes(text: str) -> bool:
    """Whether something is to be deleted, whatever it is."""
    return bool(_REMOVE.search(text))


def means_all(text: str, alone: bool = False) -> bool:
    """계획 다 지워줘; with `alone`, a line that says nothing else: 둘 다."""
    if alone and _ALL.fullmatch(re.sub(r"[\s.!~]|지워줘|지워|요$", "", text)):
        return True
    return bool(_ALL_IN.search(text))


def means_rest(text: str) -> bool:
    """남은 것도 취소해줘, 나머지 다 지워줘."""
    return removes(text) and bool(_REST.search(text))


def means_last(text: str) -> bool:
    """마지막 거, 방금 세운 거."""
    return bool(_LAST.search(text))


def asks_change(text: str) -> bool:
    """Whether a value is to be changed in so many words: 화학 말고 물리로 바꿔줘, 과목은 물리로 할래."""
    return bool(re.search(rf"{_AGAIN}|로\s*(?:해|할|하)", text))


def read_change(text: str, form: Form) -> Change | None:
    """The correction that `text` is: 3시간 말고 2시간, 아니 수학으로, 과목을 생물로 바꿔줘, 날짜 바꿀래."""
    text = text.strip(" .!~")
    if text.endswith("?") or len(text) > 2 * MAX_LINE:
        return None
    lead = _LEADING.match(text)
    rest = text[lead.end() :].strip() if lead else text
    rest = re.sub(rf"^(?:{'|'.join(sorted(form.about, key=len, reverse=True))})(?:에서|의|은|는)?\s+", "", rest)
    rest = re.sub(r"^\S+(?:은|는)\s*그대로\s*(?:두고|하고|놔두고)\s*", "", rest)
    slot, behind = _named_slot(rest, form)
    if slot and _ONLY_CHANGE.match(behind):
        return Change("", slot)
    instead = _NOT_THAT.match(behind if slot else rest)
    if instead:
        old, new = instead["old"] or instead["old2"], instead["new"] or instead["new2"]
        return Change(_bare(new), slot, old.strip(), plain=True)
    if slot:
        new = re.sub(r"^\s*(?:은|는|을|를|이|가|도|만)?\s*(?:그냥|좀|다시)?\s*", "", behind)
        marked = behind != new and bool(new)
        return Change(_bare(new), slot, plain=True) if marked else None
    into = _INTO.match(rest)
    if into:
        return Change(into["new"].strip(), plain=True)
    if lead and _NEGATES.search(lead.group()) and rest:
        new = _bare(rest)
        return Change(new, plain=new != rest)
    return None


def _named_slot(text: str, form: Form) -> tuple[str, str]:
    """The slot whose name `text` begins with, and what stands behind the name: 시간은 한 시간으로."""
    name = next((one.name for one in form.slots if text.startswith(one.name)), "")
    behind = text[len(name) :]
    return (name, behind) if name and re.match(rf"\s|은|는|을|를|도|만|{_AGAIN}|$", behind) else ("", text)


def _bare(words: str) -> str:
    """Without 으로 바꿔줘 behind the value."""
    return _VALUE_TAIL.sub("", words).strip()
