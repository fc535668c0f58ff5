"""Lessons on names: the same question about another place or day is another question. In: files. Out: `Lesson`s.

Made by rule from Welfare-QA (MIT), the project's knowledge and the slots of MASSIVE (CC BY 4.0): answers become
documents of a named place, and questions ask for that name, for another one or for none; or a noun of a question is
exchanged. What nobody can answer then differs from what somebody can by one word. Never reads a dev or test query.
Knows nothing of features.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chatbot.corpus import Corpus
from chatbot.retrieval.lessons import (
    Lesson,
    Query,
    command_groups,
    knowledge_groups,
    slot_values,
    welfare_answers,
    welfare_groups,
)
from chatbot.retrieval.rows import PASSAGE_KIND, Row
from chatbot.seams import Analyzer
from chatbot.text.noise import jamo_noise, nospace

SLOTS = ("place_name", "business_name", "person", "artist_name")
_INSTITUTIONS = (
    *("도서관", "보건소", "주민센터", "복지관", "구청", "카페", "식당", "병원", "학원", "초등학교", "중학교"),
    *("체육관", "수영장", "박물관", "호텔", "마트", "약국", "공원", "지점"),
)
_SHORT = ("알려 줘", "뭐야?", "신청 어떻게 해?", "언제까지야?", "누가 받을 수 있어?", "얼마나 줘?", "어디로 가면 돼?")
# Shares of documents with a twin of another name, with a day, without a name.
_TAILS = ("얼마야?", "언제야?", "어디야?", "몇 시야?", "알려 줘", "어떻게 해?", "뭐예요?", "언제까지 해요?", "있어?")
_NOUNS = 6  # short questions of each programme about a noun of its document, and as many about other nouns
_BRANCHES, _DATED, _PLAIN = 0.25, 0.5, 0.25
_PROGRAMMES = 80  # so many different matters, at most, somebody tells a bot of
_NOISY = 0.1  # share of queries without spaces; half as many have slips of the finger
_RARE = 40  # a noun that more rows hold says little about what is asked
_HANGUL = re.compile(r"[가-힣]{2,6}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class _Told:
    """A document: its key, name (with what it is), programme, and the day that something happens."""

    key: str
    name: str
    title: str
    day: str = ""


def names(shared: Path, analyzer: Analyzer) -> list[str]:
    """Names of places, businesses, people: values of slots that are one proper noun."""
    values = sorted({value for value in slot_values(shared, SLOTS) if _HANGUL.fullmatch(value)})
    read = analyzer.analyze(values)
    return [value for value, found in zip(values, read, strict=True) if [m.tag for m in found] == ["NNP"]]


def named_lesson(corpus: Corpus, shared: Path, analyzer: Analyzer, seed: int) -> Lesson:
    """A few documents beside all that the bot knows, as their owner has them: questions with their names, with others
    and with none; questions and commands about what no document is about."""
    generator = random.Random(seed)
    pool = names(shared, analyzer)
    titles, asked = welfare_groups(shared)
    told = welfare_answers(shared)
    rows = [Row(f"pair{place}", pair.question, f"pair{place}") for place, pair in enumerate(corpus.pairs)]
    rows += [Row(f"{entry.id}#{place}", text, entry.id) for entry in corpus.knowledge
             for place, text in enumerate((*entry.questions, entry.title))]  # fmt: skip
    queries: list[Query] = []
    chosen = generator.sample(sorted(titles), min(_PROGRAMMES, len(titles) // 2))
    common = _nouns([row.text for row in rows], analyzer)
    nouns = {
        key: {noun for noun, _ in _nouns(told[key][:2], analyzer).items() if common[noun] <= _RARE} for key in titles
    }
    strange = sorted({noun for key in set(titles) - set(chosen) for noun in nouns[key]})
    for key in chosen:
        body = [s for text in dict.fromkeys(told[key][:2]) for s in _SENTENCE.split(text) if s.strip()]
        twins = _documents(key, titles[key], pool, generator)
        for document in twins:
            rows += _rows(document, body, generator)
        for question in asked[key]:
            queries += _asked(twins, question, pool, generator)
        queries += _asked(twins, f"{titles[key]} {generator.choice(_SHORT)}", pool, generator)
        every = frozenset(document.key for document in twins)
        for noun in generator.sample(sorted(nouns[key]), min(_NOUNS, len(nouns[key]))):
            other = generator.choice([one for one in strange if one not in " ".join(body) + titles[key]])
            tail = generator.choice(_TAILS)
            queries += [Query(f"{noun} {tail}", every), Query(f"{other} {tail}", frozenset())]
    others = [question for key in sorted(set(titles) - set(chosen)) for question in asked[key]]
    others += [text for texts in command_groups(shared).values() for text in texts]
    queries += [Query(text, frozenset()) for text in generator.sample(others, min(len(others), len(queries) // 3))]
    return Lesson("named", tuple(rows), tuple(_noised(query, generator) for query in queries))


def _documents(key: str, title: str, pool: Sequence[str], generator: random.Random) -> list[_Told]:
    if generator.random() < _PLAIN:
        return [_Told(key, "", title, _day(generator))]
    kind = generator.choice(_INSTITUTIONS) if generator.random() < 0.7 else ""
    count = 2 if generator.random() < _BRANCHES else 1
    return [
        _Told(f"{key}.{place}", f"{name} {kind}".strip(), title, _day(generator))
        for place, name in enumerate(generator.sample(pool, count))
    ]


def _day(generator: random.Random) -> str:
    """A day, or another thing that is counted."""
    if generator.random() >= _DATED:
        return ""
    if generator.random() < 0.5:
        return f"{generator.randint(1, 12)}월 {generator.randint(1, 28)}일"
    return f"{generator.randint(1, 9)}{generator.choice(('학년', '층', '관', '기', '호', '반', '차'))}"


def _rows(document: _Told, body: Sequence[str], generator: random.Random) -> list[Row]:
    """A name stands in the title or only in the first sentence, a day in a sentence of its own."""
    in_title = generator.random() < 0.5
    title = f"{document.name} {document.title}".strip() if in_title else document.title
    sentences = list(body)
    if document.name and not in_title:
        sentences.insert(0, f"{document.name} {document.title} 안내입니다.")
    if document.day:
        sentences.append(f"{document.day}에 {document.title} 설명회를 엽니다.")
    return [
        Row(f"{document.key}#{place}", f"{title}. {sentence}", document.key, PASSAGE_KIND)
        for place, sentence in enumerate(sentences)
    ]


def _asked(documents: Sequence[_Told], question: str, pool: Sequence[str], generator: random.Random) -> list[Query]:
    """The question with no name, with the document's, and with another one, which nothing answers."""
    one, every = generator.choice(documents), frozenset(document.key for document in documents)
    queries = [Query(question, every, question)]
    if one.name:
        other = generator.choice([name for name in pool if not any(name in document.name for document in documents)])
        kind = one.name.partition(" ")[2] or (generator.choice(_INSTITUTIONS) if generator.random() < 0.3 else "")
        right, wrong = one.name, f"{other} {kind}".strip()
        ask = generator.choice(("{} {}", "{}에서 {}", "{}의 {}", "{}인데 {}", "{} {}"))
        queries += [
            Query(ask.format(right, question), frozenset([one.key]), question),
            Query(ask.format(wrong, question), frozenset(), question),
        ]
    if one.day and generator.random() < 0.5:
        wrong = next(day for day in iter(lambda: _day(generator), None) if day not in ("", one.day))
        ask = generator.choice(("{} {} 설명회 있어?", "{}에 하는 {} 설명회 알려 줘", "{} {} 설명회 어디서 해?"))
        about = one.title
        queries += [
            Query(ask.format(one.day, about), frozenset([one.key]), question),
            Query(ask.format(wrong, about), frozenset(), question),
        ]
    return queries


def exchanged_lesson(corpus: Corpus, shared: Path, analyzer: Analyzer, seed: int, asked: int) -> Lesson:
    """Questions of FAQs and commands, and the same with their rarest noun exchanged, which nothing answers."""
    generator = random.Random(seed)
    _, welfare = welfare_groups(shared)
    groups: dict[str, Sequence[str]] = {f"w:{key}": texts for key, texts in welfare.items()}
    groups |= {f"k:{key}": texts for key, texts in knowledge_groups(corpus).items()}
    groups |= {f"c:{key}": texts for key, texts in command_groups(shared).items() if len(set(texts)) > 1}
    rows: list[Row] = []
    questions: list[tuple[str, str]] = []
    for group, texts in groups.items():
        distinct = list(dict.fromkeys(texts))
        generator.shuffle(distinct)
        rows += [Row(f"{group}#{place}", text, group) for place, text in enumerate(distinct[1:])]
        questions.append((group, distinct[0]))
    counts = _nouns([row.text for row in rows], analyzer)
    pool = sorted(noun for noun, count in counts.items() if 2 <= count <= _RARE and _HANGUL.fullmatch(noun))
    texts_of = {group: " ".join(texts) for group, texts in groups.items()}
    queries: list[Query] = []
    generator.shuffle(questions)
    for group, question in questions:
        if len(queries) >= 2 * asked:
            break
        nouns = [noun for noun in _nouns([question], analyzer) if noun in texts_of[group] and counts[noun] <= _RARE]
        if not nouns:
            continue
        rarest = min(nouns, key=lambda noun: counts[noun])
        others = [noun for noun in pool if _closed(noun) == _closed(rarest) and noun not in texts_of[group]]
        changed = question.replace(rarest, generator.choice(others))
        origin = question if group.startswith("w:") else group[2:]  # by what `material` leaves questions out
        queries += [Query(question, frozenset([group]), origin), Query(changed, frozenset(), origin)]
    return Lesson("exchanged", tuple(rows), tuple(_noised(query, generator) for query in queries))


def _nouns(texts: Sequence[str], analyzer: Analyzer) -> Counter[str]:
    """Nouns of at least two letters and in how many of the texts each stands."""
    found: Counter[str] = Counter()
    for morphemes in analyzer.analyze(texts):
        found.update({m.form for m in morphemes if m.tag in ("NNG", "NNP") and len(m.form) > 1})
    return found


def _closed(word: str) -> bool:
    """Whether its last syllable ends in a consonant: the particle behind it stays right."""
    return (ord(word[-1]) - ord("가")) % 28 > 0


def _noised(query: Query, generator: random.Random) -> Query:
    dice, text = generator.random(), query.text
    if dice < _NOISY:
        text = nospace(text)
    elif dice < 1.5 * _NOISY:  # a slip in a name is another name: too many teach that names say nothing
        text = jamo_noise(text, generator)
    return Query(text, query.relevant, query.origin)
