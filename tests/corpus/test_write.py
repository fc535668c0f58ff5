"""Writing into a corpus: only the new lines change, comments stay, a bad result is never written."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.corpus.read import read_corpus, read_intent, read_knowledge, read_pairs
from chatbot.corpus.write import add_examples, add_intent, add_knowledge, add_pairs, scalar, write_text
from chatbot.errors import CorpusError
from chatbot.types import ChatPair, Intent, KnowledgeEntry

HARD = [
    "콜론: 뒤",
    "# 우물",
    "- 줄표",
    "123",
    "true",
    "null",
    "[대괄호",
    "{중괄호}",
    "'따옴표",
    '"큰',
    "@골뱅이",
    "ㅇㅇ #1",
    "?",
    "~",
]


def test_examples_are_added_where_they_belong(corpus: Path) -> None:
    path = corpus / "intents" / "thanks.yaml"
    before = path.read_text(encoding="utf-8")
    diff = add_examples(corpus, "thanks", ["새로운  말이야", "고마워", "새로운 말이야", "콜론: 뒤"])
    assert path.read_text(encoding="utf-8") == before.replace(
        "  - 와 살았다\n", '  - 와 살았다\n  - 새로운 말이야\n  - "콜론: 뒤"\n'
    )
    assert [line for line in diff.splitlines() if line.startswith(("+ ", "- "))] == [
        "+  - 새로운 말이야",
        '+  - "콜론: 뒤"',
    ]
    assert add_examples(corpus, "thanks", ["새로운 말이야"]) == ""


def test_an_example_of_another_intent_is_refused(corpus: Path) -> None:
    before = (corpus / "intents" / "thanks.yaml").read_bytes()
    with pytest.raises(CorpusError, match="stands under bye"):
        add_examples(corpus, "thanks", ["새 말", "이만 갈게요"])
    with pytest.raises(CorpusError, match="did you mean thanks"):
        add_examples(corpus, "thank", ["새 말"])
    assert (corpus / "intents" / "thanks.yaml").read_bytes() == before


def test_a_list_in_brackets_is_named(corpus: Path) -> None:
    (corpus / "intents" / "flow.yaml").write_text("intent: flow\nexamples: [가나, 다라]\nreplies: [네요]\n", "utf-8")
    with pytest.raises(CorpusError, match=r"flow\.yaml:2: examples stands in brackets"):
        add_examples(corpus, "flow", ["마바"])


@pytest.mark.parametrize("text", HARD)
def test_any_text_survives_as_a_yaml_scalar(corpus: Path, text: str) -> None:
    add_examples(corpus, "thanks", [text])
    assert read_intent(corpus / "intents" / "thanks.yaml").examples[-1] == text
    assert "\n" not in scalar(text)


def test_a_new_intent_reads_back_as_it_was(corpus: Path) -> None:
    intent = Intent("새_의도", "설명: 하나", ("가", "나: 다"), ("라요.",), skill="clock", contrasts=("bye",))
    diff = add_intent(corpus, intent)
    assert diff.startswith("--- /dev/null")
    assert read_intent(corpus / "intents" / "새_의도.yaml") == intent
    with pytest.raises(CorpusError, match="exists already"):
        add_intent(corpus, intent)
    with pytest.raises(CorpusError, match="cannot name"):
        add_intent(corpus, Intent("../escape", "", ("가", "나"), ("다요",)))


def test_an_intent_that_could_not_be_read_is_not_written(corpus: Path) -> None:
    with pytest.raises(CorpusError, match=r"small\.yaml:2: examples holds 1 lines"):
        add_intent(corpus, Intent("small", "", ("하나",), ("네요",)))
    assert {path.name for path in (corpus / "intents").iterdir()} == {"thanks.yaml", "bye.yaml"}


def test_knowledge_is_appended(corpus: Path) -> None:
    entry = KnowledgeEntry(
        "adam", "아담", ("아담이 뭐야?",), "옵티마이저: 하나예요.", why="빨라서요.", related=("dropout",)
    )
    add_knowledge(corpus, "basics", [entry])
    add_knowledge(corpus, "fresh", [KnowledgeEntry("sgd", "확률적 경사하강법", ("SGD?",), "한 걸음씩 내려가요.")])
    entries = list(read_knowledge(corpus / "knowledge" / "basics.yaml"))
    assert [item.id for item in entries] == ["dropout", "adam"]
    assert (entries[1].answer, entries[1].why, entries[1].related) == (entry.answer, entry.why, entry.related)
    assert len(read_corpus(corpus).knowledge) == 3
    with pytest.raises(CorpusError, match="'adam' stands already"):
        add_knowledge(corpus, "other", [entry])
    assert not (corpus / "knowledge" / "other.yaml").exists()


def test_pairs_are_appended_on_one_line_each(corpus: Path) -> None:
    diff = add_pairs(
        corpus, "day", [ChatPair("탭\t둘", "줄\n바꿈"), ChatPair("#우물", "네요"), ChatPair("#우물", "네요")]
    )
    pairs = [(pair.question, pair.answer) for pair in read_pairs(corpus / "chat" / "day.tsv")]
    assert pairs[-2:] == [("탭 둘", "줄 바꿈"), ("#우물", "네요")]
    assert diff.count("\n+") == 3  # the header of the new file and two pairs
    before = (corpus / "chat" / "day.tsv").read_bytes()
    with pytest.raises(CorpusError, match="expected question<TAB>answer"):
        add_pairs(corpus, "day", [ChatPair("답이 없는 말", " ")])
    assert (corpus / "chat" / "day.tsv").read_bytes() == before


def test_writing_keeps_the_mode_and_leaves_no_sibling(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("옛것")
    path.chmod(0o640)
    write_text(path, "새것\n")
    assert path.read_text(encoding="utf-8") == "새것\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(CorpusError, match="cannot be written"):
        write_text(tmp_path / "file.txt" / "below", "x")
