"""text.preprocess: one function for teaching and talking, its fingerprint, respacing."""

from __future__ import annotations

from chatbot.text.preprocess import Preprocessor, respace
from chatbot.text.typing_repair import Rules, TypingRepair


class FakeSpacer:
    def space(self, text: str) -> str:
        return " ".join(text)


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


def test_respace_touches_long_eojeols_alone():
    assert respace("오늘 뭐 먹지", FakeSpacer()) == "오늘 뭐 먹지"
    assert respace("오늘저녁에뭐먹을지고민이야", FakeSpacer()).startswith("오 늘")


def test_respace_with_kiwi(kiwi):
    assert respace("오늘저녁에뭐먹을지고민이야", kiwi) == "오늘 저녁에 뭐 먹을지 고민이야"
