"""Keep articles and remember how far a crawl has come. In: articles and links. Out: dated files and crawl.db.

The files are the truth. An article is appended in one write and synced, then the database learns of it; a crawl killed
between the two reads the tail of the file again when it next starts, so nothing is lost and nothing doubled.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from chatbot.crawlers.nearness import NEAR, bands, likeness, sign
from chatbot.crawlers.records import Article, files, from_line, to_line

_SCHEMA = """
CREATE TABLE IF NOT EXISTS waiting (
    url TEXT PRIMARY KEY, host TEXT NOT NULL, source TEXT NOT NULL, role TEXT NOT NULL, depth INTEGER NOT NULL,
    page INTEGER NOT NULL, state INTEGER NOT NULL DEFAULT 0, place INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS waiting_next ON waiting (state, host, place);
CREATE TABLE IF NOT EXISTS pages (
    url TEXT PRIMARY KEY, etag TEXT NOT NULL, last_modified TEXT NOT NULL, leads TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept (url TEXT PRIMARY KEY, sha256 TEXT NOT NULL, signature BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS kept_sha ON kept (sha256);
CREATE TABLE IF NOT EXISTS bands (band BLOB NOT NULL, url TEXT NOT NULL, PRIMARY KEY (band, url)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS run (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
WAITING, CLAIMED, DONE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Task:
    """A URL to fetch: `role` is feed, sitemap, section or article; `page` counts the pages of a paged list."""

    url: str
    host: str
    source: str
    role: str
    depth: int = 0
    page: int = 1


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier crawl learnt of a URL, for asking whether it changed, and where it led."""

    etag: str = ""
    last_modified: str = ""
    leads: tuple[Task, ...] = ()


class Keeper:
    """One crawl's memory on disk; one process at a time. Opening it repairs what a killed crawl left."""

    def __init__(self, crawled_dir: Path, database: Path) -> None:
        self.crawled_dir = crawled_dir
        crawled_dir.mkdir(parents=True, exist_ok=True)
        database.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(database, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.executescript(_SCHEMA)
        self.db.execute("UPDATE waiting SET state = ? WHERE state = ?", (WAITING, CLAIMED))
        self._place = self._one("SELECT coalesce(max(place), 0) FROM waiting")
        waiting = self.db.execute("SELECT DISTINCT host FROM waiting WHERE state = 0")
        self._hosts: dict[str, None] = dict.fromkeys(row[0] for row in waiting)
        asked = self.db.execute("SELECT source, count(*) FROM waiting WHERE state != 0 GROUP BY source")
        self._asked: Counter[str] = Counter(dict(asked.fetchall()))
        self._reconcile()

    def close(self) -> None:
        self.db.close()

    def resuming(self) -> bool:
        """Whether an earlier crawl was cut off: its waiting URLs come first, its finished ones are not asked again."""
        return bool(self._one("SELECT count(*) FROM run WHERE key = 'open'"))

    def begin(self) -> None:
        """Open a run; the list of URLs starts empty unless an earlier run was cut off."""
        if not self.resuming():
            with self.db:
                self.db.execute("BEGIN")
                self.db.execute("DELETE FROM waiting")
                self._hosts.clear()
                self._asked.clear()
                self.db.execute("INSERT OR REPLACE INTO run VALUES ('open', '1')")

    def finish(self) -> None:
        """Close the run: the next one asks every source anew."""
        self.db.execute("DELETE FROM run WHERE key = 'open'")

    def add(self, tasks: Iterable[Task]) -> None:
        """Put URLs on the list; those that stand on it, done or not, stay as they are."""
        rows = []
        for task in tasks:
            self._place += 1
            self._hosts.setdefault(task.host)
            rows.append((task.url, task.host, task.source, task.role, task.depth, task.page, self._place))
        self.db.executemany(
            "INSERT OR IGNORE INTO waiting (url, host, source, role, depth, page, place) VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    def claim(self, busy: Iterable[str]) -> Task | None:
        """The next waiting URL of a host that is not busy; None when there is none. Hosts take turns."""
        taken = set(busy)
        for host in [host for host in self._hosts if host not in taken]:
            row = self.db.execute(
                "SELECT url, host, source, role, depth, page FROM waiting WHERE state = 0 AND host = ? "
                "ORDER BY place LIMIT 1",
                (host,),
            ).fetchone()
            # The host goes to the end of the line, or off it when nothing of it waits.
            del self._hosts[host]
            if row is not None:
                self._hosts[host] = None
                self._asked[row[2]] += 1
                self.db.execute("UPDATE waiting SET state = ? WHERE url = ?", (CLAIMED, row[0]))
                return Task(*row)
        return None

    def known(self, url: str) -> Known:
        """What is known of a URL from earlier crawls."""
        row = self.db.execute("SELECT etag, last_modified, leads FROM pages WHERE url = ?", (url,)).fetchone()
        return Known(row[0], row[1], tuple(Task(*lead) for lead in json.loads(row[2]))) if row else Known()

    def duplicate(self, article: Article, signed: bytes) -> str:
        """Why the article need not be kept: unchanged, exact-duplicate, near-duplicate; "" when it is new."""
        old = self.db.execute("SELECT sha256 FROM kept WHERE url = ?", (article.url,)).fetchone()
        if old and old[0] == article.sha256:
            return "unchanged"
        others = "SELECT count(*) FROM kept WHERE sha256 = ? AND url != ?"
        if self._one(others, article.sha256, article.url):
            return "exact-duplicate"
        cut = bands(signed)
        marks = ",".join("?" * len(cut))
        near = self.db.execute(
            f"SELECT DISTINCT kept.signature FROM bands JOIN kept ON kept.url = bands.url "
            f"WHERE bands.band IN ({marks}) AND bands.url != ?",
            [*cut, article.url],
        )
        return "near-duplicate" if any(likeness(signed, row[0]) >= NEAR for row in near) else ""

    def keep(self, article: Article, signed: bytes) -> None:
        """Append the article to the file of its day and sync it, then remember it."""
        path = self.crawled_dir / f"{article.fetched[:10]}.jsonl"
        line = to_line(article)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            view = memoryview(line)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
            size = os.fstat(handle).st_size
        finally:
            os.close(handle)
        with self.db:
            self.db.execute("BEGIN")
            self._remember(article, signed)
            self.db.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (path.name, size))

    def done(self, task: Task, known: Known | None = None) -> None:
        """Mark a URL as dealt with, put where it leads on the list and remember how to ask for changes."""
        with self.db:
            self.db.execute("BEGIN")
            if known is not None:
                leads = json.dumps([[t.url, t.host, t.source, t.role, t.depth, t.page] for t in known.leads])
                row = (task.url, known.etag, known.last_modified, leads)
                self.db.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?)", row)
                self.add(known.leads)
            self.db.execute("UPDATE waiting SET state = ? WHERE url = ?", (DONE, task.url))

    def fetched_of(self, source: str) -> int:
        """How many URLs of a source this run has dealt with or is dealing with."""
        return self._asked[source]

    def drop_waiting(self, source: str) -> int:
        """Take a source's waiting URLs off the list (its limit is reached); returns how many."""
        return self.db.execute("DELETE FROM waiting WHERE source = ? AND state = 0", (source,)).rowcount

    def note_removal(self) -> None:
        """Learn that articles were removed on purpose: they stay known, so no crawl brings the same text back."""
        with self.db:
            self.db.execute("BEGIN")
            self.db.execute("DELETE FROM files")
            rows = [(path.name, path.stat().st_size) for path in files(self.crawled_dir)]
            self.db.executemany("INSERT INTO files VALUES (?, ?)", rows)

    def _remember(self, article: Article, signed: bytes) -> None:
        self.db.execute("DELETE FROM bands WHERE url = ?", (article.url,))
        self.db.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", [(b, article.url) for b in bands(signed)])
        self.db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", (article.url, article.sha256, signed))

    def _reconcile(self) -> None:
        """Learn of lines the database has not seen, and cut a torn last line off."""
        seen: dict[str, int] = dict(self.db.execute("SELECT name, size FROM files").fetchall())
        sizes = {path.name: path.stat().st_size for path in files(self.crawled_dir)}
        if any(sizes.get(name, -1) < size for name, size in seen.items()):
            # Somebody deleted or cut a file by hand: what it held is to be crawled again.
            for table in ("kept", "bands", "pages", "files"):
                self.db.execute(f"DELETE FROM {table}")
            seen = {}
        for path in files(self.crawled_dir):
            size, start = sizes[path.name], seen.get(path.name, 0)
            if size == start:
                continue
            with path.open("rb+") as lines, self.db:
                self.db.execute("BEGIN")
                lines.seek(start)
                for line in lines:
                    if not line.endswith(b"\n"):
                        lines.truncate(size - len(line))
                        break
                    article = from_line(line)
                    if article is not None:
                        self._remember(article, sign(article))
                row = (path.name, path.stat().st_size)
                self.db.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", row)

    def _one(self, query: str, *values: str) -> int:
        return int(self.db.execute(query, values).fetchone()[0])
