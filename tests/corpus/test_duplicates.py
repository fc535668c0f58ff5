"""Near duplicates: the definition on examples, against brute force, and fast enough for a large corpus."""

from __future__ import annotations

import random
import time

from chatbot.corpus.duplicates import MIN_JACCARD, key, near_duplicates, share_of_near_duplicates


def kinds(*lines: str) -> list[tuple[int, int, str]]:
    return [(pair.first, pair.second, pair.kind) for pair in near_duplicates(lines)]


def test_one_word_replaced_added_or_removed() -> None:
    assert kinds("오늘 점심 뭐 먹지", "오늘 저녁 뭐 먹지") == [(0, 1, "word")]
    assert kinds("자꾸 귀찮게 해서 미안", "귀찮게 해서 미안") == [(0, 1, "word")]
    assert kinds("귀찮게 해서 미안", "귀찮게 해서 정말 미안") == [(0, 1, "word")]


def test_two_words_or_short_lines_are_no_near_duplicates() -> None:
    assert kinds("오늘 점심 뭐 먹지", "내일 저녁 뭐 먹지") == []
    assert kinds("뭐 먹지", "뭐 하지") == []
    assert kinds("응", "어", "") == []
    assert kinds("점심 뭐 먹지", "뭐 점심 하지") == []


def test_punctuation_case_and_spacing_make_no_difference() -> None:
    assert kinds("LSTM이 뭐야?", "lstm이 뭐야") == [(0, 1, "same")]
    assert kinds("아무것도 하기싫다", "아무것도하기 싫다") == [(0, 1, "characters")]
    assert key("뭐…  해?!") == "뭐 해"


def test_the_share_counts_lines_with_a_partner() -> None:
    assert share_of_near_duplicates(["배가 너무 고파", "배가 진짜 고파", "배가 많이 고파", "졸려"]) == 0.75
    assert share_of_near_duplicates([]) == 0.0


def test_agrees_with_brute_force() -> None:
    rng = random.Random(7)
    lines = [
        " ".join(rng.choices(["가나", "다라마", "바", "사아", "자차카"], k=rng.randint(1, 6))) for _ in range(150)
    ]
    found = {place for pair in near_duplicates(lines) for place in (pair.first, pair.second)}
    assert found == {
        i for i in range(len(lines)) if any(i != j and near(lines[i], lines[j]) for j in range(len(lines)))
    }


def near(one: str, two: str) -> bool:
    """The definition word by word."""
    a, b = one.split(), two.split()
    if a == b:
        return True
    if min(len(a), len(b)) >= 3:
        if len(a) == len(b) and sum(x != y for x, y in zip(a, b, strict=True)) == 1:
            return True
        short, long = sorted((a, b), key=len)
        if len(long) == len(short) + 1 and any(long[:at] + long[at + 1 :] == short for at in range(len(long))):
            return True
    s, t = (set(zip(line.replace(" ", ""), line.replace(" ", "")[1:], strict=False)) for line in (one, two))
    return bool(s | t) and len(s & t) / len(s | t) >= MIN_JACCARD


def test_fifteen_thousand_lines_take_seconds() -> None:
    rng = random.Random(11)
    syllables = [chr(rng.randint(0xAC00, 0xD7A3)) for _ in range(300)]
    words = ["".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(800)]
    lines = [" ".join(rng.choices(words, k=rng.randint(1, 8))) for _ in range(15_000)]
    start = time.process_time()
    near_duplicates(lines)
    assert time.process_time() - start < 10  # 1 to 3 s on one slow core
