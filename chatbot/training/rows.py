"""From the corpus to what the models are taught with: retrieval rows, labelled examples, pairs. Knows no models."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

from chatbot.corpus import Corpus
from chatbot.retrieval.retriever import Row
from chatbot.types import ChatPair, Intent

Preprocess = Callable[[str], str]

# How the ids of rows begin that stand for the corpus: knowledge and chat.
CORPUS_ROWS = ("k:", "c:")


def retrieval_rows(corpus: Corpus, preprocess: Preprocess) -> list[Row]:
    """One row a question: knowledge (with its title as a question of its own) and chat pairs.

    Ids (``k:entry:checksum``, ``c:chat:checksum``) stay the same while the text stays the same, so that a changed
    corpus changes only its own rows.
    """
    rows: dict[str, Row] = {}
    for entry in corpus.knowledge:
        for question in dict.fromkeys((entry.title, *entry.questions)):
            text = preprocess(question)
            row = Row(_row_id("k", entry.id, text + entry.answer), text, entry.answer, "knowledge", title=entry.title)
            rows[row.id] = row
    for pair in corpus.pairs:
        text = preprocess(pair.question)
        row = Row(_row_id("c", "chat", text + pair.answer), text, pair.answer, "chat")
        rows[row.id] = row
    return list(rows.values())


def _row_id(kind: str, name: str, content: str) -> str:
    return f"{kind}:{name}:{zlib.crc32(content.encode()):08x}"


def labelled(intents: Sequence[Intent], preprocess: Preprocess) -> list[tuple[str, str]]:
    """(text, intent) of every example."""
    return [(preprocess(example), intent.name) for intent in intents for example in intent.examples]


def split(examples: Sequence[tuple[str, str]], share: float) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(train, held out): about `share` of each intent, chosen by the text, so that a new line moves none."""
    by_intent: dict[str, list[tuple[str, str]]] = {}
    for example in examples:
        by_intent.setdefault(example[1], []).append(example)
    train, held = [], []
    for lines in by_intent.values():
        ordered = sorted(lines, key=lambda line: zlib.crc32(line[0].encode()))
        cut = max(1, round(len(lines) * share)) if len(lines) > 3 else 0
        held += ordered[:cut]
        train += ordered[cut:]
    return train, held


def chat_pairs(corpus: Corpus, preprocess: Preprocess) -> list[ChatPair]:
    """Every pair of question and answer the generator may learn from: chat pairs and the turns of the dialogues."""
    turns = [ChatPair(question, answer, d.origin) for d in corpus.dialogues for question, answer in d.turns]
    return [ChatPair(preprocess(pair.question), pair.answer, pair.origin) for pair in (*corpus.pairs, *turns)]
