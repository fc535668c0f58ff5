"""Measure extraction against gold text. In: a folder of pages with gold.jsonl. Out: the figures of the contract.

Rows of gold.jsonl: ``{"file", "url", "title", "text"}``; the pages lie beside it as .html or .html.gz.
"""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

from chatbot.crawlers.decode import decode
from chatbot.crawlers.extract import extract
from chatbot.crawlers.prose import token_f1, tokens
from chatbot.errors import CrawlError


def evaluate_extraction(folder: Path) -> dict[str, Any]:
    """``{"pages": [{file, f1, title_match, …}], "mean_f1", "min_f1"}``.

    `f1` compares the extracted body with the gold text over word tokens, before boilerplate lines are cut, because
    gold texts keep them; `f1_kept` compares what a crawl would keep. `title_match` compares word tokens, so quotes
    and dots make no difference; None where gold names no title.

    Raises
    ------
    CrawlError
        when gold.jsonl or a page is missing or unreadable (names file and line).
    """
    pages = [_measure(folder, row) for row in _gold(folder / "gold.jsonl")]
    scores = [page["f1"] for page in pages]
    return {
        "pages": pages,
        "mean_f1": round(sum(scores) / len(scores), 4) if scores else None,
        "min_f1": min(scores, default=None),
    }


def _measure(folder: Path, row: dict[str, Any]) -> dict[str, Any]:
    page = extract(decode(_read(folder / row["file"])).text, row.get("url") or "")
    title = row.get("title")
    return {
        "file": row["file"],
        "f1": round(token_f1(page.body, row["text"]), 4),
        "title_match": None if not title else tokens(title) == tokens(page.title),
        "f1_kept": round(token_f1(page.text, row["text"]), 4),
        "title": page.title,
        "method": page.method,
        "characters": len(page.body),
    }


def _gold(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise CrawlError(
            f"{path}: cannot be read: {error.strerror}; expected rows of file, url, title, text"
        ) from error
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise CrawlError(f"{path}:{number}: not JSON: {error}") from error
        if not isinstance(row, dict) or not isinstance(row.get("file"), str) or not isinstance(row.get("text"), str):
            raise CrawlError(f'{path}:{number}: expected {{"file": …, "url": …, "title": …, "text": …}}')
        rows.append(row)
    return rows


def _read(path: Path) -> bytes:
    try:
        body = path.read_bytes()
        return gzip.decompress(body) if path.suffix == ".gz" else body
    except FileNotFoundError as error:
        raise CrawlError(f"{path}: named in gold.jsonl but missing") from error
    except (OSError, EOFError, zlib.error) as error:
        raise CrawlError(f"{path}: cannot be read: {error}") from error
