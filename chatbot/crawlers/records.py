"""The records that a crawl keeps, and reading them back. In: corpus/crawled/*.jsonl. Out: `Article`s.

Files are dated and only ever appended to; a line is one article, the last line of a URL holds. A torn last line (the
machine died while writing) is passed over. Knows nothing of fetching.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chatbot.crawlers.prose import tokens
from chatbot.crawlers.sentences import sentences


@dataclass(frozen=True, slots=True)
class Article:
    """One article, post or answered question. Times are ISO 8601 with zone; `published` is empty when unknown."""

    url: str
    final_url: str
    title: str
    text: str
    authors: tuple[str, ...] = ()
    published: str = ""
    fetched: str = ""
    site: str = ""
    section: str = ""
    lang: str = ""
    sha256: str = ""
    licence: str = ""
    kind: str = "news"
    source: str = ""

    @property
    def when(self) -> datetime:
        """When it appeared, or was fetched; the beginning of time when neither can be read."""
        for stamp in (self.published, self.fetched):
            try:
                date = datetime.fromisoformat(stamp)
            except ValueError:
                continue
            return date if date.tzinfo else date.replace(tzinfo=UTC)
        return datetime.min.replace(tzinfo=UTC)


# Words by which people ask for news, whatever it is about.
_ASKING = re.compile(
    r"(?:오늘|요즘|최근|최신|지금|새로운|새|좀|뭐|무슨|어떤|관련|관련된|대한|대해|대해서|혹시)(?:의|에)?"
    r"|(?:뉴스|소식|기사|이슈|일)(?:은|는|이|가|을|를|들|도|야|요|나|거리)?"
    r"|(?:있|알려|보여|말해|들려|전해|찾아|궁금|나왔|나온|줘|주세|볼)[가-힣]*"
)
_FIELDS = {field.name for field in fields(Article)}


def to_line(article: Article) -> bytes:
    """One JSON line, UTF-8."""
    return json.dumps(asdict(article), ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def from_line(line: bytes | str) -> Article | None:
    """The article of a line; None when the line is torn or foreign."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    if not isinstance(row, dict) or not isinstance(row.get("url"), str) or not isinstance(row.get("text"), str):
        return None
    known = {key: value for key, value in row.items() if key in _FIELDS}
    known["authors"] = tuple(known.get("authors") or ())
    return Article(**{"final_url": row["url"], "title": "", **known})


def files(crawled_dir: Path) -> list[Path]:
    """Files of records, oldest first."""
    return sorted(crawled_dir.glob("*.jsonl"))


def read_all(crawled_dir: Path) -> Iterator[Article]:
    """Every line's article, oldest line first; a URL that changed comes more than once."""
    for path in files(crawled_dir):
        with path.open("rb") as lines:
            for line in lines:
                article = from_line(line)
                if article is not None:
                    yield article


def articles(crawled_dir: Path) -> list[Article]:
    """Each URL's last article, newest first."""
    last = {article.url: article for article in read_all(crawled_dir)}
    return sorted(last.values(), key=lambda article: article.when, reverse=True)


def latest(crawled_dir: Path, query: str | None = None, limit: int = 3) -> list[Article]:
    """The newest articles; with a query, those whose title or text hold most of its words, the best first."""
    found = articles(crawled_dir)
    words = [_stem(word) for word in tokens(query or "") if not _ASKING.fullmatch(word)]
    if not words:
        return found[:limit]
    scored = [(_match(article, words), article) for article in found]
    matching = [(score, article) for score, article in scored if score > 0]
    # sorted() is stable, so that of two equal matches the newer one comes first.
    return [article for _, article in sorted(matching, key=lambda pair: -pair[0])][:limit]


def _stem(word: str) -> str:
    """A word without the particle that most often follows a topic (반도체는 → 반도체), three syllables and longer."""
    return word[:-1] if len(word) > 2 and word[-1] in "은는이가을를도의에" else word


def _match(article: Article, words: list[str]) -> float:
    """Share of the words held, words of the title counting double, in [0, 1]; 0 unless half of them are there."""
    title, text = article.title.lower(), article.text.lower()
    held = sum(1.0 if word in title else 0.5 if word in text else 0.0 for word in words)
    there = sum(word in title or word in text for word in words)
    return held / len(words) if there * 2 >= len(words) else 0.0


def gist(article: Article, limit: int = 120) -> str:
    """One sentence that says what the article is about: its first full sentence, cut at `limit` characters."""
    split = sentences(article.text)
    full = [sentence for sentence in split if len(sentence) >= 15 and sentence[-1] in ".?!…\"”'’"]
    chosen = next(iter(full or split), article.title)
    if len(chosen) <= limit:
        return chosen
    cut = chosen[: limit - 1]
    return (cut[: cut.rindex(" ")] if " " in cut[limit // 2 :] else cut).rstrip(" ,") + "…"


def remove(crawled_dir: Path, *, url: str | None = None, older_than_days: int | None = None) -> list[str]:
    """Delete articles by URL or by age for good; returns the URLs that went. Files are replaced whole."""
    limit = datetime.now(UTC) - timedelta(days=older_than_days) if older_than_days is not None else None

    def goes(article: Article) -> bool:
        if url is not None and url in (article.url, article.final_url):
            return True
        return limit is not None and article.when < limit

    gone: dict[str, None] = {}
    for path in files(crawled_dir):
        for article in _rewrite(path, goes):
            gone.setdefault(article.url)
    return list(gone)


def _rewrite(path: Path, goes: Callable[[Article], bool]) -> list[Article]:
    """Write the file anew without what goes; untouched when nothing does."""
    kept, gone = [], []
    for line in path.read_bytes().splitlines(keepends=True):
        article = from_line(line)
        if article is not None and goes(article):
            gone.append(article)
        elif article is not None:
            kept.append(line)
    if gone:
        replace(path, kept)
    return gone


def replace(path: Path, lines: Iterable[bytes]) -> None:
    """Put a file in place of another so that a reader sees the old one or the new one, never half."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as out:
        out.writelines(lines)
        out.flush()
        os.fsync(out.fileno())
    Path(name).replace(path)
