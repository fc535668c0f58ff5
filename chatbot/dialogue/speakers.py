"""The speakers that answer from what is written or generated, ask back, or say that they did not understand.

Each is called with a `Reading` and proposes a reply or passes. Their order stands in policy.py. Thresholds come with
the scores that the models calibrated; the constants here are decisions, not measurements, and say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from chatbot.dialogue.echo import Heard
from chatbot.dialogue.memory import extract_name, introduces
from chatbot.dialogue.phrases import BOT_NAME, Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.state import Choice, State
from chatbot.dialogue.templates import Counts, pick
from chatbot.dialogue.tone import HIGH_FROM, HIGH_INTENTS, LOW_FROM, LOW_INTENTS, leaning_of, mood_after, sounds_low
from chatbot.text.josa import slots_of
from chatbot.text.normalize import unmarked
from chatbot.types import Candidate, Intent, KnowledgeEntry, Source

# Asking back pays when the right answer is more likely among the choices than not: a coin's chance is the break-even.
ASK_BACK_FROM = 0.5
# So sure of an intent that retrieval need not be asked: a row to the letter has spoken before (written.py).
BEYOND_RIVALS = 0.9
# What a skill could not take up must be meant this surely: 3일째 asks for no sum.
PLAINLY = 0.8
# Letter pairs in common from which two lines say the same: 너 누구야 and 넌 누구야 share 0.67.
SAME_WORDS = 0.65
# The same for nouns alone: 시험 점수 and 시험 점수가 나왔어 share 0.67, 검색 점수 and 시험 점수 0.33.
SAME_NOUNS = 0.5
# Longest example that is shown as a choice, in characters: one line of a narrow window.
MAX_LABEL = 24
# Of the threshold: enough for an intent that was believed a turn ago.
SAME_MATTER = 0.75
# The probability that a found chat reply needs when the user seems low.
SURE_WHEN_LOW = 0.6
# The probability that a document needs to be quoted: what it says is taken for a fact, and a document about another
# place reads like the right one. A less likely one is offered as a choice.
SURE_OF_DOCUMENT = 0.7
# At least one choice must be this likely: three poor guesses add up, and mean that nobody knows.
LIKELY_FROM = 0.3
# A choice that is this unlikely only clutters the question.
CHOICE_FROM = 0.1

# The intent of who tells their name; a line without one tells of something else (내 친구 이름은 유나야).
_TELLS = "tell_name"

_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
_MARK = re.compile(r"[\s?!.,~]")
# 김치찌개 칼로리 알려줘, 빛의 속도는 얼마야; but not 어디로 갈까, 뭐 하지.
_FACT = re.compile(
    r"누구|누가|몇|언제|어디|얼마나?(?! ?안)|무엇|무슨|뭐(?:야|예요|에요|지)|뭔(?:가요|데|지)|어느|"
    r"(?:알려|말해|설명해|가르쳐|찾아|검색해|번역해|요약해|보여|정리해|비교해) ?(?:줘|주|줄|봐|달)"
)
_WHO = re.compile(r"(?P<name>[가-힣A-Za-z0-9]{2,}?)(?:이란|란|이|가|은|는)\s*누구")
_PONDERS = re.compile(r"(?:까요?|하지|할지|려나|나 싶\w*|모르겠\w*)$")
_LETTER = re.compile(r"[^\W\d_]")


def knowledge_id(row_id: str) -> str:
    """The knowledge entry behind the id of a found row (``k:entry:checksum``), or an empty string."""
    kind, _, rest = row_id.partition(":")
    return rest.rpartition(":")[0] if kind == "k" else ""


def is_passage(row_id: str) -> bool:
    """Whether a found row is a sentence of a document (``p:source:passage:place``)."""
    return row_id.startswith("p:")


def _is_chat(candidate: Candidate) -> bool:
    return candidate.id.startswith("c:")


def recent_replies(state: State) -> set[str]:
    """What the bot said lately, so that it does not say it again."""
    return {turn.response.reply for turn in state.turns}


def _goes_on(reading: Reading) -> bool:
    """Whether the likeliest intent is the one of the turn before: people stay with what they talk about."""
    scores, last = reading.scores, reading.state.last
    return (
        last is not None
        and bool(last.response.intent)
        and scores.best.intent == last.response.intent
        and scores.best.probability >= SAME_MATTER * scores.threshold
    )


class TemplateSpeaker:
    """Speaks when the utterance is one of an intent's examples, or the classifier believes one intent and nothing that
    is already written answers more surely.
    """

    def __init__(
        self,
        intents: Sequence[Intent],
        counts: Counts | None,
        bot_name: str,
        named: Callable[[str, Collection[str]], Mapping[str, str]] = lambda text, wanted: {},
        bare: Callable[[str], bool] = lambda text: False,
        beside: Callable[[str, str], bool] = lambda intent, text: False,
    ) -> None:
        self._beside = beside
        self._intents = {intent.name: intent for intent in intents}
        self._counts = counts
        self._bot_name = bot_name
        self._named = named
        self._bare = bare
        self._wanted = {intent.name: frozenset().union(*map(slots_of, intent.replies)) for intent in intents}
        # An intent with a skill is left to the skill, which claims by words too.
        self._skilled = {intent.name for intent in intents if intent.skill}
        plain = [intent for intent in intents if not intent.skill]
        self._taught = {unmarked(line): intent.name for intent in plain for line in intent.examples}

    def __call__(self, reading: Reading) -> Proposal | None:
        scores = reading.scores
        best = scores.best
        if _TELLS in self._intents and introduces(reading.text):
            return self.propose(reading, _TELLS, 1.0)
        taught = self._taught.get(unmarked(reading.utterance.raw))
        if taught is not None and taught != best.intent:
            proposal = self.propose(reading, taught, 1.0)
            return proposal and replace(proposal, reason=f"예문에 있는 말; {proposal.reason}")
        if taught is not None:
            return self.propose(reading, taught, best.probability)
        if scores.ambiguous or best.intent not in self._intents or not (scores.accepted or _goes_on(reading)):
            return None
        if best.probability < BEYOND_RIVALS and reading.found and reading.found[0].score > best.probability:
            return None
        if self._beside(best.intent, reading.text) or self._merely_names(reading.text, best.intent):
            return None
        if self._of_another(reading.text, best.intent):
            return None
        if best.intent in self._skilled and best.probability < PLAINLY:
            return None
        if best.intent == _TELLS and not extract_name(reading.text):
            return None
        return self.propose(reading, best.intent, best.probability)

    def _merely_names(self, text: str, intent: str) -> bool:
        """Whether `text` is nouns alone that no example has: 확률 분포 says nothing of finding mathematics hard."""
        if not self._bare(text):
            return False
        examples = self._intents[intent].examples
        return max((_likeness(example, text) for example in examples), default=0.0) < SAME_NOUNS

    def _of_another(self, text: str, intent: str) -> bool:
        """Whether `text` asks who or what somebody is of whom no example speaks: 윤동주가 누구야 is not for us."""
        asked = _WHO.search(text)
        if asked is None or asked["name"] in self._bot_name or self._bot_name in asked["name"]:  # 도담, 도담이
            return False
        return not any(asked["name"] in example for example in self._intents[intent].examples)

    def propose(self, reading: Reading, name: str, probability: float) -> Proposal | None:
        """A reply of intent `name`; None when each of its replies needs something the user has not told."""
        state = reading.state
        state = replace(state, mood=mood_after(state.mood, name))
        if name == _TELLS:
            state = replace(state, name=extract_name(reading.text) or state.name)
        slots = {BOT_NAME: self._bot_name} | ({"이름": state.name} if state.name else {})
        slots |= self._named(reading.text, self._wanted[name])
        intent = self._intents[name]
        picked = pick(name, intent.replies, slots, recent_replies(state), reading.rng, self._counts)
        if picked is None:
            return None
        scores = reading.scores
        reason = (
            f"의도 {name}, 확률 {probability:.2f} (기준 {scores.threshold:.2f}, 차이 {scores.margin:.2f}); "
            f"답 {picked.key}, {picked.how}"
        )
        return Proposal(picked.text, Source.TEMPLATE, reason, state, name, probability, said=picked.key)


class RetrievalSpeaker:
    """Speaks when an answer that is already written was found and is likely enough to answer."""

    def __init__(self, threshold: float, knowledge: Mapping[str, KnowledgeEntry]) -> None:
        self._threshold = threshold
        self._knowledge = knowledge

    def __call__(self, reading: Reading) -> Proposal | None:
        recent, likely = recent_replies(reading.state), self.likely(reading)
        # Small talk is not said twice; a fact is, rather than another that fits less.
        fresh = [one for one in likely if one.text not in recent or not _is_chat(one)] or likely
        return self.propose(reading, fresh[0]) if fresh else None

    def likely(self, reading: Reading) -> list[Candidate]:
        """The candidates that are sure enough to be spoken, best first."""
        return [candidate for candidate in reading.found if candidate.score >= self._needed(candidate, reading)]

    def _needed(self, candidate: Candidate, reading: Reading) -> float:
        """Small talk must be surer where the user seems low: a joke beside the point hurts more than asking. So must a
        document, always."""
        if is_passage(candidate.id):
            return max(self._threshold, SURE_OF_DOCUMENT)
        unsure = _is_chat(candidate) and self._threshold <= candidate.score < SURE_WHEN_LOW
        return SURE_WHEN_LOW if unsure and leaning_of(reading.scores) <= LOW_FROM else self._threshold

    def propose(self, reading: Reading, candidate: Candidate, needed: float | None = None) -> Proposal:
        """The found answer; an entry of the knowledge becomes the topic of what follows. `needed` is the probability
        that whoever chose it asked for, where that is another than here."""
        needed = self._needed(candidate, reading) if needed is None else needed
        reason = f"'{candidate.question}'에 들어맞을 확률 {candidate.score:.2f} (기준 {needed:.2f})"
        state = reading.state
        entry = knowledge_id(candidate.id)
        if entry in self._knowledge:
            state = replace(state, topic=entry, told=(), topic_at=state.count + 1)
        return Proposal(candidate.text, candidate.source, reason, state, confidence=candidate.score, said=candidate.id)


class GeneratorSpeaker:
    """Speaks when nothing written fits and the generator's own calibrated score is good; never where a fact is wanted,
    as it knows none.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def __call__(self, reading: Reading) -> Proposal | None:
        if wants_a_fact(reading.text):
            return None
        recent = recent_replies(reading.state)
        for candidate in reading.generated:
            if candidate.score >= self._threshold and candidate.text not in recent:
                reason = f"적어 둔 답이 없어 만듦, 점수 {candidate.score:.2f} (기준 {self._threshold:.2f})"
                return Proposal(candidate.text, Source.SEQ2SEQ, reason, reading.state, confidence=candidate.score)
        return None


def wants_a_fact(text: str) -> bool:
    """Whether somebody asks who, when, where or how much, or to be told something, rather than what to do."""
    bare = text.rstrip(" .!?~")
    return bool(_FACT.search(bare)) and not _PONDERS.search(bare)


class ClarifySpeaker:
    """Asks back (되묻기) when no answer is sure but the right one is probably among a few."""

    def __init__(
        self,
        phrases: Phrases,
        templates: TemplateSpeaker,
        intents: Sequence[Intent],
        knowledge: Mapping[str, KnowledgeEntry],
        limit: int,
        titles: Callable[[str], Sequence[KnowledgeEntry]] = lambda text: (),
    ) -> None:
        self._phrases = phrases
        self._templates = templates
        # What a skill does is done from the user's own words, never from an example that stands for them.
        self._examples = {intent.name: intent.examples for intent in intents if not intent.skill}
        self._knowledge = knowledge
        self._limit = limit
        self._titles = titles

    def __call__(self, reading: Reading) -> Proposal | None:
        same = self._same(reading)
        if same is not None:
            return same
        weighed = [*self._from_intents(reading), *self._from_found(reading)]
        weighed.sort(key=lambda item: -item[0])
        best: dict[str, tuple[float, Choice]] = {}
        for probability, choice in weighed:
            if probability >= CHOICE_FROM and len(best) < self._limit:
                best.setdefault(choice.label, (probability, choice))
        total = min(1.0, sum(probability for probability, _ in best.values()))
        if total < ASK_BACK_FROM or max(probability for probability, _ in best.values()) < LIKELY_FROM:
            named = self._titles(reading.text)[: self._limit]
            choices = [Choice(one.title, one.answer, Source.RETRIEVAL, f"k:{one.id}:title") for one in named]
            return self._asked(reading, total, choices) if len(choices) > 1 else None
        return self._asked(reading, total, [choice for _, choice in best.values()])

    def between(self, reading: Reading, intents: Collection[str]) -> Proposal | None:
        """The question which of some intents is meant; None when one of them has nothing to say, or the line looks too
        little like what was taught for one of them to be likely.
        """
        same = self._same(reading)
        if same is not None:
            return same
        offered = [(likely, choice) for likely, choice in self._from_intents(reading) if choice.id in intents]
        total = min(1.0, sum(likely for likely, _ in offered))
        if len(offered) < len(intents) or total < ASK_BACK_FROM:
            return None
        return self._asked(reading, total, [choice for _, choice in offered])

    def _asked(self, reading: Reading, total: float, choices: Sequence[Choice]) -> Proposal:
        reason = f"하나로 정할 수 없지만 {len(choices)}개 가운데 있을 확률 {total:.2f}"
        occasion = "clarify" if len(choices) > 1 else "clarify_one"
        question = self._phrases.say(occasion, reading.rng, recent_replies(reading.state), 보기=choices[0].label)
        return Proposal(question, Source.CLARIFY, reason, reading.state, confidence=total, choices=tuple(choices))

    def _same(self, reading: Reading) -> Proposal | None:
        """The likeliest intent's answer, where one of its examples says nearly the same: no need to ask then."""
        best = reading.scores.best
        if best.intent not in self._examples or best.probability < LIKELY_FROM:
            return None
        example = _nearest_of(self._examples[best.intent], reading.text)
        if _likeness(example, reading.text) < SAME_WORDS:
            return None
        proposal = self._templates.propose(reading, best.intent, best.probability)
        return proposal and replace(proposal, reason=f"'{example}'와 거의 같은 말; {proposal.reason}")

    def _from_intents(self, reading: Reading) -> list[tuple[float, Choice]]:
        scores = reading.scores
        result = []
        for score in scores.ranked[: self._limit]:
            if score.probability < CHOICE_FROM or score.intent not in self._examples:
                continue
            proposal = self._templates.propose(reading, score.intent, score.probability)
            if proposal is not None:
                label = _nearest_of(self._examples[score.intent], reading.text)
                choice = Choice(label, proposal.reply, Source.TEMPLATE, score.intent)
                result.append((score.probability * scores.known, choice))
        return result

    def _from_found(self, reading: Reading) -> list[tuple[float, Choice]]:
        result = []
        for candidate in reading.found:
            entry = self._knowledge.get(knowledge_id(candidate.id))
            label = entry.title if entry else candidate.question
            result.append((candidate.score, Choice(label, candidate.text, candidate.source, candidate.id)))
        return result


_REACTIONS = frozenset(["acknowledge", "affirm", "deny", "surprise", "praise", "apology"])


class TornSpeaker:
    """Asks which of two intents is meant where the classifier is torn between them and nothing written answers more
    surely than that it is one of them. It asks neither of feelings (who is low wants no menu) nor of mere reactions
    (to a nod any answer does).
    """

    def __init__(self, clarify: ClarifySpeaker) -> None:
        self._clarify = clarify

    def __call__(self, reading: Reading) -> Proposal | None:
        scores = reading.scores
        pair = {score.intent: score.probability for score in scores.ranked[:2]}
        if not scores.torn or pair.keys() & (LOW_INTENTS | HIGH_INTENTS | _REACTIONS):
            return None
        if reading.found and reading.found[0].score >= sum(pair.values()):
            return None
        return self._clarify.between(reading, pair.keys())


def _nearest_of(examples: Sequence[str], text: str) -> str:
    """The example that shares most letter pairs with `text`: the choice in words that the user knows."""
    shown = [example for example in examples if len(example) <= MAX_LABEL] or examples
    return max(shown, key=lambda example: _likeness(example, text))


def _likeness(first: str, second: str) -> float:
    """The share of letter pairs in common (Dice), from 0 to 1; spaces and marks do not count."""
    one, two = (set(pairwise(_MARK.sub("", text))) for text in (first, second))
    return 2 * len(one & two) / max(1, len(one) + len(two))


class FallbackSpeaker:
    """Never passes: says that it did not understand, warmer when the user is low, about what the user spoke of."""

    def __init__(
        self,
        phrases: Phrases,
        tone: Callable[[Reading], float] = lambda reading: reading.state.mood,
        echo: Callable[[str], Heard] = lambda _: Heard("", False),
    ) -> None:
        self._phrases = phrases
        self._tone = tone
        self._echo = echo

    def __call__(self, reading: Reading) -> Proposal:
        state, scores = reading.state, reading.scores
        mood = self._tone(reading)
        heard = self._echo(reading.text)
        occasion = _occasion(reading, mood, heard)
        found = reading.found[0].score if reading.found else 0.0
        reason = (
            f"맞는 것이 없음: 의도 {scores.best.intent or '없음'} {scores.best.probability:.2f} "
            f"(기준 {scores.threshold:.2f}), 찾은 답 {found:.2f}, 기분 {mood:+.2f}"
        )
        slots = {"말": heard.noun} if occasion in _ECHOING else {}
        if heard.back is not None and occasion != "foreign":
            low = mood <= LOW_FROM and sounds_low(reading.text)
            occasion = "mirror_low" if low else f"mirror_{heard.back.manner}"
            slots = {"말": heard.back.sentence}
        reply = self._phrases.say(occasion, reading.rng, recent_replies(state), **slots)
        return Proposal(reply, Source.FALLBACK, reason, replace(state, mood=mood), confidence=0.0)


# A reply that asked, or asked for more.
_INVITES = re.compile(
    r"(?:\?|(?:(?:들려|말해|얘기해|이야기해) ?(?:줘요?|주세요)|듣고 싶어요?|궁금해요?|있을게요?)[.!])$"
)
# After so many lines in a row that were not understood that is owned up to, though the bot had asked.
LOST_FOR = 3
_ECHOING = ("fallback_talk", "fallback_about")


def _occasion(reading: Reading, mood: float, heard: Heard) -> str:
    if _LETTER.search(reading.text) and not _HANGUL.search(reading.text):
        return "foreign"
    if mood <= LOW_FROM and not (heard.asks or heard.names):
        return "fallback_low"
    if mood > HIGH_FROM and not (heard.asks or heard.names):
        return "fallback_high"
    if heard.asks:
        return "fallback_about" if heard.noun else "fallback_question"
    lately = [turn.response for turn in reading.state.turns[-LOST_FOR:]]
    lost = len(lately) == LOST_FOR and all(response.source is Source.FALLBACK for response in lately)
    if lately and _INVITES.search(lately[-1].reply) and not lost:
        return "fallback_answer"
    if heard.noun:
        return "fallback_talk"
    return "fallback_again" if lately and lately[-1].source is Source.FALLBACK else "fallback"
