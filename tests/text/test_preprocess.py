"""text.preprocess: one function for teaching and talking, its fingerprint, its order."""

from __future__ import annotations

from chatbot.text.preprocess import Preprocessor
from chatbot.text.spacing import Spacing
from chatbot.text.typing_repair import TypingRepair
from chatbot.text.typing_rules import Rules


def test_utterance_keeps_what_was_typed():
    repair = TypingRepair(Rules(word={"ㅇㅋ": "오케이"}))
    said = Preprocessor(repair=repair).utterance("  ㅇㅋ!!!", session="s", id="7")
    assert (said.raw, said.text, said.session, said.id, said.empty) == ("  ㅇㅋ!!!", "오케이!", "s", "7", False)
    assert Preprocessor().utterance("\u200b").empty


def test_the_limit_holds_after_repair():
    repair = TypingRepair(Rules(word={"ㅇㅋ": "오케이"}))
    assert Preprocessor(max_length=5, repair=repair)("ㅇㅋ ㅇㅋ") == "오케이 오"
    assert len(Preprocessor(max_length=5).utterance("가" * 10_000).raw) == 100


def test_the_fingerprint_tells_rules_apart():
    plain, short = Preprocessor(), Preprocessor(max_length=5)
    repairing = Preprocessor(repair=TypingRepair(Rules(), fingerprint="x"))
    assert len({plain.fingerprint, short.fingerprint, repairing.fingerprint}) == 3
    assert plain.fingerprint == Preprocessor().fingerprint


def test_spaces_come_before_spelling_and_spelling_after(kiwi, corpus_dir):
    lexicon = corpus_dir / "lexicon"
    preprocess = Preprocessor(repair=TypingRepair.load(lexicon), spacing=Spacing.load(lexicon, kiwi))
    assert preprocess("안 녕 하 세 여") == "안녕하세요"
    assert preprocess("공부하기시러") == "공부하기 싫어"
    assert preprocess.fingerprint != Preprocessor(repair=TypingRepair.load(lexicon)).fingerprint
