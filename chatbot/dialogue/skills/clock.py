"""What time it is. In: a question about the time of day, the present moment. Out: the time, spoken. Knows no other
cities.
"""

from __future__ import annotations

import random
import re
from datetime import date, datetime, timedelta

from chatbot.dialogue.skills.impossible import explained, is_time
from chatbot.dialogue.skills.spoken import spoken_time
from chatbot.text.entities import find
from chatbot.text.entities.times import find_times
from chatbot.text.josa import attach

_ELSEWHERE = re.compile(
    r"미국|뉴욕|런던|영국|일본|도쿄|중국|베이징|상하이|파리|프랑스|독일|베를린|호주|시드니|하와이|캐나다|인도"
    r"|베트남|태국|러시아|모스크바|"
    r"유럽|브라질|(?<![A-Za-z])LA(?![A-Za-z])|엘에이|시차"
)
_END = r"(?:요|야|이야|예요|에요|이에요|니|냐|이냐|지|이지|죠|이죠|임|입니까|인가요?|일까요?|인지|이려나|인데)?"
_SURE = (
    re.compile(
        rf"^(?:도담\S*\s+|저기\s*|혹시\s*|실례지만\s*)?(?:지금|현재|벌써|이제|한국)?.{{0,12}}?몇\s*시(?:쯤"
        rf"|나)?\s*{_END}[?!.~ㅋㅎㅠㅜ ]*(?:지금|현재)?[?!.~ㅋㅎ ]*$"
    ),
    re.compile(r"(?:지금|현재|새벽).{0,12}몇\s*시(?!간|에|까지|부터|쯤\s*에|로)"),
    re.compile(
        r"(?:지금|현재)\s*(?:시간|시각)\s*(?:이|은|을|좀)?\s*(?:좀\s*)?(?:$|[?]|몇|어떻게|알려|알 수|말해|뭐|불러"
        r"|확인)"
    ),
    re.compile(
        r"^(?:도담\S*\s+|저기\s*|혹시\s*)?(?:시간|시각|시계)\s*(?:을|를)?\s*(?:좀\s*)?(?:알려|확인|봐|불러|말해"
        r"|읽어|가르쳐)"
    ),
    re.compile(r"몇\s*시\s*몇\s*분(?:이|인|야|지|$|[?])"),
    re.compile(r"^몇\s*분이?(?:야|지|예요)\s*지금"),
    re.compile(r"지금\s*오전이?(?:야|에요|이에요|인가요|예요)?\s*오후"),
)
# 오후 2시에서 3시간 뒤는 몇 시야; 9시부터 18시까지 몇 시간이야.
_COUNTED = re.compile(
    r"시(?:\s*\S+분|\s*반)?(?:에서|부터|로부터)\s.*(?:뒤|후|전)[은는이면가]*\s*(?:에는?\s*)?몇\s*시(?!간)"
)
_HOURS_BETWEEN = re.compile(r"(?:부터|에서|~).*(?:까지)?[는은]?\s*(?:총\s*)?(?:몇\s*시간|얼마)\S{0,4}[?!.~ㅋㅎ ]*$")
_PART = re.compile(r"오전|오후|새벽|아침|점심|낮|저녁|밤|정오|자정")
_BEFORE = re.compile(r"[은는이가]?\s*(?:지금\s*)?몇\s*시(?!간)")
_HOURS_LEFT = re.compile(
    r"\s*까지\s*(?:이제\s*|앞으로\s*)?(?:몇\s*시간|몇\s*분|얼마나?|시간\s*얼마나?)\s*(?:이나\s*)?(?:더\s*)?남"
)
# Any moment does where only the presence of a time matters.
_SOME_MOMENT = datetime(2026, 1, 1, 12)
# An hour somebody else keeps: 몇 시에 만나, 몇 시까지 해, 몇 시간, 막차 몇 시야, 일출 시간 알려줘.
_OTHER = re.compile(
    r"몇\s*시(?:간|에|까지|부터|쯤에|\s*차|로)|몇\s*시\S*\s*(?:만나|일어나|자야|출발|시작|끝나|열|닫)"
    r"|(?:막차|첫차|수업|약속|영화|경기|공연|콘서트|비행기|기차|버스|회의|면접|시험|체크인|체크아웃|퇴근|출근|일출|일몰)\s*"
    r"(?:은|는|이|가)?\s*몇\s*시|(?:일출|일몰|막차|첫차|마감|해\s*뜨는|해\s*지는)\s*시[간각]"
)
# The same of anything that has a name: 급식은 몇 시야, 별빛 카페 몇 시예요.
_NAMED = re.compile(
    rf"(?P<noun>[가-힣A-Za-z0-9]{{2,}}?)(?:은|는|이|가)?\s*몇\s*시(?:쯤|나)?\s*{_END}[?!.~ㅋㅎㅠㅜ ]*$"
)
# What stands there when the present time is meant, or one that is counted from it.
_HERE = re.compile(
    r"(?:지금|현재|벌써|이제|한국|서울|우리나라|여기|거기|시간|시각|시계|저기|혹시|도대체|대체|오늘|그래서|그럼|그런데|오전|오후|새벽|아침|저녁"
    r"|진짜|정확히|저기요|지금시간|현재시간|현재시각|지금시각|한국시간)$"
    r"|.*\d|.*(?:데|지만|으로|서|고|니까|면|어|아|야|요|님|씨|다|네|까|나|길래|며|지금|시|분|반|[뒤후전](?:[는은엔]|에는)?)$"
)
_ASKS = re.compile(
    r"몇\s*시|몇\s*분|몇\s*신|시각|시계|시간\s*(?:좀|을|이)?\s*(?:알|확인|어떻게|얼마|봐|몇)|지금\s*시간|오전이야"
    r"|오후야"
)
_REACHED = re.compile(r"넘|지났|지나|됐|되었|된|안\s*됐")
_MEALS = re.compile(r"(?P<name>점심\s?시간|저녁\s?시간|퇴근\s?시간|출근\s?시간|해\s*뜰\s*시간)")


def of_something_else(text: str) -> bool:
    """Whether the hour of something is asked for that no clock shows."""
    named = _NAMED.search(text)
    return bool(_OTHER.search(text) or (named and not _HERE.match(named["noun"])))


class Clock:
    """Says the time of `now`."""

    def claims(self, text: str) -> bool:
        """Asks for the present time here."""
        if _ELSEWHERE.search(text):
            return False
        if _worked_out(text, _SOME_MOMENT):
            return True
        if _HOURS_BETWEEN.search(text):
            return _between(text, _SOME_MOMENT) is not None
        if of_something_else(text):
            return False
        if any(pattern.search(text) for pattern in _SURE):
            return True
        return _COUNTED.search(text) is not None and "datetime" in {one.kind for one in find(text, _SOME_MOMENT)}

    def answer(self, text: str, now: datetime, rng: random.Random) -> str | None:
        """The present time; whether a named hour has passed, if the text asks that."""
        if _ELSEWHERE.search(text):
            return None
        worked_out = _worked_out(text, now) or _between(text, now)
        if worked_out or of_something_else(text):
            return worked_out
        impossible = _impossible(text, now)
        if impossible:
            return impossible
        kinds = {found.kind: found for found in find(text, now)}
        if "datetime" in kinds and "몇" in text:
            # 2시간 뒤는 몇 시: counted from now, so an hour named beside it ("2시에서 3시간 뒤") is another question.
            if "time" in kinds:
                return None
            if "/" in kinds["datetime"].value:
                first, last = map(datetime.fromisoformat, kinds["datetime"].value.split("/"))
                return (
                    f"{attach(kinds['datetime'].text, '은/는')} {spoken_time(first)}에서 {spoken_time(last)} 사이예요."
                )
            moment = datetime.fromisoformat(kinds["datetime"].value)
            return f"{attach(kinds['datetime'].text, '은/는')} {attach(spoken_time(moment), '이에요/예요')}."
        spoken = attach(spoken_time(now), "이에요/예요")
        if _REACHED.search(text) and "몇" not in text:
            passed = _passed(text, now)
            if passed or _MEALS.search(text):
                return f"지금은 {spoken}. {passed}".strip()
        if not (self.claims(text) or _ASKS.search(text)):
            return None
        return rng.choice((f"지금은 {spoken}.", f"시계를 보니 {spoken}.", f"지금 시각은 {spoken}."))


def _worked_out(text: str, now: datetime) -> str | None:
    """3시 10분 전은 몇 시야; 자정까지 몇 시간 남았어."""
    found = find(text, now)
    times = [one for one in found if one.kind == "time"]
    if len(times) != 1:
        return None
    named = times[0]
    hour, minute = map(int, named.value.split(":"))
    if named.text.endswith("전") and _BEFORE.match(text, named.end):
        moment = now.replace(hour=hour, minute=minute)
        spoken = spoken_time(moment)
        # A bare hour is answered with a bare one.
        spoken = spoken if _PART.match(named.text) else spoken.split(" ", 1)[1]
        return f"{attach(named.text, '은/는')} {attach(spoken, '이에요/예요')}."
    if not _HOURS_LEFT.match(text, named.end):
        return None
    days = [one for one in found if one.kind == "date" and one.end <= named.start]
    moment = now.replace(hour=hour % 24, minute=minute, second=0, microsecond=0)
    if days:
        day = date.fromisoformat(days[-1].value)
        moment = moment.replace(year=day.year, month=day.month, day=day.day)
        if moment <= now:
            return f"{text[days[-1].start : named.end]}{attach(named.text, '은/는')[len(named.text) :]} 벌써 지났어요."
    step = timedelta(hours=24 if _PART.match(named.text) or hour == 0 else 12)
    while moment <= now:
        moment += step
    label = text[days[-1].start : named.end] if days else named.text
    # An hour of the day that has passed is tomorrow's; nobody calls the coming 자정 or 새벽 so.
    if not days and step.days and moment.date() > now.date() and not re.match(r"자정|새벽|밤|0?0시|24시", label):
        label = f"내일 {label}"
    return f"{label}까지 {_length(moment - now.replace(second=0, microsecond=0))} 남았어요."


def _between(text: str, now: datetime) -> str | None:
    """9시부터 18시까지 몇 시간이야."""
    spans = [one for one in find(text, now) if one.kind == "time_range"]
    if not spans or not _HOURS_BETWEEN.search(text):
        return None
    first, last = (timedelta(hours=int(part[:2]), minutes=int(part[3:])) for part in spans[0].value.split("/"))
    gap = (last - first) % timedelta(days=1) or timedelta(days=1)
    ends = spans[0].text.removesuffix("까지")
    return f"{ends}까지는 {attach(_length(gap), '이에요/예요')}."


def _impossible(text: str, now: datetime) -> str:
    """25시는 몇 시야, 3시 70분 지났어: kindly, what a clock has."""
    found = [one for one in find(text, now) if one.kind == "impossible" and is_time(one)]
    if not found or not (_ASKS.search(text) or _REACHED.search(text)):
        return ""
    return explained(found[0], now)


def _passed(text: str, now: datetime) -> str:
    """아홉 시 안 됐지? → how far that hour is; the reading of a bare hour nearest to now counts."""
    named = [found for found in find_times(text, now) if found.kind == "time"]
    if not named:
        return ""
    hour, minute = map(int, named[0].value.split(":"))
    bare = not re.match(r"오전|오후|새벽|아침|낮|저녁|밤|정오|자정", named[0].text)
    base = now.replace(hour=hour % 24, minute=minute, second=0, microsecond=0)
    step = 12 if bare else 24
    moments = [base + timedelta(hours=step * turn) for turn in (-2, -1, 0, 1, 2)]
    nearest = min(moments, key=lambda moment: abs(moment - now))
    word = named[0].text
    if nearest <= now:
        return f"{attach(word, '은/는')} 벌써 지났어요."
    return f"{word}까지 {_length(nearest - now)} 남았어요."


def _length(gap: timedelta) -> str:
    minutes = max(1, round(gap.total_seconds() / 60))
    hours, minutes = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours}시간" if hours else "", f"{minutes}분" if minutes else "") if part)
