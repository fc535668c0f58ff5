"""Numbers, days, times, lengths of time, money and quantities in Korean text, with normalised values.

In: text and the present moment (its time zone is the user's). Out: entities in order, which never overlap. Pure
rules; knows nothing of morphemes or of what the entities are for.

| kind       | value                      | written as                                |
| ---------- | -------------------------- | ----------------------------------------- |
| date       | 2026-11-23                 | 모레, 다음 주 화요일, 12월 25일, 이번 달 말 |
| date_range | 2026-11-21/2026-11-22      | 이번 주말, 내년 3월, 내일부터 모레까지     |
| time       | 15:30                      | 세 시 반, 오후 3시 30분, 정오              |
| datetime   | 2026-11-21T18:40           | 30분 뒤                                   |
| duration   | PT2H30M, P4D, P1W, P1M     | 두 시간 반, 3박 4일, 일주일, 한 달         |
| money      | 15000 KRW                  | 만오천원, $20                             |
| percent    | 15 %                       | 15퍼센트, 3할                             |
| quantity   | 10 km, 3 개                | 10킬로미터, 세 개                         |
| ordinal    | 3                          | 세 번째, 3등                              |
| number     | 325000, 1/2                | 삼십이만 오천, 절반                       |
"""

from __future__ import annotations

import re
from datetime import datetime

from chatbot.text.entities.amounts import find_amounts
from chatbot.text.entities.dates import find_dates
from chatbot.text.entities.spans import hide
from chatbot.text.entities.times import find_durations, find_times
from chatbot.types import Entity

# Without one of these there is nothing to find, and most talk has none.
_WORTH_READING = re.compile(
    r"\d|[일이삼사오육칠팔구십백천만억조]|[하한두세석네넉둘셋넷열]|다섯|여섯|일곱|여덟|아홉|스물|스무|서른|마흔|쉰"
    r"|예순|일흔|여든|아흔|"
    r"오늘|내일|모레|글피|어제|그제|저께|끄제|어저께|[담금차번음난]\s*[주달]|[올내작]|요일|욜|주말|월|연[말초]"
    r"|정오|자정|사흘|나흘|닷새|엿새|"
    r"열흘|보름|첫|절반|반|설|석|절|데이|날|핼러윈|크리스마스|추석|수능|[½⅓¼]|낼|이틀|여드레|아흐레|이레|지난해"
)


def find(text: str, now: datetime) -> list[Entity]:
    """Every entity of `text`, in order of position; spans never overlap and `text[start:end]` is the entity's text."""
    if not _WORTH_READING.search(text):
        return []
    found, hidden = find_dates(text, now)
    hidden = hide(hidden, found)
    # Lengths first where they share digits with a time: 3시간 is no 3시.
    for rule in (lambda part: find_times(part, now), find_durations, find_amounts):
        new = _apart(rule(hidden))
        found += new
        hidden = hide(hidden, new)
    return sorted(found, key=lambda one: one.start)


def _apart(found: list[Entity]) -> list[Entity]:
    """Of overlapping entities of one rule the longest."""
    kept: list[Entity] = []
    for one in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return kept


__all__ = ["find"]
