"""text.typing_repair and text.keyboard: golden rows, and well-spelt Korean that must come through untouched."""

from __future__ import annotations

import time

import pytest
import yaml
from golden_rows import rows

from chatbot.errors import CorpusError
from chatbot.text.keyboard import WrongKeyboard
from chatbot.text.missed_keys import MissedKeys
from chatbot.text.preprocess import Preprocessor
from chatbot.text.spacing import Spacing
from chatbot.text.typing_repair import TypingRepair, feeling_of, mend_jamo, unstretch
from chatbot.text.typing_rules import Rules


@pytest.fixture(scope="module")
def preprocess(corpus_dir, kiwi):
    lexicon = corpus_dir / "lexicon"
    return Preprocessor(repair=TypingRepair.load(lexicon), spacing=Spacing.load(lexicon, kiwi))


@pytest.fixture(scope="module")
def respell(corpus_dir):
    return Preprocessor(repair=TypingRepair.load(corpus_dir / "lexicon"))


@pytest.mark.parametrize(("name", "stay"), [("typing.tsv", 110), ("keyboard.tsv", 60)])
def test_golden(preprocess, name, stay):
    table = rows(name)
    assert [(typed, preprocess(typed)) for typed, _ in table] == table
    assert sum(typed == expected for typed, expected in table) >= stay


@pytest.mark.parametrize("name", ["typing.tsv", "keyboard.tsv", "normalize.tsv"])
def test_twice_changes_nothing(preprocess, name):
    for typed, _ in rows(name):
        once = preprocess(typed)
        assert preprocess(once) == once


def test_the_bots_own_replies_come_through_untouched(respell, corpus_dir):
    """They are well-spelt 해요체: whatever changes there is a rule that overreaches."""
    replies = [
        reply
        for path in sorted((corpus_dir / "intents").glob("*.yaml"))
        for reply in yaml.safe_load(path.read_text(encoding="utf-8"))["replies"]
    ]
    plain = Preprocessor()
    assert len(replies) > 300
    assert [(plain(reply), respell(reply)) for reply in replies] == [(plain(reply),) * 2 for reply in replies]


def test_hardly_anything_changes_in_written_knowledge(respell, corpus_dir):
    """Answers quote misspellings here and there; more than one in 500 would mean that a rule overreaches."""
    answers = [
        entry["answer"]
        for path in sorted((corpus_dir / "knowledge").glob("*.yaml"))
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
    plain = Preprocessor()
    changed = [answer for answer in answers if plain(answer) != respell(answer)]
    assert len(changed) <= len(answers) / 500 + 1, changed


def test_every_rule_ends_in_a_spelling_that_needs_no_repair(corpus_dir):
    repair = TypingRepair.load(corpus_dir / "lexicon")
    spellings = {**repair.rules.word, **repair.rules.line}.values()
    assert [spelling for spelling in spellings if repair(spelling) != spelling] == []


@pytest.mark.parametrize("text", ["", " ", "ㅋ", "\ud800", "😂😂", "ㅏ", "ㄱㅏ", "a" * 1000, "ㅋ아" * 300, "아" * 999])
def test_any_text(preprocess, text):
    assert len(preprocess(text)) <= 1000


@pytest.mark.parametrize(
    "text", ["ㅋㅎ" * 499 + "가", "ㅋ!" * 499 + "가", "가" + "ㅋ." * 499 + "나", "아이" * 499, "dkssud" * 166]
)
def test_no_text_takes_long(preprocess, text):
    """Patterns that backtrack took minutes here; a thousand characters take about a millisecond."""
    started = time.process_time()
    preprocess(text)
    assert time.process_time() - started < 1


def test_a_line_takes_well_under_a_millisecond(preprocess):
    """A coarse guard against runaway patterns (measured: 0.02 to 0.1 ms); bench figures stand elsewhere."""
    lines = [f"{n}번째 사람이 머하는지 넘 궁굼해ㅋㅋ dkssudgktpdy {n}" for n in range(300)]
    started = time.process_time()
    for line in lines:
        preprocess(line)
    assert (time.process_time() - started) / len(lines) < 0.005


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("하세ㅛ", "하세요"),
        ("ㅇㅏㄴ녕", "안녕"),
        ("해ㅆ어", "했어"),
        ("세ㅇ요", "세요"),
        ("ㄱ은", "ㄱ은"),
        ("슬퍼ㅠ", "슬퍼ㅠ"),
    ],
)
def test_mend_jamo(typed, mended):
    assert mend_jamo(typed) == mended


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("안녕하셍ㅅ", "안녕하세요"),  # a neighbouring key
        ("안녕ㅎ세ㅇ", ""),  # two strokes away
        ("감사합ㄴ다", "감사합니다"),  # one too few
        ("감사ㅎ합니다", "감사합니다"),  # one too many
        ("안녕핫ㅔ요", "안녕하세요"),  # two swapped
        ("안녕하세요", ""),  # nothing shows a slip
        ("ㅋㅋㅋ", ""),
    ],
)
def test_missed_keys(typed, meant):
    assert MissedKeys(["안녕하세요", "감사합니다", "감사했어요"]).mend(typed) == meant


@pytest.mark.parametrize("word", ["시인", "기인", "이이", "우유", "아이", "오이", "너무우울해", "아아아"])
def test_unstretch_leaves_words(word):
    assert unstretch(word) == word


@pytest.mark.parametrize(
    ("text", "feeling"),
    [
        ("너무 슬퍼ㅠㅠ", "sad"),
        ("ㅋㅋ 웃겨", "laugh"),
        ("합격했어 😊", "happy"),
        ("짜증나 😡", "angry"),
        ("고마워 ♥", "love"),
        ("ㅋㅋ 근데 슬퍼 ㅠ", "sad"),
        ("안녕하세요", ""),
        ("", ""),
        ("ㅇㅋ", ""),
        ("ㅎㅇ", ""),
        ("ㅊㅋㅊㅋ", ""),
        ("ㅋㄷㅋㄷ", ""),
        ("ㅊㅋ ㅋㅋ", "laugh"),
        ("ㅇㅈㅋㅋ", "laugh"),
        ("ㅎㅎ 고마워", "laugh"),
        ("ㅋㅎㅋㅎ", "laugh"),
        ("HTTPS가 뭐야", ""),
        ("TT", "sad"),
    ],
)
def test_feeling(text, feeling):
    assert feeling_of(text) == feeling


def test_without_files_nothing_is_repaired(tmp_path):
    repair = TypingRepair.load(tmp_path)
    assert repair("머해 dkssud") == "머해 dkssud"


def test_the_fingerprint_follows_the_rules(tmp_path):
    empty = TypingRepair.load(tmp_path).fingerprint
    (tmp_path / "slang.tsv").write_text("ㅇㅋ\t오케이\tword\n", encoding="utf-8")
    assert TypingRepair.load(tmp_path).fingerprint != empty


@pytest.mark.parametrize("line", ["ㅇㅋ", "ㅇㅋ\t오케이", "ㅇㅋ\t오케이\tsomewhere", "\t오케이\tword"])
def test_a_broken_rule_names_file_and_line(tmp_path, line):
    (tmp_path / "slang.tsv").write_text(f"# 줄임말\n{line}\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"slang\.tsv:2: expected form<TAB>spelling<TAB>place"):
        TypingRepair.load(tmp_path)


def test_a_broken_keyboard_table_names_file_and_line(tmp_path):
    (tmp_path / "keyboard_words.tsv").write_text("a\tb\tc\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"keyboard_words\.tsv:1"):
        WrongKeyboard.load(tmp_path)


def test_a_broken_slip_names_file_and_line(tmp_path):
    (tmp_path / "slips.tsv").write_text("감사합니다\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"slips\.tsv:1: expected word<TAB>slips"):
        TypingRepair.load(tmp_path)


def test_no_slip_is_a_word_that_a_rule_writes(corpus_dir):
    repair = TypingRepair.load(corpus_dir / "lexicon")
    slips = repair.rules.slips
    assert len(slips) > 5000
    assert not set(slips) & set(slips.values())


def test_rules_by_place():
    repair = TypingRepair(
        Rules(
            line={"가 나": "줄"},
            word={"다": "말"},
            any={"라": "곳"},
            start={"마": "앞"},
            end={"바": "뒤"},
            openers={"오늘": "오늘", "걍": "그냥"},
        )
    )
    assert repair("가 나!") == "줄!"
    assert repair("다 다다 사라사 마사 바 사바") == "말 다다 사곳사 앞사 바 사뒤"
    assert repair("오늘다 오늘가 걍가 걍") == "오늘 말 오늘가 그냥 가 걍"
