"""Hints to the answer of a quiz question, the vaguer first. In: the answer. Out: sentences in 해요체.

A Korean answer gives away its 초성, a Latin one its length, a number what kind it is. Knows nothing of questions.
"""

from __future__ import annotations

import re

from chatbot.text.jamo import is_syllable, split_syllable
from chatbot.text.josa import attach

_COUNTS = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열")


def hints_to(answer: str, question: str = "") -> list[str]:
    """과적합 → 세 글자이고 초성은 ㄱㅈㅎ이에요., 첫 글자는 '과'예요.; without what `question` tells already."""
    return [hint for hint in _all_hints(answer) if not _told(hint, question)]


def _told(hint: str, question: str) -> bool:
    """Whether the question holds the letter or the count that a hint gives; 초성 is always news."""
    news = re.search(r"'.'", hint) or re.search(r"\S+ (?:글자|자리)", hint)
    return "초성" not in hint and news is not None and news.group() in question


def _all_hints(answer: str) -> list[str]:
    letters = re.sub(r"[\s_.-]", "", answer)
    if re.fullmatch(r"\d+", letters):
        return [f"{_counted(len(letters))} 자리 숫자예요.", f"{'홀수' if int(letters) % 2 else '짝수'}예요."]
    if re.fullmatch(r"\d+/\d+", letters):
        return ["분수로 답하면 돼요.", f"분모는 {attach(letters.partition('/')[2], '이에요/예요')}."]
    if all(is_syllable(letter) for letter in letters):
        leads = "".join(" " if letter == " " else split_syllable(letter)[0] for letter in answer)
        first = f"{_counted(len(letters))} 글자이고 초성은 {attach(leads, '이에요/예요')}."
        return [first, f"첫 글자는 '{letters[0]}'{_copula(letters[0])}."][: len(letters)]
    kind = "알파벳 " if re.fullmatch(r"[A-Za-z]+", letters) else ""
    return [f"{kind}{_counted(len(letters))} 글자예요.", f"'{letters[0]}'{_begins(letters[0])} 시작해요."]


def _counted(number: int) -> str:
    return _COUNTS[number] if number < len(_COUNTS) else f"{number}"


def _copula(word: str) -> str:
    return attach(word, "이에요/예요").removeprefix(word)


def _begins(word: str) -> str:
    return attach(word, "으로/로").removeprefix(word)
