"""Numbers, days, times, lengths of time, money and quantities in Korean text, with normalised values.

In: text and the present moment (its time zone is the user's). Out: entities in order, which never overlap. Pure
rules; knows nothing of morphemes or of what the entities are for.

| kind       | value                      | written as                                |
| ---------- | -------------------------- | ----------------------------------------- |
| date       | 2026-11-23                 | 모레, 다음 주 화요일, 12월 25일, 이번 달 말 |
| date_range | 2026-11-21/2026-11-22      | 이번 주말, 내년 3월, 11월 28일부터 3일까지 |
| time       | 15:30                      | 세 시 반, 오후 3시 30분, 정오              |
| time_range | 14:00/16:00                | 오후 2시부터 4시까지, 두세 시             |
| datetime   | 2026-11-21T18:40           | 30분 뒤, 오후 2시에서 3시간 뒤            |
| duration   | PT2H30M, P4D, P1W, P1M     | 두 시간 반, 3박 4일, 일주일, 한 달         |
|            | PT1H/PT2H                  | 한두 시간                                 |
| money      | 15000 KRW                  | 만오천원, $20                             |
| percent    | 15 %                       | 15퍼센트, 3할                             |
| quantity   | 10 km, 3 개, 3~4 개, 10~ 명 | 10킬로미터, 세 개, 서너 개, 십여 명        |
| ordinal    | 3                          | 세 번째, 3등                              |
| number     | 325000, 1/2                | 삼십이만 오천, 절반                       |
| impossible | 02-30, 13, T25:00          | 2월 30일, 13월, 25시                      |
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache

from chatbot.text.entities.amounts import find_amounts
from chatbot.text.entities.approximate import find_approximate
from chatbot.text.entities.dates import find_dates
from chatbot.text.entities.impossible import find_impossible
from chatbot.text.entities.joined import joined
from chatbot.text.entities.spans import entity, hide
from chatbot.text.entities.times import find_durations, find_times
from chatbot.types import Entity

# Without one of these there is nothing to find, and most talk has none.
_WORTH_READING = re.compile(
    r"\d|[일이삼사오육칠팔구십백천만억조]|[하한두세석네넉둘셋넷열]|다섯|여섯|일곱|여덟|아홉|스물|스무|서른|마흔|쉰"
    r"|예순|일흔|여든|아흔|"
    r"오늘|내일|모레|글피|어[제젯]|엊|그제|저께|끄제|어저께|[담금차번음난]\s*[주달]|[올내작]|요일|욜|주말|월|연[말초]"
    r"|정오|자정|사흘|나흘|닷새|엿새|"
    r"열흘|보름|첫|절반|반|설|석|절|데이|날|핼러윈|크리스마스|추석|수능|[½⅓¼]|낼|이틀|여드레|아흐레|이레|지난해|서[너넛]|너[댓덧더]|예닐|엳아|여남|나절|며칠"
)


def find(text: str, now: datetime) -> list[Entity]:
    """Every entity of `text`, in order of position; spans never overlap and `text[start:end]` is the entity's text."""
    return list(_found(text, now)) if _WORTH_READING.search(text) else []


@lru_cache(maxsize=32)
def _found(text: str, now: datetime) -> tuple[Entity, ...]:
    """Remembered, for several speakers ask about the same message."""
    found: list[Entity] = []
    hidden = text
    for rule in _RULES:
        new = _apart(rule(hidden, now))
        found += new
        hidden = hide(hidden, new)
    return tuple(_on_their_days(sorted(found, key=lambda one: one.start), text, now))


def _days(text: str, now: datetime) -> list[Entity]:
    return joined(find_dates(text, now), text)


def _impossible(text: str, now: datetime) -> list[Entity]:
    return find_impossible(text, now.date())


# What is impossible or open goes first: 30일 of 2월 30일 and 세 시간 of 두세 시간 mean nothing by themselves. Times
# come before lengths, which share digits with them, and both before bare amounts.
_RULES = (_impossible, find_approximate, _days, find_times, find_durations, find_amounts)


def _on_their_days(found: list[Entity], text: str, now: datetime) -> list[Entity]:
    """내일 오전 10시에서 두 시간 뒤 is one moment of tomorrow."""
    result: list[Entity] = []
    for one in found:
        day = result[-1] if result else None
        if (
            day
            and day.kind == "date"
            and one.kind == "datetime"
            and "/" not in one.value
            and not text[day.end : one.start].strip()
            and re.search(r"시|:|정오|자정", re.sub(r"시간", "", one.text))
        ):
            moved = datetime.fromisoformat(one.value) + (date.fromisoformat(day.value) - now.date())
            result[-1] = entity("datetime", text, (day.start, one.end), moved.isoformat(timespec="minutes"))
        else:
            result.append(one)
    return result


def _apart(found: list[Entity]) -> list[Entity]:
    """Of overlapping entities of one rule the longest."""
    kept: list[Entity] = []
    for one in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return kept


__all__ = ["find"]
