"""KoNLPy's analyzers behind the Analyzer seam: Okt, Komoran, Hannanum, Kkma, and mecab-ko.

In: text; out: Morphemes under Sejong tags, the native tag kept. The extra ``konlpy`` brings them (GPL-3.0). Everything
is loaded at first use. The user dictionary works with Okt (words can be added, not taken back while the process
lives), Komoran and mecab-ko; KoNLPy gives no way to hand one to Hannanum or Kkma.
"""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from chatbot.errors import CorpusError, MissingExtraError
from chatbot.text import jvm
from chatbot.text.jamo import has_batchim
from chatbot.text.sejong import to_sejong
from chatbot.text.spans import align
from chatbot.text.user_dictionary import DictionaryEntry, read_user_dictionary
from chatbot.types import Morpheme

# Java counts UTF-16 units and cuts emoji in half; one ordinary sign in their place keeps the offsets true.
_STAND_IN = "☺"
_OUTSIDE_BMP = re.compile("[\ud800-\udfff\U00010000-\U0010ffff]")
_WHITE = re.compile(r"\s")
_JAMO_BORDER = re.compile(r"(?<=[^\sㄱ-ㅎㅏ-ㅣ])(?=[ㄱ-ㅎㅏ-ㅣ])|(?<=[ㄱ-ㅎㅏ-ㅣ])(?=[^\sㄱ-ㅎㅏ-ㅣ])")
# Hannanum takes 안녕? and 갔어욬ㅋ for nouns, so it gets words, jamo and marks one by one.
_WORDS_AND_MARKS = re.compile(r"[^\W_ㄱ-ㅎㅏ-ㅣ]+(?:[.,]\d+)*|[ㄱ-ㅎㅏ-ㅣ]+|[^\w\s]+|_+")
# Kkma takes 0.1 s for 16 syllables without a space, 0.5 s for 100 and 6 s for 300 (konlpy issue 73).
_LONGEST_FOR_KKMA = 30

# Off the cost of a word of one's own for each of its characters, so that mecab keeps it whole and prefers the longer
# of two such words; an ordinary word costs 1,000 to 5,000.
_MECAB_BONUS = 2000

_Found = tuple[str, str, int, int]  # form, native tag, start, end


class _Analyzer:
    """The part that all share: texts in, one locked call each, native tags brought under Sejong's."""

    name = ""
    supports_user_dictionary = False

    def __init__(self, user_dictionary: Path | None = None) -> None:
        self._dictionary = user_dictionary
        self._lock = threading.Lock()
        self._engine: Any = None

    def analyze(self, texts: Sequence[str]) -> list[list[Morpheme]]:
        """Morphemes of each text, in order; spans are code points, inside the text, never going back."""
        with self._lock:
            self._ready()
            return [self._analyze(text) for text in texts]

    def reload_dictionary(self, path: Path) -> None:
        """Use another user dictionary from now on; without effect where none is supported."""
        with self._lock:
            self._dictionary = path
            if self._engine is not None and self.supports_user_dictionary:
                self._engine = self._build(read_user_dictionary(path))

    def _ready(self) -> None:
        if self._engine is None:
            wanted = self._dictionary if self.supports_user_dictionary else None
            self._engine = self._build(read_user_dictionary(wanted) if wanted else [])

    def _analyze(self, text: str) -> list[Morpheme]:
        plain = _WHITE.sub(" ", _OUTSIDE_BMP.sub(_STAND_IN, text))
        if not plain.strip():
            return []
        return [self._morpheme(text, *found) for found in self._found(plain)]

    def _morpheme(self, text: str, form: str, native: str, start: int, end: int) -> Morpheme:
        if _STAND_IN in form:
            form = text[start:end]
        tag = to_sejong(self.name, native, form)
        if self.name == "okt" and native in ("Verb", "Adjective"):
            form = form.removesuffix("다") or form  # Okt gives dictionary forms; the others give stems
        return Morpheme(form, tag, start, end, native)

    def _build(self, entries: list[DictionaryEntry]) -> Any:
        raise NotImplementedError

    def _found(self, text: str) -> Iterable[_Found]:
        raise NotImplementedError


class _JavaAnalyzer(_Analyzer):
    """An analyzer in the JVM."""

    def analyze(self, texts: Sequence[str]) -> list[list[Morpheme]]:
        jvm.start()  # attaches this thread too
        return super().analyze(texts)


class OktAnalyzer(_JavaAnalyzer):
    """Open Korean Text (once Twitter's), with stems."""

    name = "okt"
    supports_user_dictionary = True

    def _build(self, entries: list[DictionaryEntry]) -> Any:
        jpype = jvm.start()
        engine = jpype.JClass("org.openkoreantext.processor.OpenKoreanTextProcessorJava")
        nouns = jpype.java.util.ArrayList()
        for entry in entries:
            if entry.tag.startswith("N"):
                nouns.add(entry.form)
        engine.addNounsToDictionary(nouns)
        return engine

    def _found(self, text: str) -> Iterable[_Found]:
        tokens = self._engine.tokenize(text).iterator()
        while tokens.hasNext():
            token = tokens.next()
            native, start = str(token.pos().toString()), int(token.offset())
            if native != "Space":
                stem = token.stem()
                form = str(stem.get()) if stem.isDefined() else str(token.text())
                yield form, native, start, start + int(token.length())


class KomoranAnalyzer(_JavaAnalyzer):
    """Komoran 3 with KoNLPy's model."""

    name = "komoran"
    supports_user_dictionary = True

    def _build(self, entries: list[DictionaryEntry]) -> Any:
        engine = jvm.start().JClass("kr.co.shineware.nlp.komoran.core.Komoran")(str(jvm.models()))
        if entries:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "userdic.txt"
                path.write_text("".join(f"{e.form}\t{e.tag}\n" for e in entries), encoding="utf-8")
                engine.setUserDic(str(path))
        return engine

    def _found(self, text: str) -> Iterable[_Found]:
        # Komoran puts 요 and ㅋ together (욬), so jamo stand apart.
        for start, piece in _pieces(_JAMO_BORDER, text):
            if piece.strip():
                for token in self._engine.analyze(piece).getTokenList():
                    begin, end = start + int(token.getBeginIndex()), start + int(token.getEndIndex())
                    yield str(token.getMorph()), str(token.getPos()), begin, end


class HannanumAnalyzer(_JavaAnalyzer):
    """KAIST's Hannanum with its 22 tags."""

    name = "hannanum"

    def _build(self, entries: list[DictionaryEntry]) -> Any:
        jvm.start()
        from konlpy.tag import Hannanum

        return Hannanum()

    def _found(self, text: str) -> Iterable[_Found]:
        for start, eojeol in ((found.start(), found.group()) for found in _WORDS_AND_MARKS.finditer(text)):
            parts = self._engine.pos(eojeol, ntags=22) or [(eojeol, "NC")]
            yield from _aligned(eojeol, start, parts)


class KkmaAnalyzer(_JavaAnalyzer):
    """Seoul National University's Kkma. Slow, and long eojeols are handed to it in pieces."""

    name = "kkma"

    def _build(self, entries: list[DictionaryEntry]) -> Any:
        jvm.start()
        from konlpy.tag import Kkma

        return Kkma()

    def _found(self, text: str) -> Iterable[_Found]:
        at = 0
        limited = re.sub(rf"(\S{{{_LONGEST_FOR_KKMA}}})(?=\S)", r"\1 ", text)
        for sentence in self._engine.jki.morphAnalyzer(limited) or ():
            for eojeol in sentence:
                surface = str(eojeol.getExp()).replace(" ", "")
                found = text.find(surface, at)
                if found < 0:
                    continue
                at = found + len(surface)
                yield from _aligned(surface, found, [(str(m.getString()), str(m.getTag())) for m in eojeol])


class MecabAnalyzer(_Analyzer):
    """mecab-ko with mecab-ko-dic (python-mecab-ko: KoNLPy's interface, no Java)."""

    name = "mecab"
    supports_user_dictionary = True

    def _build(self, entries: list[DictionaryEntry]) -> Any:
        try:
            from mecab import MeCab
        except ImportError as error:
            raise MissingExtraError("python-mecab-ko", "konlpy") from error
        if not entries:
            return MeCab()
        with tempfile.TemporaryDirectory() as folder:
            return MeCab(user_dictionary_path=str(_compile_for_mecab(entries, Path(folder))))

    def _found(self, text: str) -> Iterable[_Found]:
        for morpheme in self._engine.parse(text):
            start, end = morpheme.span.start, morpheme.span.end
            tag, expression = morpheme.feature.pos, morpheme.feature.expression
            if "+" not in tag or not expression:
                yield morpheme.surface, tag, start, end
                continue
            parts = [tuple(part.split("/")[:2]) for part in expression.split("+")]
            for (form, native), (begin, stop) in zip(
                parts, align(text[start:end], [form for form, _ in parts]), strict=True
            ):
                yield form, native, start + begin, start + stop


def _aligned(surface: str, start: int, parts: Sequence[tuple[str, str]]) -> Iterable[_Found]:
    spans = align(surface, [form for form, _ in parts])
    for (form, tag), (begin, end) in zip(parts, spans, strict=True):
        yield form, tag, start + begin, start + end


def _pieces(border: re.Pattern[str], text: str) -> Iterable[tuple[int, str]]:
    borders = [0, *(found.start() for found in border.finditer(text)), len(text)]
    return ((start, text[start:end]) for start, end in itertools.pairwise(borders))


def _compile_for_mecab(entries: Sequence[DictionaryEntry], folder: Path) -> Path:
    """A binary user dictionary for mecab. Costs and context ids are worked out by mecab from its model."""
    source, costed, compiled = folder / "user.csv", folder / "costed.csv", folder / "user.dic"
    rows = (f"{e.form},,,,{e.tag},*,{'T' if has_batchim(e.form[-1]) else 'F'},{e.form},*,*,*,*\n" for e in entries)
    source.write_text("".join(rows), encoding="utf-8")
    _dict_index("-a", "-u", str(costed), str(source))
    costed.write_text("".join(map(_cheaper, costed.read_text(encoding="utf-8").splitlines())), encoding="utf-8")
    _dict_index("-u", str(compiled), str(costed))
    return compiled


def _cheaper(row: str) -> str:
    """A row of mecab's dictionary (form, left id, right id, cost, …) that wins over the parts of the word."""
    form, left, right, cost, rest = row.split(",", 4)
    return f"{form},{left},{right},{int(cost) - _MECAB_BONUS * len(form)},{rest}\n"


def _dict_index(*arguments: str) -> None:
    command = [sys.executable, "-m", "mecab", "dict-index", "-f", "utf-8", "-t", "utf-8", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-300:]
        raise CorpusError(f"user dictionary: mecab could not compile it ({said}); look for commas in the forms")
