"""News that was crawled: titles with a gist, source and date. Knows no network: only corpus/crawled/ is read."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from chatbot.crawlers import records
from chatbot.text.quotes import quoted

# What asks for news and says nothing of their subject.
_ASKING = re.compile(
    r"(?:오늘|요즘|최근|최신|새로운|주요|지금|무슨|어떤|혹시)?\s*(?:의\s*)?(?:뉴스|소식|기사|헤드라인|속보)(?:는|은|가|이|를|을|도|좀|하나)?"
    r"|(?:알려|보여|들려|찾아|말해|요약해)\s*(?:줘|주세요|줄래|봐)요?|있어요?|없어요?|있나요?|뭐야|뭐예요|궁금해요?|[?!.~]"
    r"|오늘|요즘|최근|최신|주요|관련|대해서?"
)
# Matched without spaces.
_ASKED_FOR = re.compile(
    r"(?:뉴스|소식|기사|속보|헤드라인)(?:들|은|는|이|가|을|를|도|좀|하나)*(?:있어|있나|있니|있을까|알려|보여|들려|찾아|요약)"
)
SHOWN = 3


@dataclass(frozen=True, slots=True)
class NewsSkill:
    """Answers when the intent is news; `crawled` is the folder of records, `stale_days` the age that is called old."""

    crawled: Path
    stale_days: int

    def claims(self, text: str) -> bool:
        """Whether news are asked for in so many words; other talk of news is the classifier's to tell."""
        return _ASKED_FOR.search(text.replace(" ", "")) is not None

    def answer(self, text: str, now: datetime, rng: random.Random) -> str | None:
        """Up to three articles on the subject, newest first; None when nothing was crawled on it."""
        subject = " ".join(_ASKING.sub(" ", text).split())
        found = records.latest(self.crawled, subject or None, SHOWN)
        if not found:
            return None
        lines = [self._line(article, now) for article in found]
        opening = f"'{subject}' 소식을 찾아봤어요." if subject else "모아 둔 소식 가운데 새로운 것들이에요."
        return "\n".join([opening, *lines])

    def _line(self, article: records.Article, now: datetime) -> str:
        day = article.when
        old = " (조금 지난 소식이에요)" if now - day > timedelta(days=self.stale_days) else ""
        place = article.site or article.source
        return f"· {quoted(article.title)} {quoted(records.gist(article))} ({place}, {day.month}월 {day.day}일){old}"
