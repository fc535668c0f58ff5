"""Measure retrieval on a corpus and queries with known answers. In: two JSONL files. Out: the contract's figures.

Knows nothing of dialogue. Builds its own index over the given corpus alone.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chatbot.errors import CorpusError
from chatbot.retrieval.embed import Embedder, HashedNgramEmbedder
from chatbot.retrieval.retriever import Retriever, Row
from chatbot.seams import Analyzer
from chatbot.text.noise import NOISES, apply_noise

_PRETRAINED = Path(__file__).resolve().parent.parent / "pretrained" / "encoder"
DEPTH = 10  # MRR looks at the first ten documents


@dataclass(frozen=True, slots=True)
class Query:
    """A question and the ids of the documents that answer it."""

    text: str
    relevant: frozenset[str]


def evaluate_retrieval(
    corpus: Path,
    queries: Path,
    noise: str = "none",
    seed: int = 13,
    analyzer: Analyzer | None = None,
    embedder: Embedder | None = None,
) -> dict[str, Any]:
    """Recall at 1 and 5, MRR at 10, milliseconds a query (p50, p95), build seconds, bytes on disk.

    Corpus rows are ``{"doc_id", "text"}`` (or ``title``, ``question``, ``answer`` in place of text); several rows may
    share a doc_id, a document then ranks by its best row. Query rows are ``{"text", "relevant": [doc_id]}``. Queries
    are asked one at a time, with `noise` put into them.

    Raises
    ------
    CorpusError
        when a file is missing, a line is not what is expected, or `noise` is unknown.
    """
    if noise not in NOISES:
        raise CorpusError(f"noise {noise!r} is unknown; allowed: {', '.join(NOISES)}")
    rows, asked = read_rows(corpus), read_queries(queries)
    analyzer, embedder = analyzer or _analyzer(), embedder or default_embedder()
    started = time.perf_counter()
    retriever = Retriever.build(rows, analyzer, embedder)
    seconds = time.perf_counter() - started
    generator = random.Random(seed)
    texts = [apply_noise(query.text, noise, generator) for query in asked]
    retriever.search(texts[:1])  # the first question warms the analyzer up
    ranked, times = [], []
    for text in texts:
        began = time.perf_counter()
        hits = retriever.search([text], DEPTH)[0]
        times.append((time.perf_counter() - began) * 1000)
        ranked.append([hit.row.answer for hit in hits])
    return {
        **measures(ranked, asked),
        "ms_p50": round(float(np.percentile(times, 50)), 2),
        "ms_p95": round(float(np.percentile(times, 95)), 2),
        "build_seconds": round(seconds, 2),
        "index_bytes": _bytes(retriever),
        "rows": len(rows),
        "queries": len(asked),
        "noise": noise,
        "seed": seed,
        "encoder": embedder.fingerprint,
    }


def measures(ranked: Sequence[Sequence[str]], asked: Sequence[Query]) -> dict[str, float]:
    """Recall at 1 and 5 (some relevant document is among the first) and the mean reciprocal rank at 10."""
    places = [
        next((place for place, document in enumerate(documents, 1) if document in query.relevant), 0)
        for documents, query in zip(ranked, asked, strict=True)
    ]
    count = max(len(places), 1)
    return {
        "recall@1": round(sum(place == 1 for place in places) / count, 4),
        "recall@5": round(sum(1 <= place <= 5 for place in places) / count, 4),
        "mrr@10": round(sum(1 / place for place in places if place) / count, 4),
    }


def read_rows(path: Path) -> list[Row]:
    """Corpus rows: the answer of a row is its document's id; a row with title, question and answer becomes several."""
    rows: list[Row] = []
    for line, value in _objects(path):
        document = value.get("doc_id")
        texts = [value[key] for key in ("text", "question", "title") if isinstance(value.get(key), str)]
        if not isinstance(document, str) or not texts:
            raise CorpusError(f'{path}:{line}: expected {{"doc_id": "…", "text": "…"}}')
        rows += [Row(f"{line}.{place}", text, document) for place, text in enumerate(texts)]
    unique = {(row.text, row.answer): row for row in reversed(rows)}
    return list(reversed(unique.values()))


def read_queries(path: Path) -> list[Query]:
    """Query rows."""
    queries = []
    for line, value in _objects(path):
        text, relevant = value.get("text"), value.get("relevant")
        if not isinstance(text, str) or not isinstance(relevant, list):
            raise CorpusError(f'{path}:{line}: expected {{"text": "…", "relevant": ["doc_id", …]}}')
        queries.append(Query(text, frozenset(str(one) for one in relevant)))
    return queries


def _objects(path: Path) -> list[tuple[int, dict[str, Any]]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise CorpusError(f"{path}:{number}: not JSON: {error}") from error
        if not isinstance(value, dict):
            raise CorpusError(f"{path}:{number}: expected one JSON object a line")
        found.append((number, value))
    if not found:
        raise CorpusError(f"{path}: no rows; expected one JSON object a line")
    return found


def _bytes(retriever: Retriever) -> int:
    with tempfile.TemporaryDirectory(prefix="chatbot-index-") as folder:
        retriever.save(Path(folder) / "index")
        return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())


def _analyzer() -> Analyzer:
    from chatbot.text.kiwi import KiwiAnalyzer

    return KiwiAnalyzer()


def default_embedder() -> Embedder:
    """The sentence encoder that ships with the package; without it, the hashed projection that needs no weights."""
    return shipped_encoder() if (_PRETRAINED / "config.json").is_file() else HashedNgramEmbedder()


def shipped_encoder() -> Embedder:
    """The sentence encoder that ships with the package."""
    from chatbot.neural.encoder import shipped

    encoder: Embedder = shipped()
    return encoder
