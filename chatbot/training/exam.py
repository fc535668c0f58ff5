"""Ask two versions the same and pair what they said. In: two examinees and the material. Out: the gate's checks.

Only what a changed stage can have changed is asked, and only what both can know is compared: intents that both have,
lines that neither was taught with, rows that stand in both indexes. What a version said is kept under
``models/.exam/`` by the content of its files, so that the version in use is asked once.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatbot.corpus import Corpus, read_corpus
from chatbot.dialogue.state import State
from chatbot.dialogue.stories import Story, fits
from chatbot.errors import ModelError, VectorIndexError
from chatbot.training.gate import MOVING, Check, Paired, compare
from chatbot.training.material import Material, asked_row, read_held_out
from chatbot.training.memo import Memo
from chatbot.training.rows import retrieval_rows
from chatbot.training.versions import UNSEALED
from chatbot.types import Response, Utterance

if TYPE_CHECKING:
    from chatbot.dialogue.safety import Safety
    from chatbot.intent.model import IntentModel
    from chatbot.retrieval.retriever import Retriever

# Lines whose latency is measured, and how often each (the quickest counts).
TIMED, REPEATS = 16, 2

# Answers one line of a conversation.
Talk = Callable[[str, State], tuple[Response, State]]


@dataclass(frozen=True)
class Examinee:
    """One version as the exam sees it: its folder, the words it speaks, and how to load what is asked of it.

    `settings` names the code and the configuration that run it: what was said under others is asked again.
    """

    name: str
    folder: Path
    words: Path
    preprocess: Callable[[str], str]
    load_intent: Callable[[Path], IntentModel]
    load_retriever: Callable[[Path], Retriever]
    load_talk: Callable[[], Talk]
    load_safety: Callable[[], Safety]
    settings: str = ""
    memo: Memo = field(default_factory=Memo)

    @cached_property
    def intent(self) -> IntentModel:
        return self.load_intent(self.folder / "intent")

    @cached_property
    def _index(self) -> tuple[frozenset[str], Retriever]:
        retriever = self.load_retriever(self.folder / "retrieval")
        rows = frozenset(retriever.ids())
        retriever.remove({id_ for id_ in rows if asked_row(id_)})
        return rows, retriever

    @property
    def rows(self) -> frozenset[str]:
        """The ids of all rows of the index."""
        return self._index[0]

    @property
    def retriever(self) -> Retriever:
        """The index without the rows that are asked."""
        return self._index[1]

    @cached_property
    def talk(self) -> Talk:
        return self.load_talk()

    @cached_property
    def safety(self) -> Safety:
        return self.load_safety()

    @cached_property
    def corpus(self) -> Corpus:
        return read_corpus(self.words)

    def understood(self, lines: Sequence[str]) -> list[tuple[str, bool]]:
        """(best intent, whether it is believed) of each line."""

        def ask(missing: Sequence[str]) -> list[list[Any]]:
            said = [Utterance(line, self.preprocess(line)) for line in missing]
            return [[scores.best.intent, scores.accepted] for scores in self.intent.classify(said)]

        section = self._section("intent", self.folder / "intent", self.words / "lexicon")
        return [(name, accepted) for name, accepted in self.memo.through(section, lines, ask)]

    def found(self, lines: Sequence[str]) -> list[tuple[str, str]]:
        """(id, text) of the best row for each line."""

        def ask(missing: Sequence[str]) -> list[list[str]]:
            hits = self.retriever.search([self.preprocess(line) for line in missing], 1)
            return [[some[0].id, some[0].row.text] if some else ["", ""] for some in hits]

        section = self._section("retrieval", self.folder / "retrieval", self.words / "lexicon")
        return [(id_, text) for id_, text in self.memo.through(section, lines, ask)]

    def played(self, stories: Sequence[Story]) -> list[list[tuple[bool, str]]]:
        """For each turn of each story: whether the reply fits, and what it was."""
        lines = {repr((story.title, story.turns)): story for story in stories}

        def ask(missing: Sequence[str]) -> list[Any]:
            return [_play(lines[line], self.talk) for line in missing]

        section = self._section("stories", self.folder, self.words)
        return [[(fit, said) for fit, said in turns] for turns in self.memo.through(section, list(lines), ask)]

    def kinds(self, lines: Sequence[str]) -> list[str]:
        """What the safety layer takes each line for ("none": it stays silent)."""
        from chatbot.text.normalize import normalize

        verdicts = [self.safety.check(line, normalize(line)) for line in lines]
        return [verdict.kind if verdict else "none" for verdict in verdicts]

    def _section(self, name: str, *folders: Path) -> str:
        return f"{name}-{content(folders, self.settings)}"


def content(folders: Iterable[Path], also: str = "") -> str:
    """A hash over the files of folders, wherever the folders stand."""
    digest = hashlib.sha256(also.encode())
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name not in UNSEALED:
                digest.update(f"{path.relative_to(folder)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:20]


def _play(story: Story, talk: Talk) -> list[list[Any]]:
    state, turns = State(story.title), []
    for said, wanted in story.turns:
        response, state = talk(said, state)
        turns.append([fits(response, wanted), f"{response.source} {response.intent}: {response.reply}"])
    return turns


def examine(
    before: Examinee, after: Examinee, corpus: Corpus, material: Material, changed: Sequence[str]
) -> tuple[tuple[Check, ...], tuple[str, ...]]:
    """The checks of everything that `changed` (stages, and "words") can have made worse, and notes for a person.

    A version in use that cannot be opened (built with another analyzer or encoder) says nothing against the new one.

    Raises
    ------
    ModelError, VectorIndexError
        when the new version itself cannot be opened.
    """
    checks: list[Check] = []
    notes: list[str] = []
    try:
        if "intent" in changed:
            checks += _intents(before, after, material, notes)
        if "retrieval" in changed:
            checks += _retrieval(before, after, corpus, material)
        checks.append(_stories(before, after, material.stories, material.seed))
        checks.append(_latency(before, after, material, changed))
    except (ModelError, VectorIndexError) as error:
        _ = after.intent, after.rows, after.talk
        notes.append(f"지금 판({before.name})을 열 수 없어 다 견주지는 못했습니다: {error}")
    checks.append(_safety(before, after, material.safety))
    return tuple(checks), tuple(notes)


# What a version understood of a line: the best intent, and whether it is believed.
Understood = tuple[str, bool]


def _intents(before: Examinee, after: Examinee, material: Material, notes: list[str]) -> list[Check]:
    fair = _fair(before, after, notes)
    rounds = {
        "intents": [(text, label, text) for text, label in material.held_out],
        "nospace": material.noisy("nospace"),
        "jamo": material.noisy("jamo"),
    }
    checks = []
    for name, lines in rounds.items():
        asked = [(text, label) for text, label, clean in lines if fair(clean, label)]
        checks.append(_understand(name, before, after, asked, lambda said, label: said[0] == label, material.seed))
        if name == "intents":
            both = (before, after, asked, lambda said, label: said == (label, True), material.seed, MOVING)
            checks.append(_understand("answered", *both))
    strangers = [(text, "-") for text in material.strangers]
    refuse = (before, after, strangers, lambda said, label: not said[1], material.seed, MOVING)
    return [*checks, _understand("out_of_domain", *refuse)]


def _fair(before: Examinee, after: Examinee, notes: list[str]) -> Callable[[str, str], bool]:
    """Whether a held-out line may be asked of both: both know its intent, nobody moved it, none was taught with it."""
    shared = set(before.intent.labels) & set(after.intent.labels)
    old_labels = _labels(before)
    # The model's own memory speaks louder than the folder it was taught from, which may have changed since.
    memory, kept = before.intent.memory, read_held_out(before.folder / "intent")
    old_labels |= {text: before.intent.labels[n] for text, n in zip(memory.texts, memory.labels, strict=True)}
    old_labels |= kept or {}
    taught = set(memory.texts) | (set(old_labels) - set(kept) if kept is not None else set())
    new_labels = _labels(after)
    moved = [line for line, label in new_labels.items() if old_labels.get(line, label) != label]
    if moved:
        notes.append(
            f"예문 {len(new_labels)}개 가운데 {len(moved)}개가 전과 다른 의도 아래에 있습니다 (견줄 때는 뺍니다): "
            + ", ".join(f"{line} ({old_labels[line]} → {new_labels[line]})" for line in moved[:3])
        )
    new_only = sorted(set(after.intent.labels) - shared)
    if new_only:
        notes.append(f"전 판이 모르는 의도 {len(new_only)}개는 견주지 않습니다: {', '.join(new_only[:5])}")
    unfair = taught | set(moved)
    return lambda line, label: label in shared and before.preprocess(line) not in unfair


def _labels(one: Examinee) -> dict[str, str]:
    return {one.preprocess(line): intent.name for intent in one.corpus.intents for line in intent.examples}


def _understand(
    name: str,
    before: Examinee,
    after: Examinee,
    asked: Sequence[tuple[str, str]],
    right: Callable[[Understood, str], bool],
    seed: int,
    slack: float = 0.0,
) -> Check:
    texts = [text for text, _ in asked]
    marks = [
        Paired(text, label, float(right(old, label)), float(right(new, label)), _intent(*old), _intent(*new))
        for (text, label), old, new in zip(asked, before.understood(texts), after.understood(texts), strict=True)
    ]
    return compare(name, marks, seed=seed, slack=slack)


def _intent(name: str, accepted: bool) -> str:
    return name if accepted else f"({name})"


def _retrieval(before: Examinee, after: Examinee, corpus: Corpus, material: Material) -> list[Check]:
    both = before.rows & after.rows
    taught = {row.id: row for row in retrieval_rows(corpus, after.preprocess)}
    questions = [(row.text, id_.split(":")[1]) for id_, row in taught.items() if asked_row(id_) and id_ in both]
    left = {id_.split(":")[1] for id_ in both if id_.startswith("k:") and not asked_row(id_)}
    questions = [(text, entry) for text, entry in questions if entry in left]
    rows = {row.text: id_ for id_, row in taught.items() if id_.startswith("c:") and id_ in both}
    chat = [(text, rows.get(after.preprocess(original), "")) for text, original in material.paraphrases]
    return [
        _find("retrieval", before, after, questions, lambda id_: id_.split(":")[1] if id_[:2] == "k:" else id_),
        _find("chat", before, after, [(text, id_) for text, id_ in chat if id_], lambda id_: id_),
    ]


def _find(
    name: str, before: Examinee, after: Examinee, asked: Sequence[tuple[str, str]], means: Callable[[str], str]
) -> Check:
    texts = [text for text, _ in asked]
    marks = [
        Paired(text, wanted, float(means(old[0]) == wanted), float(means(new[0]) == wanted), old[1], new[1])
        for (text, wanted), old, new in zip(asked, before.found(texts), after.found(texts), strict=True)
    ]
    return compare(name, marks)


def _stories(before: Examinee, after: Examinee, stories: Sequence[Story], seed: int) -> Check:
    if not stories:
        return compare("stories", [], note="corpus/stories/에 모범 대화가 없음")
    marks = [
        Paired(said, wanted, float(old[0]), float(new[0]), old[1], new[1])
        for story, first, second in zip(stories, before.played(stories), after.played(stories), strict=True)
        for (said, wanted), old, new in zip(story.turns, first, second, strict=True)
    ]
    return compare("stories", marks, seed=seed)


def _safety(before: Examinee, after: Examinee, lines: Sequence[tuple[str, str]]) -> Check:
    same = content([before.words / "lexicon"]) == content([after.words / "lexicon"])
    now = after.kinds([text for text, _ in lines])
    then = now if same else before.kinds([text for text, _ in lines])
    marks = [
        Paired(text, kind, float(old == kind), float(new == kind), old, new)
        for (text, kind), old, new in zip(lines, then, now, strict=True)
    ]
    return compare("safety", marks, rule="none")


def _latency(before: Examinee, after: Examinee, material: Material, changed: Sequence[str]) -> Check:
    """Milliseconds a line in the parts that changed, both versions in turn; the rest of a reply is the same code."""
    lines = [said for story in material.stories for said, _ in story.turns] or [text for text, _ in material.held_out]
    ways: Mapping[str, Callable[[Examinee, str], object]] = {
        "intent": lambda one, line: one.intent.classify([Utterance(line, one.preprocess(line))]),
        "retrieval": lambda one, line: one.retriever.search([one.preprocess(line)], 5),
        "responder": lambda one, line: one.talk(line, State(line)),
    }
    asked = [ways[stage] for stage in changed if stage in ways]
    if not asked:
        return compare("latency", [], rule="latency", unit="ms", note="걸리는 시간이 달라질 것이 없음")
    for one in (before, after):  # what loads at first use
        _milliseconds(one, lines[0], asked)
    marks = []
    for line in lines[:TIMED]:
        took = [(_milliseconds(before, line, asked), _milliseconds(after, line, asked)) for _ in range(REPEATS)]
        marks.append(Paired(line, "", min(old for old, _ in took), min(new for _, new in took)))
    return compare("latency", marks, rule="latency", unit="ms")


def _milliseconds(one: Examinee, line: str, ways: Sequence[Callable[[Examinee, str], object]]) -> float:
    started = time.perf_counter()
    for way in ways:
        way(one, line)
    return (time.perf_counter() - started) * 1000
