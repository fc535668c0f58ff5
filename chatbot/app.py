"""The one place that builds objects from config: backends by name, the models of a version, the bot.

In: a `Loaded` config. Out: a `Bot` that adapters talk to, or a finished training run. Heavy libraries are imported
where an object is built.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from chatbot import config as configuration
from chatbot.config import Config, Loaded
from chatbot.corpus import Corpus, read_corpus
from chatbot.dialogue.bot import Bot, Brain
from chatbot.errors import ChatbotError, ConfigError, MissingExtraError, ModelError, VectorIndexError
from chatbot.seams import Analyzer, IntentClassifier, Responder
from chatbot.store import MemoryStore, Store
from chatbot.training.versions import Version, Versions, read_version
from chatbot.types import SpeechLevel

if TYPE_CHECKING:
    from chatbot.dialogue.engine import Polisher, Speaker
    from chatbot.dialogue.phrases import Phrases
    from chatbot.dialogue.safety import Safety
    from chatbot.retrieval.embed import Embedder
    from chatbot.retrieval.passages import AddReport
    from chatbot.text.preprocess import Preprocessor
    from chatbot.training.pipeline import Progress, Run
    from chatbot.training.stages import Recipe, Step

log = logging.getLogger(__name__)

PRETRAINED = Path(__file__).resolve().parent / "pretrained"
ENCODER = PRETRAINED / "encoder"
SHIPPED = "pretrained"


def _kiwi(dictionary: Path | None) -> Analyzer:
    from chatbot.text.kiwi import KiwiAnalyzer

    return KiwiAnalyzer(dictionary)


def _konlpy(class_name: str) -> Callable[[Path | None], Analyzer]:
    def build(dictionary: Path | None) -> Analyzer:
        from chatbot.text import konlpy

        analyzer: Analyzer = getattr(konlpy, class_name)(dictionary)
        return analyzer

    return build


ANALYZERS: Mapping[str, Callable[[Path | None], Analyzer]] = {
    "kiwi": _kiwi,
    "okt": _konlpy("OktAnalyzer"),
    "komoran": _konlpy("KomoranAnalyzer"),
    "hannanum": _konlpy("HannanumAnalyzer"),
    "kkma": _konlpy("KkmaAnalyzer"),
    "mecab": _konlpy("MecabAnalyzer"),
}


def load(path: Path | str | None = None) -> Bot:
    """The bot that config `path` describes; see `chatbot.load`."""
    return build_bot(configuration.load(path))


def build_bot(loaded: Loaded, *, remember: bool = True) -> Bot:
    """A bot over the models in use. Without `remember` nothing is written to disk."""
    store = open_store(loaded) if remember else MemoryStore()
    versions = Versions(loaded.models_dir)
    return Bot(
        store=store,
        load_brain=lambda: load_brain(loaded, versions, store),
        current=versions.current,
        history_turns=loaded.config.dialogue.history_turns,
    )


def open_store(loaded: Loaded) -> Store:
    """The database of conversations, brought to the newest form, without what is older than the config keeps."""
    from chatbot.dialogue.privacy import mask
    from chatbot.store.sql import SqlStore

    if not loaded.config.store.url:
        loaded.data_dir.mkdir(parents=True, exist_ok=True)
    store = SqlStore(loaded.store_url, mask=mask)
    if loaded.config.store.retention_days:
        store.purge(loaded.config.store.retention_days)
    return store


def serve_telegram(loaded: Loaded) -> None:
    """Talk on Telegram until the process is told to stop.

    Raises
    ------
    ConfigError
        when no token is set.
    MissingExtraError
        when the extra ``telegram`` is not installed.
    """
    try:
        from chatbot.adapters import telegram
    except ImportError as error:
        raise MissingExtraError("python-telegram-bot", "telegram") from error
    secrets = configuration.Secrets()
    token = secrets.telegram_bot_token.get_secret_value() if secrets.telegram_bot_token else ""
    if not token:
        raise ConfigError("TELEGRAM_BOT_TOKEN is not set; ask @BotFather for a token and put it into .env")
    values = loaded.config.telegram
    hook, secret = values.webhook, secrets.telegram_webhook_secret
    settings = telegram.Settings(
        api_url=values.api_url,
        allowed_chats=frozenset(values.allowed_chats),
        allowed_users=frozenset(values.allowed_users),
        messages_per_minute=values.messages_per_minute,
        queue_size=values.queue_size,
        workers=values.workers,
        webhook_url=hook.url,
        webhook_listen=hook.listen,
        webhook_port=hook.port,
        webhook_path=hook.path,
        webhook_secret=secret.get_secret_value() if secret else "",
        certificate=hook.certificate,
        key=hook.key,
    )
    bot = build_bot(loaded)
    _ = bot.brain
    telegram.run(bot, token, settings)


def load_brain(loaded: Loaded, versions: Versions, store: Store) -> Brain:
    """The version in use; when it is damaged, the newest sound one before it, else the weights that ship.

    Raises
    ------
    ModelError
        when not even the shipped weights can be used.
    """
    notes: list[str] = []
    for version in _candidates(versions, notes):
        try:
            return _brain(loaded, version, store, tuple(notes))
        except (ModelError, VectorIndexError) as error:
            log.warning("version %s cannot be used: %s", version.name, error)
            notes.append(f"{version.name}: {error}")
    raise ModelError("no usable version:\n" + "\n".join(notes))


def _candidates(versions: Versions, notes: list[str]) -> Iterator[Version]:
    """The version in use, the ones before it, the shipped one: each verified when its turn comes."""
    current = versions.current()
    names = versions.names()
    before = [name for name in reversed(names) if current and name < current]
    for name in [current, *before] if current else []:
        try:
            yield versions.open(name)
        except ModelError as error:
            log.warning("%s", error)
            notes.append(str(error))
    yield read_version(PRETRAINED, verify=False)


def _brain(loaded: Loaded, version: Version, store: Store, notes: tuple[str, ...]) -> Brain:
    from chatbot.dialogue.engine import Engine
    from chatbot.dialogue.phrases import Phrases
    from chatbot.dialogue.state import State
    from chatbot.retrieval.responder import RetrievalResponder
    from chatbot.retrieval.retriever import Retriever

    config = loaded.config
    taught = version.path / "corpus"
    corpus_dir = taught if taught.is_dir() else configuration.packaged("corpus")
    corpus = read_corpus(corpus_dir)
    parts = Parts.of(loaded, corpus_dir)
    classifier = _classifier(version.path / "intent")
    retriever = Retriever.load(version.path / "retrieval", parts.analyzer, parts.encoder, config.retrieval.flat_limit)
    generator, generator_threshold = RESPONDERS[config.responder.kind](
        config, version.path / "responder", parts.safety
    )
    phrases = Phrases.load(corpus_dir / "phrases.yaml", config.bot.name)
    speakers = _speakers(
        config,
        corpus,
        phrases,
        parts,
        store,
        retrieval_threshold=config.retrieval.threshold or retriever.threshold,
        generator_threshold=config.responder.threshold or generator_threshold,
    )
    engine = Engine(
        speakers=speakers,
        classifier=classifier,
        retriever=RetrievalResponder(retriever, top_k=config.retrieval.top_k, stale_days=config.retrieval.stale_days),
        generator=generator,
        polish=_polish(parts, phrases),
        level=SpeechLevel(config.bot.speech_level),
        clock=lambda: datetime.now().astimezone(),
        history_turns=config.dialogue.history_turns,
    )
    # Analyzers and indexes load at first use; better now than in somebody's first message.
    engine.respond(parts.preprocess.utterance("안녕하세요"), State("warm-up"))
    return Brain(version.name, parts.preprocess.utterance, engine, phrases, notes)


@dataclass(frozen=True)
class Parts:
    """What every version shares as long as its lexicon is the same."""

    preprocess: Preprocessor
    analyzer: Analyzer
    encoder: Embedder
    safety: Safety

    @classmethod
    def of(cls, loaded: Loaded, corpus_dir: Path) -> Parts:
        from chatbot.dialogue.safety import Safety

        lexicon = corpus_dir / "lexicon"
        return cls(
            preprocess=preprocessor(loaded.config, lexicon),
            analyzer=analyzer(loaded.config.text.analyzer, lexicon),
            encoder=encoder(),
            safety=Safety.load(lexicon),
        )


def preprocessor(config: Config, lexicon: Path) -> Preprocessor:
    """The one way from typed text to what models read."""
    from chatbot.text.preprocess import Preprocessor
    from chatbot.text.typing_repair import TypingRepair

    repair = TypingRepair.load(lexicon) if config.text.repair_typing else None
    return Preprocessor(config.text.max_length, repair)


def analyzer(name: str, lexicon: Path) -> Analyzer:
    """The morphological analyzer of config key ``text.analyzer``."""
    dictionary = lexicon / "user_dictionary.tsv"
    return ANALYZERS[name](dictionary if dictionary.is_file() else None)


@cache
def encoder() -> Embedder:
    """The encoder of the dense view of retrieval, loaded once."""
    from chatbot.retrieval.evaluate import default_embedder

    return default_embedder()


def _classifier(folder: Path) -> IntentClassifier:
    from chatbot.intent.model import IntentModel

    return IntentModel.load(folder)


# A generating responder and the threshold it was calibrated with.
Generating = tuple[Responder | None, float]


def _seq2seq(config: Config, folder: Path, safety: Safety) -> Generating:
    from chatbot.seq2seq.generator import Generator, SearchSettings
    from chatbot.seq2seq.responder import Seq2SeqResponder
    from chatbot.text.typing_repair import feeling_of

    if not folder.is_dir():
        return None, 1.0
    search = config.responder.search.model_dump()
    seconds = search.pop("time_limit_ms") / 1000
    generator = Generator.load(folder, device=config.device)
    responder = Seq2SeqResponder(
        generator,
        threshold=0.0,  # the policy decides, by the calibrated threshold
        settings=SearchSettings(**search, seconds=seconds),
        insults=lambda text: not safety.may_say(text),
        feeling_of=feeling_of,
        level=SpeechLevel(config.bot.speech_level),
    )
    return responder, generator.threshold


def _no_generator(config: Config, folder: Path, safety: Safety) -> Generating:
    return None, 1.0


RESPONDERS: Mapping[str, Callable[[Config, Path, Safety], Generating]] = {
    "seq2seq": _seq2seq,
    "off": _no_generator,
}


def _speakers(
    config: Config,
    corpus: Corpus,
    phrases: Phrases,
    parts: Parts,
    store: Store,
    retrieval_threshold: float,
    generator_threshold: float,
) -> Sequence[Speaker]:
    """Everybody who may answer, in the order of the policy."""
    from chatbot.dialogue import forms, guards, policy, quiz, speakers
    from chatbot.dialogue.correction import CorrectionSpeaker
    from chatbot.dialogue.followups import FollowUpSpeaker
    from chatbot.dialogue.skills import SKILLS
    from chatbot.dialogue.speech_level import SpeechLevelSpeaker
    from chatbot.dialogue.terms import TermSpeaker
    from chatbot.text.typing_repair import feeling_of

    knowledge = {entry.id: entry for entry in corpus.knowledge}
    by_intent = {intent.name: intent.skill for intent in corpus.intents if intent.skill}
    counts = store.reply_counts if config.dialogue.learn_reply_choice else None
    templates = speakers.TemplateSpeaker(corpus.intents, counts)
    return policy.in_order(
        {
            "safety": guards.SafetySpeaker(parts.safety),
            "unreadable": guards.UnreadableSpeaker(phrases, feeling_of),
            "correction": CorrectionSpeaker(phrases),
            "choice": guards.ChoiceSpeaker(phrases),
            "form": forms.FormSpeaker(forms.read_forms(corpus.root / "forms")),
            "speech_level": SpeechLevelSpeaker(phrases),
            "quiz": quiz.QuizSpeaker(quiz.read_quizzes(corpus.root / "quizzes.yaml"), phrases),
            "skill": guards.SkillSpeaker(SKILLS, by_intent),
            "followup": FollowUpSpeaker(knowledge, phrases),
            "term": TermSpeaker(corpus.knowledge),
            "template": templates,
            "retrieval": speakers.RetrievalSpeaker(retrieval_threshold, knowledge),
            "generator": speakers.GeneratorSpeaker(generator_threshold),
            "clarify": speakers.ClarifySpeaker(
                phrases, templates, corpus.intents, knowledge, config.dialogue.clarify_choices
            ),
            "fallback": speakers.FallbackSpeaker(phrases),
        }
    )


def _polish(parts: Parts, phrases: Phrases) -> Polisher:
    from chatbot.dialogue.speech_level import Polish
    from chatbot.text.honorifics import Honorifics
    from chatbot.text.kiwi import KiwiAnalyzer

    # Speech levels need Kiwi whatever the analyzer is; its model is large, so one serves both where it can.
    kiwi = parts.analyzer if isinstance(parts.analyzer, KiwiAnalyzer) else KiwiAnalyzer()
    honorifics = Honorifics(kiwi.kiwi)
    instead = phrases.say("fallback", random.Random(0))
    return Polish(honorifics.render, parts.safety.may_say, instead)


def train(
    loaded: Loaded,
    part: str,
    *,
    dry_run: bool,
    forced: bool,
    seed: int | None,
    wait: bool,
    progress: Progress,
    told: Callable[[Step], None],
) -> Run:
    """Teach `part` ("intent", "retrieval", "responder" or "all") from the corpus in use; see training.pipeline."""
    from chatbot.training.pipeline import teach
    from chatbot.training.stages import STAGES
    from chatbot.training.trainers import Trainers

    corpus = read_corpus(loaded.corpus_dir)
    parts = Parts.of(loaded, loaded.corpus_dir)
    how = recipe(loaded, parts, seed)
    trainers = Trainers(corpus, how, parts.preprocess, parts.analyzer, parts.encoder, ENCODER, progress)
    return teach(
        corpus,
        how,
        Versions(loaded.models_dir),
        read_version(PRETRAINED, verify=False),
        trainers.by_stage(),
        wanted=tuple(stage for stage in STAGES if part in ("all", stage)),
        forced=forced,
        dry_run=dry_run,
        wait=wait,
        told=told,
    )


def add_documents(loaded: Loaded, paths: Sequence[Path], progress: Progress) -> AddReport:
    """Put text, Markdown or crawled files (or folders of them) into what the bot can find, and use it at once.

    Raises
    ------
    CorpusError
        when a file is missing, of another kind, not UTF-8 or empty.
    """
    from chatbot.retrieval.passages import add_files
    from chatbot.retrieval.retriever import Retriever
    from chatbot.text.kiwi import KiwiAnalyzer
    from chatbot.training.pipeline import amend

    parts = Parts.of(loaded, loaded.corpus_dir)
    kiwi = parts.analyzer if isinstance(parts.analyzer, KiwiAnalyzer) else KiwiAnalyzer()
    reports: list[AddReport] = []

    def change(folder: Path) -> None:
        retriever = Retriever.load(folder, parts.analyzer, parts.encoder, loaded.config.retrieval.flat_limit)
        reports.append(add_files(paths, retriever, kiwi.split_sentences, progress))
        retriever.save(folder)

    versions, shipped = Versions(loaded.models_dir), read_version(PRETRAINED, verify=False)
    amend(versions, shipped, configuration.packaged("corpus"), "retrieval", change, "documents added")
    return reports[0]


def explain_reply(loaded: Loaded, question: str, picture: Path | None) -> str:
    """The attention of the generator's reply to `question` as lines for a terminal; with `picture`, drawn as PNG too.

    Raises
    ------
    ModelError
        when the version in use has no generator.
    """
    from chatbot.seq2seq.explain import attention_map, draw_map, terminal_map
    from chatbot.seq2seq.generator import Generator

    versions = Versions(loaded.models_dir)
    name = versions.current()
    folder = (versions.open(name).path if name else PRETRAINED) / "responder"
    if not folder.is_dir():
        raise ModelError(f"{folder}: this version has no generator; run: chatbot train responder")
    words = preprocessor(loaded.config, loaded.corpus_dir / "lexicon")(question)
    drawn = attention_map(Generator.load(folder, device=loaded.config.device), words)
    if picture is not None:
        draw_map(drawn, picture)
    return terminal_map(drawn)


def recipe(loaded: Loaded, parts: Parts, seed: int | None) -> Recipe:
    """How the config says to teach; `seed` overrides its own."""
    from chatbot.training.stages import Recipe

    config = loaded.config
    return Recipe(
        settings={
            "intent": config.intent.model_dump(),
            "retrieval": {"flat_limit": config.retrieval.flat_limit},
            "responder": {**config.responder.seq2seq.model_dump(), "vocab_size": config.text.subword_vocab_size},
        },
        seed=config.training.seed if seed is None else seed,
        held_out=config.training.held_out,
        preprocess=parts.preprocess.fingerprint,
        analyzer=parts.analyzer.name,
        encoder=parts.encoder.fingerprint,
        device=config.device,
    )


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `chatbot doctor`."""

    name: str
    ok: bool
    detail: str


def doctor(loaded: Loaded) -> Iterator[Check]:
    """Whether this installation can talk, and what it would use."""
    yield Check("설정", True, str(loaded.path or "꾸러미의 기본값"))
    yield _check("말뭉치", lambda: _corpus_line(loaded))
    yield _check("형태소 분석기", lambda: _analyzer_line(loaded))
    yield _check("장치", lambda: _device_line(loaded))
    yield _check("저장소", lambda: _store_line(loaded))
    yield from _model_checks(loaded)


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except ChatbotError as error:
        return Check(name, False, str(error))


def _corpus_line(loaded: Loaded) -> str:
    corpus = read_corpus(loaded.corpus_dir)
    examples = sum(len(intent.examples) for intent in corpus.intents)
    return (
        f"{corpus.root}: 의도 {len(corpus.intents)}개(예문 {examples}개), 지식 {len(corpus.knowledge)}개, "
        f"대화 짝 {len(corpus.pairs)}개, 짧은 대화 {len(corpus.dialogues)}개"
    )


def _analyzer_line(loaded: Loaded) -> str:
    name = loaded.config.text.analyzer
    words = [m.form for m in analyzer(name, loaded.corpus_dir / "lexicon").analyze(["한국어를 공부해요"])[0]]
    return f"{name}: 한국어를 공부해요 → {' '.join(words)}"


def _device_line(loaded: Loaded) -> str:
    from chatbot.neural.device import pick_device

    return f"{pick_device(loaded.config.device)} (device: {loaded.config.device})"


def _store_line(loaded: Loaded) -> str:
    store = open_store(loaded)
    store.close()
    return loaded.store_url.split("@")[-1]


def _model_checks(loaded: Loaded) -> Iterator[Check]:
    versions = Versions(loaded.models_dir)
    current = versions.current()
    store = MemoryStore()
    try:
        brain = load_brain(loaded, versions, store)
    except ChatbotError as error:
        yield Check("모델", False, str(error))
        return
    yield Check("모델", brain.version == (current or SHIPPED), f"{brain.version} 판을 씁니다")
    for note in brain.notes:
        yield Check("모델", False, note)
