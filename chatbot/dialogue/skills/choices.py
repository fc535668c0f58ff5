"""The options that an utterance names. In: "짜장이랑 짬뽕 중에 골라줘", "갈까 말까". Out: 짜장, 짬뽕; 가는 쪽, 안
가는 쪽; "물냉 비냉?" → 물냉, 비냉; "민초 호 불호" → 민초.

Works on spaced words, without an analyzer. Knows nothing of which option is better.
"""

from __future__ import annotations

import re

from chatbot.text.reading import Ending, ending

MAX_OPTIONS, MAX_LENGTH = 12, 20
MAX_RIVALS, MAX_WORDS = 4, 3
_HANGUL = re.compile(r"[가-힣]")

# 걸을까 → 걷는: stems whose last consonant changes before 을 (ㄷ, ㅂ, ㅅ irregular verbs).
_IRREGULAR = {
    "걸을": "걷", "들을": "듣", "물을": "묻", "실을": "싣", "깨달을": "깨닫", "지을": "짓", "이을": "잇", "부을": "붓",
    "구울": "굽", "누울": "눕", "도울": "돕", "주울": "줍",
}  # fmt: skip
_CLAUSE = re.compile(r"(?P<clause>[^,?!.]*?[가-힣])까(?:요)?(?=\s|,|$|[?!.~ㅋㅎㅠ])")
# Questions that are no choice: 왜 그럴까, 비가 올까 안 올까.
_WONDERING = re.compile(r"왜|무슨|어떻게|언제|어디|누가|누구|얼마|몇|뭘|뭐")
_FORESEEING = (
    "올",
    "될",
    "일",
    "있을",
    "없을",
    "맞을",
    "붙을",
    "떨어질",
    "그럴",
    "좋을",
    "나을",
    "아닐",
    "싶을",
    "이길",
    "질",
)
_HEAD = re.compile(
    r"^(?:\s|,|도담\S*|저기|혹시|오늘은?|내일은?|지금|이제|점심에?|저녁에?|아침에?|이따가?|나|난|나는|저는|저|우리"
    r"|음|아니면|근데|그럼|그러면)(?=\s|,)[\s,]*"
)
_WHEN = re.compile(r"(?:오늘|내일|지금|이따가?|아침에|점심에|저녁에)\s")
_ASK = re.compile(
    r"\s*(?:중(?:에서?|에)?\s*(?:하나(?:만|를)?|어떤\s*거|뭐|뭘|어느|누구|당번|제일|나|나은|더|\S+할지|골|뽑|정|추|$"
    r"|[?]).*|(?:하나(?:만)?\s*)?(?:좀\s*)?(?:골라|뽑아|정해|찍어|추천해|선택해|결정해)(?:줘|주|봐|\s|$|[?!.~]).*|"
    r"(?:뭐|뭘|뭐가|어느\s*(?:쪽|게|거|것)|어떤\s*(?:게|거)|누가|뭐\s*먼저)(?:\s|이|야|$|[?]).*|중(?:에서?"
    r"|에)?\s*[?]?$|ㄱㄱ.*|고민\S*.*|(?:아직도?\s*)?못\s*(?:정|고르|골)\S*.*|둘\s*중.*|셋\s*중.*|[?!.~]+\s*$)"
)
# Words side by side are options only when none looks like a part of a sentence (읽게, 재미로, 옛날 영화도).
_NOUN_LIKE = re.compile(
    r"(?!.*(?:는|은|을|를|에|에서|으로|로|고|게|니까|도|만|면|서|할|볼|한|된|던|하나|다|요|의|께|까)$)(?!(?:옛날"
    r"|요즘|제일|아주|정말|진짜|완전|다른|재미|공부|나한테|이런|그런|저런)$)\S{1,8}"
)
_LISTED = re.compile(
    r"(?!.*(?:는|은|을|를|에|에서|으로|로|게|니까|할|볼|한|된|던|하나|요|의|께|까)$)(?!(?:옛날|요즘|제일|아주|정말|진짜|완전"
    r"|다른|재미|공부|나한테|이런|그런|저런|이|그|저|내|네)$)\S{1,8}"
)
_SPLIT = re.compile(r"\s*(?:,|/|[vV][sS]\.?|\bor\b|아니면|또는|혹은|대(?=\s))\s*")
_JOINED = (("이랑", "C"), ("랑", "V"), ("하고", ""), ("과", "C"), ("와", "V"))
_NO_OPTION = re.compile(
    r"둘|셋|넷|이것|저것|그것|이거|저거|그거|뭐|뭘|하나|아무거나|아무것?|선택지|후보|네|니|너|랜덤|무작위|대신"
    r"|결정|장애|결정장애|제비|제비뽑기|사다리|"
    r"마음대로|알아서|좀|다|내가|네가|니가|한번|그냥|타기|왔어|줄\s*테니까|것|거|쪽|어느|줄|테니까|숫자|동전|주사위"
    r"|못|먼저|로|무슨|어떤|오늘|내일|지금|메뉴|점심|저녁"
)
# 짜장면 vs 짬뽕, with nothing else but the wish to have one. 모델 vs 알고리즘 wants an explanation.
_VERSUS = re.compile(
    r"(?P<sides>[^?!]{1,40}?\s*[vV][sS]\.?\s*[^?!]{1,20}?)"
    r"(?:\s*(?:중에.*|(?:뭐|뭘|뭐가|어느|어떤)\s.*|뭐|못\s*(?:정|고르|골)\S*|골라.*|ㄱㄱ|야|[?!.~]+))?"
)
_STUDIED = re.compile(
    r"학습|적합|회귀|분류|군집|함수|손실|모델|신경망|알고리즘|정규화|경사|편향|분산|정밀도|재현율|인코더|디코더|어텐션|토큰"
    r"|형태소|확률|통계|행렬|벡터|데이터|파이썬|자바|코틀린|리액트|리눅스|서버|코드|코모란|꼬꼬마|프로그램|메모리|차이|비교"
)
_MEANT = re.compile(r"누가\s*이|이길|이겨|다른|달라|영원|고민|어려|승률|맞는|맞아|맞나|맞춤")
# Names that are hardly ever said together but as a choice; and dishes: 물냉 비냉, 짜장 짬뽕 뭐 먹지. 엄마 선물 뭐 사지
# names one thing.
_RIVALS = (
    "부먹 찍먹", "물냉 비냉", "물냉면 비빔냉면", "짜장 짬뽕", "짜장면 짬뽕", "후라이드 양념", "아아 뜨아", "팥붕 슈붕",
    "밀떡 쌀떡", "순한맛 매운맛", "딱복 물복", "민초 반민초",
)  # fmt: skip
_PAIRS = frozenset(frozenset(pair.split()) for pair in _RIVALS)
_DISH = re.compile(
    r"(?!아침|점심|저녁|혼|집|\S*(?:하면|으면|다면)$)\S*(?:밥|면|탕|국|찌개|볶이|구이|튀김|까스|가스|버거|피자|치킨|짬뽕|짜장|족발|보쌈|초밥|고기|겹살"
    r"|샐러드|파스타|우동|만두|순대|냉|샌드위치|토스트|빵|카레|라멘|스시|커피|라떼|라테|아메리카노|콜라|사이다|맥주|소주"
    r"|막걸리|와인|떡|제육|곱창|닭발|후라이드|양념|아아|뜨아|케이크|빙수|녹차|홍차)"
)
_RIVALS_ASKED = re.compile(
    r"\s*(?:(?:뭐|뭘)\s*(?:먹|시키|시킬|마시|마실|고르|고를|사|가)\S*|뭐|뭐야|뭐가\s.*|어느\s*쪽\S*|야|파야|ㄱㄱ|[?!.~])*"
)
_ASKED_OF = re.compile(r"(?:파야|이야|야|이냐|냐)?[?!.~]*$")
# 민초 호 불호; 민트초코는 호야 불호야?
_TASTE = re.compile(
    r"(?P<what>[가-힣A-Za-z0-9 ]{1,15}?)(?:은|는)?\s+호(?:야|임|인가|예요|에요|인가요)?\s*(?:[,/?]|vs|VS|아니면)?\s*"
    r"불호(?:야|임|인가|예요|에요|인가요|냐)?\s*[?!.~ㅋㅎ]*"
)
# Nothing to draw lots about: work, marriage, health, money, school.
WEIGHTY = re.compile(
    r"퇴사|이직|사표|그만두|때려\S*치|이혼|별거|헤어|결혼|재혼|파혼|동거|자퇴|휴학|전과|편입|재수|삼수|대학원|취업|취직|대기업|중소|유학|이민"
    r"|수술|시술|성형|낙태|임신|입양|대출|보증|투자|주식|코인(?!\s*노래)|전세|손절|절교|고백|포기|신고|고소|가출|입대|약\s*(?:을\s*)?끊"
)


def rivals(text: str) -> list[str]:
    """Things set against each other with no word but the question: 짜장면 vs 짬뽕, 물냉 비냉?, 짜장 짬뽕 뭐 먹지."""
    text = _bare(text.strip())
    if _STUDIED.search(text) or _MEANT.search(text):
        return []
    if _VERSUS.fullmatch(text):
        found = options(text)
        return found if all(_HANGUL.search(option) and len(option.split()) <= MAX_WORDS for option in found) else []
    sides: list[str] = []
    for word in _joined(text.replace(",", " ")):
        sides += word.split()
    for count in range(2, min(len(sides), MAX_RIVALS) + 1):
        named = [_ASKED_OF.sub("", side) for side in sides[:count]]
        tail = " ".join(sides[count:])
        if len(set(named)) < count or not _RIVALS_ASKED.fullmatch(tail):
            continue
        if frozenset(named) in _PAIRS or (tail and all(_DISH.fullmatch(name) for name in named)):
            return named
    return []


def taste(text: str) -> str:
    """What the user asks a like or dislike of: 민초 호 불호 → 민초; empty for anything else."""
    match = _TASTE.fullmatch(_bare(text.strip()))
    return match["what"].strip() if match else ""


def options(text: str) -> list[str]:
    """The options, in order, without repeats; empty when fewer than two are named."""
    found = _actions(text) or _things(text)
    unique = list(dict.fromkeys(found))
    return unique if 2 <= len(unique) <= MAX_OPTIONS else []


def _actions(text: str) -> list[str]:
    """버스 탈까 지하철 탈까 → 버스 타는 쪽, 지하철 타는 쪽; 갈까 말까 → 가는 쪽, 안 가는 쪽."""
    clauses = [match["clause"].strip() for match in _CLAUSE.finditer(text)]
    if not any(_WHEN.match(clause) for clause in clauses[1:]):  # 아침에 할까 저녁에 할까 is about when
        clauses = [_bare(clause) for clause in clauses]
    if len(clauses) < 2 or any(_WONDERING.search(clause) for clause in clauses):
        return []
    if any(clause.split()[-1] in _FORESEEING for clause in clauses if clause):
        return []
    result: list[str] = []
    for clause in clauses:
        if clause == "말":
            if result:
                result.append(f"안 {result[-1].removesuffix(' 쪽').split()[-1]} 쪽")
            continue
        acting = _acting(clause)
        if acting:
            result.append(f"{acting} 쪽")
    return result


def _bare(clause: str) -> str:
    clause = clause.strip()
    while match := _HEAD.match(clause + " "):
        shorter = clause[match.end() :].strip()
        if not match.end() or shorter == clause or not shorter:
            break
        clause = shorter
    return clause


def _acting(clause: str) -> str:
    """탈 → 타는, 먹을 → 먹는, 걸을 → 걷는, 놀 → 노는."""
    for future, stem in _IRREGULAR.items():
        if clause == future or clause.endswith(" " + future):
            return clause[: -len(future)] + stem + "는"
    last = clause[-1:]
    if last == "을" and len(clause) > 1 and ending(clause[:-1]) in (Ending.CONSONANT, Ending.RIEUL):
        return clause[:-1] + "는"
    if ending(last) is Ending.RIEUL and "가" <= last <= "힣":
        return clause[:-1] + chr(ord(last) - 8) + "는"
    return ""


def _things(text: str) -> list[str]:
    """짜장 짬뽕 골라줘 → 짜장, 짬뽕."""
    listed = _ASK.search(text)
    if listed is None and not _SPLIT.search(text):
        return []
    head = text[: listed.start()] if listed else text
    parts: list[str] = []
    for part in _SPLIT.split(_bare(head)):
        parts += _joined(part.strip())
    if len(parts) == 1 and listed:
        parts = parts[0].split()
        # Behind 짜장면 짬뽕 중에 nothing but nouns can stand: 면 is no ending there.
        fitting = _LISTED if listed.group().lstrip().startswith("중") else _NOUN_LIKE
        if not all(fitting.fullmatch(part) for part in parts):
            return []
    cleaned = [_bare(part).strip(" '\"‘’“”?!.~") for part in parts]
    usable = [part for part in cleaned if part]
    if any(_NO_OPTION.fullmatch(part) or len(part) > MAX_LENGTH for part in usable):
        return []
    return usable


def _joined(text: str) -> list[str]:
    """산이랑 바다 → 산, 바다; 사과 바나나 stays whole, since 사 takes 와 and not 과."""
    words, current, result = text.split(), [], []
    for position, word in enumerate(words):
        stem = _without_joiner(word) if position < len(words) - 1 else word
        current.append(stem)
        if stem != word:
            result.append(" ".join(current))
            current = []
    if current:
        result.append(" ".join(current))
    return result


def _without_joiner(word: str) -> str:
    for joiner, after in _JOINED:
        stem = word.removesuffix(joiner)
        if stem == word or not stem:
            continue
        # 파랑, 사랑: a single syllable before 랑 is hardly ever a word.
        if joiner == "랑" and len(stem) == 1 and "가" <= stem <= "힣":
            continue
        vowel = ending(stem) is Ending.VOWEL
        if not after or (after == "V") == vowel:
            return stem
    return word
