"""Chance: a coin, dice, a number, one of several things. In: an utterance. Out: what came up. Knows no taste of its
own.
"""

from __future__ import annotations

import random
import re
from datetime import datetime

from chatbot.dialogue.skills.choices import WEIGHTY, options, rivals, taste
from chatbot.text.josa import attach
from chatbot.text.numbers import COUNTING, read_number

MAX_DICE = 10

_COIN = re.compile(
    r"동전.{0,12}(?:던져|던지|튕|돌려|뒤집|앞이?면|뽑)|앞면\s*(?:이랑|과|,|이나)?\s*뒷면\s*(?:중|뽑|골라)"
)
_COIN_SURE = re.compile(
    r"동전\s*(?:을|좀|하나|한\s*번|한번|\s)*(?:던져|튕겨|돌려|뒤집어)\s*(?:줘|주|봐|$|[?!.~])"
    r"|동전\s*던지기\s*(?:해|하자|$)"
)
_DICE = re.compile(r"주사위")
_DICE_SURE = re.compile(
    rf"주사위\s*(?:를|좀|(?:{COUNTING}|\d+)\s*(?:개|번)(?:만|를|을)?|한번|\s)*(?:굴려|던져|돌려)\s*(?:줘|주|봐|$"
    rf"|[?!.~])"
)
_DICE_COUNT = re.compile(rf"(?P<n>{COUNTING}|\d+)\s*개")
_RANGE = re.compile(r"(?P<a>-?\d+)\s*(?:부터|에서|~|-)\s*(?P<b>\d+)")
_DRAW = re.compile(r"뽑|골라|고르|랜덤|무작위|찍어|아무\s*숫자|추첨")
_NUMBER = re.compile(r"숫자|번호|수\s*하나|사이에서|중에서?|까지")
_RPS = re.compile(r"가위\s*바위\s*보\s*(?:하자|해|할래|로\s*정하자|한\s*판|ㄱㄱ|$|[!?~])")
_DECIDE = re.compile(
    r"골라(?!야|서|도|진|지|낸|내)|뽑아|(?<![가-힣])정해\s*(?:줘|주|봐)|찍어\s*(?:줘|주|봐)"
    r"|결정해\s*(?:줘|주)|선택해\s*(?:줘|주)"
)
# for문이랑 while문은 어떻게 골라 써요, 질문 목록 좀 뽑아 줘: an explanation or a list is wanted.
_ASKS_HOW = re.compile(r"어떻게|방법|요령|목록|리스트")
# 갈까 말까?, 버스 탈까 지하철 탈까. 대학원 갈까 취업할까 wants to be talked over, not drawn.
_WHETHER = re.compile(r"\S+까\s*말까(?:요)?\s*[?!.~ㅋㅎㅠㅜ]*")
_SAME_VERB = re.compile(r"\s(?P<verb>[가-힣]+까)(?:요)?\s*,?\s*(?:아니면\s*)?\S+\s(?P=verb)(?:요)?(?:\s|$|[?!.~])")


# 로또 번호 뽑아줘; 로또 번호 어떻게 뽑아 asks how.
_LOTTO = re.compile(
    r"로또(?!.*(?:어떻게|방법|당첨\s*번호|지난|이번)).*(?:번호|숫자).*(?:뽑아|골라|찍어|추천|알려|점지|만들어|불러|하나|줘|줄래|$)"
    r"|로또\s*(?:번호\s*)?(?:뽑아|찍어|골라)\s*(?:줘|주|봐|$)"
)
LOTTO_HIGHEST, LOTTO_DRAWN = 45, 6
_NOT_BY_CHANCE = (
    "이건 제가 뽑기로 정해 드릴 일이 아니에요. 어느 쪽을 떠올릴 때 마음이 덜 무거워요?",
    "동전에 맡기기엔 큰일이에요. 지금 제일 걸리는 게 뭔지부터 들려줄래요?",
    "이런 건 제가 골라 드릴 수 없어요. 일 년 뒤에 어느 쪽을 더 아쉬워할 것 같아요?",
)


class PickOne:
    """Lets chance decide."""

    def claims(self, text: str) -> bool:
        """A coin, dice, a range or options, and a plain wish to have one picked."""
        if _LOTTO.search(text) or _COIN_SURE.search(text) or _DICE_SURE.search(text) or _RPS.search(text):
            return True
        if _is_range(text) and _DRAW.search(text):
            return True
        if _ASKS_HOW.search(text):
            return False
        if _DECIDE.search(text) or _WHETHER.fullmatch(text) or _SAME_VERB.search(text):
            return len(options(text)) >= 2
        return bool(taste(text) or rivals(text))

    def answer(self, text: str, now: datetime, rng: random.Random) -> str | None:
        """What chance picked; None when there is nothing to pick from."""
        if _LOTTO.search(text):
            return _lotto(rng)
        if _COIN.search(text):
            return _coin(text, rng)
        if _DICE.search(text):
            return _dice(text, rng)
        if _RPS.search(text):
            return f"가위바위보! 저는 {attach(rng.choice(('가위', '바위', '보')), '을/를')} 냈어요."
        if _is_range(text):
            return _number(text, rng)
        if liked := taste(text):
            return _liking(liked, rng)
        found = rivals(text) or options(text)
        if len(found) < 2:
            return None
        if any(WEIGHTY.search(option) for option in found):
            return rng.choice(_NOT_BY_CHANCE)
        chosen = rng.choice(found)
        if chosen.endswith(" 쪽"):
            return rng.choice(
                (
                    f"저라면 {attach(chosen, '을/를')} 고를래요.",
                    f"이번엔 {attach(chosen, '으로/로')} 가 봐요!",
                    f"저는 {chosen}에 한 표예요.",
                )
            )
        return rng.choice(
            (
                f"저는 {attach(chosen, '을/를')} 고를게요!",
                f"이번엔 {attach(chosen, '으로/로')} 가요.",
                f"골랐어요. {attach(chosen, '이에요/예요')}!",
            )
        )


def _liking(what: str, rng: random.Random) -> str:
    side = attach(rng.choice(("호", "불호")), "으로/로")
    about = attach(what, "은/는")
    return rng.choice(
        (
            f"겪어 본 적은 없지만 재미로 고르면 {about} {side} 갈게요. 어느 쪽이에요?",
            f"{about} {side} 할래요. 물론 재미로요! 어느 편이에요?",
        )
    )


def _coin(text: str, rng: random.Random) -> str:
    return f"동전을 던졌어요. {rng.choice(('앞면', '뒷면'))}이 나왔어요!"


def _lotto(rng: random.Random) -> str:
    drawn = ", ".join(map(str, sorted(rng.sample(range(1, LOTTO_HIGHEST + 1), LOTTO_DRAWN))))
    return f"{attach(drawn, '을/를')} 뽑았어요. 당첨은 저도 모르니까 재미로만 봐 주세요!"


def _dice(text: str, rng: random.Random) -> str:
    match = _DICE_COUNT.search(text)
    count = int(read_number(match["n"]) or 1) if match else 1
    rolled = [rng.randint(1, 6) for _ in range(max(1, min(count, MAX_DICE)))]
    if len(rolled) == 1:
        return f"주사위를 굴렸어요. {attach(str(rolled[0]), '이/가')} 나왔어요!"
    faces = attach(", ".join(map(str, rolled)), "이/가")
    total = attach(str(sum(rolled)), "이에요/예요")
    return f"주사위 {len(rolled)}개를 굴렸어요. {faces} 나왔고 합은 {total}."


def _is_range(text: str) -> bool:
    match = _RANGE.search(text)
    return match is not None and _NUMBER.search(text) is not None and _DRAW.search(text) is not None


def _number(text: str, rng: random.Random) -> str | None:
    match = _RANGE.search(text)
    if match is None:
        return None
    first, last = sorted((int(match["a"]), int(match["b"])))
    return f"{first}부터 {last}까지 중에서 {attach(str(rng.randint(first, last)), '을/를')} 뽑았어요!"
