"""What the fusion is learned from: small corpora with queries whose answers are known. In: files. Out: `Lesson`s.

Only sources whose licence lets weights ship: the project's own knowledge and pairs, Welfare-QA (MIT), MASSIVE ko-KR
(CC BY 4.0: same intent and slots), small talk (MIT), lines of Chatbot_data (MIT) reworded by rule. Questions that the
sentence encoder learned as paraphrases (Chatbot_data's questions with one answer, the knowledge's variants) are no
lesson: there its vectors are better than they will be on anything new, and the fusion would trust them too far. Some
queries lose their answers from the index, and some are about other matters altogether, so that the calibration sees
questions that nobody can answer.
Knows nothing of features. Never reads a dev or test query.
"""

from __future__ import annotations

import json
import random
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatbot.corpus import Corpus
from chatbot.retrieval.evaluate import read_rows
from chatbot.retrieval.gram_training import Material
from chatbot.retrieval.kinds import QUESTIONED, TELLS, kinds
from chatbot.retrieval.rewording import reword
from chatbot.retrieval.rows import PASSAGE_KIND, Row
from chatbot.seams import Analyzer
from chatbot.text.noise import jamo_noise, nospace

UNANSWERABLE = 0.25  # share of groups whose rows are left out of the index
VERBATIM = 0.03  # share of queries that a row of their answer repeats word for word
_SOME_ROWS, _FEW_ROWS = 4_000, 1_000
_NOUN_QUESTIONS = (
    *("어디야", "어디예요?", "어디 있어?", "어딨어", "어디서 해?", "언제야", "언제예요?", "언제 해?", "몇 시야"),
    *("몇 시에 해?", "누구야", "누가 해?", "누구랑 해", "얼마야", "얼마예요?", "얼마나 걸려?", "몇 개야"),
    *("몇 명이야?", "왜 그래", "왜 해?", "왜 그런 거예요?", "어떻게 해", "어떻게 하는 거야?", "어떻게 가요?"),
    *("뭐야", "뭐예요?", "무슨 뜻이야?", "어떤 거야?"),
    *("하는 법 알려줘", "하는 방법 좀 알려 주세요", "잘하는 법", "방법이 뭐야?", "하는 이유가 뭐야?"),
)
_ASKED = ("왜", "언제", "어디서", "누가", "어떻게", "얼마나", "누구랑", "몇 시에")
NOISY = 0.3  # share of queries with noise in them: half without spaces, half with jamo slips
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_SLOT = re.compile(r"\[(?P<name>[^:\]]+?) : (?P<value>[^\]]+?)\]")


@dataclass(frozen=True, slots=True)
class Query:
    """A question as typed, the answers it looks for, and the text it was before noise; none for what was made by rule
    and is new to everybody."""

    text: str
    relevant: frozenset[str]
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Rows to search and queries with the answers they look for; rows carry their group as answer."""

    name: str
    rows: tuple[Row, ...]
    queries: tuple[Query, ...]


Groups = dict[str, list[str]]


def knowledge_groups(corpus: Corpus) -> Groups:
    """Each entry's questions and its title."""
    return {entry.id: [*entry.questions, entry.title] for entry in corpus.knowledge}


def chat_groups(shared: Path) -> Groups:
    """Questions of Chatbot_data by their answer."""
    return _grouped(shared / "chat_pairs" / "train.jsonl", "a", "q")


def welfare_groups(shared: Path) -> tuple[dict[str, str], Groups]:
    """Titles of the programmes, and their questions."""
    path = shared / "ret_welfare" / "bank.jsonl"
    return {value["doc_id"]: value["title"] for value in _jsonl(path)}, _grouped(path, "doc_id", "question")


def welfare_answers(shared: Path) -> Groups:
    """The answers of each programme."""
    return _grouped(shared / "ret_welfare" / "bank.jsonl", "doc_id", "answer")


def slot_values(shared: Path, slots: Sequence[str]) -> list[str]:
    """What MASSIVE's commands give for these slots, as it stands there."""
    lines = (value["annot_utt"] for value in _jsonl(shared / "intent_massive" / "train.jsonl"))
    return [match["value"] for line in lines for match in _SLOT.finditer(line) if match["name"].strip() in slots]


def small_talk_groups(shared: Path) -> Groups:
    """Small talk by intent."""
    return _grouped(shared / "intent_smalltalk" / "train.jsonl", "intent", "text")


def command_groups(shared: Path) -> Groups:
    """Commands of MASSIVE that share intent and slot values."""
    groups: Groups = defaultdict(list)
    for value in _jsonl(shared / "intent_massive" / "train.jsonl"):
        slots = sorted(" ".join(match.groups()) for match in _SLOT.finditer(value["annot_utt"]))
        if slots:
            groups[f"{value['intent']}|{'|'.join(slots)}"].append(value["text"])
    return groups


def _grouped(path: Path, key: str, text: str) -> Groups:
    groups: Groups = defaultdict(list)
    for value in _jsonl(path):
        groups[value[key]].append(value[text])
    return groups


def welfare_lessons(shared: Path, seed: int) -> list[Lesson]:
    """Questions against the programmes' titles, and against the other questions."""
    titles, groups = welfare_groups(shared)
    rows = tuple(Row(document, title, document) for document, title in titles.items())
    queries = [Query(text, frozenset([document])) for document, texts in groups.items() for text in texts]
    return [
        Lesson("welfare titles", rows, _noisy(queries, random.Random(seed))),
        _lesson("welfare questions", groups, seed, asked=4),
    ]


def passage_lesson(corpus: Corpus, shared: Path, seed: int) -> Lesson:
    """Questions against sentences of answers, as documents have them: under their titles, beside the chat pairs."""
    generator = random.Random(seed)
    titles, asked = welfare_groups(shared)
    told = welfare_answers(shared)
    named = {f"w:{key}": (titles[key], asked[key], " ".join(dict.fromkeys(told[key][:2]))) for key in titles}
    named.update({f"k:{entry.id}": (entry.title, list(entry.questions), entry.answer) for entry in corpus.knowledge})
    rows = [Row(f"pair{place}", pair.question, f"pair{place}") for place, pair in enumerate(corpus.pairs)]
    queries = []
    for key, (title, questions, text) in named.items():
        queries += [
            Query(question, frozenset([key])) for question in generator.sample(questions, min(2, len(questions)))
        ]
        if generator.random() >= UNANSWERABLE:
            rows += [
                Row(f"{key}#{place}", f"{title}. {sentence}", key, PASSAGE_KIND)
                for place, sentence in enumerate(_SENTENCE.split(text))
                if sentence.strip()
            ]
    return Lesson("passages", tuple(rows), _noisy(queries, generator))


def command_lesson(shared: Path, seed: int) -> Lesson:
    """Commands against commands that want the same."""
    return _lesson("commands", command_groups(shared), seed, asked=3)


def command_rows(shared: Path) -> list[Row]:
    """The first 6,000 distinct commands of MASSIVE, each its own answer."""
    texts = list(dict.fromkeys(value["text"] for value in _jsonl(shared / "intent_massive" / "train.jsonl")))[:6000]
    return [Row(f"command{place}", text, f"command{place}") for place, text in enumerate(texts)]


def small_talk_lesson(shared: Path, seed: int) -> Lesson:
    """Small talk of one intent."""
    return _lesson("small talk", small_talk_groups(shared), seed, asked=6)


def stranger_lesson(corpus: Corpus, shared: Path, seed: int, asked: int) -> Lesson:
    """Commands and welfare questions against the project's own rows, where nothing answers them."""
    generator = random.Random(seed)
    rows = [
        Row(f"{entry.id}#{place}", text, entry.id)
        for entry in corpus.knowledge
        for place, text in enumerate((*entry.questions, entry.title))
    ]
    rows += [Row(f"pair{place}", pair.question, f"pair{place}") for place, pair in enumerate(corpus.pairs)]
    texts = [row.text for row in command_rows(shared)]
    texts += [text for questions in welfare_groups(shared)[1].values() for text in questions]
    queries = [Query(text, frozenset()) for text in generator.sample(texts, min(asked, len(texts)))]
    return Lesson("strangers", tuple(rows), tuple(queries))


def chatter_lesson(shared: Path, seed: int, asked: int) -> Lesson:
    """Chat lines and welfare questions against a small index of commands, where nothing answers them."""
    generator = random.Random(seed)
    commands = command_rows(shared)
    rows = generator.sample(commands, min(_FEW_ROWS, len(commands)))
    texts = [text for questions in chat_groups(shared).values() for text in questions]
    texts = generator.sample(texts, min(asked // 2, len(texts)))
    welfare = [text for questions in welfare_groups(shared)[1].values() for text in questions]
    texts += generator.sample(welfare, min(asked - len(texts), len(welfare)))
    return Lesson("chatter", tuple(rows), tuple(Query(text, frozenset()) for text in texts))


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


def noun_lesson(rows: Sequence[Row], analyzer: Analyzer, seed: int, asked: int) -> Lesson:
    """Short questions by rule about a noun of a statement, which no row answers (도서관 어디야 beside 도서관 왔어)."""
    generator = random.Random(seed)
    some = generator.sample(list(rows), min(_SOME_ROWS, len(rows)))
    read = analyzer.analyze([row.text for row in some])
    bits = [kinds(row.text, morphemes) for row, morphemes in zip(some, read, strict=True)]
    told = [
        (morphemes[0].form, row.text.split()[1:])
        for row, morphemes, kind in zip(some, read, bits, strict=True)
        if kind & TELLS and morphemes[0].tag == "NNG" and len(morphemes[0].form) > 1
    ]
    queries = []
    for noun, rest in told:
        asks_on = generator.random() < 0.5 and 0 < len(rest) < 4  # 컴퓨터 왜 고장 났어? beside 컴퓨터 고장 났어
        question = " ".join([generator.choice(_ASKED), *rest]) if asks_on else generator.choice(_NOUN_QUESTIONS)
        wanted = kinds(question, analyzer.analyze([question])[0]) & QUESTIONED
        if not any(noun in row.text and kind & wanted for row, kind in zip(some, bits, strict=True)):
            queries.append(Query(f"{noun} {question}", frozenset(), noun))
    return Lesson("nouns", tuple(some), _noisy(queries[:asked], generator))


def material(corpus: Corpus, shared: Path, analyzer: Analyzer, fold: int | None) -> Material:
    """What the gram encoder learns from; texts and groups of a `fold` (0 to 4) are left out, None keeps all."""
    titles, welfare = welfare_groups(shared)
    # A title stands twice: most questions are asked of it, and it is known beforehand in every use.
    named = {key: [titles[key], titles[key], *_outside(texts, fold)] for key, texts in welfare.items()}
    small_talk = {key: _outside(texts, fold) for key, texts in small_talk_groups(shared).items()}
    chat = {answer: texts for answer, texts in chat_groups(shared).items() if len(texts) <= 6}
    whole = {"chat": chat, "knowledge": knowledge_groups(corpus), "commands": command_groups(shared)}
    groups = {"welfare": list(named.items()), "small talk": list(small_talk.items())}
    for name, some in whole.items():
        groups[name] = [(key, texts) for key, texts in some.items() if fold_of(key) != fold]
    kept = {name: [(key, texts) for key, texts in some if len(set(texts)) > 1] for name, some in groups.items()}
    chat_rows = read_rows(shared / "ret_qp2chatbot" / "corpus.jsonl")
    asked = [text for some in kept.values() for _, texts in some for text in texts]
    lines = list(
        dict.fromkeys([*(row.text for row in chat_rows), *(row.text for row in command_rows(shared)), *asked])
    )
    pairs = [(value["q"], value["a"]) for value in _jsonl(shared / "chat_pairs" / "train.jsonl")]
    return Material(
        kept,
        list(zip(lines, analyzer.analyze(lines), strict=True)),
        [pair for pair in pairs if fold_of(pair[1]) != fold],
    )


def unseen(lesson: Lesson, fold: int) -> Lesson:
    """The lesson with those queries alone that `material` left out; reworded lines are new to everybody."""
    if lesson.name.endswith("reworded") or lesson.name in ("strangers", "chatter", "nouns"):
        return lesson
    # Of these titles and questions were seen, but never beside the answers' sentences, or with another word in them.
    if lesson.name in ("passages", "named", "exchanged"):
        return replace(lesson, queries=tuple(q for q in lesson.queries if not q.origin or fold_of(q.origin) == fold))
    by_text = lesson.name.startswith(("welfare", "small talk"))
    queries = [q for q in lesson.queries if fold_of(q.origin if by_text else next(iter(q.relevant))) == fold]
    return replace(lesson, queries=tuple(queries))


def _outside(texts: Sequence[str], fold: int | None) -> list[str]:
    return [text for text in texts if fold_of(text) != fold]


def fold_of(text: str) -> int:
    """0 to 4, by content, so that nothing depends on order."""
    return zlib.crc32(text.encode()) % 5


def _lesson(name: str, groups: Mapping[str, Sequence[str]], seed: int, *, asked: int) -> Lesson:
    """Groups of like texts into rows and queries; some groups ask without standing in the index."""
    generator = random.Random(seed)
    rows: list[Row] = []
    queries: list[Query] = []
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
        dice, text = generator.random(), query.text
        if dice < NOISY / 2:
            text = nospace(text)
        elif dice < NOISY:
            text = jamo_noise(text, generator)
        noisy.append(Query(text, query.relevant, query.text))
    return tuple(noisy)


def _jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
