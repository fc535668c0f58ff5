"""Groups are found in what was not understood, named by what tells them, and written as intents; what is suggested
for labelling is doubtful, common and varied."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from chatbot.corpus.read import read_intent
from chatbot.errors import CorpusError
from chatbot.training.accept import write_group
from chatbot.training.discover import Group, discover, telling
from chatbot.training.suggest import suggest
from chatbot.types import Response, Source, Turn, Utterance

TOPICS = {"강아지": 11, "택시": 7, "피아노": 5}


def spread(sizes: list[int], strays: int, dim: int = 23) -> tuple[np.ndarray, list[int]]:
    """Unit vectors in tight groups far from each other, then strays; and the group of each (-1)."""
    dice = np.random.default_rng(7)
    middles = dice.standard_normal((len(sizes), dim))
    rows = [middles[n] + 0.15 * dice.standard_normal(dim) for n, size in enumerate(sizes) for _ in range(size)]
    rows += [dice.standard_normal(dim) for _ in range(strays)]
    vectors = np.array(rows, dtype=np.float32)
    labels = [n for n, size in enumerate(sizes) for _ in range(size)] + [-1] * strays
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), labels


def test_groups_are_found_and_named_by_their_words() -> None:
    vectors, labels = spread(list(TOPICS.values()), 2)
    names = list(TOPICS)
    words = [[names[label], "좋다"] if label >= 0 else ["좋다", f"딴말{n}"] for n, label in enumerate(labels)]
    texts = [f"{' '.join(some)} {n}" for n, some in enumerate(words)]
    found = discover(texts, vectors, words, seed=3)
    assert [(group.name.split("_")[0], len(group.texts)) for group in found.groups[:3]] == list(TOPICS.items())
    for group in found.groups[:3]:
        assert len({labels[place] for place in group.places}) == 1, "lines of one topic alone"
        assert [texts[place] for place in group.places] == list(group.texts)
        assert "좋다" not in [word for word, _ in group.words], "what all say tells nothing"
        assert group.tightness > 0.8
    everything = sorted([*found.loose, *(place for group in found.groups for place in group.places)])
    assert everything == list(range(len(texts))), "every text is in one group or in none"
    assert set(found.tried) == {"kmeans", "gmm", "dbscan", "hdbscan"}
    assert found.silhouette == max(found.tried.values())


@pytest.mark.parametrize("count", [0, 1, 5])
def test_too_few_texts_make_no_group(count: int) -> None:
    found = discover([f"말 {n}" for n in range(count)], np.eye(7, dtype=np.float32)[:count], [["말"]] * count)
    assert found.groups == () and found.loose == tuple(range(count))


def test_equal_texts_do_no_harm() -> None:
    vectors = np.tile(np.eye(1, 7, dtype=np.float32), (9, 1))
    found = discover(["같은 말"] * 9, vectors, [["같다"]] * 9)
    assert len(found.groups) <= 1


def test_a_telling_word_is_frequent_here_and_rare_elsewhere() -> None:
    own = [["우산", "오늘"], ["우산", "비"], ["우산"], ["비", "오늘"]]
    others = [["오늘", "영화"]] * 9
    ranked = [word for word, _ in telling(own, others)]
    assert ranked[:2] == ["우산", "비"] and "오늘" not in ranked


def test_suggestions_are_doubtful_common_and_varied() -> None:
    vectors, _ = spread([6, 5], 0)
    texts = [f"말 {n}" for n in range(11)]
    # The first group is doubtful, and so is one line of the second; the others are sure.
    probabilities = np.array([[0.5, 0.4, 0.1]] * 6 + [[0.98, 0.01, 0.01]] * 4 + [[0.45, 0.45, 0.1]])
    chosen = suggest(texts, probabilities, ("a", "b", "c"), vectors, count=3)
    assert [one.place < 6 for one in chosen[:2]].count(True) == 1, "one of the first group, then another topic"
    assert 10 in [one.place for one in chosen[:2]]
    assert chosen[0].score >= chosen[1].score >= chosen[2].score
    assert {chosen[0].first, chosen[0].second} <= {"a", "b"}
    assert suggest([], np.zeros((0, 3)), ("a", "b", "c"), np.zeros((0, 5), dtype=np.float32)) == []


def test_a_group_becomes_an_intent_or_joins_one(tmp_path: Path) -> None:
    (tmp_path / "intents").mkdir()
    group = Group(("강아지 귀여워", "강아지 산책 갔어", "강아지 귀여워"), (0, 1, 2), (("강아지", 3.0),), 0.9)
    diff = write_group(tmp_path, group, "pet_talk", ("강아지 이야기네요.",))
    assert "+intent: pet_talk" in diff
    written = read_intent(tmp_path / "intents" / "pet_talk.yaml")
    assert written.examples == ("강아지 귀여워", "강아지 산책 갔어") and written.replies == ("강아지 이야기네요.",)
    more = Group(("고양이 털 날려",), (0,), (), 0.9)
    assert "+  - 고양이 털 날려" in write_group(tmp_path, more, "pet_talk", ())
    with pytest.raises(CorpusError, match="stands under pet_talk"):
        write_group(tmp_path, more, "other", ("네",))
    assert not (tmp_path / "intents" / "other.yaml").exists()


class Project:
    """A folder of one's own with a config and a small corpus, and a store with turns that were not understood."""

    LINES = ("강아지 산책 언제 시켜", "강아지 산책 시키는 법", "강아지 산책 몇 번 시켜", "강아지 산책 매일 시켜야 해",
             "택시 지금 불러 줘", "택시 빨리 불러 줘", "택시 한 대 불러 줘", "택시 불러 주세요")  # fmt: skip

    def __init__(self, root: Path, lexicon: Path) -> None:
        from chatbot.store.sql import SqlStore

        self.root, self.intents = root, root / "corpus" / "intents"
        self.intents.mkdir(parents=True)
        (root / "corpus" / "lexicon").symlink_to(lexicon)
        for name, line in (("greeting", "안녕"), ("farewell", "잘 가")):
            text = f"intent: {name}\nexamples:\n  - {line}\n  - {line}요\nreplies:\n  - 네!\n"
            (self.intents / f"{name}.yaml").write_text(text, encoding="utf-8")
        (root / "config.yaml").write_text("bot:\n  name: 도담\n", encoding="utf-8")
        (root / "data").mkdir()
        store = SqlStore(f"sqlite:///{root / 'data' / 'chatbot.db'}")
        for number, line in enumerate((*self.LINES, "안녕")):
            said = Utterance(line, line, "s", f"u{number}")
            source = Source.CLARIFY if number % 3 == 0 else Source.FALLBACK
            store.append(Turn(said, Response(line, "잘 모르겠어요.", source, "시험", id=f"r{number}")))
        store.close()

    def run(self, *arguments: str) -> str:
        from chatbot.cli import app

        result = CliRunner().invoke(app, ["--config", str(self.root / "config.yaml"), "corpus", *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout


@pytest.mark.slow
def test_from_conversations_to_a_new_intent(tmp_path: Path, corpus_dir: Path) -> None:
    project = Project(tmp_path, corpus_dir / "lexicon")
    found = json.loads(project.run("discover", "--json"))
    texts = [set(group["texts"]) for group in found["groups"]]
    assert sorted(map(len, texts)) == [4, 4] and found["loose"] == []
    assert all(len({text.split()[0] for text in group}) == 1 for group in texts)
    taxi = next(group for group in found["groups"] if "택시 지금 불러 줘" in group["texts"])
    assert "택시" in [word for word, _ in taxi["words"]]

    suggested = json.loads(project.run("suggest", "--json"))
    assert {one["text"] for one in suggested} == set(Project.LINES), "what the corpus holds is not suggested"

    preview = project.run("discover", "--accept", str(taxi["number"]), "--name", "taxi", "--dry-run")
    assert "+intent: taxi" in preview and not (project.intents / "taxi.yaml").exists()
    project.run("discover", "--accept", str(taxi["number"]), "--name", "taxi")
    written = read_intent(project.intents / "taxi.yaml")
    assert set(written.examples) == set(taxi["texts"]) and "택시 이야기네요" in written.replies[0]
    assert json.loads(project.run("discover", "--json"))["groups"] == [], "what was written is not found again"
