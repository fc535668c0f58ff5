"""Count what a crawl does. In: events. Out: figures for people and for `--json`. Knows nothing of crawling."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from chatbot.crawlers.problems import Problem


class Report:
    """The figures of one run. `problems` concern entries of sources.yaml; errors of single pages are only counted."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.pages = 0
        self.bytes = 0
        self.kept = 0
        self.resumed = False
        self.dropped: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.hosts: dict[str, Counter[str]] = {}
        self.problems: list[Problem] = []

    def fetched(self, host: str, size: int) -> None:
        self.pages += 1
        self.bytes += size
        self._host(host)["pages"] += 1
        self._host(host)["bytes"] += size

    def keep(self, host: str) -> None:
        self.kept += 1
        self._host(host)["kept"] += 1

    def drop(self, host: str, reason: str) -> None:
        self.dropped[reason] += 1
        self._host(host)["dropped"] += 1

    def error(self, host: str, kind: str) -> None:
        self.errors[kind] += 1
        self._host(host)["errors"] += 1

    def problem(self, problem: Problem) -> None:
        """Note what is wrong with an entry, once."""
        if not any(problem.entry == old.entry and problem.kind == old.kind for old in self.problems):
            self.problems.append(problem)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def as_json(self) -> dict[str, Any]:
        """Keys may be added, never renamed."""
        seconds = self.seconds
        return {
            "pages": self.pages,
            "kept": self.kept,
            "dropped": dict(sorted(self.dropped.items())),
            "errors": dict(sorted(self.errors.items())),
            "bytes": self.bytes,
            "seconds": round(seconds, 2),
            "pages_per_second": round(self.pages / seconds, 2) if seconds > 0 else 0.0,
            "resumed": self.resumed,
            "hosts": {host: dict(counts) for host, counts in sorted(self.hosts.items())},
            "problems": [
                {"entry": p.entry, "kind": p.kind, "message": p.message, "remedy": p.remedy} for p in self.problems
            ],
        }

    def _host(self, host: str) -> Counter[str]:
        return self.hosts.setdefault(host, Counter())
