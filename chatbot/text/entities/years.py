"""Years as people write them: 2026년, '26년, 이천이십육년, 내년. In: a match of `YEAR`, today. Out: the year. Knows no
months.
"""

from __future__ import annotations

import re
from datetime import date

from chatbot.text.numbers import read_number

WORDS = {"재작년": -2, "작년": -1, "지난해": -1, "올해": 0, "금년": 0, "올": 0, "내년": 1, "다음 해": 1, "내후년": 2}
_ONE = "[일이삼사오육칠팔구]"
# 이천이십육년 is the year 2026; 이천 년 and 이천이백 년 are lengths of time.
SPELT = rf"(?:천구백(?:{_ONE}?십{_ONE}?|{_ONE})|이천(?:{_ONE}?십{_ONE}?|{_ONE}))(?=\s?년)"
# Two digits are a year only before a month, which is where YEAR is used.
YEAR = (
    rf"(?:(?P<year>\d{{4}}|'\d{{2}}|(?<!\d)\d{{2}}(?=년)|(?<![가-힣])(?:{SPELT}|[이삼]십{_ONE}?(?=년)))\s?년?"
    rf"|(?P<year_word>{'|'.join(word for word in WORDS if word != '올')}))"
)


def year_of(match: re.Match[str], today: date) -> int | None:
    """The year that `match` names, or None."""
    if match["year_word"]:
        return today.year + WORDS[match["year_word"]]
    return read_year(match["year"]) if match["year"] else None


def read_year(text: str) -> int:
    """2026, '26, 이천이십육, 이십육 → 2026."""
    number = int(read_number(text.lstrip("'")) or 0)
    return number if number > 99 else 2000 + number
