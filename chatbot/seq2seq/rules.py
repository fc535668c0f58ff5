"""What is wrong with a reply, by rule. In: a question and a reply. Out: the names of its faults. Knows no model."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from chatbot.errors import CorpusError
from chatbot.seq2seq.codec import levels_in

_WORD = re.compile(r"[^\W_]+")
_AGAIN = re.compile(r"(.{2,}?)\1{2,}")
_LAUGH = re.compile(r"[ㄱ-ㅎㅏ-ㅣ~.!?…]+")


@dataclass(frozen=True, slots=True)
class PersonaRule:
    """A pattern that contradicts what the bot is, and what it would claim."""

    pattern: re.Pattern[str]
    reason: str


@cache
def persona_rules() -> tuple[PersonaRule, ...]:
    """The rules of persona.tsv, which lies beside this module."""
    text = resources.files(__package__).joinpath("persona.tsv").read_text(encoding="utf-8")
    rules = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        pattern, tab, reason = line.partition("\t")
        try:
            compiled = re.compile(pattern)
        except re.error as error:
            raise CorpusError(f"persona.tsv:{number}: not a regular expression: {error}") from error
        if not tab or not reason:
            raise CorpusError(f"persona.tsv:{number}: expected a pattern, a tab and a reason")
        rules.append(PersonaRule(compiled, reason))
    return tuple(rules)


def persona_fault(reply: str) -> str:
    """What the reply claims that a program cannot be or do; empty when nothing."""
    return next((rule.reason for rule in persona_rules() if rule.pattern.search(reply)), "")


def is_looping(text: str) -> bool:
    """Whether the text goes round: a piece three times running, one word three times running or half the words one,
    or three words in a row that come again."""
    if _AGAIN.search(_LAUGH.sub("", text).replace(" ", "")):
        return True
    words = _WORD.findall(text)
    if any(a == b == c for a, b, c in zip(words, words[1:], words[2:], strict=False)):
        return True
    if len(words) >= 6 and max(words.count(word) for word in words) * 2 > len(words):
        return True
    triples = list(zip(words, words[1:], words[2:], strict=False))
    return len(triples) != len(set(triples))


def mixes_levels(reply: str) -> bool:
    """Whether the sentences end in different speech levels (좋아요. 그렇지?)."""
    return len(levels_in(reply)) > 1


def is_echo(question: str, reply: str) -> bool:
    """Whether the reply only says the question again."""
    said, answered = ("".join(_WORD.findall(text)) for text in (question, reply))
    return bool(answered) and (answered == said or (len(answered) >= 6 and answered in said))


def copies_insult(question: str, reply: str, insults: Callable[[str], bool]) -> bool:
    """Whether a word that stands in both is an insult."""
    shared = set(_WORD.findall(question)) & set(_WORD.findall(reply))
    return insults(reply) or any(insults(word) for word in shared)


def faults(
    question: str, reply: str, *, insults: Callable[[str], bool] | None = None, recent: Sequence[str] = ()
) -> tuple[str, ...]:
    """The names of everything wrong with `reply`.

    Parameters
    ----------
    insults
        says whether a text holds an insult; without it insults are not looked for.
    recent
        what the bot said lately, which it should not say again.
    """
    found = []
    if not _WORD.search(reply):
        return ("empty",)
    if "\ufffd" in reply or any(unicodedata.category(c).startswith("C") for c in reply):
        found.append("unreadable")
    if is_looping(reply):
        found.append("looping")
    if is_echo(question, reply):
        found.append("echo")
    if mixes_levels(reply):
        found.append("mixed speech levels")
    if persona_fault(reply):
        found.append("persona")
    if insults is not None and copies_insult(question, reply, insults):
        found.append("insult")
    if reply in recent:
        found.append("repeated")
    return tuple(found)
