"""What stands behind a reply: like questions, what they share, what the reply takes for granted."""

from __future__ import annotations

from pathlib import Path

from chatbot import config
from chatbot.seq2seq.backing import MEASURES, backing
from chatbot.seq2seq.calibrate import ENOUGH, FEATURES, UNKNOWN, read_judged
from chatbot.seq2seq.chrf import pairwise
from chatbot.seq2seq.generator import Generator
from chatbot.seq2seq.measure import calibrate_on_judged
from chatbot.seq2seq.neighbours import Neighbours
from chatbot.seq2seq.train import ResponderReport

PAIRS = (
    ("머리 깎아야지", "예쁘게 깎아요!"),
    ("일하고 올게", "다녀오세요!"),
    ("이제 그만 잘래", "푹 자고 일어나요."),
    ("커피 그만 마셔야지", "커피는 오전에만 마셔 봐요."),
    ("집에 가고 싶다", "조금만 더 힘내요."),
)


def behind(question: str, *replies: str) -> list[dict[str, float]]:
    memory = Neighbours(PAIRS)
    voices = memory.voices([question])[0]
    likeness = pairwise(replies, [voice.answer for voice in voices]) / 100
    return backing(question, replies, voices, likeness, memory.pieces)


def test_an_answer_to_the_same_words_is_fully_backed() -> None:
    found = behind("머리 깎아야지!", "예쁘게 깎아요!")[0]
    assert found["cover"] == found["covered"] == found["verbatim"] == found["ending"] == 1.0
    assert found["missing"] == found["gap"] == 0.0


def test_sharing_what_matters_backs_more_than_sharing_little() -> None:
    cut, sleep = behind("머리 깎고 올게", "예쁘게 깎아요!", "푹 자고 일어나요.")
    assert cut["cover"] > sleep["cover"]
    assert cut["nearness"] > sleep["nearness"]


def test_a_reply_presumes_what_only_the_like_question_said() -> None:
    coffee, other = behind("술 그만 마셔야지", "커피는 오전에만 마셔 봐요.", "조금만 더 힘내요.")
    assert coffee["presumes"] > other["presumes"]


def test_a_reply_in_other_words_is_not_verbatim() -> None:
    assert behind("머리 깎아야지", "예쁘게 깎았네요!")[0]["verbatim"] == 0.0


def test_nobody_behind_a_reply() -> None:
    assert backing("안녕", ["반가워요!"], [], pairwise(["반가워요!"], [""])[:, :0], Neighbours(()).pieces) == [
        dict.fromkeys(MEASURES, 0.0)
    ]


def test_judged_replies_are_enough_and_of_both_kinds() -> None:
    rows = read_judged()
    assert len(rows) > 10 * ENOUGH
    assert {(row.fits, row.made_up) for row in rows} == {(a, b) for a in (False, True) for b in (False, True)}
    assert set(MEASURES) <= set(FEATURES)


def test_a_stranger_is_not_calibrated_on_what_people_judged(overfitted: tuple[Generator, ResponderReport]) -> None:
    assert calibrate_on_judged(overfitted[0]) == UNKNOWN


def test_the_shipped_responder_speaks_sometimes_and_keeps_silent_mostly() -> None:
    folder = Path(config.__file__).parent / "pretrained" / "responder"
    generator = Generator.load(folder, "cpu")
    assert 0.5 < generator.threshold < 0.9
    near, far = generator.reply(["머리 깎아야겠다", "어제의 내일은 왜 네모난 소금이야"], n_best=20)
    assert max(h.probability for h in near if not h.faults) > generator.threshold
    assert max((h.probability for h in far if not h.faults), default=0.0) < generator.threshold
