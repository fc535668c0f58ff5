"""What the columns of public Korean data sets mean. In: a table. Out: rows of our fields. Writes nothing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chatbot.corpus.importers_read import Table
from chatbot.errors import CorpusError

Row = dict[str, str]

# Our fields a kind needs, the optional ones behind them.
FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "intents": (("text", "intent"), ("reply", "annotated", "partition")),
    "chat": (("question", "answer"), ("partition",)),
    "knowledge": (("question", "answer"), ("title", "id", "source", "partition")),
    "paraphrases": (("first", "second", "score"), ("partition",)),
}
# How people call the columns, compared without case.
ALIASES: dict[str, tuple[str, ...]] = {
    "text": ("text", "utt", "utterance", "sentence", "document", "question", "query", "문장", "발화", "질문", "예문"),
    "intent": ("intent", "label", "class", "category", "의도", "라벨", "분류"),
    "reply": ("reply", "response", "응답"),
    "question": ("question", "q", "query", "user", "질문", "질의", "물음"),
    "answer": ("answer", "a", "response", "reply", "bot", "답변", "답", "대답", "응답"),
    "title": ("title", "제목", "표제"),
    "id": ("id", "doc_id", "번호"),
    "source": ("source", "출처"),
    "annotated": ("annot_utt",),
    "partition": ("partition", "split"),
    "first": ("sentence1", "sentence_1", "text1", "문장1"),
    "second": ("sentence2", "sentence_2", "text2", "문장2"),
    "score": ("score", "labels.real-label", "labels.label", "similarity", "점수"),
}
# The numbers of 3i4K (Cho et al. 2018, "Speech intention understanding in a head-final language"), table 1.
SPEECH_ACTS = {
    "0": "fragment",
    "1": "statement",
    "2": "question",
    "3": "command",
    "4": "rhetorical_question",
    "5": "rhetorical_command",
    "6": "intonation_dependent",
}
# A particle cut off from the slot before it: "[time : 아홉 시] 에 깨워줘".
_PARTICLES = "에서|에게|에는|에|을|를|이|가|은|는|으로|로|부터|까지|의|와|과|랑|도|만|한테|보다"
_CUT_OFF = re.compile(rf"\[[^\]:]+ : (?P<slot>[^\]]+?)\s*\]\s+(?P<particle>{_PARTICLES})(?=\s|$)")
_SLOT = re.compile(r"\[[^\]:]+ : (?P<slot>[^\]]+?)\s*\]")
_ENTITY_TAGS = re.compile(r"(?:O|[BIES]-[A-Z_]+)(?: (?:O|[BIES]-[A-Z_]+))*")


@dataclass(frozen=True, slots=True)
class Format:
    """A data set's form: what kind it becomes, where its fields stand, and the meaning of its labels."""

    name: str
    kind: str
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    mend: Callable[[Row, Table], Row] | None = None


def _join_particles(row: Row, _: Table) -> Row:
    """MASSIVE's utterance without the spaces between a slot and its particle."""
    annotated = row.get("annotated", "")
    if not _CUT_OFF.search(annotated):
        return row
    return {**row, "text": _SLOT.sub(r"\g<slot>", _CUT_OFF.sub(r"\g<slot>\g<particle>", annotated))}


def _kochat(row: Row, table: Table) -> Row:
    """Kochat's raw files hold entity tags as labels, and their name is the intent."""
    return {**row, "intent": table.path.stem} if _ENTITY_TAGS.fullmatch(row["intent"]) else row


FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format("chatbot_data", "chat", {"question": ("q",), "answer": ("a",)}),
        Format("nsmc", "intents", {"text": ("document",), "intent": ("label",)}, {"0": "negative", "1": "positive"}),
        Format("massive", "intents", {"text": ("utt", "text"), "intent": ("intent",)}, mend=_join_particles),
        Format("3i4k", "intents", {"text": ("text",), "intent": ("label",)}, SPEECH_ACTS, header=("label", "text")),
        Format("sts", "paraphrases"),
        Format("rasa", "intents"),
        Format("kochat", "intents", {"text": ("question",), "intent": ("label",)}, mend=_kochat),
        Format("plain", ""),
    )
}


def detect(table: Table) -> Format:
    """The format that a table's columns give away, else "plain"."""
    names = {column.lower() for column in table.columns}
    if table.path.suffix.lower() in (".yml", ".yaml"):
        return FORMATS["rasa"]
    for needed, name in (
        ({"q", "a"}, "chatbot_data"),
        ({"id", "document", "label"}, "nsmc"),
        ({"intent", "annot_utt"}, "massive"),
        ({"sentence1", "sentence2"}, "sts"),
    ):
        if needed <= names:
            return FORMATS[name]
    return FORMATS["kochat"] if names == {"question", "label"} else FORMATS["plain"]


def kind_of(form: Format, table: Table, mapping: Mapping[str, str]) -> str:
    """What the rows become: intents, chat, knowledge or paraphrases; of a plain table by its fields."""
    if form.kind:
        return form.kind
    known = {name for name in ALIASES if name in mapping or _column(table, ALIASES[name])}
    for kind, needed in (
        ("paraphrases", {"first", "second", "score"}),
        ("knowledge", {"question", "answer", "title"}),
        ("chat", {"question", "answer"}),
        ("intents", {"text", "intent"}),
    ):
        if set(mapping) <= set(sum(FIELDS[kind], ())) and needed <= known:
            return kind
    raise CorpusError(
        f"{table.path}:1: cannot tell what the columns are (found: {', '.join(table.columns)}); name them, "
        "such as --map text=질문 --map intent=분류, or --map question=질문 --map answer=답변"
    )


def columns_of(form: Format, kind: str, table: Table, mapping: Mapping[str, str]) -> dict[str, str]:
    """Our field -> the table's column.

    Raises
    ------
    CorpusError
        when a needed column is missing, or `mapping` names a field or a column that there is not.
    """
    needed, optional = FIELDS[kind]
    for name, column in mapping.items():
        if name not in needed + optional:
            raise CorpusError(f"{name}={column}: no field {name} for {kind}; allowed: {', '.join(needed + optional)}")
        if column not in table.columns:
            near = difflib.get_close_matches(column, table.columns, 1, 0.4)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            raise CorpusError(f"{table.path}:1: no column {column!r}; found: {', '.join(table.columns)}{meant}")
    found = {}
    for name in needed + optional:
        column = mapping.get(name) or _column(table, form.columns.get(name, ALIASES[name]))
        if column:
            found[name] = column
        elif name in needed:
            names = ", ".join(form.columns.get(name, ALIASES[name]))
            raise CorpusError(
                f"{table.path}:1: no column for {name} (looked for: {names}; found: {', '.join(table.columns)}); "
                f"name it: --map {name}=COLUMN"
            )
    return found


def _column(table: Table, names: tuple[str, ...]) -> str:
    """The first of `names` that is a column of the table, compared without case; else an empty string."""
    columns = {column.lower(): column for column in reversed(table.columns)}
    return next((columns[name] for name in names if name in columns), "")
