"""A version's report: the figures agree with each other and with plain counting; the page is whole and fetches
nothing."""

from __future__ import annotations

import html.parser
import json
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

from chatbot.corpus import read_corpus
from chatbot.intent.model import IntentModel
from chatbot.retrieval.embed import HashedNgramEmbedder
from chatbot.retrieval.retriever import Retriever
from chatbot.training import gate as gates
from chatbot.training import rows
from chatbot.training.report.data import Taught, compare
from chatbot.training.report.gate import read_gate
from chatbot.training.report.measure import Subject, as_text, curves_of, measure
from chatbot.training.report.page import FOLDER, render, sayings
from chatbot.training.report.plane import overlaps, plane_of
from chatbot.training.report.understanding import order_of, reliability, worst_block
from chatbot.training.report.values import Report
from chatbot.training.versions import Version, read_version, write_manifest
from chatbot.types import ChatPair, Response, Source

WAYS = (
    "{} 알려 줘",
    "{} 알려주세요",
    "{} 어때",
    "{} 궁금해",
    "오늘 {} 말해 줘",
    "{}는 어떤가요",
    "지금 {} 좀",
    "{}요",
)
THINGS = {
    "weather": ("날씨", "기온", "비 소식", "우산"),
    "music": ("노래", "음악", "발라드", "재즈"),
    "food": ("점심", "맛집", "저녁", "야식"),
}


@pytest.fixture(scope="module")
def corpus_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("corpus")
    (root / "intents").mkdir()
    (root / "knowledge").mkdir()
    for name, things in THINGS.items():
        lines = "".join(f"  - {way.format(thing)}\n" for thing in things for way in WAYS)
        text = f"intent: {name}\ndescription: {name}\nexamples:\n{lines}replies:\n  - 네!\n"
        (root / "intents" / f"{name}.yaml").write_text(text, encoding="utf-8")
    entries = "".join(
        f"- id: e{number}\n  title: {title}\n  questions:\n"
        + "".join(f"    - {title}{ending}\n" for ending in (" 뭐야", "를 설명해 줘", " 뜻", " 예시", " 왜 써"))
        + f"  answer: {title}에 대한 답이에요.\n"
        for number, title in enumerate(("드롭아웃", "어텐션", "정규화", "임베딩", "과적합", "배치", "손실", "토큰화"))
    )
    (root / "knowledge" / "all.yaml").write_text(entries, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def report(corpus_folder: Path, kiwi, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Everything real but small: a linear classifier, a hashed embedder, a generator of two epochs."""
    from chatbot.seq2seq.train import train_responder

    corpus = read_corpus(corpus_folder)
    train, held = rows.split(rows.labelled(corpus.intents, str.strip), 0.25)
    model, _ = IntentModel.train(train, validation=held, classifier="linear", seed=3)
    retriever = Retriever.build(rows.retrieval_rows(corpus, str.strip), kiwi, HashedNgramEmbedder(64))
    pairs = [ChatPair(f"{a} 좋아 😀", f"{b} 좋아요.") for a in "가나다라마바" for b in ("저도", "정말")]
    generator, _ = train_responder(
        pairs, held_out=pairs[:3], vocab_size=300, embedding_size=13, hidden_size=17, epochs=2, augment=False,
        warm_up=2, device="cpu",
    )  # fmt: skip
    epochs = [
        {"epoch": n, "loss": 3.0 / n, "validation_loss": 2.0 / n, "validation_accuracy": 0.1 * n} for n in (1, 2)
    ]
    folder = tmp_path_factory.mktemp("version")
    manifest = {"created": "2026-11-21T00:00:00+00:00", "stages": {"intent": {"metrics": {"curves": epochs * 2}}}}
    subject = Subject(
        version=Version("20261121-000000", folder, manifest),
        corpus=corpus,
        model=model,
        retriever=retriever,
        generator=generator,
        preprocess=str.strip,
        reply=lambda text: Response(text, "네!", Source.TEMPLATE, "시험", latency_ms=float(len(text))),
    )
    return measure(subject, None, "pretrained", seed=3, share=0.25)


def test_the_figures_agree_with_each_other(report: Report) -> None:
    found = report.understanding
    matrix = np.array(found.matrix)
    assert matrix.sum() == found.lines == sum(one.held_out for one in found.classes)
    assert found.accuracy == pytest.approx(np.trace(matrix) / matrix.sum())
    assert sum(one.count for one in found.bins) == found.lines
    assert sum(one.count * one.accuracy for one in found.bins) == pytest.approx(found.accuracy * found.lines)
    assert sorted(found.order) == sorted(THINGS) and set(found.worst) <= set(found.order)
    assert sum(one.count for one in found.confusions) == found.lines - np.trace(matrix)
    for one in found.classes:
        place = found.order.index(one.intent)
        assert one.recall == pytest.approx(matrix[place, place] / matrix[place].sum())
    assert report.strangers is not None
    for shares in (report.strangers.inside, report.strangers.outside):
        assert sum(shares) == pytest.approx(1.0)


def test_no_held_out_line_was_taught(report: Report, corpus_folder: Path) -> None:
    taught = sum(one.examples for one in report.understanding.classes)
    lines = sum(len(intent.examples) for intent in read_corpus(corpus_folder).intents)
    assert taught + report.understanding.lines == lines
    assert report.understanding.leaked == 0


def test_retrieval_is_asked_what_it_does_not_hold(report: Report) -> None:
    found = report.finding
    assert found is not None and 0 < found.questions < found.rows
    assert 0.0 < found.recall_1 <= found.recall_5 <= 1.0
    wrong = round((1 - found.recall_1) * found.questions)
    assert len(found.misses) == min(wrong, 15)
    assert all(miss.place != 1 and miss.wanted != miss.found for miss in found.misses)


def test_latency_is_told_by_who_spoke(report: Report) -> None:
    whole, template = report.pace
    assert (whole.source, template.source) == ("all", "template")
    assert whole.replies == template.replies > 0 and whole.p50 <= whole.p95


def test_attention_rows_sum_to_one(report: Report) -> None:
    assert report.generation is not None and 0 < len(report.generation.replies) <= 10
    for one in report.generation.replies:
        weights = np.array(one.weights)
        assert weights.shape == (len(one.target), len(one.source))
        assert weights.sum(axis=1) == pytest.approx(1.0, abs=1e-3)


def test_voting_networks_have_a_curve_each(report: Report) -> None:
    names = [curve.name for curve in report.curves["intent"]]
    assert names == ["loss"] * 2 + ["validation_loss"] * 2 + ["validation_accuracy"] * 2
    assert all(curve.epochs == (1, 2) for curve in report.curves["intent"])
    assert curves_of({"retrieval": {"metrics": {"rows": 3}}}) == {}


def test_json_holds_the_same_values(report: Report) -> None:
    values = json.loads(as_text(report))
    assert values["understanding"]["accuracy"] == pytest.approx(report.understanding.accuracy, abs=1e-4)
    assert len(values["plane"]["points"]) == len(report.plane.points)
    assert set(values) == set(Report.__dataclass_fields__)


class Page(html.parser.HTMLParser):
    """What a page links to, and its ids."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src", "xlink:href", "srcset", "action"):
                self.links.append(value or "")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_is_whole_and_fetches_nothing(report: Report, language: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a glyph that the font lacks is a warning of matplotlib
        text = render(report, language)
    page = Page()
    page.feed(text)
    assert all(link.startswith(("#", "data:")) for link in page.links)
    assert not re.search(r"url\((?!#)", text) and "<script" not in text
    anchors = {link[1:] for link in page.links if link.startswith("#")}
    assert anchors <= set(page.ids)
    assert {"gate", "matrix", "strangers", "finding", "attention", "plane", "pace"} <= set(page.ids)
    words = "".join(page.text)
    assert not re.search(r"\{\w+\}", words) and "None" not in words
    assert sayings(language)("page.title") in words
    assert text.count("<svg") >= 8


def test_both_languages_say_the_same_things() -> None:
    import yaml

    korean, english = (yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")) for name in ("ko", "en"))
    assert korean.keys() == english.keys()
    for key, text in korean.items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", english[key])), key
    assert {f"check.{name}" for name in gates.TITLES} == {key for key in english if key.startswith("check.")}


def test_a_report_written_again_damages_no_version(tmp_path: Path) -> None:
    """Reports come after the version is sealed, and again whenever somebody asks."""
    (tmp_path / "model.bin").write_text("weights", encoding="utf-8")
    (tmp_path / "report.html").write_text("first", encoding="utf-8")
    write_manifest(tmp_path, {"seed": 1})
    (tmp_path / "report.html").write_text("second", encoding="utf-8")
    assert set(read_version(tmp_path).manifest["files"]) == {"model.bin"}


def test_reliability_counts_what_falls_into_a_bin() -> None:
    bins = reliability(np.array([0.05, 0.91, 0.95, 1.0]), np.array([False, True, True, False]))
    assert [(one.low, one.count) for one in bins] == [(0.0, 1), (0.9, 3)]
    assert bins[1].accuracy == pytest.approx(2 / 3)


def test_confused_intents_stand_side_by_side() -> None:
    matrix = np.eye(7, dtype=np.int64) * 9
    matrix[0, 5], matrix[5, 0], matrix[2, 6] = 4, 3, 2
    order = order_of(matrix)
    assert sorted(order) == list(range(7))
    assert abs(order.index(0) - order.index(5)) == 1 and abs(order.index(2) - order.index(6)) == 1
    assert {0, 5} <= set(worst_block(matrix, order, 3))


def test_overlap_finds_the_pair_that_mingles() -> None:
    dice = np.random.default_rng(5)
    middles = np.eye(3, 11, dtype=np.float32)
    middles[1] = middles[0]  # the first two intents lie upon each other
    labels = np.repeat([0, 1, 2], 13)
    vectors = middles[labels] + 0.05 * dice.standard_normal((39, 11)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [f"줄 {number}" for number in range(39)]
    pair = overlaps(texts, labels, vectors, ("a", "b", "c"))
    assert [(one.first, one.second) for one in pair] == [("a", "b")]
    assert 0.2 < pair[0].share <= 1.0 and len(pair[0].points) == 26
    plane = plane_of(texts, labels.tolist(), vectors, ("a", "b", "c"), seed=1)
    assert len(plane.points) == 39 and len(plane.clusters) == 3 and 0.9 < plane.explained <= 1.0


def test_what_came_and_went_since_the_version_before() -> None:
    before = Taught({"a": frozenset({"하나", "둘"}), "gone": frozenset({"셋"})}, 3, 1, 4, ["k:1", "c:1"], None)
    now = Taught({"a": frozenset({"하나", "넷"}), "new": frozenset({"다섯"})}, 3, 1, 4, ["k:1", "d:1"], 7)
    data = compare(now, before)
    assert {change.intent: (change.kind, change.added, change.removed) for change in data.changes} == {
        "a": ("changed", 1, 1),
        "new": ("new", 1, 0),
        "gone": ("gone", 0, 1),
    }
    counts = {count.name: (count.now, count.before) for count in data.counts}
    assert counts["chat"] == (0, 1) and counts["passages"] == (1, 0) and counts["pairs"] == (7, None)
    assert compare(now, None).changes == ()


def test_the_gate_is_read_as_the_gate_writes_it(tmp_path: Path, report: Report) -> None:
    marks = [gates.Paired(f"줄 {n}", "a", 1.0, float(n > 20), "a", "b") for n in range(40)]
    checks = (gates.compare("intents", marks), gates.compare("stories", [], note="모범 대화가 없음"))
    said = gates.Gate("pretrained", "20261121-000000", checks)
    (tmp_path / "gate.json").write_text(json.dumps(said.as_json(), ensure_ascii=False), encoding="utf-8")
    gate = read_gate(tmp_path / "gate.json")
    assert gate is not None and not gate.passed
    assert [(row.lines, row.before, row.passed) for row in gate.rows] == [(40, "100.0%", False), (0, "", True)]
    assert gate.rows[0].difference.startswith("−") and gate.worse[0][1:] == ("a", "a", "b")
    import dataclasses

    assert "모범 대화가 없음" in render(dataclasses.replace(report, gate=gate))
    (tmp_path / "gate.json").write_text('{"checks": 3}', encoding="utf-8")
    assert read_gate(tmp_path / "gate.json") is None and read_gate(tmp_path / "nothing.json") is None
