"""The name that the bot calls the user by: changed, put right, forgotten. In: a reading. Out: a proposal, or nothing.

    이름 바꿀래 → asks, and takes the next line        이름을 민수로 바꿔줘, 철수 아니고 영수야 → the new one
    이름 잊어줘 → forgets it             난 민지!, 저 김민수예요 → a name and nothing else

Other introductions ("내 이름은 민수야") are an intent; memory.py finds the name in them. Knows no models.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chatbot.dialogue.memory import bare_name, extract_name
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.slips import Slips
from chatbot.seams import Analyzer
from chatbot.types import Source

INTENT = "name"
ASKED = "name/asked"
# A longer line says more than a name.
MAX_LINE = 30

# Matched without spaces. The user's own name, never 네 이름.
_MINE = (
    r"(?:아니|아|음|저기|근데|그럼|이제|혹시|야|도담아|저|나)*(?:내|제|나의|저의)?(?:부르는)?"
    r"(?:이름|별명|닉네임|호칭)(?:을|좀|은|도|를)*(?:다시|다른걸로|딴걸로|새로)?"
)
_MARKS = r"[?!.~ㅋㅎㅠ]*"
_CHANGE = re.compile(
    rf"{_MINE}(?:바꿀래|바꿀게|바꿀거야|바꾸고싶어|바꾸고싶은데|바꾸자|바꿔|바꿔도돼|바꿔?줄수있어|바꿀수있(?:어"
    rf"|을까|나)|변경|변경할래"
    rf"|변경하고싶어|고칠래|고쳐|수정|수정할래"
    rf"|틀렸어|잘못됐어|잘못(?:알려줬어|말했어|적었어)|정할래|정해줘)(?:해|줘|주세요|줄래|부탁해)*요?{_MARKS}"
    rf"|(?:나를|날|나|저를)?(?:다르게|다른이름으로|딴이름으로|다른걸로)(?:불러|부르)(?:줘|주세요|줄래"
    rf"|면안돼)*요?{_MARKS}"
)
_FORGET = re.compile(
    rf"{_MINE}(?:그만|이제|그냥|제발|빨리)*(?:기억에서|전부|다)?(?:잊어(?!버렸|먹)|잊으|까먹어줘|지워|지우|삭제"
    rf"|없애|빼|기억하지(?:마"
    rf"|말)|저장하지(?:마|말)|부르지(?:마|말)|안불러도돼"
    rf"|말하지(?:마|말))(?:버려|해|아|줘|주세요|세요|줄래|라|자|도돼)*요?{_MARKS}"
)
# With spaces: 이름(을) 민수로 바꿔줘, 나를 민수로 불러.
_INTO = re.compile(
    r"(?:(?:아니|아|음|근데|그럼|이제|앞으로)[,.]?\s*)*(?:(?:내|제|나의|저의)\s*)?(?:이름|별명|닉네임|호칭)(?:은|을"
    r"|를)?\s*"
    r"(?P<name>\S+?)(?:으로|로|이라고|라고)\s*(?:좀\s*)?(?:바꿔|바꿀|바꾸|변경|고쳐|수정|해\s?줘|해\s?주|할래|할게"
    r"|하자|불러|정할|정해)\S*"
    r"(?:\s*(?:줘|주세요|줄래|싶어)\S*)?[.!~]*"
)
_NOT_THAT = re.compile(
    r"(?:(?:아니|아|나|난|나는|저는|내 이름은|제 이름은)[,.]?\s*)*(?P<old>[가-힣A-Za-z]{1,15}?)(?:이"
    r"|가)?\s*(?:아니고|아니라|말고|아니구|아니야)[,.]?\s*"
    r"(?P<new>\S+(?:\s\S+)?)"
)
_NO = re.compile(
    r"(?:아니|아냐|아닌데|아뇨|아니야|아니요|틀렸어|잘못\s?(?:됐어|알았어))[,.]?\s*(?:나는?|난|저는"
    r"|내 이름은)?\s*(?P<new>\S+)"
)
# As people usually say them: a line that is one of these but for a slip of the finger is one of these.
_USUAL = Slips(["이름 바꿀래", "이름 바꿔줘", "이름 바꾸고 싶어", "이름 잊어줘", "이름 지워줘"])
# A name and nothing else: 난 민지!, 나 서연, 저 김민수예요. A proper noun may be a place's or a thing's too.
_I_AM = re.compile(
    r"(?:(?:안녕\S*|하이|ㅎㅇ|응|네|아)[\s,.!~]+)?(?:(?:나는|저는|제가|내가)\s*|(?:난|나|전|저)\s+)(?P<name>[가-힣]{2,4}?)이?"
    r"(?:이라고|라고|이야|야|이에요|예요|에요|입니다|임|이라고 해요?|라고 해요?)?[\s.!~ㅎㅋ]*"
)
_NO_PERSON = frozenset([
    "서울", "부산", "대구", "인천", "광주", "대전", "울산", "세종", "경기", "강원", "제주", "한국", "미국", "일본",
    "중국", "삼성", "애플", "구글", "네이버", "카카오", "자바", "파이썬", "아이폰", "갤럭시", "유튜브", "도담",
    "도담이", "엄마", "아빠", "성인", "초딩", "중딩", "고딩", "대딩", "기독교", "불교", "천주교", "문과", "이과",
    "여고", "남고", "한국인",
])  # fmt: skip
# A name that nobody has: 제 이름은 7번이에요.
_NO_NAME = re.compile(r"(?:내|제|나의|저의)\s*(?:이름|별명)은\s*\d[^?]*")
_REASONS = {
    "name_told": "이름만 말함",
    "name_unheard": "이름으로 들리지 않음",
    "name_asked": "이름을 바꾸고 싶다고 함",
    "name_changed": "새 이름을 알려 줌",
    "name_kept": "이름을 그대로 두라고 함",
    "name_forgotten": "이름을 잊어 달라고 함",
    "name_unknown": "이름을 잊어 달라고 함, 아는 이름 없음",
}
_FILLER = re.compile(r"^(?:(?:음|어|그럼|그냥|그러면|이제)+[\s.,~]+)+")
_LET_BE = re.compile(
    r"(?:아니|아냐|아)?(?:야|다|요)?(?:됐어|됐다|괜찮아|그대로|취소|그만|안할래|안바꿀래|나중에|다음에|그냥)\S*"
)


@dataclass(frozen=True, slots=True)
class NameSpeaker:
    """Asks for a new name, takes it, and forgets it when told to."""

    phrases: Phrases
    analyzer: Analyzer

    def __call__(self, reading: Reading) -> Proposal | None:
        state, text = reading.state, reading.text.strip(" .!~")
        squeezed = text.replace(" ", "")
        if len(squeezed) > MAX_LINE:
            return None
        squeezed = _USUAL.find(squeezed) or squeezed
        if _FORGET.fullmatch(squeezed):
            forgotten = replace(state, name="")
            return self._say("name_forgotten" if state.name else "name_unknown", reading, forgotten.name)
        into = _INTO.fullmatch(text)
        if into and self._is_name(bare_name(into["name"])):
            return self._called(reading, bare_name(into["name"]))
        if _CHANGE.fullmatch(squeezed):
            return self._say("name_asked", reading, state.name, said=ASKED)
        last = state.last.response if state.last else None
        if last is not None and last.said == ASKED:
            return self._answer(reading, text)
        if _NO_NAME.fullmatch(reading.text):
            return self._say("name_unheard", reading, state.name, said=ASKED)
        told = _I_AM.fullmatch(reading.text)
        if told and self._is_person(told["name"]):
            return self._say("name_told", reading, told["name"])
        new = self._put_right(text, state.name, told_now=last is not None and last.intent in (INTENT, "tell_name"))
        return self._called(reading, new) if new else None

    def _answer(self, reading: Reading, text: str) -> Proposal | None:
        """The line after "what shall I call you": a name, or not after all."""
        if _LET_BE.fullmatch(text.replace(" ", "")):
            return self._say("name_kept", reading, reading.state.name)
        if text.endswith("?"):
            return None
        text = _FILLER.sub("", text)
        words = text.split()
        name = extract_name(text) if len(words) > 1 else bare_name(text)
        return self._called(reading, name) if name and self._is_name(name) else None

    def _put_right(self, text: str, name: str, *, told_now: bool) -> str:
        """영수 in 철수 아니고 영수야, where 철수 is the name so far; in 아니 영수야 right after a name was told."""
        match = _NOT_THAT.fullmatch(text)
        if match and name and match["old"].removesuffix("이") in (name, name.removesuffix("이")):
            new = bare_name(match["new"].split()[0])
            return new if self._is_name(new) else ""
        no = _NO.fullmatch(text) if told_now else None
        new = bare_name(no["new"]) if no else ""
        return new if new and no and new != no["new"] and new != name and self._is_name(new) else ""

    def _is_name(self, name: str) -> bool:
        """Whether a word can be a name: nouns and nothing else."""
        tags = [morpheme.tag for morpheme in self.analyzer.analyze([name])[0]] if name else []
        return bool(tags) and all(tag.startswith(("NN", "SL", "XSN", "XR")) for tag in tags)

    def _is_person(self, name: str) -> bool:
        """Whether a word is known as a proper noun, and as no place or thing."""
        tokens = self.analyzer.analyze([name])[0]
        proper = len(tokens) == 1 and tokens[0].tag == "NNP"
        return proper and name not in _NO_PERSON and bare_name(name) == name

    def _called(self, reading: Reading, name: str) -> Proposal:
        return self._say("name_changed", reading, name)

    def _say(self, occasion: str, reading: Reading, name: str, said: str = "") -> Proposal:
        slots = {"이름": name} if name else {}
        reply = self.phrases.say(occasion, reading.rng, **slots)
        state = replace(reading.state, name=name)
        return Proposal(reply, Source.SKILL, _REASONS[occasion], state, INTENT, said=said)
