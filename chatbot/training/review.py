"""Walk with a person through what the bot was unsure of or wrong about, and write what they accept into the corpus.

In: a store, a corpus folder, a way to ask and to show, what the classifier thinks. Out: how many were written. Knows
no terminal. The diff is shown before anything is written: it is made on a copy first. What was accepted is kept
whenever the person leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chatbot.corpus.preview import preview
from chatbot.errors import CorpusError
from chatbot.store import ReviewItem, Store
from chatbot.training.proposals import Guess, Proposal, Proposals

Ask = Callable[[str], str]
Show = Callable[[str], None]

KINDS = {
    "corrected": "사용자가 정답을 알려 줌",
    "disliked": "마음에 들지 않는다고 함",
    "chosen": "되묻기에서 고름",
    "fallback": "못 알아들음",
    "unclear": "되물었으나 고르지 않음",
    "unsure": "확신이 낮음",
}
HELP = """\
봇이 잘 모른 말을 하나씩 보여 줘요. 고른 것만, 바뀔 곳을 먼저 보인 뒤에 말뭉치에 써요.
  번호      그 제안대로 (y는 1번과 같아요)
  = 답      이 말에 그렇게 답하기.  예: = 물을 자주 마셔 보세요.
  이름      그 의도의 예문으로, 또는 그 지식의 질문으로.  예: thanks
  엔터      나중에. 다음 review 때 다시 나와요
  x         버리기. 다시는 묻지 않아요
  q         그만. 여기까지 쓴 것은 남아요 (Ctrl-C도 같아요)
  ?         이 도움말"""
MENU = "[번호] 제안대로  [= 답]  [의도·지식 이름]  [엔터] 나중에  [x] 버리기  [q] 그만  [?] 도움말"
CONFIRM = "이대로 쓸까요? [y] 쓰기  [엔터] 쓰지 않고 다시 고르기"
# Keys, and what they become when the Korean input method is on.
YES, DISCARD, QUIT = ("y", "ㅛ", "네", "응", "ㅇ", "ㅇㅇ"), ("x", "ㅌ", "버려", "버리기"), ("q", "ㅂ", "그만")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How many utterances were settled, how many of them became examples, questions or pairs, how many wait on."""

    seen: int
    written: int
    later: int


def review(store: Store, root: Path, ask: Ask, show: Show, guess: Guess, limit: int = 50) -> Reviewed:
    """Ask about each utterance; an accepted one is written into `root`, one that was settled is not asked about again.

    A refused line (an unknown name, a line that stands under another intent) is shown with its reason and asked again.
    `ask` raising KeyboardInterrupt or EOFError means that the person leaves.
    """
    items = store.for_review(limit)
    seen = written = 0
    if items:
        show(HELP)
        proposals = Proposals(root, guess)
    for number, item in enumerate(items, start=1):
        offered = proposals.of(item)
        _introduce(item, offered, f"{number}/{len(items)}", show)
        try:
            decision = _decide(root, item, proposals, offered, ask, show)
        except (KeyboardInterrupt, EOFError):
            show("")
            break
        if decision == "quit":
            break
        if decision != "later":
            seen += 1
            written += decision == "written"
            store.mark_reviewed([item.turn_id], decision)
    return Reviewed(seen, written, len(items) - seen)


def _introduce(item: ReviewItem, offered: list[Proposal], place: str, show: Show) -> None:
    show(f"\n── {place}  {KINDS[item.kind]} ──")
    show(f"나: {item.text}")
    show(f"봇: {item.reply}")
    show(f"까닭: {item.reason}")
    for number, proposal in enumerate(offered, start=1):
        show(f"  {number}. {proposal.label} — {proposal.why}")
    if not offered:
        show("  (제안할 것이 없어요. 이름이나 = 답을 적어 주세요)")


def _decide(root: Path, item: ReviewItem, proposals: Proposals, offered: list[Proposal], ask: Ask, show: Show) -> str:
    while True:
        said = ask(MENU).strip()
        if not said:
            return "later"
        if said.lower() in QUIT:
            return "quit"
        if said.lower() in DISCARD:
            show("버렸어요. 다시 묻지 않을게요.")
            return "discarded"
        if said == "?":
            show(HELP)
            continue
        try:
            proposal = _proposal(said, proposals, offered)
            diff = preview(root, partial(proposal.write, text=item.text))
            if not diff:
                show("이미 말뭉치에 있어요.")
                return "known"
            show(diff)
            if ask(CONFIRM).strip().lower() in YES:
                proposal.write(root, item.text)
                show("썼어요.")
                return "written"
        except CorpusError as error:
            show(str(error))


def _proposal(said: str, proposals: Proposals, offered: list[Proposal]) -> Proposal:
    number = 1 if said.lower() in YES else int(said) if said.isdecimal() else 0
    if not number:
        return proposals.typed(said)
    if number > len(offered):
        raise CorpusError(f"{number}번 제안은 없어요.")
    return offered[number - 1]
