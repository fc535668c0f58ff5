"""Read corpus/sources.yaml. In: the file that a person edits. Out: `Source`s, and a `Problem` for each wrong entry.

One wrong entry never stops the others, not even one that is no YAML. Knows nothing of fetching.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from chatbot.crawlers.problems import Problem
from chatbot.errors import CrawlError

KINDS = ("news", "page", "board", "faq")
ROLES = ("feed", "sitemap", "section", "url")
KEYS = ("name", "kind", *ROLES, "depth", "pages", "follow", "keep", "limit", "select", "label", "licence", "enabled")
SELECTORS = ("title", "body", "author", "date", "item", "question", "answer", "link")


@dataclass(frozen=True, slots=True)
class Source:
    """One entry. `role` says what `url` is: a feed, a sitemap, a section page to follow, or one page.

    `depth` counts links followed from a section page, `pages` how many pages of a paged list are turned, `limit` the
    pages fetched a run; `follow` and `keep` are patterns of URLs to walk through and of articles.
    """

    name: str
    kind: str
    role: str
    url: str
    depth: int = 1
    pages: int = 1
    limit: int = 200
    follow: str = ""
    keep: str = ""
    label: str = ""
    licence: str = ""
    select: dict[str, str] = field(default_factory=dict)


def read_sources(path: Path) -> tuple[list[Source], list[Problem]]:
    """Every usable source, and what is wrong with the others.

    Raises
    ------
    CrawlError
        when the file is missing, unreadable, or holds no list under `sources`.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CrawlError(
            f"{path}: cannot be read: {error.strerror}; `chatbot crawl add URL` writes a first entry"
        ) from error
    except UnicodeDecodeError as error:
        raise CrawlError(f"{path}: not UTF-8; save it as UTF-8") from error
    entries, problems = _entries(text, path)
    sources: list[Source] = []
    names: set[str] = set()
    for place, entry in entries:
        found = _source(entry, place, path)
        if isinstance(found, Problem):
            problems.append(found)
        elif found is not None and found.name in names:
            problems.append(Problem(f"{path.name}: {found.name}", "source", "the name stands twice"))
        elif found is not None:
            names.add(found.name)
            sources.append(found)
    return sources, problems


def _entries(text: str, path: Path) -> tuple[list[tuple[int, Any]], list[Problem]]:
    """(place, entry) of the list; when the file is not YAML, of those entries that are YAML on their own."""
    try:
        tree = yaml.safe_load(text)
    except yaml.YAMLError:
        return _rescued(text, path)
    listed = tree.get("sources") if isinstance(tree, dict) else tree
    if listed is None:
        return [], []
    if not isinstance(listed, list):
        raise CrawlError(f"{path}: expected `sources:` with a list of entries (- name: …, kind: …, feed: …)")
    return list(enumerate(listed, start=1)), []


def _rescued(text: str, path: Path) -> tuple[list[tuple[int, Any]], list[Problem]]:
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if re.match(r"\s{0,4}- ", line)]
    indent = min((len(lines[n]) - len(lines[n].lstrip()) for n in starts), default=0)
    starts = [n for n in starts if len(lines[n]) - len(lines[n].lstrip()) == indent]
    entries: list[tuple[int, Any]] = []
    problems: list[Problem] = []
    for place, start in enumerate(starts, start=1):
        end = starts[place] if place < len(starts) else len(lines)
        try:
            entries.append((place, yaml.safe_load("\n".join(lines[start:end]))[0]))
        except (yaml.YAMLError, TypeError, KeyError, IndexError) as error:
            mark = getattr(error, "problem_mark", None)
            line = start + 1 + (mark.line if mark else 0)
            problems.append(Problem(f"{path.name}:{line}", "source", f"entry {place} is not YAML"))
    if not problems:
        problems.append(Problem(path.name, "source", "the file is not YAML"))
    return entries, problems


def _source(entry: Any, place: int, path: Path) -> Source | Problem | None:
    """The source, a problem, or None for an entry that is switched off."""
    if not isinstance(entry, dict):
        return Problem(f"{path.name}: entry {place}", "source", "expected keys and values (name, kind, feed …)")
    where = f"{path.name}: {entry.get('name') or f'entry {place}'}"
    wrong = _wrong(entry)
    if wrong:
        return Problem(where, "source", wrong)
    if entry.get("enabled") is False:
        return None
    role = next(role for role in ROLES if role in entry)
    return Source(
        name=str(entry.get("name") or urlsplit(entry[role]).hostname),
        kind=entry.get("kind", "news"),
        role=role,
        url=entry[role],
        depth=entry.get("depth", 1),
        pages=entry.get("pages", 1),
        limit=entry.get("limit", 200),
        follow=entry.get("follow", ""),
        keep=entry.get("keep", ""),
        label=str(entry.get("label", "")),
        licence=str(entry.get("licence", "")),
        select=dict(entry.get("select") or {}),
    )


def _wrong(entry: dict[str, Any]) -> str:
    """What is wrong with an entry, or an empty string."""
    for key in entry:
        if key not in KEYS:
            return _unknown("key", str(key), KEYS)
    if entry.get("kind", "news") not in KINDS:
        return _unknown("kind", str(entry["kind"]), KINDS)
    roles = [role for role in ROLES if role in entry]
    if len(roles) != 1:
        return f"expected exactly one of {', '.join(ROLES)}, found {', '.join(roles) or 'none'}"
    url = entry[roles[0]]
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        return f"{roles[0]}: {url!r} is no http or https address"
    for key, low, high in (("depth", 0, 5), ("pages", 1, 1000), ("limit", 1, 1_000_000)):
        value = entry.get(key, low)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            return f"{key}: expected a whole number from {low} to {high}, found {value!r}"
    for key in ("follow", "keep"):
        try:
            re.compile(str(entry.get(key, "")))
        except re.error as error:
            return f"{key}: not a regular expression: {error}"
    return _wrong_selectors(entry.get("select") or {}, entry.get("kind", "news"))


def _wrong_selectors(select: Any, kind: str) -> str:
    if not isinstance(select, dict):
        return f"select: expected CSS selectors under {', '.join(SELECTORS)}"
    import soupsieve

    for key, selector in select.items():
        if key not in SELECTORS:
            return _unknown("select key", str(key), SELECTORS)
        try:
            soupsieve.compile(str(selector))
        except soupsieve.SelectorSyntaxError as error:
            return f"select.{key}: not a CSS selector: {str(error).splitlines()[0]}"
    if kind == "faq" and not {"question", "answer"} <= set(select):
        return "a faq needs select.question and select.answer"
    return ""


def _unknown(what: str, given: str, allowed: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(given, allowed, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"unknown {what} {given!r} (allowed: {', '.join(allowed)}){hint}"


def add_source(path: Path, source: Source) -> None:
    """Write an entry at the end of the file, comments and order of the rest kept; replaces an entry of that name."""
    from ruamel.yaml import YAML

    from chatbot.crawlers.records import replace

    round_trip = YAML()
    round_trip.indent(mapping=2, sequence=4, offset=2)
    tree = round_trip.load(path.read_text(encoding="utf-8-sig")) if path.is_file() else None
    tree = tree if tree is not None else {}
    if tree.get("sources") is None:
        tree["sources"] = []
    entry = {"name": source.name, "kind": source.kind, source.role: source.url}
    if source.select:
        entry["select"] = source.select  # type: ignore[assignment]
    listed = tree["sources"]
    at = next((n for n, old in enumerate(listed) if old.get("name") == source.name), None)
    if at is None:
        listed.append(entry)
    else:
        listed[at] = entry
    import io

    out = io.StringIO()
    round_trip.dump(tree, out)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, [out.getvalue().encode("utf-8")])
