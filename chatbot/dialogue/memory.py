"""What the user tells about themselves: a name. In: an utterance that introduces somebody. Out: the name, or nothing.

Works on eojeols: each is stripped of the copula or particle that a name carries when people introduce themselves, and
weighed by the words around it. Called only when the intent is an introduction, so "나는 바보야" names nobody.
"""

from __future__ import annotations

import re

# (after a final consonant, after a vowel), longest first: 지훈+이라고, 보리+라고.
_ENDINGS = (
    ("이라고요", "라고요"),
    ("이라고", "라고"),
    ("이라구", "라구"),
    ("이니까", "니까"),
    ("이에요", "예요"),
    ("이예요", "에요"),
    ("이거든", "거든"),
    ("이고요", "고요"),
    ("이구요", "구요"),
    ("입니다", "입니다"),
    ("이라", "라"),
    ("이야", "야"),
    ("이고", "고"),
    ("인데", "인데"),
    ("이라니까", "라니까"),
    ("이라니깐", "라니깐"),
    ("이라구요", "라구요"),
    ("으로", "로"),
    ("이요", "요"),
    ("임", "임"),
)
_TOPIC_WORDS = ("이름", "별명", "닉네임", "본명", "호칭", "성함")
_SELF = {
    "나",
    "난",
    "나는",
    "저",
    "전",
    "저는",
    "날",
    "나를",
    "저를",
    "절",
    "그냥",
    "앞으로",
    "편하게",
    "여긴",
    "회원",
}
_CALL = ("불러", "부르", "해", "합니다", "하", "부탁")
_NOT_NAMES = frozenset(
    [
        "뭐",
        "누구",
        "무엇",
        "사람",
        "학생",
        "바보",
        "천재",
        "남자",
        "여자",
        "직장인",
        "대학생",
        "고등학생",
        "중학생",
        "초보",
        "초보자",
        "개발자",
        "취준생",
        "혼자",
        "진짜",
        "정말",
        "그냥",
        "너",
        "나",
        "저",
        "처음",
        "지금",
        "오늘",
        "여기",
        "거기",
        "인간",
        "봇",
        "로봇",
        "아니",
        "엄마",
        "아빠",
        "우리",
        "그대",
        "이름",
        "별명",
        "본명",
        "호칭",
        "성",
        "이건",
        "그건",
        "이거",
        "그거",
        "비밀",
        "시간",
        "모름",
        "이",
        "없어",
        "없음",
        "없지",
        "뭐게",
        "뭐지",
        "뭐더라",
    ]
)
_INTRODUCES = re.compile(r"\s*(?:(?:아니|참|아참|사실|근데|음)[,.]?\s*)?(?:내|제|나의|저의)\s*이름은\s*\S")
# A greeting and a name in one breath; the copula is needed, so that "안녕 나는 배고파" names nobody.
_GREETS = re.compile(
    r"\s*(?:안녕\S*|하이|반가워\S*|반갑습니다|처음\s?뵙겠습니다)[\s,.!~]*(?:나는|난|저는|전|나|저)\s*"
    r"[가-힣]{2,4}(?:이라고\s?\S+|라고\s?\S+|이야|야|이에요|예요|입니다|임)[\s.!~]*(?P<more>\S.*)?"
)
# Where people leave out a space around a name.
_GLUED = (
    (re.compile(r"((?:내|제|나의|저의)\s*이름은)(?=\S)"), r"\1 "),
    (re.compile(r"((?:^|\s)(?:안녕|안녕하세요)?(?:나는|저는))(?=[가-힣]{3})"), r"\1 "),
    (re.compile(r"(이름은 )([가-힣]) (?=[가-힣]{1,3}(?:이야|야|이에요|예요|입니다|이라고|라고))"), r"\1\2"),
    (re.compile(r"(라고)(?=해|불러|부르|합니다|하면)"), r"\1 "),
)
_NAME = re.compile(r"[가-힣]{1,5}|[A-Za-z][A-Za-z-]{1,14}")
_WORD = re.compile(r"[가-힣A-Za-z0-9-]+")
# 수빈아라고 불러: called as one calls somebody. 김윤아 and 윤아 are names as they stand.
_CALLED = re.compile(
    r"(?P<name>(?![김이박최조강윤장임한오신권황안송류홍전고문양손배백허남심노][윤현민진선은정연경영승]아)[가-힣]{2,3})(?P<call>아|야)"
)


# Whose name is told with these: a pet's, a friend's.
_OF_ANOTHER = re.compile(
    r"강아지|고양이|댕댕|냥이|반려|키워|키우|햄스터|토끼|앵무|친구|동생|남친|여친|아들|딸|조카|선생"
)


def extract_name(text: str) -> str:
    """The name in "내 이름은 민수야" (민수), or an empty string; also where somebody else's is told."""
    if _OF_ANOTHER.search(text) and not re.search(r"(?:내|제)\s*이름", text):
        return ""
    for pattern, spaced in _GLUED:
        text = pattern.sub(spaced, text)
    words = _WORD.findall(text)
    best, best_weight = "", 0
    for position, word in enumerate(words):
        stem, weight = _stem(word, last=position == len(words) - 1)
        stem = _uncalled(stem) if word.startswith(f"{stem}라") else stem
        if not _NAME.fullmatch(stem) or stem in _NOT_NAMES or word.startswith(_TOPIC_WORDS):
            continue
        before = words[position - 1] if position else ""
        after = words[position + 1] if position + 1 < len(words) else ""
        weight += 3 * (before.startswith(_TOPIC_WORDS) and not before.endswith("에"))
        weight += 2 * (before in _SELF) + 2 * (weight > 0 and after.startswith(_CALL))
        weight += 4 * (word.endswith("가") and after in ("내", "제") and "이름" in text)
        if weight >= 2 and weight >= best_weight:
            best, best_weight = stem, weight
    return best.removesuffix("님") or best


def _uncalled(stem: str) -> str:
    """수빈 for 수빈아, 민지 for 민지야."""
    called = _CALLED.fullmatch(stem)
    return called["name"] if called and _closed(called["name"]) == (called["call"] == "아") else stem


def introduces(text: str) -> bool:
    """Whether the words alone leave no doubt that somebody tells their name: "(내|제) 이름은 …", "안녕 나는 …야"."""
    if text.rstrip().endswith("?") or not extract_name(text):
        return False
    greets = _GREETS.fullmatch(text)
    return bool(_INTRODUCES.match(text) or (greets and not greets["more"]))


def bare_name(word: str) -> str:
    """A word that is said to be a name, without its copula or particle: 영수라고 → 영수; "" for what names nobody."""
    word = word.strip(" .!~?\"'‘’“”")
    stem = _stem(word, last=False)[0]
    stem = _uncalled(stem or word) if not stem or word.startswith(f"{stem}라") else stem
    if len(stem) == 1 and len(word) == 2:  # 보라, 미로: the whole is the name
        stem = word
    return stem if _NAME.fullmatch(stem) and stem not in _NOT_NAMES and word not in _SELF else ""


def _stem(word: str, last: bool) -> tuple[str, int]:
    """(the word without its copula, how name-like its form is)."""
    for closed, open_ in _ENDINGS:
        for ending, needs_final in ((closed, True), (open_, False)):
            stem = word.removesuffix(ending)
            if stem != word and stem and (closed == open_ or _closed(stem) == needs_final or not _hangul(stem)):
                return stem, 0 if ending in ("요", "이요") else 2
    if word.endswith("이가") and _closed(word[:-2]):
        return word[:-2], 0
    if last and len(word) in (2, 3):
        return word, 0
    return "", 0


def _hangul(word: str) -> bool:
    return "가" <= word[-1] <= "힣"


def _closed(word: str) -> bool:
    """Whether the last syllable has a final consonant."""
    return bool(word) and _hangul(word) and (ord(word[-1]) - 0xAC00) % 28 != 0
