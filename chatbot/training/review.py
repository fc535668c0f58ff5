"""Walk with a person through what the bot was unsure of or wrong about, and write what they accept into the corpus.

In: a store, a corpus folder, a way to ask and to show. Out: how many were written. Knows no terminal. The diff is
shown before anything is written: it is made on a copy first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chatbot.corpus.preview import preview
from chatbot.corpus.write import add_examples, add_pairs
from chatbot.errors import CorpusError
from chatbot.store import ReviewItem, Store
from chatbot.types import ChatPair

# Where answers that people gave are kept: corpus/chat/reviewed.tsv.
TOPIC = "reviewed"
KINDS = {
    "corrected": "사용자가 정답을 알려 줌",
    "disliked": "마음에 들지 않는다고 함",
    "chosen": "되묻기에서 고름",
    "fallback": "못 알아들음",
    "unclear": "되물었으나 고르지 않음",
    "unsure": "확신이 낮음",
}
MENU = "[의도 이름] 그 의도의 예문으로 · [= 답] 이 말에 이렇게 답하기 · [엔터] 제안대로 · [s] 건너뛰기 · [q] 그만"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How many utterances were looked at, and how many became examples or pairs."""

    seen: int
    written: int


def review(
    store: Store, root: Path, ask: Callable[[str], str], show: Callable[[str], None], limit: int = 50
) -> Reviewed:
    """Ask about each utterance; an accepted one is written into `root`, and none is asked about twice.

    A refused line (unknown intent, a line that stands under another one) is shown with its reason and asked again.
    """
    seen = written = 0
    for item in store.for_review(limit):
        for line in _lines(item):
            show(line)
        decision = _decide(root, item, ask, show)
        if decision == "quit":
            break
        seen += 1
        written += decision == "written"
        store.mark_reviewed([item.turn_id], decision)
    return Reviewed(seen, written)


def _lines(item: ReviewItem) -> list[str]:
    lines = [
        f"── {KINDS[item.kind]}",
        f"   나: {item.text}",
        f"   봇: {item.reply}",
        f"   까닭: {item.source}, {item.reason}",
    ]
    return [*lines, f"   제안: {_suggestion(item)}"] if _suggestion(item) else lines


def _suggestion(item: ReviewItem) -> str:
    """What pressing enter does: the told answer as a pair, or the bot's own guess as an example."""
    if item.kind == "corrected":
        return f"= {item.answer}"
    return item.intent if item.kind in ("unsure", "chosen") and item.source == "template" else ""


def _decide(root: Path, item: ReviewItem, ask: Callable[[str], str], show: Callable[[str], None]) -> str:
    while True:
        said = ask(MENU).strip() or _suggestion(item) or "s"
        if said == "q":
            return "quit"
        if said == "s":
            return "skipped"
        try:
            diff = preview(root, partial(_write, item=item, said=said))
        except CorpusError as error:
            show(str(error))
            continue
        if not diff:
            show("이미 말뭉치에 있어요.")
            return "known"
        show(diff)
        if ask("이대로 쓸까요? [y/n]").strip().lower() in ("y", "yes", "네", "응", "ㅇ"):
            _write(root, item, said)
            return "written"


def _write(root: Path, item: ReviewItem, said: str) -> str:
    if said.startswith("="):
        return add_pairs(root, TOPIC, [ChatPair(item.text, said.removeprefix("=").strip())])
    return add_examples(root, said, [item.text])
