"""What the fusion is learned from: small corpora with queries whose answers are known. In: files. Out: `Lesson`s.

Only sources whose licence lets weights ship: the project's own knowledge, Chatbot_data (MIT: questions with one answer
are paraphrases), Welfare-QA (MIT), MASSIVE ko-KR (CC BY 4.0: same intent and slots), small talk (MIT). A share of the
queries loses its answers from the index, so that the calibration sees questions that nobody can answer.
Knows nothing of features. Never reads a dev or test query.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.corpus import Corpus
from chatbot.retrieval.evaluate import Query
from chatbot.retrieval.rewording import reword
from chatbot.retrieval.rows import Row
from chatbot.seams import Analyzer
from chatbot.text.noise import jamo_noise, nospace

UNANSWERABLE = 0.25  # share of groups whose rows are left out of the index
VERBATIM = 0.03  # share of queries that a row of their answer repeats word for word
NOISY = 0.2  # share of queries with noise in them: half without spaces, half with jamo slips
_SLOT = re.compile(r"\[(?P<name>[^:\]]+?) : (?P<value>[^\]]+?)\]")


@dataclass(frozen=True, slots=True)
class Lesson:
    """Rows to search and queries with the answers they look for; rows carry their group as answer."""

    name: str
    rows: tuple[Row, ...]
    queries: tuple[Query, ...]


def knowledge_lesson(corpus: Corpus, seed: int) -> Lesson:
    """Two of each entry's questions ask, the others and the title stand in the index beside the chat pairs."""
    groups = {entry.id: [*entry.questions, entry.title] for entry in corpus.knowledge}
    noise = [Row(f"pair{place}", pair.question, f"pair{place}") for place, pair in enumerate(corpus.pairs)]
    return _lesson("knowledge", groups, seed, asked=2, more=noise)


def chat_lesson(shared: Path, seed: int) -> Lesson:
    """Questions of Chatbot_data with one answer; above four questions share a stock answer and only stand by."""
    by_answer: dict[str, list[str]] = defaultdict(list)
    for value in _jsonl(shared / "chat_pairs" / "train.jsonl"):
        by_answer[value["a"]].append(value["q"])
    groups = {answer: questions for answer, questions in by_answer.items() if 2 <= len(questions) <= 4}
    rest = [question for questions in by_answer.values() if not 2 <= len(questions) <= 4 for question in questions]
    more = [Row(f"rest{place}", text, f"rest{place}") for place, text in enumerate(dict.fromkeys(rest))]
    return _lesson("chat", groups, seed, asked=1, more=more)


def welfare_lessons(shared: Path, seed: int) -> list[Lesson]:
    """Questions against the programmes' titles, and against the other half of the questions."""
    titles: dict[str, str] = {}
    groups: dict[str, list[str]] = defaultdict(list)
    for value in _jsonl(shared / "ret_welfare" / "bank.jsonl"):
        titles[value["doc_id"]] = value["title"]
        groups[value["doc_id"]].append(value["question"])
    rows = tuple(Row(document, title, document) for document, title in titles.items())
    queries = [Query(text, frozenset([document])) for document, texts in groups.items() for text in texts[:3]]
    return [
        Lesson("welfare titles", rows, _noisy(queries, random.Random(seed))),
        _lesson("welfare questions", groups, seed, asked=3),
    ]


def command_lesson(shared: Path, seed: int) -> Lesson:
    """Commands of MASSIVE that share intent and slot values."""
    groups: dict[str, list[str]] = defaultdict(list)
    for value in _jsonl(shared / "intent_massive" / "train.jsonl"):
        slots = sorted(" ".join(match.groups()) for match in _SLOT.finditer(value["annot_utt"]))
        if slots:
            groups[f"{value['intent']}|{'|'.join(slots)}"].append(value["text"])
    return _lesson("commands", groups, seed, asked=1)


def command_rows(shared: Path) -> list[Row]:
    """The first 6,000 distinct commands of MASSIVE, each its own answer."""
    texts = list(dict.fromkeys(value["text"] for value in _jsonl(shared / "intent_massive" / "train.jsonl")))[:6000]
    return [Row(f"command{place}", text, f"command{place}") for place, text in enumerate(texts)]


def small_talk_lesson(shared: Path, seed: int) -> Lesson:
    """Small talk of one intent."""
    groups: dict[str, list[str]] = defaultdict(list)
    for value in _jsonl(shared / "intent_smalltalk" / "train.jsonl"):
        groups[value["intent"]].append(value["text"])
    return _lesson("small talk", groups, seed, asked=6)


def reworded_lesson(name: str, rows: Sequence[Row], analyzer: Analyzer, seed: int, asked: int) -> Lesson:
    """Rows of an index, `asked` of them asked for in other words by rule (rewording.py); answers are the rows' own."""
    generator = random.Random(seed)
    chosen = generator.sample(list(rows), min(asked, len(rows)))
    gone = {row.answer for row in chosen if generator.random() < UNANSWERABLE}
    read = analyzer.analyze([row.text for row in chosen])
    queries = [
        Query(reword(row.text, morphemes, generator), frozenset([row.answer]))
        for row, morphemes in zip(chosen, read, strict=True)
    ]
    return Lesson(name, tuple(row for row in rows if row.answer not in gone), _noisy(queries, generator))


def _lesson(
    name: str, groups: Mapping[str, Sequence[str]], seed: int, *, asked: int, more: Sequence[Row] = ()
) -> Lesson:
    """Groups of like texts into rows and queries; some groups ask without standing in the index."""
    generator = random.Random(seed)
    rows, queries = list(more), []
    for group, texts in groups.items():
        distinct = list(dict.fromkeys(texts))
        generator.shuffle(distinct)
        if len(distinct) < 2:
            rows += [Row(f"{group}#0", text, group) for text in distinct]
            continue
        count = min(asked, len(distinct) - 1)
        queries += [Query(text, frozenset([group])) for text in distinct[:count]]
        if generator.random() >= UNANSWERABLE:
            indexed = distinct[0 if generator.random() < VERBATIM else count :]
            rows += [Row(f"{group}#{place}", text, group) for place, text in enumerate(indexed)]
    return Lesson(name, tuple(rows), _noisy(queries, generator))


def _noisy(queries: Iterable[Query], generator: random.Random) -> tuple[Query, ...]:
    noisy = []
    for query in queries:
        dice = generator.random()
        if dice < NOISY / 2:
            query = Query(nospace(query.text), query.relevant)
        elif dice < NOISY:
            query = Query(jamo_noise(query.text, generator), query.relevant)
        noisy.append(query)
    return tuple(noisy)


def _jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
