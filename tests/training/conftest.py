"""A tiny corpus that is really taught, examined and promoted: no stage is played."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes import SplitAnalyzer

from chatbot.config import Config
from chatbot.corpus import read_corpus
from chatbot.dialogue import policy, speakers
from chatbot.dialogue.bot import Bot, Brain
from chatbot.dialogue.engine import Engine
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.safety import Safety
from chatbot.dialogue.state import State
from chatbot.intent.model import IntentModel
from chatbot.retrieval.embed import HashedNgramEmbedder
from chatbot.retrieval.responder import RetrievalResponder
from chatbot.retrieval.retriever import Retriever
from chatbot.store import MemoryStore
from chatbot.text.normalize import normalize
from chatbot.training.exam import Examinee, Talk, examine
from chatbot.training.gate import Gate
from chatbot.training.material import read_material
from chatbot.training.memo import Memo
from chatbot.training.pipeline import Teaching, teach, words_of
from chatbot.training.stages import Recipe, StageName
from chatbot.training.trainers import Trainers
from chatbot.training.versions import Version, Versions, write_manifest
from chatbot.types import SpeechLevel, Utterance

WAYS = ("{} 알려 줘", "{} 알려주세요", "{} 어때", "{} 궁금해", "오늘 {} 말해 줘", "{} 좀 골라 줘", "지금 {} 좀")
THINGS = {
    "weather": ("날씨", "기온", "비 소식", "미세먼지", "바람 세기", "눈 소식", "습도", "자외선"),
    "music": ("노래", "신나는 음악", "가요 순위", "재즈 한 곡", "발라드", "피아노곡", "힙합", "동요"),
    "food": ("점심 메뉴", "맛집", "저녁 반찬", "김치찌개 식당", "야식", "간식", "떡볶이 가게", "샐러드"),
}
FAQ = (
    "- id: {id}\n  title: {title}\n  questions: [{title}이 뭐야?, {title} 설명해 줘, {title} 쉽게 말해 줘]\n"
    "  answer: {answer}\n"
)
SETTINGS = {
    "intent": {**Config().intent.model_dump(), "classifier": "linear", "encoder": "scratch", "augment": False},
    "retrieval": {},
    "responder": {
        "vocab_size": 320, "embedding_size": 11, "hidden_size": 13, "epochs": 1, "augment": False, "patience": 1,
    },
}  # fmt: skip


def write_intent(root: Path, name: str, things: Sequence[str]) -> None:
    lines = "".join(f"  - {way.format(thing)}\n" for thing in things for way in WAYS)
    text = f"intent: {name}\nexamples:\n{lines}replies:\n  - {name} 이야기군요.\n"
    (root / "intents" / f"{name}.yaml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, corpus_dir: Path) -> Path:
    root = tmp_path_factory.mktemp("tiny")
    for part in ("intents", "knowledge", "chat", "stories", "lexicon"):
        (root / part).mkdir()
    for name, things in THINGS.items():
        write_intent(root, name, things)
    entries = [("dropout", "드롭아웃", "뉴런을 무작위로 꺼요."), ("softmax", "소프트맥스", "점수를 확률로 바꿔요.")]
    faq = "".join(FAQ.format(id=id_, title=title, answer=answer) for id_, title, answer in entries)
    (root / "knowledge" / "ml.yaml").write_text(faq, encoding="utf-8")
    pairs = [f"오늘 {n}번째로 피곤해\t{n}번 쉬어 봐요." for n in range(40)]
    (root / "chat" / "talk.tsv").write_text("\n".join(pairs) + "\n", encoding="utf-8")
    turns = "".join(f"> {thing} 알려 줘\n< template {name}\n" for name, all_ in THINGS.items() for thing in all_[:4])
    (root / "stories" / "talk.txt").write_text(f"# 두루\n{turns}", encoding="utf-8")
    for name in ("safety_rules.tsv", "safety_allowed.tsv", "safety_replies.yaml"):
        (root / "lexicon" / name).write_bytes((corpus_dir / "lexicon" / name).read_bytes())
    return root


@dataclass
class School:
    """A corpus, its versions, and how often each stage was taught."""

    root: Path
    models: Path
    settings: dict[str, dict[str, object]] = field(default_factory=lambda: dict(SETTINGS))
    taught: list[str] = field(default_factory=list)

    def write_intent(self, name: str, things: Sequence[str]) -> None:
        write_intent(self.root, name, things)

    @property
    def versions(self) -> Versions:
        return Versions(self.models)

    def shipped(self) -> Version:
        """A base without any stage."""
        folder = self.models.parent / "shipped"
        if not folder.is_dir():
            folder.mkdir()
            write_manifest(folder, {"stages": {}})
        return Version("pretrained", folder, {"stages": {}})

    def work(self, seed: int = 13) -> Teaching:
        corpus = read_corpus(self.root)
        recipe = Recipe(self.settings, seed, 0.15, "normalize", "split", "hashed", device="cpu")  # type: ignore[arg-type]
        analyzer, embedder = SplitAnalyzer(), HashedNgramEmbedder(64)
        trainers = Trainers(corpus, recipe, normalize, analyzer, embedder, Path("none"), lambda *_: None)

        def counted(stage: StageName):  # type: ignore[no-untyped-def]
            def train(target: Path, base: Path | None):  # type: ignore[no-untyped-def]
                self.taught.append(stage)
                return trainers.by_stage()[stage](target, base)

            return train

        def exam(base: Version, name: str, folder: Path, changed: Sequence[str]) -> Gate:
            if not (base.path / "intent").is_dir():
                return Gate(base.name, name, ())
            material = read_material(corpus, normalize, recipe.held_out, seed)
            before, after = (self.examinee(v, analyzer, embedder) for v in (base, Version(name, folder, {})))
            checks, notes = examine(before, after, corpus, material, changed)
            return Gate(base.name, name, checks, notes=notes)

        stages: tuple[StageName, ...] = ("intent", "retrieval", "responder")
        return Teaching(
            corpus, recipe, self.versions, self.shipped(), self.root, {stage: counted(stage) for stage in stages}, exam
        )

    def bot(self) -> Bot:
        """A running bot that follows the promotions of this school."""

        def load() -> Brain:
            version = self.versions.open(str(self.versions.current()))
            retriever = Retriever.load(version.path / "retrieval", SplitAnalyzer(), HashedNgramEmbedder(64))
            engine = engine_of(version, version.path / "corpus", retriever)
            return Brain(
                version.name, lambda raw, session, id_: Utterance(raw, normalize(raw), session, id_), engine, PHRASES
            )

        return Bot(store=MemoryStore(), load_brain=load, current=self.versions.current, history_turns=3)

    def examinee(self, version: Version, analyzer: SplitAnalyzer, embedder: HashedNgramEmbedder) -> Examinee:
        words = words_of(version, self.root)

        def load(folder: Path) -> Retriever:
            return Retriever.load(folder, analyzer, embedder)

        return Examinee(
            version.name,
            version.path,
            words,
            normalize,
            IntentModel.load,
            load,
            lambda: talk(engine_of(version, words, load(version.path / "retrieval"))),
            lambda: Safety.load(words / "lexicon"),
            memo=Memo(self.models / ".exam"),
        )


PHRASES = Phrases(
    {name: ["<fallback>"] for name in ("fallback", "fallback_again", "fallback_answer", "fallback_question")}, "도담"
)


def talk(engine: Engine) -> Talk:
    """Answers line by line."""
    return lambda line, state: engine.respond(Utterance(line, normalize(line), state.session, "x"), State(line))


def engine_of(version: Version, words: Path, retriever: Retriever) -> Engine:
    """The engine with intents, written answers and a fallback."""
    corpus = read_corpus(words)
    return Engine(
        speakers=policy.in_order(
            {
                "template": speakers.TemplateSpeaker(corpus.intents, None, "도담"),
                "retrieval": speakers.RetrievalSpeaker(0.5, {entry.id: entry for entry in corpus.knowledge}),
                "fallback": speakers.FallbackSpeaker(PHRASES),
            }
        ),
        classifier=IntentModel.load(version.path / "intent"),
        retriever=RetrievalResponder(retriever),
        generator=None,
        polish=lambda reply, level: reply,
        level=SpeechLevel.HAEYO,
        clock=lambda: datetime(2026, 11, 21, tzinfo=UTC),
        history_turns=3,
    )


@pytest.fixture
def school(tiny: Path, tmp_path: Path) -> School:
    shutil.copytree(tiny, tmp_path / "corpus")
    return School(tmp_path / "corpus", tmp_path / "models")


@pytest.fixture(scope="session")
def first(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """models/ after a first teaching of the tiny corpus."""
    root = tmp_path_factory.mktemp("first")
    teach(School(tiny, root / "models").work())
    return root / "models"


@pytest.fixture
def taught(school: School, first: Path) -> School:
    """The same, to change at will."""
    shutil.copytree(first, school.models)
    return school
