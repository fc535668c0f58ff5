"""Backends by name, and what every version shares. In: config. Out: analyzers, encoder, safety, generators."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from chatbot.config import Config, Loaded
from chatbot.seams import Analyzer, Responder
from chatbot.types import SpeechLevel

if TYPE_CHECKING:
    from chatbot.dialogue.safety import Safety
    from chatbot.neural.meanings import Words
    from chatbot.retrieval.embed import Embedder
    from chatbot.retrieval.retriever import Retriever
    from chatbot.text.preprocess import Preprocessor

PRETRAINED = Path(__file__).resolve().parent.parent / "pretrained"
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


@dataclass(frozen=True)
class Parts:
    """What every version shares as long as its lexicon is the same."""

    preprocess: Preprocessor
    analyzer: Analyzer
    encoder: Embedder
    safety: Safety
    words: Words

    @classmethod
    def of(cls, loaded: Loaded, corpus_dir: Path) -> Parts:
        """The parts for a corpus; those of an equal lexicon are shared, so that a running bot takes a version fast."""
        lexicon = corpus_dir / "lexicon"
        key = f"{loaded.config.text.model_dump_json()} {_content(lexicon)}"
        with _LOADING:
            known = _KEPT.get(key) or cls._load(loaded, lexicon)
            _KEPT.clear()  # one is enough: versions of two lexicons rarely take turns
            _KEPT[key] = known
        return known

    @classmethod
    def _load(cls, loaded: Loaded, lexicon: Path) -> Parts:
        from chatbot.dialogue.safety import Safety

        morphemes = analyzer(loaded.config.text.analyzer, lexicon)
        meant = words(morphemes)
        return cls(
            preprocess=preprocessor(loaded.config, lexicon, morphemes),
            analyzer=morphemes,
            encoder=encoder(),
            safety=Safety.load(lexicon, PRETRAINED, meant),
            words=meant,
        )


_KEPT: dict[str, Parts] = {}
_LOADING = threading.Lock()


def _content(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*")):
        if path.is_file():
            digest.update(f"{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def preprocessor(config: Config, lexicon: Path, morphemes: Analyzer | None = None) -> Preprocessor:
    """The one way from typed text to what models read. Spaces are Kiwi's matter, whatever the analyzer is."""
    from chatbot.text.kiwi import KiwiAnalyzer
    from chatbot.text.preprocess import Preprocessor
    from chatbot.text.spacing import Spacing
    from chatbot.text.typing_repair import TypingRepair

    if not config.text.repair_typing:
        return Preprocessor(config.text.max_length)
    kiwi = morphemes if isinstance(morphemes, KiwiAnalyzer) else KiwiAnalyzer(_user_dictionary(lexicon))
    return Preprocessor(config.text.max_length, TypingRepair.load(lexicon), Spacing.load(lexicon, kiwi))


def analyzer(name: str, lexicon: Path) -> Analyzer:
    """The morphological analyzer of config key ``text.analyzer``."""
    return ANALYZERS[name](_user_dictionary(lexicon))


def _user_dictionary(lexicon: Path) -> Path | None:
    path = lexicon / "user_dictionary.tsv"
    return path if path.is_file() else None


def words(morphemes: Analyzer) -> Words:
    """Morphemes and what they mean, for the intent model: Kiwi's, whatever the analyzer is."""
    from chatbot.neural.meanings import Words
    from chatbot.text.kiwi import KiwiAnalyzer

    return Words.shipped(morphemes if isinstance(morphemes, KiwiAnalyzer) else None)


@cache
def encoder() -> Embedder:
    """The encoder of the dense view of retrieval, loaded once."""
    from chatbot.retrieval.evaluate import default_embedder

    return default_embedder()


# Found texts that a causal language model is given to answer from.
PASSAGES = 3
# A generating responder and the threshold it was calibrated with.
Generating = tuple[Responder | None, float]


def _seq2seq(config: Config, folder: Path, safety: Safety, retriever: Retriever) -> Generating:
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


def _causal_lm(config: Config, folder: Path, safety: Safety, retriever: Retriever) -> Generating:
    from chatbot.seq2seq.causal_lm import CausalLMResponder, load_causal_lm

    values = config.responder.causal_lm
    responder = CausalLMResponder(
        load_causal_lm(values.model, config.device),
        bot_name=config.bot.name,
        passages=lambda text: [hit.row.answer or hit.row.text for hit in retriever.search([text], PASSAGES)[0]],
        max_new_tokens=values.max_new_tokens,
        insults=lambda text: not safety.may_say(text),
    )
    return responder, responder.threshold


def _no_generator(config: Config, folder: Path, safety: Safety, retriever: Retriever) -> Generating:
    return None, 1.0


RESPONDERS: Mapping[str, Callable[[Config, Path, Safety, Retriever], Generating]] = {
    "seq2seq": _seq2seq,
    "causal_lm": _causal_lm,
    "off": _no_generator,
}
