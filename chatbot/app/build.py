"""The bot from config: the version in use, its speakers in the order of the policy, its store.

In: a `Loaded` config. Out: a `Bot` that adapters talk to. Heavy libraries are imported where an object is built.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatbot import config as configuration
from chatbot.app.opening import open_store
from chatbot.app.parts import PRETRAINED, RESPONDERS, Parts
from chatbot.app.threads import one_thread_each
from chatbot.config import Config, Loaded
from chatbot.corpus import Corpus, read_corpus
from chatbot.dialogue.bot import Bot, Brain
from chatbot.errors import MissingExtraError, ModelError, VectorIndexError
from chatbot.neural.together import Crowd
from chatbot.seams import IntentClassifier, Responder
from chatbot.store import MemoryStore, Store
from chatbot.training.versions import Version, Versions, read_version
from chatbot.types import SpeechLevel

if TYPE_CHECKING:
    from chatbot.dialogue.engine import Polisher, Speaker
    from chatbot.dialogue.phrases import Phrases
    from chatbot.dialogue.skills import Skill
    from chatbot.intent.tagger import Tagger
    from chatbot.retrieval.retriever import Retriever

log = logging.getLogger(__name__)


def load(path: Path | str | None = None) -> Bot:
    """The bot that config `path` describes; see `chatbot.load`."""
    return build_bot(configuration.load(path))


def build_bot(loaded: Loaded, *, remember: bool = True, store: Store | None = None) -> Bot:
    """A bot over the models in use. It remembers in `store`, by default the database of the config; without `remember`
    nothing is written to disk.
    """
    store = store or (open_store(loaded) if remember else MemoryStore())
    versions = Versions(loaded.models_dir)
    crowd = Crowd()
    return Bot(
        store=store,
        load_brain=lambda: load_brain(loaded, versions, store, crowd),
        current=versions.current,
        history_turns=loaded.config.dialogue.history_turns,
        crowd=crowd,
    )


def load_brain(loaded: Loaded, versions: Versions, store: Store, crowd: Crowd | None = None) -> Brain:
    """The version in use; when it is damaged, the newest sound one before it, else the weights that ship.
    `crowd` counts the replies that are being thought out at the same time.

    Raises
    ------
    ModelError
        when not even the shipped weights can be used.
    """
    one_thread_each()
    notes: list[str] = []
    for version in _candidates(versions, notes):
        try:
            return brain_of(loaded, version, store, tuple(notes), crowd=crowd)
        except (ModelError, VectorIndexError) as error:
            log.warning("version %s cannot be used: %s", version.name, error)
            notes.append(f"{version.name}: {error}")
    raise ModelError("no usable version:\n" + "\n".join(notes))


def _candidates(versions: Versions, notes: list[str]) -> Iterator[Version]:
    """The version in use, the ones before it, the shipped one: each verified when its turn comes."""
    current = versions.current()
    for name in [current, *versions.earlier()] if current else []:
        try:
            yield versions.open(name)
        except ModelError as error:
            log.warning("%s", error)
            notes.append(str(error))
    yield read_version(PRETRAINED, verify=False)


def brain_of(
    loaded: Loaded,
    version: Version,
    store: Store,
    notes: tuple[str, ...] = (),
    parts: Parts | None = None,
    crowd: Crowd | None = None,
) -> Brain:
    """What `version` knows; `parts` spares loading what it shares with another version of the same lexicon."""
    from chatbot.dialogue.engine import Engine
    from chatbot.dialogue.guards import LongPreface
    from chatbot.dialogue.phrases import Phrases
    from chatbot.dialogue.skills.news import NewsSkill
    from chatbot.dialogue.state import State
    from chatbot.dialogue.why import labels_of
    from chatbot.retrieval.responder import RetrievalResponder
    from chatbot.retrieval.retriever import Retriever
    from chatbot.retrieval.rows import PASSAGE_KIND
    from chatbot.retrieval.verbatim import VerbatimResponder

    config = loaded.config
    taught = version.path / "corpus"
    corpus_dir = taught if taught.is_dir() else configuration.packaged("corpus")
    corpus = read_corpus(corpus_dir)
    parts = parts or Parts.of(loaded, corpus_dir)
    classifier = _classifier(version.path / "intent", parts, crowd)
    retriever = Retriever.load(version.path / "retrieval", parts.analyzer, parts.encoder, config.retrieval.flat_limit)
    generator, generator_threshold, missing = _generator(config, version.path / "responder", parts, retriever)
    notes += missing
    phrases = Phrases.load(
        corpus_dir / "phrases.yaml", config.bot.name, defaults=configuration.packaged("corpus") / "phrases.yaml"
    )
    kiwi = _kiwi(parts)
    speakers = _speakers(
        config,
        corpus,
        phrases,
        parts,
        kiwi,
        store,
        NewsSkill(loaded.corpus_dir / "crawled", config.retrieval.stale_days),
        VerbatimResponder(retriever.rows, [example for intent in corpus.intents for example in intent.examples]),
        retrieval_threshold=config.retrieval.threshold or retriever.threshold,
        generator_threshold=config.responder.threshold or generator_threshold,
        documents=retriever.rows.holds(PASSAGE_KIND),
    )
    engine = Engine(
        speakers=speakers,
        classifier=classifier,
        retriever=RetrievalResponder(retriever, top_k=config.retrieval.top_k, stale_days=config.retrieval.stale_days),
        generator=generator,
        polish=_polish(kiwi, parts, phrases),
        level=SpeechLevel(config.bot.speech_level),
        clock=lambda: datetime.now().astimezone(),
        history_turns=config.dialogue.history_turns,
        preface=LongPreface(phrases, config.text.max_length),
    )
    # Analyzers and indexes load at first use; better now than in somebody's first message.
    engine.respond(parts.preprocess.utterance("안녕하세요"), State("warm-up"))
    read, labels = parts.preprocess.utterance, labels_of(corpus.intents)
    return Brain(version.name, read, engine, phrases, labels, notes, parts.safety.urgent)


def _generator(
    config: Config, folder: Path, parts: Parts, retriever: Retriever
) -> tuple[Responder | None, float, tuple[str, ...]]:
    """The responder that config names, its threshold, and what there is to say of it: where a causal language model is
    out of reach, the bot's own responder speaks.
    """
    kind = config.responder.kind
    try:
        return *RESPONDERS[kind](config, folder, parts.safety, retriever), ()
    except (ModelError, MissingExtraError) as error:
        if kind != "causal_lm":
            raise
        note = f"{error}; until then responder.kind seq2seq speaks"
        log.warning("%s", note)
        return *RESPONDERS["seq2seq"](config, folder, parts.safety, retriever), (note,)


def _classifier(folder: Path, parts: Parts, crowd: Crowd | None) -> IntentClassifier:
    from chatbot.intent.model import IntentModel
    from chatbot.intent.together import TogetherClassifier

    return TogetherClassifier(IntentModel.load(folder, parts.words), crowd)


def _latin_known(corpus: Corpus, parts: Parts) -> frozenset[str]:
    """The Latin words that somebody may say to the bot: those of its corpus, and those never read as Hangul."""
    from chatbot.dialogue.gibberish import latin_words

    texts = [example for intent in corpus.intents for example in intent.examples]
    texts += [pair.question for pair in corpus.pairs]
    texts += [text for entry in corpus.knowledge for text in (entry.title, *entry.questions, entry.answer)]
    keyboard = parts.preprocess.repair.keyboard if parts.preprocess.repair else None
    return latin_words(texts) | (keyboard.keep if keyboard else frozenset())


def _speakers(
    config: Config,
    corpus: Corpus,
    phrases: Phrases,
    parts: Parts,
    kiwi: Any,
    store: Store,
    news: Skill,
    verbatim: Responder,
    retrieval_threshold: float,
    generator_threshold: float,
    documents: bool,
) -> Sequence[Speaker]:
    """Everybody who may answer, in the order of the policy."""
    from chatbot.dialogue import forms, guards, policy, quiz, speakers
    from chatbot.dialogue.aftercare import AftercareSpeaker
    from chatbot.dialogue.another import AnotherSpeaker
    from chatbot.dialogue.aspects import AspectSpeaker
    from chatbot.dialogue.careful import Careful
    from chatbot.dialogue.choosing import ChoiceSpeaker
    from chatbot.dialogue.context import ContextSpeaker
    from chatbot.dialogue.correction import CorrectionSpeaker
    from chatbot.dialogue.documents import DocumentSpeaker, Matters
    from chatbot.dialogue.echo import Echo
    from chatbot.dialogue.followups import FollowUpSpeaker
    from chatbot.dialogue.names import NameSpeaker
    from chatbot.dialogue.nouns import NounsAlone
    from chatbot.dialogue.prohibition import ProhibitionSpeaker
    from chatbot.dialogue.skills import SKILLS
    from chatbot.dialogue.skills.clock import of_something_else
    from chatbot.dialogue.slots import NamedSlots
    from chatbot.dialogue.speech_level import SpeechLevelSpeaker
    from chatbot.dialogue.terms import TermSpeaker
    from chatbot.dialogue.titles import TitlesNear
    from chatbot.dialogue.tone import Tone
    from chatbot.dialogue.written import WrittenSpeaker
    from chatbot.text.typing_repair import feeling_of

    knowledge = {entry.id: entry for entry in corpus.knowledge}
    by_intent = {intent.name: intent.skill for intent in corpus.intents if intent.skill}
    counts = store.reply_counts if config.dialogue.learn_reply_choice else None
    named = NamedSlots(_tagger, kiwi, parts.words)
    templates = speakers.TemplateSpeaker(
        corpus.intents,
        counts,
        config.bot.name,
        named,
        bare=NounsAlone(parts.analyzer),
        beside=lambda intent, text: by_intent.get(intent) == "clock" and of_something_else(text),
    )
    retrieval = speakers.RetrievalSpeaker(retrieval_threshold, knowledge)
    followups = FollowUpSpeaker(knowledge, phrases)
    clarify = speakers.ClarifySpeaker(
        phrases,
        templates,
        corpus.intents,
        knowledge,
        config.dialogue.clarify_choices,
        TitlesNear(corpus.knowledge, NounsAlone(parts.analyzer)),
    )
    ailing = parts.safety.on_ailment
    written = WrittenSpeaker(verbatim)
    skills = guards.SkillSpeaker({**SKILLS, "news": news}, by_intent, written)
    return policy.in_order(
        {
            "safety": guards.SafetySpeaker(parts.safety),
            "unreadable": guards.UnreadableSpeaker(phrases, feeling_of, _latin_known(corpus, parts)),
            "correction": CorrectionSpeaker(phrases),
            "choice": ChoiceSpeaker(phrases, templates.propose),
            "prohibition": ProhibitionSpeaker(phrases),
            "form": forms.FormSpeaker(
                forms.read_forms(corpus.root / "forms", configuration.packaged("corpus") / "forms"), parts.analyzer
            ),
            "name": NameSpeaker(phrases, parts.analyzer),
            "speech_level": SpeechLevelSpeaker(phrases, SpeechLevel(config.bot.speech_level)),
            "quiz": quiz.QuizSpeaker(quiz.read_quizzes(corpus.root / "quizzes.yaml"), phrases),
            "document": DocumentSpeaker(
                retrieval,
                Matters(parts.analyzer),
                documents,
                [example for intent in corpus.intents for example in intent.examples],
            ),
            "skill": skills,
            "followup": followups,
            "aspect": AspectSpeaker(knowledge, retrieval, phrases),
            "another": AnotherSpeaker(templates, retrieval, skills),
            "term": TermSpeaker(corpus.knowledge),
            "aftercare": AftercareSpeaker(phrases),
            "context": ContextSpeaker(knowledge, retrieval, followups, phrases, parts.analyzer),
            "written": written,
            "template": Careful(templates, ailing),
            "torn": Careful(speakers.TornSpeaker(clarify), ailing),
            "retrieval": Careful(retrieval, ailing),
            "generator": Careful(speakers.GeneratorSpeaker(generator_threshold), ailing),
            "clarify": Careful(clarify, ailing),
            "fallback": Careful(speakers.FallbackSpeaker(phrases, Tone(_feeling(parts)), Echo(kiwi)), ailing),
        }
    )


def _kiwi(parts: Parts) -> Any:
    """Speech levels and echoes need Kiwi whatever the analyzer is; its model is large, so one serves where it can."""
    from chatbot.text.kiwi import KiwiAnalyzer

    analyzer = parts.analyzer if isinstance(parts.analyzer, KiwiAnalyzer) else KiwiAnalyzer()
    return analyzer.kiwi


def _feeling(parts: Parts) -> Callable[[str], float]:
    """The sentiment head, read at first need; without it nothing is felt."""
    from chatbot.intent.sentiment import Sentiment
    from chatbot.neural.encoder import SentenceEncoder

    shared = parts.encoder if isinstance(parts.encoder, SentenceEncoder) else None

    @cache
    def head() -> Sentiment | None:
        try:
            return Sentiment.load(PRETRAINED / "sentiment", shared)
        except ModelError as error:
            log.warning("the mood is not read: %s", error)
            return None

    def feeling(text: str) -> float:
        sentiment = head()
        return sentiment.score([text])[0] if sentiment else 0.0

    return feeling


@cache
def _tagger() -> Tagger | None:
    """The slot tagger, read at first need; without it no reply takes up what was named."""
    from chatbot.intent import tagger

    try:
        return tagger.Tagger.load(PRETRAINED / "tagger")
    except ModelError as error:
        log.warning("no slots are read: %s", error)
        return None


def _polish(kiwi: Any, parts: Parts, phrases: Phrases) -> Polisher:
    from chatbot.dialogue.speech_level import Polish
    from chatbot.text.honorifics import Honorifics

    honorifics = Honorifics(kiwi)
    instead = phrases.say("fallback", random.Random(0))
    return Polish(honorifics.render, honorifics.levels, parts.safety.may_say, instead)
