"""What could be written about something that somebody said: proposals, the most telling first.

In: a `ReviewItem`, what the corpus holds, what the classifier thinks now. Out: proposals that can be shown and
written. Knows no terminal.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatbot.corpus.profanity import Profanity
from chatbot.corpus.read import read_intent, read_knowledge
from chatbot.corpus.write import add_examples, add_pairs, add_questions
from chatbot.errors import CorpusError
from chatbot.store import ReviewItem
from chatbot.text.josa import attach
from chatbot.types import Candidate, ChatPair, Intent, IntentScore, KnowledgeEntry, Source

# Where answers that people gave are kept: corpus/chat/reviewed.tsv.
TOPIC = "reviewed"
# A guess less likely than this is not worth a line; of those that are, the best ones are shown.
GUESS_FROM = 0.1
SHOWN = 4

Guess = Callable[[str], Sequence[IntentScore]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """`kind` is "intent" (an example of `name`), "knowledge" (a question of the entry `name`) or "pair" (`name` is
    the answer). `label` says it in Korean, `why` whose idea it is.
    """

    kind: str
    name: str
    label: str
    why: str = ""

    def write(self, root: Path, text: str) -> str:
        """Put it into the corpus; returns the diff. Raises `CorpusError` when it cannot stand there."""
        if self.kind == "intent":
            return add_examples(root, self.name, [text])
        if self.kind == "knowledge":
            return add_questions(root, self.name, [text])
        return add_pairs(root, TOPIC, [ChatPair(text, self.name)])


class Proposals:
    """Proposals over one corpus folder. `guess` gives the likeliest intents of a text."""

    def __init__(self, root: Path, guess: Guess) -> None:
        self._guess = guess
        self._profanity = Profanity.load(root / "lexicon")
        intents = [read_intent(path) for path in sorted((root / "intents").glob("*.y*ml"))]
        self._intents: dict[str, Intent] = {intent.name: intent for intent in intents}
        paths = sorted((root / "knowledge").glob("*.y*ml"))
        self._entries: dict[str, KnowledgeEntry] = {e.id: e for path in paths for e in read_knowledge(path)}

    def of(self, item: ReviewItem) -> list[Proposal]:
        """What could be written about `item`; what the user said comes before what the bot thinks."""
        found: dict[tuple[str, str], Proposal] = {}
        for proposal in self._all(item):
            found.setdefault((proposal.kind, proposal.name), proposal)
        return list(found.values())[:SHOWN]

    def typed(self, said: str) -> Proposal:
        """What a person typed: ``= 답``, or the name of an intent or of a knowledge entry.

        Raises
        ------
        CorpusError
            when it names nothing; its text is shown to the person.
        """
        if said.startswith("="):
            answer = said.removeprefix("=").strip()
            if not answer:
                raise CorpusError("= 뒤에 답을 적어 주세요. 예: = 물을 자주 마셔 보세요.")
            word = self._profanity.found_in(answer)
            if word:
                named = attach(f"‘{word}’", "이라는/라는")
                raise CorpusError(
                    f"답에 {named} 말이 있어서 쓸 수 없어요. 봇은 그런 말을 하지 않아요. 다르게 적어 주세요."
                )
            return self._pair(answer, "")
        proposal = self._intent(said, "") or self._entry(said, "")
        if proposal is not None:
            return proposal
        close = difflib.get_close_matches(said, [*self._intents, *self._entries], n=3)
        hint = f"혹시 {', '.join(close)}? " if close else ""
        raise CorpusError(f"'{said}'라는 의도나 지식은 없어요. {hint}(답을 적으려면 앞에 =을 붙여 주세요)")

    def _all(self, item: ReviewItem) -> Iterator[Proposal]:
        if item.kind == "corrected" and not self._profanity.found_in(item.answer):
            yield self._pair(item.answer, "사용자가 알려 준 답")
        if item.chosen is not None:
            candidate = Candidate(item.chosen.reply, 1.0, Source(item.chosen.source or "clarify"), item.chosen.id)
            yield from self._from(candidate, f"사용자가 고름: {item.chosen.label}")
        if item.kind == "unsure" and item.source == Source.TEMPLATE:
            yield from self._maybe(self._intent(item.intent, f"그때 봇의 짐작 {item.confidence:.0%}"))
        wrong = item.reply if item.kind in ("disliked", "corrected") else ""
        for score in self._guess(item.text):
            if score.probability >= GUESS_FROM and not (wrong and score.intent == item.intent):
                yield from self._maybe(self._intent(score.intent, f"지금 봇의 짐작 {score.probability:.0%}"))
        for candidate in item.candidates:
            written = candidate.source is Source.RETRIEVAL and candidate.text != wrong
            if written and candidate.score >= GUESS_FROM:
                yield from self._from(candidate, f"찾은 답 {candidate.score:.0%}")

    def _from(self, candidate: Candidate, why: str) -> Iterator[Proposal]:
        if candidate.source is Source.TEMPLATE:
            yield from self._maybe(self._intent(candidate.id, why))
        elif candidate.id.startswith("k:"):
            yield from self._maybe(self._entry(candidate.id.split(":")[1], why))
        elif candidate.text:
            yield self._pair(candidate.text, why)

    def _maybe(self, proposal: Proposal | None) -> Iterator[Proposal]:
        if proposal is not None:
            yield proposal

    def _intent(self, name: str, why: str) -> Proposal | None:
        intent = self._intents.get(name)
        if intent is None:
            return None
        return Proposal("intent", name, f"의도 {name}의 예문으로 (예: {intent.examples[0]})", why)

    def _entry(self, name: str, why: str) -> Proposal | None:
        entry = self._entries.get(name)
        if entry is None:
            return None
        return Proposal("knowledge", name, f"지식 {name} ‘{entry.title}’의 질문으로", why)

    def _pair(self, answer: str, why: str) -> Proposal:
        return Proposal("pair", answer, f"이렇게 답하기: {answer}", why)
